"""Tables and figure of `outputs.mu3e_inputs`."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final, NamedTuple

import matplotlib as mpl
import numpy as np

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from darkreach.outputs import plot
from darkreach.outputs.mu3e_rows import Row
from darkreach.units import GeV, MeV

PUBLISHED: Final = 6e9 * GeV  # arXiv:2311.17915, abstract: F or f_a, "as high as"
# S / sqrt(B) without accidentals: 0.2 to 0.5 MeV a track, efficiency 0.5 to 1.
TOY: Final = (4e9 * GeV, 7e9 * GeV)


class Reach(NamedTuple):
    """What a row gives at one mass.

    Attributes:
        ratio: limit on BR(mu -> e a).
        scale: the same as F [GeV].
        error: of F, from replicas of the sample [GeV].
    """

    ratio: float
    scale: float
    error: float


def tables(
    output: Path,
    rows: Sequence[Row],
    masses: Sequence[float],
    found: Sequence[Sequence[Reach]],
) -> list[Path]:
    """The numbers as csv and as markdown."""
    names = [f"{m / MeV:g}_MeV" for m in masses]
    columns = ("BR", "F_GeV", "F_error_GeV", "F_ratio")
    head = ["input", "value", *(f"{c}_{n}" for n in names for c in columns)]
    lines = []
    text = [
        "| input | value (default) | "
        + " | ".join(f"F at {m / MeV:g} MeV [GeV] | ratio" for m in masses)
        + " |",
        "|---" * (2 + 2 * len(masses)) + "|",
    ]
    for row, each in zip(rows, found, strict=True):
        line: list[Any] = [row.name, row.text]
        cells = []
        for one, default in zip(each, found[0], strict=True):
            ratio = one.scale / default.scale
            line += [one.ratio, one.scale / GeV, one.error / GeV, ratio]
            error = one.error / one.scale
            cells.append(f"{one.scale / GeV:.2e} ({error:.1%}) | {ratio:.2f}")
        lines.append(line)
        text.append(f"| {row.name} | {row.text} | {' | '.join(cells)} |")
    paths = [output / "inputs.csv", output / "inputs.md"]
    plot.replace_text(paths[0], plot.csv_text(head, lines))
    plot.replace_text(paths[1], "\n".join([*text, ""]))
    return paths


def draw(
    rows: Sequence[Row],
    masses: Sequence[float],
    found: Sequence[Sequence[Reach]],
    path: Path,
) -> None:
    """F with its MC error, one row an input, over what is published."""
    with mpl.rc_context(plot.STYLE):
        figure = Figure(figsize=(6.8, 0.22 * len(rows) + 1.2), layout="constrained")
        axes = figure.add_subplot()
        y = np.arange(len(rows))[::-1]
        unit = 1e9 * GeV
        low, high = (x / unit for x in TOY)
        axes.axvspan(low, high, color="0.92", lw=0,
                     label="statistics of a simple model")  # fmt: skip
        axes.axvline(PUBLISHED / unit, color="0.35", lw=0.9, ls="--",
                     label="arXiv:2311.17915, F or $f_a$")  # fmt: skip
        for i, (mass, colour) in enumerate(zip(masses, plot.REACH, strict=False)):
            points = [each[i] for each in found]
            x = np.array([p.scale for p in points]) / unit
            error = np.array([p.error for p in points]) / unit
            axes.axvline(x[0], color=colour, lw=0.7, ls=":")
            beside = y + 0.15 * (1 - 2 * i)
            axes.errorbar(x, beside, xerr=error, fmt="o", color=colour, ms=3.5, lw=1.2,
                          label=f"$m_a = {mass / MeV:g}$ MeV")  # fmt: skip
        _named(axes, rows, y)
        figure.legend(loc="outside upper center", ncols=2, frameon=False)
        plot.save(figure, path)


def _named(axes: Axes, rows: Sequence[Row], y: Any) -> None:
    """Names of the rows and of the axis."""
    axes.set_yticks(y, [f"{row.name}: {row.text}" for row in rows], fontsize=7)
    axes.set_ylim(-0.7, len(rows) - 0.3)
    axes.grid(axis="y", color="0.9", lw=0.6)
    axes.set_axisbelow(True)
    axes.set_xlabel(r"reach in $F$ [$10^9$ GeV]")
    axes.set_xlim(left=0)
