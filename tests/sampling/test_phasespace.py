"""Volumes by quadrature against closed forms; kinematics of single events."""

import math

from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from scipy.integrate import quad

from darkreach.algebra.kinematics import FourVector
from darkreach.algebra.propagators import draw_photon, draw_resonance
from darkreach.constants import M_E, M_MU
from darkreach.sampling.phasespace import chain, dimensions, flat
from darkreach.units import MeV


def at(x, mass, masses):
    momenta, weight = chain(x, FourVector(mass, 0.0, 0.0, 0.0), masses)
    return jnp.stack([p.array() for p in momenta]), weight


def volume(mass, masses, nodes=80):
    """Integral of the weight over the masses of what is left; it has no other argument.

    x = t^2 (3 - 2t) removes the square roots at both ends, so that Gauss converges.
    """
    t, w = np.polynomial.legendre.leggauss(nodes)
    t, w = (t + 1) / 2, w / 2
    x, w = t**2 * (3 - 2 * t), w * 6 * t * (1 - t)
    k = len(masses)
    grids = np.meshgrid(*[x] * (k - 2), indexing="ij")
    weights = np.prod(np.meshgrid(*[w] * (k - 2), indexing="ij"), axis=0)
    points = np.full((grids[0].size, dimensions(k)), 0.5)
    for i, g in enumerate(grids):
        points[:, 3 * i] = g.ravel()
    values = jax.vmap(lambda row: at(row, mass, masses)[1])(jnp.asarray(points))
    return float((np.asarray(values) * weights.ravel()).sum())


def massless(mass, k):
    """(2 pi)^(4-3k) (pi/2)^(k-1) s^(k-2) / ((k-1)! (k-2)!), PDG 2024, Kinematics."""
    fact = math.factorial(k - 1) * math.factorial(k - 2)
    scale = (2 * math.pi) ** (4 - 3 * k) * (math.pi / 2) ** (k - 1)
    return scale * mass ** (2 * k - 4) / fact


@pytest.mark.parametrize("k", [3, 4, 5])
def test_massless_volumes(k):
    # 40 nodes an axis reach 1e-10
    nodes = {3: 80, 4: 40, 5: 24}[k]
    own = volume(M_MU, (0.0,) * k, nodes)
    assert own == pytest.approx(massless(M_MU, k), rel=1e-8)


def test_two_body_volume():
    p = (M_MU**2 - M_E**2) / (2 * M_MU)
    _, weight = at(jnp.array([0.3, 0.8]), M_MU, (M_E, 0.0))
    # |p| / (4 pi M) over the sphere
    assert float(weight) == pytest.approx(p / (4 * math.pi * M_MU), rel=1e-14)


@pytest.mark.parametrize("slot", [0, 1, 2])
def test_three_bodies_one_of_them_massive(slot):
    masses = tuple(40 * MeV if i == slot else 0.0 for i in range(3))
    r = (40 * MeV / M_MU) ** 2
    factor = 1 - r**2 + 2 * r * math.log(r)
    # 1e-7: square roots at the ends when the massive one comes late
    assert volume(M_MU, masses) == pytest.approx(factor * massless(M_MU, 3), rel=1e-7)


def test_three_massive_bodies_from_the_dalitz_plot():
    masses = (20 * MeV, M_E, 30 * MeV)
    a, b, c = (m / M_MU for m in masses)

    def width(s):
        first = (1 - (a + math.sqrt(s)) ** 2) * (1 - (a - math.sqrt(s)) ** 2)
        second = (s - (b + c) ** 2) * (s - (b - c) ** 2)
        return math.sqrt(max(first * second, 0.0)) / s

    area, _ = quad(width, (b + c) ** 2, (1 - a) ** 2, epsrel=1e-11)
    # dPhi_3 = ds_12 ds_23 / (128 pi^3 M^2) and the length of ds_12 at fixed s_23
    expected = area * M_MU**2 / (128 * math.pi**3)
    assert volume(M_MU, masses) == pytest.approx(expected, rel=1e-7)


@pytest.mark.parametrize(
    "masses",
    [(M_E, 0.0), (0.0, M_E, 20 * MeV), (M_E, M_E, M_E, 0.0), (0.0,) * 5],
)
def test_momenta_are_on_shell_and_add_up(masses, key):
    x = jax.random.uniform(key, (200, dimensions(len(masses))))
    p, weight = jax.vmap(lambda row: at(row, M_MU, masses))(x)
    total = p.sum(axis=1)
    # 1e-13 of the parent mass: a boost for each emission
    np.testing.assert_allclose(
        total / M_MU, np.tile([1, 0, 0, 0], (200, 1)), atol=1e-13
    )
    squared = p[..., 0] ** 2 - (p[..., 1:] ** 2).sum(-1)
    expected = np.tile(np.array(masses) ** 2, (200, 1))
    np.testing.assert_allclose(squared / M_MU**2, expected / M_MU**2, atol=1e-13)
    assert bool((weight > 0).all())


def test_directions_are_isotropic(key):
    """Mean of n and of n n of each particle of a three-body decay."""
    n = 200_000
    x = jax.random.uniform(key, (n, 5))
    p, weight = jax.jit(jax.vmap(lambda row: at(row, M_MU, (0.0, M_E, 0.0))))(x)
    direction = p[..., 1:] / jnp.linalg.norm(p[..., 1:], axis=-1, keepdims=True)
    share = (weight / weight.sum())[:, None, None]
    mean = (share * direction).sum(axis=0)
    second = (share * direction**2).sum(axis=0)
    # 5 sigma, sigma = 0.58 / sqrt(n) = 1.3e-3 and 0.3 / sqrt(n) = 0.7e-3, times 1.2
    # for the spread of the weights; sigma is 0.5 % of the full range
    np.testing.assert_allclose(mean, 0.0, atol=5 * 1.6e-3)
    np.testing.assert_allclose(second, 1 / 3, atol=5 * 0.8e-3)


def test_first_coordinate_is_linear_in_the_energy_of_the_first_particle():
    for x in (0.0, 0.25, 1.0):
        p, _ = at(jnp.array([x, 0.3, 0.1, 0.6, 0.2]), M_MU, (0.0, 0.0, 0.0))
        # E = (M^2 - s) / 2M with s = x M^2
        assert float(p[0, 0]) == pytest.approx((1 - x) * M_MU / 2, abs=1e-14 * M_MU)


def test_angle_is_measured_from_the_particle_emitted_before():
    x = jnp.array([0.4, 0.3, 0.1, 1.0, 0.2])
    p, _ = at(x, M_MU, (0.0, M_E, 0.0))
    first, second = np.asarray(p[0, 1:]), np.asarray(p[1, 1:])
    # cos = 1: the second goes along the first; a few roundings of 1
    cos = first @ second / np.linalg.norm(first) / np.linalg.norm(second)
    assert abs(cos) == pytest.approx(1.0, abs=1e-12)


def test_above_threshold_there_is_no_volume():
    for masses in ((M_MU, M_E), (M_E, M_MU, 0.0), (0.0, M_MU, M_E)):
        x = jnp.full(dimensions(len(masses)), 0.5)
        p, weight = at(x, M_MU, masses)
        assert float(weight) == 0.0
        assert bool(jnp.isfinite(p).all())


@pytest.mark.parametrize("masses", [(0.0, M_E, M_E, M_E), (10 * MeV, M_E, M_E, M_E)])
def test_the_mass_of_the_last_pair_may_be_drawn_along_a_pole(masses):
    """Another density of points, the same volume."""
    k = len(masses)
    t, w = np.polynomial.legendre.leggauss(48)
    t, w = (t + 1) / 2, w / 2
    x, w = t**2 * (3 - 2 * t), w * 6 * t * (1 - t)
    grid = np.meshgrid(x, x, indexing="ij")
    points = np.full((x.size**2, dimensions(k)), 0.5)
    points[:, 0], points[:, 3] = grid[0].ravel(), grid[1].ravel()

    def weight(row, pair):
        parent = FourVector(M_MU, 0.0, 0.0, 0.0)
        return chain(row, parent, masses, pair=pair)[1]

    total = [
        float(
            np.asarray(jax.vmap(partial(weight, pair=pair))(jnp.asarray(points)))
            @ np.outer(w, w).ravel()
        )
        for pair in (
            flat,
            draw_photon,
            partial(draw_resonance, mass=20 * MeV, width=30 * MeV),
        )
    ]
    # 1e-6: square roots at both ends, in a logarithm
    assert total[1:] == pytest.approx([total[0]] * 2, rel=1e-6)
