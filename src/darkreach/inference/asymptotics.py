"""Asymptotic CLs: the signal strengths at which the profile likelihood excludes.

Loops stop by tolerance and are not differentiated. A root ends with one differentiable
correction, for which the envelope theorem gives the derivative of the profiled
likelihood, so limits can be differentiated by the yields, forwards and backwards.
"""

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import NamedTuple

import jax
import jax.numpy as jnp

from jax.lax import stop_gradient
from jax.scipy.special import log_ndtr, ndtr, ndtri
from jaxtyping import Array, Bool, Float, Int

from darkreach.inference.fits import Fit, Point, Scalar, best_fit, minimise, null_fit
from darkreach.inference.likelihood import Likelihood, bins_at, value
from darkreach.pytree import pytree

Points = tuple[Point, ...]  # one per data set
Values = tuple[Scalar, ...]
Excess = Callable[[Scalar, Values, Values], tuple[Scalar, Scalar]]

STEPS = 60
TOLERANCE = 1e-4  # in log mu; this step and the final correction square it twice
LARGEST = 1e12  # strengths above this many stat-only sigmas are called infinite
SIGMAS = (-2.0, -1.0, 0.0, 1.0, 2.0)


@pytree
class Limit:
    """Upper limit on the signal strength.

    Attributes:
        observed: limit of the data; the median if there are none.
        median: expected limit without signal.
        band: expected limits at -2, -1, 0, +1, +2 sigma.
    """

    observed: Float[Array, ""]
    median: Float[Array, ""]
    band: Float[Array, "5"]


class Root(NamedTuple):
    """State of a search for a strength, which lies between `low` and `high`."""

    mu: Scalar
    low: Scalar
    high: Scalar
    points: Points
    done: Bool[Array, ""]
    steps: Int[Array, ""]


def crossing(
    excess: Excess,
    likes: tuple[Likelihood, ...],
    *,
    start: Scalar,
    low: Scalar,
    lowest: Scalar,
    points: Points,
) -> tuple[Scalar, Points]:
    """Where a falling function of log mu crosses zero.

    Args:
        excess: (mu, profiled -log L of each data set, their derivatives by mu) -> the
            function and its derivative by log mu. It must close over no variable.
        likes: the data sets.
        start: first guess.
        low: a strength known to lie below the answer.
        lowest: smallest -log L of the first data set, subtracted from it.
        points: warm starts of the fits.

    Returns:
        The strength (inf if there is none below `LARGEST`), differentiable in `likes`
        and `lowest`, and the fits there.
    """
    fixed = stop_gradient((likes, lowest))
    start, low, points = stop_gradient((start, low, points))

    def step(now: Root) -> Root:
        at = _fits(fixed[0], now)
        values = (at[0].value - fixed[1], *(a.value for a in at[1:]))
        return _next(now, at, *excess(now.mu, values, tuple(a.slope for a in at)))

    now = Root(start, low, jnp.array(jnp.inf), points, jnp.array(False), jnp.array(0))
    now = jax.lax.while_loop(lambda r: ~r.done & (r.steps < STEPS), step, now)
    at = stop_gradient(_fits(fixed[0], now))
    found = [value(k, now.mu, a.x[1:]) for k, a in zip(likes, at, strict=True)]
    slopes = tuple(a.slope for a in at)
    f, slope = excess(now.mu, (found[0] - lowest, *found[1:]), slopes)
    mu = now.mu * (1 - f / stop_gradient(slope))
    return jnp.where(now.mu < LARGEST, mu, jnp.inf), tuple(a.x for a in at)


def _fits(likes: tuple[Likelihood, ...], now: Root) -> tuple[Fit, ...]:
    return tuple(
        minimise(like, x.at[0].set(now.mu), free=False)
        for like, x in zip(likes, now.points, strict=True)
    )


def _next(now: Root, at: tuple[Fit, ...], f: Scalar, slope: Scalar) -> Root:
    """One Newton step in log mu, or a bisection where that leaves the bracket."""
    low = jnp.where(f > 0, now.mu, now.low)
    high = jnp.where(f > 0, now.high, now.mu)
    jump = jnp.where(slope < 0, jnp.clip(-f / slope, -2.0, 2.0), 2.0 * jnp.sign(f))
    new = now.mu * jnp.exp(jump)
    middle = jnp.where(jnp.isfinite(high), (low + high) / 2, 4 * now.mu)
    new = jnp.where((new > low) & (new < high), new, middle)
    done = (jnp.abs(jump) < TOLERANCE) | (new > LARGEST)
    return Root(new, low, high, tuple(a.x for a in at), done, now.steps + 1)


def expected_crossing(
    asimov: Likelihood, root: Scalar, start: Scalar, point: Point
) -> tuple[Scalar, Point]:
    """The strength at which sqrt(q_A) = `root` on background-only Asimov data."""

    def excess(mu: Scalar, values: Values, slopes: Values) -> tuple[Scalar, Scalar]:
        return jnp.log(root**2 / 2 / values[0]), -mu * slopes[0] / values[0]

    zero = jnp.zeros(())
    mu, points = crossing(
        excess, (asimov,), start=start, low=zero, lowest=zero, points=(point,)
    )
    return mu, points[0]


def log_cls(q: Scalar, q_asimov: Scalar) -> Scalar:
    """Logarithm of CLs of the observed q-tilde (arXiv:1007.1727, eqs. 65 and 66)."""
    q = jnp.maximum(q, 1e-20)
    r, r_a = jnp.sqrt(q), jnp.sqrt(q_asimov)
    wald = r <= r_a
    signal = jnp.where(wald, -r, -(q + q_asimov) / (2 * r_a))
    background = jnp.where(wald, r_a - r, (q_asimov - q) / (2 * r_a))
    return log_ndtr(signal) - log_ndtr(background)


def observed_crossing(
    like: Likelihood, asimov: Likelihood, null: Point, *, alpha: Scalar, sigma: Scalar
) -> Scalar:
    """The strength at which CLs of the data is `alpha`.

    Args:
        like: the data.
        asimov: background-only Asimov data at `null`.
        null: the best fit of the data for mu = 0.
        alpha: 1 - CL.
        sigma: uncertainty of the strength, for the first guess.
    """
    best, wald = stop_gradient(best_fit(stop_gradient(like), stop_gradient(null)))
    lowest = value(like, best.x[0], best.x[1:])

    def excess(mu: Scalar, values: Values, slopes: Values) -> tuple[Scalar, Scalar]:
        q = (2 * values[0], 2 * values[1])
        f, by_q = jax.value_and_grad(lambda q: log_cls(*q))(q)
        slope = 2 * mu * (by_q[0] * slopes[0] + by_q[1] * slopes[1])
        return f - jnp.log(alpha), slope

    sigma = jnp.where(jnp.isfinite(sigma), sigma, 1.0)
    wald = jnp.maximum(wald, -3 * sigma)  # a poor guess for a large deficit
    start = wald - sigma * ndtri(alpha * ndtr(wald / sigma))
    start = jnp.maximum(start, best.x[0] + 0.1 * sigma)
    both, points = (like, asimov), (best.x, null)
    return crossing(
        excess, both, start=start, low=best.x[0], lowest=lowest, points=points
    )[0]


def asimov(like: Likelihood) -> tuple[Likelihood, Point]:
    """Background-only Asimov data at the best fit of the data (as pyhf); that fit."""
    x = null_fit(like)
    bins, _, _ = bins_at(like, x[0], x[1:])
    centred = {"theta_centre": x[1:], "gamma_centre": bins.gamma}
    return replace(like, counts=bins.expected, **centred), x


@partial(jax.jit, static_argnames="data")
def cls_limit(like: Likelihood, alpha: Scalar, *, data: bool) -> Limit:
    """Limits at CLs = `alpha`; without data the observed limit is the median.

    At N sigma (negative for a deficit) the expected CLs is Phi(N - r) / Phi(N) with
    r = sqrt(q_A) (arXiv:1007.1727, section 4.3), which gives r; only mu(r) needs fits.
    """
    expected, null = asimov(like)
    sigmas = jnp.array(SIGMAS)
    roots = sigmas - ndtri(alpha * ndtr(sigmas))

    def one(
        near: tuple[Scalar, Point], root: Scalar
    ) -> tuple[tuple[Scalar, Point], Scalar]:
        mu, x = expected_crossing(expected, root, near[0] * root, near[1])
        ratio = jnp.where(jnp.isfinite(mu), mu / root, 1.0)
        return stop_gradient((ratio, x)), mu

    _, band = jax.lax.scan(one, stop_gradient((jnp.ones(()), null)), roots)
    if not data:
        return Limit(observed=band[2], median=band[2], band=band)
    sigma = band[2] / roots[2]
    observed = observed_crossing(like, expected, null, alpha=alpha, sigma=sigma)
    return Limit(observed=observed, median=band[2], band=band)
