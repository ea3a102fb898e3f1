"""mu+ -> e+ a with a forward calorimeter at MEG II (MEGII-fwd, arXiv:2006.04795).

The likelihood of the energy near the end point, or, as in the paper, a count of the
positrons in one window (`counting`).
"""

from typing import Final

from darkreach.experiments.muon_forward import MuonForward
from darkreach.models.lfv_alp import LfvAlp
from darkreach.processes.mu_to_e_alp import MuToEAlp
from darkreach.searches.positrons import PositronLine
from darkreach.searches.two_body import Errors
from darkreach.units import MeV

SEARCH: Final = PositronLine(
    signal=MuToEAlp(model=LfvAlp(c_v=1.0)),
    experiment=MuonForward(),
    errors=Errors(
        scale=1e-4,  # "tiny systematics", talk on arXiv:2006.04795; value assumed
        tilt=1e-4,  # [assumed]
        local=0.0,  # one bin in angle
        smearing=0.01,  # [assumed]
        polarisation=0.01,  # [assumed]
        signal=0.05,  # [assumed]
        shape=0.01,  # [assumed]
        degree=1,
        theory=0.0,  # at tree level
    ),
    width=0.25 * MeV,  # half of the resolution
    order="tree",  # as in the paper
    systematics=True,
    counting=False,
    label="MEGII-fwd",
    source="darkreach, search of arXiv:2006.04795",
)
