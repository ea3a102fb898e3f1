"""Two photons off Bhabha scattering: forty dense diagrams, soft and peripheral."""

from functools import partial

import collision_momenta
import collisions
import dense
import jax
import jax.numpy as jnp
import numpy as np
import pytest

from collisions import squares

from darkreach.algebra.kinematics import FourVector
from darkreach.constants import M_E
from darkreach.processes.ee_to_ee_gamma import EeToEeGamma
from darkreach.processes.ee_to_ee_gamma_gamma import EeToEeGammaGamma
from darkreach.pytree import FUSED
from darkreach.units import GeV, MeV

PROCESS = EeToEeGammaGamma()
SIGNS = (1, -1, -1, 1)  # charge of e- e+ -> e- e+, times -1 where it comes in


def sample(total, n=10):
    masses = (M_E, M_E, 0.0, 0.0)
    return collision_momenta.events(total, masses, np.random.default_rng(11), n)


@partial(jax.jit, compiler_options=FUSED)
def quick(p):
    """The sum over spins in a loop; always ten events, compiled once."""

    def one(row):
        return PROCESS.squared(*(FourVector.from_array(row[i]) for i in range(6)))

    return jax.vmap(one)(jnp.asarray(p))


@pytest.mark.parametrize("total", [1.5 * MeV, 30 * MeV, 10.58 * GeV])
def test_dense_diagrams(total):
    p = sample(total)
    expected = [collisions.scattering_squared(row) for row in p]
    # 1e-8: the other way takes differences of momenta in poles
    np.testing.assert_allclose(quick(p), expected, rtol=1e-8)


def test_amplitudes_and_their_quick_sum():
    p = sample(10.58 * GeV)
    # 1e-10: the same diagrams; peripheral and collinear events lose some digits
    np.testing.assert_allclose(quick(p), squares(PROCESS, p), rtol=1e-10)


@pytest.mark.parametrize("slot", [4, 5])
def test_gauge_invariance_in_each_photon(slot):
    gaps = collisions.ward_gaps(PROCESS, sample(10.58 * GeV), slot)
    assert gaps.max() < 1e-10  # collinear and peripheral events of a flat sample


def test_soft_photon():
    """The classical current times radiative Bhabha scattering."""
    masses = (M_E, M_E, 0.0)
    base = collision_momenta.events(30 * MeV, masses, np.random.default_rng(12), 10)
    gaps = []
    for energy in (1e-3 * MeV, 1e-4 * MeV):
        hard, p = collision_momenta.with_soft_photon(base, energy)
        current = collisions.eikonal(hard[:, :4], p[:, -1], SIGNS)
        expected = current * squares(EeToEeGamma(), hard)
        gaps.append(np.abs(np.asarray(quick(p)) / expected - 1).max())
    # of order k / E of the softest particle, 1e-4 MeV / 0.3 MeV; falls with k
    assert gaps[1] < 1e-2
    assert gaps[1] < 0.11 * gaps[0]


def test_invariance_and_symmetries():
    p = sample(10.58 * GeV)
    own = quick(p)
    for moved in collisions.transformed(p):
        # boosts lose (E / m_e)^2 ~ 1e9 of the digits of p.k near the beams
        np.testing.assert_allclose(quick(moved), own, rtol=1e-7)
    # like photons; electrons and positrons exchanged: the same sums
    for order in ([0, 1, 2, 3, 5, 4], [1, 0, 3, 2, 4, 5]):
        np.testing.assert_allclose(quick(p[:, order]), own, rtol=1e-10)


@pytest.mark.parametrize(
    ("masses", "angle"),
    [
        (((3,), (2,)), 0),
        (((1,), (0.01,)), 0),
        (((0.03,), (0.02,)), 0),
        (((0.003,), (0.003,)), 1e-6),
        (((1, 0.4), ()), 0),
        (((), (0.1, 0.03)), 1e-8),
    ],
)
def test_peripheral_events_keep_their_digits(masses, angle):
    """Photons on one line or on both, at and near the least virtuality: 50 digits."""
    scaled = tuple(tuple(mass * GeV for mass in side) for side in masses)
    exact = collision_momenta.peripheral_event(10.58 * GeV, scaled, angle)
    expected = float(collisions.scattering_squared(exact))
    q = exact[0] - exact[2] - sum(exact[4 : 4 + len(masses[0])])
    q2 = float(dense.dot(q, q))
    own = squares(PROCESS, exact.astype(float)[None])[0]
    # see test_ee_to_ee_gamma
    rounding = 1e-16 * 10.58 * GeV / np.sqrt(-q2)
    assert own == pytest.approx(expected, rel=100 * rounding + 1e-13)
