"""A study file, or a search by its name, checked before anything is computed."""

import dataclasses
import tomllib

from typing import Any, Final, Literal

from darkreach.study.build import (
    Origin,
    Table,
    arguments,
    build,
    resolve,
    with_settings,
)
from darkreach.study.catalogue import catalogue, study_path, use_of
from darkreach.study.rates import check_masses
from darkreach.study.values import SEEDS, InputError, closest, unknown
from darkreach.units import MeV

TABLES: Final = ("title", "search", "reach", "figure")


@dataclasses.dataclass(frozen=True, kw_only=True)
class Scan:
    """The `[reach]` table of a study.

    Attributes:
        masses: where the limit is computed [GeV]; the search's own if empty.
        cl: confidence level.
        method: of the limit.
        seed: of the random key.
        bounds: published bounds in the figure, by file name.
        recasts: published bounds recast for the couplings of the search, by module of
            `darkreach.searches`.
    """

    masses: tuple[float, ...] = ()
    cl: float = 0.95
    method: Literal["CLs", "Gaussian"] = "CLs"
    seed: int = 1
    bounds: tuple[str, ...] = ()
    recasts: tuple[str, ...] = ()


@dataclasses.dataclass(frozen=True, kw_only=True)
class Study:
    """A study file with the user's changes.

    Attributes:
        name: of the file, and of the folder of its results.
        text: of the file.
        table: what counts: the file with `--set` and other options applied.
        origin: for errors, and the plugins.
    """

    name: str
    text: str
    table: Table
    origin: Origin


def load(
    name: str, *, settings: list[str] | None = None, plugins: tuple[str, ...] = ()
) -> Study:
    """Read a study by its path or name and check its tables.

    Raises:
        InputError: it does not exist, is no TOML, or has an unknown table.
    """
    path = study_path(name)
    try:
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        msg = f"{path.name} is not valid TOML: it is no UTF-8 text"
        raise InputError(msg) from None
    return _study(path.stem, text, Origin(source=path.name, plugins=plugins), settings)


def _study(name: str, text: str, origin: Origin, settings: list[str] | None) -> Study:
    try:
        table = with_settings(tomllib.loads(text), settings or [])
    except tomllib.TOMLDecodeError as error:
        msg = f"{origin.source} is not valid TOML: {error}"
        raise InputError(msg) from None
    for key, value in table.items():
        if key in TABLES and isinstance(value, dict) == (key == "title"):
            wanted = "a text" if key == "title" else f"a table [{key}]"
            raise InputError(f"{origin.source}: {key!r} must be {wanted}")
        if key not in TABLES:
            near = closest(key, TABLES)
            msg = f"{origin.source}: unknown key {key!r}{near}"
            raise InputError(f"{msg} (known: {', '.join(TABLES)})")
    return Study(name=name, text=text, table=table, origin=origin)


def search_study(
    name: str, *, settings: list[str], scan: Table, plugins: tuple[str, ...] = ()
) -> Study:
    """The study of a search: the file of its name if there is one.

    Args:
        name: of the search.
        settings: `--set` texts; paths start at the search, such as `experiment.x`.
        scan: values for the `[reach]` table.
        plugins: modules outside darkreach that may be used.
    """
    use = use_of("searches", name)
    inside = [f"search.{text}" for text in settings]
    if name in catalogue("studies"):
        study = load(name, plugins=plugins)
        study = _study(name, study.text, study.origin, inside)
    else:
        text = f'[search]\nuse = "{use}"\n'
        study = _study(name, text, Origin(source="--set", plugins=plugins), inside)
    changed = {**study.table.get("reach", {}), **scan}
    return dataclasses.replace(study, table={**study.table, "reach": changed})


def prepared(study: Study) -> tuple[Any, Scan]:
    """The search and the scan of a study, checked before anything is computed.

    Raises:
        InputError: something does not fit.
    """
    if "search" not in study.table:
        msg = (
            f"{study.origin.source} has no [search] table; `darkreach figures` draws it"
        )
        raise InputError(msg)
    search = build(study.table["search"], "search", study.origin)
    try:
        getattr(search, "check", tuple)()
    except ValueError as error:
        raise InputError(f"{study.origin.source}: {error}") from None
    values = arguments(Scan, study.table.get("reach", {}), "reach", study.origin)
    scan = Scan(**values)
    if not 0.5 < scan.cl < 1:
        msg = f"the confidence level is {scan.cl:g}; expected 0.5 to 1, such as 0.9"
        raise InputError(msg)
    if not 0 <= scan.seed < SEEDS:
        msg = f"the seed is {scan.seed}; expected a number from 0 to {SEEDS - 1}"
        raise InputError(msg)
    known = catalogue("bounds")
    for bound in scan.bounds:
        if bound not in known:
            raise unknown("bound", bound, known)
    for recast in scan.recasts:
        resolve(f"darkreach.searches.{recast}:recast", "reach.recasts", study.origin)
    masses = tuple(sorted(set(scan.masses or search.masses())))
    for mass in masses:
        _check_mass(search, mass, study.name)
    return search, dataclasses.replace(scan, masses=masses)


def _check_mass(search: Any, mass: float, name: str) -> None:
    signal = getattr(search, "signal", None)
    if mass < 0:
        msg = f"{name}: the mass {mass / MeV:g} MeV is below zero"
        raise InputError(msg)
    if signal is not None and hasattr(signal, "model"):
        model = dataclasses.replace(signal.model, mass=mass)
        check_masses(dataclasses.replace(signal, model=model), name)
