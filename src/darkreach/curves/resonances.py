"""Whether a curve excludes a dark photon or a scalar that couples to leptons."""

from typing import Final

from darkreach.curves.axes import (
    COUPLING,
    ELECTRON_COUPLING,
    ELECTRON_PAIRS,
    KINETIC_MIXING,
    MUON_COUPLING,
    PORTAL,
    SCALAR_ELECTRON,
    SCALAR_MUON,
    SCALAR_PAIRS,
)
from darkreach.curves.curve import Curve, Verdict, ended, interpolate
from darkreach.curves.exclusion import ALONE, EDGE, ENDED
from darkreach.models.dark_photon import DarkPhoton
from darkreach.models.lepton_scalar import LeptonScalar
from darkreach.units import MeV

Resonance = DarkPhoton | LeptonScalar
# The coupling of a scalar that a curve is about, and the one of the other parity.
SCALAR: Final[dict[str, tuple[str, str]]] = {
    ELECTRON_COUPLING: ("g_p_e", "g_s_e"),
    ELECTRON_PAIRS: ("g_p_e", "g_s_e"),
    SCALAR_ELECTRON: ("g_s_e", "g_p_e"),
    SCALAR_PAIRS: ("g_s_e", "g_p_e"),
    MUON_COUPLING: ("g_p_mu", "g_s_mu"),
    SCALAR_MUON: ("g_s_mu", "g_p_mu"),
}
VISIBLE: Final = (ELECTRON_PAIRS, SCALAR_PAIRS)


def excludes_resonance(curve: Curve, model: Resonance) -> Verdict:
    """Whether a line excludes a dark photon or a scalar.

    On shell g_ae = C_ee m_e / f_a is the coupling of a pseudoscalar, so its curves
    judge `LeptonScalar`. Curves of scalars and of pseudoscalars judge only what has
    that parity alone. Those of dark photons take its decays as they are.

    Args:
        curve: the line.
        model: the point.
    """
    value = abs(_coupling(curve, model))
    reason = _silence(curve, model, value)
    if reason:
        return Verdict(False, float("nan"), reason=reason)
    mass = min(max(float(model.mass), curve.validity[0]), curve.validity[1])
    limit = float(interpolate(curve, mass))
    if value > float(ended(curve, mass)):
        return Verdict(False, float("nan"), reason=ENDED)
    return Verdict(value > limit, value / limit, value, limit)


def _coupling(curve: Curve, model: Resonance) -> float:
    """The coupling on the axis of the curve, 0 where the model has none."""
    if isinstance(model, DarkPhoton):
        return float(model.eps) if curve.convention == KINETIC_MIXING else 0.0
    names = SCALAR.get(curve.convention)
    return 0.0 if names is None else float(getattr(model, names[0]))


def _silence(curve: Curve, model: Resonance, value: float) -> str:
    """Why the curve does not judge this model, or ''."""
    quantity = {**COUPLING, **PORTAL}.get(curve.convention)
    mixing = curve.convention == KINETIC_MIXING
    known = mixing if isinstance(model, DarkPhoton) else curve.convention in SCALAR
    low, high = (x / MeV for x in curve.validity)
    found = ""
    if curve.kind == "information":
        found = "for information only"
    elif not known or quantity != curve.quantity or curve.excludes != "above":
        found = f"another process: {curve.convention}"
    elif value == 0:
        found = "the model does not have this coupling"
    elif not low * (1 - EDGE) <= float(model.mass) / MeV <= high * (1 + EDGE):
        found = f"another mass: it holds from {low:.4g} to {high:.4g} MeV"
    elif isinstance(model, LeptonScalar):
        other = SCALAR[curve.convention][1]
        total = float(model.width())
        seen = float(model.width_to_ee()) / total if total > 0 else 0.0
        if float(getattr(model, other)) != 0:
            found = f"another parity: it holds without {other}"
        elif curve.convention in VISIBLE and seen < ALONE:
            found = "other decays than those to electrons"
    return found
