"""Relic lines of dark matter behind an ALP, and how strongly it may couple to it."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final, NamedTuple

import matplotlib as mpl
import numpy as np

from jaxtyping import Float
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from darkreach.cosmology.resonant_freeze_out import (
    N_EFF_MASSES,
    equal_widths_yukawa,
    largest_yukawa,
)
from darkreach.curves.curve import Curve
from darkreach.curves.targets.resonant_freeze_out import (
    MASSES,
    RATIOS,
    decoupled_line,
    relic_line,
)
from darkreach.models.photon_alp import PhotonAlp
from darkreach.outputs.plot import STYLE, csv_text, replace_text, save, written
from darkreach.units import GeV

Progress = Callable[[int, int], None]
KINDS: Final = {"Majorana": True, "Dirac": False}
NAMED: Final = (0.35, 0.9)  # where lines have their names, as fractions of the points

COLD_RATIO: Final = 2.1  # of the line with early kinetic decoupling; it takes a minute
Y_COLD: Final = 0.01
COLD: Final[Any] = {"color": "k", "lw": 0.8, "ls": "--"}


class Relic(NamedTuple):
    """A relic line, with the range of y in which it holds.

    Attributes:
        kind: Majorana or Dirac.
        ratio: m_a / m_chi.
        line: g_agamma of all of dark matter.
        largest: y_chi that the CMB allows on it, if all energy ionises.
        equal: y_chi at which a decays to photons as often as to dark matter.
        cold: the line if only photons keep chi warm, with y = `Y_COLD`.
    """

    kind: str
    ratio: float
    line: Curve
    largest: Float[np.ndarray, " n"]
    equal: Float[np.ndarray, " n"]
    cold: Curve | None


def relic_of(kind: str, ratio: float, masses: Float[np.ndarray, " n"]) -> Relic:
    """A relic line and its range of y."""
    majorana = KINDS[kind]
    line = relic_line(masses, ratio=ratio, majorana=majorana)
    models = [
        PhotonAlp(mass=m, m_chi=m / ratio, g_agamma=g, y_chi=1.0, majorana=majorana)
        for m, g in zip(masses.tolist(), line.value.tolist(), strict=True)
    ]
    largest = np.array([largest_yukawa(model) for model in models])
    equal = np.array([equal_widths_yukawa(model) for model in models])
    cold = None
    if ratio == COLD_RATIO:
        cold = decoupled_line(
            masses[::10], ratio=ratio, majorana=majorana, y_chi=Y_COLD
        )
    return Relic(kind, ratio, line, largest, equal, cold)


def relic(
    output: Path, *, seed: int = 1, fast: bool = False, progress: Progress | None = None
) -> list[Path]:
    """Relic lines for six mass ratios, Majorana and Dirac, as a figure and a table.

    Args:
        output: folder of the files.
        seed: not used; nothing is random.
        fast: three ratios and fewer masses.
        progress: called with steps done and their number.
    """
    masses = MASSES[::10] if fast else MASSES
    ratios = RATIOS[::2] if fast else RATIOS
    found = []
    for kind in KINDS:
        for ratio in ratios:
            found.append(relic_of(kind, ratio, masses))
            if progress is not None:
                progress(len(found), len(KINDS) * len(ratios))
    head = ("kind", "m_a_over_m_chi", "m_a_GeV", "g_agamma_per_GeV", "y_largest_cmb",
            "y_equal_widths")  # fmt: skip
    rows: list[tuple[Any, ...]] = [
        (
            one.kind,
            one.ratio,
            float(m / GeV),
            float(g * GeV),
            float(y),
            float(z),
        )
        for one in found
        for m, g, y, z in zip(
            one.line.mass, one.line.value, one.largest, one.equal, strict=True
        )
    ]
    rows += [
        (f"{one.kind}, colder", one.ratio, float(m / GeV), float(g * GeV), "", "")
        for one in found
        if one.cold is not None
        for m, g in zip(one.cold.mass, one.cold.value, strict=True)
    ]
    table = output / "relic.csv"
    replace_text(table, csv_text(head, rows))
    return [*written(output / "relic", _draw, found), table]


def _draw(found: Sequence[Relic], path: Path) -> None:
    with mpl.rc_context(STYLE):
        figure = Figure(figsize=(7.2, 6.0), layout="constrained")
        grid: Any = figure.subplots(2, len(KINDS), sharex=True, sharey="row")
        for column, kind in enumerate(KINDS):
            above, below = grid[0, column], grid[1, column]
            chosen = [one for one in found if one.kind == kind]
            places = np.linspace(*NAMED, len(chosen)).tolist()
            for one, place in zip(chosen, places, strict=True):
                _named(above, one, one.line.value * GeV, place)
                _named(below, one, one.largest, place)
                if one.cold is not None:
                    cold = one.cold
                    above.plot(cold.mass / GeV, cold.value * GeV, **COLD)
                below.plot(one.line.mass / GeV, one.equal, color="0.6", lw=0.7, ls=":")
            _shaded(above, chosen)
            _shaded(below, chosen)
            above.set_title(rf"{kind}, $\Omega h^2 = 0.12$, narrow resonance")
            below.set_xlabel(r"$m_a$ [GeV]")
            for axes in (above, below):
                axes.set(xscale="log", yscale="log")
                axes.set_xlim(*chosen[0].line.mass[[0, -1]] / GeV)
        grid[0, 0].set_ylabel(
            r"$g_{a\gamma\gamma}$ [GeV$^{-1}$], "
            r"$\mathcal{L} = -\frac{g}{4} a F \tilde{F}$"
        )
        grid[1, 0].set_ylabel(r"$y_\chi$ on the line")
        grid[0, 0].plot([], [], color="k", lw=1.1, label=r"$T_\chi = T$")
        grid[0, 0].plot(
            [], [], **COLD,
            label=rf"{COLD_RATIO:g}, $T_\chi < T$, $y_\chi = {Y_COLD}$",
        )  # fmt: skip
        grid[0, 0].legend(frameon=False, loc="upper left")
        grid[1, 0].plot(
            [], [], color="k", lw=1.1, label=r"CMB, 95% CL, $f_\mathrm{eff} = 1$"
        )
        grid[1, 0].plot(
            [], [], color="0.6", lw=0.7, ls=":",
            label=r"$\Gamma_{\chi\chi} = \Gamma_{\gamma\gamma}$",
        )  # fmt: skip
        grid[1, 0].legend(frameon=False, loc="upper left")
        save(figure, path)


def _named(
    axes: Axes, one: Relic, value: Float[np.ndarray, " n"], place: float
) -> None:
    """A black line with its ratio written on it."""
    mass = one.line.mass / GeV
    axes.plot(mass, value, color="k", lw=1.1)
    i = int(place * (len(mass) - 1))
    axes.text(
        mass[i], value[i], f"{one.ratio:g}", fontsize=7, ha="center", va="center",
        bbox={"facecolor": "w", "edgecolor": "none", "pad": 0.8},
    )  # fmt: skip


def _shaded(axes: Axes, lines: Sequence[Relic]) -> None:
    """Where N_eff excludes m_chi, for the smallest ratio."""
    low, high = (m * min(one.ratio for one in lines) / GeV for m in N_EFF_MASSES)
    axes.axvspan(0, low, color="0.8", lw=0)
    axes.axvspan(low, high, color="0.9", lw=0)
    axes.text(
        low, 0.03, r"$N_\mathrm{eff}$", fontsize=7, ha="left",
        transform=axes.get_xaxis_transform(),
    )  # fmt: skip
