"""Three photons: dense diagrams, the massless closed form, the soft limit."""

import collision_momenta
import collisions
import dense
import numpy as np
import pytest

from collisions import squares

from darkreach.constants import E_CHARGE
from darkreach.processes.ee_to_3gamma import EeTo3gamma
from darkreach.processes.ee_to_gamma_gamma import EeToGammaGamma
from darkreach.units import GeV, MeV

PROCESS = EeTo3gamma()


def sample(total, n=20):
    return collision_momenta.events(total, (0.0,) * 3, np.random.default_rng(6), n)


@pytest.mark.parametrize("total", [1.2 * MeV, 30 * MeV, 10.58 * GeV])
def test_dense_diagrams(total):
    p = sample(total)
    expected = [collisions.annihilation_squared(row) for row in p]
    # 1e-10: the other way takes differences of momenta, for angles above a degree
    np.testing.assert_allclose(squares(PROCESS, p), expected, rtol=1e-10)


def test_massless_formula():
    """Berends and Kleiss, Nucl. Phys. B186 (1981) 22 [recalled]."""
    p = sample(10.58 * GeV)
    a, b = (np.stack([dense.dot(p[:, i], p[:, j]) for j in (2, 3, 4)]) for i in (0, 1))
    s = (10.58 * GeV) ** 2
    shape = (a * b * (a**2 + b**2)).sum(axis=0) / (a * b).prod(axis=0)
    own = squares(PROCESS, p)
    # m_e^2 E^2 / p.k^2 < 1e-4 for these angles
    np.testing.assert_allclose(own, E_CHARGE**6 * s * shape, rtol=1e-4)


def test_soft_photon():
    """The classical current times two photons; the rest falls with its energy."""
    gaps = []
    for k in (1e-3 * GeV, 1e-4 * GeV):
        hard, p = collision_momenta.with_soft_photon(sample_of_two(), k)
        current = collisions.eikonal(hard[:, :2], p[:, -1], (1, -1))
        expected = current * squares(EeToGammaGamma(), hard)
        gaps.append(squares(PROCESS, p) / expected - 1)
    # k / E = 2e-4 and 2e-5
    assert np.abs(gaps[1]).max() < 2e-5
    assert np.abs(gaps[1]).max() < 0.11 * np.abs(gaps[0]).max()


def sample_of_two():
    return collision_momenta.events(
        10.58 * GeV, (0.0, 0.0), np.random.default_rng(7), 10
    )


@pytest.mark.parametrize("slot", [2, 3, 4])
def test_gauge_invariance_in_each_photon(slot):
    gaps = collisions.ward_gaps(PROCESS, sample(10.58 * GeV, 5), slot)
    assert gaps.max() < 1e-12  # the requirement


def test_invariance_and_bose_symmetry():
    p = sample(10.58 * GeV)
    own = squares(PROCESS, p)
    for moved in collisions.transformed(p):
        # boosts lose (E / m_e)^2 ~ 1e9 of the digits of p.k near the beams
        np.testing.assert_allclose(squares(PROCESS, moved), own, rtol=1e-8)
    for order in ([0, 1, 3, 2, 4], [0, 1, 4, 2, 3]):
        swapped = squares(PROCESS, p[:, order])
        np.testing.assert_allclose(swapped, own, rtol=1e-12)  # the same sum
