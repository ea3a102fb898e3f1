"""Photon fusion in the equivalent-photon approximation: a check, never a result.

Budnev, Ginzburg, Meledin and Serbo, Phys. Rept. 15, 181 (1975), eq. (6.22) [recalled].
"""

import math

from typing import Final

import jax.numpy as jnp
import numpy as np

from jaxtyping import Array, Float

from darkreach.constants import ALPHA, M_E
from darkreach.models.photon_alp import PhotonAlp

Scalar = float | Float[Array, ""]

NODES, WEIGHTS = np.polynomial.legendre.leggauss(200)
_X: Final = (NODES + 1) / 2


def spectrum(
    x: Float[Array, " n"], highest: Scalar | Float[Array, " n"]
) -> Float[Array, " n"]:
    """Photons a lepton carries at a share x of its energy, up to a virtuality [GeV^2].

    alpha/(2 pi) {[1 + (1-x)^2]/x ln(Q^2/q^2) - 2 m^2 x (1/q^2 - 1/Q^2)} with the
    smallest virtuality q^2 = m^2 x^2 / (1-x).

    Args:
        x: between 0 and 1.
        highest: largest virtuality Q^2 [GeV^2].
    """
    least = M_E**2 * x**2 / (1 - x)
    collinear = (1 + (1 - x) ** 2) / x * jnp.log(highest / least)
    rest = 2 * M_E**2 * x * (1 / least - 1 / highest)
    return ALPHA / (2 * math.pi) * (collinear - rest)


def fusion(model: PhotonAlp, s: Scalar, *, highest: Scalar) -> Float[Array, ""]:
    """sigma(e- e+ -> e- e+ a) from real photons [GeV^-2].

    8 pi^2 Gamma / (m s) times the integral of f(x) f(tau/x) / x, tau = m^2 / s. The
    largest virtuality is a guess, and the result grows by 60 % between m^2 and s.

    Args:
        model: the ALP.
        s: energy of the collision squared [GeV^2].
        highest: largest virtuality of either photon [GeV^2].
    """
    mass = jnp.asarray(model.mass)
    depth = -jnp.log(mass * mass / s)
    x = jnp.exp(-depth * jnp.asarray(_X))
    other = mass * mass / s / x
    photons = spectrum(x, highest) * spectrum(other, highest)
    integral = depth / 2 * jnp.sum(jnp.asarray(WEIGHTS) * photons)
    return 8 * math.pi**2 * model.width_to_photons() / (mass * s) * integral
