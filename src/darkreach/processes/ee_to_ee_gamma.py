"""e- e+ -> e- e+ gamma: radiative Bhabha scattering."""

from typing import Any

from jaxtyping import Array, Float

from darkreach.algebra.dirac import Polarisations, photon
from darkreach.algebra.kinematics import FourVector, Real
from darkreach.constants import M_E
from darkreach.processes.photon_exchange import scattering
from darkreach.pytree import pytree


@pytree
class EeToEeGamma:
    """Eight diagrams, exact in the electron mass, without the Z.

    For m_e = 0: Berends, Kleiss, de Causmaecker, Gastmans and Wu, Phys. Lett. B103
    (1981) 124 [recalled]; with the mass: arXiv:0909.1750. The cross section
    diverges for soft photons and forward: cut on `E_gamma` and on angles.
    """

    incoming: tuple[str, ...] = ("e-", "e+")
    outgoing: tuple[str, ...] = ("e-", "e+", "gamma")
    chain: tuple[str, ...] = ("gamma", "e-", "e+")
    drawn: int = 0

    def masses(self, x: Float[Array, " d"]) -> tuple[tuple[Real, ...], Real]:
        """Outgoing masses [GeV] and weight; nothing is drawn."""
        return (M_E, M_E, 0.0), 1.0

    def amplitude(
        self,
        electron: FourVector,
        positron: FourVector,
        scattered: FourVector,
        other: FourVector,
        gamma: FourVector,
        *,
        polarisations: Polarisations = photon,
    ) -> tuple[Any, ...]:
        """One event, by spin: [e-][e+][outgoing e-][outgoing e+][gamma]."""
        momenta = electron, positron, scattered, other, gamma
        return scattering(momenta, polarisations)
