"""A hollow target, and a tracker of four cylinders around it in a solenoid.

Copies of the two outer cylinders up- and downstream see the tracks that curl back.
"""

import math

from collections.abc import Callable
from typing import Final, NamedTuple

import jax
import jax.numpy as jnp

from jaxtyping import Array, Float

from darkreach.algebra.kinematics import FourVector, Real
from darkreach.constants import M_E
from darkreach.experiments.helix import (
    CURVATURE,
    Helix,
    fit_errors,
    scattering_angle,
)
from darkreach.pytree import pytree

Scalar = float | Float[Array, ""]


Vertex = tuple[Real, Real, Real]

POINTS: Final = 89  # vertices in an average
GOLDEN: Final = (math.sqrt(5) - 1) / 2  # spreads them over the azimuth


class Errors(NamedTuple):
    """Resolutions of a track: |p| [GeV], theta, and phi across the flight [rad]."""

    momentum: Real
    theta: Real
    phi: Real


@pytree
class DoubleCone:
    """Where muons of a round Gaussian beam stop: the surface of a hollow double cone.

    The beam meets the cone at the radius it has; half of the muons stop in either half.

    Attributes:
        radius: in the middle [mm].
        half_length: [mm].
        beam_width: of the beam, in x and in y [mm].
    """

    radius: Scalar
    half_length: Scalar
    beam_width: Scalar

    def vertex(self, x: Float[Array, "2 ..."]) -> Vertex:
        """A point of the surface [mm], from two numbers between 0 and 1."""
        second = x[0] > 0.5
        u = jnp.where(second, 2 * x[0] - 1, 2 * x[0])
        spread = 2 * self.beam_width**2
        beside = jnp.exp(-(self.radius**2) / spread)
        radius = jnp.sqrt(-spread * jnp.log1p(-u * (1 - beside)))
        along = self.half_length * (1 - radius / self.radius)
        azimuth = 2 * math.pi * x[1]
        return (
            radius * jnp.cos(azimuth),
            radius * jnp.sin(azimuth),
            jnp.where(second, along, -along),
        )

    def points(self) -> Float[Array, "3 n"]:
        """Vertices that fill the target evenly, to average over it [mm]."""
        count = jnp.arange(float(POINTS))
        lattice = jnp.stack([(count + 0.5) / POINTS, count * GOLDEN % 1.0])
        return jnp.stack(self.vertex(lattice))


@pytree
class Tracker:
    """Cylinders with soft ends.

    Attributes:
        field: [T].
        radii: of the layers, from inside [mm].
        half_lengths: of the layers [mm].
        station_distance: from one station's centre to the next [mm].
        stations: to either side of the central one, with the two outer layers only.
        layer_thickness: in radiation lengths.
        fibre_radius: of the scintillating fibres [mm].
        fibre_thickness: in radiation lengths.
        target_thickness: before the first layer, in radiation lengths.
        loss_width: spread of the energy loss before the last hit [GeV].
        pixel: resolution of either coordinate of a hit [mm].
        edge: width of the edges of the acceptance [mm]; 0 to 1 within twice as much to
            either side.
    """

    field: Scalar
    radii: tuple[Scalar, ...]
    half_lengths: tuple[Scalar, ...]
    station_distance: Scalar
    stations: int
    layer_thickness: Scalar
    fibre_radius: Scalar
    fibre_thickness: Scalar
    target_thickness: Scalar
    loss_width: Scalar
    pixel: Scalar
    edge: Scalar

    def seen(self, track: Helix) -> tuple[Real, Real]:
        """Probabilities that all layers are hit, and that the track is also long.

        A long track comes back through the two outer layers, of any station.
        """
        hit = self._within(track.reach() - self.radii[-1])
        for radius, half in zip(self.radii, self.half_lengths, strict=True):
            z = track.z(track.apex - track.before_apex(radius))
            hit = hit * self._within(half - jnp.abs(z))
        long = hit
        for radius, half in zip(self.radii[2:], self.half_lengths[2:], strict=True):
            z = track.z(track.apex + track.before_apex(radius))
            far = jnp.round(jnp.abs(z) / self.station_distance)
            nearest = jnp.minimum(far, self.stations) * self.station_distance
            long = long * self._within(half - jnp.abs(jnp.abs(z) - nearest))
        return hit, long

    def errors(self, track: Helix, *, long: bool) -> Float[Array, "3"]:
        """Variances of one track: of log |p|, theta and sin(theta) phi.

        Short tracks have a hit in each layer, long ones two more; what they hit on
        their way further in is not used. The vertex is not used either.

        Args:
            track: one helix.
            long: with the hits on the way back.
        """
        unit = CURVATURE * self.field
        cotangent = track.pitch / track.radius
        slant = jnp.sqrt(1 + cotangent**2)
        momentum = unit * track.radius * slant
        out = [track.apex - track.before_apex(r) for r in self.radii]
        back = [track.apex + track.before_apex(r) for r in self.radii[:1:-1]]
        fibre = track.apex - track.before_apex(self.fibre_radius)

        def width(thickness: Scalar, facing: Real) -> Real:
            crossed = thickness * slant / jnp.maximum(facing, 0.2)
            return scattering_angle(momentum, crossed)

        layers = [width(self.layer_thickness, track.incidence(r)) for r in self.radii]
        widths = [
            width(self.target_thickness, 1.0),
            width(self.fibre_thickness, track.incidence(self.fibre_radius)),
            *layers,
            layers[-1],
        ]
        covariance = fit_errors(
            jnp.stack(out + back if long else out),
            jnp.stack([jnp.zeros_like(fibre), fibre, *out, back[0]]),
            jnp.stack(widths),
            radius=track.radius,
            cotangent=cotangent,
            pixel=self.pixel,
        )
        loss = self.loss_width * slant / momentum
        variances = jnp.diagonal(covariance) + jnp.array([1.0, 0.0, 0.0]) * loss**2
        return jnp.asarray(variances)

    def _within(self, margin: Real) -> Real:
        """A cubic step from 0 to 1 around margin 0: cheap, and it has an end."""
        x = jnp.clip(0.5 + margin / (4 * self.edge), 0.0, 1.0)
        return x * x * (3 - 2 * x)


class Grid(NamedTuple):
    """Nodes in p_T, in equal ratios, and in |cos theta|, from 0.

    Attributes:
        low: smallest p_T [GeV].
        high: largest p_T [GeV].
        cos: largest |cos theta|.
    """

    low: Real
    high: Real
    cos: float

    def table(
        self, node: Callable[[FourVector], Array], shape: tuple[int, int]
    ) -> Float[Array, "n m c"]:
        """A function of the momentum of a positron at azimuth 0, at all nodes."""
        steps = jnp.linspace(0.0, 1.0, shape[0])
        transverse = self.low * (self.high / self.low) ** steps

        def along(transverse: Array, cos: Array) -> Array:
            momentum = transverse / jnp.sqrt(1 - cos**2)
            energy, zero = jnp.hypot(momentum, M_E), jnp.zeros_like(momentum)
            return node(FourVector(energy, transverse, zero, momentum * cos))

        rows = jax.vmap(jax.vmap(along, (None, 0)), (0, None))
        table: Array = rows(transverse, jnp.linspace(0.0, self.cos, shape[1]))
        return table

    def at(self, table: Float[Array, "n m c"], p: FourVector) -> tuple[Real, ...]:
        """Bilinear interpolation of each column; constant beyond the ends."""
        n, m, count = table.shape
        across = jnp.maximum(jnp.sqrt(p.x * p.x + p.y * p.y), 1e-9 * p.e)
        row = jnp.log(across / self.low) / jnp.log(self.high / self.low)
        column = jnp.abs(p.z) / p.momentum() / self.cos
        row = jnp.clip((n - 1) * row, 0.0, n - 1)
        column = jnp.clip((m - 1) * column, 0.0, m - 1)
        i = jnp.minimum(row.astype(int), n - 2)
        j = jnp.minimum(column.astype(int), m - 2)
        a, b = row - i.astype(float), column - j.astype(float)
        at = i * m + j

        def value(flat: Float[Array, " nm"]) -> Array:
            low = (1 - b) * flat[at] + b * flat[at + 1]
            high = (1 - b) * flat[at + m] + b * flat[at + m + 1]
            return jnp.asarray((1 - a) * low + a * high)

        # one column at a time: its gathers fuse with what is done with them
        return tuple(value(table[:, :, k].reshape(-1)) for k in range(count))
