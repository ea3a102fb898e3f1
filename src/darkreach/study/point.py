"""A point of parameter space from the settings of a user."""

from dataclasses import dataclass, field, fields
from typing import Final

from darkreach.models.lfv_alp import LfvAlp
from darkreach.study.build import Origin, modified, with_settings
from darkreach.study.values import InputError, assignment, complex_number, unknown
from darkreach.units import GeV, MeV

COUPLINGS: Final = ("c_v", "c_a", "c_ee", "c_mumu", "c_tautau", "anomaly")
COMPLEX: Final = ("c_v", "c_a")
# wide, but nothing overflows
RANGES: Final[dict[str, tuple[float, float]]] = {
    **{"mass": (0.0, 1e6 * GeV), "f": (1e-3 * GeV, 1e30 * GeV)},
    **dict.fromkeys(COUPLINGS, (0.0, 1e9)),
}


@dataclass(frozen=True, kw_only=True)
class Point:
    """What `--set` can change."""

    model: LfvAlp = field(default_factory=LfvAlp)


def made_model(settings: list[str]) -> LfvAlp:
    """The model that `--set` describes.

    Raises:
        InputError: an unknown key, a wrong value, or no coupling at all.
    """
    known = [f"model.{f.name}" for f in fields(LfvAlp)]
    for text in settings:
        name, value = assignment(text, option="--set")
        if name not in known:
            raise unknown("key of --set", name, known)
        _check_value(name, value)
    table = with_settings({}, settings)
    model: LfvAlp = modified(Point(), table, "", Origin(source="--set")).model
    for name, (low, high) in RANGES.items():
        value = getattr(model, name)
        size, scale, unit = abs(complex(value)), 1.0, ""
        if name in ("mass", "f"):
            size = float(value)
            scale, unit = (MeV, " MeV") if name == "mass" else (GeV, " GeV")
        if not low <= size <= high:
            ends = f"{low / scale:g} to {high / scale:g}{unit}"
            msg = f"model.{name} is {size / scale:g}{unit}; expected {ends}"
            raise InputError(msg)
    if all(complex(getattr(model, name)) == 0 for name in COUPLINGS):
        msg = "all couplings are zero, so nothing can exclude the point; set some, such"
        raise InputError(f'{msg} as --set "model.c_v=1" or --set "model.c_ee=1"')
    return model


def _check_value(name: str, value: str) -> None:
    """That a value can be a number or a scale, with the sentence that suits its key.

    Raises:
        InputError: it cannot.
    """
    if name == "model.f" and " " not in value:
        msg = f"{name} = {value!r} has no unit; expected energy, such as '1e9 GeV'"
        raise InputError(msg)
    key = name.removeprefix("model.")
    if key in COUPLINGS and key not in COMPLEX and "j" in value.lower():
        complex_number(value, what=name)
        msg = f"{name} = {value!r} is complex; expected a real number such as '1'"
        raise InputError(msg)
