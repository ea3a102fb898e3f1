"""Standard Model inputs, all from one edition: PDG 2024 (Phys. Rev. D 110, 030001).

Masses, lifetimes and couplings are used nowhere else as literals.
"""

import math

from typing import Final

from darkreach.units import GeV, MeV, cm, eV, fm, m, s

C: Final = 299792458 * m / s  # speed of light, exact
HBAR: Final = 6.582119569e-25 * GeV * s  # exact in the 2019 SI
HBAR_C: Final = 197.3269804 * MeV * fm  # exact in the 2019 SI

ALPHA: Final = 7.2973525643e-3  # fine-structure constant at Q^2 = 0 (CODATA 2022)
E_CHARGE: Final = math.sqrt(4 * math.pi * ALPHA)  # Heaviside-Lorentz
G_F: Final = 1.1663788e-5 / GeV**2  # from the muon lifetime

M_E: Final = 0.51099895069 * MeV
M_MU: Final = 105.6583755 * MeV
M_TAU: Final = 1776.93 * MeV
M_PI: Final = 139.57039 * MeV  # charged pion [recalled]

TAU_MU: Final = 2.1969811e-6 * s  # measured muon lifetime
TAU_TAU: Final = 290.3e-15 * s  # measured tau lifetime
WIDTH_MU: Final = HBAR / TAU_MU  # measured total width
WIDTH_TAU: Final = HBAR / TAU_TAU
BR_TAU_TO_E: Final = 0.1782  # e nu nu [recalled, like the other fractions of the tau]
BR_TAU_TO_MU: Final = 0.1739  # mu nu nu
BR_TAU_TO_PI: Final = 0.1082  # pi nu
BR_TAU_TO_3PI: Final = 0.0931  # pi- pi+ pi- nu, without K0

# Cosmology: PDG 2024, reviews "Physical Constants" and "Astrophysical Constants and
# Parameters". CODATA gives the Planck mass and the Boltzmann constant; the rest was
# typed from memory, and a test recomputes what follows from H0 and T_CMB.
PLANCK_MASS: Final = 1.220890e19 * GeV  # 1/sqrt(G_N), not reduced
KELVIN: Final = 8.617333262e-5 * eV  # one kelvin as an energy, exact in the 2019 SI
T_CMB: Final = 2.7255 * KELVIN  # [recalled]
ENTROPY_TODAY: Final = 2891.2 / cm**3  # s_0 / k [recalled]
CRITICAL_DENSITY: Final = 1.053672e-5 * GeV / cm**3  # rho_c c^2 / h^2 [recalled]
DARK_MATTER: Final = 0.1200  # Omega_c h^2, +-0.0012, arXiv:1807.06209 [recalled]
N_EFF: Final = 3.044  # standard model, arXiv:2012.02726 [recalled]
