"""Landscape of lepton-flavoured ALPs: freeze-in, cooling and rare decays, lifetimes.

Three figures of the talks on arXiv:2006.04795 and arXiv:2209.03371, computed.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Final

import numpy as np

from jaxtyping import Float

from darkreach.constants import M_E, M_MU, M_TAU, C
from darkreach.curves.curve import interpolate, rescaled, to_effective_scale
from darkreach.curves.exclusion import AGE
from darkreach.curves.targets.freeze_in import (
    effective_scale_of_target,
    warm_dark_matter_mass,
)
from darkreach.curves.targets.photon_lifetime import (
    REQUIRED,
    effective_scale_of_lifetime,
)
from darkreach.curves.text import load_bound
from darkreach.models.lfv_alp import LfvAlp
from darkreach.outputs import landscape_plot, plot
from darkreach.outputs.lfv import PAIRS, Line, Slice, bounds, target_line
from darkreach.units import GeV, MeV, keV, m, mm, s

Progress = Callable[[int, int], None]
Values = Float[np.ndarray, " n"]
TAN_ALPHA: Final = (0.01, 0.1, 1.0)
LEPTONS: Final = (M_E, M_MU, M_TAU)
# Proper decay lengths between which an ALP is prompt, displaced, stable in a detector,
# stable until nucleosynthesis, and until today.
LENGTHS: Final = (
    (1 * mm, r"$c\tau$ = 1 mm"),
    (1 * m, "1 m"),
    (C * s, "1 s"),
    (C * AGE, "age of the universe"),
)


def freeze_in(
    output: Path, *, seed: int = 1, fast: bool = False, progress: Progress | None = None
) -> list[Path]:
    """f_a / C against m_a: freeze-in, photons and red giants for slices in tan(alpha).

    Args:
        output: folder of the figure and of the table.
        seed: not used; nothing is random.
        fast: fewer points.
        progress: called with steps done and their number.
    """
    masses = np.geomspace(1 * keV, 200 * keV, 13 if fast else 61)
    panels, rows = [], []
    for i, (name, pair) in enumerate(PAIRS.items()):
        slices = {}
        for ratio in TAN_ALPHA:
            couplings = Slice(pair=pair, chirality="V-A", tan_alpha=ratio)
            found = [b for b in bounds(couplings, masses) if b.group != "cosmology"]
            needed = [
                Line(
                    f"{tau / s:g} s",
                    "lifetime",
                    masses,
                    np.array(
                        [
                            effective_scale_of_lifetime(
                                float(x), lifetime=tau, tan_alpha=ratio
                            )
                            for x in masses
                        ]
                    ),
                )
                for tau in REQUIRED
            ]
            slices[ratio] = [*found, *needed]
        dark, warm = target_line(Slice(pair=pair, chirality="V-A", tan_alpha=1.0)), (
            warm_dark_matter_mass(pair)
        )  # fmt: skip
        panels.append(landscape_plot.FreezeIn(name, slices, dark, warm))
        rows += [
            (name, ratio, line.label, float(x / keV), float(y / 2 / GeV))
            for ratio, lines in slices.items()
            for line in [*lines, dark]
            for x, y in zip(line.mass, line.scale, strict=True)
            if np.isfinite(y)
        ]
        if progress is not None:
            progress(i + 1, len(PAIRS))
    table = output / "freeze_in.csv"
    head = ("pair", "tan_alpha", "line", "mass_keV", "f_a_over_C_GeV")
    plot.replace_text(table, plot.csv_text(head, rows))
    draw = landscape_plot.freeze_in_figure
    return [*plot.written(output / "freeze_in", draw, panels), table]


def couplings(
    output: Path, *, seed: int = 1, fast: bool = False, progress: Progress | None = None
) -> list[Path]:
    """Flavour-violating against flavour-diagonal scale: rare decays beat cooling.

    Two panels: a massless ALP; one of 15 keV, whose freeze-in line and photon lifetime
    are drawn. Arguments as for `freeze_in`.
    """
    grid = np.geomspace(1e6, 1e13, 30 if fast else 141) * GeV
    dark = 15 * keV
    decays = {
        name: to_effective_scale(rescaled(load_bound(bound), cl=0.95))
        for name, bound in (
            ("Jodidio, V or A", "jodidio_1986"),
            ("TWIST, V$-$A", "twist_2015_v_minus_a"),
        )
    }
    giants = load_bound("red_giants_2020")
    panels = []
    for i, mass in enumerate((0.0, dark)):
        limit = float(interpolate(giants, mass))
        panels.append(
            landscape_plot.Couplings(
                mass=mass,
                grid=grid,
                cooling=2 * M_E / limit,  # F_ee = 2 f_a / C_ee
                decays={k: float(interpolate(c, mass)) for k, c in decays.items()},
                freeze_in=effective_scale_of_target(mass) if mass else None,
                lifetimes={
                    f"{tau / s:g} s": _diagonal_scale(mass, tau) for tau in REQUIRED
                }
                if mass
                else {},
            )
        )
        if progress is not None:
            progress(i + 1, 2)
    draw = landscape_plot.couplings_figure
    return plot.written(output / "landscape", draw, panels)


def _diagonal_scale(mass: float, lifetime: float) -> float:
    """F_ee = 2 f_a / C_ee [GeV] with which an ALP lives so long, all C_ll equal."""
    return effective_scale_of_lifetime(mass, lifetime=lifetime, tan_alpha=1.0)


def lifetimes(
    output: Path, *, seed: int = 1, fast: bool = False, progress: Progress | None = None
) -> list[Path]:
    """Where an ALP is prompt, displaced, stable in a detector, or until today.

    All diagonal couplings are 1; arguments as for `freeze_in`.
    """
    masses = np.geomspace(1e-3 * MeV, 1e4 * MeV, 60 if fast else 240)
    masses = np.unique(
        np.concatenate([masses, *(np.array([0.9999, 1.0001]) * 2 * x for x in LEPTONS)])
    )
    rows = []
    for i, mass in enumerate(masses):
        unit = LfvAlp(mass=float(mass), f=1e9 * GeV, c_ee=1.0, c_mumu=1.0, c_tautau=1.0)
        length = float(unit.ctau())  # grows like f^2
        rows.append([1e9 * GeV * np.sqrt(x / length) for x, _ in LENGTHS])
        if progress is not None:
            progress(i + 1, len(masses))
    scales = np.array(rows)
    names = [name for _, name in LENGTHS]
    table = output / "lifetimes.csv"
    head = ("mass_GeV", *(f"f_a_GeV c tau = {x / mm:.3g} mm" for x, _ in LENGTHS))
    numbers = [
        (float(x / GeV), *(float(y / GeV) for y in row))
        for x, row in zip(masses, scales, strict=True)
    ]
    plot.replace_text(table, plot.csv_text(head, numbers))
    draw = landscape_plot.lifetimes_figure
    return [*plot.written(output / "lifetimes", draw, masses, scales, names), table]
