"""Parts of a detector: functions of one event, or of flat arrays of events."""

import math

from typing import Final

import jax
import jax.numpy as jnp

from jaxtyping import Array, Bool, Float

from darkreach.algebra.kinematics import FourVector, Real
from darkreach.constants import ALPHA, HBAR_C, M_E

Scalar = float | Float[Array, ""]

CLASSICAL_RADIUS: Final = ALPHA * HBAR_C / M_E  # of the electron [mm]


def turn_on(energy: Real, *, threshold: Scalar, width: Real) -> Float[Array, "..."]:
    """Probability to pass a threshold with Gaussian resolution: 1/2 in the middle.

    Args:
        energy: true energy [GeV].
        threshold: where half of the particles pass [GeV].
        width: Gaussian resolution of the threshold [GeV].
    """
    return 0.5 * (1 + jax.lax.erf((energy - threshold) / (math.sqrt(2) * width)))


def inside(
    p: FourVector, *, abs_cos: Scalar, azimuth: Scalar, half_width: Scalar
) -> Bool[Array, "..."]:
    """Whether a momentum points into a window in cos(theta) and azimuth.

    Args:
        p: momenta [GeV].
        abs_cos: largest |cos(theta)|.
        azimuth: centre of the window [rad].
        half_width: half its width [rad].
    """
    transverse = p.x * p.x + p.y * p.y
    along = p.x * jnp.cos(azimuth) + p.y * jnp.sin(azimuth)
    central = jnp.abs(p.z) <= abs_cos * p.momentum()
    return central & (along >= jnp.cos(half_width) * jnp.sqrt(transverse))


def smeared(
    p: FourVector,
    errors: Float[Array, "3 ..."],
    *,
    momentum: Real,
    theta: Scalar,
    phi: Scalar,
    mass: Scalar,
) -> FourVector:
    """A momentum with errors on |p| and on two angles.

    Both angular errors are applied across the direction of flight, in the plane tangent
    to it (exact to the third power of the error), so that the azimuthal one means the
    same at every polar angle.

    Args:
        p: true momentum [GeV].
        errors: of |p|, the polar and the azimuthal angle, in units of the resolution.
        momentum: resolution of |p| [GeV].
        theta: polar resolution [rad].
        phi: azimuthal resolution [rad].
        mass: of the particle [GeV]; sets the energy of the result.
    """
    across = jnp.maximum(jnp.sqrt(p.x * p.x + p.y * p.y), 1e-12 * p.e)
    length = jnp.sqrt(across * across + p.z * p.z)
    c, s = p.x / across, p.y / across  # of the azimuth
    cos, sin = p.z / length, across / length
    tilt, turn = theta * errors[1], phi * errors[2]
    outward = sin + tilt * cos
    new_length = jnp.maximum(length + momentum * errors[0], 0.0)
    scale = new_length / jnp.sqrt(1 + tilt * tilt + turn * turn)
    return FourVector(
        jnp.sqrt(new_length**2 + mass**2),
        scale * (c * outward - turn * s),
        scale * (s * outward + turn * c),
        scale * (cos - tilt * sin),
    )


def opening_angle(a: FourVector, b: FourVector) -> Float[Array, "..."]:
    """Angle between two momenta [rad]; precise near 0 and pi."""
    x, y, z = a.y * b.z - a.z * b.y, a.z * b.x - a.x * b.z, a.x * b.y - a.y * b.x
    return jnp.arctan2(jnp.sqrt(x * x + y * y + z * z), a.dot3(b))


def annihilation_density(energy: Real, photon: Real) -> Float[Array, "..."]:
    """d sigma / d k of e+ e- -> gamma gamma on an electron at rest [mm^2 / GeV].

    For either photon: k runs over the full range, so that the integral is twice the
    cross section. Heitler, The Quantum Theory of Radiation (1954), section 27; the form
    of GEANT 3.21, PHYS350-351. Zero outside the kinematic limits.

    Args:
        energy: total energy of the positron in flight [GeV].
        photon: energy k of one photon [GeV].
    """
    gamma = energy / M_E
    total = gamma + 1
    fraction = photon / (energy + M_E)
    slope = jnp.sqrt(jnp.maximum(gamma**2 - 1, 1e-12))
    lowest = 1 / (total + slope)
    allowed = (fraction > lowest) & (fraction < 1 - lowest)
    safe = jnp.where(allowed, fraction, 0.5)
    norm = math.pi * CLASSICAL_RADIUS**2 / (total * (gamma - 1))
    shape = total + 2 * gamma / total

    def side(x: Array) -> Array:
        return -1 + shape / x - 1 / x**2

    value = norm * (side(total * safe) + side(total * (1 - safe)))
    return jnp.where(allowed, value / M_E, 0.0)


def annihilation_cos(energy: Real, photon: Real) -> Float[Array, "..."]:
    """Cosine between the positron and an annihilation photon of energy k.

    From four-momentum conservation, (p + q - k)^2 = 0 with the electron q at rest.
    """
    momentum = jnp.sqrt(jnp.maximum(energy**2 - M_E**2, 1e-12 * M_E**2))
    cos = (energy + M_E - M_E * (energy + M_E) / photon) / momentum
    return jnp.clip(cos, -1.0, 1.0)


def annihilation_end(energy: Real) -> Real:
    """Largest photon energy [GeV] of an annihilation in flight; about E + m_e/2."""
    gamma = energy / M_E
    lowest = 1 / (gamma + 1 + jnp.sqrt(jnp.maximum(gamma**2 - 1, 1e-12)))
    return (energy + M_E) * (1 - lowest)


def bremsstrahlung_density(energy: Real, photon: Real) -> Float[Array, "..."]:
    """Photons of energy k per energy and radiation length [1 / GeV].

    (4/3 - 4/3 y + y^2) / k with y = k / E: complete screening, PDG 2024, Passage of
    Particles Through Matter, eq. (34.30). Zero above the kinetic energy.

    Args:
        energy: total energy of the positron [GeV].
        photon: energy k of the photon [GeV].
    """
    y = photon / energy
    value = (4 / 3 * (1 - y) + y * y) / photon
    return jnp.where(photon < energy - M_E, value, 0.0)
