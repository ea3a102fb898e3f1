"""Which bounds exclude a dark photon, a scalar with leptons or an ALP with photons."""

from dataclasses import dataclass, fields
from typing import Any, Final

from darkreach.curves.curve import Curve, Kind, Verdict, rescaled
from darkreach.curves.dumps import Parity, recasts
from darkreach.curves.moments import Boson, Lepton, moment_bound
from darkreach.curves.photons import excludes_photon_alp
from darkreach.curves.resonances import Resonance, excludes_resonance
from darkreach.curves.text import load_bounds
from darkreach.models.dark_photon import DarkPhoton
from darkreach.models.lepton_scalar import LeptonScalar
from darkreach.models.photon_alp import PhotonAlp
from darkreach.study.answers import COUPLING, verdict
from darkreach.study.build import Origin, modified, with_settings
from darkreach.study.check import Check, in_coupling, judgement
from darkreach.study.values import InputError, unknown
from darkreach.units import GeV, MeV, m, s

MODELS: Final[dict[str, type[Any]]] = {
    "dark_photon": DarkPhoton,
    "lepton_scalar": LeptonScalar,
    "photon_alp": PhotonAlp,
}
Judged = Resonance | PhotonAlp
HEAVIEST: Final = 1e6 * GeV  # nothing overflows
STRONGEST: Final = 10.0  # couplings without a unit, and with photons in 1/GeV
MASSES: Final = ("mass", "m_chi")
UNITS: Final = {**dict.fromkeys(MASSES, GeV), "g_agamma": 1 / GeV}
# What a point is about; the rest of its couplings only make it decay.
NEEDED: Final[dict[str, tuple[str, ...]]] = {"photon_alp": ("g_agamma",)}
LEPTONS: Final[tuple[Lepton, ...]] = ("e", "mu")
NO_TARGET: Final = {
    **dict.fromkeys(("omega_h2", "ratio", "target_F_GeV")),
    **{"answer": "none", "sentence": "none is computed for this model"},
}


@dataclass(frozen=True, kw_only=True)
class Point:
    """What `--set` can change."""

    model: Judged


def check_resonance(
    name: str, *, settings: list[str], cl: float | None = None
) -> Check:
    """Compare a point with all bounds on its couplings.

    Published ones, and for couplings to leptons anomalous moments at one loop and dumps
    of electrons recast from dark photons. The fields are those of `check`, with
    `factor_in_coupling` in the rows, no pair and no target. Of an ALP with photons the
    branching ratios decide which visible and invisible limits judge it.

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
        found = _judged_by(curve, model)
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


def _judged_by(curve: Curve, model: Judged) -> Verdict:
    if isinstance(model, PhotonAlp):
        return excludes_photon_alp(curve, model)
    return excludes_resonance(curve, model)


def _made(name: str, settings: list[str]) -> Judged:
    """The model that `--set` describes."""
    start = Point(model=MODELS[name]())
    table = with_settings({}, settings)
    model: Judged = modified(start, table, "", Origin(source="--set")).model
    numbers = [f.name for f in fields(model) if f.type is not bool]
    for key in (x for x in numbers if x in MASSES):
        mass = float(getattr(model, key))
        if not 0 <= mass <= HEAVIEST:
            given = f"model.{key} is {mass / MeV:g} MeV"
            raise InputError(f"{given}; expected 0 to {HEAVIEST / MeV:g} MeV")
    names = [x for x in numbers if x not in MASSES]
    for key in names:
        size = _plain(model, key)
        if abs(size) > STRONGEST:
            unit = " /GeV" if key in UNITS else ""
            msg = f"model.{key} is {size:g}{unit}; expected at most {STRONGEST:g}{unit}"
            raise InputError(msg)
    needed = NEEDED.get(name, names)
    if all(float(getattr(model, key)) == 0 for key in needed):
        value = "1e-4 /GeV" if needed[0] in UNITS else "1e-4"
        msg = "all couplings are zero, so nothing can exclude the point; set some, such"
        raise InputError(f'{msg} as --set "model.{needed[0]}={value}"')
    return model


def _curves(model: Judged, cl: float | None) -> dict[str, Curve]:
    """Published bounds and those that are computed for this model, by name."""
    published = load_bounds()
    found = dict(published)
    bosons: tuple[Boson, ...] = ("dark photon",)
    if isinstance(model, PhotonAlp):
        bosons = ()
    elif isinstance(model, LeptonScalar):
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


def _plain(model: Judged, name: str) -> float | bool:
    """A parameter in GeV and 1/GeV, or whether a fermion is a Majorana one."""
    value = getattr(model, name)
    return value if isinstance(value, bool) else float(value) / UNITS.get(name, 1.0)


def _derived(model: Judged) -> dict[str, float | None]:
    """Lifetime and moments of a point, with units in the names; None if infinite."""
    width = float(model.width())
    found: dict[str, float | None] = {
        "width_GeV": width / GeV,
        "lifetime_s": float(model.lifetime()) / s if width else None,
        "ctau_m": float(model.ctau()) / m if width else None,
    }
    if isinstance(model, PhotonAlp):
        photons = float(model.branching_to_photons())
        return found | {"photon_fraction": photons, "dark_fraction": 1 - photons}
    return found | {
        "ee_fraction": float(model.width_to_ee()) / width if width else 0.0,
        **{f"delta_a_{x}": float(model.anomalous_moment(x)) for x in LEPTONS},
    }
