"""Electrons and nothing at Belle II: what photons lost in crystals and holes cost."""

import math

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, Final, NamedTuple

import jax
import matplotlib as mpl
import numpy as np

from jaxtyping import Float
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from darkreach.outputs.plot import (
    REACH,
    STYLE,
    csv_text,
    replace_text,
    save,
    written,
)
from darkreach.searches.belle2_fusion_invisible import Belle2FusionInvisible
from darkreach.searches.fusion_samples import signal
from darkreach.searches.search import limit_of
from darkreach.searches.two_electrons import Missed
from darkreach.units import GeV

Line = Float[np.ndarray, " n"]

MASSES: Final = (0.3 * GeV, 3 * GeV, 5 * GeV, 7 * GeV)
SCAN: Final = np.geomspace(1e-9, 1e-3, 7)  # inefficiencies
CASES: Final = {"as assumed": True, "closed": False}  # the gaps, the seam, the septa
NOTHING: Final = 3.0  # events that are excluded where none is expected, 95 % CL


class Cost(NamedTuple):
    """Of one mass, over the inefficiencies of `SCAN`.

    Attributes:
        mass: [GeV].
        events: of background in the window of the signal and the first category, one
            row a case of `CASES`.
        coupling: limits [1/GeV], the same rows.
        ceiling: limit if nothing but what is lost along the beams were background.
    """

    mass: float
    events: Float[np.ndarray, "cases n"]
    coupling: Float[np.ndarray, "cases n"]
    ceiling: float


def costs(
    search: Belle2FusionInvisible,
    *,
    seed: int = 1,
    fast: bool = False,
    progress: Callable[[int, int], None] | None = None,
) -> list[Cost]:
    """Backgrounds and limits, to first order in the inefficiency.

    Arguments are those of `figure`.
    """
    of = search.experiment
    tight = replace(of.ecl, gap_loss=0.0, seam_loss=0.0, septum_loss=0.0)
    leaky = replace(of.ecl, inefficiency=0.0)
    draw, *keys = jax.random.split(jax.random.key(seed), 1 + len(MASSES))
    samples = []
    for ecl in (tight, leaky):
        one = replace(search, experiment=replace(of, ecl=ecl))
        samples.append(one.background(draw, fast=fast))
        if progress is not None:
            progress(len(samples), 2 + len(MASSES))
    crystals, holes = samples
    found = []
    for mass, key in zip(MASSES, keys, strict=True):
        sample = signal(of, search.selection, mass, key)
        rows = []
        for with_holes in CASES.values():
            for loss in SCAN:
                factor = float(loss) / float(of.ecl.inefficiency)
                parts = {
                    "lost": crystals["lost"].scaled(factor),
                    "lost_two": crystals["lost_two"].scaled(factor),
                    "tau": crystals["tau"],
                    "pair": crystals["pair"],
                }
                if with_holes:
                    parts["hole"] = holes["lost"]
                    parts["hole_two"] = holes["lost_two"]
                counts = search.binned(mass, sample, parts)
                strength = float(limit_of(counts, cl=0.95, method="CLs").median)
                inside = sum(_inside(one, sample) for one in parts.values())
                rows.append((inside, math.sqrt(strength)))
        events, coupling = np.reshape(rows, (len(CASES), len(SCAN), 2)).transpose(
            2, 0, 1
        )
        whole = sample.weight[sample.category < 4].sum()
        ceiling = math.sqrt(NOTHING / whole) if whole > 0 else math.inf
        found.append(Cost(mass, events, coupling, ceiling))
        if progress is not None:
            progress(2 + len(found), 2 + len(MASSES))
    return found


def _inside(one: Missed, sample: Missed) -> float:
    """Events of the first category in the middle 95 % of the signal."""
    order = np.argsort(sample.mass_squared)
    share = np.cumsum(sample.weight[order]) / sample.weight.sum()
    low, high = np.interp((0.025, 0.975), share, sample.mass_squared[order])
    near = (one.mass_squared > low) & (one.mass_squared < high)
    return float(one.weight[near & (one.category == 0)].sum())


def figure(
    output: Path,
    *,
    seed: int = 1,
    fast: bool = False,
    progress: Callable[[int, int], None] | None = None,
) -> list[Path]:
    """Figure and table for 50/ab.

    Args:
        output: folder of the files.
        seed: of the samples.
        fast: fewer events.
        progress: called with steps done and their number.
    """
    search = Belle2FusionInvisible()
    found = costs(search, seed=seed, fast=fast, progress=progress)
    table = output / "holes.csv"
    head = (
        "mass_GeV",
        "gaps",
        "inefficiency",
        "events",
        "g_per_GeV",
        "ceiling_per_GeV",
    )
    rows = [
        (
            one.mass / GeV,
            case,
            loss,
            one.events[k, i],
            one.coupling[k, i] * GeV,
            one.ceiling * GeV,
        )
        for one in found
        for k, case in enumerate(CASES)
        for i, loss in enumerate(SCAN)
    ]
    replace_text(table, csv_text(head, rows))
    default = float(search.experiment.ecl.inefficiency)
    return [*written(output / "holes", _draw, found, default), table]


def _draw(found: list[Cost], default: float, path: Path) -> None:
    with mpl.rc_context(STYLE):
        whole = Figure(figsize=(9.2, 4.0), layout="constrained")
        left, right = whole.subplots(1, 2)
        for colour, one in zip(REACH, found, strict=False):
            label = rf"$m_a$ = {one.mass / GeV:g} GeV"
            for k, style in enumerate(("-", "--")):
                lines: dict[str, Any] = {"color": colour, "ls": style}
                shown = np.where(one.events[k] > 0, one.events[k], np.nan)
                left.plot(SCAN, shown, **lines)
                right.plot(SCAN, one.coupling[k] * GeV, **lines)
            right.axhline(one.ceiling * GeV, color=colour, ls=":", lw=0.8)
            left.plot([], [], color=colour, label=label)
        _finish(left, default)
        left.axhline(1, color="0.6", lw=0.8)
        left.set_ylabel("background in the window, 50/ab")
        left.legend(frameon=False, fontsize=8)
        _finish(right, default)
        right.set_ylabel(r"95 % CL limit on $g_{a\gamma\gamma}$ [GeV$^{-1}$]")
        names = {"-": "gaps as assumed", "--": "gaps closed", ":": "three events"}
        handles = [Line2D([], [], color="0.3", ls=style) for style in names]
        right.legend(handles, names.values(), frameon=False, fontsize=8)
        save(whole, path)


def _finish(axes: Axes, default: float) -> None:
    axes.set(xscale="log", yscale="log", xlim=(SCAN[0], SCAN[-1]))
    axes.set_xlabel("probability that crystals miss a photon")
    axes.axvline(default, color="0.8", lw=0.8, zorder=0)
    axes.text(
        default, 0.02, " 30 cm of CsI", transform=axes.get_xaxis_transform(),
        rotation=90, fontsize=7, color="0.4", ha="right", va="bottom",
    )  # fmt: skip
