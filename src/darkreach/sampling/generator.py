"""Draw weighted events of a process."""

from collections.abc import Callable
from functools import cache, partial
from typing import Any, Final

import jax
import jax.numpy as jnp

from jaxtyping import Array, Float, Key

from darkreach.algebra.kinematics import FourVector, Real
from darkreach.processes.process import (
    Channelled,
    Paired,
    Process,
    share,
    squared,
)
from darkreach.pytree import FUSED
from darkreach.sampling import phasespace
from darkreach.sampling.adaptive import CHUNK, Grid, Integrand, adapt
from darkreach.sampling.beams import Beam, Spin
from darkreach.sampling.channels import drawn
from darkreach.sampling.events import Events
from darkreach.sampling.observables import INVISIBLE, Cut, View, checked, passes, view

LANES: Final = 4096  # events at a time in the amplitude: its arrays fit the cache

Importance = Callable[[View], Real]
PhaseSpace = Callable[..., tuple[tuple[FourVector, ...], Real]]

# Traced once for a process, not anew for each grid and sample of it.
_squared: Final = jax.jit(squared)


def dimensions(process: Process, beam: Beam) -> int:
    """Unit-cube coordinates of one event: masses, beam, phase space."""
    return process.drawn + beam.drawn + phasespace.dimensions(len(process.outgoing))


def _amplitude(
    process: Process,
    momenta: tuple[FourVector, ...],
    rho: Spin,
) -> Real:
    """The squared amplitude, from momenta that are in memory.

    Under `vmap`, blocks of events one after the other: XLA does not look through a
    loop, and so does not compute the phase space again in every lane of the amplitude
    (3 times faster for mu -> 3e nu nu, measured).
    """
    arguments, tree = jax.tree.flatten((process, momenta, rho))

    @jax.custom_batching.custom_vmap
    def one(leaves: list[Any]) -> Any:
        return _squared(*jax.tree.unflatten(tree, leaves))

    @one.def_vmap
    def in_blocks(size: int, batched: Any, leaves: list[Any]) -> tuple[Array, bool]:
        blocks = size // LANES if size % LANES == 0 else 1
        (moves,) = batched
        axes = [0 if moving else None for moving in moves]
        rows = [a for a, moving in zip(leaves, moves, strict=True) if moving]

        def one_block(block: list[Array]) -> Array:
            rest = iter(block)
            mixed = [
                next(rest) if moving else a
                for a, moving in zip(leaves, moves, strict=True)
            ]
            return jnp.asarray(jax.vmap(one.fun, in_axes=(axes,))(mixed))

        reshaped = [a.reshape(blocks, size // blocks, *a.shape[1:]) for a in rows]
        return jax.lax.map(one_block, reshaped).reshape(size), True

    value: Real = one(arguments)
    return value


def event(
    process: Process,
    beam: Beam,
    cuts: tuple[Cut, ...],
    x: Float[Array, " d"],
    *,
    space: PhaseSpace = phasespace.chain,
    channel: str = "",
) -> tuple[tuple[FourVector, ...], Float[Array, ""]]:
    """One weighted event at a point of the unit cube.

    Args:
        process: what decays into what.
        beam: what comes in.
        cuts: events outside get weight 0.
        x: `dimensions(process, beam)` coordinates: masses, beam, phase space.
        space: `phasespace.chain`, or `phasespace.directions` where a detector's windows
            decide what counts.
        channel: of a `Channelled` process, in place of `space`.

    Returns:
        Momenta in the order of `process.outgoing` [GeV] where the incoming ones are at
        rest in sum, and the weight. Cuts speak of the laboratory.
    """
    masses, weight = process.masses(x[: process.drawn])
    rest = x[process.drawn :]
    incoming, rho, flux = beam(rest[: beam.drawn])
    total = sum(incoming[1:], start=incoming[0])
    point = rest[beam.drawn :]
    if isinstance(process, Channelled):
        momenta, volume = drawn(process, channel, point, incoming, masses)
    else:
        order = [process.outgoing.index(name) for name in process.chain]
        if isinstance(process, Paired):
            space = partial(space, pair=process.pair_mass)
        emitted, volume = space(point, total, tuple(masses[i] for i in order))
        momenta = tuple(emitted[order.index(i)] for i in range(len(order)))
    seen = tuple(beam.to_laboratory(p) for p in momenta)
    kept = passes(cuts, view(process.outgoing, beam.to_laboratory(total), seen))
    amplitude = _amplitude(process, (*incoming, *momenta), rho)
    # Dropped points may sit on a pole (0 * inf), and must be exactly 0.
    alive = (kept > 0) & (volume > 0)
    counted = weight * share(process, momenta)
    return momenta, jnp.where(alive, amplitude * volume * counted * flux, 0.0)


def _emphasised(  # noqa: PLR0917 - a Partial binds them in order
    space: PhaseSpace,
    channel: str,
    process: Process,
    beam: Beam,
    cuts: tuple[Cut, ...],
    importance: Importance | None,
    x: Float[Array, " d"],
) -> Float[Array, ""]:
    momenta, weight = event(process, beam, cuts, x, space=space, channel=channel)
    if importance is None:
        return weight
    parent = beam.to_laboratory(sum(momenta[1:], start=momenta[0]))
    seen = tuple(beam.to_laboratory(p) for p in momenta)
    return weight * importance(view(process.outgoing, parent, seen))


@cache
def _integrand(space: PhaseSpace, channel: str) -> Callable[..., Real]:
    """One object for each, so that jit finds what it compiled."""
    return partial(_emphasised, space, channel)


def integrand(
    process: Process,
    beam: Beam,
    cuts: tuple[Cut, ...],
    *,
    importance: Importance | None = None,
    space: PhaseSpace = phasespace.chain,
    channel: str = "",
) -> Integrand:
    """The weight of one event as a function of a point of the unit cube.

    Arguments are those of `event` and `trained_grid`.
    """
    return jax.tree_util.Partial(  # type: ignore[no-untyped-call]
        _integrand(space, channel), process, beam, cuts, importance
    )


def missing_box(
    process: Process, beam: Beam, cuts: tuple[Cut, ...]
) -> Float[Array, "d 2"] | None:
    """Where a cut on the missing energy leaves events; None if that is not a box.

    Where the invisible slot leaves first, its mass Q and energy E lie along the first
    two axes: with E < E_max, Q^2 / Q_max^2 and one minus the second coordinate stay
    below (E_max / Q_max)^2 and 2 M E_max / (M^2 - (sum of the other masses)^2). Without
    it, a tail of 1e-18 of the width would be met by no point at all.
    """
    limits = [cut.maximum for cut in cuts if cut.observable == "E_missing"]
    if not limits or process.chain[0] not in INVISIBLE:
        return None
    masses, _ = process.masses(jnp.ones(process.drawn))
    slot = process.outgoing.index(process.chain[0])
    seen = sum(m for i, m in enumerate(masses) if i != slot)
    most, parent = jnp.asarray(limits[0], float), beam.energy()
    span = 2 * parent * most / (parent**2 - seen**2)
    box = jnp.tile(jnp.array([0.0, 1.0]), (dimensions(process, beam), 1))
    box = box.at[process.drawn + beam.drawn, 0].set(jnp.maximum(1 - span, 0.0))
    if process.drawn:
        box = box.at[0, 1].set(jnp.minimum((most / masses[slot]) ** 2, 1.0))
    return box


def trained_grid(
    process: Process,
    beam: Beam,
    key: Key[Array, ""],
    *,
    cuts: tuple[Cut, ...] = (),
    importance: Importance | None = None,
    space: PhaseSpace = phasespace.chain,
    channel: str = "",
    box: Float[Array, "d 2"] | None = None,
    points: int = 65536,
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
        channel: the same, of a `Channelled` process.
        box: bounds of the coordinates, outside of which no event passes the cuts or
            matters at all.
        points: an iteration.
    """
    weight = integrand(
        process, beam, cuts, importance=importance, space=space, channel=channel
    )
    if box is None:
        box = missing_box(process, beam, cuts)
    return adapt(weight, dimensions(process, beam), key, box=box, points=points)


@partial(
    jax.jit, static_argnames=("space", "channel", "chunks"), compiler_options=FUSED
)
def _sample(
    process: Process,
    beam: Beam,
    cuts: tuple[Cut, ...],
    grid: Grid | None,
    key: Key[Array, ""],
    *,
    space: PhaseSpace,
    channel: str,
    chunks: int,
) -> tuple[tuple[FourVector, ...], Float[Array, " n"]]:
    d = dimensions(process, beam)

    def one(row: Float[Array, " d"]) -> tuple[tuple[FourVector, ...], Real]:
        x, jacobian = (row, 1.0) if grid is None else grid(row)
        momenta, weight = event(process, beam, cuts, x, space=space, channel=channel)
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
    beam: Beam,
    n: int,
    key: Key[Array, ""],
    *,
    cuts: tuple[Cut, ...] = (),
    grid: Grid | None = None,
    space: PhaseSpace = phasespace.chain,
    channel: str = "",
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
        process, beam, cuts, grid, key, space=space, channel=channel, chunks=chunks
    )
    cut: tuple[tuple[FourVector, ...], Array] = jax.tree_util.tree_map(
        lambda a: a[:n], (momenta, weight)
    )
    return cut[0], cut[1] / n


def generate(
    process: Process,
    beam: Beam,
    n: int,
    key: Key[Array, ""],
    *,
    cuts: tuple[Cut, ...] = (),
    grid: Grid | None = None,
    space: PhaseSpace = phasespace.chain,
    channel: str = "",
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
        channel: the same, of a `Channelled` process, whose channels add up.

    Returns:
        Events at the origin, in the laboratory, all seen but the invisible slots.

    Raises:
        ValueError: `n` is not positive or a cut does not fit the process.
    """
    momenta, weight = sample(
        process, beam, n, key, cuts=cuts, grid=grid, space=space, channel=channel
    )
    momenta = tuple(beam.to_laboratory(p) for p in momenta)
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
