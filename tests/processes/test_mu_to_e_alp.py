"""Width and angular law of mu+ -> e+ a, with its sign."""

import math

import dense
import jax.numpy as jnp
import numpy as np
import pytest

from darkreach.constants import M_E, M_MU
from darkreach.models.lfv_alp import LfvAlp
from darkreach.processes.mu_to_e_alp import MuToEAlp
from darkreach.processes.process import squared_amplitude
from darkreach.units import GeV, MeV


def momenta(mass, cos):
    energy = (M_MU**2 + M_E**2 - mass**2) / (2 * M_MU)
    p = math.sqrt(energy**2 - M_E**2)
    e = np.array([energy, p * math.sqrt(1 - cos**2), 0, p * cos])
    return np.stack([dense.at_rest(M_MU), e, dense.at_rest(M_MU) - e])


def squared(model, cos, polarisation):
    p = jnp.asarray(momenta(model.mass, cos))
    return float(squared_amplitude(MuToEAlp(model=model), p, jnp.asarray(polarisation)))


@pytest.mark.parametrize("mass", [0.0, 20 * MeV])
@pytest.mark.parametrize(
    ("name", "c_v", "c_a", "slope"),
    [
        ("V-A", 1.0, -1.0, 1.0),
        ("V+A", 1.0, 1.0, -1.0),
        ("V", 1.0, 0.0, 0.0),
        ("A", 0.0, 1.0, 0.0),
        ("mixed", 1.0, -0.5j - 0.5, 2 * 0.5 / 1.5),
    ],
)
def test_angular_law_of_a_positive_muon(name, c_v, c_a, slope, mass):
    """1 - P cos 2 Re(C_V C_A*) / (|C_V|^2 + |C_A|^2), cos from the spin of the mu+."""
    model = LfvAlp(mass=mass, c_v=c_v, c_a=c_a)
    mean = squared(model, 0.0, [0, 0, 0.0])
    for cos in (-1.0, -0.4, 0.8, 1.0):
        # 1e-3: the requirement; the electron mass enters as m_e m_a^2 / m_mu^3 < 4e-4
        assert squared(model, cos, [0, 0, 0.86]) / mean == pytest.approx(
            1 + slope * 0.86 * cos, abs=1e-3
        )


def test_law_is_of_the_angle_to_the_spin_wherever_it_points():
    model = LfvAlp(c_v=1.0, c_a=-1.0)
    p = momenta(0.0, 0.3)
    direction = p[1, 1:] / np.linalg.norm(p[1, 1:])
    for spin in ([0.6, 0, 0], [0, -0.9, 0], [0.3, 0.4, -0.5]):
        ratio = squared(model, 0.3, spin) / squared(model, 0.3, [0.0, 0.0, 0.0])
        assert ratio == pytest.approx(1 + direction @ np.array(spin), abs=1e-6)


@pytest.mark.parametrize("mass", [0.0, 50 * MeV])
def test_squared_amplitude_is_that_of_traces(mass):
    model = LfvAlp(mass=mass, c_v=0.3 + 1j, c_a=0.2 - 0.7j)
    spin = np.array([0.3, -0.4, 0.5])
    mu, e, alp = momenta(mass, 0.3)
    matrix = model.c_v * dense.UNIT + model.c_a * dense.GAMMA5
    vertex = dense.slash(alp) @ matrix / (2 * model.f)
    # CP: written for the mu-, whose spin is mirrored
    expected = np.trace(
        (dense.slash(e) + M_E * dense.UNIT)
        @ vertex
        @ dense.density(mu, M_MU, -spin)
        @ dense.adjoint(vertex)
    ).real
    # roundings, and the positron's mass from its momentum
    assert squared(model, 0.3, spin) == pytest.approx(expected, rel=1e-11)


def test_width_from_the_amplitude():
    model = LfvAlp(mass=30 * MeV, f=2e9 * GeV, c_v=1.0, c_a=0.4)
    p = np.linalg.norm(momenta(30 * MeV, 0.0)[1, 1:])
    width = squared(model, 0.0, [0.0, 0.0, 0.0]) * p / (8 * math.pi * M_MU**2)
    assert width == pytest.approx(float(model.width_from("mu", "e")), rel=1e-11)
