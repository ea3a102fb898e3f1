"""Efficiency and resolution of the tracks of Mu3e, over momentum and angle."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, Final, NamedTuple

import jax
import jax.numpy as jnp
import matplotlib as mpl
import numpy as np

from jaxtyping import Float
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from darkreach.algebra.kinematics import FourVector
from darkreach.constants import M_E, M_MU
from darkreach.experiments.mu3e import Mu3e, phase_1
from darkreach.outputs.plot import (
    REACH,
    STYLE,
    csv_text,
    replace_text,
    save,
    written,
)
from darkreach.units import MeV

Plane = Float[np.ndarray, "n m"]

ANGLES: Final = (0.0, 0.4, 0.7)  # of the lines of the resolutions


class EfficiencyMap(NamedTuple):
    """Averages over the target, by momentum (rows) and |cos theta| (columns).

    Attributes:
        momentum: [GeV].
        cos: |cos theta|.
        found: probability that a track is found.
        long: probability that it is found and long.
        short_error: resolution of the momentum of a short track [GeV].
        long_error: of a long track [GeV].
    """

    momentum: Float[np.ndarray, " n"]
    cos: Float[np.ndarray, " m"]
    found: Plane
    long: Plane
    short_error: Plane
    long_error: Plane


def efficiency_map(experiment: Mu3e, *, nodes: int = 90) -> EfficiencyMap:
    """What the tracker does to one track from anywhere in the target.

    Args:
        experiment: its choice of `tracks` does not matter.
        nodes: in momentum and in angle.
    """
    momentum = np.linspace(10 * MeV, M_MU / 2, nodes)
    cos = np.linspace(0.0, 0.95, nodes)
    p, c = (jnp.asarray(a.ravel()) for a in np.meshgrid(momentum, cos, indexing="ij"))
    zero = jnp.zeros_like(p)
    track = FourVector(jnp.hypot(p, M_E), p * jnp.sqrt(1 - c * c), zero, p * c)
    every = replace(experiment, tracks="all")
    only = replace(experiment, tracks="long")
    found, long, short_error, long_error = jax.jit(
        lambda track: (
            every.track_efficiency(track),
            only.track_efficiency(track),
            every.errors(track, zero).momentum,
            only.errors(track, zero).momentum,
        )
    )(track)
    shape = nodes, nodes
    planes = (np.reshape(a, shape) for a in (found, long, short_error, long_error))
    return EfficiencyMap(momentum, cos, *planes)


def efficiency(
    output: Path,
    *,
    seed: int = 1,
    fast: bool = False,
    progress: Callable[[int, int], None] | None = None,
) -> list[Path]:
    """Figure and table of phase I.

    Args:
        output: folder of the files.
        seed: unused, nothing is random.
        fast: a coarser map.
        progress: called with steps done and their number.
    """
    plane = efficiency_map(phase_1(), nodes=40 if fast else 90)
    table = output / "efficiency.csv"
    head = ("p_MeV", "abs_cos", "found", "long", "short_error_MeV", "long_error_MeV")
    rows = [
        (
            plane.momentum[i] / MeV,
            plane.cos[j],
            plane.found[i, j],
            plane.long[i, j],
            plane.short_error[i, j] / MeV,
            plane.long_error[i, j] / MeV,
        )
        for i in range(len(plane.momentum))
        for j in range(len(plane.cos))
    ]
    replace_text(table, csv_text(head, rows))
    files = written(output / "efficiency", _draw, plane)
    if progress is not None:
        progress(1, 1)
    return [*files, table]


def _draw(plane: EfficiencyMap, path: Path) -> None:
    with mpl.rc_context(STYLE):
        figure = Figure(figsize=(8.4, 2.9), layout="constrained")
        left, middle, right = figure.subplots(1, 3)
        names = {"four layers": plane.found, "and back (long)": plane.long}
        for axes, (name, share) in zip((left, middle), names.items(), strict=True):
            mesh: Any = axes.pcolormesh(
                plane.momentum / MeV, plane.cos, share.T, vmin=0, vmax=1,
                cmap="viridis", shading="gouraud", rasterized=True,
            )  # fmt: skip
            axes.set_title(name, fontsize=9)
            axes.set_xlabel("p [MeV]")
        left.set_ylabel(r"$|\cos\theta|$")
        figure.colorbar(mesh, ax=[left, middle], label="efficiency of a track")
        _resolutions(right, plane)
        figure.get_layout_engine().set(wspace=0.06)  # type: ignore[union-attr, call-arg]
        save(figure, path)


def _resolutions(axes: Axes, plane: EfficiencyMap) -> None:
    """Lines at fixed angles, where at least a tenth of the tracks are seen."""
    for colour, cos in zip(REACH, ANGLES, strict=False):
        j = int(np.argmin(np.abs(plane.cos - cos)))
        for error, share, style in (
            (plane.short_error, plane.found - plane.long, "--"),
            (plane.long_error, plane.long, "-"),
        ):
            shown = np.where(share[:, j] > 0.1, error[:, j] / MeV, np.nan)
            label = rf"$|\cos\theta| = {cos:g}$" if style == "-" else None
            axes.plot(plane.momentum / MeV, shown, style, color=colour, label=label)
    axes.plot([], [], "--", color="0.4", label="short tracks")
    axes.set(yscale="log", ylim=(0.02, 30), xlim=(10, 53))
    axes.set_xlabel("p [MeV]")
    axes.set_ylabel("resolution of p [MeV]")
    axes.legend(frameon=False)
