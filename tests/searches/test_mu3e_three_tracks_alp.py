"""The search for mu -> 3e a: kernels against smearing, limits against counts."""

from dataclasses import replace

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from darkreach.constants import M_MU
from darkreach.experiments.mu3e import Mu3e
from darkreach.models.lfv_alp import LfvAlp
from darkreach.processes.mu_to_3e_alp import MuTo3eAlp
from darkreach.sampling.events import Events
from darkreach.sampling.generator import generate
from darkreach.searches.missing_mass import Binning, Seen, filled, seen
from darkreach.searches.mu3e_three_tracks_alp import Mu3eThreeTracksAlp
from darkreach.searches.search import limit_of
from darkreach.units import GeV, MeV

pytestmark = pytest.mark.slow

TRACKS = ("e+1", "e+2", "e-")
ALONE = Mu3eThreeTracksAlp(others=False, statistics=0.25)


def massless(c_v=1.0, c_a=0.0):
    return MuTo3eAlp(model=LfvAlp(c_v=c_v, c_a=c_a))


@pytest.fixture(scope="module")
def true():
    return generate(massless(), Mu3e().beam(), 2**17, jax.random.key(3))


@pytest.fixture(scope="module")
def observed(true):
    return Mu3e().observe(true, jax.random.key(4))


@pytest.fixture(scope="module")
def events(true, observed):
    return seen(Mu3e(), true, observed)


@pytest.fixture(scope="module")
def counts():
    none = ALONE.background(jax.random.key(1))
    return ALONE.counts(0.0, none, jax.random.key(2))


def missing_squared(p):
    """Of a muon at rest, from momenta of three tracks."""
    total = np.asarray(p)[:, :3].sum(axis=1)
    return (M_MU - total[:, 0]) ** 2 - (total[:, 1:] ** 2).sum(axis=1)


def test_kernels_are_the_mean_of_smearing(observed, events):
    """Bins of a resolution; to first order in the errors, for a bulk of 3 sigma."""
    edges = jnp.linspace(-200, 200, 9) * MeV**2
    bins = Binning(
        mass_squared=edges,
        energy=jnp.zeros(0),
        cos=jnp.zeros(0),
        error=jnp.asarray(100 * MeV**2),
    )
    found = np.asarray(filled(bins, events).values)
    weight = np.asarray(observed.weight)
    smeared = missing_squared(observed.p)
    expected, _ = np.histogram(smeared, np.asarray(edges), weights=weight)
    squares, _ = np.histogram(smeared, np.asarray(edges), weights=weight**2)
    # 5 sigma, and 3 % of the peak for the second order of errors
    allowed = 5 * np.sqrt(squares) + 0.03 * expected.max()
    assert (np.abs(found - expected) < allowed).all()
    assert found.sum() == pytest.approx(expected.sum(), rel=0.02)


def test_slope_is_that_of_wrong_momenta(true, events):
    """All momenta multiplied by 1 + s: the electron mass stays."""
    s = 1e-5
    p = np.asarray(true.p)[:, :3]

    def moved(factor):
        three = p[:, :, 1:] * factor
        energy = np.sqrt(
            p[:, :, 0] ** 2 - (p[:, :, 1:] ** 2).sum(-1) + (three**2).sum(-1)
        )
        return missing_squared(np.concatenate([energy[..., None], three], axis=-1))

    found = (moved(1 + s) - moved(1 - s)) / (2 * s)
    # 1e-6: the third derivative times s^2, and roundings over s
    np.testing.assert_allclose(events.slope, found, rtol=1e-6, atol=1e-6 * M_MU**2)


def test_derivatives_are_differences_of_moved_kernels():
    one = Seen(
        mass_squared=jnp.full(4096, 30.0) * MeV**2,
        error=jnp.full(4096, 70.0) * MeV**2,
        slope=jnp.full(4096, -9e3) * MeV**2,
        energy=jnp.full(4096, 50.0) * MeV,
        cos=jnp.zeros(4096),
        weight=jnp.full(4096, 1.0),
    )
    bins = Binning(
        mass_squared=jnp.linspace(-300, 300, 21) * MeV**2,
        energy=jnp.array([40.0]) * MeV,
        cos=jnp.array([0.1]),
        error=jnp.asarray(100 * MeV**2),
    )
    found, step = filled(bins, one), 1e-4

    def difference(up, down):
        return (filled(bins, up).values - filled(bins, down).values) / (2 * step)

    moved = [
        replace(one, mass_squared=one.mass_squared + sign * step * one.slope)
        for sign in (1, -1)
    ]
    wider = [replace(one, error=one.error * (1 + sign * step)) for sign in (1, -1)]
    # 1e-4 of the largest: third derivatives, (slope step / error)^2 / 6
    for exact, pair in ((found.scale, moved), (found.stretch, wider)):
        numeric = difference(*pair)
        largest = float(jnp.abs(numeric).max())
        np.testing.assert_allclose(exact, numeric, atol=1e-4 * largest)


@pytest.mark.long
def test_limit_without_uncertainties_is_the_counting_one(counts):
    """1.645 / sqrt(sum s^2 / b), all bins."""
    plain = replace(counts, nuisances=())
    used = np.asarray(counts.background) > 0
    s, b = np.asarray(counts.signal)[used], np.asarray(counts.background)[used]
    found = float(limit_of(plain, cl=0.95, method="Gaussian").median)
    # 1e-4: the quantile 1.645 has four digits
    assert found == pytest.approx(1.645 / np.sqrt((s**2 / b).sum()), rel=3e-4)


@pytest.mark.long
def test_massless_reach_is_where_toys_are(counts):
    """F = 4 to 7e9 GeV for a resolution of 0.2-0.5 MeV and an efficiency of 0.5-1.

    Such toys are statistics only, 95 % Gaussian; ours has 0.5 to 0.8 MeV on the missing
    energy and three long tracks. Their efficiency of 0.2 in place of 0.5 is a factor
    0.8 in F, (0.2 / 0.5)^(1/4): the lower end moves by as much.
    """
    model = massless().model
    plain = replace(counts, nuisances=())
    found = limit_of(plain, cl=0.95, method="Gaussian").median
    ratio = model.branching_ratio_from("mu", "e") / found
    scale = float(model.effective_scale() * jnp.sqrt(ratio)) / GeV
    assert 0.8 * 4e9 < scale < 7e9


@pytest.mark.long
def test_uncertainties_weaken_the_limit(counts):
    weaker = limit_of(counts, cl=0.95, method="CLs").median
    plain = limit_of(replace(counts, nuisances=()), cl=0.95, method="CLs").median
    scale = [n for n in counts.nuisances if n.name == "momentum_scale"]
    some = limit_of(replace(counts, nuisances=tuple(scale)), cl=0.95, method="CLs")
    assert float(plain) < float(some.median) < float(weaker)


@pytest.mark.long
def test_beyond_the_last_seen_mass_is_one_sentence():
    none = ALONE.background(jax.random.key(1))
    with pytest.raises(ValueError, match="no event of m_a = 74 MeV is seen"):
        ALONE.counts(74 * MeV, none, jax.random.key(2))


def test_end_follows_from_the_last_layer():
    """p_T = 0.3 B (R_4 - R_target - 2 mm) / 2 = 9.8 MeV from the rim, edges 1 mm."""
    by_hand = M_MU - 3 * 0.2998 * (86.3 - 19 - 2) / 2 * MeV
    assert ALONE.mass_end() == pytest.approx(by_hand, rel=0.01)


@pytest.mark.long
def test_polarisation_helps_the_right_handed(events):
    """V+A is emitted against the direction of Michel decays; V has no asymmetry."""
    del events
    none = ALONE.background(jax.random.key(1))
    found = {}
    for name, c_a in (("V", 0.0), ("V+A", 1.0)):
        search = replace(ALONE, signal=massless(1.0, c_a))
        plain = replace(search.counts(0.0, none, jax.random.key(2)), nuisances=())
        found[name] = float(limit_of(plain, cl=0.95, method="Gaussian").median)
    assert found["V+A"] < 0.95 * found["V"]


def test_events_need_three_tracks(true):
    two = Events(
        p=true.p[:, :2],
        vertex=true.vertex[:, :2],
        seen=true.seen[:, :2],
        weight=true.weight,
        names=("e+1", "e-"),
    )
    with pytest.raises(ValueError, match="three slots"):
        Mu3e().observe(two, jax.random.key(1))
