"""Dark matter from l -> l' a in the early universe (arXiv:2209.03371)."""

import math

from dataclasses import dataclass
from typing import Final, Literal

import numpy as np

from jaxtyping import Float
from scipy.special import zeta

from darkreach.algebra.kinematics import breakup_momentum
from darkreach.constants import (
    CRITICAL_DENSITY,
    DARK_MATTER,
    ENTROPY_TODAY,
    PLANCK_MASS,
)
from darkreach.cosmology.degrees import (
    HUBBLE,
    energy_degrees,
    entropy_degrees,
    entropy_density,
    entropy_slope,
    expansion_rate,
)
from darkreach.models.lfv_alp import LEPTON_MASS, Coupling, LfvAlp, Pair
from darkreach.units import GeV

Statistics = Literal["quantum", "classical"]
SPINS: Final = 2  # of the parent
CHARGES: Final = 2  # l- -> l'- a and l+ -> l'+ a
X_MIN: Final = 1e-2  # m/T where production starts; what is missed is below 1e-6
X_SPAN: Final = 60.0  # range of m/T, to where no parent is left
_T_NODES: Final = np.polynomial.legendre.leggauss(120)
_E_NODES: Final = np.polynomial.legendre.leggauss(40)
E_SPAN: Final = 7.0  # kinetic energies up to 49 T


@dataclass(frozen=True, kw_only=True)
class Bath:
    """Quadrature nodes of the decaying leptons, one row a temperature.

    Attributes:
        temperature: T [GeV].
        step: weight of ln T, times (1 + d ln g_*s / (3 d ln T)) / (s H) [GeV^-4].
        energy: E of the parent [GeV].
        momentum: p of the parent [GeV].
        measure: weight of a node in its decays per volume and time over their width
            in vacuum, g m p f(E) dE / (2 pi^2) [GeV^3]; 1 - f of the daughter is left.
    """

    temperature: Float[np.ndarray, " t"]
    step: Float[np.ndarray, " t"]
    energy: Float[np.ndarray, "t e"]
    momentum: Float[np.ndarray, "t e"]
    measure: Float[np.ndarray, "t e"]


def bath(parent_mass: float, *, statistics: Statistics, reheating: float) -> Bath:
    """Nodes for a parent of this mass [GeV], from T = `reheating` [GeV] down."""
    if not reheating > 0:
        msg = (
            f"the reheating temperature is {reheating / GeV} GeV; expected a positive "
            "one, or math.inf"
        )
        raise ValueError(msg)
    first = max(X_MIN, parent_mass / reheating)
    low, high = math.log(first), math.log(first + X_SPAN)
    nodes, weights = _T_NODES
    t = parent_mass / np.exp(low + (high - low) * (1 + nodes) / 2)
    factor = (1 + entropy_slope(t) / 3) / (entropy_density(t) * expansion_rate(t))
    step = (high - low) / 2 * weights * factor
    # E = m + T u^2: the integrand is then smooth where the momentum vanishes.
    u = E_SPAN * (1 + _E_NODES[0]) / 2
    kinetic = t[:, None] * u**2
    energy = parent_mass + kinetic
    momentum = np.sqrt(kinetic * (energy + parent_mass))
    sign = 1.0 if statistics == "quantum" else 0.0
    occupied = 1 / (np.exp(energy / t[:, None]) + sign)
    interval = t[:, None] * E_SPAN * u * _E_NODES[1]
    measure = SPINS * parent_mass / (2 * math.pi**2) * momentum * occupied * interval
    return Bath(
        temperature=t, step=step, energy=energy, momentum=momentum, measure=measure
    )


def _unblocked(
    nodes: Bath, parent_mass: float, daughter_mass: float, mass: float
) -> Float[np.ndarray, "t e"]:
    """Mean of 1 - f(E') over the directions of the daughter.

    The daughter is isotropic in the frame of an unpolarised parent, so E' is uniform
    between (E E* - p p*)/m and (E E* + p p*)/m, and 1/(1 + exp(-E'/T)) is the
    derivative of E' + T ln(1 + exp(-E'/T)).
    """
    star = float(breakup_momentum(parent_mass, daughter_mass, mass))
    middle = nodes.energy * math.hypot(star, daughter_mass) / parent_mass
    half = nodes.momentum * star / parent_mass
    t = nodes.temperature[:, None]
    low, high = np.exp((half - middle) / t), np.exp((-half - middle) / t)
    return np.asarray(1 + t * (np.log1p(high) - np.log1p(low)) / (2 * half))


def yield_per_width(
    pair: Pair,
    *,
    mass: float = 0.0,
    statistics: Statistics = "quantum",
    reheating: float = math.inf,
) -> float:
    """Y / Gamma [1/GeV]: number of ALPs over entropy, over the width in vacuum.

    dY/dlnT = -C / (s H) (1 + d ln g_*s / (3 d ln T)), where C counts the decays of both
    charges. The leptons are in equilibrium, in number the antileptons equal them, and
    the ALPs are too few to decay back.

    Args:
        pair: (parent, daughter).
        mass: m_a [GeV], for the energy of the daughter.
        statistics: `quantum` is Fermi-Dirac with the daughter's Pauli blocking;
            `classical` is Maxwell-Boltzmann.
        reheating: highest temperature [GeV]; nothing is produced above it.
    """
    parent, daughter = (LEPTON_MASS[lepton] for lepton in pair)
    if parent <= daughter + mass:
        return 0.0
    nodes = bath(parent, statistics=statistics, reheating=reheating)
    rate = nodes.measure
    if statistics == "quantum":
        rate = rate * _unblocked(nodes, parent, daughter, mass)
    return float(CHARGES * nodes.step @ rate.sum(axis=1))


def density(mass: float, *, number: float) -> float:
    """Omega h^2 of particles of this mass [GeV]; `number` is n / s today."""
    return mass * number * ENTROPY_TODAY / CRITICAL_DENSITY


def abundance(
    model: LfvAlp,
    *,
    pair: Pair = ("mu", "e"),
    statistics: Statistics = "quantum",
    reheating: float = math.inf,
) -> float:
    """Omega h^2 of ALPs from the decays of one flavour pair.

    Scattering with a photon (`scattering.fraction`, 4 to 12 % before virtual photons
    cancel its logarithms) is left out, as are radiative corrections and thermal masses,
    all of order alpha. So are the decays back: above `thermal_abundance` the ALPs
    come to equilibrium, and this is too large.

    Args:
        model: mass, f and the two flavour-violating couplings.
        pair: (parent, daughter), which owns these couplings.
        statistics: see `yield_per_width`.
        reheating: highest temperature [GeV].
    """
    mass = float(model.mass)
    ratio = yield_per_width(pair, mass=mass, statistics=statistics, reheating=reheating)
    return density(mass, number=ratio * float(model.width_from(*pair)))


def thermal_abundance(mass: float, *, pair: Pair = ("mu", "e")) -> float:
    """Omega h^2 of ALPs that are in equilibrium when the parents leave it.

    n / s = 45 zeta(3) / (2 pi^4 g_*s) of one boson, with g_*s at T = m_l: what decays
    make cannot be more than about this.

    Args:
        mass: m_a [GeV], far below that of the parent.
        pair: (parent, daughter).
    """
    degrees = float(entropy_degrees(LEPTON_MASS[pair[0]]))
    number = 45 * float(zeta(3)) / (2 * math.pi**4 * degrees)
    return density(mass, number=number)


def closed_abundance(
    model: LfvAlp, *, pair: Pair = ("mu", "e"), degrees: float | None = None
) -> float:
    """Omega h^2 for Maxwell-Boltzmann statistics and constant degrees of freedom.

    Y = 2 * 135 g_l M_Pl Gamma / (8 pi^3 1.66 g_*^(3/2) m_l^2) with g_l = 2 spins; the
    factor 2 is for both charges. The formula of arXiv:2209.03371 with its constant.

    Args:
        model: mass, f and the two flavour-violating couplings.
        pair: (parent, daughter).
        degrees: g_*; at T = m_l if not given.
    """
    m = LEPTON_MASS[pair[0]]
    g = float(energy_degrees(m)) if degrees is None else degrees
    width = float(model.width_from(*pair))
    constant = CHARGES * 135 * SPINS / (8 * math.pi**3 * HUBBLE * g**1.5)
    number = constant * PLANCK_MASS * width / m**2
    return density(float(model.mass), number=number)


def effective_scale_of_target(
    mass: float,
    *,
    pair: Pair = ("mu", "e"),
    c_v: Coupling = 1.0,
    c_a: Coupling = 0.0,
    statistics: Statistics = "quantum",
    reheating: float = math.inf,
) -> float:
    """F [GeV] at which freeze-in gives all dark matter; 0 where the decay is closed.

    Args:
        mass: m_a [GeV].
        pair: (parent, daughter).
        c_v: vector coupling; only the ratio to `c_a` matters, and for light a not even
            that.
        c_a: axial coupling.
        statistics: see `yield_per_width`.
        reheating: highest temperature [GeV].
    """
    model = LfvAlp(mass=mass, c_v=c_v, c_a=c_a)
    omega = abundance(model, pair=pair, statistics=statistics, reheating=reheating)
    return float(model.effective_scale()) * math.sqrt(omega / DARK_MATTER)
