"""Fits of the profile likelihood: Newton steps inside one compiled function."""

from typing import NamedTuple

import jax
import jax.numpy as jnp

from jax.lax import stop_gradient
from jax.scipy.linalg import cho_factor, cho_solve
from jaxtyping import Array, Bool, Float, Int

from darkreach.inference.likelihood import Expansion, Likelihood, expansion

Scalar = Float[Array, ""]
Point = Float[Array, "p"]  # (mu, theta)

FIT_STEPS = 300
FIT_TOLERANCE = 1e-6  # in -log L; the Newton step that follows squares it


class Search(NamedTuple):
    """State of a fit: the best point so far and the step to be tried from it."""

    x: Point
    at: Expansion
    step: Point
    damping: Scalar
    done: Bool[Array, ""]
    steps: Int[Array, ""]


class Fit(NamedTuple):
    """A minimum of -log L; `slope` is its derivative by mu, theta following."""

    x: Point
    value: Scalar
    slope: Scalar


def minimise(like: Likelihood, x: Point, *, free: bool) -> Fit:
    """Minimise -log L over theta, and over mu > 0 if `free`, starting from `x`.

    Newton steps with the exact Hessian; after a step that failed, Levenberg-Marquardt
    steps without the concave part of the interpolation. The last step is taken
    unchecked: before it, -log L was within `FIT_TOLERANCE` of its minimum.
    """
    moves = jnp.ones_like(x).at[0].set(float(free))

    def tried(now: Search) -> Search:
        new = expansion(like, now.x + now.step)
        good = new.value <= now.at.value + 1e-12 * (1 + jnp.abs(now.at.value))
        x = jnp.where(good, now.x + now.step, now.x)
        at = jax.tree.map(lambda a, b: jnp.where(good, a, b), new, now.at)
        calmer = jnp.where(now.damping > 1e-4, now.damping / 10, 0.0)
        damping = jnp.where(good, calmer, 10 * jnp.maximum(now.damping, 1e-4))
        step = _step(at, moves, damping)
        room = jnp.where(
            step[0] < 0, 0.9 * x[0] / jnp.where(step[0] < 0, -step[0], 1), 1
        )
        step = step * jnp.where(moves[0] > 0, jnp.minimum(room, 1.0), 1.0)
        small = -(at.gradient @ step) < jnp.where(damping > 0, 1e-12, FIT_TOLERANCE)
        return Search(x, at, step, damping, good & small, now.steps + 1)

    k = x.size
    empty = Expansion(jnp.array(jnp.inf), jnp.zeros(k), jnp.eye(k), jnp.zeros(k))
    start = Search(
        x, empty, jnp.zeros(k), jnp.zeros(()), jnp.array(False), jnp.array(0)
    )
    end = jax.lax.while_loop(lambda s: ~s.done & (s.steps < FIT_STEPS), tried, start)
    return Fit(
        x=end.x + end.step,
        value=end.at.value + end.at.gradient @ end.step / 2,
        slope=end.at.gradient[0] + end.at.hessian[0] @ end.step,
    )


def _step(at: Expansion, moves: Point, damping: Scalar) -> Point:
    """The (damped) Newton step; NaN where the Hessian is not positive definite."""
    h = at.hessian - jnp.diag(jnp.where(damping > 0, jnp.minimum(at.bends, 0.0), 0.0))
    h = h * moves[:, None] * moves[None, :] + jnp.diag(1 - moves)
    h += damping * jnp.diag(1 + jnp.abs(jnp.diagonal(h)))
    return -cho_solve(cho_factor(h), moves * at.gradient)


def null_fit(like: Likelihood) -> Point:
    """(0, best theta without signal); differentiable in `like`."""
    x = jnp.concatenate([jnp.zeros(1), like.theta_centre])
    return settled(like, minimise(stop_gradient(like), stop_gradient(x), free=False).x)


def settled(like: Likelihood, x: Point) -> Point:
    """One more step at a minimum, which makes it differentiable in `like`.

    By the implicit-function theorem the derivative of the gradient is all that counts.
    The strength moves unless it is zero.
    """
    x = stop_gradient(x)
    at = expansion(like, x)
    moves = jnp.ones_like(x).at[0].set(jnp.where(x[0] > 0, 1.0, 0.0))
    return x + _step(
        at._replace(hessian=stop_gradient(at.hessian)), moves, jnp.zeros(())
    )


def best_fit(like: Likelihood, null: Point) -> tuple[Fit, Scalar]:
    """The maximum for mu >= 0, from the maximum at mu = 0.

    Also mu where it is positive, else the Newton estimate of it, at most 0.
    """
    at = expansion(like, null)
    h = at.hessian
    width = h[0, 0] - h[0, 1:] @ cho_solve(cho_factor(h[1:, 1:]), h[1:, 0])
    guess = -at.gradient[0] / jnp.where(width > 0, width, 1.0)
    start = null.at[0].set(jnp.clip(guess, 1e-3, 1e3))
    found = minimise(like, start, free=True)
    zero = Fit(null, at.value, at.gradient[0])
    inside = (at.gradient[0] < 0) & (found.value < at.value)
    best = jax.tree.map(lambda a, b: jnp.where(inside, a, b), found, zero)
    return best, jnp.where(inside, found.x[0], jnp.minimum(guess, 0.0))
