"""The calorimeter of Belle II: holes, resolutions, two photons."""

import math

from dataclasses import replace

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from darkreach.algebra.kinematics import FourVector
from darkreach.experiments.belle2 import (
    Belle2,
    data_2018,
    first_20_per_fb,
    full_50_per_ab,
)
from darkreach.experiments.belle2_ecl import (
    CRYSTALS,
    Ecl,
    polar_angle,
    resolved_fraction,
)
from darkreach.units import GeV, MeV, cm, deg, fb, mrad

ECL = Ecl()
HEAD_ON = Belle2(crossing_angle=0.0)
BETA = 3 / 11  # of the boost: 7 on 4 GeV
MIDDLE = 0.5 * ECL.septum_phi  # azimuth between two septa
PARTS = {"forward": (12.4, 31.4), "barrel": (32.2, 128.7), "backward": (130.7, 155.1)}


def photon(theta, energy, phi=MIDDLE):
    """A photon, or one in each direction; angles in radians."""
    energy, theta, phi = np.broadcast_arrays(energy, theta, phi)
    across = energy * np.sin(theta)
    components = (energy, across * np.cos(phi), across * np.sin(phi))
    last = energy * np.cos(theta)
    return FourVector(*(jnp.asarray(c, float) for c in (*components, last)))


# --- coverage and holes


def uniform(n):
    """Photons of 1 GeV, even in cos(theta) of the centre of mass, in the laboratory."""
    cos = -1 + (2 * np.arange(n) + 1) / n
    return HEAD_ON.to_laboratory(photon(np.arccos(cos), 1 * GeV))


@pytest.mark.parametrize("part", PARTS)
def test_share_of_the_solid_angle_in_the_centre_of_mass(part):
    """tan(theta*/2) = tan(theta/2) sqrt((1 + beta) / (1 - beta)) of massless ones."""
    stretch = math.sqrt((1 + BETA) / (1 - BETA))
    low, high = (2 * math.atan(math.tan(0.5 * x * deg) * stretch) for x in PARTS[part])
    expected = 0.5 * (math.cos(low) - math.cos(high))
    p = uniform(200_000)
    theta = np.asarray(polar_angle(p)) / deg
    inside = (theta > PARTS[part][0] - 0.3) & (theta < PARTS[part][1] + 0.3)
    ideal = replace(ECL, septum_loss=0.0, seam_loss=0.0, edge=0.01 * deg)
    found = float(jnp.mean(jnp.where(inside, ideal.covers(p), 0.0)))
    # the soft ends average out to first order; steps of the sum are 5e-6
    assert found == pytest.approx(expected, abs=2e-5)


def test_holes_are_where_the_parts_end():
    theta = np.linspace(0, 180, 180_001)
    covered = np.asarray(
        replace(ECL, septum_loss=0.0, seam_loss=0.0).covers(photon(theta * deg, GeV))
    )
    half = theta[np.flatnonzero(np.diff(covered > 0.5))]
    edges = [12.4, 31.4, 32.2, 128.7, 130.7, 155.1]
    np.testing.assert_allclose(half, edges, atol=2e-3)  # two steps of 0.001 deg
    # in the middle of the gaps, 4 and 10 widths of the edge away from either end
    gaps = ECL.covers(photon(np.array([31.8, 129.7]) * deg, 1 * GeV))
    assert float(jnp.max(gaps)) < 1e-4


def test_gaps_can_be_closed():
    shut = replace(ECL, gap_loss=0.25)
    seen = shut.covers(photon(np.array([31.8, 129.7]) * deg, 1 * GeV))
    np.testing.assert_allclose(seen, 0.75, atol=1e-4)  # 4 widths of the edge
    assert float(shut.covers(photon(10 * deg, 1 * GeV))) == pytest.approx(0, abs=1e-12)


def test_seam_of_the_barrel_loses_its_area():
    """0.34 mm at 1250 mm, of which 23 % are lost; the sum is of a Gaussian."""
    theta = (90 + np.linspace(-0.2, 0.2, 4001)) * deg
    missing = 1 - np.asarray(ECL.covers(photon(theta, 1 * GeV)))
    area = float(np.sum(missing) * (theta[1] - theta[0]))
    assert area == pytest.approx(0.23 * 0.34 / 1250, rel=1e-4)


def test_septa_of_the_ends_lose_their_area():
    """16 planes of 0.9 mm on a circle: at 20 deg in front of 1960 mm."""
    phi = 2 * math.pi * np.arange(400_000) / 400_000
    missing = 1 - np.asarray(ECL.covers(photon(20 * deg, 1 * GeV, phi)))
    circle = 2 * math.pi * 1960 * math.tan(20 * deg)
    assert missing.mean() == pytest.approx(0.14 * 16 * 0.9 / circle, rel=1e-3)


def test_ends_of_the_parts_are_where_the_crystals_are():
    """Radius and z of the first crystals [mm]: forward.cc, barrel.cc, backward.cc."""
    corners = {
        "theta_min": (431, 1963),
        "forward_end": (1200.4, 1963),
        "barrel_start": (1251.6, 1982.6),
        "barrel_end": (1251.6, -1000.8),
        "backward_start": (1190.2, -1023),
        "theta_max": (474.9, -1023),
    }
    for name, (radius, z) in corners.items():
        # quoted to 0.1 deg
        angle = math.atan2(radius, z)
        assert getattr(ECL, name) == pytest.approx(angle, abs=0.1 * deg), name


def test_losses_between_the_crystals_are_those_of_the_matter():
    """exp(-7/9 L / X0), L = 300 mm; X0 of PDG 2024: Al 89, teflon 158 mm."""
    aluminium, teflon = (math.exp(-7 / 9 * 300 / x) for x in (89.0, 158.0))
    average = (0.5 * aluminium + 0.4 * teflon) / 0.9
    assert pytest.approx(average, abs=0.005) == ECL.septum_loss  # two digits
    assert pytest.approx(teflon, abs=0.005) == ECL.seam_loss


# --- inefficiency and thresholds


def test_inefficiency_is_the_probability_not_to_convert():
    """7/9 per radiation length; 16.1 of them are quoted for Belle."""
    assert pytest.approx(16.1, abs=0.05) == CRYSTALS
    assert ECL.inefficiency == pytest.approx(3.6e-6, rel=0.02)  # two digits


@pytest.mark.parametrize("inefficiency", [1e-8, 1e-6, 1e-4, 1e-2])
def test_lost_follows_the_inefficiency_inside_the_crystals(inefficiency):
    """To the rounding of 1 - x in doubles."""
    experiment = replace(ECL, inefficiency=inefficiency)
    p = photon(60 * deg, 2 * GeV)
    assert float(experiment.lost(p)) == pytest.approx(inefficiency, rel=1e-7)
    assert float(experiment.detects(p)) == pytest.approx(1 - inefficiency)


def test_thresholds_of_clusters_and_of_the_veto():
    theta = 60 * deg
    assert float(ECL.detects(photon(theta, 20 * MeV))) == pytest.approx(0.5, abs=1e-5)
    assert float(ECL.lost(photon(theta, 100 * MeV))) == pytest.approx(0.5, abs=1e-5)
    # a photon of 50 MeV is a cluster, and too soft for a veto
    assert float(ECL.detects(photon(theta, 50 * MeV))) > 0.999
    assert float(ECL.lost(photon(theta, 50 * MeV))) > 0.999


def test_muon_detector_sees_what_the_holes_let_through():
    p = photon(np.array([10.0, 31.8, 60.0]) * deg, 2 * GeV)
    alone, helped = ECL.lost(p), replace(ECL, klm=0.9).lost(p)
    assert float(helped[0]) == pytest.approx(1.0)  # below 18 deg there is none
    assert float(helped[1] / alone[1]) == pytest.approx(0.1, rel=1e-3)  # edge of a gap
    assert float(helped[2] / alone[2]) == pytest.approx(0.1, rel=1e-3)


def test_gradients_are_finite_everywhere():
    def total(theta, energy, inefficiency):
        p = FourVector(energy, energy * jnp.sin(theta), 0.0, energy * jnp.cos(theta))
        experiment = replace(ECL, inefficiency=inefficiency)
        return experiment.lost(p) + experiment.angle_error(p) / mrad

    slope = jax.grad(total, argnums=(0, 1, 2))
    for theta in (0.0, 12.4, 31.4, 60.0, 90.0, 180.0):
        found = slope(jnp.asarray(theta * deg), jnp.asarray(1 * GeV), 1e-6)
        assert all(bool(jnp.isfinite(x)) for x in found), theta


def test_electrons_are_seen_without_a_track():
    p = photon(14 * deg, 1 * GeV)
    assert float(HEAD_ON.sees_track(p)) == 0
    assert float(ECL.sees_electron(p)) == pytest.approx(1.0, abs=1e-6)
    # 0.2 GeV do not reach the barrel, 0.3 do (0.28 in AcceptanceVariables.cc)
    assert float(ECL.sees_electron(photon(80 * deg, 0.2 * GeV))) == 0
    assert float(ECL.sees_electron(photon(80 * deg, 0.3 * GeV))) > 0.999


# --- resolution

# sigma_E / E in percent and angles in mrad of the collaboration's own parametrisation,
# ECLCovarianceMatrixModule.cc, background 5-30 %: -a/E + b/sqrt(E) + c/E^(1/4) + d.
ENERGY = {
    "forward": (-0.0725928, 3.4685, -5.44127, 4.12045),
    "barrel": (0.0469588, 1.81959, -2.13666, 2.37568),
    "backward": (-0.204362, 6.43, -10.8673, 7.04059),
}
THETA = {
    "forward": (-0.207278, 2.68616, -0.905487, 0.961485),
    "barrel": (-0.126603, 1.81898, 1.85132, 0.300728),
    "backward": (-0.252479, 4.18833, -2.04822, 2.38486),
}


def published(table, part, energy):
    powers = np.array([1, 0.5, 0.25, 0]) * -1
    return float(np.dot(table[part], energy**powers))


@pytest.mark.parametrize("energy", [0.1, 1.0, 5.0])
@pytest.mark.parametrize("part", PARTS)
def test_resolutions_are_those_of_the_reconstruction(part, energy):
    """Their fits of each part against our formula: 16 % at worst, backward, 0.1 GeV."""
    theta = {"forward": 22.5, "barrel": 58.0, "backward": 143.0}[part] * deg
    p = photon(theta, energy * GeV)
    relative = 100 * float(ECL.energy_error(p)) / (energy * GeV)
    assert relative == pytest.approx(published(ENERGY, part, energy), rel=0.17)
    angle = float(ECL.angle_error(p)) / mrad
    assert angle == pytest.approx(published(THETA, part, energy), rel=0.15)


@pytest.mark.parametrize(("energy", "percent"), [(0.1, 4), (1, 2), (8, 1.6)])
def test_resolution_is_the_quoted_one(energy, percent):
    """4 % at 0.1, 2 % at 1, 1.6 % at 8 GeV (Belle II, recalled): one digit, 20 %."""
    p = photon(90 * deg, energy * GeV)
    found = 100 * float(ECL.energy_error(p)) / (energy * GeV)
    assert found == pytest.approx(percent, rel=0.2)


def test_position_is_the_quoted_one():
    """0.5 cm / sqrt(E), E in GeV (Belle); the powers differ: 32 % apart at 3 GeV."""
    for energy in (0.3, 1.0, 3.0):
        p = photon(90 * deg, energy * GeV)
        found = float(ECL.angle_error(p) * ECL.radius)
        assert found == pytest.approx(0.5 * cm / math.sqrt(energy), rel=0.35)


def test_measured_photons_have_these_resolutions(key):
    n = 200_000
    p = photon(np.full(n, 60 * deg), 2 * GeV)
    found = ECL.measured(p, jax.random.normal(key, (3, n)))
    np.testing.assert_allclose(found.mass_squared(), 0.0, atol=1e-9)
    one = FourVector(*(c[0] for c in p))
    spread = float(jnp.std(found.e) / ECL.energy_error(one))
    tilt = float(jnp.std(polar_angle(found)) / ECL.angle_error(one))
    # the error of a standard deviation is 1 / sqrt(2 n) = 0.16 %
    assert abs(spread - 1) < 5 * 0.0016
    assert abs(tilt - 1) < 5 * 0.0016


# --- two photons


def decays(mass, energy, n):
    """Photons of a -> gamma gamma, a along x in the middle of a sector, even in cos."""
    gamma = energy / mass
    boost = math.sqrt(gamma**2 - 1)
    cos = -1 + (2 * np.arange(n) + 1) / n
    sin = np.sqrt(1 - cos**2)
    half = mass / 2
    pair = []
    for sign in (1, -1):
        e = half * (gamma + sign * boost * cos)
        along = half * (boost + sign * gamma * cos)
        pair.append(FourVector(*map(jnp.asarray, (e, along, 0 * e, sign * half * sin))))
    return pair


@pytest.mark.parametrize("mass", [0.1, 0.3, 0.42])
def test_resolved_pairs_of_an_isotropic_decay(mass):
    """At 90 deg the distance is 1.25 m times the angle, to the curvature of the barrel.

    A sharp separation, to compare with the closed form.
    """
    energy, n = 5 * GeV, 100_000
    sharp = replace(ECL, separation_width=0.01 * ECL.separation)
    found = float(jnp.mean(sharp.resolved(*decays(mass * GeV, energy, n))))
    opening = ECL.separation / ECL.radius
    expected = float(resolved_fraction(mass * GeV, energy, opening=opening))
    assert found == pytest.approx(expected, abs=0.02)  # distances differ by 2 %


def test_no_pair_is_closer_than_the_minimum():
    """2 arcsin(m / E): at 5 GeV and 1 GeV this is 0.40, at 0.3 GeV 0.12."""
    for mass in (0.3, 1.0):
        least = 2 * math.asin(mass / 5)
        below = resolved_fraction(mass * GeV, 5 * GeV, opening=0.999 * least)
        above = resolved_fraction(mass * GeV, 5 * GeV, opening=1.001 * least)
        assert float(below) == pytest.approx(1.0)
        assert float(above) < 0.99


def test_error_of_the_pair_mass_is_that_of_explicit_smearing(key):
    """pi0 of 1 GeV; the first order is good to a few per cent at this resolution."""
    n = 100_000
    a, b = (
        FourVector(*(jnp.full(n, float(c[n // 3])) for c in p))
        for p in decays(0.135 * GeV, 1 * GeV, n)
    )
    keys = jax.random.split(key)
    smeared = [
        ECL.measured(p, jax.random.normal(k, (3, n)))
        for p, k in zip((a, b), keys, strict=True)
    ]
    mass = jnp.sqrt(jnp.maximum((smeared[0] + smeared[1]).mass_squared(), 0.0))
    expected = float(ECL.pair_mass_error(a, b)[0])
    # the width of pi0 is 5 to 6 MeV at Belle (recalled)
    assert 3 * MeV < expected < 9 * MeV
    assert float(jnp.std(mass)) == pytest.approx(expected, rel=0.03)


def test_arrays_of_events():
    p = photon(80 * deg, np.linspace(1, 3, 5) * GeV)
    q = photon(100 * deg, np.full(5, 0.2) * GeV)
    for found in (ECL.detects(p), ECL.lost(p), ECL.resolved(p, q)):
        assert jnp.shape(found) == (5,)


def test_data_sets():
    sets = {data_2018: 0.445, first_20_per_fb: 20, full_50_per_ab: 50e3}
    for make, inverse_fb in sets.items():
        assert make().luminosity * fb == pytest.approx(inverse_fb)
        assert make().ecl == Ecl()
