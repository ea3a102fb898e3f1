"""Whether a curve excludes a model."""

from typing import NamedTuple, get_args

from darkreach.curves.curve import TWO_BODY, Chirality, Curve, interpolate
from darkreach.models.lfv_alp import LfvAlp, Scalar


class Verdict(NamedTuple):
    """Whether a curve excludes a model, and how far the model is beyond the line.

    `factor` is in the curve's own quantity, above 1 where excluded and nan where the
    curve says nothing: other mass, other chirality, other process.
    """

    excluded: bool
    factor: float


def chirality_of(model: LfvAlp) -> Chirality:
    """Name of the flavour-violating coupling; V-A has the asymmetry of Michel decay."""
    c_v, c_a = complex(model.c_v), complex(model.c_a)
    if c_v == 0 or c_a == 0:
        return "V" if c_a == 0 else "A"
    asymmetry = 2 * (c_v * c_a.conjugate()).real / (abs(c_v) ** 2 + abs(c_a) ** 2)
    if abs(asymmetry) > 1 - 1e-9:
        return "V+A" if asymmetry > 0 else "V-A"
    return "mixed"


def excludes(curve: Curve, model: LfvAlp) -> Verdict:
    """Whether a line in the plane of mu -> e a excludes a point of parameter space.

    The ALP must leave the detector unseen: its lifetime is not looked at. Between two
    chiralities nothing is interpolated: an `isotropic` curve judges V and A, one for
    V-A only V-A, `any` all.
    """
    silent = Verdict(False, float("nan"))
    values: dict[str, Scalar] = {
        "BR": model.branching_ratio_from("mu", "e"),
        "F": model.effective_scale(),
    }
    known = curve.quantity in values and curve.excludes != "inside"
    if curve.kind == "information" or curve.convention != TWO_BODY or not known:
        return silent
    judged = {"isotropic": ("V", "A"), "any": get_args(Chirality), "mixed": ()}
    if chirality_of(model) not in judged.get(curve.chirality, (curve.chirality,)):
        return silent
    limit = float(interpolate(curve, float(model.mass)))
    factor = float(values[curve.quantity]) / limit
    if curve.excludes == "below":
        factor = 1 / factor
    return Verdict(bool(factor > 1), factor)
