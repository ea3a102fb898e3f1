"""The fields of a curve in a text, read and checked."""

from collections.abc import Callable
from typing import Any, Final

import numpy as np

from jaxtyping import Float

from darkreach.curves.curve import CHOICES
from darkreach.units import GeV, quantity

WORDS: Final = (
    *("kind", "label", "quantity", "convention", "cl", "method", "chirality"),
    *("excludes", "source", "key", "bibtex"),
)
NAMES: Final = (*WORDS, "exposure", "notes", "condition")
MASSES: Final = ("eV", "keV", "MeV", "GeV", "TeV")
LENGTHS: Final = ("um", "mm", "cm", "m")
TIMES: Final = ("ps", "ns", "us", "ms", "s")
NUMBERS: Final = ("BR", "g_ae", "g_amu", "eps", "g_se", "g_smu")  # without a unit
INVERSE_MASSES: Final = tuple(f"/{x}" for x in MASSES)


def complaint(where: str, key: str, given: object, expected: str) -> str:
    """A sentence on a key with a wrong value."""
    return f"{where}: key {key!r} is {given!r}; expected {expected}"


def is_list(x: object, length: int | None = None) -> bool:
    """Whether this is a list, of this length where one is given."""
    return isinstance(x, list) and (length is None or len(x) == length)


def read_words(
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
            raise ValueError(complaint(where, key, given, _expected(key)))
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
    wrong = complaint(where, key, given, wanted)
    if not isinstance(given, str) or given.strip().partition(" ")[2] not in units:
        raise ValueError(wrong)
    found = quantity(given)
    if found < 0:
        raise ValueError(wrong)
    return found


def read_mass(given: Any, where: str, key: str) -> float:
    """A mass with its unit [GeV]."""
    return _quantity(given, where, key, MASSES)


def read_length(given: Any, where: str, key: str) -> float:
    """A length with its unit [mm]."""
    return _quantity(given, where, key, LENGTHS)


def read_time(given: Any, where: str, key: str) -> float:
    """A time with its unit [ns]."""
    return _quantity(given, where, key, TIMES)


def read_value(given: Any, where: str, name: str, key: str = "points") -> float:
    """A value of the quantity with this name, in base units."""
    if name in NUMBERS:
        if not isinstance(given, int | float) or not 0 < given < 1:
            what = "branching ratios" if name == "BR" else "couplings"
            wanted = f"{what} between 0 and 1 as numbers"
            raise ValueError(complaint(where, key, given, wanted))
        return float(given)
    units = {"g_agamma": INVERSE_MASSES, "lifetime": TIMES}.get(name, MASSES)
    return _quantity(given, where, key, units)


def check_line(
    mass: Float[np.ndarray, " n"], validity: tuple[float, float], where: str, key: str
) -> None:
    """That the masses of a line increase and span its validity.

    Raises:
        ValueError: they do not.
    """
    low, high = validity
    spans = mass.size > 0 and 0 <= mass[0] <= low <= high <= mass[-1]
    if not (spans and np.all(np.diff(mass) > 0)):
        given = [float(f"{x / GeV:.9g}") for x in (*mass, low, high)]
        wanted = "increasing masses that span the validity (the last two; GeV)"
        raise ValueError(complaint(where, key, given, wanted))
