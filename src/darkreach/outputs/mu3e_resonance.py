"""Figures of the search for a prompt resonance at Mu3e: mass, angles, gain, kinds."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import jax
import numpy as np

from darkreach.outputs import mu3e_resonance_plot as draw
from darkreach.outputs import plot
from darkreach.searches.mu3e_prompt_resonance import (
    Mu3ePromptResonance,
    counted,
    sampled,
)
from darkreach.searches.resonance_angles import angles_of
from darkreach.searches.resonance_kinds import KINDS, separation, squares
from darkreach.searches.resonance_samples import Samples
from darkreach.searches.resonance_templates import (
    Discriminant,
    axes_of,
    discriminants,
    smooth,
)
from darkreach.searches.search import limit_of, scan_keys
from darkreach.units import GeV, MeV

Progress = Callable[[int, int], None] | None
USES: Final[tuple[Discriminant, ...]] = ("none", "angles", "matrix_element")
MASSES: Final = tuple(m * MeV for m in (10, 20, 30, 40, 50, 60, 70, 80))


def pair_mass(
    output: Path,
    *,
    mass: float = 20 * MeV,
    eps: float = 3e-3,
    seed: int = 1,
    fast: bool = False,
    progress: Progress = None,
) -> list[Path]:
    """The mass of the candidate, all of it and where the discriminant is largest.

    Args:
        output: folder of the figure.
        mass: of the dark photon [GeV].
        eps: kinetic mixing at which the signal is drawn.
        seed: random seed.
        fast: fewer events.
        progress: called with steps done and their number.
    """
    search = Mu3ePromptResonance()
    shared = _shared(search, seed=seed, fast=fast)
    found = _samples(search, mass, shared, seed=seed, fast=fast)
    _tell(progress, 1, 2)
    half = float(search.window) * found.resolution
    panels = {}
    for kind, name in (("none", "all"), ("matrix_element", "best eighth")):
        use: Any = kind
        ratios = discriminants(
            found, use, model=search.model, experiment=search.experiment
        )
        bins = axes_of(
            found, ratios, half=half, bins=search.bins, categories=search.categories
        )
        signal = bins.filled(found.signal.offset, ratios[0], found.signal.weight)
        raw = bins.filled(found.background.offset, ratios[1], found.background.weight)
        panels[name] = eps**2 * signal[-1], smooth(bins.centres(), raw)[-1]
    edges = (mass + np.linspace(-half, half, search.bins + 1)) / MeV
    title = (
        f"{search.describe()['exposure']}, dark photon of {mass / MeV:g} MeV,"
        rf" $\varepsilon = {eps:g}$"
    )
    files = plot.written(output / "pair_mass", draw.mass_figure, edges, panels, title)
    _tell(progress, 2, 2)
    return files


def angles(
    output: Path,
    *,
    mass: float = 20 * MeV,
    seed: int = 1,
    fast: bool = False,
    progress: Progress = None,
) -> list[Path]:
    """The angles by which kinds of signals differ, and how many events tell them apart.

    Arguments as for `pair_mass`.
    """
    search = Mu3ePromptResonance()
    steps, samples = len(KINDS) + 1, {}
    shared = _shared(search, seed=seed, fast=fast)
    for kind, model in KINDS.items():
        every = replace(search, model=model)
        samples[kind] = _samples(every, mass, shared, seed=seed, fast=fast)
        _tell(progress, len(samples), steps)
    one = samples["V"]
    background = one.background.kept(one.background.peak(one.resolution))
    shown = {"background": (angles_of(background.tracks), background.weight)}
    for kind, found in samples.items():
        core = found.signal.kept(found.signal.peak(found.resolution))
        shown[kind] = angles_of(core.tracks), core.weight
    title = f"candidates at the peak, {mass / MeV:g} MeV, {_muons(search)}"
    files = plot.written(output / "angles", draw.angles_figure, shown, title)
    tools: Any = {"experiment": search.experiment, "kinds": KINDS}
    known = {
        kind: squares(found.signal, resolution=found.resolution, **tools)
        for kind, found in samples.items()
    }
    below = squares(one.background, resolution=one.resolution, **tools)
    table = output / "kinds.csv"
    rows = [(a, b, n) for (a, b), n in separation(below, known).items()]
    plot.replace_text(table, plot.csv_text(("true", "other", "events"), rows))
    _tell(progress, steps, steps)
    return [*files, table]


def gain(
    output: Path,
    *,
    masses: tuple[float, ...] = MASSES,
    seed: int = 1,
    fast: bool = False,
    progress: Progress = None,
) -> list[Path]:
    """Limits with and without angles, for every kind of coupling.

    Args:
        output: folder of the figure and the table.
        masses: of X [GeV].
        seed: random seed.
        fast: fewer events.
        progress: called with steps done and their number.
    """
    search = Mu3ePromptResonance()
    steps, rows = len(KINDS) * len(masses), []
    shared = _shared(search, seed=seed, fast=fast)
    limits: dict[str, dict[str, list[float]]] = {}
    for kind, model in KINDS.items():
        limits[kind] = {use: [] for use in USES}
        for mass in masses:
            every = replace(search, model=model)
            found = _samples(every, mass, shared, seed=seed, fast=fast)
            for use in USES:
                counts = counted(replace(every, angles=use), found)
                median = limit_of(counts, cl=0.95, method="CLs").median
                limits[kind][use].append(float(median) ** 0.5)
            rows.append((kind, mass / GeV, *(limits[kind][use][-1] for use in USES)))
            _tell(progress, len(rows), steps)
    table = output / "gain.csv"
    head = ("kind", "mass_GeV", *USES)
    plot.replace_text(table, plot.csv_text(head, rows))
    values = {
        kind: {use: np.array(line) for use, line in lines.items()}
        for kind, lines in limits.items()
    }
    masses_mev = np.array(masses) / MeV
    title = f"median limits, 95% CL, {_muons(search)}"
    files = plot.written(output / "gain", draw.gain_figure, masses_mev, values, title)
    return [*files, table]


def _samples(
    search: Mu3ePromptResonance, mass: float, shared: Any, *, seed: int, fast: bool
) -> Samples:
    _, (key,) = scan_keys(seed, (mass,))
    return sampled(search, mass, shared, jax.random.split(key)[0], fast=fast)


def _shared(search: Mu3ePromptResonance, *, seed: int, fast: bool) -> Any:
    return search.background(scan_keys(seed, ())[0], fast=fast)


def _muons(search: Mu3ePromptResonance) -> str:
    return str(search.describe()["exposure"])


def _tell(progress: Progress, done: int, total: int) -> None:
    if progress is not None:
        progress(done, total)
