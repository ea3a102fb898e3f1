"""mu+ -> e+ a: two-body decay to a flavour-violating ALP."""

from jaxtyping import Array, Float

from darkreach.algebra.dirac import Complex
from darkreach.algebra.kinematics import FourVector, Real
from darkreach.constants import M_E, M_MU
from darkreach.models.lfv_alp import LfvAlp
from darkreach.processes.process import alp_emission
from darkreach.pytree import pytree


@pytree
class MuToEAlp:
    """The derivative coupling between muon and positron (arXiv:2006.04795, eq. (1))."""

    model: LfvAlp = LfvAlp()
    incoming: tuple[str, ...] = ("mu",)
    outgoing: tuple[str, ...] = ("e", "alp")
    chain: tuple[str, ...] = ("e", "alp")
    drawn: int = 0

    def masses(self, x: Float[Array, " d"]) -> tuple[tuple[Real, ...], Real]:
        """Outgoing masses [GeV] and weight; nothing is drawn."""
        return (M_E, self.model.mass), 1.0

    def amplitude(
        self, mu: FourVector, e: FourVector, alp: FourVector
    ) -> tuple[tuple[Complex, ...], ...]:
        """One event, by spin: [mu][e]."""
        return alp_emission(self.model, mu, e, alp, masses=(M_MU, M_E))
