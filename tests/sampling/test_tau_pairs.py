"""Production of tau pairs, with radiation from the beams."""

import math

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from darkreach.algebra.kinematics import FourVector
from darkreach.constants import ALPHA, M_E, M_TAU
from darkreach.sampling.tau_pairs import pair
from darkreach.units import GeV

TOTAL = 10.58 * GeV


def draw(key, n, *, radiation):
    x = jax.random.uniform(key, (n, 4))
    total = jnp.asarray(TOTAL)
    return jax.vmap(lambda row: pair(row, total, radiation=radiation))(x)


def test_taus_and_photon_add_up(key):
    event = draw(key, 1000, radiation=True)
    zero = jnp.zeros(1000)
    still = FourVector(zero + M_TAU, zero, zero, zero)
    first, second = event.first(still), event.second(still)
    both = first + second
    # rounding
    np.testing.assert_allclose(first.mass_squared(), M_TAU**2, rtol=1e-9)
    np.testing.assert_allclose(both.e + abs(event.photon), TOTAL, rtol=1e-12)
    np.testing.assert_allclose(both.z, -event.photon, atol=1e-11 * TOTAL)
    np.testing.assert_allclose(both.x, 0.0, atol=1e-11 * TOTAL)


def test_cross_section_with_radiation(key):
    """0.919 nb (arXiv:0706.3235): Born, radiation, soft photons, vacuum polarisation.

    sigma = 0.772 nb * mean weight * (1 + 3 b / 4 + alpha / pi (pi^2 / 3 - 1 / 2)) /
    (1 - 0.0375)^2; the last number is the running of alpha at 10 GeV [recalled].
    """
    event = draw(key, 400_000, radiation=True)
    mean = float(event.weight.mean())
    error = float(event.weight.std()) / math.sqrt(400_000)
    assert error < 0.01 * mean
    beta2 = 1 - 4 * M_TAU**2 / TOTAL**2
    born = 2 * math.pi * ALPHA**2 / (3 * TOTAL**2) * math.sqrt(beta2) * (3 - beta2)
    nb = born * GeV**2 * 0.3893794e6
    assert nb == pytest.approx(0.772, abs=1e-3)
    b = 2 * ALPHA / math.pi * (math.log(TOTAL**2 / M_E**2) - 1)
    soft = 1 + 0.75 * b + ALPHA / math.pi * (math.pi**2 / 3 - 0.5)
    # 1 %: second order in b, and the running of alpha to 0.002
    assert nb * mean * soft / 0.9625**2 == pytest.approx(0.919, rel=0.01)


def test_angular_distribution_without_radiation(key):
    """<cos^2> of 1 + c^2 + (1 - beta^2) s^2; the weights average to 1."""
    event = draw(key, 400_000, radiation=False)
    weight, square = np.asarray(event.weight), np.asarray(event.cos) ** 2
    m = 4 * M_TAU**2 / TOTAL**2  # 1 - beta^2
    expected = (8 / 15 + m * 2 / 15) / (4 / 3 + m * 2 / 3)
    found = (weight * square).mean()
    error = (weight * square).std() / math.sqrt(400_000)
    assert error < 0.01 * expected
    assert abs(found - expected) < 5 * error
    assert abs(weight.mean() - 1) < 5 * weight.std() / math.sqrt(400_000)
    assert float(event.photon.max()) == 0
