"""Strings that users write, and the values they mean."""

import difflib
import math
import re

from collections.abc import Iterable, Mapping
from typing import Final

from darkreach import units


class InputError(ValueError):
    """What a user gave cannot be used; the message says what to do."""


SEEDS: Final = 2**32  # seeds are below

_DIMENSIONS: Final = {
    "energy": ("eV", "keV", "MeV", "GeV", "TeV"),
    "length": ("um", "mm", "cm", "m", "fm"),
    "time": ("ps", "ns", "us", "ms", "s", "day", "days"),
    "rate": ("Hz", "kHz", "MHz"),
    "area": ("fb", "pb", "nb", "ab"),
    "angle": ("rad", "mrad", "deg"),
}
_DIMENSION_OF: Final = {
    unit: name for name, known in _DIMENSIONS.items() for unit in known
}
_INVERSE: Final = {"time": "rate", "rate": "time"}
_EXAMPLE: Final = {
    "energy": "10 MeV",
    "length": "3 mm",
    "time": "10 ns",
    "rate": "1e6 Hz",
    "angle": "30 deg",
    "energy^2": "900 MeV^2",
}


def closest(given: str, known: Iterable[str]) -> str:
    """`; did you mean ...?` where a known name is near, else nothing."""
    names = list(known)
    folded = {name.lower(): name for name in names}
    if given.lower() in folded:
        return f"; did you mean {folded[given.lower()]}?"
    near = difflib.get_close_matches(given.lower(), folded, n=3, cutoff=0.55)
    return f"; did you mean {' or '.join(folded[n] for n in near)}?" if near else ""


def unknown(what: str, given: str, known: Iterable[str]) -> InputError:
    """An error that names what was given, the nearest names and all of them."""
    names = list(known)
    listed = f"known: {', '.join(names)}" if names else "there are none"
    return InputError(f"unknown {what} {given!r}{closest(given, names)} ({listed})")


def _parts(unit: str) -> tuple[bool, str, int]:
    """Whether a unit is inverse, its name and its power: `/cm^2`, `1/ns`, `MeV^2`."""
    inverse = unit.startswith(("/", "1/"))
    name, _, power = unit.removeprefix("1").removeprefix("/").strip().partition("^")
    return inverse, name, int(power) if power in ("2", "3") else 1


def dimension(unit: str) -> str:
    """`energy` for `MeV`, `energy^2` for `GeV^2`, `rate` for `/s`, '' for none."""
    inverse, name, power = _parts(unit)
    base = _DIMENSION_OF.get(name, "")
    if not base:
        return ""
    if inverse and power == 1 and base in _INVERSE:
        return _INVERSE[base]
    full = base if power == 1 else f"{base}^{power}"
    return f"1/{full}" if inverse else full


def measure(text: str, *, like: str = "", what: str = "value") -> float:
    """A quantity of a known kind.

    Args:
        text: such as `"10 MeV"` or `"900 MeV^2"`; zero may go without its unit.
        like: a unit of the same dimension, such as `GeV`; '' for a plain number.
        what: name of the value, for the error.

    Raises:
        InputError: it cannot be read, or its dimension differs from that of `like`.
    """
    number, _, unit = text.strip().partition(" ")
    value = _number(text, number, unit.strip(), what)
    expected, got = dimension(like), dimension(unit.strip())
    if expected == got or (value == 0 and not unit):
        return value
    if not expected and not like:
        msg = f"{what} = {text!r} has a unit; expected a plain number"
        raise InputError(msg)
    example = _EXAMPLE.get(expected, f"1 {like}")
    problem = "has no unit" if not got else f"is a quantity of {got}"
    msg = (
        f"{what} = {text!r} {problem}; expected {expected or like}, such as {example!r}"
    )
    raise InputError(msg)


def _number(text: str, number: str, unit: str, what: str) -> float:
    inverse, base, power = _parts(unit)
    try:
        if power == 1:
            return units.quantity(text)
        scale = units.quantity(f"1 {base}") ** power
        return units.quantity(number) * (1 / scale if inverse else scale)
    except ValueError as error:
        if base and base not in units.BY_NAME:
            msg = f"{what} = {text!r}: {unknown('unit', base, units.BY_NAME)}"
            raise InputError(msg) from None
        raise InputError(f"{what}: {error}") from None


def listed(text: str) -> list[str]:
    """`"0, 10, 20 MeV"` as parts; the unit at the end holds for all that have none."""
    parts = [part.strip() for part in text.split(",") if part.strip()]
    _, _, unit = parts[-1].partition(" ") if parts else ("", "", "")
    return [p if " " in p or not unit else f"{p} {unit}" for p in parts]


def complex_number(text: str, *, what: str) -> complex | float:
    """`"0.5+0.5j"` or `"1"`."""
    try:
        value = complex(text.replace(" ", ""))
    except ValueError:
        msg = f"{what} = {text!r} is not a number; expected such as '1' or '0.5+0.5j'"
        raise InputError(msg) from None
    if not math.isfinite(value.real) or not math.isfinite(value.imag):
        msg = f"{what} = {text!r} is not finite; give an ordinary number"
        raise InputError(msg)
    return value if value.imag else value.real


def assignment(text: str, *, option: str) -> tuple[str, str]:
    """`NAME=VALUE` of a repeatable option."""
    name, equals, value = text.partition("=")
    if not equals or not name.strip() or not value.strip():
        msg = f"{option} {text!r} cannot be read; expected NAME=VALUE"
        raise InputError(msg)
    return name.strip(), value.strip()


def documented_units(doc: str | None) -> Mapping[str, str]:
    """Units in [brackets] of the attributes or arguments that a docstring describes.

    One line may describe several, `a, b: ... [rad]`; the unit is that of all but the
    cosines (`abs_cos`), which have none.
    """
    described = (
        r"^\s+(\w+(?:, \w+)*):((?:[^\n]*\n?)(?:(?!\s+[\w, ]+:|\s*\n)[^\n]*\n?)*)"
    )
    units = {}
    for names, text in re.findall(described, doc or "", flags=re.M):
        found = [u for u in re.findall(r"\[([^\]]+)\]", text) if dimension(u)]
        for name in names.split(", ") if found else ():
            if "cos" not in name.split("_"):
                units[name] = found[0]
    return units
