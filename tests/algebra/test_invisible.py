"""The neutrino-pair tensor against the explicit neutrinos."""

import dense
import jax.numpy as jnp
import numpy as np
import pytest

from darkreach.algebra import invisible
from darkreach.algebra.dirac import Complex, Current
from darkreach.algebra.kinematics import FourVector
from darkreach.constants import G_F, M_MU
from darkreach.units import MeV

PAIRS = [np.array(q) * MeV for q in ([70, 0, 0, 0], [60, 10, -20, 30], [41, 0, 40, 1])]


def neutrino_trace(first, second):
    """N^{ab} = Tr[k1 gamma^a P_L k2 gamma^b P_L]."""
    left = dense.slash(first) @ dense.GAMMA @ dense.LEFT
    right = dense.slash(second) @ dense.GAMMA @ dense.LEFT
    return np.einsum("aij,bji->ab", left, right)


def current(values):
    return Current(*(Complex(jnp.asarray(v.real), jnp.asarray(v.imag)) for v in values))


@pytest.mark.parametrize("q", PAIRS)
def test_tensor_is_the_integral_over_the_pair(q):
    total = sum(w * neutrino_trace(a, b) for a, b, w in dense.neutrino_pairs(q))
    expected = (np.outer(q, q) - dense.dot(q, q) * dense.METRIC) / (12 * np.pi)
    # the quadrature is exact; 1e-13: roundings of terms of size Q_0^2
    np.testing.assert_allclose(total / q[0] ** 2, expected / q[0] ** 2, atol=1e-13)


@pytest.mark.parametrize("q", PAIRS)
def test_contraction_is_that_of_arrays(q):
    rng = np.random.default_rng(1)
    a, b = rng.normal(size=(2, 4)) + 1j * rng.normal(size=(2, 4))
    tensor = np.outer(q, q) - dense.dot(q, q) * dense.METRIC
    lower = dense.METRIC
    expected = np.einsum("a,b,ac,bd,cd", a, b.conj(), lower, lower, tensor)
    own = invisible.contract(current(a), current(b), FourVector(*map(float, q)))
    # roundings of terms of size Q_0^2
    assert abs(complex(own.re, own.im) - expected) < 1e-13 * 100 * q[0] ** 2


def test_coupling():
    # (4 G_F / sqrt 2)^2 = 8 G_F^2
    expected = 8 * G_F**2 / (12 * np.pi)
    assert expected == pytest.approx(invisible.COUPLING_SQUARED, rel=1e-15)


def test_mass_is_drawn_flat_in_its_square():
    x = 0.37
    mass, weight = invisible.draw_mass(jnp.asarray(x), M_MU)
    assert float(mass) ** 2 == pytest.approx(x * M_MU**2, rel=1e-15)
    # dQ^2 / (2 pi) over the unit interval
    assert weight == pytest.approx(M_MU**2 / (2 * np.pi), rel=1e-15)
