"""e- e+ -> e- e+ gamma gamma: two photons off Bhabha scattering."""

from typing import Any

from jaxtyping import Array, Float

from darkreach.algebra.dirac import Polarisations, photon
from darkreach.algebra.kinematics import FourVector, Real, photon_product
from darkreach.constants import M_E
from darkreach.processes.photon_exchange import scattering, scattering_squared
from darkreach.pytree import pytree


@pytree
class EeToEeGammaGamma:
    """Forty diagrams, exact in the electron mass, without the Z.

    Berends et al., Nucl. Phys. B264 (1986) 265 [recalled] for m_e = 0; expected rates
    at LEP: hep-ph/9402350. The cross section diverges for soft photons and forward: cut
    on `E_gamma` and on angles. Two like photons: over all of phase space it has a
    factor 1/2.

    Attributes:
        channels: ways to draw its phase space, by where the photons of interest are;
            each alone covers all of it. "radiative" where both keep some degrees from
            beams and electrons, "initial" where both are near the beams,
            "initial_final" with "initial" where one is, and the other one may be near
            an electron (heavy tails: weights spread 200 times). Electrons are at wide
            angles in all of them.
    """

    incoming: tuple[str, ...] = ("e-", "e+")
    outgoing: tuple[str, ...] = ("e-", "e+", "gamma1", "gamma2")
    chain: tuple[str, ...] = ("gamma1", "gamma2", "e-", "e+")
    channels: tuple[str, ...] = ("radiative",)
    drawn: int = 0

    def masses(self, x: Float[Array, " d"]) -> tuple[tuple[Real, ...], Real]:
        """Outgoing masses [GeV] and weight; nothing is drawn."""
        return (M_E, M_E, 0.0, 0.0), 1.0

    def poles(self, *p: FourVector) -> tuple[Real, ...]:
        """Size of each channel: soft factors of both pairs and photons [GeV^-4]."""
        pairs = (p[:2], p[2:4])
        (one, late), (two, later) = (
            tuple(
                a.dot(b)
                / photon_product(a, k, mass=M_E)
                / photon_product(b, k, mass=M_E)
                for a, b in pairs
            )
            for k in p[4:]
        )
        sizes = {
            "radiative": late * later,
            "initial": one * two,
            "initial_final": one * later + two * late,
        }
        return tuple(sizes[name] for name in self.channels)

    def amplitude(
        self, *momenta: FourVector, polarisations: Polarisations = photon
    ) -> tuple[Any, ...]:
        """One event, by spin: [e-][e+][outgoing e-][outgoing e+][gamma1][gamma2]."""
        return scattering(momenta, polarisations)

    def squared(self, *momenta: FourVector) -> Real:
        """The amplitude squared, summed over outgoing spins, averaged over others."""
        return scattering_squared(momenta)
