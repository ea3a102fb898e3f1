"""What stopped muons send into a detector, and how often that fires a trigger.

Three samples, as probabilities a muon: Michel positrons, photons (radiative decay,
annihilation in flight, bremsstrahlung), and both particles of one radiative decay.
"""

import math

from dataclasses import replace
from typing import Any, Final, NamedTuple, Protocol, runtime_checkable

import jax
import jax.numpy as jnp
import numpy as np

from jaxtyping import Array, Float, Key

from darkreach.algebra.kinematics import FourVector, Real, rotate
from darkreach.constants import M_E, M_MU, WIDTH_MU
from darkreach.experiments.detector import (
    annihilation_cos,
    annihilation_density,
    annihilation_end,
    bremsstrahlung_density,
)
from darkreach.processes.mu_to_e_nu_nu import MuToENuNu
from darkreach.processes.mu_to_e_nu_nu_gamma import MuToENuNuGamma
from darkreach.processes.process import Process
from darkreach.sampling import phasespace
from darkreach.sampling.beams import AtRest
from darkreach.sampling.events import Events, concatenated, overlay, scaled, slot
from darkreach.sampling.generator import PhaseSpace, generate, trained_grid
from darkreach.sampling.observables import Cut, View

ASIDE: Final = 0.2  # how much less the other positrons are sampled


@runtime_checkable
class Spectrometer(Protocol):
    """What an experiment must offer here."""

    def beam(self) -> AtRest:
        """The stopped muons."""

    @property
    def electrons(self) -> float | Float[Array, ""]:
        """That a positron crosses [1/mm^2]."""

    @property
    def radiation_lengths(self) -> float | Float[Array, ""]:
        """Of matter that a positron crosses."""

    def sees_photon(self, p: FourVector) -> Real:
        """Acceptance of the calorimeter."""

    def sees_positron(self, p: FourVector) -> Real:
        """Acceptance of the spectrometer."""


def positron_importance(experiment: Spectrometer, v: View) -> Real:
    """Sample positrons in the acceptance."""
    return experiment.sees_positron(v.charged[0])


def photon_importance(experiment: Spectrometer, v: View) -> Real:
    """Sample photons in the acceptance, hard ones more than their rate."""
    return experiment.sees_photon(v.photons[0]) * v.photons[0].e / M_MU


def flight_importance(experiment: Spectrometer, v: View) -> Real:
    """Sample positrons that fly at the calorimeter: their photons go along."""
    return experiment.sees_photon(v.charged[0]) + ASIDE


def pair_importance(experiment: Spectrometer, v: View) -> Real:
    """Sample positron and photon in the acceptance."""
    seen = experiment.sees_positron(v.charged[0])
    return seen * experiment.sees_photon(v.photons[0])


def _drawn(
    process: Process,
    experiment: Spectrometer,
    n: int,
    key: Key[Array, ""],
    *,
    cuts: tuple[Cut, ...],
    importance: Any,
    space: PhaseSpace = phasespace.chain,
) -> Events:
    """n events; weights are probabilities a muon, over the measured total width."""
    beam, (train, draw) = experiment.beam(), jax.random.split(key)
    emphasis = jax.tree_util.Partial(importance, experiment)  # type: ignore[no-untyped-call]
    grid = trained_grid(
        process, beam, train, cuts=cuts, importance=emphasis, space=space
    )
    events = generate(process, beam, n, draw, cuts=cuts, grid=grid, space=space)
    return scaled(events, 1 / WIDTH_MU)


def michel_positrons(
    experiment: Spectrometer, n: int, key: Key[Array, ""], *, minimum: float
) -> Events:
    """Positrons of Michel decays above an energy [GeV]; slot `e`."""
    cuts = (Cut(observable="E_e", minimum=minimum),)
    events = _drawn(
        MuToENuNu(), experiment, n, key, cuts=cuts, importance=positron_importance
    )
    return slot(events, "e")


def radiative_pairs(
    experiment: Spectrometer,
    n: int,
    key: Key[Array, ""],
    *,
    photon: float,
    positron: float,
) -> Events:
    """Radiative decays above two energies [GeV]; slots `e`, `gamma`, `inv`."""
    return _drawn(
        MuToENuNuGamma(),
        experiment,
        n,
        key,
        cuts=(
            Cut(observable="E_gamma", minimum=photon),
            Cut(observable="E_e", minimum=positron),
        ),
        importance=pair_importance,
        space=phasespace.directions,
    )


def radiative_photons(
    experiment: Spectrometer, n: int, key: Key[Array, ""], *, minimum: float
) -> Events:
    """Photons of radiative decays above an energy [GeV]; slot `gamma`."""
    cuts = (Cut(observable="E_gamma", minimum=minimum),)
    events = _drawn(
        MuToENuNuGamma(), experiment, n, key, cuts=cuts, importance=photon_importance
    )
    return slot(events, "gamma")


def material_photons(
    experiment: Spectrometer, n: int, key: Key[Array, ""], *, minimum: float
) -> Events:
    """Photons that positrons make in matter above an energy [GeV]; slot `gamma`.

    The first half are of annihilation in flight, the second of bremsstrahlung. Every
    Michel positron crosses the same matter in the direction in which it was born;
    energy loss and bending on the way are neglected (the matter is below 1e-2 radiation
    lengths). Either photon of an annihilation may be the one seen; bremsstrahlung goes
    along the positron.

    Args:
        experiment: for beam and matter.
        n: number of events.
        key: random key.
        minimum: smallest photon energy [GeV].
    """
    cuts = (Cut(observable="E_e", minimum=minimum - M_E),)
    draw, angles = jax.random.split(key)
    events = _drawn(
        MuToENuNu(), experiment, n, draw, cuts=cuts, importance=flight_importance
    )
    found: Events = _emitted(slot(events, "e"), angles, minimum, experiment)
    return found


@jax.jit
def _emitted(
    positrons: Events,
    key: Key[Array, ""],
    minimum: Float[Array, ""],
    experiment: Spectrometer,
) -> Events:
    n = len(positrons)
    axis = positrons.vector("e")
    x = jax.random.uniform(key, (2, n))
    energy, annihilates = axis.e, jnp.arange(n) < n // 2
    end = jnp.where(annihilates, annihilation_end(energy), energy - M_E)
    span = jnp.maximum(end - minimum, 0.0)
    photon = minimum + x[0] * span
    density = jnp.where(
        annihilates,
        experiment.electrons * annihilation_density(energy, photon),
        experiment.radiation_lengths * bremsstrahlung_density(energy, photon),
    )
    cos = jnp.where(annihilates, annihilation_cos(energy, photon), 1.0)
    share = jnp.where(annihilates, n / (n // 2), n / (n - n // 2))
    sin, phi = jnp.sqrt(1 - cos**2), 2 * math.pi * x[1]
    along = FourVector(
        photon, photon * sin * jnp.cos(phi), photon * sin * jnp.sin(phi), photon * cos
    )
    transverse, length = jnp.sqrt(axis.x**2 + axis.y**2), axis.momentum()
    azimuth = jnp.arctan2(axis.y, axis.x)
    turned = rotate(along, axis.z / length, transverse / length, azimuth)
    return Events(
        p=turned.array()[:, None],
        vertex=positrons.vertex,
        seen=positrons.seen,
        weight=positrons.weight * density * span * share,
        names=("gamma",),
    )


def photons(
    experiment: Spectrometer, n: int, key: Key[Array, ""], *, minimum: float
) -> Events:
    """n photons: half of radiative decays, a quarter each of `material_photons`."""
    half = n // 2
    first, second = jax.random.split(key)
    radiative = radiative_photons(experiment, n - half, first, minimum=minimum)
    material = material_photons(experiment, half, second, minimum=minimum)
    return concatenated(radiative, material)


def _vectors(events: Events) -> tuple[FourVector, FourVector]:
    return events.vector("e"), events.vector("gamma")


class TriggerRates(NamedTuple):
    """Rates of a trigger against its photon threshold.

    Attributes:
        threshold: of the photon [GeV].
        radiative: radiative decays per muon; the rate grows like R.
        accidental: coincidences per squared muon rate [ns]; the rate grows like R^2.
        in_matter: share of photons that positrons make in matter among all that pass.
    """

    threshold: Float[np.ndarray, " n"]
    radiative: Float[np.ndarray, " n"]
    accidental: Float[np.ndarray, " n"]
    in_matter: Float[np.ndarray, " n"]

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
    lowest = float(np.min(thresholds))
    width = float(experiment.trigger.photon_width) * math.sqrt(lowest * M_MU / 2)
    low = max(lowest - 5 * width, 0.2 * lowest)  # soft photons diverge at 0
    positron = float(experiment.trigger.positron_threshold)
    positron -= 5 * float(experiment.trigger.positron_width)
    key_e, key_gamma, key_pair, key_mix = jax.random.split(key, 4)
    positrons = michel_positrons(experiment, n, key_e, minimum=positron)
    gammas = photons(experiment, n, key_gamma, minimum=low)
    both = radiative_pairs(experiment, n, key_pair, photon=low, positron=positron)
    pairs = overlay(positrons, gammas, key_mix)
    matter = jnp.arange(n) >= n - n // 2
    rows = []
    for threshold in thresholds:
        trigger = replace(experiment.trigger, photon_threshold=float(threshold))
        at = replace(experiment, trigger=trigger)
        prompt = (both.weight * at.triggers(*_vectors(both))).sum()
        random = (pairs.weight * at.triggers(*_vectors(pairs))).sum()
        photon = gammas.vector("gamma")
        seen = gammas.weight * at.sees_photon(photon) * trigger.photon(photon)
        share = jnp.where(matter, seen, 0.0).sum() / seen.sum()
        rows.append((prompt, 2 * trigger.time_window * random, share))
    radiative, accidental, share = np.array(rows, dtype=float).T
    return TriggerRates(np.asarray(thresholds), radiative, accidental, share)
