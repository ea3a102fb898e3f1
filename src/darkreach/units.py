"""Units as plain numbers: write `10 * MeV` in, `p / GeV` out.

The base units are GeV, mm and ns (hbar = c = 1 is *not* used to merge them: energies,
lengths and times stay separate, and `constants.HBAR` and `constants.C` convert). With
`DARKREACH_UNIT_TEST=1` in the environment the base units take odd values, so that a
formula with a dropped or doubled unit changes its result and a test catches it.
"""

import math
import os

from typing import Final

ODD_UNITS: Final = os.environ.get("DARKREACH_UNIT_TEST", "") == "1"

GeV: Final = 1.7 if ODD_UNITS else 1.0
mm: Final = 0.6 if ODD_UNITS else 1.0
ns: Final = 2.3 if ODD_UNITS else 1.0

eV: Final = 1e-9 * GeV
keV: Final = 1e-6 * GeV
MeV: Final = 1e-3 * GeV
TeV: Final = 1e3 * GeV

um: Final = 1e-3 * mm
cm: Final = 10 * mm
m: Final = 1000 * mm
fm: Final = 1e-12 * mm

ps: Final = 1e-3 * ns
us: Final = 1e3 * ns
ms: Final = 1e6 * ns
s: Final = 1e9 * ns
day: Final = 86400 * s

Hz: Final = 1 / s
kHz: Final = 1e3 * Hz
MHz: Final = 1e6 * Hz

fb: Final = 1e-39 * cm * cm
pb: Final = 1e3 * fb
nb: Final = 1e6 * fb

rad: Final = 1.0
mrad: Final = 1e-3
deg: Final = math.pi / 180

BY_NAME: Final[dict[str, float]] = {
    **{"eV": eV, "keV": keV, "MeV": MeV, "GeV": GeV, "TeV": TeV},
    **{"um": um, "mm": mm, "cm": cm, "m": m, "fm": fm},
    **{"ps": ps, "ns": ns, "us": us, "ms": ms, "s": s, "day": day, "days": day},
    **{"Hz": Hz, "kHz": kHz, "MHz": MHz},
    **{"fb": fb, "pb": pb, "nb": nb, "ab": 1e-3 * fb},
    **{"rad": rad, "mrad": mrad, "deg": deg, "percent": 0.01},
}


def quantity(text: str) -> float:
    """Read a number with a unit, such as `"10 MeV"`, `"3e7 /s"` or `"0.86"`.

    Args:
        text: a number, then nothing, a unit, or `/` and a unit.

    Returns:
        The value in base units; multiply or divide by a unit to show it.

    Raises:
        ValueError: the number or the unit cannot be read.
    """
    number, _, unit = text.strip().partition(" ")
    unit = unit.strip()
    try:
        value = float(number)
    except ValueError:
        msg = (
            f"{text!r} is not a quantity; expected a number and a unit with a space "
            'between them, such as "10 MeV"'
        )
        raise ValueError(msg) from None
    if not math.isfinite(value):
        msg = f"{text!r} is not finite; give an ordinary number"
        raise ValueError(msg)
    if not unit:
        return value
    inverse = unit.startswith("/")
    name = unit.removeprefix("/").strip()
    if name not in BY_NAME:
        known = ", ".join(BY_NAME)
        msg = f"{text!r} has the unknown unit {name!r}; known units are {known}"
        raise ValueError(msg)
    return value / BY_NAME[name] if inverse else value * BY_NAME[name]
