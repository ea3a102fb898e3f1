"""Two electrons and nothing else at Belle II: what is missing, and why it may be."""

import math

from typing import Final, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from jaxtyping import Array, Bool, Float, Int, Key

from darkreach.algebra.kinematics import FourVector
from darkreach.constants import HBAR_C, M_E
from darkreach.experiments.belle2 import Belle2
from darkreach.experiments.belle2_ecl import polar_angle
from darkreach.experiments.belle2_trigger import (
    SinglePhoton,
    TotalEnergy,
    TwoTracks,
    either,
)
from darkreach.experiments.detector import opening_angle
from darkreach.pytree import pytree
from darkreach.sampling.events import Events
from darkreach.sampling.observables import PHOTONS
from darkreach.searches.antler import antler_margin, radiated_margin
from darkreach.searches.holes import (
    barrel_depth,
    beam_hole_limit,
    beam_hole_ratio,
    beside,
    beside_gap,
    gap_distance,
)
from darkreach.units import GeV, deg

Scalar = float | Float[Array, ""]
Host = Float[np.ndarray, "_"]

BEAMS: Final = ("beam-", "beam+")  # electrons of the beams, `processes.ee_to_ee_ee`
BLOCK: Final = 4096  # events at a time in `_explained`
FLOW: Final = (
    "both electrons, trigger",
    "missing energy",
    "not along the beams",
    "not in gaps or seam",
    "no tau pair",
    "not in a gap and along a beam",
    "no tau pair that radiated",
)


class Missed(NamedTuple):
    """Events that are selected.

    Attributes:
        mass_squared: that is missing [GeV^2].
        energy: that is missing in the centre of mass [GeV].
        category: 0 where no photons explain the event, 2 where one in a gap and one
            along a beam could, then 4, 6, ... where all may be lost along the beams, by
            `Selection.edges`; plus 1 where a tau pair and a photon along a beam could.
        weight: expected events in the run.
        flow: expected events after each cut of `FLOW`.
    """

    mass_squared: Host
    energy: Host
    category: Int[np.ndarray, "_"]
    weight: Host
    flow: tuple[float, ...]

    @classmethod
    def joined(cls, parts: list["Missed"]) -> "Missed":
        """All of them, with their cut flows added."""
        flows = zip(*(p.flow for p in parts), strict=True)
        return cls(
            np.concatenate([p.mass_squared for p in parts]),
            np.concatenate([p.energy for p in parts]),
            np.concatenate([p.category for p in parts]),
            np.concatenate([p.weight for p in parts]),
            tuple(sum(numbers) for numbers in flows),
        )

    def scaled(self, factor: float) -> "Missed":
        """The same events, so many times more."""
        flow = tuple(factor * number for number in self.flow)
        return self._replace(weight=factor * self.weight, flow=flow)


@pytree
class Selection:
    """Two electrons and nothing else.

    Attributes:
        electron_energy: smallest energy of either in the laboratory [GeV].
        missing_energy: smallest one in the centre of mass [GeV].
        errors: by how many errors the missing momentum has to miss every hole.
        beside_gap: see there; smallest one in the first category.
        isolation: angle from an electron to where a lost photon may have gone [rad];
            nearer ones are radiation that the cluster of the electron contains.
        antler: largest margin of two tau leptons that is kept [rad].
        efficiency: of what is not simulated, besides tracks.
        triggered: whether tracks or clusters of the electrons must fire the trigger.
    """

    electron_energy: Scalar = 0.2 * GeV  # [assumed]
    missing_energy: Scalar = 0.5 * GeV  # [assumed]
    errors: Scalar = 5.0  # [assumed]: few enough tails of photons in the holes
    beside_gap: Scalar = 1.1  # [assumed]: one, and room for the resolution
    isolation: Scalar = 8 * deg  # [assumed]: 10 cm and more at the crystals
    antler: Scalar = -0.01  # [assumed]: margins of taus start at 0.003
    efficiency: Scalar = 1.0  # [assumed]
    triggered: bool = True

    def edges(self) -> tuple[float, ...]:
        """From where a category of events that may be lost along the beams starts."""
        return (0.5, 0.2)

    def categories(self) -> int:
        """How many there are, with those that taus and a photon may explain."""
        return 2 * (2 + len(self.edges()))


def missed(of: Belle2, cuts: Selection, events: Events, key: Key[Array, ""]) -> Missed:
    """Events that pass the whole selection, on the host."""
    return kept(of, cuts, observed(of, cuts, events, key))


def kept(of: Belle2, cuts: Selection, seen: "Seen") -> Missed:
    """Selected events with their categories, and how many are left after each cut."""
    factor = float(of.luminosity) * HBAR_C**2
    host = factor * np.asarray(seen.weight)
    beside = np.digitize(-np.asarray(seen.beside), [-x for x in cuts.edges()])
    energetic = np.asarray(seen.energy) > float(cuts.missing_energy)
    last = [np.asarray(one) for one in (seen.transverse, seen.away, seen.no_taus)]
    steps = [np.ones_like(energetic), energetic, *last]
    passed = np.logical_and.accumulate(steps)
    flow = [float(host[one].sum()) for one in passed]
    taken = np.logical_and.reduce([steps[1], steps[3], steps[4], host > 0])
    taken &= steps[2] | (beside <= len(cuts.edges()))
    where = np.flatnonzero(taken)
    padded = np.concatenate([where, np.zeros(padding(len(where)), int)])
    few = jax.tree.map(lambda a: jnp.asarray(np.asarray(a)[padded]), seen)
    in_gap, radiated = (np.asarray(a)[: len(where)] for a in _explained(of, cuts, few))
    place = np.where(steps[2][where], in_gap, 2 + beside[where])
    weight, category = host[where], 2 * place + radiated
    flow += [float(weight[one].sum()) for one in (place == 0, category == 0)]
    return Missed(
        np.asarray(seen.mass_squared)[where],
        np.asarray(seen.energy)[where],
        category,
        weight,
        tuple(flow),
    )


def padding(n: int) -> int:
    """How many rows to add to n: few sizes are few compilations."""
    blocks = max(math.ceil(n / BLOCK), 1)
    return BLOCK * (1 << math.ceil(math.log2(blocks))) - n


@jax.jit
def _explained(
    of: Belle2, cuts: Selection, seen: "Seen"
) -> tuple[Bool[Array, " n"], Bool[Array, " n"]]:
    """By a photon in a gap and one along a beam; by two taus and a photon there."""
    blocks = jax.tree.map(
        lambda a: a.reshape(-1, BLOCK), (*seen.electrons, seen.missing)
    )

    def one(block: tuple[FourVector, FourVector, FourVector]) -> tuple[Array, Array]:
        electron, positron, missing = block
        margin = radiated_margin(electron, positron, sqrt_s=of.sqrt_s())
        return beside_gap(missing, of.ecl), margin

    angle, margin = (a.ravel() for a in jax.lax.map(one, blocks))
    return angle < cuts.beside_gap, margin >= cuts.antler


class Seen(NamedTuple):
    """Events behind the detector.

    Attributes:
        mass_squared: that is missing [GeV^2].
        weight: with all losses.
        energy: that is missing in the centre of mass [GeV].
        beside: transverse momentum over the most that may be lost along the beams.
        transverse: whether it is above that by the errors asked for.
        away: whether gaps and seam are as far.
        no_taus: whether no tau pair will do.
        electrons: both in the centre of mass [GeV].
        missing: momentum in the laboratory [GeV].
    """

    mass_squared: Float[Array, " n"]
    weight: Float[Array, " n"]
    energy: Float[Array, " n"]
    beside: Float[Array, " n"]
    transverse: Bool[Array, " n"]
    away: Bool[Array, " n"]
    no_taus: Bool[Array, " n"]
    electrons: tuple[FourVector, FourVector]
    missing: FourVector


def alone(
    photon: FourVector, electrons: list[FourVector], isolation: Scalar
) -> Bool[Array, "..."]:
    """Whether a photon would be far from both electrons."""
    angles = [opening_angle(photon, p) for p in electrons]
    return jnp.minimum(*angles) > isolation


@jax.jit
def observed(of: Belle2, cuts: Selection, events: Events, key: Key[Array, ""]) -> Seen:
    """Events behind tracker, calorimeter and trigger; photons weigh what is lost."""
    names = ("e-", "e+")
    true = [events.vector(name) for name in names]
    draws = jax.random.normal(key, (2, 3, *events.weight.shape))
    found = [of.measured(p, e, mass=M_E) for p, e in zip(true, draws, strict=True)]
    weight = events.weight * cuts.efficiency
    for p, measured in zip(true, found, strict=True):
        weight = weight * of.sees_track(p) * of.identifies(p, "e") * of.ecl.covers(p)
        theta = polar_angle(measured)
        inside = (theta > of.track_theta_min) & (theta < of.track_theta_max)
        inside &= measured.e > cuts.electron_energy
        weight = jnp.where(inside, weight, 0.0)
    for name in events.names:
        if name in PHOTONS:
            weight = weight * of.ecl.lost(events.vector(name))
        elif name in BEAMS:
            weight = weight * (1 - of.ecl.sees_electron(events.vector(name)))
    boost = of.to_centre_of_mass
    if cuts.triggered:
        fired = [t.fires(found, boost) for t in (SinglePhoton(), TotalEnergy())]
        weight = weight * either(TwoTracks().fires(found), *fired)
    total = of.total()
    left = FourVector(*(c - a - b for c, a, b in zip(total, *found, strict=True)))
    turned = (of.track_angle * p.momentum() for p in found)
    errors = (*(of.momentum_error(p) for p in found), *turned)
    error = jnp.sqrt(sum(one**2 for one in errors))
    across = jnp.sqrt(left.x**2 + left.y**2)
    squared, enough = jnp.asarray(left.mass_squared()), cuts.errors
    # dM^2 = 2 (E dE - p.dp)
    massless = squared < enough * 2 * (left.e + left.momentum()) * error
    away = barrel_depth(left, error, of.ecl) > enough
    away &= gap_distance(left, error, of.ecl) > enough
    away &= alone(left, found, cuts.isolation)
    away |= ~massless
    for way in (1.0, -1.0):
        photon = beside(left, way)
        away &= gap_distance(photon, error, of.ecl) > enough
        away &= alone(photon, found, cuts.isolation)
    electron, positron = (boost(p) for p in found)
    margin = antler_margin(electron, positron, sqrt_s=of.sqrt_s())
    return Seen(
        squared,
        weight,
        jnp.asarray(boost(left).e),
        beam_hole_ratio(left, of.ecl),
        across > beam_hole_limit(left, of.ecl) + enough * error,
        away,
        jnp.asarray(margin < cuts.antler),
        (electron, positron),
        left,
    )
