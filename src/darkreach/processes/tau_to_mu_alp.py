"""tau+ -> mu+ a: two-body decay to a flavour-violating ALP."""

from jaxtyping import Array, Float

from darkreach.algebra.dirac import Complex
from darkreach.algebra.kinematics import FourVector, Real
from darkreach.constants import M_MU, M_TAU
from darkreach.models.lfv_alp import LfvAlp
from darkreach.processes.process import alp_emission
from darkreach.pytree import pytree


@pytree
class TauToMuAlp:
    """The derivative coupling between tau and muon (arXiv:2006.04795, eq. (1))."""

    model: LfvAlp = LfvAlp()
    incoming: tuple[str, ...] = ("tau",)
    outgoing: tuple[str, ...] = ("mu", "alp")
    chain: tuple[str, ...] = ("mu", "alp")
    drawn: int = 0

    def masses(self, x: Float[Array, " d"]) -> tuple[tuple[Real, ...], Real]:
        """Outgoing masses [GeV] and weight; nothing is drawn."""
        return (M_MU, self.model.mass), 1.0

    def amplitude(
        self, tau: FourVector, mu: FourVector, alp: FourVector
    ) -> tuple[tuple[Complex, ...], ...]:
        """One event, by spin: [tau][mu]."""
        return alp_emission(self.model, tau, mu, alp, masses=(M_TAU, M_MU))
