"""Which bounds exclude a dark photon or a scalar that couples to leptons."""

from dataclasses import dataclass, fields
from typing import Any, Final

from darkreach.curves.curve import Curve, Kind, rescaled
from darkreach.curves.dumps import Parity, recasts
from darkreach.curves.moments import Boson, Lepton, moment_bound
from darkreach.curves.resonances import Resonance, excludes_resonance
from darkreach.curves.text import load_bounds
from darkreach.models.dark_photon import DarkPhoton
from darkreach.models.lepton_scalar import LeptonScalar
from darkreach.study.answers import COUPLING, verdict
from darkreach.study.build import Origin, modified, with_settings
from darkreach.study.check import Check, in_coupling, judgement
from darkreach.study.values import InputError, unknown
from darkreach.units import GeV, MeV, m, s

MODELS: Final[dict[str, type[Any]]] = {
    "dark_photon": DarkPhoton,
    "lepton_scalar": LeptonScalar,
}
HEAVIEST: Final = 1e6 * GeV  # nothing overflows
STRONGEST: Final = 10.0
LEPTONS: Final[tuple[Lepton, ...]] = ("e", "mu")
NO_TARGET: Final = {
    **dict.fromkeys(("omega_h2", "ratio", "target_F_GeV")),
    **{"answer": "none", "sentence": "none is computed for this model"},
}


@dataclass(frozen=True, kw_only=True)
class Point:
    """What `--set` can change."""

    model: Resonance


def check_resonance(
    name: str, *, settings: list[str], cl: float | None = None
) -> Check:
    """Compare a point with all bounds on its couplings.

    Published ones, anomalous moments at one loop, and dumps of electrons recast from
    dark photons. The fields are those of `check`, with `factor_in_coupling` in the
    rows, no pair and no target.

    Args:
        name: one of `MODELS`.
        settings: as `model.mass=20 MeV`.
        cl: level to which all limits are brought; as published without it, and 95 %
            for the moments.

    Raises:
        InputError: something that was given does not fit.
    """
    if name not in MODELS:
        raise unknown("model", name, ["lfv_alp", *MODELS])
    if cl is not None and not 0.5 < cl < 1:
        msg = f"--cl is {cl:g}; expected a number between 0.5 and 1, such as 0.95"
        raise InputError(msg)
    model = _made(name, settings)
    judged: dict[Kind, list[dict[str, Any]]] = {"bound": [], "projection": []}
    silent = []
    for key, curve in _curves(model, cl).items():
        found = excludes_resonance(curve, model)
        if found.reason:
            silent.append({"name": key, "label": curve.label, "reason": found.reason})
            continue
        row = judgement(key, curve, found)
        row["factor_in_coupling"] = in_coupling(curve, found)
        judged[curve.kind].append(row)
    for rows in judged.values():
        rows.sort(key=lambda row: -float(row["factor_in_coupling"]))
    return Check(
        model={f.name: _plain(model, f.name) for f in fields(model)},
        pair="",
        derived=_derived(model),
        bounds=judged["bound"],
        projections=judged["projection"],
        silent=silent,
        target=NO_TARGET,
        verdict=verdict(judged["bound"], silent, axis=COUPLING),
    )


def _made(name: str, settings: list[str]) -> Resonance:
    """The model that `--set` describes."""
    start = Point(model=MODELS[name]())
    table = with_settings({}, settings)
    model: Resonance = modified(start, table, "", Origin(source="--set")).model
    if not 0 <= float(model.mass) <= HEAVIEST:
        given = f"model.mass is {float(model.mass) / MeV:g} MeV"
        raise InputError(f"{given}; expected 0 to {HEAVIEST / MeV:g} MeV")
    names = [f.name for f in fields(model) if f.name != "mass"]
    for key in names:
        size = float(getattr(model, key))
        if abs(size) > STRONGEST:
            msg = f"model.{key} is {size:g}; expected at most {STRONGEST:g}"
            raise InputError(msg)
    if all(float(getattr(model, key)) == 0 for key in names):
        msg = "all couplings are zero, so nothing can exclude the point; set some, such"
        raise InputError(f'{msg} as --set "model.{names[0]}=1e-4"')
    return model


def _curves(model: Resonance, cl: float | None) -> dict[str, Curve]:
    """Published bounds and those that are computed for this model, by name."""
    published = load_bounds()
    found = dict(published)
    bosons: tuple[Boson, ...] = ("dark photon",)
    if isinstance(model, LeptonScalar):
        bosons = ("scalar", "pseudoscalar")
        couplings: dict[Parity, Any]
        couplings = {"scalar": model.g_s_e, "pseudoscalar": model.g_p_e}
        for parity in (x for x, g in couplings.items() if float(g) != 0):
            new = recasts(published, parity=parity)
            found |= {f"{name}_recast_{parity}": c for name, c in new.items()}
    if cl is not None:
        found = {name: rescaled(curve, cl=cl) for name, curve in found.items()}
    for boson in bosons:
        for lepton in LEPTONS:
            limit = moment_bound(boson, lepton, cl=cl or 0.95)
            ending = "" if boson == "dark photon" else f"_{boson}"
            found[f"moment_{lepton}{ending}"] = limit
    return found


def _plain(model: Resonance, name: str) -> float:
    value = float(getattr(model, name))
    return value / GeV if name == "mass" else value


def _derived(model: Resonance) -> dict[str, float | None]:
    """Lifetime and moments of a point, with units in the names; None if infinite."""
    width = float(model.width())
    return {
        "width_GeV": width / GeV,
        "lifetime_s": float(model.lifetime()) / s if width else None,
        "ctau_m": float(model.ctau()) / m if width else None,
        "ee_fraction": float(model.width_to_ee()) / width if width else 0.0,
        **{f"delta_a_{x}": float(model.anomalous_moment(x)) for x in LEPTONS},
    }
