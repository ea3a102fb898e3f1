"""Weighted events of a process."""

from functools import partial

import jax
import jax.numpy as jnp

from jaxtyping import Array, Bool, Float, Key

from darkreach.algebra.kinematics import FourVector
from darkreach.processes.process import Process, squared
from darkreach.pytree import pytree
from darkreach.sampling.adaptive import CHUNK, Grid, adapt
from darkreach.sampling.beams import AtRest
from darkreach.sampling.observables import Cut, checked, passes, view
from darkreach.sampling.phasespace import chain
from darkreach.sampling.phasespace import dimensions as chain_dimensions


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
    return process.drawn + beam.drawn + chain_dimensions(len(process.outgoing))


def event(
    process: Process, beam: AtRest, cuts: tuple[Cut, ...], x: Float[Array, " d"]
) -> tuple[tuple[FourVector, ...], Float[Array, ""]]:
    """One weighted event at a point of the unit cube.

    Args:
        process: what decays into what.
        beam: what comes in.
        cuts: events outside get weight 0.
        x: `dimensions(process, beam)` coordinates: masses, beam, phase space.

    Returns:
        Momenta in the order of `process.outgoing` [GeV], and the weight.
    """
    masses, weight = process.masses(x[: process.drawn])
    rest = x[process.drawn :]
    incoming, rho, flux = beam(rest[: beam.drawn])
    order = [process.outgoing.index(name) for name in process.chain]
    momenta, volume = chain(
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


def trained_grid(
    process: Process, beam: AtRest, key: Key[Array, ""], *, cuts: tuple[Cut, ...] = ()
) -> Grid:
    """A grid adapted to a process inside cuts."""
    integrand = jax.tree_util.Partial(weight_at, process, beam, cuts)
    return adapt(integrand, dimensions(process, beam), key)


@partial(jax.jit, static_argnames=("chunks",))
def _sample(
    process: Process,
    beam: AtRest,
    cuts: tuple[Cut, ...],
    grid: Grid | None,
    key: Key[Array, ""],
    *,
    chunks: int,
) -> tuple[Float[Array, "c n k 4"], Float[Array, "c n"]]:
    d = dimensions(process, beam)

    def one(row: Float[Array, " d"]) -> tuple[Float[Array, "k 4"], Float[Array, ""]]:
        x, jacobian = (row, 1.0) if grid is None else grid(row)
        momenta, weight = event(process, beam, cuts, x)
        return jnp.stack([p.array() for p in momenta]), weight * jacobian

    def body(chunk_key: Array) -> tuple[Float[Array, "n k 4"], Float[Array, " n"]]:
        return jax.vmap(one)(jax.random.uniform(chunk_key, (d, CHUNK)).T)

    return jax.lax.map(body, jax.random.split(key, chunks))


def generate(
    process: Process,
    beam: AtRest,
    n: int,
    key: Key[Array, ""],
    *,
    cuts: tuple[Cut, ...] = (),
    grid: Grid | None = None,
) -> Events:
    """Weighted events whose weights sum to the width inside the cuts.

    Args:
        process: what decays into what.
        beam: what comes in, with its spin.
        n: number of events.
        key: random key; the same key gives the same events.
        cuts: events outside get weight 0.
        grid: where to sample densely (`trained_grid`); uniform without.

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
    p, weight = _sample(process, beam, cuts, grid, key, chunks=chunks)
    k = len(process.outgoing)
    hidden = [name in ("inv", "alp") for name in process.outgoing]
    return Events(
        p=p.reshape(-1, k, 4)[:n],
        vertex=jnp.zeros((n, k, 3)),
        seen=jnp.tile(~jnp.array(hidden), (n, 1)),
        weight=weight.reshape(-1)[:n] / n,
        names=process.outgoing,
    )
