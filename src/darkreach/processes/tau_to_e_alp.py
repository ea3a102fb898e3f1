"""tau+ -> e+ a: two-body decay to a flavour-violating ALP."""

from jaxtyping import Array, Float

from darkreach.algebra.dirac import Complex
from darkreach.algebra.kinematics import FourVector, Real
from darkreach.constants import M_E, M_TAU
from darkreach.models.lfv_alp import LfvAlp
from darkreach.processes.process import alp_emission
from darkreach.pytree import pytree


@pytree
class TauToEAlp:
    """The derivative coupling between tau and electron (arXiv:2006.04795, eq. (1))."""

    model: LfvAlp = LfvAlp()
    incoming: tuple[str, ...] = ("tau",)
    outgoing: tuple[str, ...] = ("e", "alp")
    chain: tuple[str, ...] = ("e", "alp")
    drawn: int = 0

    def masses(self, x: Float[Array, " d"]) -> tuple[tuple[Real, ...], Real]:
        """Outgoing masses [GeV] and weight; nothing is drawn."""
        return (M_E, self.model.mass), 1.0

    def amplitude(
        self, tau: FourVector, e: FourVector, alp: FourVector
    ) -> tuple[tuple[Complex, ...], ...]:
        """One event, by spin: [tau][e]."""
        return alp_emission(self.model, tau, e, alp, masses=(M_TAU, M_E))
