"""The search for a line of positrons, mu+ -> e+ a, at any spectrometer.

Each experiment has a file that names the instrument and what is known of it.
"""

from dataclasses import replace
from typing import Any

import numpy as np

from jaxtyping import Array, Float, Key

from darkreach.curves.exclusion import chirality_of
from darkreach.processes.michel import Order
from darkreach.processes.mu_to_e_alp import MuToEAlp
from darkreach.pytree import pytree
from darkreach.searches import spectrum, two_body
from darkreach.searches.search import Counts
from darkreach.searches.spectrum import Spectrometer
from darkreach.searches.two_body import Errors

Scalar = float | Float[Array, ""]


@pytree
class PositronLine:
    """Limits on BR(mu -> e a), for the signal's chirality.

    Attributes:
        signal: the process; only the ratio of its couplings matters.
        experiment: spectrometer and beam.
        errors: what limits profile.
        width: of the bins in energy [GeV].
        order: of the Michel spectrum and of the line; a calorimeter, which adds
            collinear photons to the positron, is nearer to `tree`.
        systematics: whether limits profile `errors`.
        counting: one bin, 4 resolutions to either side of the line; then `systematics`
            must be off, since nothing would measure the background.
        label: of the experiment, for a legend.
        source: of the search.
    """

    signal: MuToEAlp
    experiment: Spectrometer
    errors: Errors
    width: Scalar
    order: Order
    systematics: bool
    counting: bool
    label: str
    source: str

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
        only = "" if self.systematics else ", statistics only"
        return {
            "label": f"{self.label}{only}",
            "quantity": "BR",
            "convention": "mu -> e a",
            "chirality": chirality_of(self.signal.model),
            "exposure": self.experiment.exposure(),
            "source": self.source,
        }

    def background(
        self, key: Key[Array, ""], *, fast: bool = False
    ) -> two_body.Background:
        """Michel templates; nothing is random."""
        setup = spectrum.setup(
            self.experiment, width=float(self.width), order=self.order
        )
        return two_body.background(setup)

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
            low = max(energy - reach, self.experiment.energy_range()[0])
            window = np.array([low, energy + reach])
            background = two_body.background(replace(background.setup, edges=window))
        return two_body.counts(
            background, model, self.errors, systematics=self.systematics
        )
