"""Events with a resonance and without, and the candidates of a mass hypothesis."""

import math

from dataclasses import fields, replace
from typing import Any, Final, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from jaxtyping import Array, Bool, Float, Key

from darkreach.algebra.kinematics import Real
from darkreach.constants import E_CHARGE, M_E, M_MU, WIDTH_MU
from darkreach.experiments.mu3e import Mu3e, possible
from darkreach.experiments.mu3e_accidentals import (
    Target,
    accidentals,
    coincidence_window,
    external_conversion,
)
from darkreach.models.lepton_vector import LeptonVector
from darkreach.processes.emission import Resonance
from darkreach.processes.mu_to_3e_nu_nu import MuTo3eNuNu
from darkreach.processes.mu_to_e_nu_nu_x_to_ee import MuToENuNuXToEe
from darkreach.processes.process import Process
from darkreach.sampling.events import Events, scaled
from darkreach.sampling.generator import generate, trained_grid
from darkreach.sampling.observables import Cut, View
from darkreach.searches.resonance_angles import Tracks, sorted_tracks
from darkreach.searches.resonance_cells import shares
from darkreach.units import MeV

Scalar = float | Float[Array, ""]
Host = Float[np.ndarray, "_"]

SIZE: Final = 2**17  # events a call
CALLS: Final = {True: 3, False: 8}  # of the background; of the signal one
ACCIDENTALS: Final = {True: 2**14, False: 2**17}  # events of each kind
NARROW: Final = 1e-4  # coupling of the sample: the line is no wider than 1e-9
PEAK: Final = 0.683  # of the signal is closer than one resolution
CORE: Final = 1.5  # resolutions: the peak
# Training of the samples: near the hypothesis, away from the collinear pole.
NEAR: Final = 5.0  # resolutions
FAR: Final = 20 * MeV
FLOOR: Final = 0.1
RISE: Final = 3 * MeV
LIGHTEST: Final = 4 * MeV  # below, the window reaches down to threshold


class Sample(NamedTuple):
    """Candidates in the window of a hypothesis, as arrays of the host.

    Attributes:
        tracks: of each event [GeV]; None where only masses matter.
        offset: mass of the pair minus the hypothesis [GeV].
        weight: events in the run; the signal's at a coupling of 1.
    """

    tracks: Any  # `Tracks`
    offset: Host
    weight: Host

    def peak(self, resolution: float) -> Bool[np.ndarray, " n"]:
        """Which events are at the peak."""
        near: Bool[np.ndarray, " n"] = np.abs(self.offset) < CORE * resolution
        return near

    def kept(self, mask: Bool[np.ndarray, " n"]) -> "Sample":
        """Some of the events."""
        tracks = jax.tree.map(lambda a: a[mask], self.tracks)
        return Sample(tracks, self.offset[mask], self.weight[mask])


class Samples(NamedTuple):
    """Signal and background of one hypothesis.

    Attributes:
        mass: of X [GeV].
        resolution: of the mass of its pair: 68 % of the signal are closer [GeV].
        signal: candidates.
        background: candidates.
    """

    mass: float
    resolution: float
    signal: Sample
    background: Sample


def couplings(model: Resonance) -> dict[str, float]:
    """Sizes of all couplings, as the fields of the model say."""
    names = [f.name for f in fields(model) if f.name != "mass"]
    return {name: abs(float(getattr(model, name))) for name in names}


def coupling(model: Resonance) -> float:
    """What a limit is on: eps, the largest coupling over e, or the largest one."""
    largest = max(couplings(model).values())
    return largest / E_CHARGE if isinstance(model, LeptonVector) else largest


def with_coupling(model: Resonance, value: float, *, mass: float) -> Resonance:
    """The same ratios of couplings at another size and mass [GeV]."""
    factor = value / coupling(model)
    changed = {name: getattr(model, name) * factor for name in couplings(model)}
    return replace(model, mass=mass, **changed)


def accidental_events(
    experiment: Mu3e, target: Target, key: Key[Array, ""], *, fast: bool
) -> tuple[Events, ...]:
    """Observed events of all kinds, with weights a stopped muon."""
    make, outside, smear = jax.random.split(key, 3)
    n = ACCIDENTALS[fast]
    window = coincidence_window(float(experiment.fibre_time))
    found = accidentals(target, n, make, rate=experiment.muon_rate, window=window)
    made = [*found.values(), external_conversion(target, n, outside)]
    keys = jax.random.split(smear, len(made))
    return tuple(
        experiment.observe(events, k) for events, k in zip(made, keys, strict=True)
    )


def _found(least: Scalar, v: View) -> Real:
    """Roughly how many tracks are found, by their transverse momenta."""
    found: Real = 1.0
    for p in v.charged:
        beyond = (jnp.sqrt(p.x * p.x + p.y * p.y) - least) / RISE
        found = found * beyond * beyond / (1 + beyond * beyond)
    return found


def _likely(mass: Scalar, near_by: Scalar, least: Scalar, v: View) -> Real:
    """Where a pair is near the hypothesis, and the other one like in a signal."""
    one, two = (jnp.sqrt(jnp.maximum(k.mass_squared(), 0.0)) for k in v.pairs)
    total: Real = 0.0
    for near, far in ((one, two), (two, one)):
        offset, rest = (near - mass) / near_by, far / FAR
        close = 1 / (1 + offset * offset) ** 2
        total = total + close * (FLOOR + rest * rest / (1 + rest * rest))
    return total * _found(least, v)


def _observed(
    experiment: Mu3e,
    process: Process,
    key: Key[Array, ""],
    importance: Any,
    calls: int,
) -> list[Events]:
    """Events that may be seen, in `calls` parts of one sample; weights are widths."""
    train, *keys = jax.random.split(key, 1 + calls)
    beam, grid = experiment.beam(), experiment.grid()
    cuts = (
        Cut(observable="pT_min", minimum=grid.low),
        Cut(observable="abs_cos_max", maximum=grid.cos),
    )
    trained = trained_grid(process, beam, train, cuts=cuts, importance=importance)
    parts = []
    for step in keys:
        draw, smear = jax.random.split(step)
        events = generate(process, beam, SIZE, draw, cuts=cuts, grid=trained)
        for i, few in enumerate(possible(experiment, events)):
            seen = experiment.observe(few, jax.random.fold_in(smear, i))
            parts.append(scaled(seen, 1 / calls))
    return parts


def _sample(parts: list[Events], mass: float, *, factor: float) -> Sample:
    """Candidates with a physical missing momentum, of any mass."""
    found = []
    for events in parts:
        tracks = sorted_tracks(events, mass)
        offset, missing = tracks.pair_mass() - mass, tracks.missing()
        ok = (missing.e > 0) & (missing.mass_squared() > 0) & (events.weight > 0)
        host: Tracks = jax.tree.map(np.asarray, tracks)
        whole = Sample(host, np.asarray(offset), factor * np.asarray(events.weight))
        found.append(whole.kept(np.asarray(ok)))
    joined: Sample = jax.tree.map(lambda *a: np.concatenate(a), *found)
    return joined


def samples(
    experiment: Mu3e,
    model: Resonance,
    accidental: tuple[Events, ...],
    key: Key[Array, ""],
    *,
    mass: float,
    window: Scalar,
    statistics: Scalar = 1.0,
    fast: bool = False,
) -> Samples:
    """Candidates of signal and background in the window of one hypothesis.

    Args:
        experiment: what sees them.
        model: X; its mass does not matter, and its couplings by their ratios.
        accidental: observed events; weights are numbers a stopped muon.
        key: random key.
        mass: of X [GeV].
        window: half width, in resolutions.
        statistics: multiplies the number of events.
        fast: fewer events.

    Raises:
        ValueError: the window would reach down to threshold, or X is too heavy.
    """
    if not LIGHTEST < mass < M_MU - 3 * M_E:
        msg = (
            f"the mass is {mass / MeV:g} MeV; expected {LIGHTEST / MeV:g} to "
            f"{(M_MU - 3 * M_E) / MeV:.0f} MeV"
        )
        raise ValueError(msg)
    calls = math.ceil(float(statistics) * CALLS[fast])
    least = experiment.grid().low
    for_signal, for_background = jax.random.split(key)
    muons = float(experiment.muons)
    narrow = with_coupling(model, NARROW, mass=mass)
    partial: Any = jax.tree_util.Partial
    parts = _observed(
        experiment, MuToENuNuXToEe(model=narrow), for_signal,
        partial(_found, least), math.ceil(float(statistics)),
    )  # fmt: skip
    signal = _sample(parts, mass, factor=muons / WIDTH_MU / NARROW**2)
    resolution = float(shares(np.abs(signal.offset), signal.weight, [PEAK])[0])
    parts = _observed(
        experiment,
        MuTo3eNuNu(),
        for_background,
        partial(_likely, mass, NEAR * resolution, least),
        calls,
    )
    whole = _sample(parts, mass, factor=muons / WIDTH_MU)
    if accidental:
        extra = _sample(list(accidental), mass, factor=muons)
        whole = jax.tree.map(lambda *a: np.concatenate(a), whole, extra)
    half = float(window) * resolution
    return Samples(
        mass,
        resolution,
        signal.kept(np.abs(signal.offset) < half),
        whole.kept(np.abs(whole.offset) < half),
    )
