"""Drawing of the figures of `outputs.meg2`."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

import matplotlib as mpl
import numpy as np

from jaxtyping import Float
from matplotlib.axes import Axes
from matplotlib.colors import LogNorm
from matplotlib.figure import Figure

from darkreach.curves.curve import Curve, rescaled, to_effective_scale
from darkreach.curves.text import load_bounds
from darkreach.models.lfv_alp import LfvAlp
from darkreach.outputs.plot import GREYS, REACH, STYLE, save
from darkreach.searches.crystal_box import recast
from darkreach.units import GeV, MeV

Array = Float[np.ndarray, " n"]
Bins = Float[np.ndarray, " bins"]
Row = tuple[float, ...]
CHIRALITIES: Final = {  # C_V, C_A
    "V-A": (1.0, -1.0),
    "V+A": (1.0, 1.0),
    "V": (1.0, 0.0),
    "A": (0.0, 1.0),
}
# Limits on mu -> e a by chirality; V and A make isotropic decays.
TWO_BODY: Final = {
    "V-A": ("twist_2015_v_minus_a",),
    "V+A": ("jodidio_1986_v_plus_a",),
    "V": ("jodidio_1986", "twist_2015_isotropic"),
    "A": ("jodidio_1986", "twist_2015_isotropic"),
}
LABEL_WIDTH: Final = 8.0  # of a name in a panel [MeV]
F_LABEL: Final = r"$F$ [GeV]"


def energy_figure(panels: Mapping[str, tuple[Array, Array, Array]], path: Path) -> None:
    """E_e against E_gamma, one panel a component, each normalised to 1.

    Args:
        panels: positron and photon energies [MeV] and weights by name.
        path: of the PNG or PDF.
    """
    with mpl.rc_context(STYLE):
        figure = Figure(figsize=(7.2, 2.9), layout="constrained")
        row = figure.subplots(1, len(panels), sharex=True, sharey=True)
        bins = (np.linspace(44.5, 53.5, 46), np.linspace(9, 54, 46))
        for axes, (name, (positron, photon, weight)) in zip(
            row, panels.items(), strict=True
        ):
            share = np.histogram2d(positron, photon, bins=bins, weights=weight)[0]
            share /= share.sum()
            mesh = axes.pcolormesh(
                *bins, np.where(share > 0, share, np.nan).T, cmap="viridis",
                norm=LogNorm(1e-6, 3e-2), rasterized=True,
            )  # fmt: skip
            axes.set_title(name, fontsize=8)
            axes.set_xlabel(r"$E_e$ [MeV]")
        row[0].set_ylabel(r"$E_\gamma$ [MeV]")
        figure.colorbar(mesh, ax=row, label="share of events a bin", pad=0.01)
        save(figure, path)


def missing_mass_figure(
    edges: Float[np.ndarray, " edges"],
    components: Mapping[str, Bins],
    signals: Mapping[str, Bins],
    title: str,
    path: Path,
) -> None:
    """Backgrounds stacked and signals as lines against the missing mass squared.

    Args:
        edges: of the bins [MeV^2].
        components: events a bin of each background, lowest first.
        signals: events a bin of each signal.
        title: exposure.
        path: of the PNG or PDF.
    """
    with mpl.rc_context(STYLE):
        figure = Figure(figsize=(5.2, 4.0), layout="constrained")
        axes = figure.add_subplot()
        bottom = np.zeros(len(edges) - 1)
        for (name, values), grey in zip(components.items(), GREYS[1::2], strict=False):
            axes.stairs(bottom + values, edges, baseline=bottom, fill=True,
                        color=grey, label=name)  # fmt: skip
            bottom = bottom + values
        for (name, values), colour in zip(signals.items(), REACH, strict=False):
            axes.stairs(values, edges, color=colour, lw=1.4, label=name, baseline=None)
        axes.set_yscale("log")
        axes.set_ylim(10, 100 * bottom.max())
        axes.set_xlim(edges[0], edges[-1])
        axes.set_xlabel(r"missing mass squared [MeV$^2$]")
        axes.set_ylabel(f"events in {edges[1] - edges[0]:g} MeV$^2$")
        axes.set_title(title, fontsize=8)
        axes.legend(loc="upper right", ncols=2, frameon=False)
        save(figure, path)


def couplings_figure(
    curves: Mapping[str, Mapping[str, Curve]], quantity: str, path: Path
) -> None:
    """One panel a chirality: four limits over what is excluded already.

    Args:
        curves: reaches in BR(mu -> e a) by chirality and by what they include.
        quantity: "F" or "BR".
        path: of the PNG or PDF.
    """
    styles = ("-", "-", "--", "--")
    with mpl.rc_context(STYLE):
        figure = Figure(figsize=(7.2, 5.6), layout="constrained")
        panels = figure.subplots(2, 2, sharex=True, sharey=True).ravel()
        for axes, (name, each) in zip(panels, curves.items(), strict=False):
            _bounds(axes, name, quantity)
            for i, (label, curve) in enumerate(sorted(each.items())):
                x, y = _line(curve, quantity)
                colour = REACH["no angles" in label]
                axes.plot(x, y, styles[i], color=colour, lw=1.5, label=label)
            axes.set_title(f"{name} coupling", fontsize=9)
            axes.set_yscale("log")
            axes.set_xlim(0, max(float(c.mass[-1]) for c in each.values()) / MeV)
            axes.set_ylim((3e8, 6e9) if quantity == "F" else (1e-6, 1e-3))
        for axes in panels[2:]:
            axes.set_xlabel(r"$m_a$ [MeV]")
        for axes in panels[::2]:
            axes.set_ylabel(F_LABEL if quantity == "F" else r"BR($\mu \to e a$)")
        where = "upper right" if quantity == "F" else "lower right"
        panels[0].legend(loc=where, frameon=False, fontsize=6.5)
        first = next(iter(next(iter(curves.values())).values()))
        figure.suptitle(
            f"{first.label}: {first.cl:.0%} CL, {first.exposure}", fontsize=8
        )
        save(figure, path)


def _line(curve: Curve, quantity: str) -> tuple[Array, Array]:
    """Mass [MeV], and F [GeV] or BR."""
    if quantity == "F":
        curve = to_effective_scale(curve)
        return curve.mass / MeV, curve.value / GeV
    return curve.mass / MeV, np.asarray(curve.value)


def _bounds(axes: Axes, chirality: str, quantity: str) -> None:
    """Existing limits of a chirality, filled on the side that they exclude."""
    published = load_bounds()
    c_v, c_a = CHIRALITIES[chirality]
    found = [published[name] for name in TWO_BODY[chirality]]
    found.append(recast(LfvAlp(c_v=c_v, c_a=c_a)))
    for bound, grey in zip(found, GREYS, strict=False):
        x, y = _line(rescaled(bound, cl=0.95), quantity)
        if len(x) == 1:
            x, y = np.array(bound.validity) / MeV, np.repeat(y, 2)
        end, side = (1e6, "top") if quantity == "F" else (1.0, "bottom")
        axes.fill_between(x, y, end, color=grey, alpha=0.55, lw=0)
        axes.plot(x, y, color="0.35", lw=0.7)
        under = y[x < x[0] + LABEL_WIDTH]
        at = 0.95 * under.min() if quantity == "F" else 1.05 * under.max()
        axes.text(x[0] + 0.3, at, bound.label, fontsize=6.5, va=side,
                  color="0.15")  # fmt: skip


def contour_figure(rows: Sequence[Row], title: str, path: Path) -> None:
    """F against the photon threshold, each at the muon rate that fills the budget.

    Args:
        rows: threshold [MeV], rate [1/s], mass [MeV], limit on BR with all
            uncertainties and with those of the data alone, then both as F [GeV].
        title: exposure and level.
        path: of the PNG or PDF.
    """
    table = np.array(rows)
    with mpl.rc_context(STYLE):
        figure = Figure(figsize=(5.2, 4.4), layout="constrained")
        axes = figure.add_subplot()
        for mass, colour in zip(np.unique(table[:, 2]), (*REACH, "k"), strict=False):
            here = table[table[:, 2] == mass]
            axes.plot(here[:, 0], here[:, 5], "o-", color=colour, ms=3,
                      label=f"$m_a = {mass:g}$ MeV")  # fmt: skip
            axes.plot(here[:, 0], here[:, 6], "--", color=colour, lw=0.9)
        axes.plot([], [], "k--", lw=0.9, label="statistics of the data alone")
        axes.set_yscale("log")
        axes.set_xlabel("photon threshold [MeV]")
        axes.set_ylabel(r"reach in $F$ [GeV]")
        axes.set_title(title, fontsize=8)
        points = {row[0]: row[1] for row in rows}
        top = axes.secondary_xaxis("top")
        top.set_xticks(list(points), [_power(rate) for rate in points.values()],
                       fontsize=6, rotation=60)  # fmt: skip
        top.set_xlabel(r"stopped $\mu^+$ per second", fontsize=8)
        axes.set_ylim(3e7, 3e9)
        axes.legend(loc="lower center", ncols=2, frameon=False)
        save(figure, path)


def _power(rate: float) -> str:
    exponent = int(np.floor(np.log10(rate)))
    return rf"${rate / 10**exponent:.1f} \times 10^{{{exponent}}}$"
