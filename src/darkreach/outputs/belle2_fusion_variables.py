"""Electrons and nothing at Belle II: distributions of signal and backgrounds."""

import math

from collections.abc import Callable
from pathlib import Path
from typing import Any, Final, NamedTuple

import jax
import jax.numpy as jnp
import matplotlib as mpl
import numpy as np

from jaxtyping import Array, Float, Key
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from darkreach.algebra.kinematics import FourVector, Real
from darkreach.constants import M_E
from darkreach.experiments.belle2_ecl import polar_angle
from darkreach.models.photon_alp import PhotonAlp
from darkreach.outputs.plot import (
    MANY,
    STYLE,
    csv_text,
    replace_text,
    save,
    written,
)
from darkreach.processes.ee_to_ee_alp import EeToEeAlp
from darkreach.processes.ee_to_ee_ee import EeToEeEe
from darkreach.processes.ee_to_ee_gamma import EeToEeGamma
from darkreach.processes.ee_to_ee_gamma_gamma import EeToEeGammaGamma
from darkreach.processes.process import Process
from darkreach.sampling.channels import channels_of
from darkreach.sampling.events import Events
from darkreach.sampling.generator import generate, trained_grid
from darkreach.sampling.observables import Cut
from darkreach.sampling.tau_leptons import generate_tau_leptons
from darkreach.searches.antler import antler_margin
from darkreach.searches.belle2_fusion_invisible import Belle2FusionInvisible
from darkreach.searches.fusion_samples import (
    WIDEST,
    electron_cuts,
    photons_lost,
)
from darkreach.searches.two_electrons import observed
from darkreach.units import GeV, deg

MASSES: Final = (0.3 * GeV, 4 * GeV, 8 * GeV)
EVENTS: Final = {True: 2**14, False: 2**17}  # of each sample and channel
BINS: Final = 40
COLOURS: Final = (*MANY, "0.3")  # three signals, four backgrounds


class Variable(NamedTuple):
    """One panel: its range, and its name with the unit."""

    low: float
    high: float
    label: str


VARIABLES: Final = {
    "mass": Variable(0.0, 10.6, r"missing mass [GeV]"),
    "energy": Variable(0.0, 10.6, r"missing energy, centre of mass [GeV]"),
    "theta": Variable(0.0, 180.0, r"polar angle of the missing momentum [deg]"),
    "ratio": Variable(0.0, 4.0, r"missing $p_T$ over the limit along the beams"),
    "acoplanarity": Variable(0.0, 180.0, r"acoplanarity of the electrons [deg]"),
    "antler": Variable(-2.0, 2.0, r"room for two taus [rad]"),
}


def variables(
    search: Belle2FusionInvisible, events: Events, key: Key[Array, ""]
) -> tuple[dict[str, Array], Array]:
    """Of events with two electrons that are found and trigger; and their weights."""
    of = search.experiment
    seen = observed(of, search.selection, events, key)
    electron, positron = seen.electrons
    return {
        "mass": jnp.sqrt(jnp.maximum(seen.mass_squared, 0.0)) / GeV,
        "energy": seen.energy / GeV,
        "theta": polar_angle(seen.missing) / deg,
        "ratio": seen.beside,
        "acoplanarity": _acoplanarity(electron, positron) / deg,
        "antler": antler_margin(electron, positron, sqrt_s=of.sqrt_s()),
    }, seen.weight


def _acoplanarity(a: FourVector, b: FourVector) -> Real:
    """180 degrees less the angle between the electrons across the beams [rad]."""
    cross, along = a.x * b.y - a.y * b.x, a.x * b.x + a.y * b.y
    return math.pi - jnp.abs(jnp.arctan2(cross, along))


def samples(
    search: Belle2FusionInvisible, key: Key[Array, ""], *, fast: bool
) -> dict[str, list[Events]]:
    """Signals at `MASSES` and every background, by name; channels add up."""
    of, cuts = search.experiment, search.selection
    near = electron_cuts(of, cuts)
    photon = Cut(observable="E_gamma", minimum=0.3 * cuts.missing_energy)
    pair = Cut(observable="pair_mass", minimum=2 * M_E)
    lost: Any = jax.tree_util.Partial(photons_lost, of, 1.0)  # type: ignore[no-untyped-call]
    beam = of.head_on()

    def drawn(
        process: Process, some: tuple[Cut, ...], place: int, importance: Any = None
    ) -> list[Events]:
        found = []
        for channel in channels_of(process):
            train, draw = jax.random.split(jax.random.fold_in(key, place))
            place += 100
            grid = trained_grid(
                process, beam, train, cuts=some, channel=channel, importance=importance
            )
            given: dict[str, Any] = {"cuts": some, "grid": grid, "channel": channel}
            found.append(generate(process, beam, EVENTS[fast], draw, **given))
        return found

    found = {}
    for i, mass in enumerate(MASSES):
        model = PhotonAlp(mass=mass, g_agamma=1e-3 / GeV)
        name = rf"$m_a$ = {mass / GeV:g} GeV"
        found[name] = drawn(EeToEeAlp(model=model), near, i)
    some = (*near, photon, pair)
    found[r"$ee\gamma$, lost"] = drawn(
        EeToEeGamma(channels=("initial",)), some, 10, lost
    )
    found[r"$ee\gamma\gamma$, lost"] = drawn(
        EeToEeGammaGamma(channels=("initial",)), some, 11, lost
    )
    found[r"$\gamma\gamma \to ee$"] = drawn(EeToEeEe(widest=WIDEST), near, 12)
    taus = generate_tau_leptons(
        of,
        EVENTS[fast],
        jax.random.fold_in(key, 13),
        cross_section=of.tau_pairs,
    )
    found[r"$\tau\tau$"] = [taus]
    return found


def figure(
    output: Path,
    *,
    seed: int = 1,
    fast: bool = False,
    progress: Callable[[int, int], None] | None = None,
) -> list[Path]:
    """Figure and table of shapes, each of unit area.

    Args:
        output: folder of the files.
        seed: of the samples.
        fast: fewer events.
        progress: called with steps done and their number.
    """
    search = Belle2FusionInvisible()
    draw, smear = jax.random.split(jax.random.key(seed))
    made = samples(search, draw, fast=fast)
    shapes: dict[str, dict[str, Float[np.ndarray, " bins"]]] = {}
    for i, (name, parts) in enumerate(made.items()):
        shapes[name] = _shapes(search, parts, jax.random.fold_in(smear, i))
        if progress is not None:
            progress(i + 1, len(made))
    rows = [
        (variable, name, low, height)
        for name, found in shapes.items()
        for variable, heights in found.items()
        for low, height in zip(_edges(variable), heights, strict=False)
    ]
    table = output / "variables.csv"
    replace_text(table, csv_text(("variable", "sample", "low_edge", "share"), rows))
    return [*written(output / "variables", _draw, shapes), table]


def _edges(name: str) -> Float[np.ndarray, " edges"]:
    one = VARIABLES[name]
    return np.linspace(one.low, one.high, BINS + 1)


def _shapes(
    search: Belle2FusionInvisible, parts: list[Events], key: Key[Array, ""]
) -> dict[str, Float[np.ndarray, " bins"]]:
    total: dict[str, Any] = dict.fromkeys(VARIABLES, 0.0)
    for i, events in enumerate(parts):
        values, weight = variables(search, events, jax.random.fold_in(key, i))
        for name, value in values.items():
            edges = _edges(name)
            inside = np.clip(np.asarray(value), edges[0], edges[-1])
            total[name] += np.histogram(inside, edges, weights=np.asarray(weight))[0]
    return {name: row / max(row.sum(), 1e-300) for name, row in total.items()}


def _draw(shapes: dict[str, dict[str, Float[np.ndarray, " bins"]]], path: Path) -> None:
    with mpl.rc_context(STYLE):
        whole = Figure(figsize=(10.5, 6.2), layout="constrained")
        panels = whole.subplots(2, 3)
        for axes, (name, one) in zip(panels.ravel(), VARIABLES.items(), strict=True):
            _panel(axes, name, shapes)
            axes.set(xlim=(one.low, one.high), xlabel=one.label, yscale="log")
            axes.set_ylim(1e-4, 1.5)
        for axes in panels[:, 0]:
            axes.set_ylabel("share of events in a bin")
        handles, labels = panels[0, 0].get_legend_handles_labels()
        whole.legend(
            handles, labels, loc="outside upper center", ncols=7, frameon=False
        )
        save(whole, path)


def _panel(
    axes: Axes, name: str, shapes: dict[str, dict[str, Float[np.ndarray, " bins"]]]
) -> None:
    for i, (label, found) in enumerate(shapes.items()):
        bold = {"lw": 1.8} if i < len(MASSES) else {"lw": 1.0, "ls": "--"}
        colour = COLOURS[i]
        axes.stairs(found[name], _edges(name), color=colour, label=label, **bold)
