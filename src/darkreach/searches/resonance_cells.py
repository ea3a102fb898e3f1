"""Bins of observables in which two samples have equal shares, and their ratio."""

from collections.abc import Sequence
from typing import Final, NamedTuple

import numpy as np

from jaxtyping import Float, Int

Host = Float[np.ndarray, "_"]
Cuts = Float[np.ndarray, "_"]
Values = tuple[Float[np.ndarray, "k _"], Host]  # observables and weights

CELLS: Final = (8, 4, 4)  # of the three angles
FEWEST: Final = 10.0  # effective events in a cell whose ratio is used as it is


def log_ratio(above: Host, below: Host) -> Host:
    """ln of a ratio of squares; -inf where one of them is not positive."""
    good = (above > 0) & (below > 0)
    quotient = np.where(good, above, 1.0) / np.where(good, below, 1.0)
    ratio: Host = np.where(good, np.log(quotient), -np.inf)
    return ratio


def quantiles(value: Host, weight: Host, *, bins: int) -> Cuts:
    """Inner edges of bins with equal weights."""
    return shares(value, weight, np.arange(1, bins) / bins)


def shares(value: Host, weight: Host, levels: Sequence[float] | Cuts) -> Cuts:
    """Values below which these shares of the weight lie."""
    order = np.argsort(value)
    total = np.cumsum(weight[order])
    index = np.searchsorted(total, total[-1] * np.asarray(levels))
    edges: Cuts = value[order][np.minimum(index, total.size - 1)]
    return edges


class Cells(NamedTuple):
    """Bins of several observables.

    Attributes:
        edges: inner ones of each observable.
    """

    edges: tuple[Float[np.ndarray, " cuts"], ...]

    def number(self) -> int:
        """Number of cells."""
        return int(np.prod([len(e) + 1 for e in self.edges]))

    def place(self, values: Float[np.ndarray, "k n"]) -> Int[np.ndarray, " n"]:
        """The cell of each event."""
        found = np.zeros(values.shape[1], int)
        for edges, row in zip(self.edges, values, strict=True):
            found = found * (len(edges) + 1) + np.searchsorted(edges, row)
        return found


def cells_between(
    first: Values,
    second: Values,
    *,
    shape: tuple[int, ...] = CELLS,
) -> Cells:
    """Cells with equal shares of two samples (values and weights) taken half each."""
    values = np.concatenate([first[0], second[0]], axis=1)
    weight = np.concatenate([w / w.sum() for _, w in (first, second)])
    rows = zip(values, shape, strict=True)
    return Cells(tuple(quantiles(v, weight, bins=n) for v, n in rows))


def cell_ratio(
    cells: Cells,
    signal: Values,
    background: Values,
) -> Float[np.ndarray, " cells"]:
    """ln of signal over background in each cell; poorly known ones count as even."""
    (s, s2), (b, b2) = (
        [
            np.bincount(cells.place(values), weight**power, cells.number())
            / weight.sum() ** power
            for power in (1, 2)
        ]
        for values, weight in (signal, background)
    )
    known = (s**2 >= FEWEST * s2) & (b**2 >= FEWEST * b2) & (s > 0) & (b > 0)
    ratio = np.where(known, s, 1.0) / np.where(known, b, 1.0)
    # what the background hardly reaches is the best of all
    empty = (s > 0) & (b**2 < FEWEST * b2) & (s > b)
    best = ratio[known].max(initial=1.0)
    return np.log(np.where(empty, best, ratio))
