"""mu+ -> e+ nu nubar gamma: radiative muon decay."""

from jaxtyping import Array, Float

from darkreach.algebra.dirac import (
    Bar,
    Current,
    Polarisations,
    Spinor,
    amplitudes,
    bar_propagate,
    bar_slash,
    bars,
    left_current,
    photon,
    propagate,
    slash,
    spinors,
)
from darkreach.algebra.invisible import draw_mass
from darkreach.algebra.kinematics import FourVector, Real
from darkreach.constants import E_CHARGE, M_E, M_MU
from darkreach.pytree import pytree


@pytree
class MuToENuNuGamma:
    """Radiative muon decay at tree level, exact in the electron mass.

    The photon leaves the muon or the positron (Kuno and Okada, hep-ph/9909265, section
    2.6; arXiv:1506.03416). The width diverges for soft photons: cut on `E_gamma`.
    """

    incoming: tuple[str, ...] = ("mu",)
    outgoing: tuple[str, ...] = ("e", "gamma", "inv")
    chain: tuple[str, ...] = ("gamma", "e", "inv")
    drawn: int = 1

    def masses(self, x: Float[Array, " d"]) -> tuple[tuple[Real, ...], Real]:
        """Outgoing masses [GeV] and weight: Q^2 of the neutrino pair is drawn."""
        pair, weight = draw_mass(x[0], M_MU - M_E)
        return (M_E, 0.0, pair), weight

    def current(
        self,
        mu: FourVector,
        e: FourVector,
        gamma: FourVector,
        inv: FourVector,
        *,
        polarisations: Polarisations = photon,
    ) -> tuple[tuple[tuple[Current, ...], ...], ...]:
        """The charged current by spin: [mu][e][gamma]."""

        def line(bar: Bar, psi: Spinor, eps: FourVector) -> Current:
            radiating_bar = bar_propagate(bar_slash(bar, eps), e + gamma, M_E)
            radiating_psi = propagate(mu - gamma, M_MU, slash(eps, psi))
            from_e = left_current(radiating_bar, psi)
            from_mu = left_current(bar, radiating_psi)
            return (from_e + from_mu).scale(E_CHARGE)

        return amplitudes(line, spinors(mu, M_MU), bars(e, M_E), polarisations(gamma))
