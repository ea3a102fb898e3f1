"""How the reach of the MEG II search moves with every input that is not certain."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import matplotlib as mpl
import numpy as np

from matplotlib.figure import Figure

from darkreach.outputs import plot
from darkreach.outputs.changes import changed
from darkreach.searches.meg2_mu_e_alp_gamma import Meg2MuEAlpGamma
from darkreach.searches.search import reach_point, scan_keys
from darkreach.units import MeV, cm, deg, mrad, ps

# Recalled or assumed inputs, each at another value that one may defend: what was
# achieved instead of the design, half or twice an uncertainty, a smaller window.
CHANGES: Final[tuple[tuple[str, Any, str], ...]] = (
    ("photon_scale", 0.0015, "0.15 % (0.3 %)"),
    ("positron_scale", 0.75e-4, "4 keV (8 keV)"),
    ("photon_smearing", 0.1, "10 % (5 %)"),
    ("positron_smearing", 0.1, "10 % (5 %)"),
    ("signal_norm", 0.1, "10 % (5 %)"),
    ("polarisation_error", 0.03, "0.03 (0.06)"),
    ("radiative_norm", 0.02, "2 % (5 %)"),
    ("accidental_norm", 0.05, "5 % (2 %)"),
    ("positron_cut", 47 * MeV, "47 MeV (45 MeV)"),
    ("experiment.photon_resolution", 0.018, "1.8 % (1.1 %)"),
    ("experiment.photon_angle", 10 * mrad, "10 mrad (5 mrad)"),
    ("experiment.photon_efficiency", 0.62, "0.62 (0.69)"),
    ("experiment.photon_abs_cos", 0.30, "0.30 (0.35)"),
    ("experiment.photon_half_width", 50 * deg, "50 deg (60 deg)"),
    ("experiment.positron_momentum", 0.089 * MeV, "89 keV (130 keV)"),
    ("experiment.positron_theta", 7.2 * mrad, "7.2 mrad (5.3 mrad)"),
    ("experiment.positron_phi", 4.1 * mrad, "4.1 mrad (3.7 mrad)"),
    ("experiment.positron_efficiency", 0.67, "0.67 (0.70)"),
    ("experiment.positron_abs_cos", 0.35, "0.35 (0.50)"),
    ("experiment.positron_half_width", 60 * deg, "60 deg (70 deg)"),
    ("experiment.offline_window", 170 * ps, "170 ps (250 ps)"),
    ("experiment.electrons", 5.2e22 / cm**2, "twice as many"),
    ("experiment.radiation_lengths", 3.6e-3, "0.36 % (0.18 %)"),
    ("experiment.trigger.photon_width", 0.08, "8 % (4 %)"),
    ("experiment.trigger.positron_width", 2 * MeV, "2 MeV (1 MeV)"),
)
MASSES: Final = (0.0, 10 * MeV, 20 * MeV)


def inputs(
    output: Path,
    *,
    seed: int = 1,
    fast: bool = False,
    progress: Callable[[int, int], None] | None = None,
) -> list[Path]:
    """Ratio of the limit on BR(mu -> e a) to the default, one input changed at a time.

    The muon rate is kept. The same random numbers are used throughout, and the error
    of the finite sample is not profiled, so that the ratios are known to a few per
    cent.

    Args:
        output: folder of the figure and of the table.
        seed: random seed.
        fast: fewer events.
        progress: called with steps done and their number.
    """
    base = Meg2MuEAlpGamma(mc_statistics=False)
    steps = 1 + len(CHANGES)
    nominal = _limits(base, seed, fast=fast)
    rows = []
    for i, (path, value, text) in enumerate(CHANGES):
        if progress is not None:
            progress(i + 1, steps)
        found = _limits(changed(base, path, value), seed, fast=fast)
        rows.append((path, text, *(found / nominal)))
    if progress is not None:
        progress(steps, steps)
    table = output / "inputs.csv"
    heads = [f"ratio_{m / MeV:g}_MeV" for m in MASSES]
    first = ("default", "BR", *nominal)
    plot.replace_text(table, plot.csv_text(("input", "value", *heads), [first, *rows]))
    return [*plot.written(output / "inputs", _figure, rows), table]


def _limits(search: Meg2MuEAlpGamma, seed: int, *, fast: bool) -> np.ndarray:
    base, keys = scan_keys(seed, MASSES)
    background = search.background(base, fast=fast)
    return np.array(
        [
            reach_point(search, mass, background, key=key, fast=fast).median
            for mass, key in zip(MASSES, keys, strict=True)
        ]
    )


def _figure(rows: list[tuple[Any, ...]], path: Path) -> None:
    """Points around 1, one row an input."""
    with mpl.rc_context(plot.STYLE):
        figure = Figure(figsize=(6.4, 0.24 * len(rows) + 1.0), layout="constrained")
        axes = figure.add_subplot()
        y = np.arange(len(rows))[::-1]
        for i, (mass, colour) in enumerate(zip(MASSES, plot.REACH, strict=False)):
            x = [row[2 + i] for row in rows]
            axes.plot(x, y, "o", color=colour, ms=4, alpha=0.8,
                      label=f"$m_a = {mass / MeV:g}$ MeV")  # fmt: skip
        axes.axvline(1.0, color="0.5", lw=0.8)
        names = [f"{row[0].rpartition('.')[2]}: {row[1]}" for row in rows]
        axes.set_yticks(y, names, fontsize=7)
        axes.grid(axis="y", color="0.9", lw=0.6)
        axes.set_xlabel(r"limit on BR($\mu \to e a$), relative to the default")
        axes.legend(loc="lower right", frameon=True, framealpha=0.9)
        plot.save(figure, path)
