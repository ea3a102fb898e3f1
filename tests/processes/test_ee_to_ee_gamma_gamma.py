"""Two photons off Bhabha scattering: forty dense diagrams, soft and peripheral."""

from functools import partial

import collision_momenta
import collisions
import corners
import dense
import jax
import jax.numpy as jnp
import numpy as np
import pytest

from collisions import squares

from darkreach.algebra.kinematics import FourVector
from darkreach.constants import M_E
from darkreach.processes.ee_to_ee_gamma import EeToEeGamma
from darkreach.processes.ee_to_ee_gamma_gamma import EeToEeGammaGamma
from darkreach.pytree import FUSED
from darkreach.units import GeV, MeV, deg

PROCESS = EeToEeGammaGamma()
SIGNS = (1, -1, -1, 1)  # charge of e- e+ -> e- e+, times -1 where it comes in


def sample(total, n=10):
    masses = (M_E, M_E, 0.0, 0.0)
    return collision_momenta.events(total, masses, np.random.default_rng(11), n)


@partial(jax.jit, compiler_options=FUSED)
def quick(p):
    """The sum over spins in a loop; always ten events, compiled once."""

    def one(row):
        return PROCESS.squared(*(FourVector.from_array(row[i]) for i in range(6)))

    return jax.vmap(one)(jnp.asarray(p))


@pytest.mark.parametrize("total", [1.5 * MeV, 30 * MeV, 10.58 * GeV])
def test_dense_diagrams(total):
    p = sample(total)
    expected = [collisions.scattering_squared(row) for row in p]
    # 1e-8: the other way takes differences of momenta in poles
    np.testing.assert_allclose(quick(p), expected, rtol=1e-8)


def test_amplitudes_and_their_quick_sum():
    p = sample(10.58 * GeV)
    # 1e-10: the same diagrams; peripheral and collinear events lose some digits
    np.testing.assert_allclose(quick(p), squares(PROCESS, p), rtol=1e-10)


@pytest.mark.parametrize("slot", [4, 5])
def test_gauge_invariance_in_each_photon(slot):
    gaps = collisions.ward_gaps(PROCESS, sample(10.58 * GeV), slot)
    assert gaps.max() < 1e-10  # collinear and peripheral events of a flat sample


def test_soft_photon():
    """The classical current times radiative Bhabha scattering."""
    masses = (M_E, M_E, 0.0)
    base = collision_momenta.events(30 * MeV, masses, np.random.default_rng(12), 10)
    gaps = []
    for energy in (1e-3 * MeV, 1e-4 * MeV):
        hard, p = collision_momenta.with_soft_photon(base, energy)
        current = collisions.eikonal(hard[:, :4], p[:, -1], SIGNS)
        expected = current * squares(EeToEeGamma(), hard)
        gaps.append(np.abs(np.asarray(quick(p)) / expected - 1).max())
    # of order k / E of the softest particle, 1e-4 MeV / 0.3 MeV; falls with k
    assert gaps[1] < 1e-2
    assert gaps[1] < 0.11 * gaps[0]


def test_invariance_and_symmetries():
    p = sample(10.58 * GeV)
    own = quick(p)
    for moved in collisions.transformed(p):
        # boosts lose (E / m_e)^2 ~ 1e9 of the digits of p.k near the beams
        np.testing.assert_allclose(quick(moved), own, rtol=1e-7)
    # like photons; electrons and positrons exchanged: the same sums
    for order in ([0, 1, 2, 3, 5, 4], [1, 0, 3, 2, 4, 5]):
        np.testing.assert_allclose(quick(p[:, order]), own, rtol=1e-10)


def test_crossed_photons_in_reversed_time():
    """e- e+ gamma gamma -> e- e+ is the time reversal of the process at -k.

    Charged particles cannot be crossed like this: spinors need positive energies, and
    positron in, electron out would turn both virtual photons into each other.
    """
    p = sample(30 * MeV)
    turned = p[:, [2, 3, 0, 1, 4, 5]]
    turned[:, 4:] *= -1
    # p.k at -k is a difference: 1e-16 (E / m_e)^2 of collinear photons, some times
    np.testing.assert_allclose(quick(turned), quick(p), rtol=1e-9)


@pytest.mark.parametrize(
    ("masses", "angle"),
    [
        (((3,), (2,)), 0),
        (((1,), (0.01,)), 0),
        (((0.03,), (0.02,)), 0),
        (((0.003,), (0.003,)), 1e-6),
        (((1, 0.4), ()), 0),
        (((), (0.1, 0.03)), 1e-8),
    ],
)
def test_peripheral_events_keep_their_digits(masses, angle):
    """Photons on one line or on both, at and near the least virtuality: 50 digits."""
    scaled = tuple(tuple(mass * GeV for mass in side) for side in masses)
    exact = collision_momenta.peripheral_event(10.58 * GeV, scaled, angle)
    expected = float(collisions.scattering_squared(exact))
    q = exact[0] - exact[2] - sum(exact[4 : 4 + len(masses[0])])
    q2 = float(dense.dot(q, q))
    own = squares(PROCESS, exact.astype(float)[None])[0]
    # see test_ee_to_ee_gamma
    rounding = 1e-16 * 10.58 * GeV / np.sqrt(-q2)
    assert own == pytest.approx(expected, rel=100 * rounding + 1e-13)


def cross_section(channel, limits, key, n=1 << 18):
    process = EeToEeGammaGamma(channels=(channel,))
    return corners.inside(process, channel, limits, key, n=n)


WIDE = (40 * deg, 140 * deg, 1 * GeV)


@pytest.mark.slow
def test_two_collinear_radiators(key):
    """A photon lost within two degrees of either beam, times Bhabha scattering."""
    angle, least = 2 * deg, 0.5 * GeV
    photons = (0.0, angle, least), (180 * deg - angle, 180 * deg, least)
    found, error = cross_section("initial", (WIDE, WIDE, *photons), key)
    z, dz = corners.midpoints(least / corners.ENERGY, 1, 200)
    cos, dcos = corners.midpoints(-1, 1, 1000)
    kept = 1 - z[:, None, None], 1 - z[:, None]
    rates = corners.two_body(cos, kept, corners.bhabha, (WIDE, WIDE)).sum(axis=2)
    flux = corners.radiator(z, angle)
    expected = (rates * flux[:, None] * flux).sum() * dz**2 * dcos
    assert error < 0.01 * expected
    # twice that of one photon, see test_ee_to_ee_gamma
    assert abs(found - expected) < 5 * error + 0.01 * expected


@pytest.mark.slow
def test_channels_agree_where_both_are_good(key):
    """A photon at some degrees from either beam."""
    limits = (
        *(WIDE, WIDE),
        (5 * deg, 12 * deg, 0.5 * GeV),
        (168 * deg, 175 * deg, 0.5 * GeV),
    )
    (one, size), (two, other) = (
        cross_section(channel, limits, part)
        for channel, part in zip(
            ("initial", "radiative"), jax.random.split(key), strict=True
        )
    )
    error = np.hypot(size, other)
    assert error < 0.01 * two
    assert abs(one - two) < 5 * error
