"""What may be lost in the holes, against sums of photons that were lost there."""

import math

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from darkreach.algebra.kinematics import FourVector
from darkreach.experiments.belle2_ecl import Ecl
from darkreach.searches.holes import (
    barrel_depth,
    beam_hole_limit,
    beam_hole_ratio,
    beside,
    beside_gap,
    gap_distance,
)
from darkreach.units import GeV, MeV, deg

ECL = Ecl()


def photon(energy, theta, phi):
    sin = energy * jnp.sin(theta)
    return FourVector(
        energy * jnp.ones_like(theta),
        sin * jnp.cos(phi),
        sin * jnp.sin(phi),
        energy * jnp.cos(theta),
    )


def lost_along_beams(key, n):
    """Photons in either hole, a third of them on its edge."""
    one, two, three, four, five = jax.random.split(key, 5)
    energy = 5 * GeV * jax.random.uniform(one, (n,))
    share = jnp.minimum(1.5 * jax.random.uniform(two, (n,)), 1.0)
    ahead = jax.random.bernoulli(three, shape=(n,))
    behind = math.pi - share * (math.pi - ECL.theta_max)
    theta = jnp.where(ahead, share * ECL.theta_min, behind)
    # often in the same direction, where transverse momenta add up
    phi = jax.random.normal(four, (n,)) * jax.random.uniform(five, (n,))
    return photon(energy, theta, phi)


@pytest.mark.parametrize("n", [1, 2, 5])
def test_nothing_lost_along_the_beams_is_beyond_the_limit(n, key):
    lost = [lost_along_beams(one, 100_000) for one in jax.random.split(key, n)]
    missing = sum(lost[1:], start=lost[0])
    ratio = beam_hole_ratio(missing, ECL)
    assert float(ratio.max()) < 1 + 1e-9  # rounding
    # and the limit is reached, by photons on the edges with one azimuth
    assert float(ratio.max()) > 0.99


def test_limit_of_a_photon_on_the_edge_is_its_transverse_momentum():
    for theta in (ECL.theta_min, ECL.theta_max):
        one = photon(jnp.asarray(3 * GeV), jnp.asarray(theta), 0.3)
        expected = 3 * GeV * math.sin(theta)
        assert float(beam_hole_limit(one, ECL)) == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("way", [1.0, -1.0])
def test_what_is_beside_a_photon_along_a_beam(way, key):
    one, two = jax.random.split(key)
    theta = jnp.arccos(jax.random.uniform(one, (1000,), minval=-0.9, maxval=0.9))
    seen = photon(2 * GeV, theta, 6 * jax.random.uniform(two, (1000,)))
    along = photon(1.3 * GeV, jnp.full(1000, 0.0 if way > 0 else math.pi), 0.0)
    found = beside(seen + along, way)
    for a, b in zip(found, seen, strict=True):
        np.testing.assert_allclose(a, b, atol=1e-12 * GeV)


def test_distance_from_the_gaps():
    """Zero inside, and the angle times the energy over the error outside."""
    error = 40 * MeV
    inside = photon(
        2 * GeV, jnp.array([31.8, 129.0, 90.0]) * deg, jnp.array([0.1, 2.0, 4.0])
    )
    np.testing.assert_array_equal(gap_distance(inside, error, ECL), 0.0)
    outside = photon(2 * GeV, jnp.asarray(60.0 * deg), 1.0)
    expected = (60.0 - 32.2) * deg * 2 * GeV / error
    assert float(gap_distance(outside, error, ECL)) == pytest.approx(expected)
    assert float(barrel_depth(outside, error, ECL)) == pytest.approx(expected)
    ahead = photon(2 * GeV, jnp.asarray(20.0 * deg), 1.0)
    assert float(barrel_depth(ahead, error, ECL)) < 0


def test_a_photon_in_a_gap_and_one_along_a_beam_are_found(key):
    """The scan has 7.5 degrees in azimuth: it misses the smallest angle by little."""
    names = jax.random.split(key, 4)
    gap = jax.random.uniform(names[0], (2000,), minval=31.4, maxval=32.2) * deg
    first = photon(
        3 * GeV * jax.random.uniform(names[1], (2000,), minval=0.3),
        gap,
        6.28 * jax.random.uniform(names[2], (2000,)),
    )
    second = photon(1 * GeV, jnp.full(2000, 4.0 * deg), 6.28 * gap)
    angle = beside_gap(first + second, ECL, steps=48)
    assert float(angle.max()) < 4.0 / 12.4 + 0.25
    finer = beside_gap(first + second, ECL, steps=480)
    assert float(finer.max()) < 4.0 / 12.4 + 0.05
    # what is light and goes far from the gaps is something else
    wide = photon(3 * GeV, jnp.asarray(75 * deg), 0.0)
    other = photon(2 * GeV, jnp.asarray(70 * deg), 0.3)
    assert float(beside_gap(wide + other, ECL)) > 1
