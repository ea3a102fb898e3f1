"""mu+ -> e+ nu nubar: the Michel decay."""

from jaxtyping import Array, Float

from darkreach.algebra.dirac import Current, amplitudes, bars, left_current, spinors
from darkreach.algebra.invisible import draw_mass
from darkreach.algebra.kinematics import FourVector, Real
from darkreach.constants import M_E, M_MU
from darkreach.pytree import pytree


@pytree
class MuToENuNu:
    """The Michel decay at tree level, electron mass kept (hep-ph/9909265, sec. 2)."""

    incoming: tuple[str, ...] = ("mu",)
    outgoing: tuple[str, ...] = ("e", "inv")
    chain: tuple[str, ...] = ("e", "inv")
    drawn: int = 1

    def masses(self, x: Float[Array, " d"]) -> tuple[tuple[Real, ...], Real]:
        """Outgoing masses [GeV] and weight: Q^2 of the neutrino pair is drawn."""
        pair, weight = draw_mass(x[0], M_MU - M_E)
        return (M_E, pair), weight

    def current(
        self, mu: FourVector, e: FourVector, inv: FourVector
    ) -> tuple[tuple[Current, ...], ...]:
        """The charged current by spin: [mu][e]."""
        return amplitudes(left_current, spinors(mu, M_MU), bars(e, M_E))
