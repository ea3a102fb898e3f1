"""Beams: what comes in, with its spin.

A beam is a function `beam(x) -> p_in, rho, weight`: incoming four-vectors [GeV], the
spin density matrix of the incoming fermion, and a flux weight; `x` are the unit-cube
coordinates that it draws (none for a particle at rest).
"""

import jax.numpy as jnp

from jaxtyping import Array, Complex, Float

from darkreach.algebra.kinematics import FourVector, Real
from darkreach.processes.process import spin_density
from darkreach.pytree import pytree


@pytree
class AtRest:
    """A particle at rest; the flux weight is 1/(2 m), as in a decay width.

    Attributes:
        mass: of the particle [GeV].
        polarisation: (3,) spin polarisation vector.
    """

    mass: float | Float[Array, ""]
    polarisation: Float[Array, "3"]
    drawn: int = 0

    def __call__(
        self, x: Float[Array, " d"]
    ) -> tuple[tuple[FourVector, ...], Complex[Array, "2 2"], Real]:
        """Incoming four-vector, spin density and weight [1/GeV]."""
        mass = jnp.asarray(self.mass, float)
        zero = jnp.zeros_like(mass)
        still = FourVector(mass, zero, zero, zero)
        return (still,), spin_density(self.polarisation), 1 / (2 * mass)


def at_rest(
    mass: float, polarisation: tuple[float, float, float] = (0, 0, 0)
) -> AtRest:
    """A particle at rest.

    Args:
        mass: [GeV].
        polarisation: spin polarisation vector of the positive lepton. z is the beam
            axis where there is a beam (a surface mu+ beam has P_z < 0), else the spin
            axis.
    """
    return AtRest(mass=mass, polarisation=jnp.asarray(polarisation, float))
