"""Which bounds exclude a point of parameter space, and which target it meets."""

import math

from dataclasses import asdict, dataclass, fields, replace
from typing import Any, Final

from darkreach.constants import DARK_MATTER
from darkreach.curves.axes import POWER, SYMBOL, TWO_BODY, UNIT, standing
from darkreach.curves.curve import Curve, Kind, Verdict, rescaled
from darkreach.curves.exclusion import AGE
from darkreach.curves.targets import freeze_in
from darkreach.curves.text import load_bounds
from darkreach.models.lfv_alp import LfvAlp, Pair
from darkreach.searches import crystal_box
from darkreach.study.answers import verdict
from darkreach.study.point import made_model
from darkreach.study.values import InputError, unknown
from darkreach.units import GeV, MeV, keV, m, s

PAIRS: Final[dict[str, Pair]] = {
    "mu-e": ("mu", "e"),
    "tau-e": ("tau", "e"),
    "tau-mu": ("tau", "mu"),
}
RECAST: Final = "crystal_box_1988"  # of mu -> e a gamma, by `searches.crystal_box`
HEAVIEST: Final = crystal_box.MASSES[-1] * MeV  # of the recast
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
        bounds: published bounds that judge the point, the strongest first; `cl` is
            None where nobody claimed a level of confidence. Where the branching ratio
            is above 1, the measured total width (`total_width`) is one of them.
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
        turned = "-".join(reversed(pair.split("-")))
        if turned in PAIRS:
            msg = f"unknown pair {pair!r}; did you mean {turned}? (the heavy one first)"
            raise InputError(msg)
        raise unknown("pair", pair, PAIRS)
    if cl is not None and not 0.5 < cl < 1:
        msg = f"--cl is {cl:g}; expected a number between 0.5 and 1, such as 0.95"
        raise InputError(msg)
    leptons, model = PAIRS[pair], made_model(settings)
    judged: dict[Kind, list[dict[str, Any]]] = {"bound": [], "projection": []}
    silent = []
    for name, published in load_bounds().items():
        curve = _recast(model, published, leptons) if name == RECAST else published
        if cl is not None and curve.excludes != "inside":
            curve = rescaled(curve, cl=cl)
        found = curve.verdict(model, pair=leptons)
        if found.reason:
            silent.append({"name": name, "label": curve.label, "reason": found.reason})
        else:
            factor = in_coupling(curve, found)
            row = {**judgement(name, curve, found), "factor_in_f": factor}
            judged[curve.kind].append(row)
    judged["bound"] += _total_width(model, leptons)
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
        verdict=verdict(judged["bound"], silent),
    )


def as_json(found: Check) -> dict[str, Any]:
    """The fields as JSON has them, numbers with 12 digits."""
    rounded: dict[str, Any] = _rounded(asdict(found))
    return rounded


def _rounded(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _rounded(x) for key, x in value.items()}
    if isinstance(value, list):
        return [_rounded(x) for x in value]
    return float(f"{value:.12g}") if isinstance(value, float) else value


def _recast(model: LfvAlp, published: Curve, pair: Pair) -> Curve:
    """Crystal Box's limit on mu -> e a at the mass of the point."""
    coupled = complex(model.c_v) != 0 or complex(model.c_a) != 0
    mass = float(model.mass)
    if pair == ("mu", "e") and coupled and mass <= HEAVIEST:
        return crystal_box.recast(model, [mass])
    # silent, and says why
    return replace(published, convention=TWO_BODY, validity=(0.0, HEAVIEST))


def _total_width(model: LfvAlp, pair: Pair) -> list[dict[str, Any]]:
    """A row where the decay alone is more than the measured total width."""
    ratio = standing(model, "BR", pair=pair)
    if ratio <= 1:
        return []
    row = {
        **{"name": "total_width", "label": "measured total width", "quantity": "BR"},
        **{"unit": "1", "convention": f"{pair[0]} -> {pair[1]} a", "limit": 1.0},
        **{"value": ratio, "factor": ratio, "factor_in_f": math.sqrt(ratio)},
        **{"excluded": True, "condition": "", "cl": None, "source": "PDG 2024"},
    }
    return [row]


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


def in_coupling(curve: Curve, found: Verdict) -> float:
    """The factor in a coupling, or in 1 / f_a at fixed ones: any two limits compare."""
    return float(found.factor ** (0.5 / abs(POWER[curve.quantity])))


def judgement(name: str, curve: Curve, found: Verdict) -> dict[str, Any]:
    """A bound that judges the point; `factor` is in the bound's own quantity."""
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
        "excluded": found.excluded,
        "condition": curve.condition,
        "cl": None if curve.method == "none" else curve.cl,
        "source": curve.source,
    }


def target(model: LfvAlp, pair: Pair) -> dict[str, Any]:
    """Abundance by freeze-in of l -> l' a over that of the dark matter.

    At most that of equilibrium; where this is less than the dark matter, about 28 eV
    for the muon, there is no F of the target.
    """
    nothing: dict[str, Any] = {"omega_h2": None, "ratio": None, "target_F_GeV": None}
    decay, why = f"{pair[0]} -> {pair[1]} a", ""
    if standing(model, "BR", pair=pair) == 0 or float(model.mass) == 0:
        why = f"no dark matter: {decay} makes no massive a"
    elif float(model.lifetime(pair=pair)) < AGE:
        why = "no dark matter: a decays before today"
    if why:
        return {**nothing, "answer": "none", "sentence": why}
    mass = float(model.mass)
    most = freeze_in.thermal_abundance(mass, pair=pair)
    omega = float(freeze_in.abundance(model, pair=pair))
    thermal = omega > most
    omega = min(omega, most)
    ratio = omega / DARK_MATTER
    scale = freeze_in.effective_scale_of_target(
        mass, pair=pair, c_v=model.c_v, c_a=model.c_a
    )
    answer, text = "meets", f"makes {ratio:.2f} of the dark matter"
    if ratio > 1 + TOLERANCE:
        answer, text = "overshoots", f"makes {ratio:.3g} times the dark matter"
    elif ratio < 1 / (1 + TOLERANCE):
        answer, text = "misses", f"makes {ratio:.2g} of the dark matter"
    line = "the freeze-in target"
    if most > DARK_MATTER:
        line += f" (F = {scale / GeV:.3g} GeV)"
    sentence = f"{answer} {line}: {decay} "
    if thermal:
        text = text.replace("makes", "makes about") + ", as a thermalises"
    warm = freeze_in.warm_dark_matter_mass(pair)
    if answer == "meets" and mass < warm:
        text += f", but too warm below {warm / keV:.2g} keV"
    return {
        "omega_h2": omega,
        "ratio": ratio,
        "target_F_GeV": scale / GeV if most > DARK_MATTER else None,
        "answer": answer,
        "sentence": sentence + text,
    }
