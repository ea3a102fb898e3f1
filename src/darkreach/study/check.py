"""Which bounds exclude a point of parameter space, and which target it meets."""

import math

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any, Final

from darkreach.constants import DARK_MATTER
from darkreach.curves.axes import POWER, SYMBOL, UNIT, standing
from darkreach.curves.curve import Curve, Kind, rescaled
from darkreach.curves.exclusion import AGE
from darkreach.curves.targets import freeze_in
from darkreach.curves.text import load_bounds
from darkreach.models.lfv_alp import LfvAlp, Pair
from darkreach.study.build import Origin, modified, with_settings
from darkreach.study.values import InputError, assignment, unknown
from darkreach.units import GeV, keV, m, s

PAIRS: Final[dict[str, Pair]] = {
    "mu-e": ("mu", "e"),
    "tau-e": ("tau", "e"),
    "tau-mu": ("tau", "mu"),
}
COUPLINGS: Final = ("c_v", "c_a", "c_ee", "c_mumu", "c_tautau", "anomaly")
# masses and scales [GeV]: wide, but nothing overflows
RANGES: Final[dict[str, tuple[float, float]]] = {
    **{"mass": (0.0, 1e6), "f": (1e-3, 1e30)},
    **dict.fromkeys(COUPLINGS, (0.0, 1e9)),
}
SHOWN: Final = {**UNIT, "lifetime": s}  # units for people
NAMED: Final = {**SYMBOL, "lifetime": "s"}
TOLERANCE: Final = 0.2  # of the abundance; scattering, left out, adds up to 12 %


@dataclass(frozen=True, kw_only=True)
class Check:
    """What is known of a point; the fields of `check --json`.

    Attributes:
        model: the parameters, masses and scales in GeV.
        pair: leptons of the flavour-violating coupling, such as `mu-e`.
        derived: what follows from them, with units in the names; None if infinite.
        bounds: published bounds that judge the point, the strongest first.
        projections: the same for searches to come.
        silent: bounds and projections that do not judge it, and why.
        target: abundance of dark matter by freeze-in.
        verdict: the answer, with a sentence; `excluded` without conditions.
    """

    model: dict[str, Any]
    pair: str
    derived: dict[str, float | None]
    bounds: list[dict[str, Any]]
    projections: list[dict[str, Any]]
    silent: list[dict[str, str]]
    target: dict[str, Any]
    verdict: dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class Point:
    """What `--set` can change."""

    model: LfvAlp = field(default_factory=LfvAlp)


def check(*, settings: list[str], pair: str = "mu-e", cl: float | None = None) -> Check:
    """Compare a point with all bounds, projections and the freeze-in target.

    Args:
        settings: as `model.mass=10 keV`.
        pair: one of `PAIRS`.
        cl: level to which all limits are brought; as published without it.

    Raises:
        InputError: something that was given does not fit.
    """
    if pair not in PAIRS:
        raise unknown("pair", pair, PAIRS)
    if cl is not None and not 0.5 < cl < 1:
        msg = f"--cl is {cl:g}; expected a number between 0.5 and 1, such as 0.95"
        raise InputError(msg)
    leptons, model = PAIRS[pair], made_model(settings)
    judged: dict[Kind, list[dict[str, Any]]] = {"bound": [], "projection": []}
    silent = []
    for name, published in load_bounds().items():
        line = cl is not None and published.excludes != "inside"
        curve = rescaled(published, cl=cl) if line and cl is not None else published
        found = curve.verdict(model, pair=leptons)
        if found.reason:
            silent.append({"name": name, "label": curve.label, "reason": found.reason})
        else:
            judged[curve.kind].append(_row(name, curve, found))
    for rows in judged.values():
        rows.sort(key=lambda row: -float(row["factor_in_f"]))
    return Check(
        model={f.name: _plain(model, f.name) for f in fields(model)},
        pair=pair,
        derived=derived(model, leptons),
        bounds=judged["bound"],
        projections=judged["projection"],
        silent=silent,
        target=target(model, leptons),
        verdict=verdict(judged["bound"]),
    )


def made_model(settings: list[str]) -> LfvAlp:
    """The model that `--set` describes.

    Raises:
        InputError: an unknown key, a wrong value, or no coupling at all.
    """
    known = [f"model.{f.name}" for f in fields(LfvAlp)]
    for text in settings:
        name, _ = assignment(text, option="--set")
        if name not in known:
            raise unknown("key of --set", name, known)
    table = with_settings({}, settings)
    model: LfvAlp = modified(Point(), table, "", Origin(source="--set")).model
    for name, (low, high) in RANGES.items():
        size, unit = abs(complex(getattr(model, name))), ""
        if name in ("mass", "f"):
            size, unit = float(getattr(model, name)) / GeV, " GeV"
        if not low <= size <= high:
            msg = f"model.{name} is {size:g}{unit}; expected {low:g} to {high:g}{unit}"
            raise InputError(msg)
    if all(complex(getattr(model, name)) == 0 for name in COUPLINGS):
        msg = "all couplings are zero, so nothing can exclude the point; set some, such"
        raise InputError(f'{msg} as --set "model.c_v=1" or --set "model.c_ee=1"')
    return model


def _plain(model: LfvAlp, name: str) -> Any:
    """A parameter as JSON has it: numbers in GeV, complex ones as a text."""
    value = complex(getattr(model, name))
    if value.imag:
        return str(value).strip("()")
    return value.real / GeV if name in ("mass", "f") else value.real


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None


def derived(model: LfvAlp, pair: Pair) -> dict[str, float | None]:
    """Rates, scales and lifetimes of a point, with units in the names."""
    found = {
        "branching_ratio": standing(model, "BR", pair=pair),
        "F_GeV": standing(model, "F") / GeV,
        "f_over_C_GeV": standing(model, "f_a") / GeV,
        "lifetime_s": float(model.lifetime(pair=pair)) / s,
        "ctau_m": float(model.ctau(pair=pair)) / m,
        "g_agamma_per_GeV": standing(model, "g_agamma") * GeV,
        "g_ae": standing(model, "g_ae"),
        "g_amu": standing(model, "g_amu"),
    }
    return {name: _finite(value) for name, value in found.items()}


def _row(name: str, curve: Curve, found: Any) -> dict[str, Any]:
    """A bound that judges the point.

    `factor` is in the bound's own quantity, `factor_in_f` in f_a at fixed couplings, so
    that limits on different quantities compare.
    """
    unit = SHOWN[curve.quantity]
    return {
        "name": name,
        "label": curve.label,
        "quantity": curve.quantity,
        "unit": NAMED[curve.quantity],
        "convention": curve.convention,
        "limit": found.limit / unit,
        "value": _finite(found.value / unit),
        "factor": found.factor,
        "factor_in_f": found.factor ** (0.5 / abs(POWER[curve.quantity])),
        "excluded": found.excluded,
        "condition": curve.condition,
        "cl": curve.cl,
        "source": curve.source,
    }


def verdict(bounds: list[dict[str, Any]]) -> dict[str, Any]:
    """The answer to rows that are sorted by `factor_in_f`."""
    beyond = [row for row in bounds if row["excluded"]]
    always = [row for row in beyond if not row["condition"]]
    assuming = [row for row in beyond if row["condition"]]

    def most(rows: list[dict[str, Any]]) -> str:
        some = f"{len(rows)} bounds, most strongly by" if len(rows) > 1 else "1 bound,"
        first = rows[0]["label"]
        return f"by {some} {first} (f_a is too small by {_times(rows[0])})"

    if always:
        answer, sentence = "excluded", f"excluded {most(always)}"
        if assuming:
            sentence += f"; by {len(assuming)} more if {assuming[0]['condition']}"
    elif assuming:
        answer, condition = "conditional", assuming[0]["condition"]
        sentence = f"excluded only if {condition}, {most(assuming)}"
    elif bounds:
        answer, n = "allowed", len(bounds)
        which = f"all {n} bounds that judge" if n > 1 else "the 1 bound that judges"
        near = f"{bounds[0]['label']} ({_times(bounds[0])} in f_a)"
        sentence = f"allowed by {which} it; the nearest is {near}"
    else:
        answer, sentence = "unjudged", "no bound judges this point"
    by = [row["name"] for row in beyond]
    excluded = {"excluded": bool(always), "answer": answer}
    return {**excluded, "by": by, "sentence": sentence}


def _times(row: Mapping[str, Any]) -> str:
    return f"a factor {row['factor_in_f']:.2g}"


def target(model: LfvAlp, pair: Pair) -> dict[str, Any]:
    """Abundance by freeze-in of l -> l' a over that of the dark matter."""
    nothing: dict[str, Any] = {"omega_h2": None, "ratio": None, "target_F_GeV": None}
    decay, why = f"{pair[0]} -> {pair[1]} a", ""
    if standing(model, "BR", pair=pair) == 0 or float(model.mass) == 0:
        why = f"no dark matter: {decay} makes no massive a"
    elif float(model.lifetime(pair=pair)) < AGE:
        why = "no dark matter: a decays before today"
    if why:
        return {**nothing, "answer": "none", "sentence": why}
    omega = float(freeze_in.abundance(model, pair=pair))
    ratio = omega / DARK_MATTER
    scale = freeze_in.effective_scale_of_target(
        float(model.mass), pair=pair, c_v=model.c_v, c_a=model.c_a
    )
    answer, text = "meets", f"makes {ratio:.2f} of the dark matter"
    if ratio > 1 + TOLERANCE:
        answer, text = "overshoots", f"makes {ratio:.3g} times the dark matter"
    elif ratio < 1 / (1 + TOLERANCE):
        answer, text = "misses", f"makes {ratio:.2g} of the dark matter"
    sentence = f"{answer} the freeze-in target (F = {scale / GeV:.3g} GeV): {decay} "
    warm = freeze_in.warm_dark_matter_mass(pair)
    if answer == "meets" and float(model.mass) < warm:
        text += f", but too warm below {warm / keV:.2g} keV"
    return {
        "omega_h2": omega,
        "ratio": ratio,
        "target_F_GeV": scale / GeV,
        "answer": answer,
        "sentence": sentence + text,
    }
