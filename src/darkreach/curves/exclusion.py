"""Whether a curve excludes a model."""

from typing import Final, get_args

from darkreach.curves.axes import (
    COUPLING,
    DARK_MATTER,
    ELECTRON_PAIRS,
    INVISIBLE,
    POWER,
    VISIBLE,
    decay_length,
    decayed,
    standing,
    undecayed,
    visible_fraction,
)
from darkreach.curves.curve import Chirality, Curve, Verdict, ended, interpolate
from darkreach.models.lfv_alp import LEPTON_MASS, LfvAlp, Pair
from darkreach.units import MeV, ns, s

AGE: Final = 4.35e17 * s  # of the universe, 13.8 Gyr (PDG 2024, table 2.1)
ENDED: Final = "beyond its end: a is trapped or decays before it can leave"
ALONE: Final = 0.9  # of the decays, where a limit needs them to be to electrons alone
EDGE: Final = 1e-9  # 13 MeV and 0.013 GeV are the same end of a range
# A smaller asymmetry moves the rate in every direction by less than 1 %.
ISOTROPIC: Final = 0.01
JUDGED: Final[dict[str, tuple[str, ...]]] = {
    "isotropic": ("V", "A", "isotropic"),
    "any": get_args(Chirality),
    "mixed": (),
}


def chirality_of(model: LfvAlp) -> Chirality:
    """Name of the flavour-violating coupling, from the asymmetry of its decays.

    A = -2 Re(C^V C^A*) / (|C^V|^2 + |C^A|^2), see `models.lfv_alp.asymmetry`. V and A
    alone have none; a mixture with less than 0.01 of either sign, such as
    C^A = i C^V, is `isotropic`; V-A has the asymmetry of Michel decay, V+A the opposite
    one, and everything between them is `mixed`.
    """
    c_v, c_a = complex(model.c_v), complex(model.c_a)
    if c_v == 0 or c_a == 0:
        return "V" if c_a == 0 else "A"
    size = -2 * (c_v * c_a.conjugate()).real / (abs(c_v) ** 2 + abs(c_a) ** 2)
    if abs(size) < ISOTROPIC:
        return "isotropic"
    if abs(size) > 1 - 1e-9:
        return "V-A" if size > 0 else "V+A"
    return "mixed"


def excludes(curve: Curve, model: LfvAlp, *, pair: Pair = ("mu", "e")) -> Verdict:
    """Whether a line excludes a point of parameter space.

    An invisible limit counts the fraction of a that leave the detector (`escape`), a
    visible one that of a that decay to its final state in time (`within`), for a
    lepton at rest. Of all decays of the lepton, BR / (1 + BR) are signal, with BR over
    the width without it. Between two chiralities nothing is interpolated: an
    `isotropic` curve judges isotropic decays, one for V-A only V-A, `any` all.

    Args:
        curve: the line.
        model: the point; `c_v` and `c_a` belong to `pair`.
        pair: the leptons whose flavour is violated, the heavy one first.
    """
    reason = _out_of_range(curve, model, pair)
    if reason:
        return _silent(reason)
    value = standing(model, curve.quantity, pair=pair)
    reason = _not_there(curve, model, pair, value)
    if reason:
        return _silent(reason)
    kept, reason = _kept(curve, model, pair)
    if curve.convention in {**INVISIBLE, **VISIBLE}:
        ratio = value if curve.quantity == "BR" else standing(model, "BR", pair=pair)
        kept /= 1 + ratio
    if kept > 0:
        value *= kept ** POWER[curve.quantity]
    limit = float(interpolate(curve, _inside(curve, model)))
    factor = value / limit if curve.excludes == "above" else limit / value
    if factor > 1 and kept > 0:
        return Verdict(True, factor, value, limit)
    return _silent(reason) if reason else Verdict(False, factor, value, limit)


def _silent(reason: str) -> Verdict:
    return Verdict(False, float("nan"), reason=reason)


def _inside(curve: Curve, model: LfvAlp) -> float:
    """The mass [GeV], moved into the validity by no more than a rounding."""
    low, high = curve.validity
    return min(max(float(model.mass), low), high)


def _closed(model: LfvAlp, pair: Pair) -> str:
    """That the pair's decay is closed, or ''."""
    heavy, light = pair
    end = LEPTON_MASS[heavy] - LEPTON_MASS[light]
    if float(model.mass) < end:
        return ""
    return f"{heavy} -> {light} a is closed above {end / MeV:.4g} MeV"


def _out_of_range(curve: Curve, model: LfvAlp, pair: Pair) -> str:
    """Why the curve is about something else, or ''."""
    found = ""
    decay = {**INVISIBLE, **VISIBLE}.get(curve.convention)
    scale = curve.quantity in ("F", "f_a") and curve.convention in INVISIBLE
    known = decay is not None and (curve.quantity == "BR" or scale)
    low, high = (x / MeV for x in curve.validity)
    judged = JUDGED.get(curve.chirality, (curve.chirality,))
    if curve.kind == "information":
        found = "for information only"
    elif curve.excludes == "inside":
        found = "a closed contour, not a line"
    elif not known and COUPLING.get(curve.convention) != curve.quantity:
        found = f"another process: {curve.convention}"
    elif decay is not None and decay != pair:
        found = f"another decay: {curve.convention}"
    elif decay is not None and complex(model.c_v) == 0 == complex(model.c_a):
        found = "the model does not have this coupling"
    elif decay is not None and _closed(model, pair):
        found = _closed(model, pair)
    elif not low * (1 - EDGE) <= float(model.mass) / MeV <= high * (1 + EDGE):
        found = f"another mass: it holds from {low:g} to {high:g} MeV"
    elif decay is not None and chirality_of(model) not in judged:
        found = (
            f"another chirality: it holds for {curve.chirality}, "
            f"the coupling is {chirality_of(model)}"
        )
    return found


def _not_there(curve: Curve, model: LfvAlp, pair: Pair, value: float) -> str:
    """Why the model cannot be judged although the curve is about its plane, or ''."""
    if curve.condition == DARK_MATTER and float(model.lifetime(pair=pair)) < AGE:
        return "a decays before today, so it is not the dark matter"
    pairs = curve.convention == ELECTRON_PAIRS
    if pairs and visible_fraction(model, curve.convention, pair=pair) < ALONE:
        return "a has other decays than a -> e e"
    if (curve.excludes == "above" and value == 0) or value == float("inf"):
        return "the model does not have this coupling"
    until = float(ended(curve, _inside(curve, model)))
    if value > until if curve.excludes == "above" else value < until:
        return ENDED
    return ""


def _kept(curve: Curve, model: LfvAlp, pair: Pair) -> tuple[float, str]:
    """Fraction of a that give the signal, and why the limit is void where that is low.

    A limit that still excludes with that fraction is not void.
    """
    if curve.convention in VISIBLE:
        open_ = visible_fraction(model, curve.convention, pair=pair)
        if open_ == 0:
            return 0.0, f"a does not decay as in {curve.convention}"
        if (
            curve.longest is not None
            and float(model.lifetime(pair=pair)) > curve.longest
        ):
            return 0.0, f"another lifetime: it holds up to {curve.longest / ns:g} ns"
        mean = decay_length(model, pair=pair)
        seen = 1.0 if curve.within is None else decayed(curve.within, mean)
        return open_ * seen, "a leaves before it decays" if seen < 0.5 else ""
    if curve.convention in INVISIBLE and curve.escape is not None:
        left = undecayed(curve.escape, decay_length(model, pair=pair))
        return left, "a decays inside the detector" if left < 0.5 else ""
    return 1.0, ""
