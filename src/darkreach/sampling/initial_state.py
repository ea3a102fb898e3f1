"""Phase space of photons along the beams and of what collides after them.

e-(p1) e+(p2) -> e-(p3) e+(p4) photons. Each photon of the beams is drawn in the share
of the mass squared that it takes, along the soft pole, and in its angle along both
poles 1/(p1.k) and 1/(p2.k), which are as wide as m_e / E, or flat. p3 and p4 are drawn
along 1/(p3.k) and 1/(p4.k) of the last photon, or with the poles of small scattering
angles. d^3k / ((2 pi)^3 2 E) = E dE dcos dphi / (2 (2 pi)^3) (PDG 2024, Kinematics).
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
from darkreach.sampling.peripheral import deflected, moved


def between_poles(x: Real, beta: Real) -> tuple[Real, Real, Real]:
    """An angle along the poles 1/(1 - beta cos) and 1/(1 + beta cos), with its digits.

    cos = tanh(y) / beta with y flat: y is the rapidity of a particle of velocity beta.

    Args:
        x: one unit-cube coordinate.
        beta: velocity of what the pole belongs to, above 0.

    Returns:
        1 - cos, 1 + cos, and the weight of dcos.
    """
    most = jnp.arctanh(beta)
    y = (2 * x - 1) * most
    scale = beta * jnp.cosh(most) * jnp.cosh(y)
    behind, ahead = jnp.sinh(most - y) / scale, jnp.sinh(most + y) / scale
    return behind, ahead, 2 * most / (beta * jnp.cosh(y) ** 2)


def _seen_from(rest: FourVector, mass: Real, p: FourVector) -> FourVector:
    """Direction of a particle where something is at rest."""
    back = FourVector(rest.e, -rest.x, -rest.y, -rest.z)
    there = boosted(p, back, mass)
    return FourVector(0.0, *(c / there.momentum() for c in there[1:]))


def initial_state(
    x: Float[Array, " d"],
    incoming: tuple[FourVector, FourVector],
    masses: tuple[Real, ...],
    *,
    along: int,
) -> tuple[tuple[FourVector, ...], Real]:
    """Momenta of p3, p4 and the photons, and the weight of their phase space.

    Args:
        x: of each photon the fourth root of the share of the mass squared above
            threshold that it takes, its angle, its azimuth; then angle and azimuth of
            p3 where p3 + p4 is at rest, the angle along the poles of p3 and p4, from
            the last photon or, if that follows the beams, from p1.
        incoming: electron along +z and positron in the centre of mass [GeV].
        masses: of p3, p4, which are equal, and of one or two photons, 0 [GeV].
        along: how many photons follow the beams, the first ones; the directions of the
            others are flat.
    """
    one, two = incoming
    m, photons = masses[0], len(masses) - 2
    least = (2 * m) ** 2
    rest, squared = one + two, (one.e + two.e) ** 2
    volume: Real = 1.0
    found = []
    for n in range(photons):
        share, angle, turn = x[3 * n], x[3 * n + 1], x[3 * n + 2]
        if n < along:
            behind, ahead, weight = between_poles(angle, one.z / one.e)
        else:
            behind, ahead, weight = 2 * angle, 2 - 2 * angle, 2.0
        c, s = circle(2 * math.pi * turn)
        sine = jnp.sqrt(behind * ahead)
        direction = FourVector(1.0, sine * c, sine * s, (ahead - behind) / 2)
        slope = 2 * rest.dot(direction)
        above = squared - least
        taken = share**4 * above
        energy, change = taken / slope, 4 * share**3 * above / slope
        found.append(FourVector(*(energy * c for c in direction)))
        volume = volume * weight * energy * change / (2 * (2 * math.pi) ** 2)
        rest, squared = rest - found[-1], squared - taken
    mass = jnp.sqrt(squared)
    axis = _seen_from(rest, mass, one if along == photons else direction)
    momentum = breakup_momentum(mass, m, m)
    behind, _, weight = between_poles(x[-2], 2 * momentum / mass)
    p3 = moved(deflected(axis, behind, 2 * math.pi * x[-1]), momentum, m)
    p4 = FourVector(p3.e, -p3.x, -p3.y, -p3.z)
    volume = volume * weight * momentum / (8 * math.pi * mass)
    return (boosted(p3, rest, mass), boosted(p4, rest, mass), *found), volume
