"""e- e+ -> e- e+ gamma: radiative Bhabha scattering."""

from typing import Any, Final

from jaxtyping import Array, Float

from darkreach.algebra.dirac import Polarisations, photon
from darkreach.algebra.kinematics import (
    FourVector,
    Real,
    photon_product,
    transfer_squared,
)
from darkreach.constants import M_E
from darkreach.processes.photon_exchange import scattering
from darkreach.pytree import pytree

FORWARD: Final = 3e-3  # of s: electrons at 6 degrees and more keep clear of the beams


@pytree
class EeToEeGamma:
    """Eight diagrams, exact in the electron mass, without the Z.

    For m_e = 0: Berends, Kleiss, de Causmaecker, Gastmans and Wu, Phys. Lett. B103
    (1981) 124 [recalled]; with the mass: arXiv:0909.1750. The cross section
    diverges for soft photons: cut on `E_gamma`.

    Attributes:
        channels: ways to draw its phase space, by where the particles of interest are;
            each alone covers all of it. "radiative" where all are at wide angles,
            "peripheral" where electrons stay near the beams and the photon does not,
            "initial" where the photon is near a beam and the electrons are not.
    """

    incoming: tuple[str, ...] = ("e-", "e+")
    outgoing: tuple[str, ...] = ("e-", "e+", "gamma")
    chain: tuple[str, ...] = ("gamma", "e-", "e+")
    channels: tuple[str, ...] = ("radiative",)
    drawn: int = 0

    def masses(self, x: Float[Array, " d"]) -> tuple[tuple[Real, ...], Real]:
        """Outgoing masses [GeV] and weight; nothing is drawn."""
        return (M_E, M_E, 0.0), 1.0

    def poles(self, *p: FourVector) -> tuple[Real, ...]:
        """Size of each channel: soft factors of both pairs, over t and t' [GeV^-2].

        The shares add up to 1 for any function; that the peripheral one takes over at
        -t below `FORWARD` s is a choice.
        """
        electron, positron, scattered, other, gamma = p
        s = (electron + positron).mass_squared()
        along, apart = (
            a.dot(b)
            / photon_product(a, gamma, mass=M_E)
            / photon_product(b, gamma, mass=M_E)
            for a, b in ((electron, positron), (scattered, other))
        )
        forward = -FORWARD * sum(
            s / transfer_squared(a, b, mass=M_E)
            for a, b in ((electron, scattered), (positron, other))
        )
        sizes = {
            "radiative": apart,
            "initial": along,
            "peripheral": (along + apart) * forward,
        }
        return tuple(sizes[name] for name in self.channels)

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
