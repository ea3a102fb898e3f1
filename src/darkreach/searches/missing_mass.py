"""Histograms of missing mass squared from Gaussian kernels, with their variations.

An event with true value m^2 and resolution s fills every bin with the probability that
it is measured there. Scale and resolution then move smooth functions of their own, and
no event migrates: a difference of templates has no noise that a fit could take for
knowledge.
"""

from functools import partial
from typing import Final

import jax
import jax.numpy as jnp

from jaxtyping import Array, Float

from darkreach.algebra.kinematics import FourVector, Real
from darkreach.constants import M_MU
from darkreach.experiments.mu3e import Mu3e
from darkreach.pytree import pytree
from darkreach.sampling.events import Events

Flat = Float[Array, " n"]

BLOCK: Final = 16384  # events at a time: kernels of one block fit the cache


@pytree
class Seen:
    """What the templates need of each event.

    Attributes:
        mass_squared: true missing mass squared [GeV^2].
        error: its resolution [GeV^2].
        slope: its derivative with the relative momentum scale of all tracks [GeV^2].
        energy: reconstructed missing energy [GeV].
        cos: reconstructed polar angle of the missing momentum.
        weight: with all losses.
    """

    mass_squared: Flat
    error: Flat
    slope: Flat
    energy: Flat
    cos: Flat
    weight: Flat

    def scaled(self, factor: float | Float[Array, ""]) -> "Seen":
        """All weights multiplied."""
        return Seen(
            mass_squared=self.mass_squared,
            error=self.error,
            slope=self.slope,
            energy=self.energy,
            cos=self.cos,
            weight=self.weight * factor,
        )


def joined(parts: list[Seen]) -> Seen:
    """All events of several samples."""
    both: Seen = jax.tree.map(lambda *a: jnp.concatenate(a), *parts)
    return both


def _tracks(events: Events) -> list[FourVector]:
    return [events.vector(name) for name in ("e+1", "e+2", "e-")]


def _missing(tracks: list[FourVector]) -> FourVector:
    total = tracks[0] + tracks[1] + tracks[2]
    return FourVector(M_MU - total.e, -total.x, -total.y, -total.z)


@jax.jit
def seen(experiment: Mu3e, true: Events, observed: Events) -> Seen:
    """True kinematics with resolutions, and where the event was reconstructed.

    dm^2 = -2 (E sum p_i^2 / E_i + |p|^2) ds, with E and p the missing energy and
    momentum, if all momenta are wrong by the factor 1 + s.

    Args:
        experiment: its resolutions.
        true: before the detector.
        observed: the same events behind it; their weights count.
    """
    tracks = _tracks(true)
    q, measured = _missing(tracks), _missing(_tracks(observed))
    speeds: Real = sum(p.dot3(p) / p.e for p in tracks)
    return Seen(
        mass_squared=jnp.asarray(q.mass_squared()),
        error=jnp.asarray(experiment.mass_squared_error(q, tracks)),
        slope=jnp.asarray(-2 * (q.e * speeds + q.dot3(q))),
        energy=jnp.asarray(measured.e),
        cos=measured.z / jnp.maximum(measured.momentum(), 1e-9 * M_MU),
        weight=observed.weight,
    )


@pytree
class Binning:
    """Rows in missing energy and direction, each with bins in missing mass squared.

    Attributes:
        mass_squared: edges [GeV^2].
        energy: inner edges of the rows in missing energy [GeV].
        cos: inner edges of the rows in cos(theta).
    """

    mass_squared: Float[Array, " edges"]
    energy: Float[Array, " e"]
    cos: Float[Array, " c"]

    def rows(self) -> int:
        """Number of rows."""
        return (self.energy.shape[0] + 1) * (self.cos.shape[0] + 1)

    def centres(self) -> Float[Array, " bins"]:
        """Middle of every bin in missing mass squared, from -1 to 1 over the window."""
        middle = (self.mass_squared[1:] + self.mass_squared[:-1]) / 2
        low, high = self.mass_squared[0], self.mass_squared[-1]
        return jnp.tile((2 * middle - low - high) / (high - low), self.rows())

    def energy_steps(self) -> Float[Array, " bins"]:
        """Row in missing energy of every bin, from -1 to 1."""
        return self._steps(self.energy.shape[0] + 1, self.cos.shape[0] + 1, 0)

    def cos_steps(self) -> Float[Array, " bins"]:
        """Row in cos(theta) of every bin, from -1 to 1."""
        return self._steps(self.energy.shape[0] + 1, self.cos.shape[0] + 1, 1)

    def _steps(self, energies: int, angles: int, axis: int) -> Float[Array, " bins"]:
        count = (energies, angles)[axis]
        steps = jnp.linspace(-1.0, 1.0, count) if count > 1 else jnp.zeros(1)
        shape = (energies, 1) if axis == 0 else (1, angles)
        plane = jnp.broadcast_to(steps.reshape(shape), (energies, angles))
        return jnp.repeat(plane.ravel(), self.mass_squared.shape[0] - 1)


@partial(jax.jit, static_argnames=("blocks",))
def _filled(
    binning: Binning, events: Seen, moves: Float[Array, "v 2"], *, blocks: int
) -> tuple[Float[Array, "v r b"], Float[Array, "r b"]]:
    rows = binning.rows()
    bins = binning.mass_squared.shape[0] - 1
    angles = binning.cos.shape[0] + 1

    def body(
        sums: tuple[Array, Array], part: Seen
    ) -> tuple[tuple[Array, Array], None]:
        row = jnp.searchsorted(binning.energy, part.energy) * angles
        row = row + jnp.searchsorted(binning.cos, part.cos)
        belongs = (row[None, :] == jnp.arange(rows)[:, None]) * part.weight

        def moved(move: Float[Array, "2"]) -> Float[Array, "n b"]:
            centre = part.mass_squared + part.slope * move[0]
            width = part.error * (1 + move[1]) * jnp.sqrt(2.0)
            z = (binning.mass_squared[None, :] - centre[:, None]) / width[:, None]
            below = jax.lax.erf(z) / 2
            return below[:, 1:] - below[:, :-1]

        def one(move: Float[Array, "2"]) -> Float[Array, "r b"]:
            return belongs @ moved(move)

        values = jax.lax.map(one, moves)
        squares = (belongs * part.weight) @ moved(moves[0])
        return (sums[0] + values, sums[1] + squares), None

    zero = jnp.zeros((moves.shape[0], rows, bins)), jnp.zeros((rows, bins))
    shaped = jax.tree.map(lambda a: a.reshape(blocks, -1), events)
    (values, squares), _ = jax.lax.scan(body, zero, shaped)
    return values, squares


def filled(
    binning: Binning, events: Seen, moves: Float[Array, "v 2"]
) -> tuple[Float[Array, "v bins"], Float[Array, " bins"]]:
    """Templates of every variation, and the MC errors of the first one.

    The errors are those of whole events in bins: kernels make each bin more precise,
    but share the errors among neighbours.

    Args:
        binning: of the result.
        events: a multiple of `BLOCK` of them.
        moves: relative momentum scale, and relative change of the resolution.
    """
    blocks = events.weight.shape[0] // BLOCK
    values, squares = _filled(binning, events, moves, blocks=blocks)
    return values.reshape(moves.shape[0], -1), jnp.sqrt(squares).ravel()
