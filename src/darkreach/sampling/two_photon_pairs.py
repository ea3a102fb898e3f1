"""Phase space of e- e+ -> (pair) e- e+ along the poles of two photons that fuse.

The pair is one heavy particle of `peripheral`, with a mass W flat in its logarithm. It
decays along the poles of the electron between the photons: with c the cosine of the
angle between q and k- where the pair is at rest, (q - k-)^2 - m^2 = -(A - B c) / 2 and
(q - k+)^2 - m^2 = -(A + B c) / 2 with A = W^2 - t - t' and B^2 = beta^2 lambda(W^2, t,
t') (two-body kinematics, PDG 2024, Kinematics).
"""

import math

import jax.numpy as jnp

from jaxtyping import Array, Float

from darkreach.algebra.kinematics import (
    FourVector,
    Real,
    boosted,
    circle,
    rotate,
    transfer_squared,
)
from darkreach.algebra.propagators import draw_photon
from darkreach.processes.ee_to_ee_ee import EeToEeEe
from darkreach.processes.process import Process
from darkreach.sampling.peripheral import peripheral


def two_photon_pair(
    process: Process,
    x: Float[Array, " 8"],
    incoming: tuple[FourVector, ...],
    masses: tuple[Real, ...],
) -> tuple[tuple[FourVector, ...], Real]:
    """Momenta of the pair and of both beam particles [GeV]; weight of dPhi_4 [GeV^4].

    Args:
        process: what becomes what.
        x: mass of the pair, five coordinates of `peripheral`, polar angle and azimuth
            of the decay about the axis of the photons.
        incoming: electron along +z and positron in the centre of mass [GeV].
        masses: of the pair's particles, equal, and of the incoming ones [GeV].
    """
    assert isinstance(process, EeToEeEe)
    one, two = incoming
    light, _, mass, same = masses
    heavy, weight = draw_photon(x[0], 2 * light, one.e + two.e - 2 * mass)
    # the second azimuth from the first, clockwise in `peripheral`: kicks that add up
    # lie along an axis of the unit cube
    point = x[1:6].at[4].set((x[5] - x[3]) % 1.0)
    (p3, p4, k), volume = peripheral(point, (one, two), (mass, same, heavy))
    q = one - p3
    t = -transfer_squared(one, p3, mass=mass)
    u = -transfer_squared(two, p4, mass=mass)
    half = heavy / 2
    momentum = jnp.sqrt(jnp.maximum(half * half - light * light, 0.0))
    # A^2 - B^2 as a sum of positive terms
    a = heavy * heavy + t + u
    least = 4 * t * u * (momentum / half) ** 2 + (light / half * a) ** 2
    b = jnp.sqrt(jnp.maximum(a * a - least, 0.0))
    depth = jnp.log((a + b) ** 2 / least) / 2  # artanh(B / A)
    tanh = jnp.tanh(depth * (2 * x[6] - 1))
    slope = jnp.where(b > 0, a / jnp.where(b > 0, b, 1.0), 1.0)
    cos = jnp.clip(tanh * slope, -1.0, 1.0)
    # beta dcos dphi / (32 pi^2) with dcos = 2 A / B depth (1 - tanh^2) dx
    spread = depth * slope * (1 - tanh * tanh)
    weight = weight * volume * spread * momentum / half / (8 * math.pi)
    back = FourVector(k.e, -k.x, -k.y, -k.z)
    c, s = circle(2 * math.pi * x[7])
    across = momentum * jnp.sqrt(jnp.maximum(1 - cos * cos, 0.0))
    decay = _turned(
        FourVector(half, across * c, across * s, momentum * cos),
        boosted(q, back, heavy),
    )
    minus = boosted(decay, k, heavy)
    plus = boosted(FourVector(half, *(-p for p in decay[1:])), k, heavy)
    # the positron's beam is along -z
    narrow = jnp.minimum(p3.z / p3.momentum(), -p4.z / p4.momentum())
    inside = narrow >= jnp.cos(process.widest)
    return (minus, plus, p3, p4), jnp.where(inside, weight, 0.0)


def _turned(p: FourVector, axis: FourVector) -> FourVector:
    """With the z axis along another momentum."""
    length, across = axis.momentum(), jnp.hypot(axis.x, axis.y)
    return rotate(p, axis.z / length, across / length, jnp.arctan2(axis.y, axis.x))
