"""Resonant freeze-out through a photon-coupled ALP as a line in g_agamma."""

from typing import Final

import numpy as np

from jaxtyping import Float

from darkreach.constants import DARK_MATTER
from darkreach.cosmology.kinetic_decoupling import decoupled_abundance
from darkreach.cosmology.resonant_freeze_out import (
    ALL_DARK,
    N_EFF_MASSES,
    abundance,
    coupling_of_target,
    narrow_abundance,
)
from darkreach.curves.axes import PHOTON_TO_DARK
from darkreach.curves.curve import Curve
from darkreach.models.photon_alp import BIBTEX as ENTRIES
from darkreach.units import GeV, MeV

SOURCE: Final = "computed; after F. Acanfora et al., arXiv:2307.06369"
KEY: Final = "Acanfora:2023gzr"
MASSES: Final = np.geomspace(10 * MeV, 10 * GeV, 31)
RATIOS: Final = (2.01, 2.05, 2.1, 2.2, 2.3, 2.5)  # m_a / m_chi of the lines in figures
LARGEST: Final = 2.2  # m_a / m_chi of a line with early kinetic decoupling


def convention(ratio: float, *, majorana: bool) -> str:
    """What a point on the line is: the Lagrangian, the mass and kind of chi."""
    kind = "Majorana" if majorana else "Dirac"
    return f"{PHOTON_TO_DARK}, {kind} m_chi = m_a / {ratio:g}"


def relic_line(
    masses: Float[np.ndarray, " n"] = MASSES,
    *,
    ratio: float,
    majorana: bool = True,
    y_chi: float | None = None,
) -> Curve:
    """g_agamma at which chi that annihilates through a makes all of dark matter.

    Smaller couplings leave too much, so the line `excludes` below: overproduction, for
    a standard history and without other annihilation. Above, chi is a part of dark
    matter.

    Args:
        masses: m_a [GeV], increasing.
        ratio: m_a / m_chi, above 2.
        majorana: whether chi is its own antiparticle.
        y_chi: its coupling, for the whole Breit-Wigner; None for a narrow resonance
            that decays to dark matter alone, where y does not matter.

    Raises:
        ValueError: a mass is not positive, or no coupling gives dark matter.
    """
    _check(masses, ratio)
    narrow = y_chi is None
    values = [
        coupling_of_target(
            float(mass),
            ratio=ratio,
            majorana=majorana,
            y_chi=ALL_DARK if y_chi is None else y_chi,
            abundance=narrow_abundance if narrow else abundance,
        )
        for mass in masses
    ]
    words = "narrow resonance, a -> chi chi alone"
    words = words if narrow else f"whole Breit-Wigner, y = {y_chi:g}"
    return _curve(
        masses,
        values,
        ratio=ratio,
        majorana=majorana,
        words=f"{words}. Early kinetic decoupling is left out",
        condition="chi annihilates through a alone, at the temperature of the plasma",
    )


def decoupled_line(
    masses: Float[np.ndarray, " n"] = MASSES,
    *,
    ratio: float,
    majorana: bool = True,
    y_chi: float = 0.01,
) -> Curve:
    """As `relic_line`, where only photons keep chi at the temperature of the plasma.

    The couplings of the model alone do no more, see `cosmology.kinetic_decoupling`.
    For a narrow resonance; above a ratio of 2.2 its tail is no longer small.

    Args:
        masses: m_a [GeV], increasing.
        ratio: m_a / m_chi, above 2 and at most 2.2.
        majorana: whether chi is its own antiparticle.
        y_chi: its coupling, which decides how long photons scatter.

    Raises:
        ValueError: a mass is not positive, or the ratio is out of range.
    """
    _check(masses, ratio)
    if ratio > LARGEST:
        msg = f"m_a/m_chi is {ratio:g}; expected at most {LARGEST:g}, see the docstring"
        raise ValueError(msg)
    values = [
        coupling_of_target(
            float(mass),
            ratio=ratio,
            majorana=majorana,
            y_chi=y_chi,
            abundance=decoupled_abundance,
        )
        for mass in masses
    ]
    return _curve(
        masses,
        values,
        ratio=ratio,
        majorana=majorana,
        words=f"narrow resonance, chi with a temperature of its own, y = {y_chi:g}",
        condition="chi annihilates through a alone, and scatters through a alone",
    )


def _check(masses: Float[np.ndarray, " n"], ratio: float) -> None:
    if masses.size == 0 or not (masses[0] > 0 and ratio > 2):
        msg = (
            f"masses are {masses / GeV} GeV and m_a/m_chi {ratio:g}; expected positive "
            "ones and a ratio above 2"
        )
        raise ValueError(msg)


def _curve(
    masses: Float[np.ndarray, " n"],
    values: list[float],
    *,
    ratio: float,
    majorana: bool,
    words: str,
    condition: str,
) -> Curve:
    low, high = (x / MeV for x in N_EFF_MASSES)
    return Curve(
        kind="target",
        label=f"{'Majorana' if majorana else 'Dirac'}, m_a/m_chi = {ratio:g}",
        mass=masses,
        value=np.array(values),
        quantity="g_agamma",
        convention=convention(ratio, majorana=majorana),
        cl=0.95,
        method="none",
        chirality="any",
        excludes="below",
        source=SOURCE,
        validity=(float(masses[0]), float(masses[-1])),
        key=KEY,
        bibtex=next(entry for entry in ENTRIES if KEY in entry),
        condition=condition,
        notes=f"Omega h^2 = {DARK_MATTER}, Boltzmann equation, {words}. No confidence "
        f"level. N_eff excludes m_chi below {low:g} to {high:g} MeV.",
    )
