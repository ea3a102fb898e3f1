"""Weighted events of a process."""

from collections.abc import Callable
from functools import partial
from typing import Final

import jax
import jax.numpy as jnp

from jaxtyping import Array, Bool, Float, Key

from darkreach.algebra.kinematics import FourVector, Real
from darkreach.processes.process import Process, squared
from darkreach.pytree import pytree
from darkreach.sampling import phasespace
from darkreach.sampling.adaptive import CHUNK, Grid, adapt
from darkreach.sampling.beams import AtRest
from darkreach.sampling.observables import Cut, View, checked, passes, view

Importance = Callable[[View], Float[Array, ""]]
PhaseSpace = Callable[..., tuple[tuple[FourVector, ...], Real]]


@pytree
class Events:
    """Rectangular arrays of n events with k outgoing slots.

    Attributes:
        p: momenta [GeV].
        vertex: where each particle comes from [mm].
        seen: whether each particle is detected.
        weight: [GeV] for a width, [GeV^-2] for a cross section; the sum is the total,
            an event is dropped by weight 0.
        names: of the slots.
    """

    p: Float[Array, "n k 4"]
    vertex: Float[Array, "n k 3"]
    seen: Bool[Array, "n k"]
    weight: Float[Array, " n"]
    names: tuple[str, ...]

    def __len__(self) -> int:
        return self.weight.shape[0]


def dimensions(process: Process, beam: AtRest) -> int:
    """Unit-cube coordinates of one event: masses, beam, phase space."""
    return process.drawn + beam.drawn + phasespace.dimensions(len(process.outgoing))


def event(
    process: Process,
    beam: AtRest,
    cuts: tuple[Cut, ...],
    x: Float[Array, " d"],
    *,
    space: PhaseSpace = phasespace.chain,
) -> tuple[tuple[FourVector, ...], Float[Array, ""]]:
    """One weighted event at a point of the unit cube.

    Args:
        process: what decays into what.
        beam: what comes in.
        cuts: events outside get weight 0.
        x: `dimensions(process, beam)` coordinates: masses, beam, phase space.
        space: `phasespace.chain`, or `phasespace.directions` where a detector's windows
            decide what counts.

    Returns:
        Momenta in the order of `process.outgoing` [GeV], and the weight.
    """
    masses, weight = process.masses(x[: process.drawn])
    rest = x[process.drawn :]
    incoming, rho, flux = beam(rest[: beam.drawn])
    order = [process.outgoing.index(name) for name in process.chain]
    momenta, volume = space(
        rest[beam.drawn :], incoming[0], tuple(masses[i] for i in order)
    )
    sorted_momenta = tuple(momenta[order.index(i)] for i in range(len(order)))
    kept = passes(cuts, view(process.outgoing, incoming[0], sorted_momenta))
    amplitude = squared(process, (*incoming, *sorted_momenta), rho)
    # Dropped points may sit on a pole (0 * inf), and must be exactly 0.
    alive = (kept > 0) & (volume > 0)
    total = jnp.where(alive, amplitude * volume * weight * flux, 0.0)
    return sorted_momenta, total


def weight_at(
    process: Process, beam: AtRest, cuts: tuple[Cut, ...], x: Float[Array, " d"]
) -> Float[Array, ""]:
    """The weight of one event: the integrand of a width or cross section."""
    return event(process, beam, cuts, x)[1]


def _emphasised(  # noqa: PLR0917 - a Partial binds them in order
    space: PhaseSpace,
    process: Process,
    beam: AtRest,
    cuts: tuple[Cut, ...],
    importance: Importance | None,
    x: Float[Array, " d"],
) -> Float[Array, ""]:
    momenta, weight = event(process, beam, cuts, x, space=space)
    if importance is None:
        return weight
    parent = sum(momenta[1:], start=momenta[0])
    return weight * importance(view(process.outgoing, parent, momenta))


# One object for each, so that jit finds what it compiled.
_INTEGRANDS: Final = {
    space: partial(_emphasised, space)
    for space in (phasespace.chain, phasespace.directions)
}


def trained_grid(
    process: Process,
    beam: AtRest,
    key: Key[Array, ""],
    *,
    cuts: tuple[Cut, ...] = (),
    importance: Importance | None = None,
    space: PhaseSpace = phasespace.chain,
) -> Grid:
    """A grid adapted to a process inside cuts.

    Args:
        process: what decays into what.
        beam: what comes in.
        key: random key.
        cuts: nothing is sampled outside.
        importance: a factor on the weight in training only, to sample more densely what
            matters (an acceptance) or what is rare (a steep edge); a
            `jax.tree_util.Partial` of a module-level function. The events keep their
            exact weights.
        space: the phase space that `generate` will use.
    """
    integrand = jax.tree_util.Partial(  # type: ignore[no-untyped-call]
        _INTEGRANDS[space], process, beam, cuts, importance
    )
    return adapt(integrand, dimensions(process, beam), key)


@partial(jax.jit, static_argnames=("space", "chunks"))
def _sample(
    process: Process,
    beam: AtRest,
    cuts: tuple[Cut, ...],
    grid: Grid | None,
    key: Key[Array, ""],
    *,
    space: PhaseSpace,
    chunks: int,
) -> tuple[Float[Array, "c n k 4"], Float[Array, "c n"]]:
    d = dimensions(process, beam)

    def one(row: Float[Array, " d"]) -> tuple[Float[Array, "k 4"], Float[Array, ""]]:
        x, jacobian = (row, 1.0) if grid is None else grid(row)
        momenta, weight = event(process, beam, cuts, x, space=space)
        return jnp.stack([p.array() for p in momenta]), weight * jacobian

    def body(chunk_key: Array) -> tuple[Float[Array, "n k 4"], Float[Array, " n"]]:
        return jax.vmap(one)(jax.random.uniform(chunk_key, (d, CHUNK)).T)

    sample: tuple[Array, Array] = jax.lax.map(body, jax.random.split(key, chunks))
    return sample


def generate(
    process: Process,
    beam: AtRest,
    n: int,
    key: Key[Array, ""],
    *,
    cuts: tuple[Cut, ...] = (),
    grid: Grid | None = None,
    space: PhaseSpace = phasespace.chain,
) -> Events:
    """Weighted events whose weights sum to the width inside the cuts.

    Args:
        process: what decays into what.
        beam: what comes in, with its spin.
        n: number of events.
        key: random key; the same key gives the same events.
        cuts: events outside get weight 0.
        grid: where to sample densely (`trained_grid`); uniform without.
        space: the phase space that the grid was trained with.

    Returns:
        Events at the origin, all seen but the invisible slots.

    Raises:
        ValueError: `n` is not positive or a cut does not fit the process.
    """
    if n < 1:
        msg = f"n is {n}; expected at least one event"
        raise ValueError(msg)
    checked(cuts, process.outgoing)
    chunks = -(-n // CHUNK)
    p, weight = _sample(process, beam, cuts, grid, key, space=space, chunks=chunks)
    k = len(process.outgoing)
    hidden = [name in ("inv", "alp") for name in process.outgoing]
    return Events(
        p=p.reshape(-1, k, 4)[:n],
        vertex=jnp.zeros((n, k, 3)),
        seen=jnp.tile(~jnp.array(hidden), (n, 1)),
        weight=weight.reshape(-1)[:n] / n,
        names=process.outgoing,
    )


def concatenated(first: Events, second: Events) -> Events:
    """The sum of two samples with the same slots."""
    if first.names != second.names:
        msg = f"cannot add events of {second.names} to events of {first.names}"
        raise ValueError(msg)

    def join(a: Array, b: Array) -> Array:
        return jnp.concatenate([a, b])

    both: Events = jax.tree_util.tree_map(join, first, second)
    return both


def slot(events: Events, name: str) -> Events:
    """The same events with one slot only."""
    index = events.names.index(name)
    return Events(
        p=events.p[:, index : index + 1],
        vertex=events.vertex[:, index : index + 1],
        seen=events.seen[:, index : index + 1],
        weight=events.weight,
        names=(name,),
    )


def overlay(first: Events, second: Events, key: Key[Array, ""]) -> Events:
    """Accidental pairs: every event of `first` with one of `second` at random.

    The weights are products, and their sum is the product of the two sums.

    Args:
        first: n events.
        second: n events of independent origin.
        key: random key of the pairing.
    """
    if len(first) != len(second):
        msg = f"overlay needs equal numbers of events; got {len(first)}, {len(second)}"
        raise ValueError(msg)
    order = jax.random.permutation(key, len(second))
    return Events(
        p=jnp.concatenate([first.p, second.p[order]], axis=1),
        vertex=jnp.concatenate([first.vertex, second.vertex[order]], axis=1),
        seen=jnp.concatenate([first.seen, second.seen[order]], axis=1),
        weight=first.weight * second.weight[order] * len(first),
        names=first.names + second.names,
    )
