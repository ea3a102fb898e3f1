import math

import dense
import jax.numpy as jnp
import mpmath
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
    photon_product,
    rotate,
    transfer_squared,
)
from darkreach.constants import M_E, M_MU
from darkreach.units import GeV, MeV


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


def exactly(direction, fraction, angle, *, azimuth=0.7):
    """An electron near a beam of 5.29 GeV: rounded momenta, and their exact t and p.k.

    The space parts as they are rounded define the event; their energies, the transfer
    and the products are worked out with 60 digits.
    """
    mpmath.mp.dps = 60
    size = 5.29 * GeV
    beam = size * np.asarray(direction, float)
    axis = np.array([np.cos(azimuth), np.sin(azimuth), 0.0])
    turned = dense.rotation(axis, angle)[1:, 1:] @ beam
    p = fraction * turned
    m = mpmath.mpf(M_E)

    def energy(v, mass):
        return mpmath.sqrt(mass**2 + sum(mpmath.mpf(float(c)) ** 2 for c in v))

    def product(a, b, masses):
        dot3 = sum(
            mpmath.mpf(float(x)) * mpmath.mpf(float(y))
            for x, y in zip(a, b, strict=True)
        )
        return energy(a, masses[0]) * energy(b, masses[1]) - dot3

    def four(v, mass):
        return vector([float(energy(v, mass)), *v])

    transfer = 2 * m**2 - 2 * product(beam, p, (m, m))
    scalar = product(beam, p, (m, 0))
    return four(beam, m), four(p, m), four(p, 0), float(transfer), float(scalar)


@pytest.mark.parametrize("direction", [(0, 0, 1), (0, 0, -1), (0.36, 0.48, -0.8)])
@pytest.mark.parametrize("angle", [0.0, 1e-9, 1e-7, 1e-5, 1e-3, 0.3, 2.0, math.pi])
@pytest.mark.parametrize("fraction", [1 - 1e-6, 0.999, 0.7, 0.01])
def test_transfer_and_products_keep_their_digits(direction, angle, fraction):
    """From t = -2e-19 GeV^2 to -s, where the plain difference is lost below 1e-14."""
    beam, p, k, transfer, scalar = exactly(direction, fraction, angle)
    own = float(transfer_squared(beam, p, mass=M_E))
    # some ten roundings, and one of a difference of momenta along an oblique axis that
    # is larger than the transverse momentum by up to (1 - x) / angle < 1e3 where
    # the transverse part is not negligible
    tolerance = 1e-14 if direction[0] == 0 else 1e-12
    assert own == pytest.approx(transfer, rel=tolerance)
    swapped = float(transfer_squared(p, beam, mass=M_E))
    assert swapped == pytest.approx(transfer, rel=tolerance)
    assert float(photon_product(beam, k, mass=M_E)) == pytest.approx(
        scalar,
        rel=1e-14 if direction[0] == 0 else 1e-11,  # rounding / (m_e / E) is 2e-12
    )


def test_transfer_in_light_cone_components():
    """-(pT^2 + m^2 (1 - x)^2) / x, the other way to write it, and (beam + p)^2."""
    pz, pt = 4 * GeV, 0.03 * GeV
    p = FourVector(math.sqrt(pz**2 + pt**2 + M_MU**2), 0.0, pt, pz)
    beam = FourVector(math.hypot(5 * GeV, M_MU), 0.0, 0.0, 5 * GeV)
    x = (p.e + p.z) / (beam.e + beam.z)
    expected = -(pt**2 + M_MU**2 * (1 - x) ** 2) / x
    own = float(transfer_squared(beam, p, mass=M_MU))
    assert own == pytest.approx(expected, rel=1e-13)  # a few roundings over 1 - x = 0.2
    # a difference of squares of 100 GeV^2 that leaves 0.05
    plain = (beam + p).mass_squared()
    assert 4 * M_MU**2 - own == pytest.approx(float(plain), rel=1e-12)


def test_least_transfer_to_a_heavy_system():
    """t_min = -m_e^2 M^4 / s^2 for M^2 << s, the scale of photon fusion."""
    energy = 5.29 * GeV
    ratio = (0.3 * GeV / (2 * energy)) ** 2
    beam = FourVector(energy, 0.0, 0.0, math.sqrt(energy**2 - M_E**2))
    left = energy * (1 - ratio)
    p = FourVector(left, 0.0, 0.0, math.sqrt(left**2 - M_E**2))
    own = float(transfer_squared(beam, p, mass=M_E))
    assert abs(own) < 2e-13 * GeV**2
    # 2e-3: the next order in M^2 / s = 8e-4
    assert own == pytest.approx(-((M_E * ratio) ** 2), rel=2e-3)
