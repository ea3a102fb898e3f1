"""Whether a curve excludes an axion-like particle that couples to photons."""

from typing import Final

from darkreach.curves.axes import (
    PHOTON_COUPLING,
    PHOTON_PAIRS,
    PHOTON_TO_DARK,
    PHOTONS_OUTSIDE,
)
from darkreach.curves.curve import Curve, Verdict, ended, interpolate
from darkreach.curves.exclusion import ALONE, EDGE, ENDED
from darkreach.models.photon_alp import PhotonAlp
from darkreach.units import MeV

JUDGING: Final = (PHOTON_PAIRS, PHOTONS_OUTSIDE, PHOTON_TO_DARK, PHOTON_COUPLING)


def excludes_photon_alp(curve: Curve, model: PhotonAlp) -> Verdict:
    """Whether a line excludes an ALP that couples to photons.

    A visible limit counts the fraction of a -> gamma gamma and an invisible one that
    of a -> chi chi: the rate is g^2 times it, so g times its root stands on the axis.
    Where the lifetime matters, as in dumps, stars and for what decays outside the
    detector, a line judges only a that decay to photons alone.

    Args:
        curve: the line.
        model: the point.
    """
    reason = _silence(curve, model)
    if reason:
        return Verdict(False, float("nan"), reason=reason)
    value = abs(float(model.g_agamma)) * _counted(curve, model) ** 0.5
    mass = min(max(float(model.mass), curve.validity[0]), curve.validity[1])
    limit, end = float(interpolate(curve, mass)), float(ended(curve, mass))
    above = curve.excludes == "above"
    if value > end if above else value < end:
        return Verdict(False, float("nan"), reason=ENDED)
    factor = value / limit if above else limit / value
    return Verdict(factor > 1, factor, value, limit)


def needs_lifetime(curve: Curve) -> bool:
    """Whether the line holds for the lifetime that the coupling to photons gives."""
    ends = curve.until is not None or curve.excludes == "below"
    return curve.convention == PHOTONS_OUTSIDE or ends


def _counted(curve: Curve, model: PhotonAlp) -> float:
    """The fraction of decays that the line counts; 1 where it is about all of them."""
    if needs_lifetime(curve) or curve.convention == PHOTON_COUPLING:
        return 1.0
    photons = float(model.branching_to_photons())
    return photons if curve.convention == PHOTON_PAIRS else 1 - photons


def _silence(curve: Curve, model: PhotonAlp) -> str:
    """Why the curve does not judge this model, or ''."""
    low, high = (x / MeV for x in curve.validity)
    found = ""
    if curve.kind == "information":
        found = "for information only"
    elif curve.convention not in JUDGING or curve.excludes == "inside":
        found = f"another process: {curve.convention}"
    elif float(model.g_agamma) == 0:
        found = "the model does not have this coupling"
    elif not low * (1 - EDGE) <= float(model.mass) / MeV <= high * (1 + EDGE):
        found = f"another mass: it holds from {low:.4g} to {high:.4g} MeV"
    elif needs_lifetime(curve) and curve.convention != PHOTON_COUPLING:
        if float(model.branching_to_photons()) < ALONE:
            found = "a has other decays than a -> gamma gamma"
    elif _counted(curve, model) == 0:
        found = f"a does not decay as in {curve.convention.rpartition(', ')[2]}"
    return found
