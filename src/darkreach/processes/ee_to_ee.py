"""e- e+ -> e- e+: Bhabha scattering."""

from typing import Any

from jaxtyping import Array, Float

from darkreach.algebra.dirac import photon
from darkreach.algebra.kinematics import FourVector, Real
from darkreach.constants import M_E
from darkreach.processes.photon_exchange import scattering
from darkreach.pytree import pytree


@pytree
class EeToEe:
    """A photon in the t and in the s channel, exact in the electron mass.

    PDG 2024, Cross-section Formulae, for m_e = 0. The Z is left out: s / M_Z^2 ~ 1e-2
    times its couplings at sqrt(s) = 10.6 GeV. The cross section diverges forward: cut
    on an angle.
    """

    incoming: tuple[str, ...] = ("e-", "e+")
    outgoing: tuple[str, ...] = ("e-", "e+")
    chain: tuple[str, ...] = ("e-", "e+")
    drawn: int = 0

    def masses(self, x: Float[Array, " d"]) -> tuple[tuple[Real, ...], Real]:
        """Outgoing masses [GeV] and weight; nothing is drawn."""
        return (M_E, M_E), 1.0

    def amplitude(
        self,
        electron: FourVector,
        positron: FourVector,
        scattered: FourVector,
        other: FourVector,
        *,
        exchange: float = 1.0,
        annihilation: float = 1.0,
    ) -> tuple[Any, ...]:
        """One event, by spin: [e-][e+][outgoing e-][outgoing e+].

        Args:
            electron: incoming [GeV].
            positron: incoming [GeV].
            scattered: outgoing electron [GeV].
            other: outgoing positron [GeV].
            exchange: 0 leaves out the t channel.
            annihilation: 0 leaves out the s channel.
        """
        momenta = electron, positron, scattered, other
        return scattering(momenta, photon, exchange=exchange, annihilation=annihilation)
