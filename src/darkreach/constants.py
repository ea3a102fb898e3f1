"""Standard Model inputs, all from one edition: PDG 2024 (Phys. Rev. D 110, 030001).

Masses, lifetimes and couplings are used nowhere else as literals.
"""

import math

from typing import Final

from darkreach.units import GeV, MeV, fm, m, s

C: Final = 299792458 * m / s  # speed of light, exact
HBAR: Final = 6.582119569e-25 * GeV * s  # exact in the 2019 SI
HBAR_C: Final = 197.3269804 * MeV * fm  # exact in the 2019 SI

ALPHA: Final = 7.2973525643e-3  # fine-structure constant at Q^2 = 0 (CODATA 2022)
E_CHARGE: Final = math.sqrt(4 * math.pi * ALPHA)  # Heaviside-Lorentz
G_F: Final = 1.1663788e-5 / GeV**2  # from the muon lifetime

M_E: Final = 0.51099895069 * MeV
M_MU: Final = 105.6583755 * MeV
M_TAU: Final = 1776.93 * MeV

TAU_MU: Final = 2.1969811e-6 * s  # measured muon lifetime
TAU_TAU: Final = 290.3e-15 * s  # measured tau lifetime
WIDTH_MU: Final = HBAR / TAU_MU  # measured total width
WIDTH_TAU: Final = HBAR / TAU_TAU
