"""e- e+ -> gamma gamma gamma."""

from typing import Any

from jaxtyping import Array, Float

from darkreach.algebra.dirac import Polarisations, photon
from darkreach.algebra.electron_lines import annihilation
from darkreach.algebra.kinematics import FourVector, Real
from darkreach.pytree import pytree


@pytree
class EeTo3gamma:
    """Annihilation into three photons, exact in the electron mass; six diagrams.

    Berends and Kleiss, Nucl. Phys. B186 (1981) 22 [recalled] for m_e = 0;
    arXiv:0801.3360 [recalled]. The cross section diverges for soft photons: cut on
    `E_gamma`. Three like photons: over all of phase space it has a factor 1/6.
    """

    incoming: tuple[str, ...] = ("e-", "e+")
    outgoing: tuple[str, ...] = ("gamma1", "gamma2", "gamma3")
    chain: tuple[str, ...] = ("gamma1", "gamma2", "gamma3")
    drawn: int = 0

    def masses(self, x: Float[Array, " d"]) -> tuple[tuple[Real, ...], Real]:
        """Outgoing masses [GeV] and weight; nothing is drawn."""
        return (0.0, 0.0, 0.0), 1.0

    def amplitude(
        self,
        electron: FourVector,
        positron: FourVector,
        gamma1: FourVector,
        gamma2: FourVector,
        gamma3: FourVector,
        *,
        polarisations: Polarisations = photon,
    ) -> tuple[Any, ...]:
        """One event, by spin: [e-][e+][gamma1][gamma2][gamma3]."""
        real = (gamma1, gamma2, gamma3)
        return annihilation(electron, positron, real, polarisations)
