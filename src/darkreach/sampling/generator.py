"""Draw weighted events of a process."""

from collections.abc import Callable
from functools import partial
from typing import Final

import jax
import jax.numpy as jnp

from jaxtyping import Array, Float, Key

from darkreach.algebra.kinematics import FourVector, Real
from darkreach.processes.process import Process, squared
from darkreach.sampling import phasespace
from darkreach.sampling.adaptive import CHUNK, Grid, adapt
from darkreach.sampling.beams import AtRest
from darkreach.sampling.events import Events
from darkreach.sampling.observables import INVISIBLE, Cut, View, checked, passes, view

Importance = Callable[[View], Real]
PhaseSpace = Callable[..., tuple[tuple[FourVector, ...], Real]]


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
    box: Float[Array, "d 2"] | None = None,
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
        box: bounds of the coordinates, outside of which no event passes the cuts or
            matters at all.
    """
    integrand = jax.tree_util.Partial(  # type: ignore[no-untyped-call]
        _INTEGRANDS[space], process, beam, cuts, importance
    )
    return adapt(integrand, dimensions(process, beam), key, box=box)


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
) -> tuple[tuple[FourVector, ...], Float[Array, " n"]]:
    d = dimensions(process, beam)

    def one(row: Float[Array, " d"]) -> tuple[tuple[FourVector, ...], Real]:
        x, jacobian = (row, 1.0) if grid is None else grid(row)
        momenta, weight = event(process, beam, cuts, x, space=space)
        return momenta, weight * jacobian

    def body(chunk_key: Array) -> tuple[tuple[FourVector, ...], Real]:
        return jax.vmap(one)(jax.random.uniform(chunk_key, (d, CHUNK)).T)

    chunked = jax.lax.map(body, jax.random.split(key, chunks))
    flat: tuple[tuple[FourVector, ...], Array] = jax.tree_util.tree_map(
        lambda a: a.reshape(-1), chunked
    )
    return flat


def sample(
    process: Process,
    beam: AtRest,
    n: int,
    key: Key[Array, ""],
    *,
    cuts: tuple[Cut, ...] = (),
    grid: Grid | None = None,
    space: PhaseSpace = phasespace.chain,
) -> tuple[tuple[FourVector, ...], Float[Array, " n"]]:
    """Momenta and weights of n events, each component a flat array.

    What `generate` stacks into `Events`; for millions that are only summed. Arguments,
    units and errors are those of `generate`.

    Returns:
        One four-vector an outgoing slot [GeV], and the weights.
    """
    if n < 1:
        msg = f"n is {n}; expected at least one event"
        raise ValueError(msg)
    checked(cuts, process.outgoing)
    chunks = -(-n // CHUNK)
    momenta, weight = _sample(
        process, beam, cuts, grid, key, space=space, chunks=chunks
    )
    cut: tuple[tuple[FourVector, ...], Array] = jax.tree_util.tree_map(
        lambda a: a[:n], (momenta, weight)
    )
    return cut[0], cut[1] / n


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
    momenta, weight = sample(process, beam, n, key, cuts=cuts, grid=grid, space=space)
    k = len(process.outgoing)
    hidden = [name in INVISIBLE for name in process.outgoing]
    return Events(
        p=_stacked(momenta),
        vertex=jnp.zeros((n, k, 3)),
        seen=jnp.tile(~jnp.array(hidden), (n, 1)),
        weight=weight,
        names=process.outgoing,
    )


@jax.jit
def _stacked(momenta: tuple[FourVector, ...]) -> Float[Array, "n k 4"]:
    return jnp.stack([p.array() for p in momenta], axis=1)
