"""A scalar or pseudoscalar that couples to electrons and muons."""

from typing import Final, Literal

from jaxtyping import Array, Float

from darkreach.algebra.bosons import lifetime, scalar_moment, scalar_width
from darkreach.constants import M_E, M_MU, C
from darkreach.pytree import pytree
from darkreach.units import MeV

Scalar = float | Float[Array, ""]
# Dimension of the operator below the electroweak scale.
PORTAL: Final = (4, "")


@pytree
class LeptonScalar:
    """L = phi lbar (g_S + i g_P gamma5) l for l = e, mu.

    The decay to two photons through lepton loops is left out: its width is
    (alpha / pi)^2 / 8, or 7e-7, of that to e+ e- for couplings to electrons alone and
    phi far above threshold, up to two powers of ln(m / m_e); below 2 m_e, where only
    photons are open, the lifetime here is infinite. With g_P to muons alone it is the
    main decay of a light phi, and the lifetime here is not meant for that case.

    Attributes:
        mass: m_phi [GeV].
        g_s_e: scalar coupling to electrons.
        g_p_e: pseudoscalar coupling to electrons.
        g_s_mu: scalar coupling to muons.
        g_p_mu: pseudoscalar coupling to muons.
    """

    mass: Scalar = 20 * MeV
    g_s_e: Scalar = 0.0
    g_p_e: Scalar = 0.0
    g_s_mu: Scalar = 0.0
    g_p_mu: Scalar = 0.0

    def width_to_ee(self) -> Float[Array, ""]:
        """Gamma(phi -> e+ e-) [GeV]; 0 below threshold. See `algebra.bosons`."""
        return scalar_width(self.mass, M_E, g_s=self.g_s_e, g_p=self.g_p_e)

    def width_to_mumu(self) -> Float[Array, ""]:
        """Gamma(phi -> mu+ mu-) [GeV]; 0 below threshold."""
        return scalar_width(self.mass, M_MU, g_s=self.g_s_mu, g_p=self.g_p_mu)

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
            return scalar_moment(self.mass, M_E, g_s=self.g_s_e, g_p=self.g_p_e)
        return scalar_moment(self.mass, M_MU, g_s=self.g_s_mu, g_p=self.g_p_mu)
