"""Curves as text: CSV and JSON out, JSON and the TOML of published bounds in."""

import math
import tomllib

from importlib.resources import files
from typing import Any, Final

import numpy as np

from darkreach.curves.axes import SYMBOL, UNIT
from darkreach.curves.curve import Curve
from darkreach.curves.fields import (
    NAMES,
    check_line,
    complaint,
    is_list,
    read_length,
    read_mass,
    read_time,
    read_value,
    read_words,
)
from darkreach.units import GeV, mm, ns

# lengths [mm] and a time [ns]
PATHS: Final = {"escape": (mm, "mm"), "within": (mm, "mm"), "longest": (ns, "ns")}
READ: Final = {"mm": read_length, "ns": read_time}
ARRAYS: Final = ("band", "mc_error", "until")  # one row a mass, where given
SIGMAS: Final = ("-2", "-1", "0", "+1", "+2")


def to_csv(curve: Curve) -> str:
    """Columns in GeV and the unit of the quantity, under a header with `#`.

    The BibTeX entry is left out, and line breaks in texts become spaces.
    """
    unit, symbol = UNIT[curve.quantity], SYMBOL[curve.quantity]
    low, high = (m / GeV for m in curve.validity)
    names = [name for name in NAMES if name != "bibtex" and getattr(curve, name) != ""]
    head = [
        f"# {name}: {' '.join(str(getattr(curve, name)).split())}" for name in names
    ]
    head += [
        f"# validity: {low:.6g} to {high:.6g} GeV",
        f"# units: mass GeV, {curve.quantity} {symbol}",
    ]
    given = {name: getattr(curve, name) for name in PATHS}
    head += [
        f"# {name}: {x / PATHS[name][0]:.6g} {PATHS[name][1]}"
        for name, x in given.items()
        if x is not None
    ]
    columns = {"mass": curve.mass / GeV, curve.quantity: curve.value / unit}
    if curve.band is not None:
        for i, sigma in enumerate(SIGMAS):
            columns[f"band_{sigma}"] = curve.band[:, i] / unit
    if curve.mc_error is not None:
        columns["mc_error"] = curve.mc_error / unit
    if curve.until is not None:
        columns["until"] = curve.until / unit
    rows = [
        ",".join(f"{x:.8g}" for x in row) for row in zip(*columns.values(), strict=True)
    ]
    return "\n".join([*head, ",".join(columns), *rows, ""])


def _numbers(array: np.ndarray, unit: float) -> list[Any]:
    """Nested lists of 12 digits; null where not finite, as JSON has no infinity."""

    def number(x: float) -> float | None:
        return float(f"{x:.12g}") if math.isfinite(x) else None

    values = np.asarray(array / unit).tolist()
    return [
        [number(y) for y in x] if isinstance(x, list) else number(x) for x in values
    ]


def to_json(curve: Curve) -> dict[str, Any]:
    """Plain lists, numbers and words, with the units said; `from_json` inverts it."""
    unit = UNIT[curve.quantity]
    arrays = {k: getattr(curve, k) for k in ARRAYS}
    return {
        **{name: getattr(curve, name) for name in NAMES},
        "units": {"mass": "GeV", "value": SYMBOL[curve.quantity]},
        "validity": _numbers(np.array(curve.validity), GeV),
        "mass": _numbers(curve.mass, GeV),
        "value": _numbers(curve.value, unit),
        **{k: None if x is None else _numbers(x, unit) for k, x in arrays.items()},
        **{name: _path(getattr(curve, name), PATHS[name][0]) for name in PATHS},
    }


def _path(given: float | None, unit: float) -> float | None:
    return None if given is None else float(f"{given / unit:.12g}")


def from_json(values: dict[str, Any], *, where: str = "curve") -> Curve:
    """The curve of `to_json`.

    Args:
        values: the dictionary.
        where: name of its file, for errors.

    Raises:
        ValueError: a key is missing, unknown or has a wrong value.
    """
    arrays = ("validity", "mass", "value", "units", *ARRAYS, *PATHS)
    checked = read_words(
        values, where, {*NAMES, *arrays}, {"validity", "mass", "value"}
    )
    name = checked["quantity"]
    expected = {"mass": "GeV", "value": SYMBOL[name]}
    if values.get("units", expected) != expected:
        raise ValueError(complaint(where, "units", values["units"], str(expected)))
    unit = UNIT[name]

    def array(key: str, unit: float) -> np.ndarray:
        try:
            return np.array(values[key], float) * unit
        except (TypeError, ValueError):
            wrong = complaint(where, key, values[key], "numbers or null")
            raise ValueError(wrong) from None

    ends, mass, value = array("validity", GeV), array("mass", GeV), array("value", unit)
    more: dict[str, Any] = {
        k: array(k, unit) for k in ARRAYS if values.get(k) is not None
    }
    n = mass.size
    line: tuple[int, ...] = (n,)
    shapes = {"validity": (2,), "mass": line, "value": line, "mc_error": line}
    shapes |= {"band": (n, 5), "until": line}
    for key, found in {"validity": ends, "mass": mass, "value": value, **more}.items():
        if found.shape != shapes[key]:
            wanted = f"numbers in the shape {shapes[key]}"
            raise ValueError(complaint(where, key, values[key], wanted))
    low, high = ends.tolist()
    if checked["excludes"] != "inside":
        check_line(mass, (low, high), where, "mass")
    if np.any(value <= 0):
        raise ValueError(complaint(where, "value", values["value"], "positive numbers"))
    for key, (_, symbol) in PATHS.items():
        if values.get(key) is not None:
            more[key] = READ[symbol](f"{values[key]} {symbol}", where, key)
    return Curve(**checked, mass=mass, value=value, validity=(low, high), **more)


def from_toml(text: str, *, where: str) -> Curve:
    """A published bound.

    Args:
        text: TOML with the words of a `Curve`, `validity` as two masses with units and
            `points` as pairs of a mass with unit and a value: a number for BR and for
            couplings to leptons, else a text with unit; `escape` and `within` as
            lengths and `longest` as a time with unit; `until` as one value or as a
            list with one for each point.
        where: name of the file, for errors.

    Raises:
        ValueError: a key is missing, unknown or has a wrong value.
    """
    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        msg = f"{where}: not TOML; {error}"
        raise ValueError(msg) from None
    needed = {"points", "validity"}
    known = {*NAMES, *PATHS, *needed, "until"}
    checked = read_words(table, where, known, needed)
    wanted = "pairs of a mass and a value, such as [['10 MeV', 2.6e-6]]"
    pairs = table["points"]
    if not (is_list(pairs) and pairs and all(is_list(x, 2) for x in pairs)):
        raise ValueError(complaint(where, "points", pairs, wanted))
    if not is_list(table["validity"], 2):
        wrong = complaint(where, "validity", table["validity"], "two masses")
        raise ValueError(wrong)
    low, high = (read_mass(x, where, "validity") for x in table["validity"])
    mass = np.array([read_mass(x, where, "points") for x, _ in pairs])
    value = np.array([read_value(x, where, checked["quantity"]) for _, x in pairs])
    if checked["excludes"] != "inside":
        check_line(mass, (low, high), where, "points")
    more: dict[str, Any] = {
        key: READ[symbol](table[key], where, key)
        for key, (_, symbol) in PATHS.items()
        if key in table
    }
    if "until" in table:
        more["until"] = _until(table["until"], where, checked["quantity"], mass.size)
    return Curve(**checked, mass=mass, value=value, validity=(low, high), **more)


def _until(given: Any, where: str, name: str, n: int) -> np.ndarray:
    """Where a line ends at each of its n points, from one value or n of them."""
    values = given if isinstance(given, list) else [given] * n
    if len(values) != n:
        raise ValueError(complaint(where, "until", given, f"one value or {n} of them"))
    return np.array([read_value(x, where, name, "until") for x in values])


def load_bounds() -> dict[str, Curve]:
    """All published bounds of the package by the names of their files, sorted."""
    return {name: _read(name) for name in _names()}


def load_bound(name: str) -> Curve:
    """One published bound, by the name of its file without `.toml`.

    Raises:
        ValueError: there is no such bound.
    """
    if name not in _names():
        msg = f"no bound {name!r}; there are {', '.join(_names())}"
        raise ValueError(msg)
    return _read(name)


def _names() -> list[str]:
    folder = files("darkreach.curves") / "bounds"
    found = sorted(x.name for x in folder.iterdir())
    return [x.removesuffix(".toml") for x in found if x.endswith(".toml")]


def _read(name: str) -> Curve:
    path = files("darkreach.curves") / "bounds" / f"{name}.toml"
    return from_toml(path.read_text(encoding="utf-8"), where=path.name)
