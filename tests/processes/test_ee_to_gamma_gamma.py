"""Two photons: dense diagrams, Compton scattering crossed, Dirac's cross section."""

import collision_momenta
import collisions
import dense
import numpy as np
import pytest

from collisions import squares

from darkreach.constants import ALPHA, E_CHARGE, M_E
from darkreach.processes.ee_to_gamma_gamma import EeToGammaGamma
from darkreach.units import GeV, MeV

PROCESS = EeToGammaGamma()
ENERGIES = [1.03 * MeV, 2 * MeV, 30 * MeV, 10.58 * GeV]


def sample(total, n=20):
    return collision_momenta.events(total, (0.0, 0.0), np.random.default_rng(5), n)


@pytest.mark.parametrize("total", ENERGIES)
def test_dense_diagrams(total):
    p = sample(total)
    expected = [collisions.annihilation_squared(row) for row in p]
    # 1e-12: angles above 10 degrees, little cancels
    np.testing.assert_allclose(squares(PROCESS, p), expected, rtol=1e-12)


@pytest.mark.parametrize("total", ENERGIES)
def test_compton_scattering_crossed(total):
    """Klein and Nishina's sum over spins (Peskin, eq. (5.105)), all masses kept."""
    p = sample(total)
    a, b = (dense.dot(p[:, 0], p[:, slot]) / M_E**2 for slot in (2, 3))
    total = 1 / a + 1 / b
    expected = 2 * E_CHARGE**4 * (a / b + b / a + 2 * total - total**2)
    # 1e-7: products by plain differences lose (E / m_e)^2 ~ 1e8 of 1e-16 near the beams
    np.testing.assert_allclose(squares(PROCESS, p), expected, rtol=1e-7)


@pytest.mark.parametrize("gamma", [1.001, 1.5, 20.0])
def test_cross_section_of_dirac(gamma):
    """Proc. Camb. Phil. Soc. 26 (1930) 361, for a positron of energy gamma m_e."""
    total = M_E * np.sqrt(2 * (gamma + 1))
    nodes, weights = np.polynomial.legendre.leggauss(200)
    p = np.zeros((len(nodes), 4, 4))
    p[:, :2] = collision_momenta.incoming(total)
    sin = np.sqrt(1 - nodes**2)
    direction = np.stack([sin, 0 * sin, nodes], axis=1)
    p[:, 2:, 0] = total / 2
    p[:, 2, 1:], p[:, 3, 1:] = direction * total / 2, -direction * total / 2
    square = squares(PROCESS, p)
    # flux 4 |p| sqrt(s), phase space 1 / (8 pi) dcos / 2, like photons 1/2
    own = (square @ weights) / (32 * np.pi) / (4 * p[0, 0, 3] * total)
    root = np.sqrt(gamma**2 - 1)
    bracket = (gamma**2 + 4 * gamma + 1) / (gamma**2 - 1) * np.log(gamma + root)
    expected = np.pi * (ALPHA / M_E) ** 2 / (gamma + 1) * (bracket - (gamma + 3) / root)
    # poles at cos = 1 / beta: 200 nodes are exact to roundings; the two terms of the
    # formula cancel to (gamma - 1) at threshold
    assert own == pytest.approx(expected, rel=1e-10)


def test_massless_formula():
    """e^4 4 (1 + cos^2) / sin^2 (Peskin, eq. (5.107))."""
    p = sample(10.58 * GeV)
    cos = p[:, 2, 3] / p[:, 2, 0]
    expected = 4 * E_CHARGE**4 * (1 + cos**2) / (1 - cos**2)
    own = squares(PROCESS, p)
    # m_e^2 / (E sin)^2 < 1e-6 for these angles
    np.testing.assert_allclose(own, expected, rtol=1e-6)


@pytest.mark.parametrize("slot", [2, 3])
def test_gauge_invariance_in_each_photon(slot):
    gaps = collisions.ward_gaps(PROCESS, sample(10.58 * GeV), slot)
    assert gaps.max() < 1e-12  # the requirement


def test_invariance_and_bose_symmetry():
    p = sample(10.58 * GeV)
    own = squares(PROCESS, p)
    for moved in collisions.transformed(p):
        # boosts lose (E / m_e)^2 ~ 1e9 of the digits of p.k near the beams
        np.testing.assert_allclose(squares(PROCESS, moved), own, rtol=1e-9)
    swapped = squares(PROCESS, p[:, [0, 1, 3, 2]])
    np.testing.assert_allclose(swapped, own, rtol=1e-12)  # the same sum
