"""Adaptive importance sampling on the unit cube: a VEGAS grid.

One piecewise-constant density an axis, refined from the variance that each interval
carries (Lepage, J. Comput. Phys. 27, 192 (1978); arXiv:2009.05112, sections II-III).
"""

from collections.abc import Callable
from functools import partial

import jax
import jax.numpy as jnp

from jaxtyping import Array, Float, Key

from darkreach.pytree import FUSED, pytree

Integrand = Callable[[Float[Array, " d"]], Float[Array, ""]]

CHUNK = 16384  # events at a time: fits the cache, keeps both cores busy (measured)


@pytree
class Grid:
    """Edges of the intervals along each axis of the unit cube.

    Attributes:
        edges: (d, bins + 1), increasing; from 0 to 1, or between the ends of a box.
    """

    edges: Float[Array, "d edges"]

    def __call__(
        self, y: Float[Array, " d"]
    ) -> tuple[Float[Array, " d"], Float[Array, ""]]:
        """From a uniform point to an adapted one, and the Jacobian."""
        bins = self.edges.shape[1] - 1
        scaled = y * bins
        index = jnp.clip(scaled.astype(jnp.int32), 0, bins - 1)
        axes = jnp.arange(self.edges.shape[0])
        low = self.edges[axes, index]
        width = self.edges[axes, index + 1] - low
        inside = scaled - index.astype(scaled.dtype)
        return low + inside * width, jnp.prod(width * bins)


def uniform(
    dimensions: int, bins: int = 64, *, box: Float[Array, "d 2"] | None = None
) -> Grid:
    """The grid that leaves every point where it is, or spreads all over a box.

    Args:
        dimensions: of the unit cube.
        bins: intervals an axis.
        box: lowest and highest coordinate of each axis; the unit cube by default.
    """
    if box is None:
        box = jnp.tile(jnp.array([0.0, 1.0]), (dimensions, 1))
    return Grid(edges=jnp.linspace(box[:, 0], box[:, 1], bins + 1, axis=1))


@partial(jax.jit, static_argnames=("points",), compiler_options=FUSED)
def _refine(
    integrand: Integrand, grid: Grid, key: Key[Array, ""], *, points: int
) -> Grid:
    dimensions, bins = grid.edges.shape[0], grid.edges.shape[1] - 1
    y = jax.random.uniform(key, (points, dimensions))

    def one(row: Float[Array, " d"]) -> Float[Array, ""]:
        x, jacobian = grid(row)
        return integrand(x) * jacobian

    squares = jax.vmap(one)(y) ** 2
    index = jnp.clip((y * bins).astype(jnp.int32), 0, bins - 1)

    def axis(edges: Float[Array, " edges"], column: Array) -> Float[Array, " edges"]:
        return _rebin(edges, jax.ops.segment_sum(squares, column, bins))

    return Grid(edges=jax.vmap(axis, in_axes=(0, 1))(grid.edges, index))


def _rebin(
    edges: Float[Array, " edges"], variance: Float[Array, " bins"]
) -> Float[Array, " edges"]:
    """Move the edges so that each interval carries the same damped variance."""
    padded = jnp.pad(variance, 1, mode="edge")
    smooth = (padded[:-2] + 6 * padded[1:-1] + padded[2:]) / 8
    total = smooth.sum()
    share = jnp.clip(smooth / jnp.where(total > 0, total, 1.0), 1e-12, 1 - 1e-9)
    damped = ((1 - share) / -jnp.log(share)) ** 0.75
    cumulative = jnp.concatenate([jnp.zeros(1), jnp.cumsum(damped)])
    target = jnp.linspace(0.0, cumulative[-1], edges.shape[0])
    moved = jnp.interp(target, cumulative, edges)
    moved = moved.at[0].set(edges[0]).at[-1].set(edges[-1])
    return jnp.where(total > 0, moved, edges)


def adapt(
    integrand: Integrand,
    dimensions: int,
    key: Key[Array, ""],
    *,
    box: Float[Array, "d 2"] | None = None,
    points: int = 65536,
    iterations: int = 8,
) -> Grid:
    """A grid trained on |integrand|.

    Args:
        integrand: of one point; a `jax.tree_util.Partial` of a module-level function,
            so that a new mass or coupling does not compile anew.
        dimensions: of the unit cube.
        key: random key.
        box: lowest and highest coordinate of each axis, outside of which the integrand
            is 0. Without it, a sharp cut leaves an interval that straddles it, where
            few points carry large weights.
        points: an iteration.
        iterations: how often the grid is refined.
    """
    grid = uniform(dimensions, box=box)
    for step in jax.random.split(key, iterations):
        grid = _refine(integrand, grid, step, points=points)
    return grid


@partial(jax.jit, static_argnames=("chunks",), compiler_options=FUSED)
def moments(
    integrand: Integrand, grid: Grid, key: Key[Array, ""], *, chunks: int
) -> tuple[Float[Array, ""], Float[Array, ""]]:
    """Mean of the integrand and of its square over `chunks * CHUNK` points."""
    dimensions = grid.edges.shape[0]

    def one(row: Float[Array, " d"]) -> Float[Array, ""]:
        x, jacobian = grid(row)
        return integrand(x) * jacobian

    def body(
        sums: tuple[Array, Array], chunk_key: Array
    ) -> tuple[tuple[Array, Array], None]:
        y = jax.random.uniform(chunk_key, (dimensions, CHUNK)).T
        values = jax.vmap(one)(y)
        return (sums[0] + values.sum(), sums[1] + (values**2).sum()), None

    zero = jnp.zeros(())
    keys = jax.random.split(key, chunks)
    (first, second), _ = jax.lax.scan(body, (zero, zero), keys)
    return first / (chunks * CHUNK), second / (chunks * CHUNK)
