"""Figures of the search for mu -> e a gamma at MEG II beyond its reach curve."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import jax
import jax.numpy as jnp
import numpy as np

from darkreach.curves.curve import Curve
from darkreach.experiments.backgrounds import trigger_rates
from darkreach.experiments.meg2 import design
from darkreach.models.lfv_alp import LfvAlp, scale_from_branching_ratio
from darkreach.outputs import meg2_plot, plot
from darkreach.outputs.meg2_plot import CHIRALITIES
from darkreach.outputs.trigger import THRESHOLDS
from darkreach.processes.mu_to_e_alp_gamma import MuToEAlpGamma
from darkreach.processes.mu_to_e_nu_nu_gamma import MuToENuNuGamma
from darkreach.searches.meg2_mu_e_alp_gamma import (
    BLOCK,
    Background,
    Meg2MuEAlpGamma,
)
from darkreach.searches.pairs import (
    accidental_pairs,
    kinematic_end,
    sampler,
    true_cuts,
)
from darkreach.searches.search import (
    Point,
    curve_from_points,
    reach_point,
    scan_keys,
)
from darkreach.searches.templates import Seen, seen
from darkreach.units import GeV, Hz, MeV, day

Progress = Callable[[int, int], None] | None
MASSES: Final = tuple(m * MeV for m in (0, 4, 8, 12, 16, 20, 24, 28, 32, 34))


def distributions(
    output: Path,
    *,
    masses: tuple[float, ...] = (0.0, 10 * MeV, 20 * MeV, 30 * MeV),
    branching_ratio: float = 1e-3,
    seed: int = 1,
    fast: bool = False,
    progress: Progress = None,
) -> list[Path]:
    """E_e against E_gamma, and the missing mass, of signal and backgrounds.

    Args:
        output: folder of the figures.
        masses: of the ALP in the missing-mass figure [GeV].
        branching_ratio: BR(mu -> e a) at which the signal is drawn.
        seed: random seed.
        fast: fewer events.
        progress: called with steps done and their number.
    """
    search = Meg2MuEAlpGamma(ratio_bins=1)
    steps = len(masses) + 2
    base, keys = scan_keys(seed, masses)
    base, energy_key = jax.random.split(base)
    panels = _energies(search, energy_key, mass=masses[len(masses) // 2], fast=fast)
    _tell(progress, 1, steps)
    background = search.background(base, fast=fast)
    everything = jnp.ones_like(background.used)  # all rows are drawn
    background = replace(background, used=everything)
    _tell(progress, 2, steps)
    signals = {}
    for i, (mass, key) in enumerate(zip(masses, keys, strict=True)):
        counts = search.counts(mass, background, key, fast=fast)
        label = rf"signal, $m_a = {mass / MeV:g}$ MeV"
        signals[label] = branching_ratio * np.asarray(counts.signal)
        _tell(progress, 3 + i, steps)
    components = {
        "accidental": np.asarray(background.accidental.values[0]),
        r"$\mu \to e \nu \nu \gamma$": np.asarray(background.radiative.values[0]),
    }
    edges = np.asarray(background.binning.mass_squared) / MeV**2
    title = f"{search.describe()['exposure']}; signal at BR = {branching_ratio:g}"
    return [
        *plot.written(output / "energies", meg2_plot.energy_figure, panels),
        *plot.written(
            output / "missing_mass",
            meg2_plot.missing_mass_figure,
            edges,
            components,
            signals,
            title,
        ),
    ]


def _energies(
    search: Meg2MuEAlpGamma, key: Any, *, mass: float, fast: bool
) -> dict[str, tuple[np.ndarray, np.ndarray, np.ndarray]]:
    """Reconstructed energies [MeV] and weights [events] of signal and backgrounds."""
    experiment, cut = search.experiment, search.positron_cut
    n = BLOCK // (4 if fast else 1)
    keys = jax.random.split(key, 6)
    end = kinematic_end(*true_cuts(experiment, cut))
    signal = replace(search.signal, model=replace(search.signal.model, mass=mass))
    draws = {
        rf"signal, $m_a = {mass / MeV:g}$ MeV": sampler(
            experiment, cut, signal, keys[0]
        )(keys[1], n),
        r"$\mu \to e \nu \nu \gamma$": sampler(
            experiment, cut, MuToENuNuGamma(), keys[2], between=(0.0, end)
        )(keys[3], n),
        "accidental": next(
            accidental_pairs(experiment, cut, n, keys[4], samples=1, orders=1)
        ),
    }
    out = {}
    for i, (name, pairs) in enumerate(draws.items()):
        found: Seen = seen(search, pairs, jax.random.fold_in(keys[5], i))
        positron, photon = found.positron.e, found.photon.e
        energies = np.asarray(positron) / MeV, np.asarray(photon) / MeV
        out[name] = (*energies, np.asarray(found.weight))
    return out


def couplings(
    output: Path,
    *,
    masses: tuple[float, ...] = MASSES,
    seed: int = 1,
    fast: bool = False,
    progress: Progress = None,
) -> list[Path]:
    """Reach for V-A, V+A, V and A, with and without systematics and angles.

    Args:
        output: folder of the figures and of the table.
        masses: of the ALP [GeV].
        seed: random seed.
        fast: fewer events.
        progress: called with steps done and their number.
    """
    curves: dict[str, dict[str, Curve]] = {}
    steps = 2 * len(CHIRALITIES) * len(masses)
    key, _ = scan_keys(seed, masses)
    without: Background | None = None  # the same for all couplings
    for name, (c_v, c_a) in CHIRALITIES.items():
        signal = MuToEAlpGamma(model=LfvAlp(c_v=c_v, c_a=c_a))
        curves[name] = {}
        for bins, angles in ((3, "with angles"), (1, "no angles")):
            search = Meg2MuEAlpGamma(signal=signal, ratio_bins=bins)
            if bins > 1:
                background = search.background(key, fast=fast)
            else:
                without = without or search.background(key, fast=fast)
                background = without
            done = (2 * len(curves) - 1 - (bins == 3)) * len(masses)
            told = _after(progress, done, steps)
            found = _variants(
                search, background, masses, seed=seed, fast=fast, progress=told
            )
            for label, curve in found.items():
                curves[name][f"{label}, {angles}"] = curve
    rows = (
        (name, label, m / MeV, v)
        for name, each in curves.items()
        for label, c in each.items()
        for m, v in zip(c.mass, c.value, strict=True)
    )
    table = output / "couplings.csv"
    head = ("chirality", "limit", "mass_MeV", "BR_95CL")
    plot.replace_text(table, plot.csv_text(head, rows))
    files = [table]
    for quantity in ("F", "BR"):
        stem = output / f"couplings_{quantity}"
        files += plot.written(stem, meg2_plot.couplings_figure, curves, quantity)
    return files


def _variants(
    search: Meg2MuEAlpGamma,
    background: Background,
    masses: Sequence[float],
    *,
    seed: int,
    fast: bool,
    progress: Progress,
) -> dict[str, Curve]:
    """Limits with all uncertainties, and with those of the data alone."""
    _, keys = scan_keys(seed, masses)
    bare = replace(search, systematics=False, mc_statistics=False)
    points: dict[str, list[Point]] = {"all uncertainties": [], "data statistics": []}
    for i, (mass, key) in enumerate(zip(masses, keys, strict=True)):
        for one, found in zip((search, bare), points.values(), strict=True):
            found.append(reach_point(one, mass, background, key=key, fast=fast))
        _tell(progress, i + 1, len(masses))
    return {
        label: curve_from_points(search, found, cl=0.95, method="CLs")
        for label, found in points.items()
    }


def contour(
    output: Path,
    *,
    masses: tuple[float, ...] = (0.0, 5 * MeV, 10 * MeV, 20 * MeV, 30 * MeV),
    seed: int = 1,
    fast: bool = False,
    progress: Progress = None,
) -> list[Path]:
    """Reach at every point of the contour on which the trigger fills the disk budget.

    At each photon threshold the muon rate is the largest one within the budget, and no
    more than the beam gives.

    Args:
        output: folder of the figure and of the table.
        masses: of the ALP [GeV].
        seed: random seed.
        fast: fewer events.
        progress: called with steps done and their number.
    """
    base = Meg2MuEAlpGamma()
    experiment, budget = base.experiment, float(base.experiment.disk_budget)
    thresholds = np.array(THRESHOLDS) * MeV
    trigger_key, *keys = jax.random.split(jax.random.key(seed), 1 + len(THRESHOLDS))
    rates = trigger_rates(
        experiment, thresholds, trigger_key, n=2**16 if fast else 2**18
    ).muon_rate(budget)
    steps, rows = 1 + len(THRESHOLDS), []
    _tell(progress, 1, steps)
    for i, (threshold, affordable) in enumerate(zip(thresholds, rates, strict=True)):
        rate = min(float(affordable), float(design().muon_rate))
        trigger = replace(experiment.trigger, photon_threshold=float(threshold))
        here = replace(experiment, trigger=trigger, muon_rate=rate)
        search = replace(base, experiment=here)
        bare = replace(search, systematics=False, mc_statistics=False)
        base_key, *mass_keys = jax.random.split(keys[i], 1 + len(masses))
        background = search.background(base_key, fast=fast)
        for mass, key in zip(masses, mass_keys, strict=True):
            if mass > search.mass_end() - MeV:
                continue
            found = [
                reach_point(s, mass, background, key=key, fast=fast).median
                for s in (search, bare)
            ]
            scales = [
                float(scale_from_branching_ratio(br, mass=mass, c_v=1.0, c_a=0.0)) / GeV
                for br in found
            ]
            where = (threshold / MeV, rate / Hz, mass / MeV)
            rows.append((*where, *found, *scales))
        _tell(progress, i + 2, steps)
    table = output / "contour.csv"
    head = (
        "threshold_MeV",
        "muons_per_s",
        "mass_MeV",
        "BR_95CL",
        "BR_data_only",
        "F_95CL_GeV",
        "F_data_only_GeV",
    )
    plot.replace_text(table, plot.csv_text(head, rows))
    title = f"{float(base.exposure) / day:g} live days, 95% CL CLs, vector coupling"
    files = plot.written(output / "contour", meg2_plot.contour_figure, rows, title)
    return [*files, table]


def _tell(progress: Progress, done: int, total: int) -> None:
    if progress is not None:
        progress(done, total)


def _after(progress: Progress, before: int, total: int) -> Progress:
    """Progress of a part that begins when `before` of `total` steps are done."""

    def told(done: int, _: int) -> None:
        _tell(progress, before + done, total)

    return told
