"""mu+ -> e+ e+ e- a: a flavour-violating ALP and an internal conversion."""

from jaxtyping import Array, Float

from darkreach.algebra import propagators
from darkreach.algebra.dirac import (
    Bar,
    Complex,
    Spinor,
    close,
    complex_scalar,
    slash,
    vector_axial,
)
from darkreach.algebra.kinematics import FourVector, Real
from darkreach.constants import M_E
from darkreach.models.lfv_alp import LfvAlp
from darkreach.processes.emission import ELECTROMAGNETIC, conversion
from darkreach.pytree import pytree


@pytree
class MuTo3eAlp:
    """The virtual photon leaves the muon or a positron; two exchanges.

    Exact at tree level (arXiv:2311.17915). The derivative coupling conserves charge, so
    that no contact term of photon and a is needed.
    """

    model: LfvAlp = LfvAlp()
    incoming: tuple[str, ...] = ("mu",)
    outgoing: tuple[str, ...] = ("e+1", "e+2", "e-", "alp")
    chain: tuple[str, ...] = ("alp", "e+2", "e+1", "e-")
    drawn: int = 0

    def masses(self, x: Float[Array, " d"]) -> tuple[tuple[Real, ...], Real]:
        """Outgoing masses [GeV] and weight; nothing is drawn."""
        return (M_E, M_E, M_E, self.model.mass), 1.0

    def pair_mass(self, x: Real, low: Real, high: Real) -> tuple[Real, Real]:
        """Mass of (e+1, e-), drawn along the pole of the photon."""
        return propagators.draw_photon(x, low, high)

    def pole(self, k: FourVector) -> Real:
        """Size of the squared propagator of the pair with momentum k."""
        return 1 / k.mass_squared() ** 2

    def amplitude(self, *momenta: FourVector) -> tuple[object, ...]:
        """One event, by spin: [mu][e+1][e+2][e-]."""
        alp = momenta[4]
        c_v, c_a = complex_scalar(self.model.c_v), complex_scalar(self.model.c_a)
        coupling = 1 / (2 * self.model.f)

        def vertex(bar: Bar, psi: Spinor) -> Complex:
            return close(bar, slash(alp, vector_axial(psi, c_v, c_a))) * coupling

        return conversion(
            ELECTROMAGNETIC, propagators.photon, momenta[:4], vertex=vertex
        )
