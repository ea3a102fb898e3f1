"""An axion-like particle coupled to photons and to dark matter (arXiv:2307.06369).

Dark matter is a Majorana or a Dirac fermion, or absent; then a decays to photons alone.
"""

import math

from typing import Final

import jax.numpy as jnp

from jaxtyping import Array, Float

from darkreach.algebra.bosons import lifetime
from darkreach.algebra.kinematics import breakup_momentum
from darkreach.constants import C
from darkreach.pytree import pytree
from darkreach.units import GeV

Scalar = float | Float[Array, ""]
# Dimension of the portal operator and the scale that divides it, for power counting.
PORTAL: Final = (5, "f")
BIBTEX: Final[tuple[str, ...]] = (
    """@article{Acanfora:2023gzr,
  author = {Acanfora, Francesca and Franceschini, Roberto and Mastroddi, Alessio and Redigolo, Diego},
  title = {Fusing photons into nothing, a new search for invisible {ALP}s and Dark Matter at {Belle II}},
  eprint = {2307.06369},
  archivePrefix = {arXiv},
  primaryClass = {hep-ph},
  year = {2023}
}""",  # noqa: E501
    """@article{Dolan:2017osp,
  author = {Dolan, Matthew J. and Ferber, Torben and Hearty, Christopher and Kahlhoefer, Felix and Schmidt-Hoberg, Kai},
  title = {Revised constraints and {Belle II} sensitivity for visible and invisible axion-like particles},
  eprint = {1709.00009},
  archivePrefix = {arXiv},
  primaryClass = {hep-ph},
  journal = {JHEP},
  volume = {12},
  pages = {094},
  year = {2017}
}""",  # noqa: E501
)


@pytree
class PhotonAlp:
    """L = -(g/4) a F Ftilde + i y a chibar gamma5 chi, the second x 1/2 for Majorana.

    In the notation of arXiv:2307.06369, y = g_achichi m_chi.

    Attributes:
        mass: m_a [GeV].
        g_agamma: coupling to photons [1/GeV].
        m_chi: mass of the dark matter [GeV].
        y_chi: its Yukawa coupling; 0 where there is none.
        majorana: whether it is its own antiparticle, which halves the width.
    """

    mass: Scalar = 1 * GeV
    g_agamma: Scalar = 1e-3 / GeV
    m_chi: Scalar = 0 * GeV
    y_chi: Scalar = 0.0
    majorana: bool = True

    def width_to_photons(self) -> Float[Array, ""]:
        """Gamma(a -> gamma gamma) = g^2 m_a^3 / (64 pi) [GeV], arXiv:1709.00009."""
        return jnp.asarray(self.g_agamma**2 * self.mass**3 / (64 * math.pi))

    def width_to_dark(self) -> Float[Array, ""]:
        """Gamma(a -> chi chi) [GeV]; 0 below threshold.

        y^2 m_a / (8 pi) sqrt(1 - 4 m_chi^2 / m_a^2) for Dirac, the width of a
        pseudoscalar in `algebra.bosons`, and half of it for Majorana fermions: twice
        the vertex of a term with 1/2, and half the phase space of equal particles.
        """
        massive = jnp.where(jnp.asarray(self.mass) > 0, self.mass, 1.0)
        momentum = breakup_momentum(massive, self.m_chi, self.m_chi)
        dirac = self.y_chi**2 * 2 * momentum / (8 * math.pi)
        width = dirac / 2 if self.majorana else dirac
        return jnp.where(jnp.asarray(self.mass) > 0, width, 0.0)

    def width(self) -> Float[Array, ""]:
        """Total width [GeV], to photons and dark matter."""
        return self.width_to_photons() + self.width_to_dark()

    def branching_to_photons(self) -> Float[Array, ""]:
        """Fraction of a -> gamma gamma; 1 where nothing is open, as for m_a -> 0."""
        total = self.width()
        safe = jnp.where(total > 0, total, 1.0)
        return jnp.where(total > 0, self.width_to_photons() / safe, 1.0)

    def lifetime(self) -> Float[Array, ""]:
        """Mean proper lifetime [ns]; infinite where nothing is open."""
        return lifetime(self.width())

    def ctau(self) -> Float[Array, ""]:
        """Proper decay length c tau [mm]."""
        return C * self.lifetime()
