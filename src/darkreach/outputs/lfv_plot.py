"""Drawing of the figures of `outputs.lfv` and `outputs.landscape`."""

import math

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final, NamedTuple

import matplotlib as mpl
import numpy as np

from jaxtyping import Bool, Float
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from darkreach.outputs.plot import EDGES, FILLS, REACH, STYLE, save
from darkreach.units import GeV, MeV

Values = Float[np.ndarray, " n"]
NAMES: Final = {"mu-e": r"\mu e", "tau-e": r"\tau e", "tau-mu": r"\tau\mu"}
BOTTOM: Final = {"mu-e": 1e7, "tau-e": 1e5, "tau-mu": 1e5}  # of the axis in F [GeV]
TOP: Final = 1e12
LINE: Final = 1.4  # between the names of bounds, as a factor in F
WORDS: Final = {
    "laboratory": "laboratory",
    "stars": "stars",
    "cosmology": "cosmology",
    "X rays": "X and gamma rays, if $a$ is dark matter",
}


def _strongest(lines: Sequence[Any], grid: Values) -> Float[np.ndarray, "k n"]:
    """F of each line on a common grid, 0 where it says nothing."""
    rows = []
    for line in lines:
        known = np.isfinite(line.scale)
        x, y = np.log(line.mass[known]), np.log(line.scale[known])
        at = np.log(grid)
        inside = (at >= x[0] - 1e-9) & (at <= x[-1] + 1e-9)
        rows.append(np.where(inside, np.exp(np.interp(at, x, y)), 0.0))
    return np.array(rows)


def _longest(mask: Bool[np.ndarray, " n"]) -> tuple[int, int]:
    """First and last index of the longest run of true values."""
    best, start = (0, -1), None
    for i, value in enumerate([*mask.tolist(), False]):
        if value and start is None:
            start = i
        if not value and start is not None:
            if i - 1 - start > best[1] - best[0]:
                best = (start, i - 1)
            start = None
    return best


def excluded(axes: Axes, lines: Sequence[Any], *, low: float) -> None:
    """Regions below bounds, one colour a group, with the names of the strongest."""
    for group, (colour, hatch) in FILLS.items():
        mine = [line for line in lines if line.group == group]
        for line in mine:
            known = np.isfinite(line.scale)
            x, y = line.mass[known] / MeV, line.scale[known] / GeV
            axes.fill_between(
                x, low, y, facecolor=colour, hatch=hatch, alpha=0.45, lw=0,
                edgecolor=EDGES[group],
            )  # fmt: skip
            axes.plot(x, y, color=EDGES[group], lw=0.7)
        if mine:
            _names(axes, mine, EDGES[group], beside=group == "X rays")
            axes.fill_between(
                [], [], [], facecolor=colour, hatch=hatch, alpha=0.45, lw=0,
                edgecolor=EDGES[group], label=WORDS[group],
            )  # fmt: skip


def _names(
    axes: Axes, lines: Sequence[Any], colour: str, *, beside: bool = False
) -> None:
    """The label of every line that is the strongest of its group somewhere.

    Below the line, or `beside` a steep one.
    """
    ends = [line.mass[np.isfinite(line.scale)][[0, -1]] for line in lines]
    grid = np.geomspace(min(e[0] for e in ends), max(e[1] for e in ends), 400)
    rows = _strongest(lines, grid)
    best = rows.argmax(axis=0)
    placed: list[tuple[float, float]] = []
    for i, line in enumerate(lines):
        first, last = _longest((best == i) & (rows[i] > 0))
        if last - first < len(grid) // 60:
            continue
        middle = (first + last) // 2
        x, y = float(grid[middle] / MeV), float(rows[i][middle] / GeV)
        while any(_collide((x, y), other) for other in placed):
            y /= LINE
        placed.append((x, y))
        axes.annotate(
            line.label, (x, y),
            xytext=(4, 0) if beside else (0, -3), textcoords="offset points",
            ha="left" if beside else "center", va="center" if beside else "top",
            fontsize=5.5, color=colour, clip_on=True,
        )  # fmt: skip


def _collide(a: tuple[float, float], b: tuple[float, float]) -> bool:
    """Whether two names at these places would overlap; a name spans 1.5 decades."""
    wide = abs(math.log10(a[0] / b[0])) < 1.5
    return wide and abs(math.log(a[1] / b[1])) < math.log(LINE) - 1e-9


class Plane(NamedTuple):
    """What a figure of F against m_a shows.

    Attributes:
        lines: bounds, with `label`, `group`, `mass` and `scale`.
        ours: reaches.
        dark: the freeze-in line.
        warm: mass below which it is too warm [GeV].
        name: of the flavour pair.
        title: couplings and confidence level.
    """

    lines: Sequence[Any]
    ours: Sequence[Any]
    dark: Any
    warm: float
    name: str
    title: str


def plane_figure(plane: Plane, path: Path) -> None:
    """F against m_a: bounds filled, reaches as coloured lines, the target in black."""
    lines, name = plane.lines, plane.name
    with mpl.rc_context(STYLE):
        figure = Figure(figsize=(5.2, 5.0), layout="constrained")
        axes = figure.add_subplot()
        excluded(axes, lines, low=BOTTOM[name])
        left = min(float(line.mass[0]) for line in lines) / MeV
        for line, colour in zip(plane.ours, REACH, strict=False):
            mass = np.maximum(line.mass / MeV, left)
            axes.plot(mass, line.scale / GeV, "--", color=colour, lw=1.6,
                      label=line.label)  # fmt: skip
        target(axes, plane.dark, plane.warm)
        axes.set_xscale("log")
        axes.set_yscale("log")
        axes.set_xlim(left, max(float(line.mass[-1]) for line in lines) / MeV)
        axes.set_ylim(BOTTOM[name], TOP)
        axes.set_xlabel(r"$m_a$ [MeV]")
        axes.set_ylabel(
            rf"$F_{{{NAMES[name]}}} = 2 f_a / (|C^V|^2 + |C^A|^2)^{{1/2}}$ [GeV]"
        )
        axes.set_title(plane.title, fontsize=8)
        figure.legend(loc="outside lower center", ncols=3, frameon=False, fontsize=6.5)
        save(figure, path)


def target(axes: Axes, dark: Any, warm: float) -> None:
    """The freeze-in line as a band of 10 % in F, dotted where it is too warm."""
    mass, scale = dark.mass / MeV, dark.scale / GeV
    cold = dark.mass >= warm
    axes.fill_between(mass, scale / 1.1, scale * 1.1, where=cold, color="k", lw=0,
                      label=dark.label)  # fmt: skip
    axes.plot(mass, scale, ":", color="k", lw=1.2, label="the same, too warm")
