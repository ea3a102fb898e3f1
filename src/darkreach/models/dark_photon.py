"""A dark photon, kinetically mixed with the photon (Holdom, PLB 166, 196 (1986))."""

from typing import Final, Literal

import jax.numpy as jnp

from jaxtyping import Array, Float

from darkreach.algebra.bosons import lifetime, vector_moment, vector_width
from darkreach.constants import E_CHARGE, M_E, M_MU, C
from darkreach.pytree import pytree
from darkreach.units import MeV

Scalar = float | Float[Array, ""]
# Dimension of the portal operator; kinetic mixing needs no scale.
PORTAL: Final = (4, "")
BIBTEX: Final = """\
@article{Holdom:1985ag,
  author = {Holdom, Bob},
  title = {Two {U(1)}'s and Epsilon Charge Shifts},
  journal = {Phys. Lett. B},
  volume = {166},
  pages = {196--198},
  year = {1986},
  doi = {10.1016/0370-2693(86)91377-8}
}"""


@pytree
class DarkPhoton:
    """L = -(eps/2) F'_mn F^mn: a vector with the couplings eps e Q to all charges.

    Attributes:
        mass: m_A' [GeV].
        eps: kinetic mixing.
    """

    mass: Scalar = 20 * MeV
    eps: Scalar = 1e-4

    def width_to_ee(self) -> Float[Array, ""]:
        """Gamma(A' -> e+ e-) [GeV]; 0 below threshold.

        alpha eps^2 m / 3 (1 + 2 r) sqrt(1 - 4 r) with r = m_e^2 / m^2 (arXiv:0906.0580,
        section II, for light electrons [recalled]).
        """
        return vector_width(self.mass, M_E, g_v=self._coupling(), g_a=0.0)

    def width_to_mumu(self) -> Float[Array, ""]:
        """Gamma(A' -> mu+ mu-) [GeV]; 0 below threshold."""
        return vector_width(self.mass, M_MU, g_v=self._coupling(), g_a=0.0)

    def width(self) -> Float[Array, ""]:
        """Total width to charged leptons [GeV].

        Hadrons are left out: they open at 279 MeV and are 10 % of the muons at 0.4 GeV
        and ten times the muons at the rho [assumed, size only].
        """
        return self.width_to_ee() + self.width_to_mumu()

    def lifetime(self) -> Float[Array, ""]:
        """Mean proper lifetime [ns]; infinite below threshold."""
        return lifetime(self.width())

    def ctau(self) -> Float[Array, ""]:
        """Proper decay length c tau [mm]."""
        return C * self.lifetime()

    def anomalous_moment(self, lepton: Literal["e", "mu"]) -> Float[Array, ""]:
        """Contribution to a_l = (g - 2) / 2 at one loop (arXiv:0811.1030)."""
        mass = {"e": M_E, "mu": M_MU}[lepton]
        return vector_moment(self.mass, mass, g_v=self._coupling(), g_a=0.0)

    def _coupling(self) -> Float[Array, ""]:
        return jnp.asarray(E_CHARGE * self.eps)
