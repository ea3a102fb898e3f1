"""Radiative Bhabha scattering: dense diagrams, massless form, soft and peripheral."""

import collision_momenta
import collisions
import dense
import jax.numpy as jnp
import numpy as np
import pytest

from collisions import squares

from darkreach.constants import E_CHARGE, M_E
from darkreach.processes.ee_to_ee import EeToEe
from darkreach.processes.ee_to_ee_gamma import EeToEeGamma
from darkreach.processes.process import squared_amplitude
from darkreach.units import GeV, MeV

PROCESS = EeToEeGamma()
SIGNS = (1, -1, -1, 1)  # charge of e- e+ -> e- e+, times -1 where it comes in


def sample(total, n=20):
    return collision_momenta.events(total, (M_E, M_E, 0.0), np.random.default_rng(9), n)


@pytest.mark.parametrize("total", [1.2 * MeV, 30 * MeV, 10.58 * GeV])
def test_dense_diagrams(total):
    p = sample(total)
    expected = [collisions.scattering_squared(row) for row in p]
    # 1e-9: the other way takes differences of momenta in poles
    np.testing.assert_allclose(squares(PROCESS, p), expected, rtol=1e-9)


def test_massless_formula():
    """Phys. Lett. B103 (1981) 124 [recalled]: invariants times the classical current.

    Its normalisation is fixed by Bhabha scattering: s^4 + t^4 + u^4 over (s t)^2.
    """
    p = sample(10.58 * GeV)
    s, made = (2 * dense.dot(p[:, i], p[:, i + 1]) for i in (0, 2))
    t, other = (-2 * dense.dot(p[:, i], p[:, i + 2]) for i in (0, 1))
    u, crossed = (-2 * dense.dot(p[:, i], p[:, 3 - i]) for i in (0, 1))
    pairs = ((s, made), (t, other), (u, crossed))
    shape = sum(a * b * (a**2 + b**2) for a, b in pairs) / (s * made * t * other)
    current = collisions.eikonal(p[:, :4], p[:, 4], SIGNS)
    # m_e^2 E^2 / (p.k)^2 < 1e-4 for these angles
    expected = E_CHARGE**4 * shape * current
    np.testing.assert_allclose(squares(PROCESS, p), expected, rtol=1e-4)


@pytest.mark.parametrize("total", [2 * MeV, 10.58 * GeV])
def test_soft_photon(total):
    """The classical current times Bhabha scattering, with the electron mass."""
    base = collision_momenta.events(total, (M_E, M_E), np.random.default_rng(10), 10)
    gaps = []
    for fraction in (1e-4, 1e-5):
        hard, p = collision_momenta.with_soft_photon(base, fraction * total)
        current = collisions.eikonal(hard, p[:, -1], SIGNS)
        expected = current * squares(EeToEe(), hard)
        gaps.append(np.abs(squares(PROCESS, p) / expected - 1).max())
    # of order k / E, times E / p_T and E / |p|; falls with k
    assert gaps[1] < 1e-3
    assert gaps[1] < 0.11 * gaps[0]


def test_gauge_invariance():
    gaps = collisions.ward_gaps(PROCESS, sample(10.58 * GeV), 4)
    assert gaps.max() < 1e-11  # collinear and peripheral events of a flat sample


def test_invariance_and_charge_conjugation():
    p = sample(10.58 * GeV)
    own = squares(PROCESS, p)
    for moved in collisions.transformed(p):
        # boosts lose (E / m_e)^2 ~ 1e9 of the digits of p.k near the beams
        np.testing.assert_allclose(squares(PROCESS, moved), own, rtol=1e-8)
    swapped = squares(PROCESS, p[:, [1, 0, 3, 2, 4]])
    np.testing.assert_allclose(swapped, own, rtol=1e-11)  # the same sum


def test_compiled_amplitude():
    p = sample(3 * MeV, 5)
    own = squared_amplitude(PROCESS, jnp.asarray(p))
    np.testing.assert_allclose(own, squares(PROCESS, p), rtol=1e-11)  # same sums


@pytest.mark.parametrize("mass", [3, 0.3, 0.03])
@pytest.mark.parametrize("angle", [0, 1e-9, 1e-7, 1e-4])
def test_peripheral_events_keep_their_digits(mass, angle):
    """A positron that hardly loses energy and e- gamma of a small mass [GeV].

    Against 50 digits; virtualities from 3e-7 down to 2e-17 GeV^2, the least one of a
    mass of 30 MeV.
    """
    exact = collision_momenta.peripheral_event(10.58 * GeV, ((mass * GeV,), ()), angle)
    p = exact.astype(float)
    expected = float(collisions.scattering_squared(exact))
    t = float(dense.dot(exact[1] - exact[3], exact[1] - exact[3]))
    # Momenta have errors eps E, of which the transverse momentum of the virtual photon,
    # sqrt(-t) at most, keeps the rest; 100: sums of some terms, twice in the square.
    rounding = 1e-16 * 10.58 * GeV / np.sqrt(-t)
    own = squares(PROCESS, p[None])[0]
    assert own == pytest.approx(expected, rel=100 * rounding + 1e-13)
