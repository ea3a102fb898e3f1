"""Could what is missing have been lost in the holes of a calorimeter?

Momenta are in the laboratory, where the holes are cones and rings about the beams.
"""

import math

import jax
import jax.numpy as jnp

from jaxtyping import Array, Float

from darkreach.algebra.kinematics import FourVector, Real
from darkreach.experiments.belle2_ecl import Ecl, polar_angle


def beam_hole_limit(missing: FourVector, ecl: Ecl) -> Float[Array, "..."]:
    """Largest transverse momentum that can be lost along the beams [GeV].

    Massless particles of any number inside two opposite cones with half angles a and b
    add up to at most E1 sin a + E2 sin b, E1 + E2 = E and E1 cos a - E2 cos b = pz:
    both cones are convex, and so is what they add up to. Where pz lies beyond E cos a
    or -E cos b the limit is at least E sin a or E sin b, and no worse than |p|.

    Args:
        missing: momentum that is missing [GeV].
        ecl: the calorimeter, whose ends are the holes.
    """
    ahead, behind = jnp.cos(ecl.theta_min), -jnp.cos(ecl.theta_max)
    first = (missing.z + missing.e * behind) / (ahead + behind)
    first = jnp.clip(first, 0.0, jnp.maximum(missing.e, 0.0))
    second = jnp.maximum(missing.e, 0.0) - first
    return jnp.asarray(first * jnp.sin(ecl.theta_min) + second * jnp.sin(ecl.theta_max))


def beam_hole_ratio(missing: FourVector, ecl: Ecl) -> Float[Array, "..."]:
    """Transverse momentum over `beam_hole_limit`; above 1 something else is missing."""
    across = jnp.sqrt(missing.x**2 + missing.y**2)
    limit = beam_hole_limit(missing, ecl)
    return jnp.asarray(across / jnp.maximum(limit, 1e-12 * jnp.abs(missing.e)))


def beside(missing: FourVector, way: float) -> FourVector:
    """What is missing besides a photon along a beam, if that is massless [GeV].

    Args:
        missing: momentum that is missing [GeV].
        way: 1 for a photon along +z, -1 along -z.
    """
    squared = jnp.maximum(missing.mass_squared(), 0.0)
    energy = squared / (2 * (missing.e - way * missing.z))
    return FourVector(
        missing.e - energy, missing.x, missing.y, missing.z - way * energy
    )


def gap_distance(photon: FourVector, error: Real, ecl: Ecl) -> Float[Array, "..."]:
    """How far a photon is from the two gaps and the seam, in errors.

    Args:
        photon: momentum [GeV].
        error: of its components [GeV].
        ecl: the calorimeter.
    """
    theta = polar_angle(photon)
    rings = (
        (ecl.forward_end, ecl.barrel_start),
        (ecl.barrel_end, ecl.backward_start),
        (ecl.seam_theta, ecl.seam_theta),
    )
    least: Real = jnp.inf
    for low, high in rings:
        least = jnp.minimum(least, jnp.maximum(low - theta, theta - high))
    return jnp.asarray(jnp.maximum(least, 0.0) * photon.momentum() / error)


def beside_gap(
    missing: FourVector, ecl: Ecl, *, steps: int = 48
) -> Float[Array, "..."]:
    """How near to a beam another photon must be, if one is lost in a gap or the seam.

    The polar angle of the other one over that of the end of the calorimeter, 0 along a
    beam: above 1 no photon in a gap and another one along a beam explain what is
    missing. The smallest one for photons on the edges and in the middle of both gaps,
    and in the seam, at equally spaced azimuths: what is left of the energy of a photon
    with direction n is M^2 / (2 (E - p.n)).

    Args:
        missing: momentum that is missing [GeV].
        ecl: the calorimeter.
        steps: azimuths.
    """
    gaps = (
        (ecl.forward_end, ecl.barrel_start),
        (ecl.barrel_end, ecl.backward_start),
    )
    edge = 2 * ecl.edge
    rings = [(low - edge, (low + high) / 2, high + edge) for low, high in gaps]
    theta = jnp.stack([jnp.asarray(x) for x in (*rings[0], *rings[1], ecl.seam_theta)])
    phi = jnp.linspace(0.0, 2 * math.pi, steps, endpoint=False)
    theta, phi = (a.ravel() for a in jnp.meshgrid(theta, phi, indexing="ij"))
    squared = jnp.maximum(missing.mass_squared(), 0.0)
    ahead, behind = ecl.theta_min, math.pi - ecl.theta_max

    def one(angles: Array) -> Array:
        polar, azimuth = angles
        sin = jnp.sin(polar)
        n = (sin * jnp.cos(azimuth), sin * jnp.sin(azimuth), jnp.cos(polar))
        p = missing
        energy = squared / (2 * (p.e - p.x * n[0] - p.y * n[1] - p.z * n[2]))
        moved = (p.e - energy, p.x - energy * n[0], p.y - energy * n[1])
        found = polar_angle(FourVector(*moved, p.z - energy * n[2]))
        return jnp.minimum(found / ahead, (math.pi - found) / behind)

    every = jax.lax.map(one, jnp.stack([theta, phi], axis=1))
    return jnp.asarray(every.min(axis=0))


def barrel_depth(photon: FourVector, error: Real, ecl: Ecl) -> Float[Array, "..."]:
    """How far a photon is inside the barrel, in errors; negative outside."""
    theta = polar_angle(photon)
    inside = jnp.minimum(theta - ecl.barrel_start, ecl.barrel_end - theta)
    return jnp.asarray(inside * photon.momentum() / error)
