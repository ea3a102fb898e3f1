"""Weighted events: the arrays, and how samples are put together."""

from dataclasses import replace
from typing import Protocol, TypeVar, runtime_checkable

import jax
import jax.numpy as jnp
import numpy as np

from jaxtyping import Array, Bool, Float, Key

from darkreach.algebra.kinematics import FourVector
from darkreach.pytree import pytree


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

    def vector(self, name: str) -> FourVector:
        """Momenta of one slot, each component a flat array of n [GeV]."""
        return FourVector.from_array(self.p[:, self.names.index(name)])


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


def scaled(
    events: Events, factor: float | Float[Array, ""] | Float[Array, " n"]
) -> Events:
    """The same events with all weights multiplied."""
    return Events(
        p=events.p,
        vertex=events.vertex,
        seen=events.seen,
        weight=events.weight * factor,
        names=events.names,
    )


@runtime_checkable
class Weighted(Protocol):
    """Anything with events along the first axis of all its arrays."""

    @property
    def weight(self) -> Array:
        """Of each event."""


W = TypeVar("W", bound=Weighted)


def packed(sample: W, multiple: int) -> W:
    """Only the events with a weight, and copies without one up to a full number.

    Args:
        sample: `Events`, or what is calculated from them.
        multiple: the number of events is a multiple of this, and at least this.
    """
    weight = np.asarray(sample.weight)
    kept = np.flatnonzero(weight)
    size = max(-(-len(kept) // multiple), 1) * multiple
    index = np.concatenate([kept, np.zeros(size - len(kept), int)])
    few: W = jax.tree.map(lambda a: jnp.asarray(np.asarray(a)[index]), sample)
    alive = jnp.asarray(weight[index] * (np.arange(size) < len(kept)))
    return replace(few, weight=alive)  # type: ignore[type-var]


def parts(events: Events, size: int) -> list[Events]:
    """The events with a weight, in samples of equal size: one compilation for all.

    Args:
        events: any number.
        size: of each sample; the last is filled up with events without weight.
    """
    few = packed(events, size)
    starts = range(0, len(few), size)
    return [jax.tree.map(lambda a, i=i: a[i : i + size], few) for i in starts]
