"""Spectrum of mu+ -> e+ nu nubar in energy and angle, with O(alpha) corrections.

Photons are integrated over: this is the energy of the bare positron. With x = E / E_max
and theta the angle between positron and mu+ spin,

    dGamma / (dx dcos theta) = Gamma_0 [h(x) + P cos(theta) k(x)],

Gamma_0 = G_F^2 m_mu^5 / (192 pi^3). Tree level for any Michel parameters, electron mass
kept: PDG 2024, "Muon Decay Parameters", eqs. (58.4)-(58.7) [equation numbers recalled].
O(alpha): T. Kinoshita and A. Sirlin, Phys. Rev. 113, 1652 (1959), in the form of Kuno
and Okada, hep-ph/9909265, eqs. (28)-(32) [formula recalled; the tests check the total
rate, the cancellation of ln(m_mu/m_e) in it, the collinear logarithm by convolution
with the splitting function, and helicity conservation at x = 1]. Left out: the electron
mass in the corrections (1e-5 of the rate, at x < 0.1), and terms of order alpha^2, of
which the largest, soft photons at x -> 1, exponentiate (hep-ph/0206036, sec. 3).
"""

import math

from typing import Final, Literal

import numpy as np

from jaxtyping import Float
from scipy.special import spence

from darkreach.constants import ALPHA, M_E, M_MU

Array = Float[np.ndarray, " n"]
Order = Literal["tree", "alpha", "exponentiated"]

ENERGY_MAX: Final = (M_MU**2 + M_E**2) / (2 * M_MU)  # of the positron [GeV]
X_MIN: Final = M_E / ENERGY_MAX
LOG: Final = math.log(M_MU / M_E)
SOFT: Final = 2 * ALPHA / math.pi * (LOG - 1)  # the rate falls like (1 - x)^SOFT
# Twice the integral of x^2 (3 - 2 x) [(1 - x)^SOFT - 1 - SOFT ln(1 - x)].
SURPLUS: Final = 12 / ((1 + SOFT) * (3 + SOFT) * (4 + SOFT)) - 1 + 19 / 12 * SOFT


def tree(
    x: Array, *, rho: float = 0.75, eta: float = 0.0, xi: float = 1.0,
    delta: float = 0.75,
) -> tuple[Array, Array]:  # fmt: skip
    """h and k at tree level; 0 outside the kinematic limits.

    Args:
        x: positron energy over the largest one.
        rho: Michel parameter, 3/4 for V-A like `delta`.
        eta: Michel parameter, 0 for V-A.
        xi: Michel parameter, 1 for V-A.
        delta: Michel parameter.
    """
    inside = (x >= X_MIN) & (x <= 1)
    root = np.sqrt(np.where(inside, x**2 - X_MIN**2, 0.0))
    isotropic = x * (1 - x) + 2 / 9 * rho * (4 * x**2 - 3 * x - X_MIN**2)
    isotropic = isotropic + eta * X_MIN * (1 - x)
    shift = math.sqrt(1 - X_MIN**2) - 1
    polarised = xi / 3 * root * (1 - x + 2 / 3 * delta * (4 * x - 3 + shift))
    norm = 6 * (2 * ENERGY_MAX / M_MU) ** 4 * root
    return norm * isotropic, norm * polarised


def corrections(x: Array) -> tuple[Array, Array]:
    """What multiplies alpha / (2 pi) in h and k; for 0 < x < 1."""
    one = 1 - x
    logarithm, soft = np.log(x), np.log(one)
    common = (
        2 * spence(one)  # Li_2(x)
        - math.pi**2 / 3
        - 2
        + LOG * (1.5 + 2 * (soft - logarithm))
        - logarithm * (2 * logarithm - 1)
        + (3 * logarithm - 1 - 1 / x) * soft
    )
    rest = one / (3 * x**2)
    both = LOG + logarithm
    f = (6 - 4 * x) * common + 6 * one * logarithm
    f = f + rest * ((5 + 17 * x - 34 * x**2) * both - 22 * x + 34 * x**2)
    g = (2 - 4 * x) * common + (2 - 6 * x) * logarithm
    g = g - rest * (
        (1 + x + 34 * x**2) * both
        + 3 - 7 * x - 32 * x**2 + 4 * one**2 / x * soft
    )  # fmt: skip
    return x**2 * f, -(x**2) * g


def spectrum(x: Array, *, order: Order = "tree") -> tuple[Array, Array]:
    """h and k at an order; 0 outside the kinematic limits.

    `exponentiated` replaces SOFT ln(1 - x) by (1 - x)^SOFT - 1, which stays finite at
    x = 1, where `alpha` falls without bound, and lowers h and k by
    `SURPLUS`, 7e-4, so that the total rate stays that of `alpha`.

    Args:
        x: positron energy over the largest one.
        order: of the radiative corrections.
    """
    h, k = tree(x)
    if order == "tree":
        return h, k
    inside = (x > X_MIN) & (x < 1)
    safe = np.where(inside, x, 0.5)
    f, g = corrections(safe)
    scale = ALPHA / (2 * math.pi)
    soft = 0.0
    if order == "exponentiated":
        soft = (1 - safe) ** SOFT - 1 - SOFT * np.log(1 - safe) - SURPLUS
    return (
        np.where(inside, h * (1 + soft) + scale * f, 0.0),
        np.where(inside, k * (1 + soft) + scale * g, 0.0),
    )
