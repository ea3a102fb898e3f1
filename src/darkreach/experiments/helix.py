"""Helices of charged tracks in a solenoid, and how well a fit can know them.

Lengths in the transverse plane are measured in turning angle. The circle is known by
its radius and the distance of its centre from the axis, a point on it by the angle left
to the outermost point, the apex.
"""

import math

from typing import Final, NamedTuple

import jax.numpy as jnp

from jaxtyping import Array, Float

from darkreach.algebra.kinematics import FourVector, Real
from darkreach.units import GeV, MeV, m

Scalar = float | Float[Array, ""]

CURVATURE: Final = 0.299792458 * GeV / m  # p_T / R in 1 T: the speed of light, exact


class Helix(NamedTuple):
    """A track from its vertex on.

    Attributes:
        radius: of the circle [mm].
        centre: distance of its centre from the axis [mm].
        apex: turning angle from the vertex to the outermost point [rad].
        pitch: rise along the axis per turning angle [mm].
        start: z of the vertex [mm].
    """

    radius: Real
    centre: Real
    apex: Real
    pitch: Real
    start: Real

    def reach(self) -> Real:
        """Largest distance from the axis [mm]."""
        return self.centre + self.radius

    def before_apex(self, radius: Scalar) -> Real:
        """Turning angle from a cylinder to the apex; 0 if it is not reached."""
        square = radius**2 - self.centre**2 - self.radius**2
        cos = square / (2 * self.centre * self.radius)
        return jnp.arccos(jnp.clip(cos, -1 + 1e-12, 1 - 1e-12))

    def z(self, turn: Real) -> Real:
        """Position along the axis after a turning angle [mm]."""
        return self.start + self.pitch * turn

    def incidence(self, radius: Scalar) -> Real:
        """Cosine to the normal of a cylinder, in the transverse plane."""
        return self.centre * jnp.sin(self.before_apex(radius)) / radius


def helix(
    p: FourVector,
    vertex: tuple[Real, Real, Real],
    *,
    charge: Real,
    field: Scalar,
) -> Helix:
    """The helix of a track.

    Args:
        p: momentum at the vertex [GeV].
        vertex: x, y and z [mm].
        charge: +1 or -1; a positive track turns clockwise seen against the field.
        field: along z [T].
    """
    x, y, z = vertex
    transverse = jnp.maximum(jnp.sqrt(p.x * p.x + p.y * p.y), 1e-9 * p.e)
    unit = CURVATURE * field
    radius = transverse / unit
    outward = (p.x * x + p.y * y) / transverse
    sideways = -charge * (p.x * y - p.y * x) / transverse
    square = x * x + y * y + radius * radius + 2 * radius * sideways
    centre = jnp.sqrt(jnp.maximum(square, (1e-9 * radius) ** 2))
    apex = jnp.arctan2(outward, -(radius + sideways)) % (2 * math.pi)
    return Helix(radius, centre, apex, p.z / unit, z)


def scattering_angle(momentum: Real, thickness: Real) -> Real:
    """Width of the projected angle of multiple scattering of a fast electron [rad].

    PDG 2024, Passage of Particles Through Matter, eq. (34.16), beta = 1.

    Args:
        momentum: [GeV].
        thickness: that is crossed, in radiation lengths.
    """
    thin = jnp.maximum(thickness, 1e-12)
    width = 13.6 * MeV / momentum * jnp.sqrt(thin)
    return width * (1 + 0.038 * jnp.log(thin))


def fit_errors(
    hits: Float[Array, " n"],
    scatterers: Float[Array, " k"],
    widths: Float[Array, " k"],
    *,
    radius: Real,
    cotangent: Real,
    pixel: Scalar,
) -> Float[Array, "3 3"]:
    """Covariance of log |p| and of the two angles at the vertex, from a linear fit.

    The track is a circle of known radius, perturbed to first order by an offset, by its
    direction at the vertex, by its momentum and by a kick in each scatterer, which
    leaves |p| unchanged. Displacements across the track are exact functions of the
    turning angle, so that the first order of a kick vanishes after half a turn: the
    reason for recurlers (arXiv:1606.04990, which fits triplets with the same model).
    Generalised least squares on both coordinates of all hits. Energy loss is neglected.

    Args:
        hits: turning angle from the vertex to each hit [rad].
        scatterers: turning angle to each scatterer [rad]; 0 for the target.
        widths: their projected scattering angles [rad].
        radius: of the circle [mm].
        cotangent: of the polar angle.
        pixel: resolution of either coordinate of a hit [mm].

    Returns:
        Of log |p|, of theta, and of phi times sin(theta).
    """
    sin = 1 / jnp.sqrt(1 + cotangent**2)
    begin = jnp.zeros_like(hits)
    after = jnp.maximum(hits[:, None] - scatterers[None, :], 0.0)
    kicks = jnp.concatenate(
        [
            _azimuth(after, radius, cotangent) / sin,
            _polar(after, radius, cotangent),
        ],
        axis=-1,
    )
    variance = jnp.concatenate([widths, widths]) ** 2
    covariance = pixel**2 * jnp.eye(2 * hits.shape[0])
    covariance = covariance + (kicks * variance[None, :]) @ kicks.T
    offset = jnp.concatenate([jnp.cos(hits), -cotangent * jnp.sin(hits)])
    shift = jnp.concatenate([begin, begin + 1])
    design = jnp.stack(
        [
            _momentum(hits, radius, cotangent),
            _polar(hits, radius, cotangent),
            _azimuth(hits, radius, cotangent) / sin,
            offset,
            shift,
        ],
        axis=-1,
    )
    information = design.T @ _solved(covariance, design)
    return _solved(information, jnp.eye(5)[:, :3])[:3]


def _solved(matrix: Float[Array, "n n"], right: Float[Array, "n k"]) -> Array:
    """Gauss-Jordan elimination for a small positive matrix, without pivoting.

    Plain arithmetic: batches of LAPACK calls inside one compiled function with other
    work can wait for each other for ever on a machine with two cores.
    """
    both = jnp.concatenate([matrix, right], axis=1)
    for k in range(matrix.shape[0]):
        row = both[k] / both[k, k]
        both = (both - both[:, k : k + 1] * row[None, :]).at[k].set(row)
    return both[:, matrix.shape[0] :]


def _azimuth(turn: Array, radius: Real, cotangent: Real) -> Array:
    """Normal and axial displacement, stacked, per change of azimuth."""
    return radius * jnp.concatenate(
        [jnp.sin(turn), -cotangent * (1 - jnp.cos(turn))], axis=0
    )


def _momentum(turn: Array, radius: Real, cotangent: Real) -> Array:
    """The same, per change of log |p|: the circle grows with it."""
    return -radius * jnp.concatenate(
        [1 - jnp.cos(turn), -cotangent * (turn - jnp.sin(turn))], axis=0
    )


def _polar(turn: Array, radius: Real, cotangent: Real) -> Array:
    """The same, per change of theta at constant |p|: circle and slope change."""
    slope = jnp.concatenate([jnp.zeros_like(turn), -(1 + cotangent**2) * turn], axis=0)
    return cotangent * _momentum(turn, radius, cotangent) + radius * slope
