"""The missing mass of three tracks at Mu3e: signals of mu -> 3e a and backgrounds."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import jax
import jax.numpy as jnp
import matplotlib as mpl
import numpy as np

from jaxtyping import Float
from matplotlib.figure import Figure

from darkreach.constants import WIDTH_MU
from darkreach.outputs import plot
from darkreach.processes.mu_to_3e_nu_nu import MuTo3eNuNu
from darkreach.searches.missing_mass import Binning, Seen, filled
from darkreach.searches.missing_mass_samples import (
    coincidences,
    conversions,
    sampled,
)
from darkreach.searches.mu3e_three_tracks_alp import Mu3eThreeTracksAlp
from darkreach.units import MeV

Bins = Float[np.ndarray, " bins"]
MASSES: Final = (0.0, 20 * MeV, 40 * MeV)
RANGE: Final = (-500 * MeV**2, 2700 * MeV**2)
WIDTH: Final = 20 * MeV**2
BLOCKS: Final = {True: 1, False: 4}  # of mu -> 3e nu nu
PROMPT: Final = r"$\mu \to 3e\,\nu\bar\nu$"
NAMES: Final = {
    "external": "conversion in the own foil",
    "bhabha": "Bhabha pair + Michel",
    "internal_conversion": "internal conversion + Michel",
    "conversion": "conversion + Michel",
    "triple_michel": "three Michel positrons",
}
STYLES: Final = (
    ("-", "0.35"),
    ("--", "0.35"),
    ("-.", "0.35"),
    (":", "0.35"),
    ("-", "0.65"),
)


def missing_mass(
    output: Path,
    *,
    masses: Sequence[float] = MASSES,
    branching_ratio: float = 1e-4,
    seed: int = 1,
    fast: bool = False,
    progress: Callable[[int, int], None] | None = None,
) -> list[Path]:
    """Events of phase I in bins of the reconstructed missing mass squared.

    Args:
        output: folder of the figure and of the table.
        masses: of the a [GeV].
        branching_ratio: BR(mu -> e a) at which signals are drawn.
        seed: random seed.
        fast: fewer events.
        progress: called with steps done and their number.
    """
    search = Mu3eThreeTracksAlp()
    first, second, third = jax.random.split(jax.random.key(seed), 3)
    steps = 2 + len(masses)

    def tell(done: int) -> None:
        if progress is not None:
            progress(done, steps)

    muons = search.experiment.muons
    prompt = sampled(search.experiment, MuTo3eNuNu(), first, blocks=BLOCKS[fast])
    backgrounds = {PROMPT: _binned(prompt.scaled(muons / WIDTH_MU))}
    tell(1)
    backgrounds |= _others(search, second)
    tell(2)
    signals = {}
    for i, mass in enumerate(masses):
        process = replace(search.signal, model=replace(search.signal.model, mass=mass))
        seen = sampled(
            search.experiment, process, jax.random.fold_in(third, i), blocks=1
        )
        size = branching_ratio * muons / process.model.width_from("mu", "e")
        label = rf"$\mu \to 3e\,a$, $m_a = {mass / MeV:g}$ MeV"
        signals[label] = _binned(seen.scaled(size))
        tell(3 + i)
    table = output / "missing_mass.csv"
    parts = backgrounds | {
        f"signal_{m / MeV:g}_MeV": s
        for m, s in zip(masses, signals.values(), strict=True)
    }
    head = ["low_MeV2", "prompt", *list(parts)[1:]]
    lines = np.column_stack([_edges()[:-1] / MeV**2, *parts.values()]).tolist()
    plot.replace_text(table, plot.csv_text(head, lines))
    title = (
        f"Mu3e phase I, {float(muons):.2g} muons, "
        rf"BR$(\mu \to e a)$ = {branching_ratio:.0e}"
    )
    drawn = plot.written(output / "missing_mass", _draw, backgrounds, signals, title)
    return [*drawn, table]


def _edges() -> Float[np.ndarray, " edges"]:
    low, high = RANGE
    return np.linspace(low, high, 1 + round((high - low) / WIDTH))


def _binned(events: Seen) -> Bins:
    """Expected events a bin, each spread by its resolution."""
    none = jnp.zeros(0)
    error = jnp.asarray(WIDTH)  # only a drawing range would need it
    bins = Binning(
        mass_squared=jnp.asarray(_edges()), energy=none, cos=none, error=error
    )
    return np.asarray(filled(bins, events).values)


def _others(search: Mu3eThreeTracksAlp, key: Any) -> dict[str, Bins]:
    """Conversions in the target, and coincidences, by name."""
    first, second = jax.random.split(key)
    made = {"external": conversions(search.experiment, search.target, first)}
    made |= coincidences(search.experiment, search.target, second)
    return {NAMES[name]: _binned(events) for name, events in made.items()}


def _draw(
    backgrounds: Mapping[str, Bins],
    signals: Mapping[str, Bins],
    title: str,
    path: Path,
) -> None:
    """Lines, not stacked: the components span six orders of magnitude."""
    edges = _edges() / MeV**2
    with mpl.rc_context(plot.STYLE):
        figure = Figure(figsize=(5.8, 4.6), layout="constrained")
        axes = figure.add_subplot()
        (first, prompt), *others = backgrounds.items()
        axes.stairs(prompt, edges, fill=True, color=plot.GREYS[-1], label=first)
        for (name, values), (style, grey) in zip(others, STYLES, strict=True):
            axes.stairs(values, edges, color=grey, ls=style, lw=0.9, label=name,
                        baseline=None)  # fmt: skip
        for (name, values), colour in zip(signals.items(), plot.REACH, strict=False):
            axes.stairs(values, edges, color=colour, lw=1.4, label=name, baseline=None)
        axes.set_yscale("log")
        axes.set_ylim(1, 1000 * prompt.max())
        axes.set_xlim(edges[0], edges[-1])
        axes.set_xlabel(r"missing mass squared [MeV$^2$]")
        axes.set_ylabel(f"events in {WIDTH / MeV**2:g} MeV$^2$")
        axes.set_title(title, fontsize=8)
        axes.legend(loc="upper right", ncols=2, frameon=False)
        plot.save(figure, path)
