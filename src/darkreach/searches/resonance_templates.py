"""Histograms of candidates: the mass of the pair, in categories of a discriminant."""

from collections.abc import Callable
from itertools import pairwise
from typing import Final, Literal, NamedTuple

import jax.numpy as jnp
import numpy as np

from jaxtyping import Array, Float

from darkreach.experiments.mu3e import Mu3e
from darkreach.inference.likelihood import Nuisance
from darkreach.processes.emission import Resonance
from darkreach.searches.resonance_angles import (
    angles_of,
    background_square,
    signal_square,
)
from darkreach.searches.resonance_cells import (
    cell_ratio,
    cells_between,
    log_ratio,
    quantiles,
    shares,
)
from darkreach.searches.resonance_samples import Host, Sample, Samples
from darkreach.searches.search import Counts

Scalar = float | Float[Array, ""]
Discriminant = Literal["none", "angles", "matrix_element"]
Rows = Float[np.ndarray, "categories bins"]

LOOSE: Final = 0.1  # prior of what the sidebands fix: far wider than what they leave
SLICES: Final = 12  # of the window, where cuts are set
BEND: Final = 2  # degree of the way a cut takes through the window
DEGREE: Final = 3  # of the logarithm of the background in a window
POOR: Final = 0.3  # bins whose background is known worse are left out


def discriminants(
    found: Samples, kind: Discriminant, *, model: Resonance, experiment: Mu3e
) -> tuple[Host, Host]:
    """ln of signal over background at the same mass, for signal and background.

    Args:
        found: candidates.
        kind: what is used.
        model: X, by the ratios of its couplings.
        experiment: its beam has the polarisation.
    """
    both = found.signal, found.background
    if kind == "none":
        return np.zeros_like(both[0].weight), np.zeros_like(both[1].weight)
    if kind == "angles":
        angles = [angles_of(s.tracks) for s in both]
        peaks = [s.peak(found.resolution) for s in both]
        cores = [
            (a[:, p], s.weight[p]) for a, s, p in zip(angles, both, peaks, strict=True)
        ]
        cells = cells_between(*cores)
        ratio = cell_ratio(cells, *cores)
        return ratio[cells.place(angles[0])], ratio[cells.place(angles[1])]
    spin, width = experiment.beam().polarisation, 2 * found.resolution

    def one(sample: Sample) -> Host:
        above = signal_square(model, sample.tracks, polarisation=spin, width=width)
        return log_ratio(above, background_square(sample.tracks, polarisation=spin))

    return one(found.signal), one(found.background)


def smooth(
    x: Host, rows: Float[np.ndarray, "categories bins"], *, degree: int = DEGREE
) -> Float[np.ndarray, "categories bins"]:
    """Each row as exp(polynomial) with the same moments: what varies slowly.

    Weighted counts as in a Poisson likelihood; a few steps of Newton's method.

    Args:
        x: centres of the bins, from -1 to 1.
        rows: counts in bins.
        degree: of the polynomial.
    """
    design = np.polynomial.legendre.legvander(x, degree)
    out = np.zeros_like(rows)
    for i, row in enumerate(rows):
        total = row.sum()
        if not total > 0:
            continue
        coefficients = np.zeros(degree + 1)
        coefficients[0] = np.log(total / row.size)
        for _ in range(50):
            expected = np.exp(np.clip(design @ coefficients, -200, 200))
            hessian = design.T @ (expected[:, None] * design)
            hessian += 1e-6 * total * np.eye(degree + 1)
            step = np.linalg.solve(hessian, design.T @ (row - expected))
            coefficients += step / max(1.0, np.abs(step).max())
        shape = np.exp(np.clip(design @ coefficients, -200, 200))
        out[i] = shape * total / shape.sum()
    return out


class Axes(NamedTuple):
    """Bins of the mass in rows, one row a category.

    Attributes:
        half: half of the window [GeV].
        bins: of the mass.
        cuts: between the categories: coefficients of Legendre polynomials in the place
            in the window, from -1 to 1; one column a cut.
    """

    half: float
    bins: int
    cuts: Float[np.ndarray, "degrees cuts"]

    def centres(self) -> Host:
        """Of the bins, from -1 to 1."""
        return (np.arange(self.bins) + 0.5) * 2 / self.bins - 1

    def filled(self, offset: Host, ratio: Host, weight: Host) -> Rows:
        """Sums of weights."""
        x = offset / self.half
        place = np.floor((x + 1) / 2 * self.bins).astype(int)
        inside = (place >= 0) & (place < self.bins)
        row = np.zeros(len(x), int)
        for coefficients in self.cuts.T:
            row += ratio > np.polynomial.legendre.legval(x, coefficients)
        size = (self.cuts.shape[1] + 1) * self.bins
        index = row * self.bins + place
        sums = np.bincount(index[inside], weight[inside], size)
        rows: Rows = sums.reshape(-1, self.bins)
        return rows


def axes_of(
    found: Samples,
    ratios: tuple[Host, Host],
    *,
    half: float,
    bins: int,
    categories: int,
) -> Axes:
    """Categories with equal shares of both samples at the peak, taken half each.

    Away from the peak a cut moves so that it keeps its share of the background:
    otherwise the ratio, which changes with the mass, would carve the sidebands.
    """
    both = found.signal, found.background
    values, weights = [], []
    for ratio, sample in zip(ratios, both, strict=True):
        peak = sample.peak(found.resolution)
        values.append(ratio[peak])
        weights.append(sample.weight[peak] / sample.weight[peak].sum())
    joined = np.concatenate(values)
    cuts = quantiles(joined, np.concatenate(weights), bins=categories)
    cuts = np.unique(cuts[(cuts < joined.max()) & np.isfinite(cuts)])
    if not cuts.size:
        return Axes(half, bins, np.zeros((1, 0)))
    below = [(weights[1] * (values[1] <= cut)).sum() for cut in cuts]
    x, ratio, weight = found.background.offset / half, ratios[1], both[1].weight
    usable = np.isfinite(ratio)
    lost = (weights[1] * ~np.isfinite(values[1])).sum()  # below any cut
    levels = [(share - lost) / (1 - lost) for share in below]
    slices = np.linspace(-1, 1, SLICES + 1)
    moved = np.zeros((SLICES, len(cuts)))
    for i, (low, high) in enumerate(pairwise(slices)):
        part = usable & (x >= low) & (x < high)
        moved[i] = shares(ratio[part], weight[part], levels)
    middle = (slices[1:] + slices[:-1]) / 2
    return Axes(half, bins, np.polynomial.legendre.legfit(middle, moved, BEND))


def binned(
    found: Samples,
    ratios: tuple[Host, Host],
    axes: Axes,
    *,
    sideband_order: int,
    errors: dict[str, Scalar],
) -> Counts:
    """Counts in bins of mass and categories, with their nuisances.

    Args:
        found: candidates.
        ratios: discriminant of signal and background.
        axes: bins.
        sideband_order: degree of the polynomials of the background that are free.
        errors: relative uncertainties by name; `signal_norm`, `mass_scale` and
            `mass_resolution` are known.
    """
    (s, b), (first, second) = found[2:], ratios
    raw = axes.filled(b.offset, second, b.weight)
    squares = axes.filled(b.offset, second, b.weight**2)
    x = axes.centres()
    flat = smooth(x, raw)
    size = squares.sum(axis=1) / np.maximum(raw.sum(axis=1), 1e-300)
    error = np.sqrt(flat * size[:, None])
    known = (error < POOR * flat).astype(float)

    def signal(shift: float = 0.0, wide: float = 1.0) -> Rows:
        rows: Rows = known * axes.filled(s.offset * wide + shift, first, s.weight)
        return rows

    nominal, flat = signal(), known * flat
    moved: dict[str, Callable[[float], Rows]] = {
        "signal_norm": lambda e: (1 + e) * nominal,
        "mass_scale": lambda e: signal(shift=e * found.mass),
        "mass_resolution": lambda e: signal(wide=1 + e),
    }
    nuisances = [
        _nuisance(
            name, [moved[name](sign * float(e)) for sign in (1, -1)], [flat, flat]
        )
        for name, e in errors.items()
    ]
    for row in range(len(flat)):
        for order in range(sideband_order + 1):
            move = np.zeros_like(flat)
            move[row] = LOOSE * np.polynomial.legendre.Legendre.basis(order)(x)
            both = [flat * (1 + move), flat * (1 - move)]
            name = f"sideband_{row}_{order}"
            nuisances.append(_nuisance(name, [nominal, nominal], both))
    spread = np.sqrt(axes.filled(s.offset, first, s.weight**2))
    return Counts(
        signal=jnp.asarray(nominal.ravel()),
        background=jnp.asarray(flat.ravel()),
        signal_error=jnp.asarray((known * spread).ravel()),
        background_error=jnp.asarray((known * error).ravel()),
        nuisances=tuple(nuisances),
        profile_mc=False,  # the run has far more events in its sidebands
    )


def _nuisance(name: str, signal: list[Rows], background: list[Rows]) -> Nuisance:
    (up, down), (b_up, b_down) = ([a.ravel() for a in c] for c in (signal, background))
    return Nuisance(
        name=name, signal_up=up, signal_down=down,
        background_up=b_up, background_down=b_down,
    )  # fmt: skip
