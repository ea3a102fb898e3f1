"""Jodidio et al.: mu+ -> e+ a at the end point, for any asymmetry of the decay.

A recast of Phys. Rev. D 34, 1967 (1986) from the acceptance of the spin-held data. The
data with turned spins, which calibrate, enter as uncertainties only.
"""

from dataclasses import replace
from typing import Final

from darkreach.curves.curve import Curve
from darkreach.experiments.jodidio import Jodidio
from darkreach.models.lfv_alp import LfvAlp
from darkreach.processes.mu_to_e_alp import MuToEAlp
from darkreach.searches.positrons import PositronLine
from darkreach.searches.search import reach
from darkreach.searches.two_body import Errors
from darkreach.units import MeV

SEARCH: Final = PositronLine(
    signal=MuToEAlp(model=LfvAlp(c_v=1.0)),
    experiment=Jodidio(),
    errors=Errors(
        scale=1e-4,  # from the edge of the data with turned spins [assumed]
        tilt=1e-4,  # [assumed]
        local=1e-4,  # [assumed]
        smearing=0.02,  # [assumed]
        polarisation=0.001,  # the polarisation stays below 1 [assumed]
        signal=0.01,  # [assumed]
        shape=0.01,  # [assumed]
        degree=1,
        theory=0.1,  # [assumed]: a tenth of the second order
    ),
    width=0.04 * MeV,  # half of the resolution
    order="exponentiated",
    systematics=True,
    counting=False,
    label="Jodidio et al., recast",
    source="darkreach, recast of Phys. Rev. D 34, 1967",
)


def recast(model: LfvAlp) -> Curve:
    """Limit on BR(mu -> e a) at 90 % CL for the couplings of a model."""
    search = replace(SEARCH, signal=MuToEAlp(model=replace(model, mass=0.0)))
    return replace(reach(search, cl=0.90, method="Gaussian"), kind="bound")
