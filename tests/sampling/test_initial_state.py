"""Photons along the beams: momenta, angles and the volume of phase space."""

from functools import cache

import jax
import jax.numpy as jnp
import mpmath
import numpy as np
import pytest

from darkreach.algebra.kinematics import FourVector, photon_product
from darkreach.constants import M_E
from darkreach.sampling.beams import belle2
from darkreach.sampling.initial_state import between_poles, initial_state
from darkreach.sampling.phasespace import chain
from darkreach.units import GeV

INCOMING, _, _ = belle2()(jnp.zeros(0))
ENERGY = float(belle2().energy())


@cache
def made(photons, along):
    """Compiled once for 1200 points."""
    masses = (M_E, M_E, *photons * [0.0])
    return jax.jit(
        jax.vmap(lambda row: initial_state(row, INCOMING, masses, along=along))
    )


@pytest.mark.parametrize(("photons", "along"), [(1, 1), (2, 2), (2, 1)])
def test_momenta_are_conserved_and_on_shell(photons, along, key):
    d = 3 * photons + 2
    ends = jax.random.randint(jax.random.key(8), (200, d), 0, 3) / 2
    x = jnp.concatenate([jax.random.uniform(key, (1000, d)), ends.at[:, ::3].min(0.9)])
    momenta, volume = made(photons, along)(x)
    assert bool(jnp.isfinite(volume).all())
    assert bool((volume >= 0).all())
    total = sum(momenta[1:], start=momenta[0])
    # momenta of 10 GeV in double precision, boosted once
    for component, expected in zip(total, (ENERGY, 0.0, 0.0, 0.0), strict=True):
        np.testing.assert_allclose(component / GeV, expected / GeV, atol=1e-11)
    for p, m in zip(momenta, (M_E, M_E, *photons * [0.0]), strict=True):
        on_shell = jnp.sqrt(jnp.maximum(p.e**2 - m**2, 0.0)) / GeV
        np.testing.assert_allclose(p.momentum() / GeV, on_shell, rtol=1e-8, atol=1e-12)


def test_angles_of_poles_keep_their_digits():
    """1 - cos down to m_e^2 / E^2 = 9e-9 and below, against 40 digits."""
    mpmath.mp.dps = 40
    m, e = mpmath.mpf(M_E), mpmath.mpf(ENERGY) / 2
    beta = mpmath.sqrt(1 - (m / e) ** 2)
    most = mpmath.atanh(beta)
    for x in (0.02, 0.5, 0.9, 0.999, 1 - 1e-6):
        expected = 1 - mpmath.tanh((2 * mpmath.mpf(x) - 1) * most) / beta
        behind, ahead, _ = between_poles(jnp.asarray(x), INCOMING[0].z / INCOMING[0].e)
        assert float(behind + ahead) == pytest.approx(2, rel=1e-8)
        # beta in double precision leaves 1e-16 / (1 - beta) ~ 1e-8 of the end at x = 1
        assert float(behind) == pytest.approx(float(expected), rel=1e-7, abs=0)


def test_photons_lie_along_the_poles(key):
    """1 / (p1.k) and 1 / (p2.k) are flat in the coordinate of the angle."""
    x = jax.random.uniform(key, (1200, 5))
    momenta, _ = made(1, 1)(x)
    k = momenta[2]
    one, two = (
        FourVector(*(jnp.broadcast_to(c, k.e.shape) for c in p)) for p in INCOMING
    )
    ratio = photon_product(one, k, mass=M_E) / photon_product(two, k, mass=M_E)
    most = np.log(ENERGY / M_E)  # rapidity of the beams, to (m_e / E)^2
    # the rapidity of the beams keeps 1e-8 of its digits, see above
    np.testing.assert_allclose(
        -np.log(ratio) / 2, (2 * x[:, 1] - 1) * most, rtol=1e-7, atol=1e-7
    )


@pytest.mark.parametrize(
    ("photons", "along"),
    [
        pytest.param(1, 1, marks=pytest.mark.slow),
        pytest.param(2, 2, marks=pytest.mark.slow),
        (2, 1),  # both kinds of photons
    ],
)
def test_volume_of_phase_space(photons, along, key):
    """Heavy electrons, whose poles are wide; energies and directions weigh events."""
    mass = 1.5 * GeV
    half = jnp.asarray(5 * GeV)
    momentum, zero = jnp.sqrt(half**2 - mass**2), jnp.zeros_like(half)
    incoming = tuple(FourVector(half, zero, zero, s * momentum) for s in (1.0, -1.0))
    parent = incoming[0] + incoming[1]
    masses = (mass, mass, *photons * [0.0])

    def new(row):
        return initial_state(row, incoming, masses, along=along)

    def old(row):
        (*k, p3, p4), volume = chain(row, parent, (*masses[2:], mass, mass))
        return (p3, p4, *k), volume

    @jax.jit
    def moments(x):
        def one(row, way):
            (p3, p4, *k), volume = way(row)
            pair = (p3 + k[-1]).mass_squared() / GeV**2
            tilted = (p4.z + p3.z * k[0].z / k[0].e) / GeV
            return jnp.stack([volume, volume * pair, volume * (tilted + 5)])

        return [jax.vmap(lambda row, w=way: one(row, w))(x) for way in (new, old)]

    x = jax.random.uniform(key, (400_000, 3 * photons + 2))
    found, expected = (np.asarray(m) for m in moments(x))
    size = np.hypot(found.std(axis=0), expected.std(axis=0)) / len(x) ** 0.5
    assert (size < 0.01 * expected.mean(axis=0)).all()
    assert (np.abs(found.mean(axis=0) - expected.mean(axis=0)) < 5 * size).all()
