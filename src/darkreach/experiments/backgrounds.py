"""What stopped muons send into a detector, and how often that fires a trigger.

Three samples, as probabilities a muon: Michel positrons, photons (radiative decay, and
annihilation of positrons in flight), and both particles of one radiative decay.
"""

import math

from dataclasses import replace
from typing import Any, NamedTuple, Protocol, runtime_checkable

import jax
import jax.numpy as jnp
import numpy as np

from jaxtyping import Array, Float, Key

from darkreach.algebra.kinematics import FourVector, rotate
from darkreach.constants import M_MU, WIDTH_MU
from darkreach.experiments.detector import annihilation_cos, annihilation_density
from darkreach.processes.mu_to_e_nu_nu import MuToENuNu
from darkreach.processes.mu_to_e_nu_nu_gamma import MuToENuNuGamma
from darkreach.sampling import phasespace
from darkreach.sampling.beams import AtRest
from darkreach.sampling.events import (
    Events,
    concatenated,
    generate,
    overlay,
    slot,
    trained_grid,
)
from darkreach.sampling.observables import Cut, View


@runtime_checkable
class Spectrometer(Protocol):
    """What an experiment must offer here."""

    def beam(self) -> AtRest:
        """The stopped muons."""

    def sees_photon(self, p: Float[Array, "n 4"]) -> Float[Array, " n"]:
        """Acceptance of the calorimeter."""

    def sees_positron(self, p: Float[Array, "n 4"]) -> Float[Array, " n"]:
        """Acceptance of the spectrometer."""


def _row(p: FourVector) -> Float[Array, "1 4"]:
    return p.array()[None, :]


def positron_importance(experiment: Spectrometer, v: View) -> Float[Array, ""]:
    """Sample positrons in the acceptance."""
    return experiment.sees_positron(_row(v.charged[0]))[0]


def photon_importance(experiment: Spectrometer, v: View) -> Float[Array, ""]:
    """Sample photons in the acceptance, hard ones more than their rate."""
    hardness = (v.photons[0].e / M_MU) ** 2
    return experiment.sees_photon(_row(v.photons[0]))[0] * hardness


def pair_importance(experiment: Spectrometer, v: View) -> Float[Array, ""]:
    """Sample positron and photon in the acceptance."""
    seen = experiment.sees_positron(_row(v.charged[0]))[0]
    return seen * experiment.sees_photon(_row(v.photons[0]))[0]


def _probability(events: Events) -> Events:
    """Weights as probabilities a muon, over the measured total width."""
    return scaled(events, 1 / WIDTH_MU)


def scaled(
    events: Events, factor: float | Float[Array, ""] | Float[Array, " n"]
) -> Events:
    """The same events with all weights multiplied."""
    return Events(
        p=events.p,
        vertex=events.vertex,
        seen=events.seen,
        weight=events.weight * factor,
        names=events.names,
    )


def michel_positrons(
    experiment: Spectrometer, n: int, key: Key[Array, ""], *, minimum: float
) -> Events:
    """Positrons of Michel decays above an energy [GeV]; slot `e`."""
    process, beam = MuToENuNu(), experiment.beam()
    cuts = (Cut(observable="E_e", minimum=minimum),)
    train, draw = jax.random.split(key)
    importance = jax.tree_util.Partial(positron_importance, experiment)  # type: ignore[no-untyped-call]
    grid = trained_grid(process, beam, train, cuts=cuts, importance=importance)
    events = generate(process, beam, n, draw, cuts=cuts, grid=grid)
    return _probability(slot(events, "e"))


def radiative_pairs(
    experiment: Spectrometer,
    n: int,
    key: Key[Array, ""],
    *,
    photon: float,
    positron: float,
) -> Events:
    """Radiative decays above two energies [GeV]; slots `e`, `gamma`, `inv`."""
    process, beam = MuToENuNuGamma(), experiment.beam()
    cuts = (
        Cut(observable="E_gamma", minimum=photon),
        Cut(observable="E_e", minimum=positron),
    )
    train, draw = jax.random.split(key)
    importance = jax.tree_util.Partial(pair_importance, experiment)  # type: ignore[no-untyped-call]
    space = phasespace.directions
    grid = trained_grid(
        process, beam, train, cuts=cuts, importance=importance, space=space
    )
    events = generate(process, beam, n, draw, cuts=cuts, grid=grid, space=space)
    return _probability(events)


def radiative_photons(
    experiment: Spectrometer, n: int, key: Key[Array, ""], *, minimum: float
) -> Events:
    """Photons of radiative decays above an energy [GeV]; slot `gamma`."""
    process, beam = MuToENuNuGamma(), experiment.beam()
    cuts = (Cut(observable="E_gamma", minimum=minimum),)
    train, draw = jax.random.split(key)
    importance = jax.tree_util.Partial(photon_importance, experiment)  # type: ignore[no-untyped-call]
    grid = trained_grid(process, beam, train, cuts=cuts, importance=importance)
    events = generate(process, beam, n, draw, cuts=cuts, grid=grid)
    return _probability(slot(events, "gamma"))


def annihilation_photons(
    experiment: Spectrometer,
    n: int,
    key: Key[Array, ""],
    *,
    minimum: float,
    electrons: float | Float[Array, ""],
) -> Events:
    """Photons of positrons annihilating in flight above an energy [GeV]; slot `gamma`.

    Every Michel positron crosses the same number of electrons, in the direction in
    which it was born; energy loss and bending before the annihilation are neglected
    (the material is below 1e-2 radiation lengths). Either photon may be the one seen.

    Args:
        experiment: for the beam.
        n: number of events.
        key: random key.
        minimum: smallest photon energy [GeV].
        electrons: that a positron crosses [1/mm^2].
    """
    process, beam = MuToENuNu(), experiment.beam()
    cuts = (Cut(observable="E_e", minimum=minimum),)
    draw, angles = jax.random.split(key)
    positrons = _probability(slot(generate(process, beam, n, draw, cuts=cuts), "e"))
    found: Events = _annihilate(positrons, angles, minimum, electrons)
    return found


@jax.jit
def _annihilate(
    positrons: Events,
    key: Key[Array, ""],
    minimum: Float[Array, ""],
    electrons: Float[Array, ""],
) -> Events:
    p = positrons.p[:, 0]
    x = jax.random.uniform(key, (2, len(positrons)))
    energy = p[:, 0]
    span = jnp.maximum(energy - minimum, 0.0)
    photon = minimum + x[0] * span
    density = annihilation_density(energy, photon)
    cos = annihilation_cos(energy, photon)

    def turned(row: Array, k: Array, c: Array, phi: Array) -> Float[Array, "1 4"]:
        sin = jnp.sqrt(1 - c**2)
        local = FourVector(k, k * sin * jnp.cos(phi), k * sin * jnp.sin(phi), k * c)
        axis = FourVector.from_array(row)
        transverse = jnp.sqrt(axis.x**2 + axis.y**2)
        length = axis.momentum()
        azimuth = jnp.arctan2(axis.y, axis.x)
        return _row(rotate(local, axis.z / length, transverse / length, azimuth))

    momenta = jax.vmap(turned)(p, photon, cos, 2 * math.pi * x[1])
    return Events(
        p=momenta,
        vertex=positrons.vertex,
        seen=positrons.seen,
        weight=positrons.weight * density * span * electrons,
        names=("gamma",),
    )


def photons(
    experiment: Spectrometer,
    n: int,
    key: Key[Array, ""],
    *,
    minimum: float,
    electrons: float | Float[Array, ""],
) -> Events:
    """n photons: half from radiative decays, half from annihilation in flight."""
    half = n // 2
    first, second = jax.random.split(key)
    radiative = radiative_photons(experiment, n - half, first, minimum=minimum)
    flight = annihilation_photons(
        experiment, half, second, minimum=minimum, electrons=electrons
    )
    return concatenated(radiative, flight)


class TriggerRates(NamedTuple):
    """Rates of a trigger against its photon threshold.

    Attributes:
        threshold: of the photon [GeV].
        radiative: radiative decays per muon; the rate grows like R.
        accidental: coincidences per squared muon rate [ns]; the rate grows like R^2.
        in_flight: share of photons from annihilation in flight among all that pass.
    """

    threshold: Float[np.ndarray, " n"]
    radiative: Float[np.ndarray, " n"]
    accidental: Float[np.ndarray, " n"]
    in_flight: Float[np.ndarray, " n"]

    def muon_rate(
        self, budget: float, *, accidental_factor: float = 1.0
    ) -> Float[np.ndarray, " n"]:
        """Largest muon rate [1/ns] within a budget [1/ns]: a R^2 + b R = budget."""
        a, b = self.accidental * accidental_factor, self.radiative
        rate: Float[np.ndarray, " n"] = (
            2 * budget / (b + np.sqrt(b * b + 4 * a * budget))
        )
        return rate


def trigger_rates(
    experiment: Any,
    thresholds: Float[np.ndarray, " n"],
    key: Key[Array, ""],
    *,
    n: int = 2**18,
) -> TriggerRates:
    """Radiative and accidental trigger rates for several photon thresholds [GeV].

    The accidental rate is that of a positron and a photon of different muons within the
    full online window, 2 `time_window`. Reconstruction efficiencies are not applied: a
    trigger fires on what it sees.
    """
    low = 0.7 * float(np.min(thresholds))
    positron = float(experiment.trigger.positron_threshold)
    positron -= 5 * float(experiment.trigger.positron_width)
    key_e, key_gamma, key_pair, key_mix = jax.random.split(key, 4)
    positrons = michel_positrons(experiment, n, key_e, minimum=positron)
    gammas = photons(
        experiment, n, key_gamma, minimum=low, electrons=experiment.electrons
    )
    both = radiative_pairs(experiment, n, key_pair, photon=low, positron=positron)
    pairs = overlay(positrons, gammas, key_mix)
    flight = jnp.arange(n) >= n - n // 2
    rows = []
    for threshold in thresholds:
        trigger = replace(experiment.trigger, photon_threshold=float(threshold))
        at = replace(experiment, trigger=trigger)
        prompt = (both.weight * at.triggers(both.p[:, 0], both.p[:, 1])).sum()
        random = (pairs.weight * at.triggers(pairs.p[:, 0], pairs.p[:, 1])).sum()
        seen = gammas.weight * at.sees_photon(gammas.p[:, 0])
        seen = seen * trigger.photon(gammas.p[:, 0])
        share = jnp.where(flight, seen, 0.0).sum() / seen.sum()
        rows.append((prompt, 2 * trigger.time_window * random, share))
    radiative, accidental, share = np.array(rows, dtype=float).T
    return TriggerRates(np.asarray(thresholds), radiative, accidental, share)
