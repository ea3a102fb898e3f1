"""Two-component algebra against dense matrices and symbolic traces."""

import itertools

import dense
import jax.numpy as jnp
import numpy as np
import pytest
import sympy

from sympy.physics.matrices import mgamma

from darkreach.algebra import dirac
from darkreach.algebra.dirac import Bar, Complex, Spinor
from darkreach.algebra.kinematics import FourVector
from darkreach.constants import M_E, M_MU
from darkreach.units import MeV

MASSES = [M_E, M_MU]
SPACE = [np.array(v) * MeV for v in ([0, 0, 0], [3, -4, 12], [0, 0, -20], [50, 1, 0])]
# 1e-13: tens of operations on numbers of the size of the largest entry
CLOSE = {"rtol": 0, "atol": 1e-13}


def on_shell(space, mass):
    return np.array([np.sqrt(mass**2 + space @ space), *space])


def vector(p):
    return FourVector.from_array(jnp.asarray(p, float))


def column(psi):
    """A Spinor as an array (left, right)."""
    return np.array([complex(c.re, c.im) for half in psi for c in half])


def unit_spinor(index):
    parts = [
        Complex(jnp.asarray(float(i == index)), jnp.asarray(0.0)) for i in range(4)
    ]
    return Spinor((parts[0], parts[1]), (parts[2], parts[3]))


def unit_bar(index):
    left, right = unit_spinor(index)
    return Bar(left, right)


def matrix_of(action):
    """The 4x4 matrix of a linear action on columns."""
    return np.stack([column(action(unit_spinor(i))) for i in range(4)], axis=1)


def gamma(mu):
    """gamma^mu as the package has it: from the slash of a unit vector."""
    unit = dense.METRIC[mu]  # lower the index: slash(p) = p_mu gamma^mu
    return matrix_of(lambda psi: dirac.slash(vector(unit), psi))


GAMMA = np.array([gamma(mu) for mu in range(4)])
GAMMA5 = 1j * GAMMA[0] @ GAMMA[1] @ GAMMA[2] @ GAMMA[3]


def test_clifford_algebra():
    for a, b in itertools.product(range(4), repeat=2):
        anticommutator = GAMMA[a] @ GAMMA[b] + GAMMA[b] @ GAMMA[a]
        np.testing.assert_array_equal(
            anticommutator, 2 * dense.METRIC[a, b] * np.eye(4)
        )


def test_gamma5_is_diagonal_with_left_first():
    np.testing.assert_array_equal(GAMMA5, np.diag([-1, -1, 1, 1]))


def test_traces_are_those_of_sympy_and_of_the_dense_basis():
    for indices in itertools.product(range(4), repeat=4):
        # SymPy writes gamma matrices with an upper index in the Dirac basis
        product = sympy.eye(4)
        for mu in indices:
            product = product * mgamma(mu)
        own = np.trace(np.linalg.multi_dot(GAMMA[list(indices)]))
        own5 = np.trace(np.linalg.multi_dot([*GAMMA[list(indices)], GAMMA5]))
        dense5 = np.linalg.multi_dot([*dense.GAMMA[list(indices)], dense.GAMMA5])
        assert own == complex(product.trace())
        # gamma5 of all three is i g0 g1 g2 g3: Tr[abcd gamma5] = -4i eps^{abcd}
        assert own5 == np.trace(dense5)
        assert own5 == complex((product * mgamma(5)).trace())


@pytest.mark.parametrize("mass", MASSES)
@pytest.mark.parametrize("space", SPACE)
class TestSpinors:
    def test_norm_is_twice_the_mass(self, mass, space):
        p = vector(on_shell(space, mass))
        for i, bar in enumerate(dirac.bars(p, mass)):
            for j, psi in enumerate(dirac.spinors(p, mass)):
                value = dirac.close(bar, psi)
                expected = 2 * mass * (i == j)
                scale = float(p.e)  # terms of this size cancel
                assert abs(complex(value.re, value.im) - expected) < 1e-14 * scale

    def test_completeness(self, mass, space):
        p = on_shell(space, mass)
        us = [column(u) for u in dirac.spinors(vector(p), mass)]
        bars = [column(b) for b in dirac.bars(vector(p), mass)]
        total = sum(np.outer(u, b) for u, b in zip(us, bars, strict=True))
        slashed = matrix_of(lambda psi: dirac.slash(vector(p), psi))
        np.testing.assert_allclose(
            total / p[0], (slashed + mass * np.eye(4)) / p[0], **CLOSE
        )

    def test_dirac_equation(self, mass, space):
        p = vector(on_shell(space, mass))
        for psi in dirac.spinors(p, mass):
            moved, own = column(dirac.slash(p, psi)), column(psi)
            # sqrt(E): size of a spinor; E: of the slash
            np.testing.assert_allclose(
                moved / float(p.e) ** 1.5, mass * own / float(p.e) ** 1.5, **CLOSE
            )

    def test_spin_is_along_z_in_the_rest_frame(self, mass, space):
        # ubar gamma^mu gamma5 u = 2 m s^mu, with s boosted from +-z at rest
        p = on_shell(space, mass)
        boosted = dense.boost(space / p[0]) @ np.array([0, 0, 0, 1])
        bars, us = dirac.bars(vector(p), mass), dirac.spinors(vector(p), mass)
        for sign, bar, psi in zip((1, -1), bars, us, strict=True):
            current = np.array(
                [column(bar) @ GAMMA[mu] @ GAMMA5 @ column(psi) for mu in range(4)]
            )
            # 1 - v^2 of the reference loses gamma^2 < 1e4 of its digits
            np.testing.assert_allclose(
                current / p[0], sign * 2 * mass * boosted / p[0], atol=1e-11
            )

    def test_propagator_inverts_the_dirac_operator(self, mass, space):
        p = on_shell(space, 3 * M_MU)
        inverse = matrix_of(lambda psi: dirac.propagate(vector(p), mass, psi))
        operator = matrix_of(lambda psi: dirac.slash(vector(p), psi)) - mass * np.eye(4)
        np.testing.assert_allclose(inverse @ operator, np.eye(4), atol=1e-12)


def test_rows_are_acted_on_like_columns():
    p = vector(np.array([50.0, 3, -7, 11]) * MeV)
    for i, j in itertools.product(range(4), repeat=2):
        bar, psi = unit_bar(i), unit_spinor(j)
        pairs = [
            (
                dirac.close(dirac.bar_slash(bar, p), psi),
                dirac.close(bar, dirac.slash(p, psi)),
            ),
            (
                dirac.close(dirac.bar_propagate(bar, p, M_E), psi),
                dirac.close(bar, dirac.propagate(p, M_E, psi)),
            ),
        ]
        for left, right in pairs:
            # the same products, perhaps added in another order
            np.testing.assert_allclose(left, right, rtol=1e-14)


def test_left_current_is_gamma_times_projector():
    projector = (np.eye(4) - GAMMA5) / 2
    for i, j in itertools.product(range(4), repeat=2):
        current = dirac.left_current(unit_bar(i), unit_spinor(j))
        own = np.array([complex(c.re, c.im) for c in current])
        np.testing.assert_array_equal(own, (GAMMA @ projector)[:, i, j])


def test_vector_axial_is_a_matrix():
    c_v, c_a = 0.3 - 0.2j, 0.9 + 0.4j
    own = matrix_of(
        lambda psi: dirac.vector_axial(
            psi, dirac.complex_scalar(c_v), dirac.complex_scalar(c_a)
        )
    )
    np.testing.assert_allclose(own, c_v * np.eye(4) + c_a * GAMMA5, atol=1e-16)


@pytest.mark.parametrize("direction", [(0, 0, 1), (0, 0, -1), (1, 2, -3), (1e-9, 0, 1)])
def test_photon_polarisations(direction):
    n = np.array(direction) / np.linalg.norm(direction)
    k = 20 * MeV * np.array([1, *n])
    first, second = (np.asarray(e.array()) for e in dirac.photon(vector(k)))
    for eps in (first, second):
        assert dense.dot(eps, eps) == pytest.approx(-1, rel=1e-14)
        assert abs(dense.dot(eps, k)) < 1e-14 * k[0]
        assert eps[0] == 0
    assert abs(dense.dot(first, second)) < 1e-15
    # sum over both: minus the metric, up to what a conserved current does not see
    total = np.outer(first, first)[1:, 1:] + np.outer(second, second)[1:, 1:]
    np.testing.assert_allclose(total, np.eye(3) - np.outer(n, n), atol=1e-14)


def test_complex_arithmetic_is_that_of_python():
    a, b = 0.3 - 0.2j, -1.1 + 0.7j
    x, y = dirac.complex_scalar(a), dirac.complex_scalar(b)

    def back(z):
        return complex(z.re, z.im)

    # one or two roundings
    assert back(x + y) == a + b
    assert back(x - y) == a - b
    assert back(-x) == -a
    assert back(x * y) == pytest.approx(a * b, rel=1e-15)
    assert back(x * 2.5) == a * 2.5
    assert back(x.times_i()) == 1j * a
    assert back(x.conj()) == a.conjugate()
    assert back(x.times_conj(y)) == pytest.approx(a * b.conjugate(), rel=1e-15)


@pytest.mark.parametrize("mass", MASSES)
@pytest.mark.parametrize("space", SPACE, ids=str)
def test_antispinors_add_up_to_pslash_less_m(space, mass):
    p = on_shell(space, mass)
    found = dirac.antispinors(vector(p), mass)
    outer = sum(np.outer(column(v), column(v).conj() @ gamma(0)) for v in found)
    slashed = matrix_of(lambda psi: dirac.slash(vector(p), psi))
    np.testing.assert_allclose(
        outer / p[0], (slashed - mass * np.eye(4)) / p[0], **CLOSE
    )


@pytest.mark.parametrize("side", ["row", "column"])
def test_complex_vectors_act_as_matrices(side):
    rng = np.random.default_rng(3)
    low, high = rng.normal(size=(2, 4)) + 1j * rng.normal(size=(2, 4))

    def current(values):
        return dirac.Current(
            *(Complex(jnp.asarray(v.real), jnp.asarray(v.imag)) for v in values)
        )

    gammas = [gamma(mu) for mu in range(4)]
    lowered = dense.METRIC
    slash_low, slash_high = (
        sum((lowered @ v)[mu] * gammas[mu] for mu in range(4)) for v in (low, high)
    )
    expected = slash_low @ np.diag([1, 1, 0, 0]) + slash_high @ np.diag([0, 0, 1, 1])
    if side == "column":
        own = matrix_of(lambda psi: dirac.contracted(current(low), current(high), psi))
    else:
        own = np.stack(
            [
                column(dirac.bar_contracted(unit_bar(i), current(low), current(high)))
                for i in range(4)
            ]
        )
    np.testing.assert_allclose(own, expected, **CLOSE)


@pytest.mark.parametrize("space", SPACE, ids=str)
def test_massive_polarisations_are_complete(space):
    """Their sum is -g + k k / m^2, or differs from it by k alone."""
    mass = 20 * MeV
    k = on_shell(space, mass)
    full, short = (
        np.array(
            [
                e.array()
                for e in dirac.massive(vector(k), mass=mass, conserved=conserved)
            ]
        )
        for conserved in (False, True)
    )
    expected = -dense.METRIC + np.outer(k, k) / mass**2
    # 1e-12: (E / m)^2 < 10 times roundings
    np.testing.assert_allclose(full.T @ full, expected, rtol=0, atol=1e-12)
    np.testing.assert_allclose(short[:2], full[:2], rtol=0, atol=1e-15)
    # 2e-12: at rest a direction is made up, with 1e-12 of the energy
    np.testing.assert_allclose(full[2] - short[2], k / mass, rtol=0, atol=2e-12)


def test_a_conserved_light_vector_has_no_large_part():
    k = on_shell(np.array([3, -4, 12]) * MeV, 1e-6 * MeV)
    along = dirac.massive(vector(k), mass=1e-6 * MeV, conserved=True)[2]
    assert np.abs(along.array()).max() < 1e-7
