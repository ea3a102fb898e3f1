"""mu+ -> e+ a gamma: a flavour-violating ALP and a photon."""

from jaxtyping import Array, Float

from darkreach.algebra.dirac import (
    Bar,
    Complex,
    Polarisations,
    Spinor,
    amplitudes,
    bar_propagate,
    bar_slash,
    bars,
    close,
    complex_scalar,
    photon,
    propagate,
    slash,
    spinors,
    vector_axial,
)
from darkreach.algebra.kinematics import FourVector, Real
from darkreach.constants import E_CHARGE, M_E, M_MU
from darkreach.models.lfv_alp import LfvAlp
from darkreach.pytree import pytree


@pytree
class MuToEAlpGamma:
    """The photon leaves the muon or the positron (arXiv:2203.11222).

    Exact at tree level. The width diverges for soft photons: cut on `E_gamma`.
    """

    model: LfvAlp = LfvAlp()
    incoming: tuple[str, ...] = ("mu",)
    outgoing: tuple[str, ...] = ("e", "alp", "gamma")
    chain: tuple[str, ...] = ("gamma", "e", "alp")
    drawn: int = 0

    def masses(self, x: Float[Array, " d"]) -> tuple[tuple[Real, ...], Real]:
        """Outgoing masses [GeV] and weight; nothing is drawn."""
        return (M_E, self.model.mass, 0.0), 1.0

    def amplitude(
        self,
        mu: FourVector,
        e: FourVector,
        alp: FourVector,
        gamma: FourVector,
        *,
        polarisations: Polarisations = photon,
    ) -> tuple[tuple[tuple[Complex, ...], ...], ...]:
        """One event, by spin: [mu][e][gamma]."""
        c_v, c_a = complex_scalar(self.model.c_v), complex_scalar(self.model.c_a)
        coupling = E_CHARGE / (2 * self.model.f)

        def vertex(psi: Spinor) -> Spinor:
            return slash(alp, vector_axial(psi, c_v, c_a))

        def line(bar: Bar, psi: Spinor, eps: FourVector) -> Complex:
            radiating_bar = bar_propagate(bar_slash(bar, eps), e + gamma, M_E)
            radiating_psi = propagate(mu - gamma, M_MU, slash(eps, psi))
            from_e = close(radiating_bar, vertex(psi))
            from_mu = close(bar, vertex(radiating_psi))
            return (from_e + from_mu) * coupling

        return amplitudes(line, spinors(mu, M_MU), bars(e, M_E), polarisations(gamma))
