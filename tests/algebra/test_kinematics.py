import math

import dense
import jax.numpy as jnp
import numpy as np
import pytest

from hypothesis import given
from hypothesis import strategies as st

from darkreach.algebra.kinematics import (
    FourVector,
    boost_z,
    breakup_momentum,
    circle,
    cos_angle,
    rotate,
)
from darkreach.constants import M_E, M_MU
from darkreach.units import MeV


def momenta(low):
    """Up to 100 MeV, in steps far above the smallest float: XLA flushes subnormals."""
    return st.floats(low, 100).map(lambda v: round(v, 9) * MeV)


component = momenta(-100)
four = st.tuples(momenta(0), *3 * [component])


def vector(values):
    return FourVector.from_array(jnp.asarray(values, float))


@given(four, four)
def test_products_and_sums_are_those_of_arrays(a, b):
    left, right = vector(a), vector(b)
    scale = 4 * (100 * MeV) ** 2
    expected = dense.dot(np.array(a), np.array(b))
    # 1e-14: a few roundings of the largest term
    assert abs(float(left.dot(right)) - expected) < 1e-14 * scale
    np.testing.assert_array_equal((left + right).array(), np.add(a, b))
    np.testing.assert_array_equal((left - right).array(), np.subtract(a, b))
    space = float(np.dot(a[1:], b[1:]))
    assert abs(float(left.dot3(right)) - space) < 1e-14 * scale


@given(four, st.floats(-0.99, 0.99))
def test_boost_along_z_is_the_lorentz_matrix(p, velocity):
    gamma = 1 / math.sqrt(1 - velocity**2)
    moved = boost_z(vector(p), gamma, gamma * velocity, 1.0).array()
    expected = dense.boost([0, 0, velocity]) @ np.array(p)
    # gamma is at most 7: ten roundings of 14 times the largest component
    np.testing.assert_allclose(moved, expected, atol=1e-13 * 100 * MeV, rtol=0)


@given(four, st.floats(0, math.pi), st.floats(-math.pi, math.pi))
def test_rotation_is_two_rotation_matrices(p, theta, phi):
    turned = rotate(vector(p), math.cos(theta), math.sin(theta), phi).array()
    matrix = dense.rotation([0, 0, 1], phi) @ dense.rotation([0, 1, 0], theta)
    np.testing.assert_allclose(turned, matrix @ np.array(p), atol=1e-13 * MeV * 100)


def test_rotation_turns_z_into_the_direction():
    z = rotate(FourVector(0.0, 0.0, 0.0, 1.0), 0.6, 0.8, 0.3)
    expected = [0, 0.8 * math.cos(0.3), 0.8 * math.sin(0.3), 0.6]
    np.testing.assert_allclose(z.array(), expected, atol=1e-15)


def test_breakup_momentum():
    massless = breakup_momentum(M_MU, M_E, 0.0)
    # closed form (M^2 - m^2) / 2M, a few roundings
    assert float(massless) == pytest.approx((M_MU**2 - M_E**2) / (2 * M_MU), rel=1e-14)
    assert float(breakup_momentum(M_MU, M_E, M_MU - M_E)) == 0.0
    assert float(breakup_momentum(M_MU, M_E, 2 * M_MU)) == 0.0  # not nan


def test_breakup_momentum_keeps_its_digits_at_threshold():
    # p^2 = 2 mu delta (1 + O(delta/m)) with the reduced mass mu; delta/m_e = 2e-7
    delta = 1e-10 * MeV * 1000
    reduced = M_E * (M_MU - M_E) / M_MU
    p = float(breakup_momentum(M_MU, M_E, M_MU - M_E - delta))
    # M_MU - M_E - delta rounds at 1e-14 MeV: 1e-7 of delta
    assert p**2 == pytest.approx(2 * reduced * delta, rel=1e-6)


def test_angle_between_momenta():
    x, z = FourVector(1.0, 1.0, 0.0, 0.0), FourVector(2.0, 0.0, 0.0, 2.0)
    still = FourVector(1.0, 0.0, 0.0, 0.0)
    assert float(cos_angle(x, z)) == 0.0
    assert float(cos_angle(x, x)) == 1.0
    assert float(cos_angle(x, still)) == 1.0  # no nan where there is no direction


def test_circle_is_cosine_and_sine():
    quarters = math.pi / 2 * np.arange(-12, 13)
    angle = np.concatenate(
        [np.linspace(-20, 20, 5001), quarters, quarters + math.pi / 4, [1e-9, -1e-300]]
    )
    cos, sin = circle(jnp.asarray(angle))
    # the promise, 1e-15 (within three turns: quarters are subtracted with a rounding)
    np.testing.assert_allclose(cos, np.cos(angle), rtol=0, atol=1e-15 + 2.3e-16 * 20)
    np.testing.assert_allclose(sin, np.sin(angle), rtol=0, atol=1e-15 + 2.3e-16 * 20)
    turn = np.abs(angle) <= 2 * math.pi
    np.testing.assert_allclose(cos[turn], np.cos(angle[turn]), rtol=0, atol=1e-15)
    np.testing.assert_allclose(sin[turn], np.sin(angle[turn]), rtol=0, atol=1e-15)
