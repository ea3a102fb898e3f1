"""Phase space of 2 -> 3 along the poles of two exchanged photons.

e-(p1) e+(p2) -> e-(p3) e+(p4) X(k) in two steps of 2 -> 2: p1 p2 -> p3 R, R = p4 + k,
then (p1 - p3) p2 -> p4 k in the rest frame of R. Each step is drawn in its momentum
transfer, dPhi_2 = dt dphi / (32 pi^2 |p| sqrt(s)) (PDG 2024, Kinematics, section
49.5.1), and angles follow from the transfers: a transfer of m_e^2 m_X^4 / s^2 keeps all
its digits, which the square of a difference of four-momenta does not.
"""

import math

import jax.numpy as jnp

from jaxtyping import Array, Float

from darkreach.algebra.kinematics import (
    FourVector,
    Real,
    boosted,
    breakup_momentum,
    circle,
)


def smallest_transfer(energies: tuple[Real, Real], *, lost: Real, mass: Real) -> Real:
    """-t of a particle that goes straight on, without cancellation [GeV^2].

    4 m^2 sinh^2 of half the change of rapidity.

    Args:
        energies: before and after [GeV].
        lost: their difference, known better than it is by subtraction [GeV].
        mass: of the particle [GeV].
    """
    before, after = (jnp.sqrt(jnp.maximum(e * e - mass * mass, 0.0)) for e in energies)
    both = jnp.maximum(before + after, 1e-300)
    change = lost * (energies[0] + energies[1]) / both  # of the momentum
    rapidity = jnp.log1p((lost + change) / (energies[1] + after))
    return (2 * mass * jnp.sinh(rapidity / 2)) ** 2


def _along_pole(x: Real, low: Real, high: Real) -> tuple[Real, Real]:
    """A positive number between limits, flat in its logarithm, and its weight."""
    span = jnp.log(jnp.maximum(high / low, 1.0))
    value = low * jnp.exp(x * span)
    return value, value * span


def _bend(transfer: Real, product: Real) -> Real:
    """1 - cos of an angle from a transfer above the smallest; 0 at threshold."""
    return jnp.clip(transfer / jnp.maximum(2 * product, 1e-300), 0.0, 2.0)


def deflected(axis: FourVector, bend: Real, phi: Real) -> FourVector:
    """A unit vector with 1 - cos = bend to a unit vector."""
    side = jnp.where(axis.z < 0, -1.0, 1.0)
    a = -1 / (side + axis.z)
    b = axis.x * axis.y * a
    first = FourVector(0.0, 1 + side * axis.x**2 * a, side * b, -side * axis.x)
    second = FourVector(0.0, b, side + axis.y**2 * a, -axis.y)
    sine = jnp.sqrt(jnp.maximum(bend * (2 - bend), 0.0))
    c, s = circle(phi)
    return FourVector(
        0.0,
        *(
            (1 - bend) * n + sine * (c * u + s * v)
            for n, u, v in zip(axis[1:], first[1:], second[1:], strict=True)
        ),
    )


def moved(direction: FourVector, momentum: Real, mass: Real) -> FourVector:
    """A particle of this momentum and mass [GeV] along a unit vector."""
    energy = jnp.sqrt(momentum * momentum + mass * mass)
    return FourVector(energy, *(momentum * c for c in direction[1:]))


def peripheral(
    x: Float[Array, " 5"],
    incoming: tuple[FourVector, FourVector],
    masses: tuple[Real, Real, Real],
) -> tuple[tuple[FourVector, ...], Real]:
    """Momenta of p3, p4 and k, and the weight of dPhi_3 [GeV^2].

    Args:
        x: coordinates of the mass of R (flat in the logarithm of its square), of the
            first transfer (also), its azimuth, the second transfer and its azimuth.
        incoming: electron along +z and positron in the centre of mass [GeV].
        masses: of p3, p4, which are those of p1, p2, and of k, 0 for a photon [GeV].
    """
    (one, two), (m, _, last) = incoming, masses
    total = one.e + two.e
    low, high = (m + last) ** 2, (total - m) ** 2
    squared, weight = _along_pole(x[0], low, high)
    mass = jnp.sqrt(squared)
    lost = (squared - m * m) / (2 * total)
    kept = breakup_momentum(total, m, mass)
    least = smallest_transfer((one.e, one.e - lost), lost=lost, mass=m)
    t1, jacobian = _along_pole(x[1], least, least + 4 * one.z * kept)
    weight = weight * jacobian / (one.z * total)
    bend = _bend(t1 - least, one.z * kept)
    ahead = deflected(FourVector(0.0, 0.0, 0.0, 1.0), bend, 2 * math.pi * x[2])
    p3 = moved(ahead, kept, m)
    recoil = one + two - p3
    back = FourVector(recoil.e, -recoil.x, -recoil.y, -recoil.z)
    target = boosted(two, back, mass)
    axis = FourVector(0.0, *(c / target.momentum() for c in target[1:]))
    # |p2| there from invariants, (p1 - p3)^2 = -t1: a sum of positive terms
    difference = (mass - m) * (mass + m) + t1
    before = jnp.sqrt(difference * difference + 4 * m * m * t1) / (2 * mass)
    after = breakup_momentum(mass, m, last)
    energies = jnp.hypot(before, m), jnp.hypot(after, m)
    dropped = (last * last + t1) / (2 * mass)
    least = smallest_transfer(energies, lost=dropped, mass=m)
    t2, jacobian = _along_pole(x[3], least, least + 4 * before * after)
    weight = weight * jacobian / (before * mass)
    bend = _bend(t2 - least, before * after)
    p4 = moved(deflected(axis, bend, 2 * math.pi * x[4]), after, m)
    k = FourVector(jnp.hypot(after, last), -p4.x, -p4.y, -p4.z)
    found = p3, boosted(p4, recoil, mass), boosted(k, recoil, mass)
    # ds/(2 pi) and twice dt dphi / (32 pi^2 |p| sqrt(s)) with dphi = 2 pi
    volume = weight / (2 * math.pi) / (16 * math.pi) ** 2
    return found, jnp.where(total > 2 * m + last, volume, 0.0)
