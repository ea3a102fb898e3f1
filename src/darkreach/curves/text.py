"""Curves as text: CSV and JSON out, JSON and the TOML of published bounds in."""

import math
import tomllib

from collections.abc import Callable
from importlib.resources import files
from typing import Any, Final

import numpy as np

from darkreach.curves.curve import CHOICES, SYMBOL, UNIT, Curve
from darkreach.units import GeV, quantity

WORDS: Final = (
    *("kind", "label", "quantity", "convention", "cl", "method", "chirality"),
    *("excludes", "source", "key", "bibtex"),
)
NAMES: Final = (*WORDS, "exposure", "notes")
MASSES: Final = ("eV", "keV", "MeV", "GeV", "TeV")
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
    columns = {"mass": curve.mass / GeV, curve.quantity: curve.value / unit}
    if curve.band is not None:
        for i, sigma in enumerate(SIGMAS):
            columns[f"band_{sigma}"] = curve.band[:, i] / unit
    if curve.mc_error is not None:
        columns["mc_error"] = curve.mc_error / unit
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
    band, error = curve.band, curve.mc_error
    return {
        **{name: getattr(curve, name) for name in NAMES},
        "units": {"mass": "GeV", "value": SYMBOL[curve.quantity]},
        "validity": _numbers(np.array(curve.validity), GeV),
        "mass": _numbers(curve.mass, GeV),
        "value": _numbers(curve.value, unit),
        "band": None if band is None else _numbers(band, unit),
        "mc_error": None if error is None else _numbers(error, unit),
    }


def from_json(values: dict[str, Any], *, where: str = "curve") -> Curve:
    """The curve of `to_json`.

    Args:
        values: the dictionary.
        where: name of its file, for errors.

    Raises:
        ValueError: a key is missing, unknown or has a wrong value.
    """
    arrays = ("validity", "mass", "value", "band", "mc_error", "units")
    checked = _words(values, where, {*NAMES, *arrays}, {"validity", "mass", "value"})
    name = checked["quantity"]
    expected = {"mass": "GeV", "value": SYMBOL[name]}
    if values.get("units", expected) != expected:
        raise ValueError(_complaint(where, "units", values["units"], str(expected)))
    unit = UNIT[name]

    def array(key: str, unit: float) -> np.ndarray:
        try:
            return np.array(values[key], float) * unit
        except (TypeError, ValueError):
            wrong = _complaint(where, key, values[key], "numbers or null")
            raise ValueError(wrong) from None

    ends, mass, value = array("validity", GeV), array("mass", GeV), array("value", unit)
    more: dict[str, Any] = {
        k: array(k, unit) for k in ("band", "mc_error") if values.get(k) is not None
    }
    n = mass.size
    line: tuple[int, ...] = (n,)
    shapes = {"validity": (2,), "mass": line, "value": line, "mc_error": line}
    shapes["band"] = (n, 5)
    for key, found in {"validity": ends, "mass": mass, "value": value, **more}.items():
        if found.shape != shapes[key]:
            wanted = f"numbers in the shape {shapes[key]}"
            raise ValueError(_complaint(where, key, values[key], wanted))
    low, high = ends.tolist()
    return Curve(**checked, mass=mass, value=value, validity=(low, high), **more)


def from_toml(text: str, *, where: str) -> Curve:
    """A published bound.

    Args:
        text: TOML with the words of a `Curve`, `validity` as two masses with units and
            `points` as pairs of a mass with unit and a value: a number for BR, else a
            text with unit.
        where: name of the file, for errors.

    Raises:
        ValueError: a key is missing, unknown or has a wrong value.
    """
    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        msg = f"{where}: not TOML; {error}"
        raise ValueError(msg) from None
    checked = _words(
        table, where, {*NAMES, "points", "validity"}, {"points", "validity"}
    )
    wanted = "pairs of a mass and a value, such as [['10 MeV', 2.6e-6]]"
    pairs = table["points"]
    if not (_is_list(pairs) and pairs and all(_is_list(x, 2) for x in pairs)):
        raise ValueError(_complaint(where, "points", pairs, wanted))
    if not _is_list(table["validity"], 2):
        wrong = _complaint(where, "validity", table["validity"], "two masses")
        raise ValueError(wrong)
    low, high = (_mass(x, where, "validity") for x in table["validity"])
    mass = np.array([_mass(x, where, "points") for x, _ in pairs])
    value = np.array([_value(x, where, checked["quantity"]) for _, x in pairs])
    line = checked["excludes"] != "inside"
    if line and not (np.all(np.diff(mass) > 0) and mass[0] <= low <= high <= mass[-1]):
        wanted = "increasing masses that span the validity"
        raise ValueError(_complaint(where, "points", pairs, wanted))
    return Curve(**checked, mass=mass, value=value, validity=(low, high))


def load_bounds() -> dict[str, Curve]:
    """All published bounds of the package by the names of their files, sorted."""
    folder = files("darkreach.curves") / "bounds"
    found = sorted(x.name for x in folder.iterdir() if x.name.endswith(".toml"))
    return {
        name.removesuffix(".toml"): from_toml(
            (folder / name).read_text(encoding="utf-8"), where=name
        )
        for name in found
    }


def load_bound(name: str) -> Curve:
    """One published bound, by the name of its file without `.toml`.

    Raises:
        ValueError: there is no such bound.
    """
    bounds = load_bounds()
    if name not in bounds:
        msg = f"no bound {name!r}; there are {', '.join(bounds)}"
        raise ValueError(msg)
    return bounds[name]


def _complaint(where: str, key: str, given: object, expected: str) -> str:
    return f"{where}: key {key!r} is {given!r}; expected {expected}"


def _is_list(x: object, length: int | None = None) -> bool:
    return isinstance(x, list) and (length is None or len(x) == length)


def _words(
    table: dict[str, Any], where: str, known: set[str], needed: set[str]
) -> dict[str, Any]:
    """The texts and the confidence level of a table, checked."""
    for key in table:
        if key not in known:
            msg = f"{where}: unknown key {key!r}; expected one of {sorted(known)}"
            raise ValueError(msg)
    for key in (*WORDS, *sorted(needed)):
        if key not in table:
            msg = f"{where}: key {key!r} is missing; expected {_expected(key)}"
            raise ValueError(msg)
    chosen: dict[str, Any] = {key: table[key] for key in NAMES if key in table}
    for key, given in chosen.items():
        if not _test(key)(given):
            raise ValueError(_complaint(where, key, given, _expected(key)))
    return chosen


def _expected(key: str) -> str:
    if key in CHOICES:
        return f"one of {', '.join(CHOICES[key])}"
    if key == "cl":
        return "a number between 0.5 and 1"
    return "a text" if key in NAMES else "a list"


def _test(key: str) -> Callable[[Any], bool]:
    if key in CHOICES:
        return lambda x: isinstance(x, str) and x in CHOICES[key]
    if key == "cl":
        return lambda x: isinstance(x, float) and 0.5 < x < 1
    return lambda x: isinstance(x, str)


def _quantity(given: Any, where: str, key: str, units: tuple[str, ...]) -> float:
    """A number with one of these units, not negative."""
    wanted = f"a quantity such as '10 {units[-1]}' with one of {', '.join(units)}"
    wrong = _complaint(where, key, given, wanted)
    if not isinstance(given, str) or given.strip().partition(" ")[2] not in units:
        raise ValueError(wrong)
    found = quantity(given)
    if found < 0:
        raise ValueError(wrong)
    return found


def _mass(given: Any, where: str, key: str) -> float:
    return _quantity(given, where, key, MASSES)


def _value(given: Any, where: str, name: str) -> float:
    if name == "BR":
        if not isinstance(given, int | float) or not 0 < given < 1:
            wanted = "branching ratios between 0 and 1 as numbers"
            raise ValueError(_complaint(where, "points", given, wanted))
        return float(given)
    if name == "g_agamma":
        return _quantity(given, where, "points", tuple(f"/{x}" for x in MASSES))
    return _quantity(given, where, "points", MASSES)
