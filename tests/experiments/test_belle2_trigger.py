"""The triggers of Belle II for few particles."""

import math

from dataclasses import replace

import jax.numpy as jnp
import numpy as np
import pytest

from darkreach.algebra.kinematics import FourVector
from darkreach.experiments.belle2 import Belle2
from darkreach.experiments.belle2_trigger import (
    BhabhaVeto,
    IsolatedPhoton,
    SinglePhoton,
    ThreeClusters,
    TotalEnergy,
    TwoTracks,
    assumed,
    either,
    soft_photon,
)
from darkreach.units import GeV, deg

HEAD_ON = Belle2(crossing_angle=0.0)
BETA = 3 / 11  # of the boost: 7 on 4 GeV
MIDDLE = 0.2  # azimuth


def photon(theta, energy, phi=MIDDLE):
    """A massless particle, or one in each direction; angles in radians."""
    energy, theta, phi = np.broadcast_arrays(energy, theta, phi)
    across = energy * np.sin(theta)
    components = (energy, across * np.cos(phi), across * np.sin(phi))
    last = energy * np.cos(theta)
    return FourVector(*(jnp.asarray(c, float) for c in (*components, last)))


def nothing():
    return FourVector(*(jnp.zeros(()) for _ in range(4)))


@pytest.mark.parametrize(("threshold", "mass"), [("low", 9.3029), ("high", 8.5935)])
def test_threshold_ends_the_masses(threshold, mass):
    """m^2 = s - 2 sqrt(s) E by hand, with sqrt(s) = 10.58 GeV."""
    found = float(assumed(threshold).largest_mass(10.58 * GeV)) / GeV
    assert found == pytest.approx(mass, abs=1e-4)


def test_single_photon_turns_on_in_the_centre_of_mass():
    trigger, boost = SinglePhoton(), HEAD_ON.to_centre_of_mass
    for theta in (40 * deg, 120 * deg):
        # E* = gamma E (1 - beta cos)
        factor = (1 - BETA * math.cos(theta)) / math.sqrt(1 - BETA**2)
        at = trigger.fires([photon(theta, 2 * GeV / factor)], boost)
        assert float(at) == pytest.approx(0.5, abs=1e-6)
    for theta in (30 * deg, 126 * deg):
        assert float(trigger.fires([photon(theta, 4 * GeV)], boost)) == 0
    assert float(trigger.fires([nothing()], boost)) == 0


def test_isolated_photon_wants_no_other_cluster():
    trigger, boost = IsolatedPhoton(), HEAD_ON.to_centre_of_mass
    hard, soft, other = (photon(80 * deg, e) for e in (1.5 * GeV, 0.1 * GeV, 0.6 * GeV))
    assert float(trigger.fires([hard, nothing()], boost)) == pytest.approx(1.0)
    assert float(trigger.fires([soft, hard], boost)) == pytest.approx(1.0)
    assert float(trigger.fires([hard, other], boost)) < 1e-6
    central = soft_photon()
    assert float(central.fires([other], boost)) > 0.99
    assert float(central.fires([photon(110 * deg, 0.6 * GeV)], boost)) == 0


def back_to_back(energy):
    """Two photons of half the energy of the collision, in the laboratory."""
    p = photon(70 * deg, energy)
    return [HEAD_ON.to_laboratory(q) for q in (p, FourVector(p.e, -p.x, -p.y, -p.z))]


def test_bhabha_veto_takes_pairs_back_to_back():
    veto, boost = BhabhaVeto(), HEAD_ON.to_centre_of_mass
    assert float(veto.fires(back_to_back(5.29 * GeV), boost)) > 0.999
    assert float(veto.fires(back_to_back(4 * GeV), boost)) < 0.05  # 4.5 is asked for
    assert float(veto.fires(back_to_back(2 * GeV), boost)) < 1e-6
    one, _ = back_to_back(5.29 * GeV)
    aside = HEAD_ON.to_laboratory(photon(110 * deg, 5.29 * GeV, MIDDLE + 150 * deg))
    assert float(veto.fires([one, aside], boost)) == 0


def test_three_clusters_by_enumeration():
    """The closed sum against all states of four clusters: none, soft, hard."""
    trigger = replace(ThreeClusters(), spread=0.5)
    energies = np.array([0.08, 0.15, 0.45, 0.6]) * GeV
    angles = np.array([40, 70, 100, 125]) * deg
    clusters = [photon(t, e) for t, e in zip(angles, energies, strict=True)]
    found = float(trigger.fires(clusters, HEAD_ON.to_centre_of_mass))

    def above(energy, threshold):
        return 0.5 * (1 + math.erf((energy / threshold - 1) / (0.5 * math.sqrt(2))))

    states = []
    for e in energies:
        any_, hard = above(e, 0.1 * GeV), above(e, 0.5 * GeV)
        states.append((1 - any_, any_ - hard, hard))
    expected = 0.0
    for index in np.ndindex(3, 3, 3, 3):
        if sum(i > 0 for i in index) >= 3 and 2 in index:
            expected += math.prod(states[k][i] for k, i in enumerate(index))
    assert found == pytest.approx(expected, rel=1e-9)  # rounding


def test_three_photons_fire_unless_two_look_like_bhabha():
    boost = HEAD_ON.to_centre_of_mass
    spread = [
        photon(a * deg, 3 * GeV, b) for a, b in ((40, 0.2), (75, 2.3), (110, 4.4))
    ]
    merged = [*back_to_back(5.2 * GeV), photon(60 * deg, 0.3 * GeV)]
    for trigger in (ThreeClusters(), TotalEnergy()):
        assert float(trigger.fires(spread, boost)) > 0.999
        assert float(trigger.fires(merged, boost)) < 1e-3
    low = [photon(60 * deg, 0.3 * GeV)] * 3
    assert float(ThreeClusters().fires(low, boost)) < 1e-6
    assert float(TotalEnergy().fires(low, boost)) < 0.05


def test_two_tracks_want_distance_and_momentum():
    trigger = TwoTracks(efficiency=1.0)
    a = photon(60 * deg, 1 * GeV, 0.3)
    assert float(trigger.fires([a, photon(90 * deg, 1 * GeV, 3.0)])) == 1
    assert float(trigger.fires([a, photon(90 * deg, 1 * GeV, 1.0)])) == 0
    assert float(trigger.fires([a, photon(90 * deg, 0.2 * GeV, 3.0)])) == 0
    assert float(trigger.fires([a, photon(20 * deg, 2 * GeV, 3.0)])) == 0
    assert float(trigger.fires([a])) == 0


def test_either_and_arrays_of_events():
    assert float(either(0.5, 0.5)) == 0.75
    p = photon(80 * deg, np.linspace(1, 3, 5) * GeV)
    q = photon(100 * deg, np.full(5, 0.2) * GeV)
    boost = HEAD_ON.to_centre_of_mass
    for trigger in (SinglePhoton(), IsolatedPhoton(), ThreeClusters(), TotalEnergy()):
        assert jnp.shape(trigger.fires([p, q, q], boost)) == (5,)
