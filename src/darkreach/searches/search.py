"""The search: an experiment, a signal, backgrounds, a selection and an observable."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, Literal, Protocol, runtime_checkable

import jax
import jax.numpy as jnp
import numpy as np

from jaxtyping import Array, Float, Key

from darkreach.curves.axes import POWER
from darkreach.curves.curve import Curve
from darkreach.inference.likelihood import Nuisance
from darkreach.inference.limits import Limit, limit
from darkreach.units import eV

Method = Literal["CLs", "Gaussian"]
REPLICAS: Final = 16  # the MC error of a limit is known to 18 %


@dataclass(frozen=True, kw_only=True)
class Counts:
    """Expected events per bin of the observable, for the exposure.

    Attributes:
        signal: where the quantity of the search is 1: a branching ratio, a coupling.
        background: the sum of all components.
        signal_error, background_error: MC errors.
        nuisances: what moves them.
        profile_mc: whether `background_error` is a nuisance too.
        together: how many neighbouring bins share simulated events of the background,
            which then fluctuates in all of them alike.
    """

    signal: Float[Array, " bins"]
    background: Float[Array, " bins"]
    signal_error: Float[Array, " bins"]
    background_error: Float[Array, " bins"]
    nuisances: tuple[Nuisance, ...]
    profile_mc: bool = True
    together: int = 1


@runtime_checkable
class Search(Protocol):
    """What a search offers; `check()`, if it has one, refuses values at once."""

    def masses(self) -> tuple[float, ...]:
        """Default mass points [GeV]."""

    def background(self, key: Key[Array, ""], *, fast: bool) -> Any:
        """What all mass points share, computed once."""

    def counts(
        self, mass: float, background: Any, key: Key[Array, ""], *, fast: bool
    ) -> Counts:
        """Signal and background of one mass [GeV]."""

    def describe(self) -> dict[str, Any]:
        """Label, quantity, convention, chirality, exposure and source of the curve."""


@dataclass(frozen=True, kw_only=True)
class Point:
    """The limit at one mass, in the quantity of the search.

    Attributes:
        mass: [GeV].
        observed: limit on the background expectation, equal to the median.
        median: expected limit.
        band: expected limits at -2, -1, 0, 1, 2 standard deviations.
        mc_error: of the median: how much it differs between samples of this size.
    """

    mass: float
    observed: float
    median: float
    band: tuple[float, ...]
    mc_error: float


def limit_of(counts: Counts, *, cl: float, method: Method) -> Limit:
    """The limit that follows from counts."""
    return limit(
        counts.signal,
        counts.background,
        nuisances=counts.nuisances,
        background_error=counts.background_error if counts.profile_mc else None,
        cl=cl,
        method=method,
    )


def replica(counts: Counts, key: Key[Array, ""]) -> Counts:
    """Counts from another sample of the same size.

    Signal and background of each bin fluctuate by their MC errors, the background of
    bins with the same events alike; variations come from the same events and follow.
    """

    def factor(
        part: Array,
        value: Float[Array, " bins"],
        error: Float[Array, " bins"],
        together: int = 1,
    ) -> Float[Array, " bins"]:
        relative = jnp.where(value > 0, error / jnp.where(value > 0, value, 1.0), 0.0)
        moves = jax.random.normal(part, (len(value) // together,))
        return jnp.maximum(1 + relative * jnp.repeat(moves, together), 0.0)

    for_signal, for_background = jax.random.split(key)
    s = factor(for_signal, counts.signal, counts.signal_error)
    errors = counts.background_error
    b = factor(for_background, counts.background, errors, counts.together)
    nuisances = tuple(
        replace(
            one,
            signal_up=s * one.signal_up,
            signal_down=s * one.signal_down,
            background_up=b * one.background_up,
            background_down=b * one.background_down,
        )
        for one in counts.nuisances
    )
    return replace(
        counts,
        signal=s * counts.signal,
        background=b * counts.background,
        nuisances=nuisances,
    )


def reach_point(
    search: Search,
    mass: float,
    background: Any,
    *,
    cl: float = 0.95,
    method: Method = "CLs",
    key: Key[Array, ""],
    fast: bool = False,
) -> Point:
    """The expected limit at one mass.

    Args:
        search: what is looked for, and how.
        mass: [GeV].
        background: from `search.background`.
        cl: confidence level.
        method: of the limit.
        key: random key of the signal sample.
        fast: fewer events.
    """
    draw, again = jax.random.split(key)
    counts = search.counts(mass, background, draw, fast=fast)
    found = limit_of(counts, cl=cl, method=method)
    power = POWER[search.describe()["quantity"]]  # a rate grows with the coupling^2
    others = [
        float(limit_of(replica(counts, one), cl=cl, method=method).median) ** power
        for one in jax.random.split(again, REPLICAS)
    ]
    return Point(
        mass=float(mass),
        observed=float(found.observed) ** power,
        median=float(found.median) ** power,
        band=tuple(sorted(float(x) ** power for x in found.band)),
        mc_error=float(np.std(others, ddof=1)),
    )


def curve_from_points(
    search: Search, points: Sequence[Point], *, cl: float, method: Method
) -> Curve:
    """The reach curve through points, sorted by mass."""
    ordered = sorted(points, key=lambda p: p.mass)
    mass = np.array([p.mass for p in ordered])
    return Curve(
        kind="reach",
        mass=mass,
        value=np.array([p.median for p in ordered]),
        band=np.array([p.band for p in ordered]),
        mc_error=np.array([p.mc_error for p in ordered]),
        validity=(float(mass[0]), float(mass[-1])),
        cl=cl,
        method=method,
        excludes="above",
        **search.describe(),
    )


def scan_keys(seed: int, masses: Sequence[float]) -> tuple[Key[Array, ""], list[Any]]:
    """The background's key and one key a mass; no point depends on the others."""
    base = jax.random.key(seed)
    labels = [round(float(m) / eV) % (2**31) for m in masses]
    return jax.random.fold_in(base, 0), [
        jax.random.fold_in(base, 1 + label) for label in labels
    ]


def reach(
    search: Search,
    masses: Sequence[float] | None = None,
    *,
    cl: float = 0.95,
    method: Method = "CLs",
    seed: int = 1,
    fast: bool = False,
    progress: Callable[[int, int], None] | None = None,
) -> Curve:
    """How far a search can see: the expected limit as a function of the mass.

    Args:
        search: what is looked for, and how.
        masses: [GeV]; the search's own by default.
        cl: confidence level.
        method: of the limit.
        seed: the same seed gives the same curve.
        fast: fewer events.
        progress: called with the points done and the number of points.
    """
    chosen = tuple(search.masses() if masses is None else masses)
    base, keys = scan_keys(seed, chosen)
    background = search.background(base, fast=fast)
    points = []
    for mass, key in zip(chosen, keys, strict=True):
        points.append(
            reach_point(
                search, mass, background, cl=cl, method=method, key=key, fast=fast
            )
        )
        if progress is not None:
            progress(len(points), len(chosen))
    return curve_from_points(search, points, cl=cl, method=method)
