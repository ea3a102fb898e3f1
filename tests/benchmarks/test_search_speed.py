"""How fast the MEG II search fills its templates; never asserted as a time."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from darkreach.processes.mu_to_e_nu_nu_gamma import MuToENuNuGamma
from darkreach.searches.meg2_mu_e_alp_gamma import Meg2MuEAlpGamma, edges
from darkreach.searches.pairs import kinematic_end, sampler, true_cuts
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
