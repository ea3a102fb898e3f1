"""Speed of limits; reported, never asserted."""

import jax
import numpy as np
import pytest

from darkreach.inference.limits import Nuisance, limit, poisson_limit

pytestmark = pytest.mark.slow


def search(bins, number):
    """Smooth shape nuisances and MC errors on a search with `bins` bins."""
    rng = np.random.default_rng(5)
    b, s = rng.uniform(20, 300, bins), rng.uniform(0, 10, bins)
    x = np.linspace(0, 1, bins)
    nuisances = []
    for k in range(number):
        shape = rng.normal(0, 0.06) * np.sin(rng.uniform(0, 6) + rng.uniform(1, 6) * x)
        up, down = 1 + shape, 1 - shape * rng.uniform(0.7, 1.3)
        nuisances.append(
            Nuisance(
                name=f"n{k}",
                signal_up=s * up,
                signal_down=s * down,
                background_up=b * up,
                background_down=b * down,
            )
        )
    settings = {"nuisances": nuisances, "background_error": 0.03 * b}
    return s, b, settings, rng.poisson(b)


@pytest.mark.parametrize(("bins", "number"), [(10, 5), (100, 100)])
@pytest.mark.parametrize("kind", ["expected", "observed"])
def test_cls_limit(benchmark, bins, number, kind) -> None:
    s, b, settings, data = search(bins, number)
    if kind == "observed":
        settings["observed"] = data
    found = benchmark(lambda: jax.block_until_ready(limit(s, b, **settings)))
    assert np.all(np.isfinite(found.band))


def test_counting_limit(benchmark) -> None:
    found = benchmark(lambda: poisson_limit(1.0, 5.0, background_error=1.0))
    assert np.all(np.isfinite(found.band))
