"""Drawing of the figures of `outputs.landscape`."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final, NamedTuple

import matplotlib as mpl
import numpy as np

from jaxtyping import Float
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from darkreach.outputs.lfv_plot import NAMES
from darkreach.outputs.plot import EDGES, FILLS, REACH, STYLE, save
from darkreach.units import GeV, MeV, keV

Values = Float[np.ndarray, " n"]
SPAN: Final = (1e6, 1e13)  # of scales [GeV]
# Names of the regions between decay lengths, and where they are written [MeV, GeV].
PLACES: Final = {
    "prompt": (1.5e3, 3e2),
    "displaced": (3e1, 2.5e2),
    "stable in a detector": (2e1, 1e5),
    "decays after 1 s": (3e1, 3e11),
    "stable until today": (2e-2, 3e11),
}


class FreezeIn(NamedTuple):
    """A panel: flavour pair, lines by tan(alpha), freeze-in line, warm limit [GeV]."""

    name: str
    slices: Mapping[float, Sequence[Any]]
    dark: Any
    warm: float


def freeze_in_figure(panels: Sequence[FreezeIn], path: Path) -> None:
    """f_a / C against m_a, one panel a flavour pair."""
    with mpl.rc_context(STYLE):
        figure = Figure(figsize=(7.2, 3.7), layout="constrained")
        row = figure.subplots(1, len(panels), sharey=True, squeeze=False)[0]
        for axes, panel in zip(row, panels, strict=True):
            _freeze_in_panel(axes, panel)
        row[0].set_ylabel(r"$f_a / C_{\ell\ell'}$ [GeV]")
        figure.legend(
            *row[0].get_legend_handles_labels(), loc="outside lower center", ncols=4,
            frameon=False, fontsize=6.5,
        )  # fmt: skip
        save(figure, path)


def _freeze_in_panel(axes: Axes, panel: FreezeIn) -> None:
    low, high = 1e6, 1e12
    first = next(iter(panel.slices.values()))
    rare = [line for line in first if line.group == "laboratory"]
    best = max(rare, key=lambda line: float(np.nanmax(line.scale)))
    axes.fill_between(best.mass / keV, low, best.scale / 2 / GeV, color="0.75", lw=0,
                      label="laboratory, V$-$A, 95% CL")  # fmt: skip
    axes.text(1.1, best.scale[0] / 2 / GeV * 0.8, best.label, fontsize=6, va="top")
    for (ratio, lines), colour in zip(panel.slices.items(), REACH, strict=False):
        needed = [line for line in lines if line.group == "lifetime"]
        weak, strong = (line.scale / 2 / GeV for line in needed)
        axes.fill_between(
            needed[0].mass / keV, weak, strong, color=colour, alpha=0.25, lw=0,
            label=rf"$\tau_{{\gamma\gamma}} = 10^{{26}}$ to $10^{{28}}$ s, "
            rf"$\tan\alpha = {ratio:g}$",
        )  # fmt: skip
        for line in lines:
            if line.label.startswith("Red giants, tip"):
                label = rf"red giants, $\tan\alpha = {ratio:g}$"
                scale = line.scale / 2 / GeV
                axes.plot(
                    line.mass / keV, scale, "-.", color=colour, lw=1.1, label=label
                )
    cold = panel.dark.mass >= panel.warm
    x, y = panel.dark.mass / keV, panel.dark.scale / 2 / GeV
    axes.plot(np.where(cold, x, np.nan), y, "k-", lw=2.4, label="freeze-in dark matter")
    axes.plot(x, y, "k:", lw=1.2, label="the same, too warm")
    axes.set_xscale("log")
    axes.set_yscale("log")
    axes.set_xlim(1, 200)
    axes.set_ylim(low, high)
    axes.set_xlabel(r"$m_a$ [keV]")
    axes.set_title(rf"${NAMES[panel.name]}$", fontsize=9)


class Couplings(NamedTuple):
    """A panel: mass [GeV], scales of the axes, and F [GeV] of every line."""

    mass: float
    grid: Values
    cooling: float
    decays: Mapping[str, float]
    freeze_in: float | None
    lifetimes: Mapping[str, float]


def couplings_figure(panels: Sequence[Couplings], path: Path) -> None:
    """F_mue against F_ee: what is excluded, and benchmarks of flavour."""
    with mpl.rc_context(STYLE):
        figure = Figure(figsize=(7.2, 3.9), layout="constrained")
        row = figure.subplots(1, len(panels), sharey=True)
        for axes, panel in zip(row, panels, strict=True):
            _couplings_panel(axes, panel)
        row[0].set_ylabel(r"$F_{\mu e} = 2 f_a / C_{\mu e}$ [GeV]")
        figure.legend(
            *row[-1].get_legend_handles_labels(), loc="outside lower center", ncols=4,
            frameon=False,
        )  # fmt: skip
        save(figure, path)


def _couplings_panel(axes: Axes, panel: Couplings) -> None:
    x = panel.grid / GeV
    for (name, scale), grey in zip(panel.decays.items(), ("0.85", "0.7"), strict=True):
        axes.axhspan(SPAN[0], scale / GeV, color=grey, lw=0)
        axes.text(SPAN[1] / 2, scale / GeV * 0.85, name, fontsize=6.5, ha="right",
                  va="top")  # fmt: skip
    axes.axvspan(
        SPAN[0], panel.cooling / GeV, color=FILLS["stars"][0], alpha=0.45, lw=0
    )
    axes.text(panel.cooling / GeV * 0.8, 3e12, "red giants", fontsize=6.5, rotation=90,
              ha="right", va="top", color=EDGES["stars"])  # fmt: skip
    axes.fill_between(x, x / 3, x * 3, color=REACH[0], alpha=0.2, lw=0,
                      label="anarchy, $C_{\\mu e}/C_{ee}$ = 1/3 to 3")  # fmt: skip
    axes.annotate("minimal flavour\nviolation", (4e11, 9e12), (4e11, 1.5e12),
                  fontsize=6.5, ha="center", va="top", color=REACH[0],
                  arrowprops={"arrowstyle": "->", "color": REACH[0]})  # fmt: skip
    for (name, scale), style in zip(panel.lifetimes.items(), ("--", "-"), strict=False):
        axes.axvline(scale / GeV, color=REACH[2], ls=style, lw=1.1,
                     label=rf"$\tau_{{\gamma\gamma}}$ = {name}")  # fmt: skip
    if panel.freeze_in is not None:
        axes.axhline(
            panel.freeze_in / GeV, color="k", lw=2, label="freeze-in dark matter"
        )
    axes.set_xscale("log")
    axes.set_yscale("log")
    axes.set_xlim(*SPAN)
    axes.set_ylim(*SPAN)
    axes.set_xlabel(r"$F_{ee} = 2 f_a / C_{ee}$ [GeV]")
    name = rf"$m_a$ = {panel.mass / keV:g} keV" if panel.mass else "massless $a$"
    axes.set_title(name, fontsize=9)


def lifetimes_figure(
    masses: Values,
    scales: Float[np.ndarray, "n k"],
    names: Sequence[str],
    path: Path,
) -> None:
    """f_a against m_a with contours of the decay length, regions named."""
    with mpl.rc_context(STYLE):
        figure = Figure(figsize=(5.2, 4.0), layout="constrained")
        axes = figure.add_subplot()
        x, bottom = masses / MeV, np.full(masses.size, 1e-1)
        greys = ("0.95", "0.87", "0.79", "0.71", "0.63")
        tops = [*(scales / GeV).T, np.full(masses.size, 1e18)]
        for top, grey, word in zip(tops, greys, PLACES, strict=True):
            axes.fill_between(x, bottom, top, color=grey, lw=0)
            axes.text(*PLACES[word], word, fontsize=7.5, ha="center", va="center")
            bottom = top
        for column, name, colour in zip(scales.T, names, (*REACH, "k"), strict=False):
            axes.plot(x, column / GeV, color=colour, lw=1.3, label=name)
        axes.set_xscale("log")
        axes.set_yscale("log")
        axes.set_xlim(x[0], x[-1])
        axes.set_ylim(1, 1e16)
        axes.set_xlabel(r"$m_a$ [MeV]")
        axes.set_ylabel(r"$f_a$ [GeV], $C_{ee} = C_{\mu\mu} = C_{\tau\tau} = 1$")
        axes.legend(loc="lower left", frameon=True, fontsize=6.5)
        save(figure, path)
