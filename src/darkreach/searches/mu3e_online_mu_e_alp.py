"""mu+ -> e+ a at Mu3e, in online histograms of single positrons (arXiv:1812.00741).

Single tracks are not written; their momenta and angles are histogrammed online. The
momentum scale comes from the Michel edge (`MICHEL_EDGE`), which hides light a, or from
elsewhere, such as Bhabha and Mott scattering (`INDEPENDENT`, the default).
"""

from dataclasses import replace
from typing import Any, Final

from jaxtyping import Array, Float, Key

from darkreach.curves.exclusion import chirality_of
from darkreach.experiments.mu3e import Mu3e
from darkreach.models.lfv_alp import LfvAlp
from darkreach.processes.michel import Order
from darkreach.processes.mu_to_e_alp import MuToEAlp
from darkreach.pytree import pytree
from darkreach.searches import spectrum, two_body
from darkreach.searches.search import Counts
from darkreach.searches.two_body import Errors
from darkreach.units import MeV

Scalar = float | Float[Array, ""]

INDEPENDENT: Final = Errors(
    scale=1e-5,  # assumed
    tilt=1e-5,  # assumed
    local=0.0,  # assumed: one scale for all directions
    smearing=0.01,  # assumed
    polarisation=0.01,  # assumed; the decay asymmetry measures it
    signal=0.05,  # assumed
    shape=0.01,  # assumed
    degree=3,
)
MICHEL_EDGE: Final = replace(
    INDEPENDENT,
    scale=1e-3,  # in effect free, like the next three
    tilt=1e-3,
    local=1e-3,
    smearing=0.1,
)


@pytree
class Mu3eOnlineMuEAlp:
    """Limits on BR(mu -> e a), for the signal's chirality.

    Attributes:
        signal: the process; only the ratio of its couplings matters.
        experiment: tracker and beam.
        errors: what limits profile.
        width: of the bins in energy [GeV].
        order: of the Michel spectrum.
        systematics: whether limits profile `errors`.
    """

    signal: MuToEAlp = MuToEAlp(model=LfvAlp(c_v=1.0))
    experiment: Mu3e = Mu3e()
    errors: Errors = INDEPENDENT
    width: Scalar = 0.1 * MeV  # below the resolution
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
            "label": "Mu3e online",
            "quantity": "BR",
            "convention": "mu -> e a",
            "chirality": chirality_of(self.signal.model),
            "exposure": f"{float(self.experiment.muons):.2g} muons",
            "source": "darkreach, search of arXiv:1812.00741",
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
