"""Light-cone components against `dirac.Current`."""

import jax.numpy as jnp
import numpy as np

from darkreach.algebra.currents import wave
from darkreach.algebra.dirac import bars, spinors, vector_current
from darkreach.algebra.kinematics import FourVector
from darkreach.constants import M_E
from darkreach.units import MeV


def electron(x, y, z):
    energy = jnp.sqrt(x * x + y * y + z * z + M_E**2)
    return FourVector(energy, *map(jnp.asarray, (x, y, z)))


P = electron(0.3 * MeV, -0.4 * MeV, 1.2 * MeV)
Q = electron(-0.8 * MeV, 0.1 * MeV, 0.6 * MeV)


def number(value):
    return complex(float(value.re), float(value.im))


def cartesian(i, j):
    current = vector_current(bars(Q, M_E)[i], spinors(P, M_E)[j])
    return np.array([number(c) for c in current])


def light_cone(i, j):
    return wave(spinors(Q, M_E)[i], spinors(P, M_E)[j])


def test_components_are_half_of_the_current():
    for i in (0, 1):
        for j in (0, 1):
            e, x, y, z = cartesian(i, j) / 2
            expected = [e + z, e - z, x + 1j * y, x - 1j * y]
            own = [number(c) for c in light_cone(i, j)]
            np.testing.assert_allclose(own, expected, atol=1e-15 * abs(e))


def test_products():
    one, two = cartesian(0, 1), cartesian(1, 0)
    expected = one[0] * two[0] - one[1:] @ two[1:]
    own = 2 * number(light_cone(0, 1).dot(light_cone(1, 0)))
    np.testing.assert_allclose(own, expected, rtol=1e-13)


def test_a_flip_of_both_spins_is_the_conjugate():
    for component, other in zip(light_cone(1, 1), light_cone(0, 0).conj(), strict=True):
        np.testing.assert_allclose(number(component), number(other), rtol=1e-13)


def test_what_is_left_across_a_momentum():
    """No Euclidean part along q is left; products with conserved currents stay."""
    q = P - Q
    left = light_cone(0, 0).across(q, 1.0)
    plus, minus, up, down = (number(c) for c in left)
    e, z = (plus + minus) / 2, (plus - minus) / 2
    x, y = (up + down) / 2, (up - down) / 2j
    assert abs(e * q.e + x * q.x + y * q.y + z * q.z) < 1e-15 * MeV**2
    before = number(light_cone(0, 0).dot(light_cone(0, 1)))
    after = number(left.dot(light_cone(0, 1)))
    np.testing.assert_allclose(after, before, rtol=1e-12)
