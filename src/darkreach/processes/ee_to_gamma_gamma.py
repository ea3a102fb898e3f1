"""e- e+ -> gamma gamma."""

from typing import Any

from jaxtyping import Array, Float

from darkreach.algebra.dirac import Polarisations, photon
from darkreach.algebra.electron_lines import annihilation
from darkreach.algebra.kinematics import FourVector, Real
from darkreach.pytree import pytree


@pytree
class EeToGammaGamma:
    """Annihilation into two photons, exact in the electron mass; two diagrams.

    Compton scattering crossed (PDG 2024, Cross-section Formulae). Two like photons: the
    cross section over the whole sphere has a factor 1/2.
    """

    incoming: tuple[str, ...] = ("e-", "e+")
    outgoing: tuple[str, ...] = ("gamma1", "gamma2")
    chain: tuple[str, ...] = ("gamma1", "gamma2")
    drawn: int = 0

    def masses(self, x: Float[Array, " d"]) -> tuple[tuple[Real, ...], Real]:
        """Outgoing masses [GeV] and weight; nothing is drawn."""
        return (0.0, 0.0), 1.0

    def amplitude(
        self,
        electron: FourVector,
        positron: FourVector,
        gamma1: FourVector,
        gamma2: FourVector,
        *,
        polarisations: Polarisations = photon,
    ) -> tuple[Any, ...]:
        """One event, by spin: [e-][e+][gamma1][gamma2]."""
        return annihilation(electron, positron, (gamma1, gamma2), polarisations)
