"""mu+ -> e+ nu nubar X: a light vector or scalar that leaves unseen."""

from jaxtyping import Array, Float

from darkreach.algebra.dirac import Current, Polarisations, left_current
from darkreach.algebra.invisible import draw_mass
from darkreach.algebra.kinematics import FourVector, Real
from darkreach.constants import M_E, M_MU
from darkreach.models.dark_photon import DarkPhoton
from darkreach.processes.emission import Resonance, emission
from darkreach.pytree import pytree


@pytree
class MuToENuNuX:
    """X leaves the muon or the positron (arXiv:1411.1770; arXiv:2311.17913).

    Exact at tree level in the masses. The neutrinos have no coupling to X: a vector
    with unequal couplings to e and mu, or with axial ones, meets a current that is not
    conserved, and its longitudinal part makes the rate grow like 1 / m_X^2.
    """

    model: Resonance = DarkPhoton()
    incoming: tuple[str, ...] = ("mu",)
    outgoing: tuple[str, ...] = ("e", "x", "inv")
    chain: tuple[str, ...] = ("x", "e", "inv")
    drawn: int = 1

    def masses(self, x: Float[Array, " d"]) -> tuple[tuple[Real, ...], Real]:
        """Outgoing masses [GeV] and weight: Q^2 of the neutrino pair is drawn."""
        pair, weight = draw_mass(x[0], M_MU - M_E - self.model.mass)
        return (M_E, self.model.mass, pair), weight

    def current(
        self,
        mu: FourVector,
        e: FourVector,
        x: FourVector,
        inv: FourVector,
        *,
        polarisations: Polarisations | None = None,
    ) -> tuple[tuple[tuple[Current, ...], ...], ...]:
        """The charged current by spin: [mu][e][x]."""
        return emission(
            self.model, (mu, e, x), vertex=left_current, polarisations=polarisations
        )
