"""Binned profile likelihood with Gaussian-constrained nuisances (HistFactory's model).

Bin i expects gamma_i (b_i + sum_k Db_ik(theta_k)) + mu (s_i + sum_k Ds_ik(theta_k))
events. Each theta_k is unit Gaussian; gamma_i is Gaussian around 1 with the relative MC
error of b (Barlow and Beeston, Comput. Phys. Commun. 77, 219; CERN-OPEN-2012-016). The
shifts D are pyhf's `histosys` with interpolation code 4p: a polynomial inside one
sigma, a line outside, with two continuous derivatives.
"""

from typing import NamedTuple

import jax.numpy as jnp
import numpy as np

from jaxtyping import Array, Float, Real

from darkreach.pytree import pytree

Counts = Real[Array | np.ndarray, "bins"]  # events; host arrays are the faster ones
Row = Float[Array, "bins"]
Table = Float[Array, "k bins"]

FLOOR = 1e-3  # below this fraction of its nominal a yield bends away from zero
TINY = 1e-30  # expected counts never get below this


@pytree
class Nuisance:
    """One Gaussian-constrained source of uncertainty: expected counts at +-1 sigma.

    Attributes:
        name: unique.
        signal_up: total signal at +1 sigma and unit strength [events].
        signal_down: the same at -1 sigma.
        background_up: total background at +1 sigma [events].
        background_down: the same at -1 sigma.
    """

    name: str
    signal_up: Counts
    signal_down: Counts
    background_up: Counts
    background_down: Counts


def normalisation(
    name: str,
    relative: float | Float[Array, ""],
    *,
    signal: Counts,
    background: Counts,
    component: Counts | None = None,
) -> Nuisance:
    """A relative normalisation uncertainty of one component of the background.

    Args:
        name: unique name.
        relative: one standard deviation, as a fraction of the component.
        signal: nominal signal [events].
        background: nominal total background [events].
        component: the part of it that varies [events]; None is all of it.
    """
    shift = relative * (background if component is None else component)
    return Nuisance(
        name=name,
        signal_up=signal,
        signal_down=signal,
        background_up=background + shift,
        background_down=background - shift,
    )


@pytree
class Likelihood:
    """The model, its data, and where the auxiliary measurements are centred.

    `_slope` is the mean of the up and down shifts of a yield and `_bend` 1/16 of their
    difference: S and A of code 4p. The centres are 0 and 1 unless data are Asimov data.

    Attributes:
        signal: s [events].
        background: b [events].
        delta: relative MC error of b.
        counts: data [events], not necessarily integers.
        theta_centre: measured theta.
        gamma_centre: measured gamma.
    """

    signal: Row
    background: Row
    signal_slope: Table
    signal_bend: Table
    background_slope: Table
    background_bend: Table
    delta: Row
    counts: Row
    theta_centre: Float[Array, "k"]
    gamma_centre: Row


class Yield(NamedTuple):
    """A yield per bin and its derivatives by theta.

    The second one is `curvature slope_j slope_k`, near zero, plus `bend_k` for j = k.
    """

    value: Row
    slope: Table
    bend: Table
    curvature: Row


class Bins(NamedTuple):
    """-log L per bin, gamma profiled, and its derivatives by the yields b and s."""

    value: Row
    gamma: Row
    expected: Row
    b: Row
    s: Row
    bb: Row
    bs: Row
    ss: Row


def shifted(
    theta: Float[Array, "k"],
    nominal: Row,
    slope: Table,
    bend: Table,
) -> Yield:
    """A yield after code 4p (pyhf.interpolators.code4p), kept positive.

    Below f = `FLOOR` times its nominal value y becomes f / (2 - y / f): a smooth joint.
    """
    inside = jnp.abs(theta) < 1
    t = jnp.where(inside, theta, 0.0)
    w = jnp.where(inside, t**2 * (15 - 10 * t**2 + 3 * t**4), 8 * jnp.abs(theta))
    w1 = jnp.where(inside, 30 * t - 40 * t**3 + 18 * t**5, 8 * jnp.sign(theta))
    w2 = jnp.where(inside, 30 - 120 * t**2 + 90 * t**4, 0.0)
    y = nominal + theta @ slope + w @ bend
    reach = jnp.max(jnp.abs(slope) + 8 * jnp.abs(bend), axis=0, initial=0.0)
    floor = jnp.maximum(FLOOR * jnp.where(nominal > 0, nominal, reach), TINY)
    below = y < floor
    z = jnp.where(below, 1 / (2 - jnp.where(below, y, floor) / floor), 1.0)
    first = (z**2)[None, :]
    return Yield(
        value=jnp.where(below, floor * z, y),
        slope=(slope + w1[:, None] * bend) * first,
        bend=w2[:, None] * bend * first,
        curvature=jnp.where(below, 2 / (floor * z), 0.0),
    )


def profiled(like: Likelihood, b: Row, s: Row) -> Bins:
    """-log L per bin, minimised over gamma >= 0, and its derivatives.

    The expected count has lambda^2 + lambda (v - s - gamma_0 b) = n v, v = (delta b)^2.
    """
    n, delta, centre = like.counts, like.delta, like.gamma_centre
    v = (delta * b) ** 2
    d = s + centre * b - v
    square = d**2 + 4 * n * v
    root = jnp.sqrt(jnp.where(square > 0, square, 1.0))
    up = d > 0
    small = 2 * n * v / jnp.where(up, 1.0, root - d)
    lam = jnp.maximum(jnp.where(up, (d + root) / 2, small), TINY)
    free = centre + delta**2 * b * (n / lam - 1) > 0
    least = -centre / jnp.where(free, 1.0, delta)
    pull = jnp.where(free, delta * b * (n / lam - 1), least)
    gamma = jnp.where(free, centre + delta * pull, 0.0)
    lam = jnp.maximum(gamma * b + s, TINY)
    e, c = (lam - n) / lam, n / lam**2
    h = jnp.where(free, delta**2 / (1 + c * (delta * b) ** 2), 0.0)
    gb, gs = e + b * gamma * c, b * c
    return Bins(
        value=half_deviance(n, lam) + pull**2 / 2,
        gamma=gamma,
        expected=gamma * b + s,
        b=gamma * e,
        s=e,
        bb=c * gamma**2 - h * gb**2,
        bs=c * gamma - h * gb * gs,
        ss=c - h * gs**2,
    )


def half_deviance(n: Row, lam: Row) -> Row:
    """(lambda - n) - n log(lambda / n), exact to rounding also where n ~ lambda."""
    some = n > 0
    size = jnp.where(some, n, 1.0)
    x = (lam - size) / size
    near = x > -0.5
    log = jnp.where(near, jnp.log1p(jnp.where(near, x, 0.0)), jnp.log(lam / size))
    return jnp.where(some, size * (x - log), lam)


def value(
    like: Likelihood, mu: Float[Array, ""], theta: Float[Array, "k"]
) -> Float[Array, ""]:
    """-log L(mu, theta) with gamma profiled; 0 where the model meets the data."""
    bins, _, _ = bins_at(like, mu, theta)
    return bins.value.sum() + ((theta - like.theta_centre) ** 2).sum() / 2


def bins_at(
    like: Likelihood, mu: Float[Array, ""], theta: Float[Array, "k"]
) -> tuple[Bins, Yield, Yield]:
    """The bins, the background and the signal at unit strength for (mu, theta)."""
    b = shifted(theta, like.background, like.background_slope, like.background_bend)
    s = shifted(theta, like.signal, like.signal_slope, like.signal_bend)
    return profiled(like, b.value, mu * s.value), b, s


class Expansion(NamedTuple):
    """-log L to second order in (mu, theta).

    `bends` is the interpolation's part of the Hessian's diagonal, maybe far below zero.
    """

    value: Float[Array, ""]
    gradient: Float[Array, "p"]
    hessian: Float[Array, "p p"]
    bends: Float[Array, "p"]


def expansion(like: Likelihood, x: Float[Array, "p"]) -> Expansion:
    """`value` at x = (mu, theta), with its gradient and exact Hessian."""
    mu = x[0]
    bins, b, s = bins_at(like, mu, x[1:])
    none = jnp.zeros((1, like.counts.size))
    jb = jnp.concatenate([none, b.slope])
    ts = jnp.concatenate([none, s.slope])
    js = jnp.concatenate([s.value[None, :], mu * s.slope])
    bb = (bins.bb + bins.b * b.curvature)[None, :]
    bs, ss = bins.bs[None, :], bins.ss[None, :]
    hessian = (jb * bb + js * bs) @ jb.T + (jb * bs + js * ss) @ js.T
    hessian += (ts * (mu * bins.s * s.curvature)[None, :]) @ ts.T
    cross = ts @ bins.s
    hessian = hessian.at[0].add(cross).at[:, 0].add(cross)
    bends = mu * (s.bend @ bins.s) + b.bend @ bins.b
    bends = jnp.concatenate([jnp.zeros(1), bends])
    prior = jnp.ones_like(x).at[0].set(0.0)
    pull = prior * (x - jnp.concatenate([mu[None], like.theta_centre]))
    return Expansion(
        value=bins.value.sum() + (pull**2).sum() / 2,
        gradient=jb @ bins.b + js @ bins.s + pull,
        hessian=hessian + jnp.diag(prior + bends),
        bends=bends,
    )
