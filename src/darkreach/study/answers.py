"""The answer to a point of parameter space in words."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple


class Axis(NamedTuple):
    """In what a point is compared with a line: key of the rows, and words."""

    key: str
    name: str
    excluded: str


DECAY_CONSTANT: Final = Axis("factor_in_f", "f_a", "f_a is too small by")
COUPLING: Final = Axis(
    "factor_in_coupling", "the coupling", "the coupling is too large by"
)


def verdict(
    bounds: list[dict[str, Any]],
    silent: Sequence[Mapping[str, str]] = (),
    *,
    axis: Axis = DECAY_CONSTANT,
) -> dict[str, Any]:
    """The answer to rows that are sorted by the factor of the axis."""
    beyond = [row for row in bounds if row["excluded"]]
    always = [row for row in beyond if not row["condition"]]
    assuming = [row for row in beyond if row["condition"]]

    def most(rows: list[dict[str, Any]]) -> str:
        some = f"{len(rows)} bounds, the strongest" if len(rows) > 1 else "1 bound"
        first, factor = rows[0]["label"], times(rows[0][axis.key])
        return f"by {some}: {first} ({axis.excluded} a factor {factor})"

    if always:
        answer, sentence = "excluded", f"excluded {most(always)}"
        if assuming:
            sentence += f"; by {len(assuming)} more if {assuming[0]['condition']}"
        for row in always:
            if row["name"] == "total_width":
                sentence += f"; {row['convention']} is more than the measured total"
                sentence += " width"
    elif assuming:
        answer, condition = "conditional", assuming[0]["condition"]
        sentence = f"excluded only if {condition}, {most(assuming)}"
    elif bounds:
        answer, n = "allowed", len(bounds)
        which = f"all {n} bounds that judge" if n > 1 else "the 1 bound that judges"
        factor = times(bounds[0][axis.key])
        near = f"{bounds[0]['label']} (a factor {factor} in {axis.name})"
        sentence = f"allowed by {which} it, the nearest: {near}"
    else:
        answer, sentence = "unjudged", f"no bound judges this point{_why(silent)}"
    by = [row["name"] for row in beyond]
    excluded = {"excluded": bool(always), "answer": answer}
    return {**excluded, "by": by, "sentence": sentence}


def _why(silent: Sequence[Mapping[str, str]]) -> str:
    """The two commonest reasons that belong to the pair, counted."""
    others = ("for information only", "another decay", "another process")
    reasons = [row["reason"] for row in silent if not row["reason"].startswith(others)]
    common = Counter(reason.partition(":")[0] for reason in reasons).most_common(2)
    said = ", ".join(f"{reason} ({n})" for reason, n in common)
    return f": {said}" if said else ""


def times(factor: float) -> str:
    """A factor with two digits, and three near 1 and from 100 to 1000."""
    if 0.9 < factor < 1.1:
        return f"{factor:#.3g}"
    return f"{factor:.3g}" if 100 <= factor < 1000 else f"{factor:.2g}"
