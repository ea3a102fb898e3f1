"""One photon and nothing at Belle II: closed cross sections, losses, projection."""

from dataclasses import replace
from itertools import permutations

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from darkreach.constants import ALPHA, HBAR_C
from darkreach.curves.text import load_bounds
from darkreach.experiments.belle2 import Belle2
from darkreach.experiments.belle2_ecl import Ecl
from darkreach.processes.ee_to_3gamma import EeTo3gamma
from darkreach.processes.ee_to_gamma_gamma import EeToGammaGamma
from darkreach.sampling.generator import sample, trained_grid
from darkreach.sampling.observables import Cut, view
from darkreach.searches.belle2_gamma_invisible import Belle2GammaInvisible
from darkreach.searches.lone_photon_samples import SOFTEST, _losses, electrons, photons
from darkreach.searches.lone_photons import seen
from darkreach.searches.search import Search, limit_of
from darkreach.units import GeV, deg

SEARCH = Belle2GammaInvisible()
CLOSED = Ecl(gap_loss=0.0, septum_loss=0.0, seam_loss=0.0)
WITHOUT_HOLES = replace(SEARCH, experiment=Belle2(crossing_angle=0.0, ecl=CLOSED))
# Cosines of 33.2 and 127.7 degrees after a boost with beta = 3/11 along the beam:
# c* = (c - beta) / (1 - beta c).
ENDS = [
    (np.cos(theta) - 3 / 11) / (1 - 3 / 11 * np.cos(theta))
    for theta in np.deg2rad([127.7, 33.2])
]
S = 112 * GeV**2  # 4 E E', electron masses neglected


def events(cross_section):
    return cross_section * HBAR_C**2 * float(SEARCH.experiment.luminosity)


def test_signal_is_the_closed_cross_section_inside_the_angles(key):
    """alpha g^2 (1 - m^2 / s)^3 / 24 with 1 + cos^2 (arXiv:1709.00009)."""
    mass = 3 * GeV
    found = WITHOUT_HOLES.signal(mass, key)
    low, high = ENDS
    share = 3 / 8 * (high - low + (high**3 - low**3) / 3)
    closed = ALPHA / GeV**2 / 24 * (1 - mass**2 / S) ** 3 * share
    # 65536 flat events, of which 0.7 pass: 0.3 %; photons move over the ends: 1e-4
    assert found.weight.sum() == pytest.approx(events(closed), rel=0.01)
    assert np.average(found.energy, weights=found.weight) == pytest.approx(
        (S - mass**2) / (2 * S**0.5), rel=1e-3
    )  # resolution of 1.9 % over the root of 46000


@pytest.mark.slow
def test_photons_lost_in_crystals_are_two_photon_events_times_the_inefficiency(key):
    """2 pi alpha^2 / s (1 + c^2) / (1 - c^2), either photon seen (PDG)."""
    holes, crystals = photons(WITHOUT_HOLES.selection(), EeToGammaGamma(), key, 2)
    low, high = ENDS
    integral = [np.log((1 + c) / (1 - c)) - c for c in (low, high)]
    closed = 2 * np.pi * ALPHA**2 / S * (integral[1] - integral[0])
    expected = events(closed) * float(CLOSED.inefficiency)
    # 30000 events a ring: 0.5 %
    assert crystals.weight.sum() == pytest.approx(expected, rel=0.02)
    # all partners hit crystals
    assert holes.weight.sum() < 1e-3 * crystals.weight.sum()


def first_is_outermost(v):
    """Whether the first of three photons is nearest to the beams."""
    first, *others = (jnp.abs(p.z) / p.e for p in v.photons)
    return ((first > others[0]) & (first > others[1])).astype(float)


@pytest.mark.slow
def test_three_photons_are_those_of_all_orders_in_another_phase_space(key):
    """Each photon may be seen; wide holes, so that any sample finds them."""
    ecl = replace(
        CLOSED, theta_min=50 * deg, theta_max=120 * deg, inefficiency=0.1, edge=1 * deg
    )
    selection = replace(
        SEARCH.selection(), experiment=Belle2(crossing_angle=0.0, ecl=ecl)
    )
    ours = sum(x.flow[0] for x in photons(selection, EeTo3gamma(), key, 1))
    beam, process = selection.beam(), EeTo3gamma()
    cuts = (Cut(observable="E_gamma", minimum=SOFTEST),)
    train, draw = jax.random.split(key)
    importance = jax.tree_util.Partial(first_is_outermost)
    grid = trained_grid(process, beam, train, cuts=cuts, importance=importance)
    momenta, weight = sample(process, beam, 2**18, draw, cuts=cuts, grid=grid)
    laboratory = [beam.to_laboratory(p) for p in momenta]
    chance = jnp.zeros(weight.shape)
    for first, second, last in permutations(laboratory):
        lost = sum(_losses(selection, [first, second]))
        chance = chance + lost * seen(selection, last)
    chance = chance * first_is_outermost(
        view(process.outgoing, laboratory[0], tuple(laboratory))
    )
    counted = events(np.asarray(weight * chance)) / 6 * 3
    error = (counted**2).sum() ** 0.5
    # only one photon is along an axis of this phase space
    assert error < 0.05 * counted.sum()
    assert ours == pytest.approx(counted.sum(), abs=5 * error)


@pytest.mark.slow
def test_electrons_in_the_pipes_cannot_balance_a_photon_of_small_recoil_mass(key):
    """E sin(theta) < (sqrt(s) - E) sin(19 deg), the wider pipe in the centre of mass.

    10 % are five resolutions; electrons that curl are softer than 0.28 GeV.
    """
    experiment = replace(SEARCH.experiment, ecl=CLOSED, track_efficiency=1.0)
    found = electrons(replace(SEARCH.selection(), experiment=experiment), key, 1)
    sine = np.sin(np.deg2rad(19))
    across = found.energy * np.sqrt(1 - found.cosine**2)
    limit = (S**0.5 - found.energy) * sine
    beyond = found.weight[across > 1.1 * limit].sum()
    assert found.weight.sum() > 0
    assert beyond < 1e-6 * found.weight.sum()


@pytest.mark.parametrize(
    ("trigger", "mass"),
    [("lml1", 8.345), ("lml6", 9.53), ("lml13", 10.07), ("low", 9.31), ("high", 8.60)],
)
def test_each_trigger_ends_at_its_own_mass(trigger, mass):
    """m^2 = s - 2 sqrt(s) E for 2, 1, 0.5, 1.2 and 1.8 GeV."""
    search = replace(SEARCH, trigger=trigger)
    assert search.largest_mass() == pytest.approx(mass * GeV, rel=1e-3)
    assert max(search.masses()) < search.largest_mass()
    with pytest.raises(ValueError, match="threshold of"):
        search.counts(10.2 * GeV, {}, jax.random.key(1), fast=True)


@pytest.mark.slow
def test_limit_between_the_holes_is_that_of_the_projection(key):
    """3 GeV: above the peak of two photons, below the electrons."""
    background = SEARCH.background(key, fast=True)
    counts = SEARCH.counts(3 * GeV, background, key, fast=True)
    found = float(limit_of(counts, cl=0.90, method="CLs").median) ** 0.5
    curve = load_bounds()["belle2_2017_invisible_projection"]
    published = float(np.interp(3 * GeV, curve.mass, curve.value))
    # fast: Monte Carlo errors of 2 %
    assert 0.5 < found / published < 2.0


def test_is_a_search():
    assert isinstance(SEARCH, Search)
