"""Pair production of taus: cross section, angles and spins against closed forms."""

import math

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from darkreach.algebra.kinematics import FourVector
from darkreach.constants import ALPHA, E_CHARGE, HBAR_C, M_E, M_TAU
from darkreach.processes.ee_to_tau_tau import (
    EeToTauTau,
    born_cross_section,
    spin_correlation,
)
from darkreach.units import GeV, nb

TOTALS = (3.6 * GeV, 10.58 * GeV, 300 * GeV)
PAULI = np.array([[[0, 1], [1, 0]], [[0, -1j], [1j, 0]], [[1, 0], [0, -1]]])


def amplitude(total, cos):
    """By spin (e-, e+, tau-, tau+), for angles `cos` in the x-z plane."""
    half, zero = total / 2 + 0 * cos, 0 * cos
    beam, k = (jnp.sqrt(half**2 - m**2) for m in (M_E, M_TAU))
    sin = jnp.sqrt(1 - cos**2)
    found = EeToTauTau().amplitude(
        FourVector(half, zero, zero, beam),
        FourVector(half, zero, zero, -beam),
        FourVector(half, k * sin, zero, k * cos),
        FourVector(half, -k * sin, zero, -k * cos),
    )
    real = np.array(jax.tree.leaves(found)).reshape(2, 2, 2, 2, 2, -1)
    return real[:, :, :, :, 0] + 1j * real[:, :, :, :, 1]


@pytest.mark.parametrize("total", TOTALS)
def test_cross_section_is_the_integral_of_the_amplitude(total):
    nodes, weights = np.polynomial.legendre.leggauss(4)  # exact to the seventh power
    squared = (abs(amplitude(total, jnp.asarray(nodes))) ** 2).sum((0, 1, 2, 3)) / 4
    tau, beam = (math.sqrt(total**2 / 4 - m**2) for m in (M_TAU, M_E))
    found = 2 * math.pi * (weights * squared).sum() / (64 * math.pi**2 * total**2)
    # 1e-6: the electron mass, below 2 (m_e / E)^2 = 2e-7 at 3.6 GeV
    expected = float(born_cross_section(total))
    assert found * tau / beam == pytest.approx(expected, rel=1e-6)


def test_born_value_at_belle2():
    found = float(born_cross_section(10.58 * GeV)) * HBAR_C**2 / nb
    # the last digit of the published Born number, arXiv:0706.3235 [recalled]
    assert found == pytest.approx(0.772, abs=5e-4)
    assert float(born_cross_section(2 * M_TAU - 1e-6 * GeV)) == 0.0
    # far above: the pointlike cross section, 86.8 nb GeV^2 / s (PDG 2024)
    point = 4 * math.pi * ALPHA**2 / 3 / GeV**2
    assert float(born_cross_section(1e4 * GeV)) * 1e8 == pytest.approx(point, rel=1e-9)


@pytest.mark.parametrize("total", TOTALS)
def test_angular_distribution(total):
    cos = jnp.linspace(-1.0, 1.0, 9)
    squared = (abs(amplitude(total, cos)) ** 2).sum((0, 1, 2, 3)) / 4
    less = 4 * M_TAU**2 / total**2
    expected = E_CHARGE**4 * (1 + cos**2 + less * (1 - cos**2))
    # 1e-6: the electron mass, as above
    np.testing.assert_allclose(squared, expected, rtol=1e-6)


@pytest.mark.parametrize("total", TOTALS)
@pytest.mark.parametrize("theta", [0.2, 1.1, math.pi / 2, 2.9])
def test_spin_correlation_is_that_of_the_amplitude(total, theta):
    """<sigma-_i sigma+_j>; v(p, s) is built of u(p, s), its spin is opposite to s."""
    m = amplitude(total, jnp.array([math.cos(theta)]))[..., 0]
    norm = (abs(m) ** 2).sum()
    minus, plus = PAULI, -PAULI.transpose(0, 2, 1)
    both = np.einsum("abkl,xki,ylj,abij->xy", m.conj(), minus, plus, m) / norm
    c, s = math.cos(theta), math.sin(theta)
    axes = np.array([[c, 0, -s], [0, 1, 0], [s, 0, c]])
    r = spin_correlation(c, s, (total / (2 * M_TAU)) ** 2)
    expected = [[r.xx, 0, r.xz], [0, r.yy, 0], [r.xz, 0, r.zz]]
    # 1e-6: the electron mass, as above
    np.testing.assert_allclose(axes @ both @ axes.T, expected, atol=1e-6)
    for spin, legs in ((minus, "xki,abkj,abij->x"), (plus, "xlj,abil,abij->x")):
        alone = np.einsum(legs, spin, m.conj(), m) / norm
        np.testing.assert_allclose(alone, 0.0, atol=1e-12)


def test_limits_of_the_spin_correlation():
    """Opposite helicities far above threshold, spins along the beam at threshold."""
    cos, sin = 0.6, 0.8
    far, near = (spin_correlation(cos, sin, g) for g in (1e12, 1.0))
    assert far.zz == pytest.approx(1.0, abs=1e-11)
    assert far.xx == pytest.approx(-far.yy, abs=1e-11)
    beam = np.array([-sin, 0.0, cos])
    expected = np.outer(beam, beam)
    found = [[near.xx, 0, near.xz], [0, near.yy, 0], [near.xz, 0, near.zz]]
    # rounding
    np.testing.assert_allclose(found, expected, atol=1e-12)
    # a state of total spin 1 has <sigma-.sigma+> = 1 at any energy
    some = spin_correlation(cos, sin, 3.0)
    assert some.xx + some.yy + some.zz == pytest.approx(1.0, abs=1e-12)
