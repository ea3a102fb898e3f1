"""The bump hunt in the mass of e+ e- at Mu3e."""

import math

from dataclasses import dataclass, replace

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from darkreach.algebra import propagators
from darkreach.algebra.dirac import left_current
from darkreach.constants import M_E, M_MU, WIDTH_MU
from darkreach.experiments.mu3e import phase_2
from darkreach.models.dark_photon import DarkPhoton
from darkreach.models.lepton_scalar import LeptonScalar
from darkreach.models.lepton_vector import LeptonVector
from darkreach.processes.emission import ELECTROMAGNETIC, conversion
from darkreach.processes.mu_to_3e_nu_nu import MuTo3eNuNu
from darkreach.processes.mu_to_e_nu_nu_x_to_ee import MuToENuNuXToEe
from darkreach.processes.process import spin_density, squared
from darkreach.pytree import FUSED
from darkreach.sampling import phasespace
from darkreach.sampling.beams import at_rest
from darkreach.sampling.generator import generate, trained_grid
from darkreach.sampling.observables import Cut
from darkreach.searches.mu3e_prompt_resonance import Mu3ePromptResonance, counted
from darkreach.searches.resonance_angles import sorted_tracks
from darkreach.searches.resonance_cells import cell_ratio, cells_between, log_ratio
from darkreach.searches.resonance_kinds import KINDS, events_to_tell
from darkreach.searches.resonance_samples import coupling, with_coupling
from darkreach.searches.resonance_templates import smooth
from darkreach.searches.search import Counts, limit_of, reach_point
from darkreach.units import MeV

MASS = 20 * MeV


@pytest.fixture(scope="module")
def search() -> Mu3ePromptResonance:
    return Mu3ePromptResonance(accidentals=False)


@pytest.fixture(scope="module")
def found(search):
    from darkreach.searches.mu3e_prompt_resonance import sampled

    return sampled(search, MASS, (), jax.random.key(5), fast=True)


def test_limits_are_on_the_coupling_of_the_model():
    def described(model):
        made = Mu3ePromptResonance(model=model)
        made.check()
        words = made.describe()
        return words["quantity"], words["convention"]

    mixing = ("eps", "L = -(eps/2) F'_mn F^mn")
    assert described(DarkPhoton()) == mixing
    assert described(LeptonVector(g_v_e=0.1, g_v_mu=0.1)) == mixing
    assert described(LeptonVector(g_a_e=0.1, g_a_mu=0.1)) == (
        "eps",
        "eps = g / e, L = X_a lbar gamma^a l, g_a_e, g_a_mu",
    )
    assert described(LeptonScalar(g_p_e=1e-4))[0] == "g_ae"
    assert described(LeptonScalar(g_s_e=1e-4))[0] == "g_se"
    assert described(LeptonScalar(g_p_mu=1.0, g_p_e=1e-4))[0] == "g_amu"
    assert described(LeptonScalar(g_s_mu=1.0, g_s_e=1e-4))[0] == "g_smu"


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"model": LeptonScalar(g_s_e=1.0, g_s_mu=1.0)}, "limits are on one of them"),
        ({"model": LeptonScalar(g_s_mu=1.0)}, "does not decay"),
        ({"window": 2.0}, "sidebands"),
        ({"bins": 0}, "sidebands"),
    ],
)
def test_refuses_what_has_no_limit(changes, words):
    with pytest.raises(ValueError, match=words):
        Mu3ePromptResonance(**changes).check()


def test_refuses_masses_without_a_window(search):
    for mass in (2 * MeV, 105 * MeV):
        with pytest.raises(ValueError, match="expected 4 to 104 MeV"):
            search.counts(mass, (), jax.random.key(1), fast=True)


def test_a_dark_photon_is_a_vector_of_charge_eps_e():
    """g = eps e with e = 0.3028 (PDG): the size of eps is shared by both models."""
    vector = with_coupling(LeptonVector(g_v_e=2.0, g_v_mu=2.0), 1e-3, mass=MASS)
    # e from alpha(0) to six digits
    assert float(vector.g_v_mu) == pytest.approx(0.302822e-3, rel=1e-5)
    assert coupling(vector) == pytest.approx(1e-3)  # rounding
    assert float(vector.mass) == MASS


def test_smooth_finds_the_background_of_a_known_shape():
    """exp(cubic) is its own smooth form; a Newton step away from exact."""
    x = (np.arange(32) + 0.5) / 16 - 1
    rows = np.exp(np.stack([5 - 2 * x + 0.3 * x**3, 3 + 0 * x]))
    # tolerance of the regularisation, 1e-6 of the curvature
    np.testing.assert_allclose(smooth(x, rows), rows, rtol=1e-4)


def test_cells_of_a_likelihood_ratio():
    """Two Gaussians one unit apart: ln of the ratio is x - 1/2 by hand."""
    rng = np.random.default_rng(3)
    n = 400_000
    b, s = rng.normal(size=(1, n)), rng.normal(size=(1, n)) + 1
    one = np.ones(n)
    cells = cells_between((s, one), (b, one), shape=(40,))
    ratio = cell_ratio(cells, (s, one), (b, one))
    x = np.array([[0.0, 0.5, 1.0]])
    # cells are up to 0.1 wide here, and counted to 1 %
    np.testing.assert_allclose(ratio[cells.place(x)], [-0.5, 0.0, 0.5], atol=0.07)
    assert log_ratio(np.array([1.0]), np.array([-1.0]))[0] == -np.inf


def test_events_to_tell_counts_like_gaussians():
    """Large background: N^2 sum (s - f t)^2 / b = 4 with the best f."""
    b = np.array([4e6, 1e6])
    s, t = np.array([0.5, 0.5]), np.array([0.8, 0.2])
    f = (s * t / b).sum() / (t * t / b).sum()
    by_hand = 2 / math.sqrt(((s - f * t) ** 2 / b).sum())
    # second order in N / b, 3 % here
    assert events_to_tell(b, s, t) == pytest.approx(by_hand, rel=0.05)
    assert events_to_tell(b, s, s) == math.inf
    # without background one event of a cell where the other kind has none decides
    assert events_to_tell(np.zeros(2), s, np.array([1.0, 0.0])) < 1.0


@dataclass(frozen=True)
class Line:
    """A search whose limit on the rate is known: 100 background events in one bin."""

    quantity: str = "eps"

    def masses(self):
        return (MASS,)

    def background(self, key, *, fast):
        return None

    def counts(self, mass, background, key, *, fast):
        b = jnp.array([1e8])
        return Counts(
            signal=jnp.array([1e10]), background=b, signal_error=jnp.array([1e7]),
            background_error=0 * b, nuisances=(),
        )  # fmt: skip

    def describe(self):
        return {"quantity": self.quantity}


def test_limits_on_couplings_are_roots_of_limits_on_rates():
    """CLs of 1e8 events: 1.96 sqrt(1e8) / 1e10 = 1.96e-6 in the rate."""
    key = jax.random.key(2)
    rate = reach_point(Line("BR"), MASS, None, key=key)
    eps = reach_point(Line("eps"), MASS, None, key=key)
    scale = reach_point(Line("f_a"), MASS, None, key=key)
    # corrections of order 1 / sqrt(1e8), and signal in the denominator
    assert rate.median == pytest.approx(1.96e-6, rel=1e-3)
    assert eps.median == pytest.approx(math.sqrt(rate.median))  # rounding
    assert scale.median == pytest.approx(1 / math.sqrt(rate.median))  # rounding
    assert list(eps.band) == sorted(eps.band)
    assert list(scale.band) == sorted(scale.band)
    # d sqrt(x) / sqrt(x) = dx / 2x, to second order in 1e-3
    relative = rate.mc_error / rate.median
    assert eps.mc_error / eps.median == pytest.approx(relative / 2, rel=0.01)


@pytest.mark.slow
def test_candidates_are_the_nearest_pairs(found):
    tracks = jax.tree.map(jnp.asarray, found.background.tracks)
    pair = np.asarray(tracks.pair_mass()) - MASS
    other = np.asarray(tracks.other_mass()) - MASS
    assert np.all(np.abs(pair) <= np.abs(other) * (1 + 1e-9))
    np.testing.assert_allclose(pair, found.background.offset, atol=1e-9 * MeV)


@pytest.mark.slow
def test_resolution_is_that_of_two_tracks(found, search):
    """First-order propagation of the errors of the chosen tracks."""
    core = found.signal.kept(found.signal.peak(found.resolution))
    pair = [core.tracks.partner, core.tracks.electron]
    pair = [type(p)(*(jnp.asarray(c) for c in p)) for p in pair]
    error = search.experiment.mass_squared_error(pair[0] + pair[1], pair)
    error = np.asarray(error) / (2 * MASS)
    mean = math.sqrt(np.average(error**2, weights=core.weight))
    # the peak is no Gaussian: 68 % against the root mean square
    assert found.resolution == pytest.approx(mean, rel=0.2)


@pytest.mark.long
def test_angles_and_amplitudes_gain(found, search):
    """Published expectation: some ten per cent to a factor of two in the rate."""
    limits = {
        use: float(
            limit_of(
                counted(replace(search, angles=use), found), cl=0.95, method="CLs"
            ).median
        )
        for use in ("none", "angles", "matrix_element")
    }
    assert 1.1 < limits["none"] / limits["angles"] < 2.5
    assert 1.1 < limits["none"] / limits["matrix_element"] < 2.5


@pytest.mark.long
def test_bump_hunt_meets_a_count_in_a_window(found, search):
    """1.645 sqrt(B) / S in +-1.4 resolutions, which keep 84 % of a Gaussian."""
    bare = replace(search, angles="none", systematics=False)
    counts = counted(bare, found)
    hunt = float(limit_of(counts, cl=0.95, method="Gaussian").median)
    sums = [
        s.weight[np.abs(s.offset) < 1.4 * found.resolution].sum()
        for s in (found.signal, found.background)
    ]
    cut = 1.645 * math.sqrt(sums[1]) / sums[0]
    # The shape of the peak gains 6 % over the best window (Gaussian, by hand), free
    # normalisation and slope lose as much in 16 resolutions.
    assert hunt == pytest.approx(cut, rel=0.15)


@pytest.mark.long
def test_cut_and_count_with_a_perfect_tracker():
    """eps^2 = 1e-7 at 20 MeV within a factor of 3 (arXiv:1411.1770), 2.5e15 muons.

    Nothing of the experiment is used: three tracks with p_T > 10 MeV and
    |cos| < 0.8, a resolution of 0.5 MeV and no other loss.
    """
    key, muons, eps = jax.random.key(4), 2.5e15, 1e-4
    beam = at_rest(M_MU, (0.0, 0.0, -0.86))
    cuts = (
        Cut(observable="pT_min", minimum=10 * MeV),
        Cut(observable="abs_cos_max", maximum=0.8),
    )

    def events(process, cuts):
        grid = trained_grid(process, beam, key, cuts=cuts)
        return generate(process, beam, 2**18, key, cuts=cuts, grid=grid)

    process = MuToENuNuXToEe(model=DarkPhoton(mass=MASS, eps=eps))
    rate = float(events(process, ()).weight.sum()) / WIDTH_MU / eps**2
    # 5.3e-4 of eps^2 in an independent calculation, with two digits
    assert rate == pytest.approx(5.3e-4, abs=0.05e-4)
    s = 0.84 * float(events(process, cuts).weight.sum()) / WIDTH_MU / eps**2 * muons
    every = events(MuTo3eNuNu(), cuts)
    offset = sorted_tracks(every, MASS).pair_mass() - MASS
    near = np.abs(np.asarray(offset)) < 1.4 * 0.5 * MeV
    b = float(np.asarray(every.weight)[near].sum()) / WIDTH_MU * muons
    limit = 1.645 * math.sqrt(b) / s
    assert 1e-7 / 3 < limit * math.sqrt(2.5) < 3e-7


@pytest.mark.long
@pytest.mark.parametrize("use", ["angles", "matrix_element"])
def test_reach_of_phase_two_is_near_the_published_one(use):
    """eps = 1.4969e-4 at 20 MeV for 5.5e16 muons (arXiv:1411.1770); eps^2 within 3.

    The level of the published line is remembered, not read: as 95 % CLs limits ours are
    2.4 (amplitudes) to 3 times (angles) above it.
    """
    search = Mu3ePromptResonance(experiment=phase_2(), accidentals=False, angles=use)
    search.check()
    point = reach_point(search, MASS, (), key=jax.random.key(6))
    # from CLs at 95 % to a Gaussian limit at 90 %, the level of the published line
    level = 1.282 / 1.960
    assert 1 / 3 < level * (point.median / 1.4969e-4) ** 2 < 3
    assert point.mc_error < 0.03 * point.median  # what is asked of a reach


@pytest.mark.long
def test_kinds_are_named_after_their_couplings():
    for model in KINDS.values():
        Mu3ePromptResonance(model=model).check()


def _squares(eps, mass, offsets, points):
    """|M|^2 of continuum, line and both at m^2 + offset, mean over phase space."""
    width = float(DarkPhoton(mass=mass, eps=eps).width())
    rho, factor = spin_density(jnp.array([0.0, 0.0, -0.86])), eps**2

    def coherent(propagator):
        class Coherent(MuTo3eNuNu):
            def current(self, *p):
                return conversion(
                    ELECTROMAGNETIC, propagator, p[:4], vertex=left_current
                )

        return Coherent()

    def line(k):
        scale = factor * propagators.photon(k) * k.mass_squared()
        return propagators.resonance(k, mass, width) * scale

    def both(k):
        photon = propagators.photon(k)
        resonant = line(k)
        return type(resonant)(resonant.re + photon, resonant.im)

    mu = at_rest(M_MU)(jnp.zeros(0))[0][0]

    def one(x, offset):
        chosen = x.at[3].set(jnp.sqrt(mass**2 + offset))
        q = x[8] * (M_MU - mass - M_E)
        momenta, weight = phasespace.chain(
            chosen[:8], mu, (q, M_E, M_E, M_E), pair=lambda m, low, high: (m, 1.0)
        )
        nu, second, first, third = momenta
        legs = mu, first, second, third, nu
        out = [
            squared(coherent(p), legs, rho) for p in (propagators.photon, line, both)
        ]
        return jnp.where(weight > 0, weight * q * jnp.stack(out), 0.0)

    def row(offset):
        return jax.vmap(lambda x: one(x, offset))(points).mean(axis=0)

    run = jax.jit(lambda o: jax.lax.map(row, o), compiler_options=FUSED)
    return np.asarray(run(offsets)), width


@pytest.mark.long
def test_interference_with_the_continuum_is_negligible():
    """Photon and dark photon added coherently, in a window of the resolution.

    Both amplitudes are real but at the pole, where the line turns from one sign to the
    other: what is left is the slope of the continuum, (4 alpha / 3 pi)(dk^2 / m^2) ~
    2e-4 of the signal, whatever eps is.
    """
    eps, half = 5.2e-4, 1.4 * 0.55 * MeV  # the limit of phase I at 20 MeV
    width = float(DarkPhoton(mass=MASS, eps=eps).width())
    top = math.log(2 * MASS * half)
    # the same distances on both sides: odd parts cancel
    logs = np.linspace(math.log(1e-4 * MASS * width), top, 400)
    size = np.exp(logs)
    points = jax.random.uniform(jax.random.key(7), (400, 9))
    offsets = jnp.asarray(np.concatenate([-size, size]))
    values, _ = _squares(eps, MASS, offsets, points)
    per_log = values * np.concatenate([size, size])[:, None]
    photon, line, both = np.trapezoid(per_log[:400] + per_log[400:], logs, axis=0)
    interference = both - photon - line
    # 1e-3 is what the grid leaves: the sum of both sides cancels to that
    assert line > 0
    assert abs(interference) < 0.005 * line
