"""Degrees of freedom of the plasma, its entropy density and the expansion rate."""

import math

from typing import Final

import numpy as np

from jaxtyping import Float
from scipy.interpolate import PchipInterpolator

from darkreach.constants import PLANCK_MASS
from darkreach.units import GeV

# Temperature [GeV], g_* and g_*s: values of the fit functions of Saikawa and Shirai
# (arXiv:1803.01038, eqs. (C.1) to (C.4)), which rest on lattice QCD (arXiv:1606.07494)
# and on perturbation theory above. Four digits; the coefficients of the fits were seen
# in three public programs that agree, not in the paper itself.
TABLE: Final[tuple[tuple[float, float, float], ...]] = (
    (1e-5, 3.383, 3.931),
    (4e-5, 3.386, 3.933),
    (7e-5, 3.588, 4.121),
    (1e-4, 4.318, 4.798),
    (1.5e-4, 5.96, 6.313),
    (2e-4, 7.311, 7.549),
    (3e-4, 8.881, 8.985),
    (5e-4, 10.0, 10.03),
    (1e-3, 10.55, 10.55),
    (3e-3, 10.71, 10.71),
    (1e-2, 10.74, 10.74),
    (2e-2, 11.32, 11.23),
    (4e-2, 13.73, 13.45),
    (7e-2, 15.86, 15.55),
    (0.1, 17.75, 17.33),
    (0.12, 19.76, 19.09),
    (0.14, 23.86, 22.77),
    (0.16, 29.76, 28.1),
    (0.2, 39.94, 37.46),
    (0.25, 47.28, 44.74),
    (0.3, 51.64, 49.41),
    (0.4, 57.09, 55.36),
    (0.6, 63.35, 62.06),
    (1.0, 69.74, 68.77),
    (2.0, 75.94, 75.3),
    (4.0, 79.37, 79.05),
    (10.0, 80.54, 80.43),
    (20.0, 81.55, 81.21),
    (40.0, 89.22, 88.41),
    (70.0, 97.94, 97.14),
    (120.0, 102.4, 101.8),
    (200.0, 103.8, 103.5),
    (1e4, 104.1, 104.1),
)
_LOG_T: Final = np.log([row[0] for row in TABLE])
_ENERGY: Final = PchipInterpolator(_LOG_T, [row[1] for row in TABLE])
_ENTROPY: Final = PchipInterpolator(_LOG_T, np.log([row[2] for row in TABLE]))
_SLOPE: Final = _ENTROPY.derivative()
HUBBLE: Final = math.sqrt(4 * math.pi**3 / 45)  # 1.660: H = HUBBLE sqrt(g_*) T^2 / M_Pl

Temperature = float | Float[np.ndarray, "..."]


def _place(temperature: Temperature) -> Float[np.ndarray, "..."]:
    """ln(T / GeV), held at the ends of the table."""
    x = np.clip(np.log(np.asarray(temperature) / GeV), _LOG_T[0], _LOG_T[-1])
    return np.asarray(x)


def energy_degrees(temperature: Temperature) -> Float[np.ndarray, "..."]:
    """g_*(T) of the energy density, with rho = (pi^2/30) g_* T^4; T in [GeV].

    Monotone cubic in ln T, constant outside 10 keV to 10 TeV. Within 1 % of the fit
    functions (0.2 % rms); those are within 2 % of the lattice table S2 of
    arXiv:1606.07494 below 0.4 GeV and up to 5 % below it from 1 to 20 GeV.
    """
    return np.asarray(_ENERGY(_place(temperature)))


def entropy_degrees(temperature: Temperature) -> Float[np.ndarray, "..."]:
    """g_*s(T) of the entropy density, with s = (2 pi^2/45) g_*s T^3; T in [GeV].

    Interpolation and errors as for `energy_degrees`.
    """
    return np.asarray(np.exp(_ENTROPY(_place(temperature))))


def entropy_slope(temperature: Temperature) -> Float[np.ndarray, "..."]:
    """d ln g_*s / d ln T; 0 outside the table."""
    x = _place(temperature)
    inside = (x > _LOG_T[0]) & (x < _LOG_T[-1])
    return np.where(inside, _SLOPE(x), 0.0)


def entropy_density(temperature: Temperature) -> Float[np.ndarray, "..."]:
    """Entropy density s(T) [GeV^3]."""
    t = np.asarray(temperature)
    return np.asarray(2 * math.pi**2 / 45 * entropy_degrees(t) * t**3)


def expansion_rate(temperature: Temperature) -> Float[np.ndarray, "..."]:
    """Hubble rate H(T) of a universe of radiation [GeV]."""
    t = np.asarray(temperature)
    return np.asarray(HUBBLE * np.sqrt(energy_degrees(t)) * t**2 / PLANCK_MASS)
