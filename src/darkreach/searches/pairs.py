"""Positrons and photons of one event, drawn where a search at MEG II looks."""

import math

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp

from jaxtyping import Array, Complex, Float, Key

from darkreach.algebra.kinematics import FourVector, Real
from darkreach.constants import M_E, M_MU
from darkreach.experiments import backgrounds
from darkreach.experiments.detector import turn_on
from darkreach.experiments.meg2 import Meg2
from darkreach.processes.process import spin_density, squared
from darkreach.sampling import phasespace
from darkreach.sampling.events import overlay
from darkreach.sampling.generator import sample, trained_grid
from darkreach.sampling.observables import Cut, View

Scalar = float | Float[Array, ""]
Flat = Float[Array, " n"]


class Pairs(NamedTuple):
    """True positrons and photons, each component a flat array.

    Attributes:
        positron, photon: momenta [GeV].
        weight: their sum is what the histograms sum to before losses.
        slope: d ln(weight) / dP of each event.
    """

    positron: FourVector
    photon: FourVector
    weight: Flat
    slope: Flat


Draw = Callable[[Key[Array, ""], int], Pairs]


def kinematic_end(positron: float, photon: float) -> float:
    """Largest missing mass [GeV] above two energies: both at the cut, back to back."""
    momentum = math.sqrt(max(positron**2 - M_E**2, 0.0))
    missing = M_MU - positron - photon
    return math.sqrt(max(missing**2 - (momentum - photon) ** 2, 0.0))


def true_cuts(experiment: Meg2, positron_cut: Scalar) -> tuple[float, float]:
    """True energies 5 standard deviations below the cuts: positron, photon [GeV].

    Args:
        experiment: its trigger's threshold is the cut on the photon.
        positron_cut: on the reconstructed energy [GeV].
    """
    threshold = float(experiment.trigger.photon_threshold)
    error = float(experiment.photon_energy(threshold))
    positron = positron_cut - 5 * experiment.positron_momentum
    return float(positron), threshold - 5 * error


def density(polarisation: Scalar) -> Complex[Array, "2 2"]:
    """Spin density of muons polarised along z."""
    return spin_density(jnp.array([0.0, 0.0, 1.0]) * polarisation)


@jax.jit
def spin_slope(experiment: Meg2, process: Any, momenta: tuple[FourVector, ...]) -> Flat:
    """Slope d ln(weight) / dP of each event; the weight is linear in P."""
    zero = jnp.zeros_like(momenta[0].e)
    everything = (FourVector(M_MU + zero, zero, zero, zero), *momenta)
    without = squared(process, everything, density(0.0))
    slope = squared(process, everything, density(1.0)) - without
    here = without + experiment.polarisation * slope
    return jnp.where(here > 0, slope / jnp.where(here > 0, here, 1.0), 0.0)


def sampler(
    experiment: Meg2,
    positron_cut: Scalar,
    process: Any,
    key: Key[Array, ""],
    *,
    between: tuple[float, float] | None = None,
) -> Draw:
    """A function of key and number that draws pairs in the acceptance, as widths.

    Args:
        experiment: for acceptance and trigger.
        positron_cut: on the reconstructed energy [GeV].
        process: with slots `e` and `gamma`.
        key: random key of the training.
        between: range of the true missing mass [GeV].
    """
    positron, photon = true_cuts(experiment, positron_cut)
    cuts: tuple[Cut, ...] = (
        Cut(observable="E_gamma", minimum=photon),
        Cut(observable="E_e", minimum=positron),
    )
    if between is not None:
        low, high = between
        cuts = (*cuts, Cut(observable="missing_mass", minimum=low, maximum=high))
    beam, space = experiment.beam(), phasespace.directions
    importance = jax.tree_util.Partial(kept_importance, experiment, positron_cut)  # type: ignore[no-untyped-call]
    grid = trained_grid(
        process,
        beam,
        key,
        cuts=cuts,
        importance=importance,
        space=space,
        box=support(experiment, positron, between if process.drawn else None),
    )
    i, j = process.outgoing.index("e"), process.outgoing.index("gamma")

    def draw(draw_key: Key[Array, ""], n: int) -> Pairs:
        momenta, weight = sample(
            process, beam, n, draw_key, cuts=cuts, grid=grid, space=space
        )
        slope = spin_slope(experiment, process, momenta)
        return Pairs(momenta[i], momenta[j], weight, slope)

    return draw


def support(
    experiment: Meg2, positron: float, between: tuple[float, float] | None
) -> Float[Array, "d 2"]:
    """Bounds of the coordinates of `phasespace.directions`, after that of the mass.

    Args:
        experiment: its windows.
        positron: smallest true energy [GeV].
        between: range of a missing mass that is drawn; None where it is fixed [GeV].
    """
    largest = (M_MU**2 + M_E**2) / (2 * M_MU)

    def cos(abs_cos: Scalar) -> tuple[Scalar, Scalar]:
        return (1 - abs_cos) / 2, (1 + abs_cos) / 2

    def azimuth(half_width: Scalar) -> tuple[Scalar, Scalar]:
        return 0.5 - half_width / (2 * math.pi), 0.5 + half_width / (2 * math.pi)

    rows = [
        ((positron - M_E) / (largest - M_E), 1.0),
        cos(experiment.positron_abs_cos),
        azimuth(experiment.positron_half_width),
        cos(experiment.photon_abs_cos),
        azimuth(experiment.photon_half_width),
    ]
    if between is not None:
        low, high = ((m / (M_MU - M_E)) ** 2 for m in between)  # as in `draw_mass`
        rows = [(low, high), *rows]
    return jnp.array(rows, float)


def kept_importance(experiment: Meg2, positron_cut: Scalar, v: View) -> Real:
    """Sample what the trigger and the cuts on reconstructed energies keep."""
    positron, photon = v.charged[0], v.photons[0]
    beyond = turn_on(
        photon.e,
        threshold=experiment.trigger.photon_threshold,
        width=experiment.photon_energy(photon.e),
    ) * turn_on(
        positron.e,
        threshold=positron_cut,
        width=experiment.positron_momentum,
    )
    return beyond * experiment.efficiency(positron, photon)


def accidental_pairs(
    experiment: Meg2,
    positron_cut: Scalar,
    n: int,
    key: Key[Array, ""],
    *,
    samples: int,
    orders: int,
) -> Iterator[Pairs]:
    """Positrons and photons of different muons; each part sums to the same.

    Weights are probabilities a squared muon: times the squared rate and the full time
    window they are a rate. How they change with the polarisation is neglected.

    Args:
        experiment: for beam, acceptance and material.
        positron_cut: on the reconstructed energy [GeV].
        n: pairs of each part.
        key: random key.
        samples: independent samples of positrons and photons.
        orders: parts of each sample, paired in different orders.
    """
    positron, photon = true_cuts(experiment, positron_cut)
    for step in jax.random.split(key, samples):
        e_key, gamma_key, pair_key = jax.random.split(step, 3)
        positrons = backgrounds.michel_positrons(experiment, n, e_key, minimum=positron)
        photons = backgrounds.photons(experiment, n, gamma_key, minimum=photon)
        for mix in jax.random.split(pair_key, orders):
            both = overlay(positrons, photons, mix)
            yield Pairs(
                both.vector("e"), both.vector("gamma"), both.weight, jnp.zeros(n)
            )
