"""A vector that couples to electrons and muons, with any chirality."""

from typing import Final, Literal

from jaxtyping import Array, Float

from darkreach.algebra.bosons import lifetime, vector_moment, vector_width
from darkreach.constants import M_E, M_MU, C
from darkreach.pytree import pytree
from darkreach.units import MeV

Scalar = float | Float[Array, ""]
# Dimension of the operator. Axial couplings and unequal vector ones that break the
# gauge symmetry grow like the lepton mass over the mass of the vector; not counted.
PORTAL: Final = (4, "")


@pytree
class LeptonVector:
    """L = X_a lbar gamma^a (g_V + g_A gamma5) l for l = e, mu.

    A dark photon has g_V = e eps for both. Neutrinos are not coupled.

    Attributes:
        mass: m_X [GeV].
        g_v_e: vector coupling to electrons.
        g_a_e: axial coupling to electrons.
        g_v_mu: vector coupling to muons.
        g_a_mu: axial coupling to muons.
    """

    mass: Scalar = 20 * MeV
    g_v_e: Scalar = 0.0
    g_a_e: Scalar = 0.0
    g_v_mu: Scalar = 0.0
    g_a_mu: Scalar = 0.0

    def width_to_ee(self) -> Float[Array, ""]:
        """Gamma(X -> e+ e-) [GeV]; 0 below threshold. See `algebra.bosons`."""
        return vector_width(self.mass, M_E, g_v=self.g_v_e, g_a=self.g_a_e)

    def width_to_mumu(self) -> Float[Array, ""]:
        """Gamma(X -> mu+ mu-) [GeV]; 0 below threshold."""
        return vector_width(self.mass, M_MU, g_v=self.g_v_mu, g_a=self.g_a_mu)

    def width(self) -> Float[Array, ""]:
        """Total width [GeV], to charged leptons."""
        return self.width_to_ee() + self.width_to_mumu()

    def lifetime(self) -> Float[Array, ""]:
        """Mean proper lifetime [ns]; infinite where nothing is open."""
        return lifetime(self.width())

    def ctau(self) -> Float[Array, ""]:
        """Proper decay length c tau [mm]."""
        return C * self.lifetime()

    def anomalous_moment(self, lepton: Literal["e", "mu"]) -> Float[Array, ""]:
        """Contribution to a_l = (g - 2) / 2 at one loop. See `algebra.bosons`."""
        if lepton == "e":
            return vector_moment(self.mass, M_E, g_v=self.g_v_e, g_a=self.g_a_e)
        return vector_moment(self.mass, M_MU, g_v=self.g_v_mu, g_a=self.g_a_mu)
