"""Freeze-in of an ALP through l -> l' a as a line in F (arXiv:2209.03371)."""

import math

from collections.abc import Callable
from typing import Any, Final

import numpy as np

from jaxtyping import Float

from darkreach.constants import DARK_MATTER
from darkreach.cosmology.freeze_in import (
    Statistics,
    abundance,
    closed_abundance,
    effective_scale_of_target,
    thermal_abundance,
)
from darkreach.cosmology.warm import warm_dark_matter_mass
from darkreach.curves.curve import Curve
from darkreach.models.lfv_alp import BIBTEX as ENTRIES
from darkreach.models.lfv_alp import LEPTON_MASS, Pair
from darkreach.units import GeV, keV

__all__ = [
    "abundance",
    "closed_abundance",
    "effective_scale_of_target",
    "line",
    "target",
    "thermal_abundance",
    "warm_dark_matter_mass",
]
SOURCE: Final = "after P. Panci et al., arXiv:2209.03371, Phys. Lett. B (2023) 137919"
KEY: Final = "Panci:2022wlc"
MASSES: Final = np.geomspace(1 * keV, 1000 * keV, 61)


def line(
    masses: Float[np.ndarray, " n"],
    scale_at: Callable[[float], float],
    *,
    end: float,
    opens: str,
    **words: Any,
) -> Curve:
    """A target as a line in F, which excludes below and has no confidence level.

    Args:
        masses: m_a [GeV], increasing.
        scale_at: F [GeV] at a mass.
        end: masses must be below [GeV].
        opens: what happens there, for the error.
        words: the label, convention and notes of the curve.

    Raises:
        ValueError: a mass is not between 0 and `end`.
    """
    if masses.size == 0 or not (masses[0] > 0 and masses[-1] < end):
        msg = (
            f"masses are {masses / keV} keV; expected positive ones below "
            f"{end / keV:.6g} keV, where {opens}"
        )
        raise ValueError(msg)
    return Curve(
        kind="target",
        mass=masses,
        value=np.array([scale_at(float(mass)) for mass in masses]),
        quantity="F",
        cl=0.95,
        method="none",
        chirality="any",
        excludes="below",
        source=SOURCE,
        validity=(float(masses[0]), float(masses[-1])),
        key=KEY,
        bibtex=next(entry for entry in ENTRIES if KEY in entry),
        **words,
    )


def target(
    *,
    pair: Pair = ("mu", "e"),
    masses: Float[np.ndarray, " n"] = MASSES,
    statistics: Statistics = "quantum",
    reheating: float = math.inf,
) -> Curve:
    """F at which decays l -> l' a alone make all dark matter.

    Smaller F make too much of it, so the line `excludes` below: overproduction, for a
    standard history with temperatures above the parent's mass (or up to `reheating`).
    Above the line the ALP is a part of dark matter, or another source makes the rest.

    Args:
        pair: (parent, daughter).
        masses: m_a [GeV], increasing.
        statistics: `quantum` or `classical`, see `cosmology.freeze_in`.
        reheating: highest temperature [GeV].
    """
    parent, daughter = pair

    def scale_at(mass: float) -> float:
        return effective_scale_of_target(
            mass, pair=pair, statistics=statistics, reheating=reheating
        )

    warm = warm_dark_matter_mass(pair) / keV
    history = "" if math.isinf(reheating) else f" T < {reheating / GeV:.3g} GeV."
    return line(
        masses,
        scale_at,
        end=LEPTON_MASS[parent] - LEPTON_MASS[daughter],
        opens=f"{parent} -> {daughter} a closes",
        label=f"freeze-in, {parent} -> {daughter} a",
        convention=f"{parent} -> {daughter} a",
        notes=f"Omega h^2 = {DARK_MATTER} from decays alone, {statistics} statistics; "
        f"overproduction below.{history} No confidence level. Errors of F: below 1 % "
        "(muon) and 1 to 6 % (tau) from g_*; scattering with photons, left out, would "
        f"raise F by 1 to 6 %. Too warm below {warm:.3g} keV if it is all dark matter "
        "(thermal relics above 5.3 keV).",
    )
