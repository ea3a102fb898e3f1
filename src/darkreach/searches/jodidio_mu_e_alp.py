"""Jodidio et al.: mu+ -> e+ a at the end point, for any asymmetry of the decay.

A recast of Phys. Rev. D 34, 1967 (1986) from the acceptance of the spin-held data. The
data with turned spins, which calibrate, enter as uncertainties only.
"""

from dataclasses import replace
from typing import Any

from jaxtyping import Array, Float, Key

from darkreach.curves.curve import Curve
from darkreach.curves.exclusion import chirality_of
from darkreach.experiments.jodidio import Jodidio
from darkreach.models.lfv_alp import LfvAlp
from darkreach.processes.michel import Order
from darkreach.processes.mu_to_e_alp import MuToEAlp
from darkreach.pytree import pytree
from darkreach.searches import spectrum, two_body
from darkreach.searches.search import Counts, reach
from darkreach.searches.two_body import Errors
from darkreach.units import MeV

Scalar = float | Float[Array, ""]


@pytree
class JodidioMuEAlp:
    """Limits on BR(mu -> e a), for the signal's chirality.

    Attributes:
        signal: the process; only the ratio of its couplings matters.
        experiment: spectrometer and beam.
        errors: what limits profile.
        width: of the bins in energy [GeV].
        order: of the Michel spectrum.
        systematics: whether limits profile `errors`.
    """

    signal: MuToEAlp = MuToEAlp(model=LfvAlp(c_v=1.0))
    experiment: Jodidio = Jodidio()
    errors: Errors = Errors(
        scale=1e-4,  # from the edge of the data with turned spins [assumed]
        tilt=1e-4,  # assumed
        local=1e-4,  # assumed
        smearing=0.02,  # assumed
        polarisation=0.003,  # the depolarisation that the paper fits [assumed]
        signal=0.01,  # assumed
        shape=0.01,  # assumed
        degree=1,
    )
    width: Scalar = 0.04 * MeV  # half of the resolution
    order: Order = "exponentiated"
    systematics: bool = True

    def check(self) -> None:
        """Refuse values with which nothing can be computed (ValueError)."""
        two_body.checked(self.experiment, self.errors, width=float(self.width))

    def masses(self) -> tuple[float, ...]:
        """From 0 to where the line leaves the range of the fit [GeV]."""
        return two_body.masses(self.experiment)

    def describe(self) -> dict[str, Any]:
        """What the curve is, in words."""
        return {
            "label": "Jodidio et al., recast",
            "quantity": "BR",
            "convention": "mu -> e a",
            "chirality": chirality_of(self.signal.model),
            "exposure": f"{float(self.experiment.muons):.2g} muon decays",
            "source": "darkreach, recast of Phys. Rev. D 34, 1967",
        }

    def background(
        self, key: Key[Array, ""], *, fast: bool = False
    ) -> two_body.Background:
        """Michel templates; nothing is random."""
        setup = spectrum.setup(
            self.experiment, width=float(self.width), order=self.order
        )
        return two_body.background(setup, self.errors)

    def counts(
        self,
        mass: float,
        background: two_body.Background,
        key: Key[Array, ""],
        *,
        fast: bool = False,
    ) -> Counts:
        """Signal at BR = 1, and background, per bin, at one mass [GeV]."""
        model = replace(self.signal.model, mass=mass)
        return two_body.counts(
            background, model, self.errors, systematics=self.systematics
        )


def recast(model: LfvAlp) -> Curve:
    """Limit on BR(mu -> e a) at 90 % CL for the couplings of a model."""
    search = JodidioMuEAlp(signal=MuToEAlp(model=replace(model, mass=0.0)))
    return replace(reach(search, cl=0.90, method="Gaussian"), kind="bound")
