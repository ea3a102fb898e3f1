"""A neutral boson and a charged lepton: widths and one-loop moments.

L = X_a lbar gamma^a (g_V + g_A gamma5) l for a vector and
L = phi lbar (g_S + i g_P gamma5) l for a scalar. Moments are those of Leveille,
Nucl. Phys. B 137, 63 (1978), in the form of arXiv:0902.3360, section 7.2 [recalled];
tests hold them to their limits and to the kernel of the massive photon.
"""

import math

from typing import Final

import jax.numpy as jnp
import numpy as np

from jaxtyping import Array, Float

from darkreach.constants import HBAR

Scalar = float | Float[Array, ""]

# x = 1 / (1 + e^-t) resolves both ends of [0, 1] on a logarithmic scale, where the
# denominators have their edges (m_X / m_l and (m_l / m_X)^2); the trapezoidal sum then
# converges like exp(-pi^2 / step): 1e-10 for m_X / m_l of 1e-3 to 1e5.
STEP: Final = 0.4
_T: Final = np.arange(-26.0, 38.0, STEP)
X: Final = 1 / (1 + np.exp(-_T))
REST: Final = 1 / (1 + np.exp(_T))  # 1 - X without rounding
WEIGHT: Final = STEP * X * REST


def vector_width(
    mass: Scalar, lepton: float, *, g_v: Scalar, g_a: Scalar
) -> Float[Array, ""]:
    """Gamma(X -> l+ l-) of a vector [GeV]; 0 below threshold.

    m / (12 pi) beta [g_V^2 (1 + 2 r) + g_A^2 beta^2], r = m_l^2 / m^2 and
    beta^2 = 1 - 4 r (the Z's with masses kept, PDG 2024, section 10 [recalled]).

    Args:
        mass: of the boson [GeV].
        lepton: mass of the lepton [GeV].
        g_v: vector coupling.
        g_a: axial coupling.
    """
    m, r, beta = _threshold(mass, lepton)
    return m / (12 * math.pi) * beta * (g_v**2 * (1 + 2 * r) + g_a**2 * beta**2)


def scalar_width(
    mass: Scalar, lepton: float, *, g_s: Scalar, g_p: Scalar
) -> Float[Array, ""]:
    """Gamma(phi -> l+ l-) of a scalar [GeV]; 0 below threshold.

    m / (8 pi) beta [g_S^2 beta^2 + g_P^2], as for Higgs bosons (hep-ph/0503172 and
    hep-ph/0503173, sections 2.1 [recalled]).

    Args:
        mass: of the boson [GeV].
        lepton: mass of the lepton [GeV].
        g_s: scalar coupling.
        g_p: pseudoscalar coupling.
    """
    m, _, beta = _threshold(mass, lepton)
    return m / (8 * math.pi) * beta * (g_s**2 * beta**2 + g_p**2)


def _threshold(
    mass: Scalar, lepton: float
) -> tuple[Float[Array, ""], Float[Array, ""], Float[Array, ""]]:
    """Mass, not below the threshold [GeV], m_l^2 / m^2 and velocity of the leptons."""
    m = jnp.maximum(mass, 2 * lepton)
    r = (lepton / m) ** 2
    return m, r, jnp.sqrt(jnp.maximum(1 - 4 * r, 0.0))


def lifetime(width: Scalar) -> Float[Array, ""]:
    """Mean proper lifetime [ns] from the width [GeV]; infinite where it is 0."""
    is_open = jnp.asarray(width) > 0
    return jnp.where(is_open, HBAR / jnp.where(is_open, width, 1.0), jnp.inf)


def vector_moment(
    mass: Scalar, lepton: float, *, g_v: Scalar, g_a: Scalar
) -> Float[Array, ""]:
    """Contribution of a vector to a_l = (g - 2) / 2 at one loop.

    With r = m_X^2 / m_l^2 and D = x^2 + (1 - x) r, 8 pi^2 a_l is the integral over x of
    g_V^2 2 x^2 (1 - x) / D + g_A^2 [2 x (1 - x)(x - 4) - 4 x^3 / r] / D. The last term
    is the longitudinal part, a pseudoscalar with 2 m_l g_A / m_X.

    Args:
        mass: of the boson [GeV].
        lepton: mass of the lepton [GeV].
        g_v: vector coupling.
        g_a: axial coupling.
    """
    r = (jnp.asarray(mass) / lepton) ** 2
    heavy = jnp.where(r > 0, r, 1.0)  # a massless boson has no longitudinal part
    longitudinal = jnp.where(r > 0, 4 * X**3 / heavy, 0.0)
    axial = 2 * X * REST * (X - 4) - longitudinal
    return _moment(g_v**2 * (2 * X**2 * REST) + g_a**2 * axial, r)


def scalar_moment(
    mass: Scalar, lepton: float, *, g_s: Scalar, g_p: Scalar
) -> Float[Array, ""]:
    """Contribution of a scalar to a_l = (g - 2) / 2 at one loop.

    With D as in `vector_moment`, 8 pi^2 a_l is the integral over x of
    g_S^2 x^2 (2 - x) / D - g_P^2 x^3 / D.

    Args:
        mass: of the boson [GeV].
        lepton: mass of the lepton [GeV].
        g_s: scalar coupling.
        g_p: pseudoscalar coupling.
    """
    r = (jnp.asarray(mass) / lepton) ** 2
    return _moment(g_s**2 * (X**2 * (2 - X)) - g_p**2 * X**3, r)


def _moment(numerator: Float[Array | np.ndarray, " n"], r: Scalar) -> Float[Array, ""]:
    total = jnp.sum(jnp.asarray(WEIGHT * numerator) / (X**2 + REST * r))
    return total / (8 * math.pi**2)
