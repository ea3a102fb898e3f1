"""How the reach of mu -> 3e a at Mu3e moves with every input that is not certain."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final

import jax

from jaxtyping import Array, Key

from darkreach.inference.likelihood import Nuisance
from darkreach.models.lfv_alp import scale_from_branching_ratio
from darkreach.outputs import plot
from darkreach.outputs.changes import changed
from darkreach.outputs.mu3e_inputs_plot import Reach, draw, tables
from darkreach.outputs.mu3e_rows import ROWS, Row
from darkreach.searches.mu3e_three_tracks_alp import Mu3eThreeTracksAlp
from darkreach.searches.search import Counts, reach_point, scan_keys
from darkreach.units import MeV

MASSES: Final = (0.0, 20 * MeV)
SHARED: Final = ("signal", "energy_rows", "angle_rows", "statistics")


@dataclass(frozen=True)
class _Drawn:
    """A search whose events have been drawn."""

    search: Mu3eThreeTracksAlp
    found: Counts

    def masses(self) -> tuple[float, ...]:
        return self.search.masses()

    def background(self, key: Key[Array, ""], *, fast: bool) -> None:
        return None

    def counts(
        self, mass: float, background: None, key: Key[Array, ""], *, fast: bool
    ) -> Counts:
        return self.found

    def describe(self) -> dict[str, Any]:
        return self.search.describe()


@dataclass
class _Samples:
    """What rows share: backgrounds and counts of the default by seed."""

    masses: Sequence[float]
    seed: int
    fast: bool
    backgrounds: dict[int, Any] = field(default_factory=dict)
    counts: dict[int, list[Counts]] = field(default_factory=dict)

    def of(self, search: Mu3eThreeTracksAlp, row: Row) -> list[Counts]:
        """Counts at each mass before uncertainties are changed."""
        if row.values:
            return self.drawn(search, row)
        if row.seed not in self.counts:
            self.counts[row.seed] = self.drawn(search, row)
        return self.counts[row.seed]

    def drawn(self, search: Mu3eThreeTracksAlp, row: Row) -> list[Counts]:
        """The same from new events."""
        key, keys = scan_keys(self.seed + row.seed, self.masses)
        if any(path.partition(".")[0] not in SHARED for path in row.values):
            background = search.background(key, fast=self.fast)
        else:
            if row.seed not in self.backgrounds:
                made = search.background(key, fast=self.fast)
                self.backgrounds[row.seed] = made
            background = self.backgrounds[row.seed]
        return [
            search.counts(m, background, jax.random.split(k)[0], fast=self.fast)
            for m, k in zip(self.masses, keys, strict=True)
        ]


def resized(counts: Counts, sizes: Mapping[str, float]) -> Counts:
    """Counts whose uncertainties are multiplied; exact, as their shifts are linear."""

    def one(nuisance: Nuisance) -> Nuisance:
        factor = sizes.get(nuisance.name, 1.0)
        s, b = counts.signal, counts.background
        return replace(
            nuisance,
            signal_up=s + factor * (nuisance.signal_up - s),
            signal_down=s + factor * (nuisance.signal_down - s),
            background_up=b + factor * (nuisance.background_up - b),
            background_down=b + factor * (nuisance.background_down - b),
        )

    return replace(counts, nuisances=tuple(one(n) for n in counts.nuisances))


def inputs(
    output: Path,
    *,
    rows: Sequence[Row] = ROWS,
    masses: Sequence[float] = MASSES,
    seed: int = 1,
    fast: bool = False,
    progress: Callable[[int, int], None] | None = None,
) -> list[Path]:
    """Reach in F of phase I, one input changed at a time; the first row is the default.

    The same random numbers are used throughout, but for the last row.

    Args:
        output: folder of the figure and of the tables.
        rows: what is changed.
        masses: of the a [GeV].
        seed: random seed.
        fast: fewer events.
        progress: called with steps done and their number.
    """
    base, samples = Mu3eThreeTracksAlp(), _Samples(masses, seed, fast)
    found = []
    for i, row in enumerate(rows):
        search = base
        for path, value in row.values.items():
            search = changed(search, path, value)
        found.append(_reaches(search, row, samples))
        if progress is not None:
            progress(i + 1, len(rows))
    files = plot.written(output / "inputs", draw, rows, masses, found)
    return [*files, *tables(output, rows, masses, found)]


def _reaches(search: Mu3eThreeTracksAlp, row: Row, samples: _Samples) -> list[Reach]:
    """The limits of a row, one a mass."""
    _, keys = scan_keys(samples.seed + row.seed, samples.masses)
    model = search.signal.model
    found = []
    for mass, key, drawn in zip(
        samples.masses, keys, samples.of(search, row), strict=True
    ):
        counts = resized(drawn, row.sizes)
        if not row.systematics:
            counts = replace(counts, nuisances=())
        given = _Drawn(search, counts)
        point = reach_point(given, mass, None, cl=row.cl, method=row.method, key=key)
        scale = float(
            scale_from_branching_ratio(
                point.median, mass=mass, c_v=model.c_v, c_a=model.c_a
            )
        )
        error = scale * point.mc_error / point.median / 2
        found.append(Reach(point.median, scale, error))
    return found
