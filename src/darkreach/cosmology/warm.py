"""How warm freeze-in dark matter is, and the smallest mass that structure allows."""

import math

from dataclasses import dataclass
from typing import Final

import numpy as np

from jaxtyping import Float
from scipy.special import zeta

from darkreach.algebra.kinematics import breakup_momentum
from darkreach.constants import CRITICAL_DENSITY, DARK_MATTER, HBAR, T_CMB, C
from darkreach.cosmology.degrees import entropy_degrees
from darkreach.cosmology.freeze_in import (
    CHARGES,
    SPINS,
    Statistics,
    bath,
    yield_per_width,
)
from darkreach.models.lfv_alp import LEPTON_MASS, Pair
from darkreach.units import keV

# Thermal relics lighter than this leave too little structure in the Lyman-alpha
# forest: 5.3 keV (arXiv:1702.01764, 95 % CL), 3.5 keV for a freer temperature history
# of the gas [both recalled].
LYMAN_ALPHA: Final = 5.3 * keV
LYMAN_ALPHA_CONSERVATIVE: Final = 3.5 * keV
ENTROPY_DEGREES_TODAY: Final = 2 + 21 / 11  # photons and three neutrinos: 3.909
_COSINES: Final = np.polynomial.legendre.leggauss(16)


@dataclass(frozen=True, kw_only=True)
class Moments:
    """Momenta of the ALPs.

    Attributes:
        mean: today [GeV].
        rms: today [GeV].
        mean_over_temperature: of p/T when produced.
        rms_over_temperature: of p/T when produced.
        degrees: g_*s at production: mean of its power -2/3, to the power -3/2, which
            is what enters the rms.
    """

    mean: float
    rms: float
    mean_over_temperature: float
    rms_over_temperature: float
    degrees: float


def moments(
    pair: Pair,
    *,
    mass: float = 0.0,
    statistics: Statistics = "quantum",
    reheating: float = math.inf,
) -> Moments:
    """Mean and rms momentum of ALPs from l -> l' a.

    A momentum falls like 1/R and R^3 s is constant, so that today it is
    p (T_0/T) (g_*s(T_0) / g_*s(T))^(1/3). For Maxwell-Boltzmann statistics and constant
    g_*, with q = p/T, the spectrum is dn/dq ~ q^(3/2) exp(-q): mean 5/2, rms
    sqrt(35)/2 = 2.958. As g_* falls with time, late ALPs count more; their q is larger.

    Args:
        pair: (parent, daughter).
        mass: m_a [GeV].
        statistics: see `freeze_in.yield_per_width`.
        reheating: highest temperature [GeV].
    """
    m, n = (LEPTON_MASS[lepton] for lepton in pair)
    if m <= n + mass:
        msg = f"{pair[0]} -> {pair[1]} a is closed; give a lighter ALP or another pair"
        raise ValueError(msg)
    nodes = bath(m, statistics=statistics, reheating=reheating)
    star = float(breakup_momentum(m, n, mass))
    cosine, weight = _COSINES
    along = star * cosine
    energy, momentum = nodes.energy[..., None], nodes.momentum[..., None]
    t = nodes.temperature[:, None, None]
    alp = (energy * math.hypot(star, mass) + momentum * along) / m
    partner = (energy * math.hypot(star, n) - momentum * along) / m
    occupied = 1 / (np.exp(partner / t) + 1) if statistics == "quantum" else 0.0
    produced = nodes.step[:, None, None] * nodes.measure[..., None] * weight / 2
    produced = produced * (1 - occupied)
    share: Float[np.ndarray, "t e c"] = produced / produced.sum()
    q = np.sqrt(alp**2 - mass**2) / t
    diluted = (ENTROPY_DEGREES_TODAY / entropy_degrees(t)) ** (1 / 3)
    today = T_CMB * diluted * q
    square = float((share * diluted**2).sum())
    return Moments(
        mean=float((share * today).sum()),
        rms=math.sqrt(float((share * today**2).sum())),
        mean_over_temperature=float((share * q).sum()),
        rms_over_temperature=math.sqrt(float((share * q**2).sum())),
        degrees=ENTROPY_DEGREES_TODAY * square**-1.5,
    )


def spectrum(
    q: Float[np.ndarray, " q"], pair: Pair, *, statistics: Statistics = "quantum"
) -> Float[np.ndarray, " q"]:
    """dn/dq of light ALPs today, normalised to 1, with q = p / T_CMB.

    The ALPs of one temperature are distributed as int dE f(E) [1 - f(E - E_a)] over
    E > E_min = m/2 (E_a/E* + E*/E_a), E* being their energy from a parent at rest.
    Both integrals over E are elementary. f(q) ~ dn/dq / q^2 is what a Boltzmann code
    for structure needs.

    Args:
        q: momentum today over the temperature of photons today, positive.
        pair: (parent, daughter).
        statistics: see `freeze_in.yield_per_width`.
    """
    m, n = (LEPTON_MASS[lepton] for lepton in pair)
    nodes = bath(m, statistics=statistics, reheating=math.inf)
    t = nodes.temperature[:, None]
    rest = (m**2 - n**2) / (2 * m)
    diluted = (ENTROPY_DEGREES_TODAY / entropy_degrees(t)) ** (1 / 3)
    then = q / diluted  # E_a / T
    least = m / 2 * (then / rest + rest / (then * t**2))  # E_min / T
    if statistics == "quantum":
        difference = np.log1p(np.exp(then - least)) - np.log1p(np.exp(-least))
        per_energy = difference / np.expm1(then)
    else:
        per_energy = np.exp(-least)
    # g m^2 T / (4 pi^2 E*) for dE, and T / diluted from dE_a to dq
    density = SPINS * m**2 / (4 * math.pi**2 * rest) * t**2 / diluted * per_energy
    total = yield_per_width(pair, statistics=statistics) / CHARGES
    return np.asarray(nodes.step @ density / total)


def thermal_relic_momentum(mass: float) -> float:
    """RMS momentum today [GeV] of a thermal relic that is all dark matter.

    A fermion with two spins and a Fermi-Dirac spectrum of temperature T_x; the relic
    density fixes its number, 3 zeta(3) T_x^3 / (2 pi^2), and so T_x; rms 3.597 T_x.

    Args:
        mass: m_WDM [GeV].
    """
    number = DARK_MATTER * CRITICAL_DENSITY / mass * (HBAR * C) ** 3
    temperature = (number * 2 * math.pi**2 / (3 * float(zeta(3)))) ** (1 / 3)
    return float(temperature * math.sqrt(15 * float(zeta(5)) / float(zeta(3))))


def warm_dark_matter_mass(
    pair: Pair,
    *,
    thermal_mass: float = LYMAN_ALPHA,
    statistics: Statistics = "quantum",
) -> float:
    """Smallest m_a [GeV] as fast, in the rms, as a thermal relic of `thermal_mass`.

    For light parents as for heavy ones; as arXiv:2011.13458 and arXiv:2111.09321 do
    [recalled]. Their 15 keV are for parents decaying while g_*s = 106.75; for muons
    it is 13 and the ALPs are twice as fast. A full treatment would compare transfer
    functions; the rms is good to some per cent of the mass [assumed].

    Args:
        pair: (parent, daughter).
        thermal_mass: limit on a thermal relic [GeV].
        statistics: see `freeze_in.yield_per_width`.
    """
    if not thermal_mass > 0:
        msg = f"the thermal mass is {thermal_mass / keV} keV; expected a positive one"
        raise ValueError(msg)
    rms = moments(pair, statistics=statistics).rms
    return thermal_mass * rms / thermal_relic_momentum(thermal_mass)
