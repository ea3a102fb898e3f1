"""The plane of photon threshold and muon rate of a trigger."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import jax
import numpy as np

from darkreach.experiments.backgrounds import TriggerRates, trigger_rates
from darkreach.experiments.meg2 import design
from darkreach.outputs.plot import trigger_figure
from darkreach.units import Hz, MeV

THRESHOLDS: Final = (5.0, 7.5, 10.0, 15.0, 20.0, 25.0, 30.0, 35.0, 40.0, 45.0)  # [MeV]
BENCHMARK: Final = 10.0  # [MeV], arXiv:2203.11222
UNCERTAINTY: Final = 2.0  # on the accidental rate: window, turn-on, material; assumed


def trigger_plane(
    experiment: Any,
    output: Path,
    *,
    seed: int = 1,
    fast: bool = False,
    progress: Callable[[int, int], None] | None = None,
) -> dict[str, Any]:
    """Rates of an experiment's trigger, with a figure in PNG and PDF.

    The requirements of the trigger are the experiment's; the proposed one has no
    direction match.

    Args:
        experiment: with a `trigger`, such as `Meg2`.
        output: folder of the figure.
        seed: random seed.
        fast: fewer events.
        progress: called with steps done and their number.

    Returns:
        The rows of the plane and the files written, ready for JSON.
    """
    thresholds = np.array(THRESHOLDS) * MeV
    n = 2**16 if fast else 2**18
    rates = trigger_rates(experiment, thresholds, jax.random.key(seed), n=n)
    if progress is not None:
        progress(1, 2)
    plane = _plane(experiment, rates)
    files = [output / "trigger.png", output / "trigger.pdf"]
    for path in files:
        trigger_figure(plane, path)
    if progress is not None:
        progress(2, 2)
    return {**plane, "files": [str(path) for path in files]}


def meg2(
    output: Path,
    *,
    seed: int = 1,
    fast: bool = False,
    progress: Callable[[int, int], None] | None = None,
) -> list[Path]:
    """The plane of MEG II with the proposed trigger; arguments as `trigger_plane`."""
    plane = trigger_plane(design(), output, seed=seed, fast=fast, progress=progress)
    return [Path(name) for name in plane["files"]]


def _plane(experiment: Any, rates: TriggerRates) -> dict[str, Any]:
    """The muon rates that fill the disk budget, in the units of the figure."""
    budget = float(experiment.disk_budget)

    def muons(factor: float) -> Any:
        return rates.muon_rate(budget, accidental_factor=factor) / Hz

    best, low, high = muons(1.0), muons(UNCERTAINTY), muons(1 / UNCERTAINTY)
    equal = rates.radiative / rates.accidental / Hz
    index = THRESHOLDS.index(BENCHMARK)
    return {
        "title": f"{type(experiment).__name__}: {budget / Hz:g} Hz to disk",
        "budget": budget / Hz,
        "thresholds": list(THRESHOLDS),
        "rates": best.tolist(),
        "low": low.tolist(),
        "high": high.tolist(),
        "equal": equal.tolist(),
        "radiative_per_muon": rates.radiative.tolist(),
        "accidental_s": (rates.accidental * Hz).tolist(),
        "matter_share": rates.in_matter.tolist(),
        "benchmark": (BENCHMARK, [float(low[index]), float(high[index])]),
    }
