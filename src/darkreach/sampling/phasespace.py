"""Phase space from the unit cube: a chain of two-body decays.

dPhi_n = prod ds_i / (2 pi) dPhi_2 along the chain (PDG 2024, Kinematics, eq. (49.12) and
section 49.4.3); dPhi_2 = |p| / (16 pi^2 M) dOmega.
"""

import math

import jax.numpy as jnp

from jaxtyping import Array, Float

from darkreach.algebra.kinematics import (
    FourVector,
    Real,
    boost_z,
    breakup_momentum,
    rotate,
)


def dimensions(particles: int) -> int:
    """Unit-cube coordinates that `chain` uses."""
    return 3 * particles - 4


def chain(
    x: Float[Array, " d"], parent: FourVector, masses: tuple[Real, ...]
) -> tuple[tuple[FourVector, ...], Real]:
    """Let a parent at rest emit particles one by one; the last two come together.

    The mass squared of what is left is flat between its limits, so that x[0] is linear
    in the energy of the first particle. The polar angle of every later decay is
    measured from the particle emitted just before: for a photon emitted first, soft and
    collinear poles lie along the axes of the unit cube, where an adaptive grid sees
    them.

    Args:
        x: `dimensions(k)` coordinates: for each emission but the last the mass squared
            of the rest, cos(theta) and phi; for the last cos(theta) and phi.
        parent: at rest [GeV].
        masses: of the k >= 2 particles in the order of emission [GeV].

    Returns:
        Momenta in the order of emission [GeV], and the weight of dPhi_k in units of
        GeV^(2k-4); 0 above threshold.
    """
    momenta, weight = _decay(x, parent.e, masses)
    allowed = parent.e > sum(masses)
    return momenta, jnp.where(allowed, weight, 0.0)


def _decay(
    x: Float[Array, " d"], mass: Real, masses: tuple[Real, ...]
) -> tuple[tuple[FourVector, ...], Real]:
    """Decay of `mass` in its rest frame; angles from the z axis."""
    first, rest = masses[0], masses[1:]
    if len(rest) == 1:
        remainder, weight, angles = rest[0], 1.0, x
    else:
        low, high = sum(rest), jnp.maximum(mass - first, sum(rest))
        span = (high - low) * (high + low)
        remainder = jnp.sqrt(low * low + x[0] * span)
        weight, angles = span / (2 * math.pi), x[1:]
    momentum = breakup_momentum(mass, first, remainder)
    weight = weight * momentum / (4 * math.pi * mass)
    cos = 2 * angles[0] - 1
    sin = jnp.sqrt(jnp.maximum(4 * angles[0] * (1 - angles[0]), 0.0))
    phi = 2 * math.pi * angles[1]
    zero = jnp.zeros_like(momentum)
    emitted = FourVector(_energy(momentum, first), zero, zero, momentum)
    energy = _energy(momentum, remainder)
    if len(rest) == 1:
        others = (FourVector(energy, zero, zero, -momentum),)
    else:
        inner, inner_weight = _decay(angles[2:], remainder, rest)
        weight = weight * inner_weight
        others = tuple(boost_z(p, energy, -momentum, remainder) for p in inner)
    return tuple(rotate(p, cos, sin, phi) for p in (emitted, *others)), weight


def _energy(momentum: Real, mass: Real) -> Real:
    return jnp.sqrt(momentum * momentum + mass * mass)
