"""Three tracks with a resonance: the pair, its angles, and exact squared amplitudes.

A muon at rest decays to two positrons and an electron, so the neutrinos take what the
tracks leave over, and both squared amplitudes follow from the tracks alone.
"""

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any, Final, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from jaxtyping import Array, Float

from darkreach.algebra import propagators
from darkreach.algebra.dirac import left_current
from darkreach.algebra.kinematics import FourVector, Real, cos_angle
from darkreach.constants import M_MU
from darkreach.processes.emission import Resonance, boson, conversion
from darkreach.processes.mu_to_3e_nu_nu import MuTo3eNuNu
from darkreach.processes.mu_to_e_nu_nu_x_to_ee import MuToENuNuXToEe
from darkreach.processes.process import spin_density, squared
from darkreach.pytree import FUSED, pytree
from darkreach.sampling.events import Events

Scalar = float | Float[Array, ""]
Flat = Float[Array, " n"]
Host = Float[np.ndarray, "_"]

BLOCK: Final = 4096  # events of an amplitude at a time: its arrays fit the cache
BATCH: Final = 2**15  # events a call, so that no other number is compiled
CELLS: Final = (8, 4, 4)  # of the three angles
FEWEST: Final = 10.0  # effective events in a cell whose ratio is used as it is


class Tracks(NamedTuple):
    """Three tracks as a mass hypothesis sorts them.

    Attributes:
        partner: the positron whose mass with the electron is the nearest [GeV].
        other: the other positron [GeV].
        electron: the electron [GeV].
    """

    partner: FourVector
    other: FourVector
    electron: FourVector

    def pair_mass(self) -> Real:
        """Mass of the candidate [GeV]."""
        return _mass(self.partner + self.electron)

    def other_mass(self) -> Real:
        """Mass of the other positron with the electron [GeV]: the collinear pole."""
        return _mass(self.other + self.electron)

    def positrons_cos(self) -> Real:
        """Cosine between the two positrons."""
        return cos_angle(self.partner, self.other)

    def opening_cos(self) -> Real:
        """Cosine between the candidate's tracks; for its mass, its energy."""
        return cos_angle(self.partner, self.electron)

    def missing(self) -> FourVector:
        """What a muon at rest leaves to the neutrinos."""
        seen = self.partner + self.electron + self.other
        return FourVector(M_MU - seen.e, -seen.x, -seen.y, -seen.z)

    def momenta(self) -> tuple[FourVector, ...]:
        """Those of a squared amplitude: the muon, three tracks, the neutrinos."""
        zero = jnp.zeros_like(self.electron.e)
        muon = FourVector(M_MU + zero, zero, zero, zero)
        return muon, self.partner, self.other, self.electron, self.missing()


def _mass(p: FourVector) -> Real:
    return jnp.sqrt(jnp.maximum(p.mass_squared(), 0.0))


@jax.jit
def sorted_tracks(events: Events, mass: Scalar) -> Tracks:
    """The pair whose mass is nearest to a hypothesis [GeV] first."""
    one, two, minus = (events.vector(name) for name in ("e+1", "e+2", "e-"))
    first, second = (jnp.abs(_mass(p + minus) - mass) for p in (one, two))
    swap = second < first
    pairs = list(zip(one, two, strict=True))
    partner = FourVector(*(jnp.where(swap, b, a) for a, b in pairs))
    other = FourVector(*(jnp.where(swap, a, b) for a, b in pairs))
    return Tracks(partner, other, minus)


@pytree
class _Line(MuToENuNuXToEe):
    """X at the mass of the pair of each event, with the width of the resolution.

    Attributes:
        line: width [GeV].
    """

    line: Scalar

    def current(self, *momenta: FourVector) -> tuple[object, ...]:
        couplings, _ = boson(self.model)
        line = partial(propagators.resonance, mass=self.model.mass, width=self.line)
        return conversion(couplings, line, momenta[:4], vertex=left_current)


def _blocks(square: Callable[[Tracks], Array], tracks: Tracks) -> Flat:
    """XLA does not look through a loop: arrays of a block stay in the cache."""
    n = jnp.shape(tracks.electron.e)[0]
    size = min(BLOCK, n)

    def cut(a: Array) -> Array:
        return a.reshape(n // size, size)

    values: Array = jax.lax.map(jax.vmap(square), jax.tree.map(cut, tracks))
    return values.reshape(-1)


@partial(jax.jit, compiler_options=FUSED)
def _background(tracks: Tracks, polarisation: Float[Array, "3"]) -> Flat:
    process, rho = MuTo3eNuNu(), spin_density(polarisation)

    def one(t: Tracks) -> Array:
        return jnp.asarray(squared(process, t.momenta(), rho))

    return _blocks(one, tracks)


@partial(jax.jit, compiler_options=FUSED)
def _signal(
    model: Resonance, tracks: Tracks, polarisation: Float[Array, "3"], width: Scalar
) -> Flat:
    rho = spin_density(polarisation)

    def one(t: Tracks) -> Array:
        process = _Line(model=replace(model, mass=t.pair_mass()), line=width)
        return jnp.asarray(squared(process, t.momenta(), rho))

    return _blocks(one, tracks)


def _batched(square: Callable[[Tracks], Flat], tracks: Tracks) -> Host:
    n = jnp.shape(tracks.electron.e)[0]

    def part(start: int) -> Host:
        def cut(a: Any) -> Array:
            piece = jnp.asarray(a)[start : start + BATCH]
            return jnp.pad(piece, (0, BATCH - piece.shape[0]), mode="edge")

        return np.asarray(square(jax.tree.map(cut, tracks)))

    parts = [part(start) for start in range(0, n, BATCH)]
    return np.concatenate(parts)[:n] if parts else np.zeros(0)


def background_square(tracks: Tracks, *, polarisation: Float[Array, "3"]) -> Host:
    """|M|^2 of mu -> 3e nu nu at reconstructed momenta; below 0 where unphysical."""
    return _batched(lambda t: _background(t, polarisation), tracks)


def signal_square(
    model: Resonance,
    tracks: Tracks,
    *,
    polarisation: Float[Array, "3"],
    width: Scalar,
) -> Host:
    """|M|^2 of mu -> e nu nu X(-> e e) at reconstructed momenta, up to a factor.

    X has the mass of the candidate, so that momenta need not be moved and the line adds
    nothing to what the mass says; its width decides where the other pair counts too.

    Args:
        model: X and its couplings; its mass is not used.
        tracks: candidates first.
        polarisation: of the mu+.
        width: of the line, of the size of the resolution [GeV].
    """
    return _batched(lambda t: _signal(model, t, polarisation, width), tracks)


def angles_of(tracks: Tracks) -> Float[np.ndarray, "3 n"]:
    """The three that tell signal and background apart best; see the manual.

    The mass of the other pair, where the background has a collinear pole, the angle
    between the positrons and the opening angle of the candidate: with the masses, the
    three angles between the tracks.
    """
    values = _angles(tracks)
    return np.stack([np.asarray(v) for v in values])


@jax.jit
def _angles(tracks: Tracks) -> tuple[Real, Real, Real]:
    return tracks.other_mass(), tracks.positrons_cos(), tracks.opening_cos()
