"""Histograms of missing mass squared from Gaussian kernels, with their variations.

An event with true value m^2 and resolution s fills every bin with the probability that
it is measured there. The derivatives with scale and resolution are then exact, and no
event migrates: variations have no noise that a fit could take for knowledge.
"""

import math

from dataclasses import replace
from functools import partial
from typing import Final

import jax
import jax.numpy as jnp

from jaxtyping import Array, Float

from darkreach.algebra.kinematics import FourVector, Real
from darkreach.constants import M_MU
from darkreach.experiments.mu3e import Mu3e
from darkreach.pytree import pytree
from darkreach.sampling.events import Events, packed

KERNEL: Final = 3.0  # times a large resolution; 1e-3 of an event lies beyond

Flat = Float[Array, "*n"]  # in blocks, inside `_filled`

BLOCK: Final = 4096  # events at a time: the kernels of one block fit the cache


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
        return replace(self, weight=self.weight * factor)


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
        error: a large resolution, which few events exceed [GeV^2].
    """

    mass_squared: Float[Array, " edges"]
    energy: Float[Array, " e"]
    cos: Float[Array, " c"]
    error: Float[Array, ""]

    def rows(self) -> int:
        """Number of rows."""
        return (self.energy.shape[0] + 1) * (self.cos.shape[0] + 1)

    def reach(self) -> tuple[Float[Array, ""], Float[Array, ""]]:
        """True missing masses squared that a measurement may bring into the window."""
        return (
            self.mass_squared[0] - KERNEL * self.error,
            self.mass_squared[-1] + KERNEL * self.error,
        )

    def centres(self) -> Float[Array, " bins"]:
        """Middle of every bin in missing mass squared, from -1 to 1 over the window."""
        middle = (self.mass_squared[1:] + self.mass_squared[:-1]) / 2
        low, high = self.mass_squared[0], self.mass_squared[-1]
        return jnp.tile((2 * middle - low - high) / (high - low), self.rows())

    def energy_steps(self) -> Float[Array, " bins"]:
        """Row in missing energy of every bin, from -1 to 1."""
        steps = jnp.repeat(_steps(self.energy), self.cos.shape[0] + 1)
        return jnp.repeat(steps, self.mass_squared.shape[0] - 1)

    def cos_steps(self) -> Float[Array, " bins"]:
        """Row in cos(theta) of every bin, from -1 to 1."""
        steps = jnp.tile(_steps(self.cos), self.energy.shape[0] + 1)
        return jnp.repeat(steps, self.mass_squared.shape[0] - 1)


def _steps(inner: Float[Array, " n"]) -> Float[Array, " rows"]:
    """One number a row between inner edges, from -1 to 1; 0 for a single row."""
    count = inner.shape[0] + 1
    return jnp.linspace(-1.0, 1.0, count) if count > 1 else jnp.zeros(1)


@pytree
class Templates:
    """Expected events per bin, and how they move.

    Attributes:
        values: nominal.
        scale: derivative with the relative momentum scale.
        stretch: derivative with the relative resolution.
        squares: of the MC errors.
    """

    values: Float[Array, " bins"]
    scale: Float[Array, " bins"]
    stretch: Float[Array, " bins"]
    squares: Float[Array, " bins"]

    def __add__(self, other: "Templates") -> "Templates":
        both: Templates = jax.tree.map(jnp.add, self, other)
        return both

    def factorised(self, rows: int) -> "Templates":
        """The same shape in all rows, for few events of uneven weights; no MC errors.

        For a background of a few per cent, whose bins need not be known well.
        """

        def one(values: Float[Array, " bins"]) -> Float[Array, " bins"]:
            share = self.values.reshape(rows, -1).sum(axis=1) / self.values.sum()
            shape = values.reshape(rows, -1).sum(axis=0)
            return (share[:, None] * shape).ravel()

        return Templates(
            values=one(self.values),
            scale=one(self.scale),
            stretch=one(self.stretch),
            squares=jnp.zeros_like(self.squares),
        )

    def times(self, factor: Float[Array, " bins"]) -> "Templates":
        """Every bin multiplied."""
        return Templates(
            values=self.values * factor,
            scale=self.scale * factor,
            stretch=self.stretch * factor,
            squares=self.squares * factor**2,
        )

    def error(self) -> Float[Array, " bins"]:
        """MC errors of the bins.

        Neighbours within a kernel share them: as many bins as a kernel covers are as
        good as one, and each error stands for its share of the common one.
        """
        return jnp.sqrt(self.squares)


@partial(jax.jit, static_argnames=("blocks",))
def _filled(binning: Binning, events: Seen, *, blocks: int) -> Templates:
    rows = binning.rows()
    bins = binning.mass_squared.shape[0] - 1
    angles = binning.cos.shape[0] + 1

    def body(sums: Templates, part: Seen) -> tuple[Templates, None]:
        row = jnp.searchsorted(binning.energy, part.energy) * angles
        row = row + jnp.searchsorted(binning.cos, part.cos)
        own = row[None, :] == jnp.arange(rows, dtype=row.dtype)[:, None]
        belongs = jnp.where(own, part.weight[None, :], 0.0)
        distance = binning.mass_squared[:, None] - part.mass_squared[None, :]
        z = distance / part.error[None, :]
        below = jax.lax.erf(z / math.sqrt(2)) / 2
        density = jnp.exp(-z * z / 2) / math.sqrt(2 * math.pi)

        def binned(
            edges: Float[Array, "edges n"], weights: Float[Array, "rows n"]
        ) -> Float[Array, " bins"]:
            return jnp.diff(weights @ edges.T, axis=1).ravel()

        # The sum of k bins with one common error has k times the error, not sqrt(k).
        width = binning.mass_squared[1] - binning.mass_squared[0]
        shared = jnp.maximum(math.sqrt(4 * math.pi) * part.error / width, 1.0)
        heavy = belongs * (part.weight * shared)[None, :]
        squares = (heavy @ jnp.diff(below, axis=0).T ** 2).ravel()
        found = Templates(
            values=binned(below, belongs),
            scale=binned(-density * (part.slope / part.error)[None, :], belongs),
            stretch=binned(-density * z, belongs),
            squares=squares,
        )
        return sums + found, None

    zero = jnp.zeros(rows * bins)
    none = Templates(values=zero, scale=zero, stretch=zero, squares=zero)
    shaped = jax.tree.map(lambda a: a.reshape(blocks, -1), events)
    total: Templates = jax.lax.scan(body, none, shaped)[0]
    return total


def filled(binning: Binning, events: Seen) -> Templates:
    """Templates of a sample."""
    padded = packed(events, 16 * BLOCK)  # few sizes, so few compilations
    blocks = padded.weight.shape[0] // BLOCK
    found: Templates = _filled(binning, padded, blocks=blocks)
    return found
