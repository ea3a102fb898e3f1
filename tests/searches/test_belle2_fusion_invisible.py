"""Electrons and nothing at Belle II: samples, selection and limits."""

from dataclasses import replace

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from darkreach.constants import HBAR_C
from darkreach.experiments.belle2 import Belle2
from darkreach.experiments.belle2_ecl import Ecl
from darkreach.models.photon_alp import PhotonAlp
from darkreach.processes.ee_to_ee_alp import EeToEeAlp
from darkreach.processes.ee_to_ee_gamma_gamma import EeToEeGammaGamma
from darkreach.processes.process import squared_amplitude
from darkreach.sampling.beams import belle2
from darkreach.sampling.generator import sample, trained_grid
from darkreach.sampling.integrate import integrate
from darkreach.sampling.observables import Cut
from darkreach.searches.belle2_fusion_invisible import Belle2FusionInvisible, _filled
from darkreach.searches.factorised import Factorised
from darkreach.searches.fusion_samples import lost_photon, pairs, signal
from darkreach.searches.search import Search, limit_of
from darkreach.searches.two_electrons import FLOW, Missed, Selection
from darkreach.units import GeV, deg

SEARCH = Belle2FusionInvisible()
# all electrons inside are found, identified and trigger
IDEAL = Belle2(
    crossing_angle=0.0,
    track_efficiency=1.0,
    track_pt=0.0,
    electron_efficiency=1.0,
    electron_threshold=-10 * GeV,
    momentum_constant=1e-9,
    momentum_slope=1e-9 / GeV,
    track_angle=1e-9,
    ecl=Ecl(gap_loss=0.0, septum_loss=0.0, seam_loss=0.0),
)
INSIDE = (
    Cut(observable="E_e", minimum=1.5 * GeV),
    Cut(observable="theta_e", minimum=17 * deg, maximum=150 * deg),
)


def test_it_is_a_search():
    assert isinstance(SEARCH, Search)


@pytest.mark.slow
def test_signal_is_the_cross_section_where_all_is_seen(key):
    cuts = Selection(electron_energy=1.5 * GeV, triggered=False)
    found = signal(IDEAL, cuts, 1 * GeV, key)
    process = EeToEeAlp(model=PhotonAlp(mass=1 * GeV, g_agamma=1 / GeV))
    inside = integrate(process, belle2(), cuts=INSIDE, precision=5e-3, key=key)
    expected = inside.value * HBAR_C**2 * IDEAL.luminosity
    # five sigma of 2^16 weighted events in each of two channels, and of the integral
    assert found.flow[0] == pytest.approx(expected, rel=0.03)
    assert len(found.flow) == len(FLOW)


@pytest.mark.slow
def test_events_of_the_guess_get_exact_weights(key):
    """The sum over events drawn from a guess is the exact cross section."""
    beam, cuts = belle2(), (*INSIDE, Cut(observable="E_gamma", minimum=0.3 * GeV))
    cuts = (*cuts, Cut(observable="theta_gamma", minimum=25 * deg, maximum=140 * deg))
    # no photon near an electron, where neither way of drawing is good
    cuts = (*cuts, Cut(observable="theta_e_gamma", minimum=20 * deg))
    guess, exact = (p(channels=("initial",)) for p in (Factorised, EeToEeGammaGamma))
    one, two, three = jax.random.split(key, 3)
    grid = trained_grid(guess, beam, one, cuts=cuts, channel="initial")
    momenta, weight = sample(
        guess, beam, 2**17, two, cuts=cuts, grid=grid, channel="initial"
    )
    kept = np.flatnonzero(np.asarray(weight) > 0)
    (electron, positron), _, _ = beam(jnp.zeros(0))
    rows = np.stack(
        [np.tile(p.array(), (len(kept), 1)) for p in (electron, positron)]
        + [np.asarray(p.array())[kept] for p in momenta],
        axis=1,
    )
    rows = jnp.asarray(rows)
    ratio = 2 * squared_amplitude(exact, rows) / squared_amplitude(guess, rows)
    weighted = np.asarray(weight)[kept] * np.asarray(ratio)
    direct = integrate(EeToEeGammaGamma(), beam, cuts=cuts, precision=0.05, key=three)
    error = np.sqrt((weighted**2).sum() + direct.error**2)
    assert error < 0.1 * direct.value
    assert abs(weighted.sum() - direct.value) < 5 * error


@pytest.mark.slow
def test_photons_lost_in_crystals_follow_the_inefficiency(key):
    """Single photons that pass are lost in crystals, or in tails beyond five errors."""
    few, many = (
        lost_photon(
            Belle2(crossing_angle=0.0, ecl=Ecl(inefficiency=loss)),
            Selection(),
            key,
            1,
        )
        for loss in (1e-5, 1e-3)
    )
    # samples of 1e4 effective events, and the trigger's share that is common
    assert many.flow[-1] / few.flow[-1] == pytest.approx(100, rel=0.15)


@pytest.mark.slow
def test_pairs_made_by_two_photons_are_in_the_holes_only(key):
    """In a detector with perfect tracks, to the last one; with ours a few leak."""
    found = pairs(
        replace(IDEAL, luminosity=SEARCH.experiment.luminosity), Selection(), key, 1
    )
    assert found.flow[0] > 1e9
    assert found.flow[2] == 0.0


def test_smooth_backgrounds_keep_their_number():
    """Gaussians spread events over the edges of wide windows only."""
    m = np.linspace(10, 30, 41) * GeV**2
    one = Missed(
        m, np.full(41, 5 * GeV), np.zeros(41, int), np.full(41, 2.0), (0.0,) * 7
    )
    edges, energies = np.linspace(0, 40, 21) * GeV**2, np.array([0.0, np.inf])
    rough, error = _filled(one, 1, energies, edges, smooth=False)
    even, errors = _filled(one, 1, energies, edges, smooth=True)
    assert rough.sum() == pytest.approx(82)
    assert even.sum() == pytest.approx(82, rel=1e-6)
    assert error.sum() == pytest.approx(2 * np.sqrt(41))
    # all bins move together by the relative error of the sum
    assert errors.sum() == pytest.approx(2 * np.sqrt(41), rel=1e-6)


@pytest.mark.long
def test_reach_is_between_no_background_and_the_single_photon_search(key):
    """Three events limit any reach; photons in gaps cost up to a factor of ten in g."""
    one, two = jax.random.split(key)
    background = SEARCH.background(one, fast=True)
    counts = SEARCH.counts(3 * GeV, background, two, fast=True)
    value = float(limit_of(counts, cl=0.95, method="CLs").median)
    best = 3.0 / float(counts.signal.sum())
    assert best < value < 100 * best
