"""mu+ -> e+ a with a forward calorimeter at MEG II (MEGII-fwd, arXiv:2006.04795).

The likelihood of the energy near the end point, or, as in the paper, a count of the
positrons in one window (`counting`).
"""

from dataclasses import replace
from typing import Any

import numpy as np

from jaxtyping import Array, Float, Key

from darkreach.curves.exclusion import chirality_of
from darkreach.experiments.muon_forward import MuonForward
from darkreach.models.lfv_alp import LfvAlp
from darkreach.processes.michel import Order
from darkreach.processes.mu_to_e_alp import MuToEAlp
from darkreach.pytree import pytree
from darkreach.searches import spectrum, two_body
from darkreach.searches.search import Counts
from darkreach.searches.two_body import Errors
from darkreach.units import MeV

Scalar = float | Float[Array, ""]


@pytree
class ForwardMuEAlp:
    """Limits on BR(mu -> e a), for the signal's chirality.

    Attributes:
        signal: the process; only the ratio of its couplings matters.
        experiment: calorimeter and beam.
        errors: what limits profile.
        width: of the bins in energy [GeV].
        order: of the Michel spectrum; the paper uses `tree`.
        systematics: whether limits profile `errors`.
        counting: one bin, 4 resolutions to either side of the line; then `systematics`
            must be off, since nothing would measure the background.
    """

    signal: MuToEAlp = MuToEAlp(model=LfvAlp(c_v=1.0))
    experiment: MuonForward = MuonForward()
    errors: Errors = Errors(
        scale=1e-4,  # "tiny systematics", talk on arXiv:2006.04795; value assumed
        tilt=1e-4,  # assumed
        local=0.0,  # one bin in angle
        smearing=0.01,  # assumed
        polarisation=0.01,  # "delta P_mu ~ 1e-2", same talk
        signal=0.05,  # assumed
        shape=0.01,  # assumed
        degree=1,
    )
    width: Scalar = 0.25 * MeV  # half of the resolution
    order: Order = "tree"
    systematics: bool = True
    counting: bool = False

    def check(self) -> None:
        """Refuse values with which nothing can be computed (ValueError)."""
        two_body.checked(self.experiment, self.errors, width=float(self.width))
        if self.counting and self.systematics:
            msg = (
                "counting and systematics are both on, but one bin cannot measure its "
                "background; set systematics to false"
            )
            raise ValueError(msg)

    def masses(self) -> tuple[float, ...]:
        """From 0 to where the line leaves the range of the fit [GeV]."""
        return two_body.masses(self.experiment)

    def describe(self) -> dict[str, Any]:
        """What the curve is, in words."""
        focusing = f"focusing {float(self.experiment.focusing):g}"
        return {
            "label": f"MEGII-fwd, {focusing}",
            "quantity": "BR",
            "convention": "mu -> e a",
            "chirality": chirality_of(self.signal.model),
            "exposure": f"{float(self.experiment.muons):.2g} muons",
            "source": "darkreach, search of arXiv:2006.04795",
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
        if self.counting:
            energy = spectrum.line_energy(mass)
            reach = 4 * self.experiment.resolution(np.array([energy]), 1.0)[0]
            window = np.array([energy - reach, energy + reach])
            setup = replace(background.setup, edges=window)
            background = two_body.background(setup, self.errors)
        return two_body.counts(
            background, model, self.errors, systematics=self.systematics
        )
