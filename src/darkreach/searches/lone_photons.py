"""One photon in the barrel of Belle II and nothing else: what is kept of it."""

from typing import Final, Literal, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from jaxtyping import Array, Float, Key

from darkreach.algebra.kinematics import FourVector, Real
from darkreach.constants import HBAR_C
from darkreach.experiments.belle2 import Belle2
from darkreach.experiments.belle2_ecl import polar_angle
from darkreach.experiments.belle2_trigger import (
    IsolatedPhoton,
    SinglePhoton,
    assumed,
    soft_photon,
)
from darkreach.pytree import pytree
from darkreach.sampling.beams import Collider
from darkreach.units import GeV

Scalar = float | Float[Array, ""]
Host = Float[np.ndarray, "_"]
Trigger = Literal["lml1", "lml6", "lml13", "low", "high"]

FLOW: Final = ("one photon, triggered", "inside the barrel")


@pytree
class Selection:
    """Which photons are kept; fields are those of `Belle2GammaInvisible`."""

    experiment: Belle2
    trigger: Trigger
    theta_min: Scalar
    theta_max: Scalar
    efficiency: Scalar

    def beam(self) -> Collider:
        """Both beams, head on."""
        return self.experiment.head_on()

    def fired(self) -> IsolatedPhoton | SinglePhoton:
        """The trigger by its name."""
        if self.trigger in {"low", "high"}:
            return assumed("low" if self.trigger == "low" else "high")
        if self.trigger == "lml1":
            return SinglePhoton()
        return IsolatedPhoton() if self.trigger == "lml6" else soft_photon()

    def photon(self) -> SinglePhoton:
        """What the trigger asks of the photon."""
        one = self.fired()
        return one.photon if isinstance(one, IsolatedPhoton) else one


class Lone(NamedTuple):
    """Selected events.

    Attributes:
        energy: of the photon as measured, in the centre of mass [GeV].
        cosine: of its polar angle there.
        weight: expected events in the run.
        flow: expected events after each cut of `FLOW`.
    """

    energy: Host
    cosine: Host
    weight: Host
    flow: tuple[float, ...]


def joined(parts: list[Lone]) -> Lone:
    """All events of several samples in order of energy, and the sums of their flows."""
    energy, cosine, weight = (
        np.concatenate([p[field] for p in parts]) for field in range(3)
    )
    order = np.argsort(energy)
    flow = tuple(sum(numbers) for numbers in zip(*(p.flow for p in parts), strict=True))
    return Lone(energy[order], cosine[order], weight[order], flow)


def lone(
    selection: Selection,
    photon: FourVector,
    weight: Float[Array, " n"],
    key: Key[Array, ""],
) -> Lone:
    """What is left of events of which only this photon is seen.

    Args:
        selection: what is kept.
        photon: true momentum in the laboratory [GeV].
        weight: of the event, with the probability that all else is lost [GeV^-2].
        key: of the resolution.
    """
    energy, cosine, inside, chance = _observed(selection, photon, weight, key)
    whole = float(selection.experiment.luminosity) * HBAR_C**2 * np.asarray(chance)
    kept = np.asarray(inside) & (whole > 0)
    flow = float(whole.sum()), float(whole[kept].sum())
    found = (np.asarray(energy)[kept], np.asarray(cosine)[kept], whole[kept])
    return Lone(*found, flow)


@jax.jit
def _observed(
    selection: Selection,
    photon: FourVector,
    weight: Float[Array, " n"],
    key: Key[Array, ""],
) -> tuple[Real, Real, Array, Array]:
    """Energy, cosine, whether in the range of angles, weights with losses."""
    of = selection.experiment
    errors = jax.random.normal(key, (3, *weight.shape))
    found = of.ecl.measured(photon, errors)
    central = of.to_centre_of_mass(found)
    theta = polar_angle(found)
    inside = (theta > selection.theta_min) & (theta < selection.theta_max)
    chance = weight * seen(selection, photon) * selection.efficiency
    return central.e, central.z / central.e, inside, chance


def seen(selection: Selection, photon: FourVector) -> Real:
    """Probability that a photon makes a cluster and fires the trigger."""
    of = selection.experiment
    fired = selection.fired().fires([photon], of.to_centre_of_mass)
    return of.ecl.detects(photon) * fired


def central_cosine(selection: Selection, theta: Scalar) -> float:
    """Cosine in the centre of mass of a photon at an angle in the laboratory."""
    angle = jnp.asarray(theta)
    p = FourVector(1 * GeV, jnp.sin(angle) * GeV, 0.0 * angle, jnp.cos(angle) * GeV)
    p = selection.experiment.to_centre_of_mass(p)
    return float(p.z / p.e)
