"""Radiative Bhabha scattering: dense diagrams, massless form, soft and peripheral."""

import collision_momenta
import collisions
import corners
import dense
import jax
import jax.numpy as jnp
import numpy as np
import pytest

from collisions import squares

from darkreach.constants import E_CHARGE, M_E
from darkreach.processes.ee_to_ee import EeToEe
from darkreach.processes.ee_to_ee_gamma import EeToEeGamma
from darkreach.processes.process import squared_amplitude
from darkreach.units import GeV, MeV, deg

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


def test_crossed_photons_in_reversed_time():
    """e- e+ gamma -> e- e+ is the time reversal of the process at -k.

    Charged particles cannot be crossed like this: spinors need positive energies, and
    positron in, electron out would turn both virtual photons into each other.
    """
    p = sample(30 * MeV)
    turned = p[:, [2, 3, 0, 1, 4]]
    turned[:, 4:] *= -1
    # p.k at -k is a difference: 1e-16 (E / m_e)^2 of collinear photons, some times
    np.testing.assert_allclose(squares(PROCESS, turned), squares(PROCESS, p), rtol=1e-9)


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


WIDE = (40 * deg, 140 * deg, 1 * GeV)
NEAR = (5 * deg, 12 * deg, 0.5 * GeV)


def cross_section(channel, limits, key, n=1 << 19):
    return corners.inside(EeToEeGamma(channels=(channel,)), channel, limits, key, n=n)


def agree(found, expected, rel):
    """Two values with their errors, which are below 1 %."""
    gap = abs(found[0] - expected[0])
    size = np.hypot(found[1], expected[1])
    assert size < 0.01 * expected[0]
    assert gap < 5 * size + rel * expected[0]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("channel", "limits"),
    [
        (
            "peripheral",
            ((5 * deg, 20 * deg, 0.5 * GeV), (160 * deg, 175 * deg, 0.5 * GeV), WIDE),
        ),
        ("initial", (WIDE, WIDE, NEAR)),
    ],
)
def test_channels_agree_where_both_are_good(channel, limits, key):
    one, two = jax.random.split(key)
    found = cross_section(channel, limits, one, n=1 << 20)
    expected = cross_section("radiative", limits, two, n=1 << 21)
    agree(found, expected, 0)


@pytest.mark.slow
def test_quasi_real_compton_scattering(key):
    """An electron lost within a degree: equivalent photons times Compton scattering."""
    lost = (0.0, 1 * deg, 0.0)
    found = cross_section("peripheral", (lost, WIDE, WIDE), key)
    x, dx = corners.midpoints(0, 1, 2000)
    cos, dcos = corners.midpoints(-1, 1, 2000)
    rates = corners.two_body(cos, (x[:, None], 1.0), corners.compton, (WIDE, WIDE)).sum(
        axis=1
    )
    expected = (rates * corners.equivalent_photons(x, lost[1])).sum() * dx * dcos
    # the lost electron takes transverse momentum of 0.1 GeV off 1 GeV: square of 0.1,
    # and the edges of the windows move by as much, up on one side and down on the other
    agree(found, (expected, 0.0), 0.01)


@pytest.mark.slow
def test_collinear_radiator(key):
    """A photon lost within two degrees times Bhabha scattering of what is left."""
    angle, least = 2 * deg, 0.5 * GeV
    found = cross_section("initial", (WIDE, WIDE, (0.0, angle, least)), key)
    z, dz = corners.midpoints(least / corners.ENERGY, 1, 2000)
    cos, dcos = corners.midpoints(-1, 1, 2000)
    rates = corners.two_body(
        cos, (1 - z[:, None], 1.0), corners.bhabha, (WIDE, WIDE)
    ).sum(axis=1)
    expected = (rates * corners.radiator(z, angle)).sum() * dz * dcos
    # photons of final states and their interference: (2 deg / 40 deg)^2 over the
    # logarithm of 13
    agree(found, (expected, 0.0), 0.005)
