"""Two electrons and two photons at Belle II against integrals and limits."""

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
from darkreach.processes.ee_to_ee_alp_to_gamma_gamma import EeToEeAlpToGammaGamma
from darkreach.processes.ee_to_ee_gamma_gamma import EeToEeGammaGamma
from darkreach.sampling.beams import belle2
from darkreach.sampling.equivalent_photons import fusion
from darkreach.sampling.integrate import integrate
from darkreach.sampling.observables import Cut
from darkreach.searches.belle2_fusion_diphoton import (
    Belle2FusionDiphoton,
    mesons,
    sampled,
)
from darkreach.searches.belle2_three_gamma import Belle2ThreeGamma
from darkreach.searches.diphoton_candidates import Selection, adapted, candidates
from darkreach.searches.diphoton_continuum import PairsNear
from darkreach.searches.search import Search, limit_of
from darkreach.searches.two_photon_mesons import MESONS, RHO, form_factor
from darkreach.units import GeV, MeV, deg, keV, nb

SEARCH = Belle2FusionDiphoton()
PERFECT = Belle2(
    crossing_angle=0.0,
    track_theta_min=0.0,
    track_theta_max=180 * deg,
    track_pt=0.0,
    track_efficiency=1.0,
    electron_threshold=-10 * GeV,
    electron_efficiency=1.0,
    ecl=Ecl(
        theta_min=0.0,
        theta_max=180 * deg,
        gap_loss=0.0,
        septum_loss=0.0,
        seam_loss=0.0,
        inefficiency=0.0,
        separation=-1e3 * Ecl().separation,
    ),
)


def limit(search, mass, key):
    none = {} if isinstance(search, Belle2FusionDiphoton) else None  # no mesons
    counts = search.counts(mass, none, key, fast=True)
    return float(limit_of(counts, cl=0.95, method="CLs").median) ** 0.5 * GeV


@pytest.mark.slow
def test_signal_is_the_cross_section_inside_the_selection(key):
    """Where nothing is lost, the selected weights are luminosity times an integral."""
    selection = Selection(
        electron_energy=0.2 * GeV,
        photon_energy=0.2 * GeV,
        separation=8 * deg,
        triggered=False,
        balance=1e9,
    )
    model = PhotonAlp(mass=3 * GeV, g_agamma=1e-3 / GeV)
    process = EeToEeAlpToGammaGamma(model=model)
    one, two, three = jax.random.split(key, 3)
    grid = adapted(PERFECT, selection, process, one)
    found = candidates(PERFECT, selection, process, grid, two)
    cuts = (
        Cut(observable="E_e", minimum=0.2 * GeV),
        Cut(observable="theta_e", minimum=17 * deg, maximum=150 * deg),
        Cut(observable="E_gamma", minimum=0.2 * GeV),
        Cut(observable="theta_gamma", minimum=17 * deg, maximum=150 * deg),
        Cut(observable="theta_e_gamma", minimum=8 * deg),
        Cut(observable="pair_mass", minimum=selection.pair_min),
    )
    direct = integrate(process, belle2(), cuts=cuts, precision=5e-3, key=three)
    expected = direct.value * HBAR_C**2 * float(PERFECT.luminosity)
    # half a per cent of either sample; smearing moves as many in as out
    assert found.sample.weight.sum() == pytest.approx(expected, rel=0.02)


@pytest.mark.slow
def test_continuum_has_the_factor_of_like_photons(key):
    """The mass as a coordinate against another way to draw the process, times 1/2."""
    cuts = (
        Cut(observable="E_e", minimum=0.5 * GeV),
        Cut(observable="theta_e", minimum=30 * deg, maximum=140 * deg),
        Cut(observable="E_gamma", minimum=0.3 * GeV),
        Cut(observable="theta_gamma", minimum=30 * deg, maximum=140 * deg),
        Cut(observable="theta_e_gamma", minimum=15 * deg),
        Cut(observable="pair_mass", minimum=0.5 * GeV),
    )
    inside = Cut(observable="m_gamma_gamma", minimum=2 * GeV, maximum=4 * GeV)
    one, two = jax.random.split(key)
    pairs = PairsNear(least=jnp.asarray(2 * GeV), most=jnp.asarray(4 * GeV))
    near = integrate(pairs, belle2(), cuts=cuts, precision=0.01, key=one)
    whole = integrate(
        EeToEeGammaGamma(), belle2(), cuts=(*cuts, inside), precision=0.01, key=two
    )
    # both errors are 1 %
    assert near.value == pytest.approx(whole.value / 2, rel=0.05)


@pytest.mark.slow
def test_eta_from_equivalent_photons(key):
    """The untagged eta without form factor, between two scales of equivalent photons.

    Low's formula: the width to photons decides, Gamma = g^2 m^3 / (64 pi).
    """
    model = MESONS["eta"].model()
    assert float(model.width_to_photons()) == pytest.approx(0.515 * keV, rel=1e-12)
    found = integrate(
        EeToEeAlp(model=model), belle2(), cuts=(), precision=0.01, key=key
    )
    s = float(belle2().energy()) ** 2
    low, high = (
        float(fusion(model, s, highest=scale)) for scale in (model.mass**2, s / 4)
    )
    assert low < found.value < high
    # of the order of a nanobarn, like the known two-photon rates at 10 GeV
    assert 0.5 * nb < found.value * HBAR_C**2 < 5 * nb


def test_form_factors_meet_where_one_photon_is_real():
    """A rho pole in one virtuality; in two, 1/Q^2 against 1/Q^4."""
    q = jnp.asarray(10 * RHO**2)
    none = jnp.zeros(())
    for form in ("sum", "product"):
        assert float(form_factor(q, none, form)) == pytest.approx(1 / 11, rel=1e-12)
    assert float(form_factor(q, q, "sum")) == pytest.approx(1 / 21, rel=1e-12)
    assert float(form_factor(q, q, "product")) == pytest.approx(1 / 121, rel=1e-12)


@pytest.mark.slow
@pytest.mark.parametrize("mass", [1 * GeV, 8 * GeV])
def test_balance_of_momenta_sharpens_heavy_resonances(mass, key):
    """The recoil of soft tracks has their small errors and those of the beams."""
    process = EeToEeAlpToGammaGamma(model=PhotonAlp(mass=mass, g_agamma=1e-3 / GeV))
    grid = adapted(SEARCH.experiment, SEARCH.selection, process, key)
    widths = []
    for fitted in (False, True):
        selection = replace(SEARCH.selection, fitted=fitted)
        found = candidates(SEARCH.experiment, selection, process, grid, key).sample
        off = np.abs(found.offset - mass)
        order = np.argsort(off)
        share = np.cumsum(found.weight[order]) / found.weight.sum()
        widths.append(off[order][np.searchsorted(share, 0.683)])
    assert widths[1] < widths[0]
    if mass > 5 * GeV:
        # beams: 5.2 MeV times sqrt(s) / M; tracks of 1 GeV: 0.3 % of 1.3 GeV each
        assert 5 * MeV < widths[1] < 15 * MeV


@pytest.mark.slow
def test_gain_over_three_photons_grows_with_the_mass(key):
    """Below a factor of ten everywhere: both electrons cost two orders of magnitude."""
    three = Belle2ThreeGamma()
    gains = [limit(three, m, key) / limit(SEARCH, m, key) for m in (0.3 * GeV, 5 * GeV)]
    assert gains[0] < gains[1] < 10


@pytest.mark.slow
def test_mesons_come_on_top_of_the_continuum(key):
    """At the mass of the eta the window holds all of it, at 2 GeV nothing."""
    made = {"eta": mesons(SEARCH, MESONS["eta"], key)}
    without, counts = (
        SEARCH.counts(MESONS["eta"].mass, found, key, fast=True) for found in ({}, made)
    )
    seen = made["eta"].sample.weight.sum()
    # nothing is as far as 8 resolutions; sums of 1e8 in double precision
    extra = counts.background - without.background
    assert float(extra.sum()) == pytest.approx(seen, rel=1e-6)
    own = counts.nuisances[len(without.nuisances) :]
    assert len(own) == SEARCH.categories
    moved = sum(float((n.background_up - counts.background).sum()) for n in own)
    assert moved == pytest.approx(SEARCH.meson_norm * seen, rel=1e-6)
    above = SEARCH.counts(2 * GeV, made, key, fast=True)
    assert len(above.nuisances) == len(without.nuisances)


def test_is_a_search_and_refuses_what_cannot_be_made(key):
    assert isinstance(SEARCH, Search)
    with pytest.raises(ValueError, match="expected one between 0"):
        sampled(SEARCH, 11 * GeV, key, fast=True)
