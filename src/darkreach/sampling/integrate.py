"""A width or cross section inside cuts, to a requested precision.

A grid is trained once and then kept, so that the plain mean of all batches is unbiased;
a mean weighted by the variance of each iteration is not (documentation of `vegas`). To
stop once the precision is met biases the mean by far less than its error.
"""

import math

from collections.abc import Callable
from typing import Final, NamedTuple

import jax

from jaxtyping import Array, Key

from darkreach.processes.process import Process
from darkreach.sampling.adaptive import CHUNK, Grid, Integrand, moments
from darkreach.sampling.beams import Beam
from darkreach.sampling.channels import channels_of
from darkreach.sampling.generator import integrand, trained_grid
from darkreach.sampling.observables import Cut, checked

CHUNKS: Final = 16  # a batch; the same for every call, so that it compiles once
BATCH: Final = CHUNKS * CHUNK
FRUITLESS: Final = 32  # batches without any event before the cuts count as empty
MARGIN: Final = 1.05  # on the estimated number of events, which is itself uncertain

Progress = Callable[[int, int], None]


class Estimate(NamedTuple):
    """An integral, its standard error, and the evaluations, training excluded."""

    value: float
    error: float
    evaluations: int


class _Sums(NamedTuple):
    """Running sums of the means and mean squares of equally large batches."""

    first: float
    second: float
    batches: int

    def estimate(self) -> Estimate:
        mean, square = self.first / self.batches, self.second / self.batches
        n = self.batches * BATCH
        return Estimate(mean, math.sqrt(max(square - mean * mean, 0.0) / (n - 1)), n)


def _wanted(sums: _Sums, goal: float, limit: int) -> int:
    """How many batches an absolute error needs, as far as one can tell."""
    value, error, _ = sums.estimate()
    if value <= 0:
        return min(FRUITLESS, limit)
    if error <= goal:
        return sums.batches
    # A small first sample knows its own error badly: at most ten times more at once.
    ratio = error / goal if goal > 0 else math.inf
    more = math.ceil(sums.batches * min(MARGIN * ratio * ratio, 10.0))
    return min(max(more, sums.batches + 1), limit)


def _with_batch(
    sums: _Sums, weight: Integrand, grid: Grid, key: Key[Array, ""]
) -> _Sums:
    """The sums with one batch more, whose number decides its random key."""
    batch = jax.random.fold_in(key, sums.batches)
    first, second = moments(weight, grid, batch, chunks=CHUNKS)
    return _Sums(
        sums.first + float(first), sums.second + float(second), sums.batches + 1
    )


def integrate(
    process: Process,
    beam: Beam,
    *,
    cuts: tuple[Cut, ...],
    precision: float,
    key: Key[Array, ""],
    max_evaluations: int = 1 << 30,
    progress: Progress | None = None,
) -> Estimate:
    """The width [GeV] or cross section [GeV^-2] inside cuts; 0 if nothing passes them.

    Channels are integrated one by one and added; each gets an equal part of the error.

    Args:
        process: what decays into what.
        beam: what comes in.
        cuts: what counts.
        precision: relative standard error to reach.
        key: random key.
        max_evaluations: stop here even without the precision.
        progress: is told the evaluations done and expected.

    Raises:
        ValueError: the precision is not positive or a cut does not fit the process.
    """
    if not 0 < precision < 1:
        msg = f"precision is {precision}; expected a relative error between 0 and 1"
        raise ValueError(msg)
    names = channels_of(process)
    parts = []
    for i, channel in enumerate(names):
        training, sampling = jax.random.split(jax.random.fold_in(key, i) if i else key)
        cuts = checked(cuts, process.outgoing)
        grid = trained_grid(process, beam, training, cuts=cuts, channel=channel)
        weight = integrand(process, beam, cuts, channel=channel)
        parts.append((weight, grid, sampling))
    most = max(max_evaluations // BATCH, 1)
    sums = [_Sums(0.0, 0.0, 0) for _ in parts]
    wanted = [min(2, most) for _ in parts]
    while any(one.batches < goal for one, goal in zip(sums, wanted, strict=True)):
        for i, part in enumerate(parts):
            while sums[i].batches < wanted[i]:
                sums[i] = _with_batch(sums[i], *part)
                if progress is not None:
                    done = sum(one.batches for one in sums)
                    progress(done * BATCH, sum(wanted) * BATCH)
        total = sum(one.estimate().value for one in sums)
        goal = precision * total / math.sqrt(len(parts))
        wanted = [_wanted(one, goal, most) for one in sums]
    found = [one.estimate() for one in sums]
    return Estimate(
        sum(one.value for one in found),
        math.hypot(*(one.error for one in found)),
        sum(one.evaluations for one in found),
    )
