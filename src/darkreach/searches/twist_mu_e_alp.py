"""TWIST: mu+ -> e+ a in the spectrum of positrons, for any asymmetry of the decay.

A recast of arXiv:1409.0638 from the acceptance in momentum and angle. The paper takes
its energy scale from the end point, so the scale of each angular bin is left free here:
that decides the limits below 13 MeV. The published limits are observed ones, made with
the method of Feldman and Cousins, whose median is that of CLs; ours are expected.
"""

from dataclasses import replace
from typing import Final

from darkreach.curves.curve import Curve
from darkreach.experiments.twist import Twist
from darkreach.models.lfv_alp import LfvAlp
from darkreach.processes.mu_to_e_alp import MuToEAlp
from darkreach.searches.positrons import PositronLine
from darkreach.searches.search import reach
from darkreach.searches.two_body import Errors
from darkreach.units import MeV

SEARCH: Final = PositronLine(
    signal=MuToEAlp(model=LfvAlp(c_v=1.0)),
    experiment=Twist(),
    errors=Errors(
        scale=1e-3,  # in effect free: the end point is the calibration
        tilt=1e-3,  # in effect free
        local=1e-3,  # in effect free: calibrated against the angle
        smearing=0.1,  # in effect free: the end point measures it
        polarisation=0.01,  # in effect free: the decay asymmetry measures it
        signal=0.01,  # assumed
        shape=0.01,  # assumed
        degree=3,
    ),
    width=0.05 * MeV,  # below the resolution
    order="exponentiated",
    systematics=True,
    counting=False,
    label="TWIST, recast",
    source="darkreach, recast of arXiv:1409.0638",
)


def recast(model: LfvAlp) -> Curve:
    """Limit on BR(mu -> e a) at 90 % CL for the couplings of a model."""
    search = replace(SEARCH, signal=MuToEAlp(model=replace(model, mass=0.0)))
    return replace(reach(search, cl=0.90), kind="bound")
