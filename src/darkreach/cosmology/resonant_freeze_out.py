"""Dark matter that annihilates through an ALP, chi chi -> a* -> gamma gamma.

For m_a a little above 2 m_chi the thermal motion reaches the resonance, so that small
couplings suffice (arXiv:2307.06369, arXiv:1709.00009). The coupling to photons decides,
and that to dark matter does not, while a decays to dark matter and is narrow.

Assumed: the dark matter has the temperature of the plasma until it no longer
annihilates. In this model it scatters on photons through a t-channel a only, too
rarely for that; with resonances, such early kinetic decoupling can change the
abundance by factors (arXiv:1706.07433 [recalled]); g on the line grows by 1.2 (m_a =
2.01 m_chi) to 3 (2.1), see `kinetic_decoupling`. So a line from this file needs another
coupling of chi that keeps it warm. A standard history below T = m_chi is assumed.
"""

import math

from collections.abc import Callable
from dataclasses import replace
from typing import Final

import numpy as np

from scipy.optimize import brentq

from darkreach.constants import DARK_MATTER, HBAR_C, C
from darkreach.cosmology.freeze_in import density
from darkreach.cosmology.freeze_out import (
    Average,
    frozen_number,
    history,
    instantaneous_number,
)
from darkreach.cosmology.resonance import (
    cross_section,
    interpolated,
    narrow_average,
)
from darkreach.models.photon_alp import PhotonAlp
from darkreach.units import GeV, MeV, cm, s

# Planck: f_eff <sigma v> / m_chi at 95 % CL (arXiv:1807.06209 [recalled]), for dark
# matter that is its own antiparticle.
CMB_LIMIT: Final = 3.2e-28 * cm**3 / s / GeV
# Where annihilation after neutrinos decouple begins to change N_eff [recalled].
N_EFF_MASSES: Final = (5 * MeV, 10 * MeV)
ALL_DARK: Final = 1.0  # a y_chi for which a -> chi chi is all but certain
# Largest Gamma(a -> gamma gamma) / m_a; g m_a is 0.4 there, near the end of the theory.
WIDEST: Final = 1e-3
WIDER: Final = 0.2  # step of ln g in that search
START: Final = 1e-4 / GeV  # first guess of a coupling; dark matter is in equilibrium


def check(model: PhotonAlp) -> None:
    """That the resonance is above threshold and that there are couplings.

    Raises:
        ValueError: it is not.
    """
    mass, chi = float(model.mass), float(model.m_chi)
    if not 0 < 2 * chi < mass:
        msg = (
            f"m_a is {mass / GeV:g} GeV and m_chi {chi / GeV:g} GeV; expected "
            "0 < 2 m_chi < m_a, where thermal motion reaches the resonance"
        )
        raise ValueError(msg)
    if not (float(model.y_chi) > 0 and float(model.g_agamma) > 0):
        msg = (
            f"y_chi is {float(model.y_chi):g} and g_agamma "
            f"{float(model.g_agamma) * GeV:g} /GeV; expected both to be positive"
        )
        raise ValueError(msg)


def states(model: PhotonAlp) -> int:
    """States of dark matter: 2 spins, and twice that with antiparticles."""
    return 2 if model.majorana else 4


def share(model: PhotonAlp) -> float:
    """<sigma v> of all states over that of a pair: 1/2 for particle and antiparticle.

    With n the sum of both, the pairs are n^2/4, and each event takes two of n.
    """
    return 1.0 if model.majorana else 0.5


def _shared(model: PhotonAlp, average: Average) -> Average:
    return lambda x: share(model) * average(x)


def _omega(model: PhotonAlp, average: Average) -> float:
    chi = float(model.m_chi)
    past = history(chi, _shared(model, average), states=states(model))
    return density(chi, number=frozen_number(past))


def abundance(model: PhotonAlp) -> float:
    """Omega h^2 of chi: Boltzmann equation with the whole Breit-Wigner."""
    check(model)
    return _omega(model, interpolated(model))


def narrow_abundance(model: PhotonAlp) -> float:
    """Omega h^2 of chi: Boltzmann equation in the limit of a narrow resonance."""
    check(model)
    return _omega(model, lambda x: narrow_average(model, x=x))


def closed_abundance(model: PhotonAlp) -> float:
    """Omega h^2 of chi: narrow resonance, and equilibrium that ends at once at x_f."""
    check(model)
    chi = float(model.m_chi)
    average = _shared(model, lambda x: narrow_average(model, x=x))
    number = instantaneous_number(chi, average, states=states(model))
    return density(chi, number=number)


def coupling_of_target(
    mass: float,
    *,
    ratio: float,
    majorana: bool = True,
    y_chi: float = ALL_DARK,
    abundance: Callable[[PhotonAlp], float] = narrow_abundance,
) -> float:
    """g_agamma [1/GeV] at which all of dark matter is left.

    Args:
        mass: m_a [GeV].
        ratio: m_a / m_chi, above 2.
        majorana: whether chi is its own antiparticle.
        y_chi: its coupling; without meaning for a narrow resonance, unless so small
            that a prefers photons.
        abundance: how Omega h^2 is computed, `abundance`, `narrow_abundance` or
            `closed_abundance`.

    Raises:
        ValueError: no coupling gives it, because a prefers photons.
    """
    model = PhotonAlp(mass=mass, m_chi=mass / ratio, y_chi=y_chi, majorana=majorana)

    def excess(logarithm: float) -> float:
        coupled = replace(model, g_agamma=START * math.exp(logarithm))
        return math.log(abundance(coupled) / DARK_MATTER)

    # Omega h^2 falls a little more slowly than g^-2, so this is near the root
    low = high = excess(0.0) / 2
    end = math.log(math.sqrt(64 * math.pi * WIDEST) / mass / START)
    while high < end and excess(high) > 0:
        low, high = high, high + WIDER
    while excess(low) < 0:
        low -= WIDER
    if high >= end:
        msg = (
            f"no g_agamma leaves all of dark matter at m_a = {mass / GeV:g} GeV, "
            f"m_a/m_chi = {ratio:g} and y_chi = {y_chi:g}, where a decays to photons; "
            "expected a larger y_chi"
        )
        raise ValueError(msg)
    return START * math.exp(float(brentq(excess, low, high, xtol=1e-7)))


def cmb_ratio(model: PhotonAlp, *, efficiency: float = 1.0) -> float:
    """Energy that annihilation gives the plasma at recombination, over its limit.

    sigma v at v -> 0 is that of an s wave below the resonance,
    y^2 g^2 / (4 pi (R^2 - 4)^2) with R = m_a/m_chi. Dirac dark matter may have twice
    as much, because only half of its pairs annihilate.

    Args:
        model: excluded at 95 % CL above 1, if it is all of dark matter.
        efficiency: f_eff, the part of the energy that ionises; 1 is the most that can
            be, photons of 1 MeV to 10 GeV have 0.4 to 0.7 [recalled].
    """
    check(model)
    chi = float(model.m_chi)
    sigma_v = float(cross_section(model, energy=np.array([2 * chi]))[0])
    rate = share(model) * sigma_v * HBAR_C**2 * C
    return efficiency * rate / chi / CMB_LIMIT


def largest_yukawa(model: PhotonAlp, *, efficiency: float = 1.0) -> float:
    """y_chi above which the CMB excludes the model; sigma v grows like y^2.

    Args:
        model: its own y_chi does not matter.
        efficiency: f_eff, see `cmb_ratio`.
    """
    one = replace(model, y_chi=1.0)
    return 1 / math.sqrt(cmb_ratio(one, efficiency=efficiency))


def equal_widths_yukawa(model: PhotonAlp) -> float:
    """y_chi at which a decays to photons as often as to dark matter.

    Args:
        model: its own y_chi does not matter.
    """
    one = replace(model, y_chi=1.0)
    check(one)
    return math.sqrt(float(one.width_to_photons() / one.width_to_dark()))
