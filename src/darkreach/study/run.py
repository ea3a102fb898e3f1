"""Running a study: a scan that can be interrupted, and its results."""

import dataclasses
import math
import time

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import jax

from darkreach.curves.curve import TWO_BODY, Curve, to_effective_scale
from darkreach.curves.text import load_bounds, to_csv, to_json
from darkreach.searches.search import Point, curve_from_points, reach_point, scan_keys
from darkreach.study import results
from darkreach.study.build import (
    Origin,
    Table,
    arguments,
    modified,
    resolve,
    with_settings,
)
from darkreach.study.catalogue import named_class
from darkreach.study.load import Scan, Study, load, prepared
from darkreach.study.values import InputError
from darkreach.units import GeV, MeV

Progress = Callable[[int, int], None]


class Outcome(NamedTuple):
    """A finished run: the curve, where its files are, and how many points were kept."""

    curve: Curve
    folder: Path
    reused: int


def run(
    study: Study, *, output: Path, fast: bool = False, progress: Progress | None = None
) -> Outcome:
    """Compute the reach of a study and write `output/<study>/`.

    Every finished point is saved at once; the same run, started again, continues.

    Raises:
        InputError: something does not fit, or the folder cannot be written.
    """
    start = time.perf_counter()
    search, scan = prepared(study)
    folder = results.prepared(output / study.name)
    origin = {
        **results.provenance(),
        **{"cl": scan.cl, "method": scan.method, "seed": scan.seed, "fast": fast},
    }
    depends = {"search": study.table["search"], "jax": jax.__version__, "GeV": GeV}
    if study.origin.plugins:
        plugins = {name: results.plugin_digest(name) for name in study.origin.plugins}
        origin["plugins"] = plugins
    mark = results.fingerprint({**origin, "git": None, **depends})
    store = _Store(folder / "points.jsonl", mark)
    reused = len(store.known(scan.masses))
    points = list(_points(search, scan, store, fast=fast, progress=progress))
    curve = curve_from_points(search, points, cl=scan.cl, method=scan.method)
    errors = {f"{p.mass / GeV:.9g}": p.mc_error / p.median for p in points}
    meta = {**origin, "name": study.name, "study": study.text, "mc_error": errors}
    meta["table"] = study.table
    published = load_bounds()
    bounds = [published[name] for name in scan.bounds]
    for name in scan.recasts:
        use = f"darkreach.searches.{name}:recast"
        recast = resolve(use, "reach.recasts", study.origin)
        bounds.append(recast(search.signal.model))
    _write(folder, curve, meta, bounds)
    seconds = round(time.perf_counter() - start, 3)
    log = {**results.machine(), "seconds": seconds, "points_reused": reused}
    results.write(folder / "log.json", results.as_text({**log, "jax": jax.__version__}))
    return Outcome(curve, folder, reused)


def effective_scale(curve: Curve) -> list[float] | None:
    """F [GeV] at each mass, where the limit is one on BR(mu -> e a)."""
    if curve.quantity != "BR" or curve.convention != TWO_BODY:
        return None
    return [float(f) / GeV for f in to_effective_scale(curve).value]


def _write(folder: Path, curve: Curve, meta: Table, bounds: list[Curve]) -> None:
    results.write(folder / "curve.csv", to_csv(curve))
    results.write(folder / "curve.json", results.as_text(to_json(curve)))
    results.write(folder / "meta.json", results.as_text(meta))
    # these load matplotlib
    if curve.quantity in ("BR", "F", "f_a"):
        from darkreach.outputs.plot import reach_figure as draw  # noqa: PLC0415
    else:
        from darkreach.outputs.plot import coupling_figure as draw  # noqa: PLC0415

    for name in ("figure.png", "figure.pdf"):
        draw([curve], bounds, folder / name)


class _Store:
    """Finished points on disk, in the order of their masses."""

    def __init__(self, path: Path, mark: str) -> None:
        self._path, self._mark = path, mark
        self._rows = {r["mass_GeV"]: r for r in results.load_points(path, mark)}

    @staticmethod
    def _label(mass: float) -> str:
        return f"{mass / GeV:.9g}"

    def known(self, masses: tuple[float, ...]) -> dict[float, Point]:
        """The finished ones of these masses [GeV]."""
        found = {}
        for mass in masses:
            row = self._rows.get(self._label(mass))
            if row is not None:
                values = {k: row[k] for k in ("observed", "median", "mc_error")}
                found[mass] = Point(mass=mass, band=tuple(row["band"]), **values)
        return found

    def keep(self, point: Point) -> None:
        """Save a point at once."""
        row = {**dataclasses.asdict(point), "fingerprint": self._mark}
        row["mass_GeV"] = self._label(row.pop("mass"))
        self._rows[row["mass_GeV"]] = row
        ordered = [self._rows[label] for label in sorted(self._rows, key=float)]
        results.save_points(self._path, ordered)


def _points(
    search: Any, scan: Scan, store: _Store, *, fast: bool, progress: Progress | None
) -> Iterator[Point]:
    """Every point of the scan; the background only if one is missing."""
    known = store.known(scan.masses)
    base, keys = scan_keys(scan.seed, scan.masses)
    done, background = 0, None
    for mass, key in zip(scan.masses, keys, strict=True):
        if progress is not None:
            progress(done, len(scan.masses))
        if mass in known:
            yield known[mass]
        else:
            if background is None:
                background = search.background(base, fast=fast)
            point = reach_point(
                search,
                mass,
                background,
                cl=scan.cl,
                method=scan.method,
                key=key,
                fast=fast,
            )
            _check_finite(point)
            store.keep(point)
            yield point
        done += 1
    if progress is not None:
        progress(done, len(scan.masses))


def _check_finite(point: Point) -> None:
    if not math.isfinite(point.median):
        msg = (
            f"no limit at {point.mass / MeV:g} MeV: no signal passes the selection; "
            "leave this mass out or relax the cuts"
        )
        raise InputError(msg)


def draw(
    name: str,
    output: Path,
    *,
    settings: list[str] | None = None,
    seed: int | None = None,
    fast: bool = False,
    progress: Progress | None = None,
    plugins: tuple[str, ...] = (),
) -> list[Path]:
    """Draw the figure of a study, given by its name or path, below `output`.

    A study with a `[figure]` table names a function of (output, seed, fast, progress)
    that returns the files it wrote; one without is run.

    Raises:
        InputError: something does not fit, or the folder cannot be written.
    """
    study = load(name, settings=settings, plugins=plugins)
    if "figure" not in study.table:
        seeded = [] if seed is None else [f"reach.seed={seed}"]
        study = load(name, settings=[*(settings or []), *seeded], plugins=plugins)
        folder = run(study, output=output, fast=fast, progress=progress).folder
        return [folder / "figure.png", folder / "figure.pdf"]
    table: Table = {**study.table["figure"]}
    target = resolve(table.pop("use", None), "figure", study.origin)
    values = {"seed": 1, **arguments(target, table, "figure", study.origin)}
    if seed is not None:
        values["seed"] = seed
    folder = results.prepared(output / study.name)
    return list(target(**values, output=folder, fast=fast, progress=progress))


def trigger(
    name: str,
    output: Path,
    *,
    settings: list[str],
    seed: int = 1,
    fast: bool = False,
    progress: Progress | None = None,
) -> dict[str, Any]:
    """The trigger plane of an experiment, drawn below `output`; a summary of it.

    Raises:
        InputError: something does not fit, or the folder cannot be written.
    """
    experiment = named_class("experiments", name)()
    table = with_settings({}, settings)
    experiment = modified(experiment, table, "", Origin(source="--set"))
    use = "darkreach.outputs.trigger:trigger_plane"
    plane = resolve(use, "trigger", Origin(source="darkreach trigger"))
    folder = results.prepared(output / f"trigger_{name}")
    found = plane(experiment, folder, seed=seed, fast=fast, progress=progress)
    return dict(found)
