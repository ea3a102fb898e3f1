"""Limits on couplings from the anomalous moments of the electron and the muon.

What a boson adds at one loop (`anomalous_moment` of the models) must lie within what
measurement and standard model leave open. For the electron the standard model needs the
fine-structure constant, and its two best measurements disagree: a point is excluded
where it is so with both. Loops of photons (Barr and Zee) are left out: they need the
coupling of the boson to photons.
"""

from typing import Final, Literal

import jax
import jax.numpy as jnp
import numpy as np

from jaxtyping import Array, Float
from scipy.stats import norm

from darkreach.curves.axes import (
    ELECTRON_COUPLING,
    KINETIC_MIXING,
    MUON_COUPLING,
    SCALAR_ELECTRON,
    SCALAR_MUON,
    Quantity,
)
from darkreach.curves.curve import Curve
from darkreach.models.dark_photon import DarkPhoton
from darkreach.models.lepton_scalar import LeptonScalar
from darkreach.units import GeV, MeV

Lepton = Literal["e", "mu"]
Boson = Literal["dark photon", "scalar", "pseudoscalar"]
MASSES: Final = np.geomspace(0.1 * MeV, 10 * GeV, 201)
# Measured minus predicted moment and its error, for each prediction. Electron: moment
# of arXiv:2209.13084 with alpha of rubidium (LKB 2020) and of caesium (Berkeley 2018).
DIFFERENCES: Final[dict[Lepton, tuple[tuple[float, float], ...]]] = {
    "e": ((3.4e-13, 1.6e-13), (-10.2e-13, 2.6e-13)),  # [recalled]
    "mu": ((38e-11, 63e-11),),  # 2025 average and White Paper 2025 [recalled]
}
SOURCES: Final[dict[Lepton, str]] = {
    "e": "X. Fan et al., Phys. Rev. Lett. 130, 071801 (2023), arXiv:2209.13084",
    "mu": "Muon g-2, arXiv:2506.03069; R. Aliberti et al., arXiv:2505.21476",
}
KEYS: Final[dict[Lepton, str]] = {"e": "Fan:2022eto", "mu": "Aliberti:2025beg"}
BIBTEX: Final = (
    """@article{Fan:2022eto,
  author = {Fan, X. and Myers, T. G. and Sukra, B. A. D. and Gabrielse, G.},
  title = {Measurement of the Electron Magnetic Moment},
  eprint = {2209.13084},
  archivePrefix = {arXiv},
  journal = {Phys. Rev. Lett.},
  volume = {130},
  pages = {071801},
  year = {2023}
}""",
    """@article{Aliberti:2025beg,
  author = {Aliberti, R. and others},
  title = {The anomalous magnetic moment of the muon in the Standard Model: an update},
  eprint = {2505.21476},
  archivePrefix = {arXiv},
  primaryClass = {hep-ph},
  year = {2025}
}""",
)
AXES: Final[dict[tuple[Boson, Lepton], tuple[Quantity, str]]] = {
    ("dark photon", "e"): ("eps", KINETIC_MIXING),
    ("dark photon", "mu"): ("eps", KINETIC_MIXING),
    ("scalar", "e"): ("g_se", SCALAR_ELECTRON),
    ("scalar", "mu"): ("g_smu", SCALAR_MUON),
    ("pseudoscalar", "e"): ("g_ae", ELECTRON_COUPLING),
    ("pseudoscalar", "mu"): ("g_amu", MUON_COUPLING),
}


def allowed(lepton: Lepton, *, cl: float = 0.95) -> tuple[float, float]:
    """What new particles may add to a_l, at this two-sided level for each prediction.

    From the lowest to the highest end of the intervals of all predictions.
    """
    if not 0.5 < cl < 1:
        msg = f"the level is {cl}; expected a number between 0.5 and 1, such as 0.95"
        raise ValueError(msg)
    z = float(norm.ppf(0.5 + cl / 2))
    low = min(x - z * error for x, error in DIFFERENCES[lepton])
    return low, max(x + z * error for x, error in DIFFERENCES[lepton])


def moment_of_unit_coupling(
    boson: Boson, lepton: Lepton, mass: float | Float[Array, ""]
) -> Float[Array, ""]:
    """Contribution to a_l of a boson of this mass [GeV] with a coupling of 1."""
    if boson == "dark photon":
        return DarkPhoton(mass=mass, eps=1.0).anomalous_moment(lepton)
    if boson == "scalar":
        return LeptonScalar(mass=mass, g_s_e=1.0, g_s_mu=1.0).anomalous_moment(lepton)
    return LeptonScalar(mass=mass, g_p_e=1.0, g_p_mu=1.0).anomalous_moment(lepton)


def moment_bound(
    boson: Boson,
    lepton: Lepton,
    *,
    cl: float = 0.95,
    masses: Float[np.ndarray, " n"] = MASSES,
) -> Curve:
    """Largest coupling that the moment of a lepton allows.

    Args:
        boson: dark photons and scalars raise the moment, pseudoscalars lower it.
        lepton: whose moment.
        cl: two-sided level.
        masses: of the boson [GeV], increasing.
    """

    def unit(mass: Float[Array, ""]) -> Float[Array, ""]:
        return moment_of_unit_coupling(boson, lepton, mass)

    size = np.asarray(jax.vmap(unit)(jnp.asarray(masses)))
    low, high = allowed(lepton, cl=cl)
    value = np.sqrt(np.where(size > 0, high, low) / size)
    quantity, convention = AXES[boson, lepton]
    return Curve(
        kind="bound",
        label=f"(g-2)_{lepton}",
        mass=masses,
        value=value,
        quantity=quantity,
        convention=convention,
        cl=cl,
        method="Gaussian",
        chirality="any",
        excludes="above",
        source=SOURCES[lepton],
        key=KEYS[lepton],
        validity=(float(masses[0]), float(masses[-1])),
        notes="One loop, computed here; differences of moments recalled. The weakest "
        "of the predictions of the standard model counts.",
    )
