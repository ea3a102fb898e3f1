"""Photon fusion into a resonance of two photons: production times isotropic decay."""

import dataclasses
import math

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from catalogue import points

from darkreach import squared_amplitude
from darkreach.algebra.kinematics import FourVector, boosted
from darkreach.constants import HBAR_C
from darkreach.models.photon_alp import PhotonAlp
from darkreach.processes.ee_to_ee_alp import EeToEeAlp
from darkreach.processes.ee_to_ee_alp_to_gamma_gamma import EeToEeAlpToGammaGamma
from darkreach.sampling.beams import belle2
from darkreach.sampling.integrate import integrate
from darkreach.sampling.observables import Cut
from darkreach.units import GeV, deg, fb

MASS = 0.3 * GeV
ALP = PhotonAlp(mass=MASS, g_agamma=1e-3 / GeV)
SHARED = dataclasses.replace(ALP, y_chi=1e-6, m_chi=0.1 * GeV)
SEEN = (
    Cut(observable="E_e", minimum=0.2 * GeV),
    Cut(observable="theta_e", minimum=12.4 * deg, maximum=155.1 * deg),
)


def with_sum(p):
    """The same events with a in place of its photons."""
    return jnp.concatenate([p[:, :4], p[:, 4:5] + p[:, 5:6]], axis=1)


@pytest.mark.slow
def test_cross_section_is_that_of_production(key):
    """Also the factor 1/2 of like photons, without which it were twice as large."""
    process = EeToEeAlpToGammaGamma(model=ALP)
    found = integrate(process, belle2(), cuts=SEEN, precision=4e-3, key=key)
    # an independent number of the process' literature, to 1 %, as for `EeToEeAlp`
    assert found.error < 5e-3 * found.value
    assert found.value * HBAR_C**2 / fb == pytest.approx(9.33, rel=0.02)


@pytest.mark.parametrize("model", [ALP, SHARED])
def test_decays_add_up_to_the_branching_ratio(model, key):
    """|M|^2 times the area of the line, dPhi_2 = 1 / (8 pi) and 1/2 of like photons."""
    process = EeToEeAlpToGammaGamma(model=model)
    p = points(process, key)
    whole = squared_amplitude(process, p)
    made = squared_amplitude(EeToEeAlp(model=model), with_sum(p))
    _, area = process.pair_mass(0.5, 0.0 * GeV, 10 * GeV)
    ratio = np.asarray(whole / made) * float(area) / (16 * math.pi)
    # closed formulae of the widths; rounding of momenta of 5 GeV in a mass of 0.3 GeV
    expected = float(model.branching_to_photons())
    assert 0.05 < expected <= 1
    np.testing.assert_allclose(ratio, expected, rtol=1e-8)


def test_decay_is_isotropic(key):
    """Turned in the rest frame of a, the photons change nothing."""
    process = EeToEeAlpToGammaGamma(model=ALP)
    p = points(process, key)
    alp = FourVector.from_array(p[:, 4] + p[:, 5])
    cos, phi = jax.random.uniform(jax.random.key(5), (2, len(p)))
    cos = 2 * cos - 1
    sin, phi = jnp.sqrt(1 - cos * cos), 2 * math.pi * phi
    half = jnp.full_like(cos, MASS / 2)
    parts = [half * c for c in (sin * jnp.cos(phi), sin * jnp.sin(phi), cos)]
    pair = [
        boosted(FourVector(half, *(sign * c for c in parts)), alp, MASS).array()
        for sign in (1.0, -1.0)
    ]
    turned = jnp.concatenate([p[:, :4], jnp.stack(pair, axis=1)], axis=1)
    # spin 0; rounding as above
    np.testing.assert_allclose(
        squared_amplitude(process, turned), squared_amplitude(process, p), rtol=1e-8
    )


def test_no_resonance_beyond_phase_space():
    process = EeToEeAlpToGammaGamma(model=ALP)
    _, weight = process.pair_mass(0.5, 0.0 * GeV, 0.2 * GeV)
    assert float(weight) == 0.0
