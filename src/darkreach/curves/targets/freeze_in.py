"""Freeze-in of an ALP through l -> l' a as a line in F (arXiv:2209.03371)."""

import math

from typing import Final

import numpy as np

from jaxtyping import Float

from darkreach.constants import DARK_MATTER
from darkreach.cosmology.freeze_in import (
    Statistics,
    abundance,
    closed_abundance,
    effective_scale_of_target,
)
from darkreach.cosmology.warm import warm_dark_matter_mass
from darkreach.curves.curve import Curve
from darkreach.models.lfv_alp import LEPTON_MASS, Pair
from darkreach.units import GeV, keV

__all__ = [
    "abundance",
    "closed_abundance",
    "effective_scale_of_target",
    "target",
    "warm_dark_matter_mass",
]
SOURCE: Final = "after P. Panci et al., arXiv:2209.03371, Phys. Lett. B (2023) 137919"
KEY: Final = "Panci:2022wlc"
BIBTEX: Final = """\
@article{Panci:2022wlc,
  author = {Panci, Paolo and Redigolo, Diego and Schwetz, Thomas and Ziegler, Robert},
  title = {Axion dark matter from lepton flavor-violating decays},
  eprint = {2209.03371},
  archivePrefix = {arXiv},
  primaryClass = {hep-ph},
  year = {2023},
  doi = {10.1016/j.physletb.2023.137919}
}
"""
MASSES: Final = np.geomspace(1 * keV, 1000 * keV, 61)


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
    heaviest = LEPTON_MASS[parent] - LEPTON_MASS[daughter]
    if masses.size == 0 or not (masses[0] > 0 and masses[-1] < heaviest):
        msg = (
            f"masses are {masses / keV} keV; expected positive ones below "
            f"{heaviest / keV:.6g} keV, where {parent} -> {daughter} a is open"
        )
        raise ValueError(msg)
    value = np.array(
        [
            effective_scale_of_target(
                float(mass), pair=pair, statistics=statistics, reheating=reheating
            )
            for mass in masses
        ]
    )
    warm = warm_dark_matter_mass(pair) / keV
    history = "" if math.isinf(reheating) else f" T < {reheating / GeV:.3g} GeV."
    return Curve(
        kind="target",
        label=f"freeze-in, {parent} -> {daughter} a",
        mass=masses,
        value=value,
        quantity="F",
        convention=f"{parent} -> {daughter} a",
        cl=0.95,
        method="Gaussian",
        chirality="any",
        excludes="below",
        source=SOURCE,
        validity=(float(masses[0]), float(masses[-1])),
        key=KEY,
        bibtex=BIBTEX,
        notes=f"Omega h^2 = {DARK_MATTER} from decays alone, {statistics} statistics; "
        f"overproduction below.{history} No confidence level. Errors of F: below 1 % "
        "(muon) and 1 to 6 % (tau) from g_*; scattering with photons, left out, would "
        f"raise F by 1 to 7 %. Too warm below {warm:.3g} keV if it is all dark matter "
        "(thermal relics above 5.3 keV).",
    )
