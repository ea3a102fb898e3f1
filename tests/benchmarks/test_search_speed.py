"""How fast searches are; never asserted as a time."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from darkreach.processes.mu_to_e_nu_nu_gamma import MuToENuNuGamma
from darkreach.searches.meg2_mu_e_alp_gamma import Meg2MuEAlpGamma, edges
from darkreach.searches.mu3e_prompt_resonance import Mu3ePromptResonance
from darkreach.searches.mu3e_three_tracks_alp import Mu3eThreeTracksAlp
from darkreach.searches.pairs import kinematic_end, sampler, true_cuts
from darkreach.searches.search import reach_point
from darkreach.searches.templates import Binning, tables

pytestmark = pytest.mark.slow

N = 2**18


@pytest.mark.parametrize("step", ["draw", "tables"])
def test_templates(benchmark, step):
    """Draw radiative decays in the acceptance; reconstruct and fill 11 histograms."""
    search = Meg2MuEAlpGamma()
    end = kinematic_end(*true_cuts(search.experiment, search.positron_cut))
    draw = sampler(
        search.experiment,
        search.positron_cut,
        MuToENuNuGamma(),
        jax.random.key(1),
        between=(0.25 * end, 0.57 * end),
    )
    pairs = draw(jax.random.key(2), N)
    rows = len(edges(search)) - 1
    binning = Binning(
        mass_squared=jnp.asarray(edges(search)), ratio=jnp.zeros((rows, 2))
    )
    if step == "draw":
        made = benchmark(lambda: jax.block_until_ready(draw(jax.random.key(3), N)))
        assert float(made.weight.sum()) > 0
    else:
        found = benchmark(lambda: tables(search, binning, pairs, jax.random.key(4)))
        assert np.asarray(found.values[0]).sum() > 0
    if benchmark.stats is not None:
        benchmark.extra_info["events_per_second"] = N / benchmark.stats.stats.min
        weight = np.asarray(pairs.weight)
        benchmark.extra_info["effective_share"] = weight.sum() ** 2 / (
            N * (weight**2).sum()
        )


@pytest.mark.long
@pytest.mark.parametrize("search", [Mu3eThreeTracksAlp(), Mu3ePromptResonance()])
def test_reach(benchmark, search):
    """A whole curve at the default precision, compiled before: the best of one."""
    mass, *_ = masses = search.masses()
    key = jax.random.key(1)
    background = search.background(key)
    reach_point(search, mass, background, key=key)

    def curve():
        background = search.background(key)
        return [reach_point(search, m, background, key=key) for m in masses]

    points = benchmark.pedantic(curve, rounds=1)
    errors = [point.mc_error / point.median for point in points]
    assert max(errors) < 0.035  # 3 % and what three replicas know about it
    if benchmark.stats is not None:
        benchmark.extra_info["masses"] = len(points)
        benchmark.extra_info["largest_mc_error"] = max(errors)
