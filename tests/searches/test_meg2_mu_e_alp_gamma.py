"""The missing-mass search at MEG II."""

from dataclasses import replace

import jax
import numpy as np
import pytest

from darkreach.models.lfv_alp import LfvAlp
from darkreach.processes.mu_to_e_alp_gamma import MuToEAlpGamma
from darkreach.searches.meg2_mu_e_alp_gamma import (
    MC_ERROR,
    Meg2MuEAlpGamma,
    kinematic_end,
    muons,
)
from darkreach.searches.search import reach, reach_point
from darkreach.units import Hz, MeV, day, s

pytestmark = pytest.mark.slow

FAST = True


@pytest.fixture(scope="module")
def search() -> Meg2MuEAlpGamma:
    return Meg2MuEAlpGamma(mc_statistics=False)


@pytest.fixture(scope="module")
def background(search):
    return search.background(jax.random.key(1), fast=FAST)


def test_kinematic_end_is_both_cuts_back_to_back():
    """Maximise m_a over a grid of energies above (45, 10) MeV: the corner wins."""
    e, k = np.meshgrid(np.linspace(45, 52.8, 400), np.linspace(10, 52.8, 400))
    square = (105.6583755 - e - k) ** 2 - (np.sqrt(e**2 - 0.511**2) - k) ** 2
    brute = np.sqrt(square[(e + k < 105.6)].max())
    # 0.511 against the electron mass in the constants: 1e-5
    assert kinematic_end(45 * MeV, 10 * MeV) / MeV == pytest.approx(brute, rel=1e-4)
    assert brute == pytest.approx(36.6, abs=0.05)  # three digits are quoted


def test_exposure_counts_muons(search):
    expected = 2.0e6 * 30 * 86400
    # products of defaults: rounding only
    assert float(muons(search)) == pytest.approx(expected, rel=1e-9)
    half = replace(search, exposure=15 * day)
    assert float(muons(half)) == pytest.approx(expected / 2, rel=1e-9)
    assert float(search.experiment.muon_rate) == pytest.approx(2.0e6 * Hz)
    assert 30 * day == pytest.approx(30 * 86400 * s)


def test_bins_that_enter_are_known(background):
    both = background.radiative + background.accidental
    used = np.asarray(background.used)
    error = np.asarray(both.error())[used] / np.asarray(both.values[0])[used]
    assert used.sum() > 100
    edges = np.asarray(background.binning.mass_squared)
    rows = used.reshape(len(edges) - 1, -1).all(axis=1)
    centre = (edges[1:] + edges[:-1]) / 2
    # two resolutions (60 MeV^2) on either side of a massless signal, and up to 25 MeV
    assert rows[(centre > -60 * MeV**2) & (centre < (25 * MeV) ** 2)].all()
    assert error.max() < MC_ERROR[FAST]


def test_radiative_decay_dominates_at_the_benchmark(background):
    """Below the rate where both are equal online, a short window favours prompt."""
    radiative = float(background.radiative.values[0].sum())
    accidental = float(background.accidental.values[0].sum())
    assert 0 < accidental < 0.2 * radiative


def test_signal_peaks_at_its_mass(search, background):
    mass = 20 * MeV
    counts = search.counts(mass, background, jax.random.key(2), fast=FAST)
    signal = np.asarray(counts.signal).reshape(-1, search.ratio_bins).sum(axis=1)
    edges = np.asarray(background.binning.mass_squared)
    centre = (edges[1:] + edges[:-1]) / 2
    mean = (signal * centre).sum() / signal.sum()
    # the resolution is 20 to 30 MeV^2 and the edge of the used bins is far away
    assert abs(mean - mass**2) < 15 * MeV**2


def test_systematics_and_fewer_angles_never_help(search, background):
    key, mass = jax.random.key(3), 10 * MeV
    full = reach_point(search, mass, background, key=key, fast=FAST)
    free = replace(search, systematics=False)
    bare = reach_point(free, mass, background, key=key, fast=FAST)
    with_mc = replace(search, mc_statistics=True)
    worse = reach_point(with_mc, mass, background, key=key, fast=False)
    assert bare.median < full.median < worse.median
    assert np.all(np.diff(full.band) > 0)
    # a statistics-only toy of the search gave "a few 1e-5"
    assert 1e-5 < bare.median < 1e-4


def test_same_seed_same_curve():
    light = Meg2MuEAlpGamma(
        signal=MuToEAlpGamma(model=LfvAlp(c_v=1.0, c_a=1.0)), ratio_bins=1
    )
    first = reach(light, [0.0, 15 * MeV], seed=5, fast=True)
    second = reach(light, [15 * MeV], seed=5, fast=True)
    assert first.value[1] == second.value[0]
    assert first.chirality == "V+A"
    # another seed agrees within the quoted error, which is small
    other = reach(light, [15 * MeV], seed=6, fast=True)
    sigma = np.hypot(first.mc_error[1], other.mc_error[0])
    assert sigma < 0.05 * other.value[0]
    assert abs(first.value[1] - other.value[0]) < 5 * sigma


def test_massless_limit_is_stable(search, background):
    """Twice the statistics and half the bin width, at the edge of the background.

    The median limits of two samples of this size differ by 2 % (their used bins differ
    too); with systematics the noise of small templates adds to it.
    """
    key = jax.random.key(4)

    def limits(changed, shared):
        bare = replace(changed, systematics=False)
        return np.array(
            [
                reach_point(s, 0.0, shared, key=key, fast=FAST).median
                for s in (bare, changed)
            ]
        )

    nominal = limits(search, background)
    for changed in (
        replace(search, statistics=2.0),
        replace(search, width=7.5 * MeV**2),
    ):
        shared = changed.background(jax.random.key(1), fast=FAST)
        ratio = limits(changed, shared) / nominal
        assert np.all(np.abs(ratio - 1) < [0.05, 0.10])
