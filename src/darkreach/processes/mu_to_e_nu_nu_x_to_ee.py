"""mu+ -> e+ nu nubar X with X -> e+ e-: a prompt resonance in three tracks."""

from typing import Final

import jax.numpy as jnp

from jaxtyping import Array, Float

from darkreach.algebra import propagators
from darkreach.algebra.dirac import Complex, left_current
from darkreach.algebra.invisible import draw_mass
from darkreach.algebra.kinematics import FourVector, Real
from darkreach.constants import M_E, M_MU
from darkreach.models.dark_photon import DarkPhoton
from darkreach.processes.emission import Resonance, boson, conversion
from darkreach.pytree import pytree

# A narrower line is drawn with this width over mass, at the same rate: the rate moves
# by as little, and no detector resolves 1e-8.
NARROWEST: Final = 1e-8


@pytree
class MuToENuNuXToEe:
    """X leaves the muon or the positron; two exchanges (arXiv:2311.17913).

    Exact at tree level, with the spin correlations of production and decay and the
    width of X; without the interference with the virtual photon. The neutrinos have no
    coupling to X, see `mu_to_e_nu_nu_x`.
    """

    model: Resonance = DarkPhoton()
    incoming: tuple[str, ...] = ("mu",)
    outgoing: tuple[str, ...] = ("e+1", "e+2", "e-", "inv")
    chain: tuple[str, ...] = ("inv", "e+2", "e+1", "e-")
    drawn: int = 1

    def masses(self, x: Float[Array, " d"]) -> tuple[tuple[Real, ...], Real]:
        """Outgoing masses [GeV] and weight: Q^2 of the neutrino pair is drawn.

        Beyond the end of its phase space only the tail of X would be left: weight 0.
        """
        pair, weight = draw_mass(x[0], M_MU - 3 * M_E)
        room = (self.model.mass > 2 * M_E) & (self.model.mass < M_MU - M_E)
        return (M_E, M_E, M_E, pair), jnp.where(room, weight, 0.0)

    def pair_mass(self, x: Real, low: Real, high: Real) -> tuple[Real, Real]:
        """Mass of (e+1, e-), drawn along the line of X."""
        return propagators.draw_resonance(
            x, low, high, mass=self.model.mass, width=self._width()
        )

    def pole(self, k: FourVector) -> Real:
        """Size of the squared propagator of the pair with momentum k."""
        line = propagators.resonance(k, self.model.mass, self._width())
        return line.times_conj(line).re

    def current(self, *momenta: FourVector) -> tuple[object, ...]:
        """The charged current by spin: [mu][e+1][e+2][e-]."""
        couplings, strength = boson(self.model)
        true = self.model.width()
        wider = jnp.where(true > 0, self._width() / jnp.where(true > 0, true, 1.0), 0.0)
        factor = strength * jnp.sqrt(wider)

        def propagator(k: FourVector) -> Complex:
            return propagators.resonance(k, self.model.mass, self._width()) * factor

        return conversion(couplings, propagator, momenta[:4], vertex=left_current)

    def _width(self) -> Real:
        return jnp.maximum(self.model.width(), NARROWEST * self.model.mass)
