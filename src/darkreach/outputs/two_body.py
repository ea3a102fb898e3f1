"""What decides the reach in mu+ -> e+ a: asymmetry, systematics, forward detector."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import jax
import matplotlib as mpl
import numpy as np

from jaxtyping import Float
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import NullFormatter

from darkreach.experiments.muon_forward import MuonForward
from darkreach.models.lfv_alp import LfvAlp
from darkreach.outputs import plot
from darkreach.processes.mu_to_e_alp import MuToEAlp
from darkreach.searches.forward_mu_e_alp import SEARCH as FORWARD
from darkreach.searches.jodidio_mu_e_alp import SEARCH as JODIDIO
from darkreach.searches.mu3e_online_mu_e_alp import MICHEL_EDGE
from darkreach.searches.mu3e_online_mu_e_alp import SEARCH as MU3E_ONLINE
from darkreach.searches.positrons import PositronLine
from darkreach.searches.search import Method, limit_of
from darkreach.searches.twist_mu_e_alp import SEARCH as TWIST
from darkreach.units import cm

Progress = Callable[[int, int], None]
Values = Float[np.ndarray, " n"]
KEY: Final = jax.random.key(0)  # these searches draw no events

# Published limits on a massless a at 90 % CL: asymmetry, BR, whose.
PUBLISHED: Final = (
    (1.0, 5.8e-5, "TWIST"),  # arXiv:1409.0638, abstract
    (0.0, 2.1e-5, "TWIST"),  # arXiv:1409.0638 [recalled]
    (-1.0, 1.0e-5, "TWIST"),  # arXiv:1409.0638 [recalled]
    (0.0, 2.6e-6, "Jodidio"),  # Phys. Rev. D 34, 1967, PDG listing
    (-1.0, 2.5e-6, "Jodidio"),  # arXiv:2006.04795 [recalled]
)
SEARCHES: Final[tuple[tuple[str, Any, Method], ...]] = (
    ("TWIST", TWIST, "CLs"),
    ("Jodidio", JODIDIO, "Gaussian"),
    ("MEGII-fwd", FORWARD, "Gaussian"),
    ("Mu3e online", MU3E_ONLINE, "Gaussian"),
    ("Mu3e online, Michel edge", replace(MU3E_ONLINE, errors=MICHEL_EDGE), "Gaussian"),
)


def expected(
    search: Any,
    *,
    mass: float = 0.0,
    angle: float = 0.0,
    method: Method = "Gaussian",
    background: Any = None,
) -> float:
    """The limit on BR(mu -> e a) at 90 % CL.

    Args:
        search: one of the searches in single positrons.
        mass: of a [GeV].
        angle: C^V = cos(angle), C^A = sin(angle) [rad].
        method: of the limit.
        background: of the search, if it is there already.
    """
    model = LfvAlp(c_v=float(np.cos(angle)), c_a=float(np.sin(angle)))
    search = replace(search, signal=MuToEAlp(model=model))
    found = search.background(KEY) if background is None else background
    counts = search.counts(mass, found, KEY)
    return float(limit_of(counts, cl=0.90, method=method).median)


def asymmetry(
    output: Path, *, seed: int = 1, fast: bool = False, progress: Progress | None = None
) -> list[Path]:
    """Limits on a massless a against the asymmetry of its decay, and what they assume.

    Args:
        output: folder of the figure and of the table.
        seed: not used; nothing is random.
        fast: fewer points.
        progress: called with steps done and their number.
    """
    steps = np.linspace(-1, 1, 5 if fast else 17)
    rows = []
    for i, (name, search, method) in enumerate(SEARCHES):
        found = search.background(KEY)
        for a in steps:
            angle = -np.arcsin(a) / 2
            row = [
                expected(
                    replace(search, systematics=on), angle=angle, method=method,
                    background=found,
                )
                for on in (True, False)
            ]  # fmt: skip
            rows.append((name, float(a), *row))
        if progress is not None:
            progress(i + 1, len(SEARCHES))
    table = output / "asymmetry.csv"
    heads = ("search", "asymmetry", "BR_90", "BR_90_statistics_only")
    plot.replace_text(table, plot.csv_text(heads, rows))
    return [*plot.written(output / "asymmetry", _asymmetry_figure, rows), table]


def _asymmetry_figure(rows: Sequence[tuple[Any, ...]], path: Path) -> None:
    with mpl.rc_context(plot.STYLE):
        figure = Figure(figsize=(5.2, 4.4), layout="constrained")
        axes = figure.add_subplot()
        colours = (*plot.REACH, "0.5")
        for (name, _, _), colour in zip(SEARCHES, colours, strict=False):
            mine = np.array([row[1:] for row in rows if row[0] == name])
            axes.plot(mine[:, 0], mine[:, 1], color=colour, lw=1.6, label=name)
            axes.plot(mine[:, 0], mine[:, 2], color=colour, lw=0.9, ls="--")
        for (a, value, whose), marker in zip(PUBLISHED, "ooosss", strict=False):
            colour = colours[0] if whose == "TWIST" else colours[1]
            axes.plot(a, value, marker, color=colour, mfc="w", ms=6, clip_on=False)
        axes.plot([], [], "k--", lw=0.9, label="statistics alone")
        axes.plot([], [], "o", color="k", mfc="w", label="published")
        axes.set_yscale("log")
        axes.set_xlim(-1.03, 1.03)
        axes.set_ylim(1e-9, 1e-2)
        axes.set_xlabel("asymmetry of the positrons")
        axes.text(-1, 1.3e-9, "V+A", fontsize=8)
        axes.text(0, 1.3e-9, "V or A", fontsize=8, ha="center")
        axes.text(1, 1.3e-9, "V$-$A", fontsize=8, ha="right")
        axes.set_ylabel(r"BR($\mu \to e a$), massless $a$, 90% CL")
        axes.legend(loc="upper left", frameon=False, ncols=2)
        plot.save(figure, path)


def _forward(**changes: Any) -> PositronLine:
    return replace(FORWARD, experiment=replace(MuonForward(), **changes))


def _smeared(value: float) -> PositronLine:
    """Another resolution, with bins that follow it."""
    search = _forward(energy_resolution=value)
    return replace(search, width=search.width * value / 0.01)


def _scaled(factor: float) -> PositronLine:
    """All uncertainties times a factor."""
    values = {
        name: value if name == "degree" else value * factor
        for name, value in vars(FORWARD.errors).items()
    }
    values["polarisation"] = min(values["polarisation"], 0.01)  # P stays below 1
    return replace(FORWARD, errors=replace(FORWARD.errors, **values))


# Axis label, values, search at each, value of the default.
SCALINGS: Final[tuple[tuple[str, Values, Callable[[float], Any], float], ...]] = (
    (
        "focusing", np.geomspace(1, 100, 7),
        lambda x: _forward(focusing=x), 1.0,
    ),
    (
        r"stopped $\mu^+$", np.geomspace(1e12, 1e16, 7),
        lambda x: _forward(muons=x), 1e14,
    ),
    (
        "energy resolution", np.geomspace(1e-3, 5e-2, 7),
        _smeared, 0.01,
    ),
    (
        r"depolarisation $1 - P_\mu$", np.geomspace(1e-3, 0.3, 7),
        lambda x: _forward(polarisation=x - 1), 0.01,
    ),
    (
        "radius at 1.5 m [cm]", np.geomspace(2, 15, 7),
        lambda x: _forward(radius=x * cm), 5.0,
    ),
    (
        "uncertainties / default", np.geomspace(1e-3, 10, 7),
        _scaled, 1.0,
    ),
)  # fmt: skip


def forward_scaling(
    output: Path, *, seed: int = 1, fast: bool = False, progress: Progress | None = None
) -> list[Path]:
    """How the reach of MEGII-fwd moves with what it is built of; arguments as above."""
    rows: list[tuple[Any, ...]] = []
    for i, (name, values, made, _) in enumerate(SCALINGS):
        for value in values[:: 3 if fast else 1]:
            search = made(float(value))
            bare = replace(search, systematics=False)
            limits = (
                expected(replace(bare, counting=True)),
                expected(bare),
                expected(search),
                expected(search, angle=np.pi / 4),
            )
            rows.append((name, float(value), *limits))
        if progress is not None:
            progress(i + 1, len(SCALINGS))
    table = output / "forward_scaling.csv"
    heads = ("quantity", "value", *(f"BR_90 {name}" for name in LINES))
    plot.replace_text(table, plot.csv_text(heads, rows))
    return [*plot.written(output / "forward_scaling", _scaling_figure, rows), table]


LINES: Final = (
    "V, count in a window",
    "V, likelihood, statistics alone",
    "V, likelihood, systematics",
    "V+A, likelihood, systematics",
)


def _scaling_figure(rows: Sequence[tuple[Any, ...]], path: Path) -> None:
    with mpl.rc_context(plot.STYLE):
        figure = Figure(figsize=(7.2, 5.2), layout="constrained")
        panels = figure.subplots(2, 3, sharey=True).ravel()
        for axes, (name, _, _, default) in zip(panels, SCALINGS, strict=True):
            mine = np.array([row[1:] for row in rows if row[0] == name])
            _scaling_panel(axes, mine)
            axes.axvline(default, color="0.7", lw=0.8, zorder=0)
            if mine[-1, 0] < 20 * mine[0, 0]:
                axes.set_xscale("linear")
            axes.set_xlabel(name)
        for focusing, published in ((1.0, 7.2e-7), (100.0, 7.2e-8)):
            panels[0].plot(focusing, published, "k*", ms=8, clip_on=False)
        panels[0].plot([], [], "k*", ms=8, label="arXiv:2006.04795")
        for axes in panels[::3]:
            axes.set_ylabel(r"BR($\mu \to e a$), 90% CL")
        figure.legend(
            *panels[0].get_legend_handles_labels(), loc="outside lower center",
            ncols=3, frameon=False,
        )  # fmt: skip
        title = r"MEGII-fwd, massless $a$; grey: default values"
        figure.suptitle(title, fontsize=9)
        plot.save(figure, path)


def _scaling_panel(axes: Axes, rows: Float[np.ndarray, "n k"]) -> None:
    styles = (("k", "-"), (plot.REACH[0], "--"), (plot.REACH[0], "-"),
              (plot.REACH[1], "-"))  # fmt: skip
    for i, ((colour, style), label) in enumerate(zip(styles, LINES, strict=True)):
        axes.plot(rows[:, 0], rows[:, i + 1], style, color=colour, lw=1.3, label=label)
    axes.set_xscale("log")
    axes.xaxis.set_minor_formatter(NullFormatter())
    axes.set_yscale("log")
    axes.set_ylim(1e-8, 1e-4)
