"""From a search's counts to the likelihood, and to the same model for pyhf."""

from collections.abc import Mapping, Sequence
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from jaxtyping import Array, Float, Int, Real

from darkreach.inference.likelihood import Likelihood, Nuisance

Given = Real[Array | np.ndarray, "..."]  # one number per bin, checked on entry
Table = Float[Array, "k bins"]
Json = dict[str, Any]

SCHEMA_VERSION = "1.0.0"
STRENGTH = "mu"
MC_ERROR = "background_mc_error"
SIDES = ("signal_up", "signal_down", "background_up", "background_down")
NOMINAL = ("signal", "background", "background_error", "observed")


def likelihood(
    signal: Given,
    background: Given,
    *,
    nuisances: Sequence[Nuisance] = (),
    background_error: Given | None = None,
    observed: Given | None = None,
) -> tuple[Likelihood, Float[Array, ""]]:
    """Check the counts of a search and stack them; arguments as for `limits.limit`.

    Returns:
        The likelihood of a signal in units of about its statistical uncertainty, and
        that unit: a strength in the first, times the second, is one of `signal`.

    Raises:
        ValueError: a shape differs, a yield is negative, names repeat or there is no
            signal.
    """
    none = np.zeros(np.shape(background))
    error = none if background_error is None else background_error
    data = background if observed is None else observed
    rows = dict(zip(NOMINAL, (signal, background, error, data), strict=True))
    _check(
        rows | {f"{k} of {n.name!r}": getattr(n, k) for n in nuisances for k in SIDES}
    )
    names = [n.name for n in nuisances]
    if len(set(names)) < len(names):
        msg = f"nuisance names repeat in {names}; give each a name of its own"
        raise ValueError(msg)
    made: tuple[Likelihood, Float[Array, ""]] = _assemble(
        {k: _stack([x], data)[0] for k, x in rows.items()},
        {k: _stack([getattr(n, k) for n in nuisances], data) for k in SIDES},
    )
    return made


def _stack(rows: list[Given], data: Given) -> Table:
    """Rows as float64: on the host, which is much faster, unless JAX traces them."""
    if not rows:
        return jnp.zeros((0, np.size(data)))
    if any(isinstance(x, jax.core.Tracer) for x in rows):
        return jnp.stack([jnp.asarray(x, dtype=jnp.float64) for x in rows])
    return jnp.asarray(np.stack([np.asarray(x, dtype=np.float64) for x in rows]))


def _check(given: Mapping[str, Given]) -> None:
    """Raise for shapes and, where JAX is not tracing them, for values."""
    signal = given["signal"]
    for name, x in given.items():
        if np.ndim(x) != 1 or np.shape(x) != np.shape(signal):
            msg = (
                f"{name} has shape {np.shape(x)}, signal has {np.shape(signal)}; give "
                "each as a list of one number per bin"
            )
            raise ValueError(msg)
        if isinstance(x, jax.core.Tracer):
            continue
        wrong = ~np.isfinite(np.asarray(x))
        if name in NOMINAL:
            wrong |= np.asarray(x) < 0
        if np.any(wrong):
            bins = np.flatnonzero(wrong)
            some = f"{bins[:3].tolist()}" + (" and more" if len(bins) > 3 else "")
            msg = (
                f"{name} is {np.asarray(x)[bins[:3]].tolist()} in bins {some}; "
                "expected finite counts, not negative ones: merge bins where weighted "
                "events leave a negative sum"
            )
            raise ValueError(msg)
    if not isinstance(signal, jax.core.Tracer) and not np.any(np.asarray(signal) > 0):
        msg = "signal is zero in every bin; a limit needs at least one bin with signal"
        raise ValueError(msg)


@jax.jit
def _assemble(
    rows: Mapping[str, Float[Array, "bins"]], at: Mapping[str, Table]
) -> tuple[Likelihood, Float[Array, ""]]:
    """The likelihood in units of the strength that `_unit` estimates, and that unit."""
    b = rows["background"]
    unit = jax.lax.stop_gradient(_unit(rows["signal"], b))
    s, up, down = (
        x * unit for x in (rows["signal"], at["signal_up"], at["signal_down"])
    )
    high, low = at["background_up"], at["background_down"]
    error = rows["background_error"]
    like = Likelihood(
        signal=s,
        background=b,
        signal_slope=(up - down) / 2,
        signal_bend=(up + down - 2 * s[None, :]) / 16,
        background_slope=(high - low) / 2,
        background_bend=(high + low - 2 * b[None, :]) / 16,
        delta=jnp.where(b > 0, error / jnp.where(b > 0, b, 1.0), 0.0),
        counts=rows["observed"],
        theta_centre=jnp.zeros(len(up)),
        gamma_centre=jnp.ones_like(b),
    )
    return like, unit


def _unit(s: Float[Array, "bins"], b: Float[Array, "bins"]) -> Float[Array, ""]:
    """The strength mu with sum (mu s)^2 / (b + mu s / 2) = 1: about one sigma.

    The left side is near q_A in both limits, mu s << b and mu s >> b, and grows between
    mu and mu^2, so Newton steps in log mu converge from anywhere.
    """

    def step(_: Int[Array, ""], u: Float[Array, ""]) -> Float[Array, ""]:
        y = jnp.exp(u) * s
        total = jnp.where(y > 0, b + y / 2, 1.0)
        f = (y**2 / total).sum()
        slope = (y**2 / total * (1 + b / total)).sum() / f
        return u - jnp.log(f) / slope

    return jnp.exp(jax.lax.fori_loop(0, 12, step, -jnp.log(s.sum())))


def to_pyhf_workspace(
    signal: Given,
    background: Given,
    *,
    nuisances: Sequence[Nuisance] = (),
    background_error: Given | None = None,
    observed: Given | None = None,
) -> Json:
    """The model of `limits.limit` as a HistFactory workspace, ready for `json.dump`.

    pyhf's default interpolation, code 4p, is ours, so both give the same limit. The
    strength may float up to 1000 standard deviations.
    """
    like, unit = likelihood(
        signal,
        background,
        nuisances=nuisances,
        background_error=background_error,
        observed=observed,
    )
    clash = {STRENGTH, MC_ERROR} & {n.name for n in nuisances}
    if clash:
        msg = f"nuisance names {sorted(clash)} are taken by the workspace; rename them"
        raise ValueError(msg)
    signals: list[Json] = [{"name": STRENGTH, "type": "normfactor", "data": None}]
    backgrounds: list[Json] = []
    for n in nuisances:
        signals += _histosys(n.name, n.signal_up, n.signal_down, signal)
        backgrounds += _histosys(n.name, n.background_up, n.background_down, background)
    if background_error is not None:
        error = _numbers(background_error)
        backgrounds.append({"name": MC_ERROR, "type": "staterror", "data": error})
    samples = [_sample("signal", signal, signals)]
    samples.append(_sample("background", background, backgrounds))
    return {
        "channels": [{"name": "search", "samples": samples}],
        "observations": [{"name": "search", "data": _numbers(like.counts)}],
        "measurements": [{"name": "limit", "config": _config(float(unit))}],
        "version": SCHEMA_VERSION,
    }


def _config(unit: float) -> Json:
    poi = {"name": STRENGTH, "inits": [unit], "bounds": [[0.0, 1000 * unit]]}
    return {"poi": STRENGTH, "parameters": [poi]}


def _numbers(x: Given) -> list[float]:
    return [float(value) for value in np.asarray(x)]


def _sample(name: str, nominal: Given, modifiers: list[Json]) -> Json:
    return {"name": name, "data": _numbers(nominal), "modifiers": modifiers}


def _histosys(name: str, up: Given, down: Given, nominal: Given) -> list[Json]:
    """The modifier of one sample, or none where the nuisance leaves it alone."""
    if np.array_equal(up, nominal) and np.array_equal(down, nominal):
        return []
    data = {"hi_data": _numbers(up), "lo_data": _numbers(down)}
    return [{"name": name, "type": "histosys", "data": data}]
