"""A width or cross section inside cuts, to a requested precision."""

import math

from collections.abc import Callable
from typing import Final, NamedTuple

import jax

from jaxtyping import Array, Key

from darkreach.processes.process import Process
from darkreach.sampling.adaptive import CHUNK, moments
from darkreach.sampling.beams import AtRest
from darkreach.sampling.events import trained_grid, weight_at
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


def _wanted(sums: _Sums, precision: float, limit: int) -> int:
    """How many batches the precision needs, as far as one can tell."""
    value, error, _ = sums.estimate()
    if value <= 0:
        return min(FRUITLESS, limit)
    ratio = error / (precision * value)
    if ratio <= 1:
        return sums.batches
    # A small first sample knows its own error badly: at most ten times more at once.
    more = math.ceil(sums.batches * min(MARGIN * ratio * ratio, 10.0))
    return min(max(more, sums.batches + 1), limit)


def integrate(
    process: Process,
    beam: AtRest,
    *,
    cuts: tuple[Cut, ...],
    precision: float,
    key: Key[Array, ""],
    max_evaluations: int = 1 << 30,
    progress: Progress | None = None,
) -> Estimate:
    """The width of a process inside cuts.

    A grid is trained once and then kept, so that the plain mean of all batches is
    unbiased (combining iterations by their own variances is not, arXiv:1009.4360 and
    arXiv:2009.05112, section II.B). The same key gives the same number.

    Args:
        process: what decays into what.
        beam: what comes in, with its spin.
        cuts: what counts.
        precision: relative standard error to reach.
        key: random key.
        max_evaluations: stop here even without the precision; the error says so.
        progress: is told the evaluations done and expected after every batch.

    Returns:
        Value and error [GeV] (a width); both 0 if no event passes the cuts.

    Raises:
        ValueError: the precision is not positive or a cut does not fit the process.
    """
    if not 0 < precision < 1:
        msg = f"precision is {precision}; expected a relative error between 0 and 1"
        raise ValueError(msg)
    checked(cuts, process.outgoing)
    training, sampling = jax.random.split(key)
    grid = trained_grid(process, beam, training, cuts=cuts)
    integrand = jax.tree_util.Partial(weight_at, process, beam, cuts)  # type: ignore[no-untyped-call]
    limit = max(max_evaluations // BATCH, 1)
    sums, wanted = _Sums(0.0, 0.0, 0), min(2, limit)
    while sums.batches < wanted:
        batch = jax.random.fold_in(sampling, sums.batches)
        first, second = moments(integrand, grid, batch, chunks=CHUNKS)
        done = sums.batches + 1
        sums = _Sums(sums.first + float(first), sums.second + float(second), done)
        if done == wanted:
            wanted = _wanted(sums, precision, limit)
        if progress is not None:
            progress(done * BATCH, wanted * BATCH)
    return sums.estimate()
