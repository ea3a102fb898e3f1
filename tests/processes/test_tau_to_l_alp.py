"""Width and angular law of tau+ -> l+ a."""

import math

import dense
import jax.numpy as jnp
import numpy as np
import pytest

from darkreach.constants import M_E, M_MU, M_TAU
from darkreach.models.lfv_alp import LfvAlp
from darkreach.processes.process import squared_amplitude
from darkreach.processes.tau_to_e_alp import TauToEAlp
from darkreach.processes.tau_to_mu_alp import TauToMuAlp
from darkreach.units import GeV

CHANNELS = [(TauToEAlp, M_E, "e"), (TauToMuAlp, M_MU, "mu")]


def momenta(lepton, mass, cos):
    energy = (M_TAU**2 + lepton**2 - mass**2) / (2 * M_TAU)
    p = math.sqrt(energy**2 - lepton**2)
    visible = np.array([energy, p * math.sqrt(1 - cos**2), 0, p * cos])
    return np.stack([dense.at_rest(M_TAU), visible, dense.at_rest(M_TAU) - visible])


def squared(process, lepton, cos, polarisation):
    p = jnp.asarray(momenta(lepton, process.model.mass, cos))
    return float(squared_amplitude(process, p, jnp.asarray(polarisation)))


@pytest.mark.parametrize(("process", "lepton", "name"), CHANNELS)
def test_branching_ratio_is_the_quoted_one(process, lepton, name):
    """4.922e-4 (1e7 GeV / F)^2 for a massless lepton (arXiv:2006.04795, eq. (5))."""
    model = LfvAlp(f=1e7 * GeV, c_v=1.0)
    p = math.hypot(*momenta(lepton, 0.0, 0.0)[1, 1:])
    width = squared(process(model=model), lepton, 0.0, [0.0, 0.0, 0.0])
    width *= p / (8 * math.pi * M_TAU**2)
    total = 2.2674e-12 * GeV
    # (1 - m_l^2 / m_tau^2)^3: for a pure vector or axial coupling this is exact
    expected = 4.922e-4 / 4 * (1 - (lepton / M_TAU) ** 2) ** 3
    # four digits are quoted, with another tau mass (1.2e-4 in the width)
    assert width / total == pytest.approx(expected, rel=4e-4)
    # the amplitude against the closed form: rounding only
    assert width == pytest.approx(float(model.width_from("tau", name)), rel=1e-11)


@pytest.mark.parametrize("mass", [0.0, 1.2 * GeV])
@pytest.mark.parametrize(("process", "lepton", "name"), CHANNELS)
def test_squared_amplitude_is_that_of_traces(process, lepton, name, mass):
    model = LfvAlp(mass=mass, f=1e7 * GeV, c_v=0.3 + 1j, c_a=0.2 - 0.7j)
    spin = np.array([0.3, -0.4, 0.5])
    tau, visible, alp = momenta(lepton, mass, 0.3)
    matrix = model.c_v * dense.UNIT + model.c_a * dense.GAMMA5
    vertex = dense.slash(alp) @ matrix / (2 * model.f)
    # CP: written for the tau-, whose spin is mirrored
    expected = np.trace(
        (dense.slash(visible) + lepton * dense.UNIT)
        @ vertex
        @ dense.density(tau, M_TAU, -spin)
        @ dense.adjoint(vertex)
    ).real
    # roundings, and the lepton's mass from its momentum
    found = squared(process(model=model), lepton, 0.3, spin)
    assert found == pytest.approx(expected, rel=1e-11)


@pytest.mark.parametrize(("c_a", "slope"), [(-1.0, 1.0), (1.0, -1.0), (0.0, 0.0)])
@pytest.mark.parametrize(("process", "lepton", "name"), CHANNELS)
def test_angular_law_of_a_positive_tau(process, lepton, name, c_a, slope):
    """1 - P cos 2 Re(C_V C_A*) / (|C_V|^2 + |C_A|^2), as for the muon."""
    model = LfvAlp(f=1e7 * GeV, c_v=1.0, c_a=c_a)
    made = process(model=model)
    mean = squared(made, lepton, 0.0, [0.0, 0.0, 0.0])
    for cos in (-1.0, 0.3, 1.0):
        ratio = squared(made, lepton, cos, [0.0, 0.0, 0.8]) / mean
        # massless a: the lepton's mass drops out of the asymmetry
        assert ratio == pytest.approx(1 + 0.8 * slope * cos, abs=1e-9)
