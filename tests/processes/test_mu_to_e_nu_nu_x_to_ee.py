"""A resonance in three tracks against dense matrices, and its narrow-width limit."""

import dataclasses

import catalogue
import diagrams
import jax
import jax.numpy as jnp
import numpy as np
import pytest

from catalogue import FACES, points, weights

from darkreach.constants import M_E, M_MU
from darkreach.models.dark_photon import DarkPhoton
from darkreach.models.lepton_scalar import LeptonScalar
from darkreach.models.lepton_vector import LeptonVector
from darkreach.processes.mu_to_e_nu_nu_x import MuToENuNuX
from darkreach.processes.mu_to_e_nu_nu_x_to_ee import NARROWEST, MuToENuNuXToEe
from darkreach.processes.process import squared_amplitude
from darkreach.sampling.beams import at_rest
from darkreach.sampling.generator import dimensions
from darkreach.units import MeV

NAMES = [n for n in catalogue.variants() if n.startswith("mu_to_e_nu_nu_x_to_ee-")]
M = 20 * MeV
LINES = {
    "dark": DarkPhoton(mass=M, eps=1e-4),
    "dark, measured width": DarkPhoton(mass=M, eps=0.05),
    "vector": LeptonVector(mass=M, g_v_e=3e-3, g_v_mu=-1e-3, g_a_mu=2e-3),
    "axial": LeptonVector(mass=M, g_a_e=3e-3, g_a_mu=1e-3),
    "scalar": LeptonScalar(mass=M, g_s_e=3e-3, g_s_mu=1e-3),
    "pseudoscalar": LeptonScalar(mass=M, g_p_e=3e-3, g_p_mu=-2e-3),
}


@pytest.mark.slow
@pytest.mark.parametrize("spin", [(0.0, 0.0, 0.0), (0.3, -0.5, 0.7)])
@pytest.mark.parametrize("name", NAMES)
def test_four_diagrams_with_explicit_neutrinos(name, spin, key):
    process = catalogue.instance(name, M)
    # widths of X: 0.06 %, 1 % and 3 % of its mass; none is drawn wider than it is
    assert float(process.model.width()) > NARROWEST * M
    p = points(process, key)
    own = squared_amplitude(process, p, jnp.asarray(spin))[:6]
    for row, value in zip(np.asarray(p), own, strict=False):
        boson = diagrams.of_model(process.model)
        sides = diagrams.conversion_legs(boson, row[:4])
        rho = diagrams.density(row[0], spin)
        expected = diagrams.weak_squared(sides, row[4], rho)
        # 1e-9: k^2 - m^2 on the line loses m / width ~ 2e3 of its digits, twice
        assert float(value) == pytest.approx(expected, rel=1e-9)


def width(process, key, batches=60):
    """Mean weight and its error from batches of the size that is compiled already."""
    beam = at_rest(M_MU, (0.0, 0.0, 0.5))
    d = dimensions(process, beam)
    means = [
        float(weights(process, beam, (), jax.random.uniform(k, (FACES, d))).mean())
        for k in jax.random.split(key, batches)
    ]
    return np.mean(means), np.std(means, ddof=1) / np.sqrt(batches)


@pytest.mark.slow
@pytest.mark.parametrize("name", LINES)
def test_a_narrow_line_has_the_rate_of_a_real_boson(name, key):
    """Gamma(mu -> e nu nu X -> 3e nu nu) = Gamma(mu -> e nu nu X) BR(X -> e e), BR = 1.

    Also where the line is drawn wider than it is (eps = 1e-4).
    """
    model = LINES[name]
    whole, error = width(MuToENuNuXToEe(model=model), key)
    real, noise = width(MuToENuNuX(model=model), jax.random.fold_in(key, 1))
    assert np.hypot(error / whole, noise / real) < 0.01
    both = np.hypot(error, whole / real * noise)
    # the exchange interferes by width / mass, below 1e-5 of it all
    assert abs(whole - real) < 5 * both


@pytest.mark.slow
def test_the_drawn_width_keeps_the_rate(key):
    """A quarter of the width and a quarter of all couplings squared: a quarter of it.

    On the line |M|^2 ~ g^4 / (m Gamma_drawn)^2 * Gamma_drawn / Gamma_true, so that the
    integral over the line is g^4 / Gamma_true ~ g^2.
    """
    narrow, narrower = (
        MuToENuNuXToEe(model=DarkPhoton(mass=M, eps=eps)) for eps in (1e-4, 5e-5)
    )
    assert float(narrow.model.width()) < NARROWEST * M
    p = points(narrow, key)
    a, b = (squared_amplitude(process, p) for process in (narrow, narrower))
    # the momenta lie on the same line, drawn with the same width
    np.testing.assert_allclose(b, a / 4, rtol=1e-6)


@pytest.mark.parametrize("mass", [2 * M_E, 1.9 * M_E, M_MU - M_E, M_MU])
def test_outside_its_range_there_is_no_rate(mass):
    process = MuToENuNuXToEe(model=dataclasses.replace(LINES["dark"], mass=mass))
    _, weight = process.masses(jnp.array([0.5]))
    assert float(weight) == 0.0
