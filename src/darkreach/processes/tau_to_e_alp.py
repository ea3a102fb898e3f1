"""tau+ -> e+ a: two-body decay to a flavour-violating ALP."""

from jaxtyping import Array, Float

from darkreach.algebra.dirac import (
    Bar,
    Complex,
    Spinor,
    amplitudes,
    bars,
    close,
    complex_scalar,
    slash,
    spinors,
    vector_axial,
)
from darkreach.algebra.kinematics import FourVector, Real
from darkreach.constants import M_E, M_TAU
from darkreach.models.lfv_alp import LfvAlp
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
        c_v, c_a = complex_scalar(self.model.c_v), complex_scalar(self.model.c_a)

        def line(bar: Bar, psi: Spinor) -> Complex:
            vertex = slash(alp, vector_axial(psi, c_v, c_a))
            return close(bar, vertex) * (1 / (2 * self.model.f))

        return amplitudes(line, spinors(tau, M_TAU), bars(e, M_E))
