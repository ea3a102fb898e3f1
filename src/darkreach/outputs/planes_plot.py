"""Drawing of `outputs.planes`: grey regions with names, reaches in colour."""

from collections.abc import Sequence
from pathlib import Path
from typing import Final, NamedTuple

import matplotlib as mpl
import numpy as np

from jaxtyping import Bool, Float
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patheffects import withStroke
from scipy.ndimage import uniform_filter

from darkreach.curves.curve import Curve
from darkreach.outputs.plot import GREYS, MANY, STYLE, save
from darkreach.units import MeV

Values = Float[np.ndarray, " n"]
Heights = Float[np.ndarray, " m"]
Mask = Bool[np.ndarray, "m n"]
NAMES: Final = {
    "(g-2)_e": "$(g-2)_e$",
    "(g-2)_mu": r"$(g-2)_\mu$",
    "BBN and N_eff": r"BBN, $N_\mathrm{eff}$",
    "Belle, Upsilon": r"Belle, $\Upsilon(1S)$",
    "BESIII, J/psi": r"BESIII, $J/\psi$",
}
# A grid of the axes on which names are placed, and the size of a letter on it.
COLUMNS: Final = 240
ROWS: Final = 180
LETTER: Final = 2.8
HEIGHT: Final = 8
LEAST: Final = 0.2  # of the box of a name inside its region
HALO: Final = [withStroke(linewidth=1.5, foreground="white", alpha=0.7)]


class Region(NamedTuple):
    """What one bound excludes.

    Attributes:
        label: its name.
        mass: [GeV].
        lower: coupling above which it excludes.
        upper: coupling up to which it does.
        firm: whether it excludes; else it only shows where something may do so.
    """

    label: str
    mass: Values
    lower: Values
    upper: Values
    firm: bool


class Plane(NamedTuple):
    """A figure of a coupling against the mass.

    Attributes:
        regions: what is excluded.
        reaches: lines of searches to come, with their labels.
        mass: ends of the axis, in its unit.
        coupling: ends of the axis, in its unit.
        x: words on the axis of the mass.
        y: words on the axis of the coupling.
        title: levels and what the boson is.
        unit: of the mass [GeV].
        coupling_unit: of the coupling, in base units; 1 where it has none.
    """

    regions: tuple[Region, ...]
    reaches: tuple[Curve, ...]
    mass: tuple[float, float]
    coupling: tuple[float, float]
    x: str
    y: str
    title: str
    unit: float = MeV
    coupling_unit: float = 1.0


def plane_figure(plane: Plane, path: Path) -> None:
    """Coupling against mass on logarithmic axes."""
    with mpl.rc_context({**STYLE, "hatch.linewidth": 0.4}):
        figure = Figure(figsize=(5.2, 4.6), layout="constrained")
        axes = figure.add_subplot()
        axes.set_xscale("log")
        axes.set_yscale("log")
        axes.set_xlim(*plane.mass)
        axes.set_ylim(*plane.coupling)
        for i, region in enumerate(plane.regions):
            _region(axes, region, GREYS[1 + i % (len(GREYS) - 1)], plane)
        for i, curve in enumerate(plane.reaches):
            _reach(axes, curve, MANY[i % len(MANY)], plane)
        for name, place in names(plane).items():
            axes.text(
                *place, NAMES.get(name, name), transform=axes.transAxes, fontsize=6,
                ha="center", va="center", color="0.1", zorder=4, path_effects=HALO,
            )  # fmt: skip
        axes.set_xlabel(plane.x)
        axes.set_ylabel(plane.y)
        axes.set_title(plane.title, fontsize=8)
        if plane.reaches:
            figure.legend(loc="outside lower center", ncols=2, frameon=False)
        save(figure, path)


def _region(axes: Axes, region: Region, grey: str, plane: Plane) -> None:
    x = region.mass / plane.unit
    lower, upper = (edge / plane.coupling_unit for edge in (region.lower, region.upper))
    hatch, fill = (None, grey) if region.firm else ("////", "none")
    axes.fill_between(
        x, lower, upper, facecolor=fill, hatch=hatch, edgecolor="0.6",
        alpha=0.6 if region.firm else 1.0, lw=0, zorder=1,
    )  # fmt: skip
    around = np.concatenate([x, x[::-1], x[:1]])
    edge = np.concatenate([lower, upper[::-1], lower[:1]])
    axes.plot(around, edge, color="0.35", lw=0.6, zorder=2)


def _reach(axes: Axes, curve: Curve, colour: str, plane: Plane) -> None:
    """A line with its band; dashed for somebody's projection, dotted for a target."""
    x, unit = curve.mass / plane.unit, plane.coupling_unit
    style = {"projection": "--", "target": ":"}.get(curve.kind, "-")
    y = curve.value / unit
    axes.plot(x, y, style, color=colour, lw=1.6, label=curve.label, zorder=3)
    if curve.until is not None:
        axes.plot(x, curve.until / unit, style, color=colour, lw=1.0, zorder=3)
    if curve.band is not None:
        low, high = curve.band[:, 1] / unit, curve.band[:, 3] / unit
        axes.fill_between(x, low, high, color=colour, alpha=0.2, lw=0, zorder=3)


def names(plane: Plane) -> dict[str, tuple[float, float]]:
    """Where to write the names, as fractions of the axes; they do not overlap.

    Each goes where its box lies most inside its own region, least inside others and off
    the lines of reaches; small regions choose first. Regions of the same name get it
    once. One without room is left out.
    """
    x = np.geomspace(*plane.mass, COLUMNS) * plane.unit
    y = np.geomspace(*plane.coupling, ROWS) * plane.coupling_unit
    masks: dict[str, Mask] = {}
    for region in plane.regions:
        mask = _mask(region, x, y)
        masks[region.label] = mask | masks.get(region.label, np.zeros_like(mask))
    lines = _lines(plane.reaches, x, y)
    crowd = sum(masks.values(), start=np.zeros((ROWS, COLUMNS)))
    taken = np.zeros((ROWS, COLUMNS))
    found = {}
    for label in sorted(masks, key=lambda name: int(masks[name].sum())):
        width = min(int(LETTER * len(label)) + 4, COLUMNS - 2)
        own = _boxes(masks[label], width)
        others = _boxes(crowd - masks[label], width) + 2 * _boxes(lines, width)
        free = _boxes(taken, width) == 0
        room = uniform_filter(own, (3 * HEIGHT, width))  # prefers the middle
        score = np.where(free, own + 0.1 * room - 0.3 * others, -np.inf)
        best = np.unravel_index(int(np.argmax(score)), score.shape)
        if not (free[best] and own[best] > LEAST):
            continue
        row, column = (int(k) for k in best)
        taken[row : row + HEIGHT, column : column + width] = 1
        place = (column + width / 2) / COLUMNS, (row + HEIGHT / 2) / ROWS
        found[label] = place
    return found


def _mask(region: Region, x: Values, y: Heights) -> Mask:
    """The points of the grid [GeV, coupling] that lie in a region."""
    mass = np.log(region.mass)
    lower, upper = (
        np.exp(np.interp(np.log(x), mass, np.log(edge)))
        for edge in (region.lower, region.upper)
    )
    known = (np.log(x) >= mass[0]) & (np.log(x) <= mass[-1])
    inside: Mask = known & (y[:, None] >= lower) & (y[:, None] <= upper)
    return inside


def _lines(reaches: Sequence[Curve], x: Values, y: Heights) -> Float[np.ndarray, "m n"]:
    """1 at points of the grid on a line, else 0."""
    found = np.zeros((y.size, x.size))
    columns = np.arange(x.size)
    for curve in reaches:
        positive = curve.mass > 0
        mass, value = np.log(curve.mass[positive]), np.log(curve.value[positive])
        known = (np.log(x) >= mass[0]) & (np.log(x) <= mass[-1])
        at = np.interp(np.log(x), mass, value)
        rows = np.searchsorted(np.log(y), at)
        fits = known & (rows < y.size)
        found[rows[fits], columns[fits]] = 1
    return found


def _boxes(
    grid: Float[np.ndarray, "m n"] | Mask, width: int
) -> Float[np.ndarray, "b a"]:
    """Mean over the box of a name at each place of its lower left corner."""
    total = np.pad(np.cumsum(np.cumsum(grid, axis=0, dtype=float), axis=1), (1, 0))
    upper, lower = total[HEIGHT:], total[:-HEIGHT]
    box = upper[:, width:] - upper[:, :-width] - lower[:, width:] + lower[:, :-width]
    mean: Float[np.ndarray, "b a"] = box / (HEIGHT * width)
    return mean
