"""Four-vectors of scalars, and the kinematics of one event.

Components are (E, px, py, pz) [GeV], the metric is (+, -, -, -). A `FourVector` holds
four scalars, so that `vmap` turns each component into one flat array and XLA fuses a
whole amplitude into one pass over the events. Functions of four-vectors take four flat
arrays (one value an event) just as well.
"""

import math

from typing import NamedTuple

import jax.numpy as jnp

from jaxtyping import Array, Float

Real = Float[Array, "..."] | float  # one value, or one an event


class FourVector(NamedTuple):
    """A four-vector (or any real vector with a Lorentz index) of one event."""

    e: Real
    x: Real
    y: Real
    z: Real

    def __add__(self, other: "FourVector") -> "FourVector":  # type: ignore[override]
        return FourVector(*(a + b for a, b in zip(self, other, strict=True)))

    def __sub__(self, other: "FourVector") -> "FourVector":
        return FourVector(*(a - b for a, b in zip(self, other, strict=True)))

    def dot(self, other: "FourVector") -> Real:
        """Minkowski product [GeV^2]."""
        return self.e * other.e - self.x * other.x - self.y * other.y - self.z * other.z

    def dot3(self, other: "FourVector") -> Real:
        """Scalar product of the space parts [GeV^2]."""
        return self.x * other.x + self.y * other.y + self.z * other.z

    def momentum(self) -> Real:
        """Length of the space part [GeV]."""
        return jnp.sqrt(self.dot3(self))

    def mass_squared(self) -> Real:
        """Invariant mass squared [GeV^2]."""
        return self.dot(self)

    @classmethod
    def from_array(cls, p: Float[Array, "*n 4"]) -> "FourVector":
        """From an array whose last axis has the components [GeV]."""
        return cls(p[..., 0], p[..., 1], p[..., 2], p[..., 3])

    def array(self) -> Float[Array, "*n 4"]:
        """As an array, components last [GeV]."""
        return jnp.stack([jnp.asarray(c) for c in self], axis=-1)


def breakup_momentum(mass: Real, m1: Real, m2: Real) -> Real:
    """Momentum of either daughter of `mass` at rest [GeV]; 0 below threshold.

    PDG 2024, Kinematics, eq. (49.17).
    """
    above = jnp.maximum(mass - m1 - m2, 0.0)
    product = above * (mass + m1 + m2) * (mass - m1 + m2) * (mass + m1 - m2)
    return jnp.sqrt(product) / (2 * mass)


def boost_z(p: FourVector, energy: Real, momentum: Real, mass: Real) -> FourVector:
    """From the rest frame of a particle to where it moves along +z [GeV].

    Args:
        p: four-vector in the rest frame.
        energy: energy of the particle.
        momentum: its momentum along +z, of either sign.
        mass: its mass.
    """
    return FourVector(
        (energy * p.e + momentum * p.z) / mass,
        p.x,
        p.y,
        (energy * p.z + momentum * p.e) / mass,
    )


def boosted(p: FourVector, frame: FourVector, mass: Real) -> FourVector:
    """From the rest frame of something to where it moves, without rotation [GeV].

    PDG 2024, Kinematics.

    Args:
        p: four-vector in the rest frame.
        frame: momentum of what is at rest there.
        mass: its mass.
    """
    energy = (frame.e * p.e + frame.dot3(p)) / mass
    along = (energy + p.e) / (frame.e + mass)
    return FourVector(
        energy, p.x + frame.x * along, p.y + frame.y * along, p.z + frame.z * along
    )


def circle(angle: Real) -> tuple[Real, Real]:
    """Cosine and sine of an angle of a few turns [rad], to 1e-15.

    Taylor series within an eighth of a turn. XLA calls the mathematical library once an
    event for a cosine, which keeps all around it from using vector instructions.
    """
    quarter = jnp.round(angle * (2 / math.pi))
    rest = angle - quarter * (math.pi / 2)
    square = rest * rest
    cos, sin = _series(square, 16), rest * _series(square, 17)
    quadrant = quarter - 4 * jnp.floor(quarter / 4)
    turned = (quadrant == 1) | (quadrant == 3)
    c, s = jnp.where(turned, sin, cos), jnp.where(turned, cos, sin)
    return (
        jnp.where((quadrant == 1) | (quadrant == 2), -c, c),
        jnp.where((quadrant == 2) | (quadrant == 3), -s, s),
    )


def _series(square: Real, last: int) -> Real:
    """sum (-1)^k x^(2k) / (2k + r)! up to the last factorial, r its parity."""
    total: Real = 0.0
    for n in range(last, -1, -2):
        total = total * square + (-1) ** (n // 2) / math.factorial(n)
    return total


def rotate(p: FourVector, cos: Real, sin: Real, phi: Real) -> FourVector:
    """Turn the z axis into the direction with polar angle theta and azimuth phi.

    Args:
        p: four-vector.
        cos: cos(theta).
        sin: sin(theta), not negative.
        phi: azimuth [rad].
    """
    c, s = circle(phi)
    transverse = cos * p.x + sin * p.z
    return FourVector(
        p.e,
        c * transverse - s * p.y,
        s * transverse + c * p.y,
        cos * p.z - sin * p.x,
    )


def cos_angle(a: FourVector, b: FourVector) -> Real:
    """Cosine of the angle between two momenta; 1 where one of them vanishes."""
    norm = a.dot3(a) * b.dot3(b)
    safe = jnp.where(norm > 0, norm, 1.0)
    return jnp.clip(jnp.where(norm > 0, a.dot3(b) / jnp.sqrt(safe), 1.0), -1.0, 1.0)


def _cross_squared(a: FourVector, b: FourVector) -> Real:
    """Square of the vector product of the space parts [GeV^4]."""
    x, y, z = a.y * b.z - a.z * b.y, a.z * b.x - a.x * b.z, a.x * b.y - a.y * b.x
    return x * x + y * y + z * z


def transfer_squared(beam: FourVector, p: FourVector, *, mass: Real) -> Real:
    """t = (beam - p)^2 < 0 [GeV^2] without cancellation, in any frame.

    -2 (|b x p|^2 + m^2 |b - p|^2) / (E_b E_p + b.p + m^2): the identity
    (E_b E_p)^2 - (b.p + m^2)^2 = |b x p|^2 + m^2 |b - p|^2 of two equal masses. With b
    along z this is -(pT^2 + m^2 (1 - x)^2) / x, x = p^+ / b^+. Only the space parts
    decide at small angles, so that t has as many digits as b - p; 4 m^2 - t is
    (beam + p)^2.

    Args:
        beam: one momentum [GeV].
        p: the other one [GeV].
        mass: of both particles [GeV].
    """
    difference, along = p - beam, beam.dot3(p)
    squares = mass * mass * difference.dot3(difference)
    above = _cross_squared(beam, difference) + squares
    forward = -2 * above / (beam.e * p.e + jnp.abs(along) + mass * mass)
    backward = 2 * (mass * mass - beam.e * p.e + along)
    return jnp.where(along > 0, forward, backward)


def photon_product(p: FourVector, k: FourVector, *, mass: Real) -> Real:
    """p.k [GeV^2] of a particle and a real photon without cancellation, in any frame.

    (|p x k|^2 + m^2 |k|^2) / (E |k| + p.k): positive also where they are collinear.

    Args:
        p: momentum of the particle [GeV].
        k: momentum of the photon [GeV].
        mass: of the particle [GeV].
    """
    along = p.dot3(k)
    above = _cross_squared(p, k) + mass * mass * k.dot3(k)
    return jnp.where(along > 0, above / (p.e * k.e + jnp.abs(along)), p.e * k.e - along)
