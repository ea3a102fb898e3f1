"""How long an ALP must live against a -> gamma gamma, as a line in F.

Charged-lepton loops without anomaly (arXiv:2209.03371): tan(alpha) = C_ll / C_ll' is
one number for all three diagonal couplings, and C_ll' = sqrt(|C^V|^2 + |C^A|^2).
"""

import math

from typing import Final

import numpy as np

from jaxtyping import Float
from scipy.optimize import brentq

from darkreach.constants import HBAR, M_E
from darkreach.cosmology.freeze_in import effective_scale_of_target
from darkreach.curves.curve import Curve
from darkreach.curves.targets.freeze_in import MASSES, line
from darkreach.models.lfv_alp import LfvAlp, Pair
from darkreach.units import GeV, keV, s

# X- and gamma-ray lines of dark matter, the range of requirements of arXiv:2209.03371.
REQUIRED: Final = (1e26 * s, 1e28 * s)


def _check(lifetime: float, tan_alpha: float) -> None:
    if not (lifetime > 0 and tan_alpha > 0):
        msg = (
            f"lifetime {lifetime / s} s and tan(alpha) {tan_alpha} are given; expected "
            "both to be positive (without diagonal couplings the ALP does not decay)"
        )
        raise ValueError(msg)


def effective_scale_of_lifetime(
    mass: float, *, lifetime: float, tan_alpha: float = 1.0
) -> float:
    """F [GeV] at which the lifetime against two photons takes this value.

    Args:
        mass: m_a [GeV].
        lifetime: [ns], such as `1e28 * s`.
        tan_alpha: C_ll / C_ll' of each charged lepton.
    """
    _check(lifetime, tan_alpha)
    model = LfvAlp(
        mass=mass,
        f=1 * GeV,
        c_v=1.0,
        c_ee=tan_alpha,
        c_mumu=tan_alpha,
        c_tautau=tan_alpha,
    )
    # The width falls like 1/f^2.
    ratio = math.sqrt(lifetime * float(model.width_to_gamma_gamma()) / HBAR)
    return float(model.effective_scale()) * ratio


def lifetime_mass_limit(
    pair: Pair = ("mu", "e"), *, lifetime: float = 1e28 * s, tan_alpha: float = 1.0
) -> float:
    """Largest m_a [GeV] of freeze-in dark matter that lives long enough.

    F is that of `effective_scale_of_target`. At small masses the lifetime falls like
    m_a^-6 along the line. At most 2 m_e, where a -> e+ e- opens.

    Args:
        pair: (parent, daughter) of the decay that makes the ALPs.
        lifetime: required [ns].
        tan_alpha: C_ll / C_ll' of each charged lepton.

    Raises:
        ValueError: not even an a of 1 eV lives that long.
    """
    _check(lifetime, tan_alpha)

    def excess(logarithm: float) -> float:
        mass = math.exp(logarithm) * keV
        needed = effective_scale_of_lifetime(
            mass, lifetime=lifetime, tan_alpha=tan_alpha
        )
        return math.log(needed / effective_scale_of_target(mass, pair=pair))

    low, high = math.log(1e-3), math.log(2 * M_E / keV * (1 - 1e-9))
    if excess(high) <= 0:
        return 2 * M_E
    if excess(low) > 0:
        msg = (
            f"not even an a of 1 eV lives {lifetime / s:g} s with tan(alpha) = "
            f"{tan_alpha:g}; expected a shorter lifetime or a smaller tan(alpha)"
        )
        raise ValueError(msg)
    return math.exp(float(brentq(excess, low, high, rtol=1e-10))) * keV


def target(
    *,
    pair: Pair = ("mu", "e"),
    lifetime: float = 1e28 * s,
    tan_alpha: float = 1.0,
    masses: Float[np.ndarray, " n"] = MASSES,
) -> Curve:
    """F above which an ALP, if it is all dark matter, lives long enough.

    A slice in the couplings, which the convention names, and so no limit on F alone.

    Args:
        pair: (parent, daughter) whose coupling C_ll' is.
        lifetime: required against two photons [ns].
        tan_alpha: C_ll / C_ll' of each charged lepton.
        masses: m_a [GeV], increasing, below 2 m_e.
    """

    def scale_at(mass: float) -> float:
        return effective_scale_of_lifetime(mass, lifetime=lifetime, tan_alpha=tan_alpha)

    return line(
        masses,
        scale_at,
        end=2 * M_E,
        opens="a -> e+ e- opens",
        label=f"two photons, {lifetime / s:.3g} s, tan(alpha) = {tan_alpha:.3g}",
        convention=f"{pair[0]} -> {pair[1]} a with C_ll = {tan_alpha:.3g} C_ll'",
        notes="One-loop decay by the three charged leptons, no anomaly, equal diagonal "
        "couplings. A round requirement, not a measured flux: no confidence level.",
    )
