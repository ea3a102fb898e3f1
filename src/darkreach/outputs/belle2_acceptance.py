"""What the calorimeter of Belle II loses, over the polar angle, and its resolution."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Final, NamedTuple

import jax
import jax.numpy as jnp
import matplotlib as mpl
import numpy as np

from jaxtyping import Array, Float
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from darkreach.algebra.kinematics import FourVector
from darkreach.experiments.belle2_ecl import Ecl
from darkreach.outputs.plot import (
    REACH,
    STYLE,
    csv_text,
    replace_text,
    save,
    written,
)
from darkreach.units import GeV, MeV, deg

Line = Float[np.ndarray, " n"]

ENERGY: Final = 1 * GeV  # of the photons whose angle is drawn
PARTS: Final = {"forward": 22.5 * deg, "barrel": 90 * deg, "backward": 143 * deg}
SCAN: Final = (1e-6, 1e-4, 1e-2)  # inefficiencies beside the default


class Acceptance(NamedTuple):
    """Averages over the azimuth, for photons of one energy.

    Attributes:
        theta: in the laboratory [rad].
        detected: probability of a cluster.
        lost: probability that nothing vetoes the event.
        scan: the same for the inefficiencies of `SCAN`, one row each.
    """

    theta: Line
    detected: Line
    lost: Line
    scan: Float[np.ndarray, "k n"]


class Resolution(NamedTuple):
    """In the middle of the three parts, one row each.

    Attributes:
        energy: [GeV].
        relative: resolution of the energy.
        angle: of the angles [rad].
    """

    energy: Line
    relative: Float[np.ndarray, "parts n"]
    angle: Float[np.ndarray, "parts n"]


def directions(theta: Array, phi: Array, energy: Array) -> FourVector:
    """Photons from polar angles and azimuths."""
    sin = energy * jnp.sin(theta)
    return FourVector(
        energy, sin * jnp.cos(phi), sin * jnp.sin(phi), energy * jnp.cos(theta)
    )


def acceptance(ecl: Ecl, *, steps: int = 1081, azimuths: int = 600) -> Acceptance:
    """The map of the holes; all planes between the crystals are alike.

    Args:
        ecl: the calorimeter.
        steps: over the polar angle; the seam at 90 deg has a grid of its own.
        azimuths: over half the distance from one septum to the next.
    """
    near = ecl.seam_theta + np.linspace(-0.06, 0.06, 121) * deg
    theta = np.union1d(np.linspace(0.0, 180 * deg, steps), near)
    phi = 0.5 * ecl.septum_phi * (np.arange(azimuths) + 0.5) / azimuths

    def average(theta: Array, ecl: Ecl) -> tuple[Array, Array]:
        azimuth = jnp.asarray(phi)
        energy, polar = (jnp.full_like(azimuth, x) for x in (ENERGY, theta))
        p = directions(polar, azimuth, energy)
        return jnp.mean(ecl.detects(p)), jnp.mean(ecl.lost(p))

    mapped = jax.jit(jax.vmap(average, (0, None)))
    angles = jnp.asarray(theta)
    detected, lost = mapped(angles, ecl)
    scan = [mapped(angles, replace(ecl, inefficiency=x))[1] for x in SCAN]
    return Acceptance(theta, *map(np.asarray, (detected, lost, np.stack(scan))))


def resolution(ecl: Ecl, *, steps: int = 80) -> Resolution:
    """Resolutions from 20 MeV to 8 GeV."""
    energy = np.geomspace(20 * MeV, 8 * GeV, steps)
    rows = []
    for theta in PARTS.values():
        e = jnp.asarray(energy)
        p = directions(jnp.full_like(e, theta), jnp.zeros_like(e), e)
        rows.append((ecl.energy_error(p) / e, ecl.angle_error(p)))
    relative, angle = (np.stack([np.asarray(r[k]) for r in rows]) for k in (0, 1))
    return Resolution(energy, relative, angle)


def figure(
    output: Path,
    *,
    seed: int = 1,
    fast: bool = False,
    progress: Callable[[int, int], None] | None = None,
) -> list[Path]:
    """Figure and tables of the default calorimeter.

    Args:
        output: folder of the files.
        seed: unused, nothing is random.
        fast: a coarser map.
        progress: called with steps done and their number.
    """
    ecl = Ecl()
    holes = acceptance(ecl, steps=361, azimuths=200) if fast else acceptance(ecl)
    errors = resolution(ecl)
    tables = [output / "acceptance.csv", output / "resolution.csv"]
    columns = (holes.theta / deg, holes.detected, holes.lost)
    replace_text(
        tables[0],
        csv_text(("theta_deg", "detected", "lost"), zip(*columns, strict=True)),
    )
    head = ["energy_GeV"]
    for part in PARTS:
        head += [f"{part}_relative", f"{part}_angle_rad"]
    rows = [
        (
            e / GeV,
            *(x for k in range(len(PARTS)) for x in (a[k, i] for a in errors[1:])),
        )
        for i, e in enumerate(errors.energy)
    ]
    replace_text(tables[1], csv_text(head, rows))
    files = written(output / "acceptance", _draw, holes, errors)
    if progress is not None:
        progress(1, 1)
    return [*files, *tables]


def _draw(holes: Acceptance, errors: Resolution, path: Path) -> None:
    with mpl.rc_context(STYLE):
        whole = Figure(figsize=(9.2, 4.2), layout="constrained")
        grid = whole.add_gridspec(2, 2, width_ratios=(2, 1), height_ratios=(1, 2))
        seen = whole.add_subplot(grid[0, 0])
        lost = whole.add_subplot(grid[1, 0], sharex=seen)
        right = whole.add_subplot(grid[:, 1])
        seen.plot(holes.theta / deg, holes.detected, color=REACH[0], lw=1.2)
        seen.set(ylim=(0, 1.08), ylabel="detected", xlim=(0, 180))
        seen.tick_params(labelbottom=False)
        _loss(lost, holes)
        _errors(right, errors)
        save(whole, path)


def _loss(axes: Axes, holes: Acceptance) -> None:
    theta = holes.theta / deg
    for value, row in zip(SCAN, holes.scan, strict=True):
        axes.plot(theta, row, ":", color="0.5", lw=0.8)
        power = int(np.round(np.log10(value)))
        name = rf"$10^{{{power}}}$"
        axes.text(62, 1.25 * value, name, color="0.4", fontsize=7, ha="center")
    axes.plot(theta, holes.lost, color=REACH[1], lw=1.2)
    names = {
        "beam pipe": (6, 0.06, 90),
        "septa": (22, 2.2e-3, 0),
        "gap": (36, 0.06, 90),
        "seam": (90, 0.35, 0),
        "gap ": (125, 0.06, 90),
        "septa ": (143, 2.2e-3, 0),
        "beam pipe ": (166, 0.06, 90),
        "inefficiency": (110, 5.5e-6, 0),
    }
    for name, (x, y, turned) in names.items():
        axes.text(
            x, y, name.strip(), rotation=turned, ha="center", va="center",
            fontsize=7.5, color="0.1",
        )  # fmt: skip
    axes.set(yscale="log", ylim=(3e-7, 2), ylabel="lost, averaged over azimuth")
    axes.set_xlabel(r"$\theta$ in the laboratory [deg], photons of 1 GeV")


def _errors(axes: Axes, errors: Resolution) -> None:
    energy = errors.energy / GeV
    for colour, part, row in zip(REACH, PARTS, errors.relative, strict=False):
        axes.plot(energy, 100 * row, color=colour, label=f"energy, {part} [%]")
    for colour, part, row in zip(REACH, PARTS, errors.angle, strict=False):
        label = f"angles, {part} [mrad]"
        axes.plot(energy, 1e3 * row, "--", color=colour, label=label)
    axes.set(xscale="log", yscale="log", ylim=(1, 40), xlabel="photon energy [GeV]")
    axes.set_ylabel("resolution")
    axes.legend(frameon=False)
