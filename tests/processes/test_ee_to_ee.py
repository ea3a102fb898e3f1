"""Bhabha scattering: dense diagrams, closed forms by channel, the Coulomb limit."""

import collision_momenta
import collisions
import dense
import jax.numpy as jnp
import numpy as np
import pytest

from catalogue import vectors
from collisions import squares

from darkreach.constants import E_CHARGE, M_E
from darkreach.processes.ee_to_ee import EeToEe
from darkreach.processes.photon_exchange import scattering_squared
from darkreach.units import GeV, MeV

PROCESS = EeToEe()


def sample(total, n=20):
    return collision_momenta.events(total, (M_E, M_E), np.random.default_rng(8), n)


def invariants(p):
    """s, t and u by plain differences."""
    pairs = p[:, 0] + p[:, 1], p[:, 0] - p[:, 2], p[:, 0] - p[:, 3]
    return (dense.dot(q, q) for q in pairs)


@pytest.mark.parametrize("total", [1.03 * MeV, 2 * MeV, 30 * MeV, 10.58 * GeV])
def test_dense_diagrams(total):
    p = sample(total)
    expected = [collisions.scattering_squared(row) for row in p]
    # 1e-12: angles above 10 degrees, little cancels
    np.testing.assert_allclose(squares(PROCESS, p), expected, rtol=1e-12)


@pytest.mark.parametrize(
    ("exchange", "annihilation"), [(1.0, 0.0), (0.0, 1.0), (1.0, 1.0), (1.0, -1.0)]
)
def test_massless_formula_and_the_sign_of_the_interference(exchange, annihilation):
    """2 e^4 ((s^2 + u^2)/t^2 + 2 u^2/(s t) + (u^2 + t^2)/s^2), PDG 2024."""
    p = sample(10.58 * GeV)
    s, t, u = invariants(p)
    through = (s**2 + u**2) / t**2 * exchange**2
    made = (t**2 + u**2) / s**2 * annihilation**2
    mixed = 2 * u**2 / (s * t) * exchange * annihilation
    found = collisions.leaves(PROCESS, p, exchange=exchange, annihilation=annihilation)
    own = (np.abs(found) ** 2).sum(axis=0) / 4
    expected = 2 * E_CHARGE**4 * (through + made + mixed)
    # m_e^2 / |t| < 1e-6 for these angles
    np.testing.assert_allclose(own, expected, rtol=1e-6)


def test_annihilation_with_masses():
    """2 e^4 (t'^2 + u'^2 + 4 m^2 s) / s^2 with t' = t - 2 m^2, u' = u - 2 m^2.

    Peskin, eq. (5.10) for two lines of the same mass.
    """
    p = sample(1.3 * MeV)
    found = collisions.leaves(PROCESS, p, exchange=0.0)
    s, t, u = invariants(p)
    both = (t - 2 * M_E**2) ** 2 + (u - 2 * M_E**2) ** 2 + 4 * M_E**2 * s
    own = (np.abs(found) ** 2).sum(axis=0) / 4
    np.testing.assert_allclose(own, 2 * E_CHARGE**4 * both / s**2, rtol=1e-12)


def test_coulomb_scattering_at_small_velocity():
    """Rutherford: 16 m^4 e^4 / t^2 where annihilation and spin do not matter."""
    p = sample(2 * M_E * (1 + 1e-6))
    _, t, _ = invariants(p)
    expected = 16 * M_E**4 * E_CHARGE**4 / t**2
    # velocity 1.4e-3: the rest, annihilation too, is of order its square
    np.testing.assert_allclose(squares(PROCESS, p), expected, rtol=2e-5)


def test_smallest_angles_keep_their_digits():
    """4 e^4 s^2 / t^2 from t = -1e-3 down to -1e-15 GeV^2."""
    total = 10.58 * GeV
    size = collision_momenta.incoming(total)[0, 3]
    angle = np.array([1e-3, 1e-5, 1e-7, 1e-8])
    p = np.zeros((4, 4, 4))
    p[:, :2] = collision_momenta.incoming(total)
    p[:, 2:, 0] = total / 2
    p[:, 2, 1], p[:, 2, 3] = size * np.sin(angle), size * np.cos(angle)
    p[:, 3, 1:] = -p[:, 2, 1:]
    t = -((2 * size * np.sin(angle / 2)) ** 2)
    expected = 4 * E_CHARGE**4 * (total**2 / t) ** 2
    # t / s = 3e-7 (angle 1e-3) and 4 m^2 / s = 1e-8
    np.testing.assert_allclose(squares(PROCESS, p), expected, rtol=1e-6)
    assert t[-1] == pytest.approx(-2.8e-15 * GeV**2, rel=0.01)


def test_invariance():
    p = sample(10.58 * GeV)
    own = squares(PROCESS, p)
    for moved in collisions.transformed(p):
        # boosts lose digits of the mass, (E / m_e)^2 ~ 1e8 of 1e-16, times m^2 / t
        np.testing.assert_allclose(squares(PROCESS, moved), own, rtol=1e-11)


def test_charge_conjugation():
    """Electrons and positrons exchanged."""
    p = sample(3 * MeV)
    swapped = p[:, [1, 0, 3, 2]]
    own, other = squares(PROCESS, p), squares(PROCESS, swapped)
    np.testing.assert_allclose(other, own, rtol=1e-12)  # the same sum


def test_the_quick_sum_over_spins():
    p = sample(3 * MeV, 5)
    quick = scattering_squared(vectors(jnp.asarray(p)))
    np.testing.assert_allclose(quick, squares(PROCESS, p), rtol=1e-12)
