"""The axes on which curves live, and where a model stands on each of them."""

import math

from typing import Final, Literal, get_args

import jax
import jax.numpy as jnp
import numpy as np

from jaxtyping import Array, Float

from darkreach.algebra.kinematics import breakup_momentum
from darkreach.constants import ALPHA, HBAR
from darkreach.models.lfv_alp import (
    LEPTON_MASS,
    Lepton,
    LfvAlp,
    Pair,
    scale_from_branching_ratio,
)
from darkreach.units import GeV, ns

Quantity = Literal[
    "BR", "F", "f_a", "g_agamma", "g_ae", "g_amu", "lifetime", "eps", "g_se", "g_smu"
]

TWO_BODY: Final = "mu -> e a"  # a leaves unseen, as in the two for the tau
TAU_TO_E: Final = "tau -> e a"
TAU_TO_MU: Final = "tau -> mu a"
MU_TO_GAMMAS: Final = "mu -> e a, a -> gamma gamma"
MU_TO_ELECTRONS: Final = "mu -> e a, a -> e e"
PHOTON_LIFETIME: Final = "a -> gamma gamma"  # partial lifetime hbar / Gamma
ELECTRON_COUPLING: Final = "g_ae = C_ee m_e / f_a"
MUON_COUPLING: Final = "g_amu = C_mumu m_mu / f_a"
PHOTON_COUPLING: Final = "L = -(g/4) a F F~"
# Of what couples to photons and perhaps to dark matter, by what a detector sees of it.
PHOTON_PAIRS: Final = "L = -(g/4) a F F~, a -> gamma gamma"
PHOTONS_OUTSIDE: Final = "L = -(g/4) a F F~, a -> gamma gamma outside"
PHOTON_TO_DARK: Final = "L = -(g/4) a F F~, a -> chi chi"
# Of what decays to pairs of electrons and to nothing else below two muons.
ELECTRON_PAIRS: Final = "g_ae = C_ee m_e / f_a, a -> e e"
KINETIC_MIXING: Final = "L = -(eps/2) F'_mn F^mn"
SCALAR_ELECTRON: Final = "L = g phi ebar e"
SCALAR_PAIRS: Final = "L = g phi ebar e, phi -> e e"
SCALAR_MUON: Final = "L = g phi mubar mu"
DARK_MATTER: Final = "a is all of the dark matter"

INVISIBLE: Final[dict[str, Pair]] = {
    TWO_BODY: ("mu", "e"),
    TAU_TO_E: ("tau", "e"),
    TAU_TO_MU: ("tau", "mu"),
}
VISIBLE: Final[dict[str, Pair]] = {
    MU_TO_GAMMAS: ("mu", "e"),
    MU_TO_ELECTRONS: ("mu", "e"),
}
COUPLING: Final[dict[str, Quantity]] = {
    PHOTON_LIFETIME: "lifetime",
    ELECTRON_COUPLING: "g_ae",
    ELECTRON_PAIRS: "g_ae",
    MUON_COUPLING: "g_amu",
    PHOTON_COUPLING: "g_agamma",
}
# Couplings of the models of one resonance, see `curves.resonances`, `curves.photons`.
PORTAL: Final[dict[str, Quantity]] = {
    **dict.fromkeys((PHOTON_PAIRS, PHOTONS_OUTSIDE, PHOTON_TO_DARK), "g_agamma"),
    KINETIC_MIXING: "eps",
    SCALAR_ELECTRON: "g_se",
    SCALAR_PAIRS: "g_se",
    SCALAR_MUON: "g_smu",
}

UNIT: Final[dict[str, float]] = {
    **dict.fromkeys(get_args(Quantity), 1.0),
    **{"F": GeV, "f_a": GeV, "g_agamma": 1 / GeV, "lifetime": ns},
}
SYMBOL: Final[dict[str, str]] = {
    **dict.fromkeys(get_args(Quantity), "1"),
    **{"F": "GeV", "f_a": "GeV", "g_agamma": "1/GeV", "lifetime": "ns"},
}

# The quantity grows like this power of the signal rate.
POWER: Final[dict[str, float]] = {
    **{"BR": 1.0, "F": -0.5, "f_a": -0.5, "lifetime": -1.0},
    **dict.fromkeys(("g_agamma", "g_ae", "g_amu", "eps", "g_se", "g_smu"), 0.5),
}


def certain(
    mass: Float[np.ndarray, " n"], *, pair: Pair, couplings: tuple[float, float]
) -> Float[np.ndarray, " n"]:
    """F [GeV] at which the branching ratio of l -> l' a would be 1, at each mass.

    Args:
        mass: m_a [GeV].
        pair: l and l'.
        couplings: (C^V, C^A) up to a factor.
    """
    c_v, c_a = couplings

    def one(m: Float[Array, ""]) -> Float[Array, ""]:
        return scale_from_branching_ratio(
            1.0, mass=m, parent=pair[0], daughter=pair[1], c_v=c_v, c_a=c_a
        )

    return np.asarray(jax.vmap(one)(jnp.asarray(mass)))


def coupling_to_photons(model: LfvAlp) -> float:
    """g_agamma [1/GeV] from Gamma(a -> gamma gamma) = g^2 m_a^3 / (64 pi).

    For a massless a only the anomaly is left, alpha E / (pi f): the lepton loops vanish
    like m_a^2.
    """
    mass = float(model.mass)
    if mass == 0:
        return ALPHA / math.pi * abs(float(model.anomaly)) / float(model.f)
    width = float(model.width_to_gamma_gamma())
    return math.sqrt(64 * math.pi * width / mass**3)


def coupling_to(lepton: Lepton, model: LfvAlp) -> float:
    """g = |C_ll| m_l / f_a, of L = -i g a lbar gamma5 l; on shell, both legs kept."""
    diagonal = {"e": model.c_ee, "mu": model.c_mumu, "tau": model.c_tautau}
    return abs(float(diagonal[lepton])) * LEPTON_MASS[lepton] / float(model.f)


def photon_lifetime(model: LfvAlp) -> float:
    """hbar / Gamma(a -> gamma gamma) [ns]; infinite without photons."""
    width = float(model.width_to_gamma_gamma())
    return HBAR / width if width > 0 else math.inf


def decay_length(model: LfvAlp, *, pair: Pair = ("mu", "e")) -> float:
    """Mean path of an a from the decay of a lepton at rest, p / m_a c tau [mm].

    The boost of the tau in the laboratory is left out, which shortens the path by a
    factor of about 3 at a B factory: conservative where a must leave unseen.
    """
    parent, daughter = (LEPTON_MASS[x] for x in pair)
    mass = float(model.mass)
    if mass == 0:
        return math.inf
    momentum = float(breakup_momentum(parent, daughter, mass))
    return momentum / mass * float(model.ctau(pair=pair))


def undecayed(length: float, mean: float) -> float:
    """exp(-length / mean), lengths [mm]: probability of no decay within the length."""
    return math.exp(-length / mean) if mean > 0 else 0.0


def decayed(length: float, mean: float) -> float:
    """1 - exp(-length / mean), lengths [mm]: probability of a decay within it."""
    return -math.expm1(-length / mean) if mean > 0 else 1.0


def visible_fraction(model: LfvAlp, convention: str, *, pair: Pair) -> float:
    """Branching ratio of a itself to the final state of a visible convention."""
    total = float(model.width(pair=pair))
    if total == 0:
        return 0.0
    photons = convention.endswith("gamma gamma")
    width = (
        model.width_to_gamma_gamma() if photons else model.width_to_leptons("e", "e")
    )
    return float(width) / total


def standing(model: LfvAlp, quantity: Quantity, *, pair: Pair = ("mu", "e")) -> float:
    """The value of the model on an axis, in base units, all masses kept.

    BR is that of the pair's two-body decay, F = 2 f_a / sqrt(|C^V|^2 + |C^A|^2), and
    f_a is for couplings of unit size, F / 2.
    """
    if quantity == "BR":
        return float(model.branching_ratio_from(*pair))
    if quantity in ("F", "f_a"):
        scale = float(model.effective_scale())
        return scale if quantity == "F" else scale / 2
    if quantity == "lifetime":
        return photon_lifetime(model)
    if quantity == "g_agamma":
        return coupling_to_photons(model)
    return coupling_to("e" if quantity == "g_ae" else "mu", model)
