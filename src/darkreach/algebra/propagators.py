"""Masses of virtual particles: propagators, and draws along their poles."""

import math

import jax.numpy as jnp

from darkreach.algebra.dirac import Complex
from darkreach.algebra.kinematics import FourVector, Real
from darkreach.constants import E_CHARGE


def photon(k: FourVector) -> Real:
    """e^2 / k^2 of a virtual photon [GeV^-2]."""
    return E_CHARGE**2 / k.mass_squared()


def resonance(k: FourVector, mass: Real, width: Real) -> Complex:
    """1 / (k^2 - m^2 + i m Gamma) of a resonance [GeV^-2]."""
    real, imaginary = k.mass_squared() - mass * mass, mass * width
    inverse = 1 / (real * real + imaginary * imaginary)
    return Complex(real * inverse, -imaginary * inverse)


def draw_photon(x: Real, low: Real, high: Real) -> tuple[Real, Real]:
    """Mass of a virtual photon, flat in ln k^2; weight of dk^2 / (2 pi).

    Args:
        x: one unit-cube coordinate.
        low: smallest mass, above 0 [GeV].
        high: largest mass [GeV].

    Returns:
        Mass [GeV] and weight [GeV^2].
    """
    span = 2 * jnp.log(jnp.maximum(high / low, 1.0))
    squared = low * low * jnp.exp(x * span)
    return jnp.sqrt(squared), squared * span / (2 * math.pi)


def draw_resonance(
    x: Real, low: Real, high: Real, *, mass: Real, width: Real
) -> tuple[Real, Real]:
    """Mass of a resonance, along its Breit-Wigner line; weight of dk^2 / (2 pi).

    Args:
        x: one unit-cube coordinate.
        low: smallest mass [GeV].
        high: largest mass [GeV].
        mass: of the resonance [GeV].
        width: of the resonance [GeV].

    Returns:
        Mass [GeV] and weight [GeV^2].
    """
    scale = mass * width
    first = jnp.arctan((low * low - mass * mass) / scale)
    last = jnp.arctan((jnp.maximum(high, low) ** 2 - mass * mass) / scale)
    tangent = jnp.tan(first + x * (last - first))
    squared = jnp.clip(
        mass * mass + scale * tangent, low * low, jnp.maximum(high, low) ** 2
    )
    weight = (last - first) * scale * (1 + tangent * tangent) / (2 * math.pi)
    return jnp.sqrt(squared), weight
