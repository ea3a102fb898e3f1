"""The curve: a reach, a published bound or a target, with what one must know of it."""

from dataclasses import dataclass, replace
from typing import Final, Literal, NamedTuple, get_args

import numpy as np

from jaxtyping import Float

from darkreach.curves import axes
from darkreach.curves.axes import INVISIBLE, POWER, Quantity
from darkreach.curves.level import Method, deviation
from darkreach.models.lfv_alp import LfvAlp, Pair

Kind = Literal["reach", "bound", "target", "projection", "information"]
Chirality = Literal["V-A", "V+A", "V", "A", "mixed", "isotropic", "any"]
Side = Literal["above", "below", "inside"]
CHOICES: Final[dict[str, tuple[str, ...]]] = {
    "kind": get_args(Kind),
    "quantity": get_args(Quantity),
    "method": get_args(Method),
    "chirality": get_args(Chirality),
    "excludes": get_args(Side),
}
COUPLINGS: Final = {"V-A": (1.0, -1.0), "V+A": (1.0, 1.0), "A": (0.0, 1.0)}
TWO_BODY: Final = axes.TWO_BODY  # the convention of most searches


class Verdict(NamedTuple):
    """Whether a curve excludes a model, and how far the model is beyond the line.

    `factor` is in the curve's own quantity, above 1 where excluded. Where the curve is
    silent, `reason` says why and the numbers are nan.
    """

    excluded: bool
    factor: float
    value: float = float("nan")
    limit: float = float("nan")
    reason: str = ""


@dataclass(frozen=True, kw_only=True, eq=False)
class Curve:
    """Points in the plane of mass and coupling.

    Attributes:
        kind: what it is; `information` is shown in tables and never excludes.
        label: for a legend.
        mass: [GeV], increasing, but for a closed contour.
        value: in base units; texts have BR, eps and couplings to leptons as numbers, F
            and f_a in GeV, g_agamma in 1/GeV, lifetime in ns.
        quantity: what `value` is; F = 2 f_a / sqrt(|C^V|^2 + |C^A|^2), and f_a is for
            couplings of unit size: F / 2.
        convention: the decay, with its cuts, or the Lagrangian that defines `value`.
        cl: confidence level; without meaning where `method` is `none`.
        method: decides how the curve moves to another level (`rescaled`); `none` where
            nobody claimed a level.
        chirality: couplings that it holds for; `isotropic` is V or A.
        excludes: the side of the line, or the inside of a contour.
        source: original paper with its arXiv id.
        validity: masses between which it may be used [GeV].
        key: BibTeX key.
        bibtex: BibTeX entry.
        band: expected limits at -2, -1, 0, 1, 2 sigma, in increasing order of value.
        mc_error: of `value`, from finite samples.
        exposure: such as "30 live days at 1e6 mu+/s".
        notes: provenance of the numbers, approximations.
        condition: what must hold besides, such as "a is all of the dark matter".
        escape: path [mm] after which a has left unseen; None: its decays do not matter.
        within: path [mm] within which a must decay to be seen.
        longest: proper lifetime of a [ns] up to which it holds.
        until: value at each mass beyond which it is silent: a is trapped, or decays in
            the star or in the dump. Line and end meet where a region closes.
    """

    kind: Kind
    label: str
    mass: Float[np.ndarray, " n"]
    value: Float[np.ndarray, " n"]
    quantity: Quantity
    convention: str
    cl: float
    method: Method
    chirality: Chirality
    excludes: Side
    source: str
    validity: tuple[float, float]
    key: str = ""
    bibtex: str = ""
    band: Float[np.ndarray, "n 5"] | None = None
    mc_error: Float[np.ndarray, " n"] | None = None
    exposure: str = ""
    notes: str = ""
    condition: str = ""
    escape: float | None = None
    within: float | None = None
    longest: float | None = None
    until: Float[np.ndarray, " n"] | None = None

    def verdict(self, model: LfvAlp, *, pair: Pair = ("mu", "e")) -> Verdict:
        """Whether it excludes this model; see `exclusion.excludes`."""
        # that module needs this class, so it cannot be imported before
        from darkreach.curves.exclusion import excludes  # noqa: PLC0415

        return excludes(self, model, pair=pair)


def interpolate(
    curve: Curve, mass: float | Float[np.ndarray, "..."]
) -> Float[np.ndarray, "..."]:
    """The value at these masses [GeV], log-log; nan outside the validity.

    Between a point at mass 0 and the next one, the logarithm of the value is linear in
    the mass.

    Raises:
        ValueError: the curve is a closed contour.
    """
    if curve.excludes == "inside":
        msg = f"{curve.label!r} is a closed contour; it has no single value at a mass"
        raise ValueError(msg)
    positive = curve.mass[curve.mass > 0]
    first = positive[0] if positive.size else 1.0

    def place(m: Float[np.ndarray, "..."]) -> Float[np.ndarray, "..."]:
        return np.where(m < first, m / first - 1, np.log(np.maximum(m, first) / first))

    m = np.asarray(mass, float)
    low, high = curve.validity
    inside = (m >= low) & (m <= high)
    where = place(np.where(inside, m, low))
    logarithm = np.interp(where, place(curve.mass), np.log(curve.value))
    return np.where(inside, np.exp(logarithm), np.nan)


def ended(
    curve: Curve, mass: float | Float[np.ndarray, "..."]
) -> Float[np.ndarray, "..."]:
    """The value `until` which it speaks at these masses [GeV]; inf or 0 without one."""
    beyond = np.inf if curve.excludes == "above" else 0.0
    if curve.until is None:
        return np.full(np.shape(mass), beyond)
    return interpolate(replace(curve, value=curve.until), mass)


def refined(curve: Curve, *, steps: int = 100) -> Curve:
    """The same line with points added, `steps` over the validity, and without band."""
    extra = np.linspace(*curve.validity, steps + 1)
    inside = (curve.mass >= curve.validity[0]) & (curve.mass <= curve.validity[1])
    mass = np.unique(np.concatenate([curve.mass[inside], extra]))
    value = interpolate(curve, mass)
    until = None if curve.until is None else ended(curve, mass)
    return replace(curve, mass=mass, value=value, until=until, band=None, mc_error=None)


def couplings(curve: Curve) -> tuple[float, float]:
    """(C^V, C^A) up to a factor; pure vector where the curve leaves it open."""
    return COUPLINGS.get(curve.chirality, (1.0, 0.0))


def to_effective_scale(curve: Curve) -> Curve:
    """A limit on l -> l' a as F [GeV], with all masses kept; see `converted`."""
    return converted(curve, to="F")


def converted(curve: Curve, *, to: Literal["BR", "F", "f_a"]) -> Curve:
    """A limit on the two-body decay l -> l' a as BR, F or f_a, with all masses kept.

    For `isotropic`, `any` and `mixed` the couplings are taken as pure vector; in
    mu -> e a an axial coupling gives the same F for light a, 1.3 % less at 80 MeV and
    4 % less at 95 MeV; in tau -> mu a 45 % less at 1.6 GeV. Between BR and a scale the
    excluded side changes, and the band keeps its increasing order: the first column of
    F is its weakest limit. A line without band or MC error is `refined` first, because
    a straight one in BR is none in F.

    Raises:
        ValueError: the curve is not about an invisible a in a two-body decay.
    """
    scales = ("BR", "F", "f_a")
    if curve.quantity not in scales or curve.convention not in INVISIBLE:
        msg = (
            f"{curve.label!r} is {curve.quantity} of {curve.convention!r}; "
            f"only {', '.join(scales)} of {', '.join(INVISIBLE)} convert"
        )
        raise ValueError(msg)
    if to == curve.quantity:
        return curve
    turned = POWER[to] * POWER[curve.quantity] < 0
    line = curve.excludes != "inside" and curve.band is None and curve.mc_error is None
    if line and turned:
        curve = refined(curve)
    pair, quantity = INVISIBLE[curve.convention], curve.quantity
    one = axes.certain(curve.mass, pair=pair, couplings=couplings(curve))

    def change(x: Float[np.ndarray, " n"]) -> Float[np.ndarray, " n"]:
        scale = one / np.sqrt(x) if quantity == "BR" else x * (1 + (quantity == "f_a"))
        return (one / scale) ** 2 if to == "BR" else scale / (1 + (to == "f_a"))

    value, band, error = change(curve.value), curve.band, curve.mc_error
    until = None if curve.until is None else change(curve.until)
    if band is not None:
        columns = band[:, ::-1] if turned else band
        band = np.stack([change(x) for x in columns.T], axis=1)
    if error is not None:
        error = value * error / curve.value * abs(POWER[to] / POWER[curve.quantity])
    other: dict[Side, Side] = {"above": "below", "below": "above", "inside": "inside"}
    side = other[curve.excludes] if turned else curve.excludes
    curve = replace(curve, value=value, quantity=to, excludes=side)
    return replace(curve, band=band, mc_error=error, until=until)


def rescaled(curve: Curve, *, cl: float) -> Curve:
    """The curve at another confidence level, by the ratio of Gaussian quantiles.

    A limit on the rate grows by 1.283 from 90 to 95 % for `Gaussian` and by 1.192 for
    `CLs` and `Bayes`. With few background events the exact factor is another one: 1.301
    for a count of zero. Where the method is `none` nothing changes, and `until` never.

    Raises:
        ValueError: the level is not between 0.5 and 1, or the curve is a contour.
    """
    if not 0.5 < cl < 1 or curve.excludes == "inside":
        msg = (
            f"cannot move {curve.label!r} (excludes {curve.excludes}) to CL {cl}; "
            "expected a line and a level between 0.5 and 1"
        )
        raise ValueError(msg)
    if curve.method == "none":
        return curve
    power = POWER[curve.quantity]

    def factor(sigma: float) -> float:
        new, old = (deviation(x, curve.method, sigma) for x in (cl, curve.cl))
        return float((new / old) ** power)

    middle = factor(0.0)
    order = 1 if power > 0 else -1
    columns = np.array([factor(s) for s in (-2.0, -1.0, 0.0, 1.0, 2.0)][::order])
    levels = f"from {curve.cl:.0%} to {cl:.0%} CL as {curve.method}"
    remark = f"Rescaled {levels}, by {middle:.4g}."
    return replace(
        curve,
        cl=cl,
        value=curve.value * middle,
        band=None if curve.band is None else curve.band * columns[None, :],
        mc_error=None if curve.mc_error is None else curve.mc_error * middle,
        notes=f"{curve.notes} {remark}".strip(),
    )
