"""Electrons with photons against the step-by-step algebra of `dirac`."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from darkreach.algebra import dirac, electron_lines
from darkreach.algebra.kinematics import FourVector
from darkreach.constants import M_E
from darkreach.units import MeV


def electron(x, y, z):
    energy = jnp.sqrt(x * x + y * y + z * z + M_E**2)
    return FourVector(energy, *map(jnp.asarray, (x, y, z)))


def light(x, y, z):
    return FourVector(jnp.sqrt(x * x + y * y + z * z), *map(jnp.asarray, (x, y, z)))


P = electron(0.3 * MeV, -0.4 * MeV, 1.2 * MeV)
K = light(0.2 * MeV, 0.7 * MeV, -0.5 * MeV), light(-0.3 * MeV, 0.1 * MeV, 0.4 * MeV)
REAL = electron_lines.photons(K, tuple(dirac.photon(k) for k in K))


def flat(value):
    parts = np.array([float(part) for part in jax.tree.leaves(value)])
    return parts[::2] + 1j * parts[1::2]


def test_flip_turns_up_into_down():
    up, down = dirac.spinors(P, M_E)
    np.testing.assert_allclose(flat(electron_lines.flip(up)), flat(down), rtol=1e-15)
    back = electron_lines.flip(electron_lines.flip(up))
    np.testing.assert_array_equal(flat(back), -flat(up))
    up, down = dirac.antispinors(P, M_E)
    np.testing.assert_allclose(flat(electron_lines.flip(up)), -flat(down), rtol=1e-15)


def test_flip_commutes_with_slashed_vectors():
    up, _ = dirac.spinors(P, M_E)
    one = electron_lines.flip(dirac.slash(K[0], up))
    other = dirac.slash(K[0], electron_lines.flip(up))
    np.testing.assert_allclose(flat(one), flat(other), rtol=1e-14)


@pytest.mark.parametrize(("charge", "way"), [(1, -1), (-1, 1)])
def test_columns_are_sums_over_orders(charge, way):
    """An incoming electron and an outgoing positron, whose lines start there."""
    at = electron_lines.leg(P, float(charge), way=float(way), real=REAL)
    found = electron_lines.columns(at, REAL, most=2)
    start = FourVector(*(charge * c for c in P))
    for spins in ((0, 0), (0, 1), (1, 1)):
        total = 0.0
        for order in ((0, 1), (1, 0)):
            psi, q = at.spins[0], start
            for i in order:
                q = q - K[i]
                psi = dirac.propagate(q, M_E, dirac.slash(REAL.eps[i][spins[i]], psi))
            total = total + flat(psi)
        # denominators by plain differences of momenta: a few roundings
        np.testing.assert_allclose(flat(found[0, 1][spins]), total, rtol=1e-12)


@pytest.mark.parametrize(("charge", "way"), [(1, 1), (-1, -1)])
def test_rows_are_adjoint_columns(charge, way):
    """An outgoing electron and an incoming positron, whose lines end there."""
    at = electron_lines.leg(P, float(charge), way=float(way), real=REAL)
    found = electron_lines.columns(at, REAL, most=1)[(1,)][(0,)]
    row = (dirac.bars if charge > 0 else dirac.antibars)(P, M_E)[0]
    q = FourVector(*(charge * c for c in P)) + K[1]
    expected = dirac.bar_propagate(dirac.bar_slash(row, REAL.eps[1][0]), q, M_E)
    own = np.conj(flat(found))[[2, 3, 0, 1]]
    np.testing.assert_allclose(own, flat(expected), rtol=1e-12)


def test_nested_by_spin():
    values = {(i, j): dirac.Complex(float(i), float(j)) for j in (0, 1) for i in (0, 1)}
    found = electron_lines.by_spin(values)
    assert found[1][0] == (1.0, 0.0)
    assert found[0][1] == (0.0, 1.0)
