"""mu+ -> e+ a at Mu3e, in online histograms of single positrons (arXiv:1812.00741).

Single tracks are not written; their momenta and angles are histogrammed online. The
momentum scale comes from the Michel edge (`MICHEL_EDGE`), which hides light a, or from
elsewhere, such as Bhabha and Mott scattering (`INDEPENDENT`, the default).
"""

from dataclasses import replace
from typing import Final

from darkreach.experiments.mu3e_online import Mu3eOnline
from darkreach.models.lfv_alp import LfvAlp
from darkreach.processes.mu_to_e_alp import MuToEAlp
from darkreach.searches.positrons import PositronLine
from darkreach.searches.two_body import Errors
from darkreach.units import MeV

INDEPENDENT: Final = Errors(
    scale=1e-5,  # [assumed]
    tilt=1e-5,  # [assumed]
    local=0.0,  # [assumed]: one scale for all directions
    smearing=0.01,  # [assumed]
    polarisation=0.01,  # [assumed]; the decay asymmetry measures it
    signal=0.05,  # [assumed]
    shape=0.01,  # [assumed]
    degree=3,
    theory=0.1,  # [assumed]: a tenth of the second order
)
MICHEL_EDGE: Final = replace(
    INDEPENDENT,
    scale=1e-3,  # in effect free, like the next three
    tilt=1e-3,
    local=1e-3,
    smearing=0.1,
)

SEARCH: Final = PositronLine(
    signal=MuToEAlp(model=LfvAlp(c_v=1.0)),
    experiment=Mu3eOnline(),
    errors=INDEPENDENT,
    width=0.1 * MeV,  # below the resolution
    order="exponentiated",
    systematics=True,
    counting=False,
    label="Mu3e online",
    source="darkreach, search of arXiv:1812.00741",
)
