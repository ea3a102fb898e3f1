"""Three photons at Belle II against the published limit and projection."""

from dataclasses import replace

import jax
import numpy as np
import pytest

from darkreach.constants import ALPHA, HBAR_C
from darkreach.curves.text import load_bounds
from darkreach.experiments.belle2 import Belle2, data_2018
from darkreach.experiments.belle2_ecl import Ecl
from darkreach.searches.belle2_three_gamma import Belle2ThreeGamma, sampled
from darkreach.searches.search import Search, limit_of
from darkreach.units import GeV, deg, fb

SEARCH = Belle2ThreeGamma()
EARLY = Belle2ThreeGamma(experiment=replace(data_2018(), crossing_angle=0.0))


def limit(search, mass, key):
    counts = search.counts(mass, None, key, fast=True)
    return float(limit_of(counts, cl=0.95, method="CLs").median) ** 0.5 / GeV


def published(name, mass):
    curve = load_bounds()[name]
    return float(
        np.exp(np.interp(np.log(mass), np.log(curve.mass), np.log(curve.value)))
    )


@pytest.mark.parametrize("mass", [0.3 * GeV, 5 * GeV])
@pytest.mark.parametrize(
    ("search", "name"),
    [(EARLY, "belle2_2020_photons"), (SEARCH, "belle2_2017_photons_projection")],
)
def test_limit_is_within_a_factor_of_two_of_the_published_one(search, name, mass, key):
    # fast: Monte Carlo errors of 3 %
    ratio = limit(search, mass, key) / published(name, mass)
    assert 0.5 < ratio < 2.0


def test_signal_is_the_closed_cross_section_in_a_detector_without_holes(key):
    """All is seen but what the two beams' directions and merged photons take."""
    everywhere = Ecl(
        theta_min=0.0,
        theta_max=180 * deg,
        gap_loss=0.0,
        septum_loss=0.0,
        seam_loss=0.0,
        inefficiency=0.0,
        separation=1e-3 * SEARCH.experiment.ecl.separation,
    )
    search = replace(
        SEARCH,
        experiment=Belle2(crossing_angle=0.0, ecl=everywhere),
        energy_min=0.0,
        theta_min=-1 * deg,
        theta_max=181 * deg,
        window=1e3,
        triggered=False,
    )
    mass = 3 * GeV
    found = sampled(search, mass, key, fast=True)
    s = float(search.beam().energy()) ** 2
    closed = ALPHA / GeV**2 / 24 * (1 - mass**2 / s) ** 3 * HBAR_C**2
    expected = closed * float(search.experiment.luminosity)
    # 65536 weights that differ by 1 + cos^2: 0.1 %; merged and softest photons: 1 %
    assert found.signal.weight.sum() == pytest.approx(expected, rel=0.015)


def test_limits_on_the_coupling_fall_like_the_fourth_root_of_the_luminosity(key):
    """sqrt(B) / S in the square of the coupling, where events are many."""
    mass = 3 * GeV
    more = replace(
        SEARCH,
        experiment=replace(SEARCH.experiment, luminosity=100e3 / fb),
        signal_norm=0.0,
    )
    once = limit(replace(SEARCH, signal_norm=0.0), mass, key)
    assert limit(more, mass, key) / once == pytest.approx(2**-0.25, rel=0.01)


def test_invisible_decays_weaken_the_limit(key):
    shared = replace(SEARCH.model, y_chi=1.0, m_chi=0.1 * GeV)
    counts = [
        replace(SEARCH, model=model).counts(3 * GeV, None, key, fast=True)
        for model in (SEARCH.model, shared)
    ]
    share = float(replace(shared, mass=3 * GeV).branching_to_photons())
    assert 0 < share < 1
    np.testing.assert_allclose(counts[1].signal, share * counts[0].signal, rtol=1e-12)


def test_is_a_search_and_refuses_what_cannot_be_made(key):
    assert isinstance(SEARCH, Search)
    with pytest.raises(ValueError, match="expected one between 0"):
        SEARCH.counts(11 * GeV, None, jax.random.key(1), fast=True)
