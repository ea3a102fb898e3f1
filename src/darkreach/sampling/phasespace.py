"""Phase space from the unit cube: a chain of two-body decays.

dPhi_n = prod ds_i / (2 pi) dPhi_2 along the chain (PDG 2024, Kinematics, eq. (49.12)
and section 49.4.3); dPhi_2 = |p| / (16 pi^2 M) dOmega.
"""

import math

from collections.abc import Callable

import jax.numpy as jnp

from jaxtyping import Array, Float

from darkreach.algebra.kinematics import (
    FourVector,
    Real,
    boost_z,
    breakup_momentum,
    circle,
    rotate,
)

PairMass = Callable[[Real, Real, Real], tuple[Real, Real]]


def dimensions(particles: int) -> int:
    """Unit-cube coordinates that `chain` uses."""
    return 3 * particles - 4


def flat(x: Real, low: Real, high: Real) -> tuple[Real, Real]:
    """A mass between limits [GeV], flat in its square; weight of ds / (2 pi)."""
    span = (high - low) * (high + low)
    return jnp.sqrt(low * low + x * span), span / (2 * math.pi)


def chain(
    x: Float[Array, " d"],
    parent: FourVector,
    masses: tuple[Real, ...],
    *,
    pair: PairMass = flat,
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
        pair: how the mass of the last two is drawn between its limits, such as along
            a pole; returns mass and weight of ds / (2 pi).

    Returns:
        Momenta in the order of emission [GeV], and the weight of dPhi_k in units of
        GeV^(2k-4); 0 above threshold.
    """
    momenta, weight = _decay(x, parent.e, masses, pair)
    allowed = parent.e > sum(masses)
    return momenta, jnp.where(allowed, weight, 0.0)


def _decay(
    x: Float[Array, " d"], mass: Real, masses: tuple[Real, ...], pair: PairMass
) -> tuple[tuple[FourVector, ...], Real]:
    """Decay of `mass` in its rest frame; angles from the z axis."""
    first, rest = masses[0], masses[1:]
    remainder: Real
    weight: Real
    others: tuple[FourVector, ...]
    if len(rest) == 1:
        remainder, weight, angles = rest[0], 1.0, x
    else:
        low, high = sum(rest), jnp.maximum(mass - first, sum(rest))
        draw = pair if len(rest) == 2 else flat
        remainder, weight = draw(x[0], low, high)
        angles = x[1:]
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
        inner, inner_weight = _decay(angles[2:], remainder, rest, pair)
        weight = weight * inner_weight
        others = tuple(boost_z(p, energy, -momentum, remainder) for p in inner)
    return tuple(rotate(p, cos, sin, phi) for p in (emitted, *others)), weight


def _energy(momentum: Real, mass: Real) -> Real:
    return jnp.sqrt(momentum * momentum + mass * mass)


def directions(
    x: Float[Array, " d"], parent: FourVector, masses: tuple[Real, ...]
) -> tuple[tuple[FourVector, ...], Real]:
    """Three-body phase space in the directions of two particles.

    The first particle must be massless. Both directions are drawn in the frame of the
    parent, with the energy of the second; that of the first follows from the mass of
    the third. The windows of a detector and a cut on the second energy then lie along
    the axes of the unit cube:
    dPhi_3 = |p2| dE2 dOmega_2 E1 dOmega_1 / (8 (2 pi)^5 [M - E2 + |p2| cos(theta_12)]).

    Args:
        x: energy of the second, its cos(theta) and phi, then those of the first; phi is
            counted from -pi for the second and from 0 for the first, so that windows
            around 0 and pi are intervals.
        parent: at rest [GeV].
        masses: of the three particles; the first must be 0 [GeV].

    Returns:
        Momenta in the order of `masses` [GeV], and the weight of dPhi_3 [GeV^2]; 0
        outside the kinematic limits.
    """
    mass, second, third = parent.e, masses[1], masses[2]
    highest = (mass * mass + second * second) / (2 * mass)
    energy = second + x[0] * (highest - second)
    momentum = jnp.sqrt(jnp.maximum(energy * energy - second * second, 0.0))
    p2 = _pointing(momentum, x[1], x[2] - 0.5, energy)
    unit = _pointing(1.0, x[3], x[4], 1.0)
    slope = mass - energy + p2.dot3(unit)
    room = mass * mass + second * second - 2 * mass * energy - third * third
    photon = room / (2 * slope)
    allowed = (photon > 0) & (mass - energy - photon >= third)
    safe = jnp.where(allowed, photon, 1e-3 * mass)
    p1 = FourVector(*(safe * c for c in unit))
    # (4 pi)^2 of both directions over 8 (2 pi)^5
    volume = momentum * (highest - second) * safe / (slope * 2 * (2 * math.pi) ** 3)
    return (p1, p2, parent - p1 - p2), jnp.where(allowed, volume, 0.0)


def _pointing(momentum: Real, x: Real, y: Real, energy: Real) -> FourVector:
    """A momentum with isotropic direction from two unit-cube coordinates."""
    cos = 2 * x - 1
    sine = 2 * jnp.sqrt(jnp.maximum(x * (1 - x), 0.0))
    c, s = circle(2 * math.pi * y)
    return FourVector(
        energy,
        momentum * sine * c,
        momentum * sine * s,
        momentum * cos,
    )
