"""mu+ -> e+ e+ e- nu nubar: radiative decay with internal conversion."""

from jaxtyping import Array, Float

from darkreach.algebra import propagators
from darkreach.algebra.dirac import left_current
from darkreach.algebra.invisible import draw_mass
from darkreach.algebra.kinematics import FourVector, Real
from darkreach.constants import M_E, M_MU
from darkreach.processes.emission import ELECTROMAGNETIC, conversion
from darkreach.pytree import pytree


@pytree
class MuTo3eNuNu:
    """Four diagrams: the virtual photon leaves the muon or a positron, two exchanges.

    Exact at tree level in the electron mass (Djilkibaev and Konoplich, arXiv:0812.1355;
    arXiv:1505.00057); W exchange is a contact term, (m_mu / M_W)^2 ~ 2e-6.
    """

    incoming: tuple[str, ...] = ("mu",)
    outgoing: tuple[str, ...] = ("e+1", "e+2", "e-", "inv")
    chain: tuple[str, ...] = ("inv", "e+2", "e+1", "e-")
    drawn: int = 1

    def masses(self, x: Float[Array, " d"]) -> tuple[tuple[Real, ...], Real]:
        """Outgoing masses [GeV] and weight: Q^2 of the neutrino pair is drawn."""
        pair, weight = draw_mass(x[0], M_MU - 3 * M_E)
        return (M_E, M_E, M_E, pair), weight

    def pair_mass(self, x: Real, low: Real, high: Real) -> tuple[Real, Real]:
        """Mass of (e+1, e-), drawn along the pole of the photon."""
        return propagators.draw_photon(x, low, high)

    def pole(self, k: FourVector) -> Real:
        """Size of the squared propagator of the pair with momentum k."""
        return 1 / k.mass_squared() ** 2

    def current(self, *momenta: FourVector) -> tuple[object, ...]:
        """The charged current by spin: [mu][e+1][e+2][e-]."""
        return conversion(
            ELECTROMAGNETIC, propagators.photon, momenta[:4], vertex=left_current
        )
