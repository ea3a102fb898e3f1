"""TWIST: mu+ -> e+ a in the spectrum of positrons, for any asymmetry of the decay.

A recast of arXiv:1409.0638 from the acceptance in momentum and angle. The paper takes
its energy scale from the end point, so the scale is left free here, upstream and
downstream and with the angle: that decides the limits below 13 MeV. The published
limits are observed ones by the method of Feldman and Cousins [recalled], whose median
is that of CLs; ours are expected.
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
        local=1e-3,  # in effect free: a - b / cos, each side [recalled]
        smearing=0.1,  # in effect free: the end point measures it
        polarisation=0.005,  # the polarisation stays below 1 [assumed]
        signal=0.01,  # [assumed]
        shape=3e-4,  # as rho and delta are known, arXiv:1112.3606, abstract
        degree=3,
        theory=0.1,  # [assumed]: a tenth of the second order
    ),
    width=0.08 * MeV,  # the resolution
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
