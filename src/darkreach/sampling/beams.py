"""Beams: what comes in, with its spin.

A beam is a function `beam(x) -> p_in, rho, weight`: incoming four-vectors in the frame
where they are at rest in sum [GeV], the spin density matrix of a decaying fermion (None
for an average over spins), and a flux weight; `x` are the unit-cube coordinates that it
draws (none here). `to_laboratory` takes momenta to where a detector sees them.
"""

from typing import Protocol, runtime_checkable

import jax.numpy as jnp

from jaxtyping import Array, Complex, Float

from darkreach.algebra.kinematics import FourVector, Real, boost_z
from darkreach.constants import M_E
from darkreach.processes.process import spin_density
from darkreach.pytree import pytree
from darkreach.units import GeV

Scalar = float | Float[Array, ""]
Spin = Complex[Array, "2 2"] | None
Incoming = tuple[tuple[FourVector, ...], Spin, Real]


@runtime_checkable
class Beam(Protocol):
    """What `generate` asks of a beam."""

    @property
    def drawn(self) -> int:
        """Unit-cube coordinates that it uses."""

    def energy(self) -> Real:
        """Of all incoming particles where they are at rest in sum [GeV]."""

    def to_laboratory(self, p: FourVector) -> FourVector:
        """From that frame to the laboratory."""

    def __call__(self, x: Float[Array, " d"]) -> Incoming:
        """Incoming four-vectors, spin density, flux."""


@pytree
class AtRest:
    """A particle at rest; the flux weight is 1/(2 m), as in a decay width.

    Attributes:
        mass: of the particle [GeV].
        polarisation: (3,) spin polarisation vector.
    """

    mass: Scalar
    polarisation: Float[Array, "3"]
    drawn: int = 0

    def energy(self) -> Real:
        """Its mass [GeV]."""
        return self.mass

    def to_laboratory(self, p: FourVector) -> FourVector:
        """The particle is at rest in the laboratory."""
        return p

    def __call__(self, x: Float[Array, " d"]) -> Incoming:
        """Incoming four-vector, spin density and weight [1/GeV]."""
        mass = jnp.asarray(self.mass, float)
        zero = jnp.zeros_like(mass)
        still = FourVector(mass, zero, zero, zero)
        return (still,), spin_density(self.polarisation), 1 / (2 * mass)


@pytree
class Collider:
    """Electrons along +z on positrons, head on, unpolarised; flux 1 / (4 |p| sqrt(s)).

    Attributes:
        electron_energy, positron_energy: of the beams in the laboratory [GeV].
    """

    electron_energy: Scalar
    positron_energy: Scalar
    drawn: int = 0

    def _total(self) -> tuple[Real, Real, Real]:
        """Energy, momentum along z, and invariant mass [GeV]."""
        one, two = jnp.asarray(self.electron_energy), jnp.asarray(self.positron_energy)
        forward, backward = (jnp.sqrt(e * e - M_E * M_E) for e in (one, two))
        squared = 2 * (M_E * M_E + one * two + forward * backward)
        return one + two, forward - backward, jnp.sqrt(squared)

    def energy(self) -> Real:
        """sqrt(s) [GeV]."""
        return self._total()[2]

    def to_laboratory(self, p: FourVector) -> FourVector:
        """A boost along z."""
        energy, momentum, mass = self._total()
        return boost_z(p, energy, momentum, mass)

    def __call__(self, x: Float[Array, " d"]) -> Incoming:
        """Electron and positron in the centre of mass, and weight [GeV^-2]."""
        total = self.energy()
        half, zero = total / 2, jnp.zeros_like(total)
        momentum = jnp.sqrt(half * half - M_E * M_E)
        electron = FourVector(half, zero, zero, momentum)
        positron = FourVector(half, zero, zero, -momentum)
        return (electron, positron), None, 1 / (4 * momentum * total)


def belle2() -> Collider:
    """7 GeV on 4 GeV, head on: sqrt(s) = 10.583 GeV (arXiv:1808.10567)."""
    return Collider(electron_energy=7 * GeV, positron_energy=4 * GeV)


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
