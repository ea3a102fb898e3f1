"""Figures of curves, and of the trigger plane; all colours live here."""

import csv
import io

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any, Final

import matplotlib as mpl
import numpy as np

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from darkreach.curves.curve import Curve, ended, refined, rescaled, to_effective_scale
from darkreach.units import GeV, MeV

REACH: Final = ("tab:blue", "tab:red", "tab:green", "tab:purple")
MANY: Final = (*REACH, "tab:orange", "tab:brown")  # where there are more lines
LABEL: Final = 0.2  # width of a name, as a fraction of the axis
GREYS: Final = ("0.55", "0.65", "0.75", "0.82", "0.88")
# Colour and hatch of what is excluded, strongest evidence first.
FILLS: Final = {
    "laboratory": ("0.75", None),
    "stars": ("#c9b458", None),
    "cosmology": ("#b9cfd4", None),
    "X rays": ("none", "////"),
}
EDGES: Final = {
    "laboratory": "0.35",
    "stars": "#7d6a12",
    "cosmology": "#4d7782",
    "X rays": "#4d7782",
}
STYLE: Final[Any] = {
    "font.size": 9,
    "axes.labelsize": 10,
    "legend.fontsize": 7.5,
    "savefig.dpi": 200,
    "pdf.fonttype": 42,
    "svg.hashsalt": "darkreach",
}
METADATA: Final = {
    ".pdf": {"CreationDate": None, "Producer": None, "Creator": None},
    ".png": {"Software": None},
}


def save(figure: Figure, path: Path) -> None:
    """Write a whole figure or nothing; the same figure gives the same bytes."""
    suffix = path.suffix if path.suffix in METADATA else ".png"
    part = path.with_name(f".part-{path.name}")
    try:
        figure.savefig(part, format=suffix[1:], metadata=METADATA[suffix])
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def written(stem: Path, draw: Callable[..., None], *args: Any) -> list[Path]:
    """Draw a figure as PNG and as PDF; `draw` takes the arguments and a path."""
    paths = [stem.with_suffix(suffix) for suffix in (".png", ".pdf")]
    for path in paths:
        draw(*args, path)
    return paths


def replace_text(path: Path, text: str) -> None:
    """Write a text file under a temporary name, then rename it."""
    temporary = path.with_name(f".{path.name}.part")
    temporary.write_text(text, encoding="utf-8")
    temporary.replace(path)


def csv_text(head: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    """A table with a header; floats with six digits."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(head)
    writer.writerows(
        [f"{x:.6g}" if isinstance(x, float) else x for x in row] for row in rows
    )
    return text.getvalue()


def _drawable(bound: Curve, cl: float) -> Curve:
    """A bound on BR(mu -> e a) as F at another level, refined into a smooth line."""
    line = refined(bound) if len(bound.mass) > 1 else bound
    return to_effective_scale(rescaled(line, cl=cl))


def _excluded(
    axes: Axes, bounds: Sequence[Curve], cl: float, *, floor: float, right: float
) -> None:
    """Existing limits: grey regions below their lines, with their names."""
    for bound, grey in zip(bounds, GREYS * 3, strict=False):
        line = _drawable(bound, cl)
        mass, value = line.mass / MeV, line.value / GeV
        axes.fill_between(mass, floor, value, color=grey, alpha=0.55, lw=0)
        axes.plot(mass, value, color="0.35", lw=0.7)
        under = value[mass < mass[0] + LABEL * right]
        axes.text(
            mass[0] + 0.01 * right, 0.93 * under.min(), bound.label, fontsize=6.5,
            va="top", color="0.15", clip_on=True,
        )  # fmt: skip


def _projected(axes: Axes, curves: Sequence[Curve]) -> None:
    """Our reaches: coloured lines with their +-1 sigma band."""
    for curve, colour in zip(curves, REACH * 3, strict=False):
        line = to_effective_scale(curve)
        mass = line.mass / MeV
        axes.plot(
            mass, line.value / GeV, color=colour, lw=1.6,
            label=f"{curve.label}, {curve.chirality} coupling",
        )  # fmt: skip
        if line.band is not None:
            low, high = line.band[:, 1] / GeV, line.band[:, 3] / GeV
            axes.fill_between(mass, low, high, color=colour, alpha=0.2, lw=0)


def reach_figure(curves: Sequence[Curve], bounds: Sequence[Curve], path: Path) -> None:
    """F = 2 f_a / sqrt(|C^V|^2 + |C^A|^2) against m_a, over existing limits.

    Args:
        curves: reaches in BR(l -> l' a), all at the same confidence level.
        bounds: existing limits on the same decay, brought to that level.
        path: of the PNG or PDF.
    """
    with mpl.rc_context(STYLE):
        figure = Figure(figsize=(5.2, 4.0), layout="constrained")
        axes = figure.add_subplot()
        cl = curves[0].cl
        ours = np.concatenate([to_effective_scale(c).value for c in curves]) / GeV
        floor = 0.05 * ours.min()
        right = max(float(c.mass[-1]) for c in curves) / MeV
        shown = [b for b in bounds if b.validity[0] / MeV < right]
        _excluded(axes, shown, cl, floor=floor, right=right)
        _projected(axes, curves)
        known = [_drawable(bound, cl).value.max() / GeV for bound in shown]
        axes.set_yscale("log")
        axes.set_xlim(0, right or 1.0)
        axes.set_ylim(floor, 5 * max(ours.max(), *known, 0.0))
        axes.set_xlabel(r"$m_a$ [MeV]")
        axes.set_ylabel(r"$F = 2 f_a / (|C^V|^2 + |C^A|^2)^{1/2}$ [GeV]")
        axes.set_title(
            f"{cl:.0%} CL {curves[0].method}, {curves[0].exposure}", fontsize=8
        )
        axes.legend(loc="upper right", frameon=False)
        save(figure, path)


COUPLINGS: Final = {  # a quantity of a curve as a symbol
    "eps": r"$\varepsilon$",
    "g_ae": r"$g_{ee}$ (pseudoscalar)",
    "g_se": r"$g_{ee}$ (scalar)",
    "g_amu": r"$g_{\mu\mu}$ (pseudoscalar)",
    "g_smu": r"$g_{\mu\mu}$ (scalar)",
    "g_agamma": r"$g_{a\gamma\gamma}$ [GeV$^{-1}$]",
}


def coupling_figure(
    curves: Sequence[Curve], bounds: Sequence[Curve], path: Path
) -> None:
    """A coupling against the mass, over what is excluded above it.

    Args:
        curves: reaches in one coupling, all at the same confidence level.
        bounds: lines in the same coupling, as published; projections are dashed.
        path: of the PNG or PDF.
    """
    heavy = bool(curves[0].mass[-1] > 1 * GeV)
    unit, name = (GeV, "GeV") if heavy else (MeV, "MeV")
    size = GeV if curves[0].quantity == "g_agamma" else 1.0
    with mpl.rc_context(STYLE):
        figure = Figure(figsize=(5.2, 4.0), layout="constrained")
        axes = figure.add_subplot()
        lowest = size * min(float(c.value.min()) for c in curves)
        top = 20 * size * max(float(c.value.max()) for c in curves)
        span = [float(x) / unit for x in (curves[0].mass[0], curves[0].mass[-1])]
        for bound, grey in zip(bounds, GREYS * 5, strict=False):
            mass, value = bound.mass / unit, bound.value * size
            if bound.kind == "projection":
                axes.plot(mass, value, "--", color="0.3", lw=1, label=bound.label)
                continue
            end = np.minimum(size * ended(bound, bound.mass), top)
            axes.fill_between(mass, value, end, color=grey, alpha=0.55, lw=0)
            shown = (mass >= span[0]) & (mass <= span[1]) & (value < top)
            if shown.any():
                i = int(np.flatnonzero(shown)[shown.sum() // 2])
                axes.text(mass[i], value[i] * 1.1, bound.label, fontsize=6.5,
                          color="0.15", clip_on=True)  # fmt: skip
        for curve, colour in zip(curves, REACH * 3, strict=False):
            mass = curve.mass / unit
            line = size * curve.value
            axes.plot(mass, line, color=colour, lw=1.6, label=curve.label)
            if curve.band is not None:
                low, high = size * curve.band[:, 1], size * curve.band[:, 3]
                axes.fill_between(mass, low, high, color=colour, alpha=0.2, lw=0)
        axes.set_yscale("log")
        if heavy and span[1] > 10 * span[0]:
            axes.set_xscale("log")
        axes.set_xlim(span[0], span[1] if span[1] > span[0] else 2 * span[0])
        axes.set_ylim(lowest / 10, top)
        axes.set_xlabel(f"$m_a$ [{name}]" if heavy else f"$m_X$ [{name}]")
        axes.set_ylabel(COUPLINGS.get(curves[0].quantity, curves[0].quantity))
        title = f"{curves[0].cl:.0%} CL {curves[0].method}, {curves[0].exposure}"
        axes.set_title(title, fontsize=8)
        axes.legend(loc="lower right", frameon=False)
        save(figure, path)


def trigger_figure(plane: dict[str, Any], path: Path) -> None:
    """The (photon threshold, muon rate) plane with the contour of the disk budget.

    Args:
        plane: `thresholds` [MeV], `rates`, `low` and `high` [1/s] that fill the budget,
            `equal` [1/s] where radiative decay and accidentals agree, `budget` [Hz],
            `benchmark` (threshold [MeV], rate [1/s], its band).
        path: of the PNG or PDF.
    """
    with mpl.rc_context(STYLE):
        figure = Figure(figsize=(5.2, 4.0), layout="constrained")
        axes = figure.add_subplot()
        x = np.asarray(plane["thresholds"])
        axes.fill_between(
            x, plane["low"], plane["high"], color=REACH[0], alpha=0.2, lw=0,
            label="accidental rate up or down by 2",
        )  # fmt: skip
        budget = f"{plane['budget']:g} Hz to disk"
        axes.plot(x, plane["rates"], color=REACH[0], lw=1.6, label=budget)
        axes.plot(x, plane["equal"], color="k", ls="--", lw=1)
        middle = len(x) // 2
        axes.text(x[middle], 1.15 * plane["equal"][middle], "radiative = accidental",
                  fontsize=7, va="bottom")  # fmt: skip
        threshold, rates = plane["benchmark"]
        axes.plot([threshold] * len(rates), rates, "*", color=REACH[1], ms=10,
                  label="benchmarks")  # fmt: skip
        axes.set_yscale("log")
        axes.set_xlabel("photon threshold [MeV]")
        axes.set_ylabel(r"stopped $\mu^+$ per second")
        axes.set_title(plane["title"], fontsize=8)
        axes.legend(loc="upper left", frameon=False)
        save(figure, path)
