"""Planes of a coupling against a mass: regions that bounds exclude, and lines."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

import numpy as np

from darkreach.curves.axes import ELECTRON_COUPLING, MUON_COUPLING, PORTAL
from darkreach.curves.curve import Curve, ended, interpolate
from darkreach.outputs import planes_plot, plot
from darkreach.outputs.planes_plot import Plane, Region
from darkreach.units import GeV, keV

Progress = Callable[[int, int], None]
LIGHTEST: Final = 1 * keV  # of a logarithmic axis
LEVELS: Final = "90% or 95% CL as published"


def regions(
    curves: Sequence[Curve], *, top: float, bottom: float = 0.0
) -> tuple[Region, ...]:
    """What curves exclude, up to their end or that of the axis.

    Args:
        curves: lines that exclude above or below.
        top: upper end of the axis, in base units.
        bottom: lower end; needed where a curve excludes below.

    Raises:
        ValueError: a curve is no line with a coupling on its axis.
    """
    known = (ELECTRON_COUPLING, MUON_COUPLING, *PORTAL)
    found = []
    for curve in curves:
        if curve.excludes == "inside" or not curve.convention.startswith(known):
            msg = (
                f"{curve.label!r} excludes {curve.excludes} in {curve.convention!r}; "
                f"expected a line with one of {', '.join(known)}"
            )
            raise ValueError(msg)
        low, high = curve.validity
        inside = (curve.mass >= low) & (curve.mass <= high) & (curve.mass > 0)
        mass = np.union1d(curve.mass[inside], [max(low, LIGHTEST), high])
        lower, upper = interpolate(curve, mass), np.minimum(ended(curve, mass), top)
        if curve.excludes == "below":
            lower, upper = np.maximum(ended(curve, mass), bottom), lower
        found.append(
            Region(
                label=curve.label.removesuffix(", recast"),
                mass=mass,
                lower=lower,
                upper=upper,
                firm=curve.kind == "bound",
            )
        )
    return tuple(found)


def written(output: Path, plane: Plane, progress: Progress | None) -> list[Path]:
    """The figure, and a table of its regions and reaches."""
    unit = plane.coupling_unit
    rows = [
        (region.label, float(m / GeV), float(low / unit), float(high / unit))
        for region in plane.regions
        for m, low, high in zip(region.mass, region.lower, region.upper, strict=True)
    ]
    rows += [
        (curve.label, float(m / GeV), float(low / unit), float(high / unit))
        for curve in plane.reaches
        for m, low, high in zip(
            curve.mass, curve.value, ended(curve, curve.mass), strict=True
        )
    ]
    table = output / "plane.csv"
    head = ("line", "mass_GeV", "coupling", "until")
    plot.replace_text(table, plot.csv_text(head, rows))
    files = [*plot.written(output / "plane", planes_plot.plane_figure, plane), table]
    if progress is not None:
        progress(1, 1)
    return files
