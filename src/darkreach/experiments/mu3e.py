"""Mu3e at PSI: three tracks from one vertex in the target (arXiv:2009.11690).

"[recalled]" marks a number that was remembered and not re-read; "(code)" one that was
read in a public event display of the experiment. `docs/experiments/mu3e.md` lists all.
"""

import math

from collections.abc import Sequence
from dataclasses import replace
from typing import Final, Literal

import jax
import jax.numpy as jnp

from jaxtyping import Array, Float, Key

from darkreach.algebra.kinematics import FourVector, Real
from darkreach.constants import M_E, M_MU
from darkreach.experiments.detector import mass_squared_variance, smeared, turn_on
from darkreach.experiments.helix import CURVATURE, helix
from darkreach.experiments.tracker import (
    DoubleCone,
    Errors,
    Grid,
    Tracker,
    Vertex,
)
from darkreach.pytree import pytree
from darkreach.sampling.beams import AtRest
from darkreach.sampling.events import Events, parts
from darkreach.units import Hz, MeV, keV, mm, ps, um

Scalar = float | Float[Array, ""]

SHARES: Final = (96, 64)  # nodes of the acceptance in p_T and |cos theta|
VARIANCES: Final = (32, 12)  # nodes of the resolutions
PART: Final = 2**15  # events of `possible` at a time
COS_END: Final = 0.96  # no track beyond reaches the fourth layer

TARGET: Final = DoubleCone(
    radius=19 * mm,  # doi:10.3390/universe7110420
    half_length=50 * mm,  # doi:10.3390/universe7110420
    beam_width=8 * mm,  # [assumed]
)
TRACKER: Final = Tracker(
    field=1.0,  # [T], doi:10.3390/universe7110420
    radii=(23.3 * mm, 29.8 * mm, 73.9 * mm, 86.3 * mm),  # (code)
    half_lengths=(62.35 * mm, 62.35 * mm, 175.95 * mm, 186.3 * mm),  # (code)
    station_distance=390 * mm,  # [assumed]: a gap of 17 mm
    stations=1,  # arXiv:2009.11690 [recalled]
    layer_thickness=1.15e-3,  # arXiv:2009.11690 [recalled]
    fibre_radius=61 * mm,  # arXiv:2009.11690 [recalled]
    fibre_thickness=2e-3,  # arXiv:2009.11690 [recalled]
    target_thickness=3e-4,  # 80 um of Mylar: half a wall outward, 1.5 walls inward
    loss_width=25 * keV,  # 0.18 g/cm^2: Landau, xi = 14 keV [assumed]
    pixel=80 * um / math.sqrt(12),  # pixels of 80 um, indico.cern.ch/event/855372
    edge=1 * mm,  # [assumed]: flat ladders, scattering between the layers
)


@pytree
class Mu3e:
    """Beam, target, tracker and selection; defaults are phase I.

    A track is found if its helix crosses all four layers on the way out. It is long if
    it also comes back through the two outer ones.

    Attributes:
        muons: stopped in the run.
        muon_rate: [1/ns].
        polarisation: of the stopped mu+ along the beam.
        target: where the muons stop.
        tracker: field, layers and matter.
        tracks: "long" counts long tracks only.
        transverse_min: smallest transverse momentum [GeV]; 0 leaves it to the geometry.
        cos_max: largest |cos theta|; 1 leaves it to the geometry.
        track_reconstruction: efficiency for a track in the acceptance.
        vertex_fit: efficiency for three found tracks.
        timing: efficiency of the coincidence of three tracks.
        vertex_width: resolution of the vertex, across the target surface [mm].
        distance_max: of the vertex to the target surface; the prompt selection [mm].
        fibre_time, tile_time: resolutions of the time of a track [ns].
    """

    muons: Scalar = 2.5e15  # 290 days at 1e8/s, arXiv:2009.11690 [recalled]
    muon_rate: Scalar = 1e8 * Hz  # arXiv:2009.11690, abstract
    polarisation: Scalar = -0.86  # measured by MEG for a like beam, arXiv:1510.04743
    target: DoubleCone = TARGET
    tracker: Tracker = TRACKER
    tracks: Literal["all", "long"] = "long"
    transverse_min: Scalar = 0.0 * MeV
    cos_max: Scalar = 1.0
    track_reconstruction: Scalar = 0.95  # [assumed]
    vertex_fit: Scalar = 0.95  # [assumed]
    timing: Scalar = 0.9  # KIP Heidelberg, thesis 4469: 0.9 suppresses pile-up 76 times
    vertex_width: Scalar = 0.25 * mm  # 0.2 to 0.3 mm [recalled]
    distance_max: Scalar = 3 * mm  # arXiv:1411.1770 [recalled]
    fibre_time: Scalar = 250 * ps  # arXiv:2009.11690 [recalled]
    tile_time: Scalar = 70 * ps  # arXiv:2009.11690 [recalled]

    def beam(self) -> AtRest:
        """Muons at rest, polarised along the beam axis z."""
        along = jnp.array([0.0, 0.0, 1.0]) * self.polarisation
        return AtRest(mass=M_MU, polarisation=along)

    def seen(
        self, p: FourVector, vertex: Vertex, *, charge: Real = 1.0
    ) -> tuple[Real, Real]:
        """Probabilities that a track is found, and that it is found and long.

        Args:
            p: momentum [GeV].
            vertex: where it starts [mm].
            charge: +1 or -1.
        """
        across = jnp.sqrt(p.x * p.x + p.y * p.y)
        cos = jnp.abs(p.z) / p.momentum()
        # measured before they are cut on: as wide as the resolutions
        cut = turn_on(across, threshold=self.transverse_min, width=0.2 * MeV)
        cut = cut * turn_on(self.cos_max - cos, threshold=0.0, width=0.01)
        track = helix(p, vertex, charge=charge, field=self.tracker.field)
        hit, long = self.tracker.seen(track)
        found = cut * self.track_reconstruction
        return found * hit, found * long

    def grid(self) -> Grid:
        """No track with less p_T reaches the last layer, none has more."""
        beyond = self.tracker.radii[-1] - self.target.radius - 2 * self.tracker.edge
        low = CURVATURE * self.tracker.field * beyond / 2
        return Grid(low, 0.5 * M_MU, COS_END)

    def shares(self) -> Float[Array, "n m 2"]:
        """Averages of `seen` over the target, on `grid`."""
        x, y, z = self.target.points()

        def node(p: FourVector) -> Array:
            return jnp.stack([jnp.mean(s) for s in self.seen(p, (x, y, z))])

        return self.grid().table(node, SHARES)

    def variances(self) -> Float[Array, "n m 6"]:
        """Of log |p|, theta and sin(theta) phi, of short then of long tracks.

        Averages over four azimuths of a vertex at the radius that one in two exceed.
        """
        radius = self.target.vertex(jnp.array([0.25, 0.0]))[0]
        turns = 0.5 * math.pi * jnp.arange(4.0)

        def node(p: FourVector) -> Array:
            def start(turn: Array) -> Array:
                vertex = radius * jnp.cos(turn), radius * jnp.sin(turn), 0.0
                track = helix(p, vertex, charge=1.0, field=self.tracker.field)
                both = (self.tracker.errors(track, long=long) for long in (False, True))
                return jnp.concatenate(list(both))

            return jax.vmap(start)(turns).mean(axis=0)

        return self.grid().table(node, VARIANCES)

    def track_efficiency(self, p: FourVector) -> Real:
        """Probability that a track is found, from anywhere in the target."""
        found, long = self.grid().at(self.shares(), p)
        return long if self.tracks == "long" else found

    def resolution(self, p: FourVector) -> Errors:
        """Resolutions of a found track; short and long ones are mixed as they come."""
        found, long = self.grid().at(self.shares(), p)
        return self.errors(p, long / jnp.maximum(found, 1e-12))

    def errors(self, p: FourVector, share: Real) -> Errors:
        """Root mean square over short and long tracks, given the share of the long."""
        weight = jnp.ones_like(share) if self.tracks == "long" else share
        table = self.grid().at(self.variances(), p)
        momentum, theta, phi = (
            jnp.sqrt((1 - weight) * short + weight * long)
            for short, long in zip(table[:3], table[3:], strict=True)
        )
        return Errors(momentum * p.momentum(), theta, phi)

    def reconstructed(self, p: FourVector, errors: Float[Array, "3 ..."]) -> FourVector:
        """A track's momentum as measured; tails (bremsstrahlung) are neglected.

        Args:
            p: true momentum [GeV].
            errors: of |p|, theta and phi in units of the resolutions.
        """
        return smeared(p, errors, **self.resolution(p)._asdict(), mass=M_E)

    def three_track_efficiency(self) -> Real:
        """Of three found tracks: vertex fit, coincidence and prompt selection."""
        distance = self.distance_max / (math.sqrt(2) * self.vertex_width)
        return self.vertex_fit * self.timing * jax.lax.erf(jnp.asarray(distance))

    def together(self, tracks: FourVector, charges: Float[Array, " k"]) -> Real:
        """Probability that all tracks of a common vertex are found.

        The average over the target of the product: as slow as 89 times `seen`.

        Args:
            tracks: components have the tracks along their first axis [GeV].
            charges: +1 or -1, of each track.
        """
        shape = jnp.shape(tracks.e)
        column = charges.reshape((-1,) + (1,) * (len(shape) - 1))
        charge = jnp.broadcast_to(column, shape)

        def one(total: Array, point: Array) -> tuple[Array, None]:
            vertex = point[0], point[1], point[2]
            found, long = self.seen(tracks, vertex, charge=charge)
            each = long if self.tracks == "long" else found
            return total + jnp.prod(each, axis=0), None

        points = self.target.points().T
        none = jnp.zeros(shape[1:])
        total: Array = jax.lax.scan(one, none, points)[0]
        return total / len(points)

    def mass_squared_error(self, q: FourVector, tracks: Sequence[FourVector]) -> Real:
        """Standard deviation of the square of a missing or of an invariant mass.

        To first order in the errors of the tracks [GeV^2].

        Args:
            q: four-vector whose mass it is: the sum of tracks, or what is missing.
            tracks: all that q depends on [GeV].
        """
        p = FourVector(*(jnp.stack(c) for c in zip(*tracks, strict=True)))
        same = FourVector(*(jnp.stack([c] * len(tracks)) for c in q))
        errors = self.resolution(p)._asdict()
        return jnp.sqrt(mass_squared_variance(same, p, **errors).sum(axis=0))

    def observe(self, events: Events, key: Key[Array, ""]) -> Events:
        """Put the decay into the target, lose and smear its three tracks.

        Tracks are the slots whose names start with "e"; that of an electron with "e-".
        Weights are multiplied with the probability that all three are found, from the
        vertex that the event is given. Other slots keep their momenta.
        """
        count = sum(name.startswith("e") for name in events.names)
        if count != 3:
            msg = (
                f"Mu3e needs three slots that start with 'e'; got {events.names}; "
                "give events of a decay with three tracks"
            )
            raise ValueError(msg)
        seen: Events = _observe(self, events, key)
        return seen


def possible(experiment: Mu3e, events: Events) -> list[Events]:
    """Events whose tracks all have the p_T to reach the last layer, in equal parts.

    Others are never seen: without them, `observe` is done in a third of the time.
    """
    weight = events.weight * _reaches(experiment, events)
    return parts(replace(events, weight=weight), PART)


@jax.jit
def _reaches(experiment: Mu3e, events: Events) -> Float[Array, " n"]:
    slots = [i for i, name in enumerate(events.names) if name.startswith("e")]
    across = [jnp.hypot(events.p[:, i, 1], events.p[:, i, 2]) for i in slots]
    low = experiment.grid().low
    return jnp.prod(jnp.stack(across) > low, axis=0).astype(float)


@jax.jit
def _observe(experiment: Mu3e, events: Events, key: Key[Array, ""]) -> Events:
    names = [name for name in events.names if name.startswith("e")]
    slots = [events.names.index(name) for name in names]
    where, smear = jax.random.split(key)
    point = experiment.target.vertex(jax.random.uniform(where, (2, len(events))))
    vertex = events.vertex + jnp.stack(point, axis=-1)[:, None, :]
    # slices and stacks: gathers and scatters cost more than all the physics
    start = jnp.stack([vertex[:, i] for i in slots])
    true = FourVector.from_array(jnp.stack([events.p[:, i] for i in slots]))
    signs = jnp.array([-1.0 if name.startswith("e-") else 1.0 for name in names])
    shape = (3, len(events))
    charge = jnp.broadcast_to(signs[:, None], shape)
    found, long = experiment.seen(
        true, (start[..., 0], start[..., 1], start[..., 2]), charge=charge
    )
    each = long if experiment.tracks == "long" else found
    errors = experiment.errors(true, long / jnp.maximum(found, 1e-12))
    # single precision: twice as fast, and errors stay below 6 standard deviations
    normal = jax.random.normal(smear, (3, *shape), "float32").astype(float)
    measured = smeared(true, normal, **errors._asdict(), mass=M_E)
    # else each of its components is calculated anew for each element of the result
    measured, each = jax.lax.optimization_barrier(  # type: ignore[no-untyped-call]
        (measured, each)
    )
    p = [events.p[:, i] for i in range(len(events.names))]
    for row, slot in enumerate(slots):
        p[slot] = jnp.stack([component[row] for component in measured], axis=-1)
    passed = experiment.three_track_efficiency() * jnp.prod(each, axis=0)
    return replace(
        events,
        p=jnp.stack(p, axis=1),
        vertex=vertex,
        weight=events.weight * passed,
    )


def phase_1() -> Mu3e:
    """2.5e15 stopped muons, one recurl station to either side (arXiv:2009.11690)."""
    return Mu3e()


def phase_2() -> Mu3e:
    """5.5e16 stopped muons at a new beam line (arXiv:1411.1770), two to either side.

    Everything else is as in phase I, which is on the safe side for the resolutions.
    """
    return Mu3e(
        muons=5.5e16,  # arXiv:1411.1770
        muon_rate=2e9 * Hz,  # Mu3e status reports; UZH thesis on Mu3e, 2018
        tracker=replace(TRACKER, stations=2),  # [recalled]
    )
