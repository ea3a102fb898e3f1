"""The plane of flavour-violating ALPs: bounds, dark-matter targets and our reaches.

Every line is F = 2 f_a / sqrt(|C^V|^2 + |C^A|^2) against m_a, for one flavour pair, one
chirality and one ratio tan(alpha) of diagonal to off-diagonal coupling, C_ll / C with
C = sqrt(|C^V|^2 + |C^A|^2), the same for all charged leptons.
"""

import math

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final, Literal, NamedTuple

import numpy as np

from jaxtyping import Float

from darkreach.constants import M_E
from darkreach.curves.axes import COUPLING, INVISIBLE, POWER
from darkreach.curves.curve import COUPLINGS, Curve, rescaled, to_effective_scale
from darkreach.curves.targets.freeze_in import target, warm_dark_matter_mass
from darkreach.curves.text import load_bounds
from darkreach.experiments.muon_forward import MuonForward
from darkreach.models.lfv_alp import LEPTON_MASS, LfvAlp, Pair
from darkreach.outputs import lfv_plot, plot
from darkreach.processes.mu_to_e_alp import MuToEAlp
from darkreach.processes.mu_to_e_alp_gamma import MuToEAlpGamma
from darkreach.searches.belle2_tau_l_alp import Belle2TauLAlp
from darkreach.searches.crystal_box import recast as crystal_box
from darkreach.searches.forward_mu_e_alp import SEARCH as FORWARD
from darkreach.searches.meg2_mu_e_alp_gamma import Meg2MuEAlpGamma
from darkreach.searches.mu3e_online_mu_e_alp import SEARCH as MU3E_ONLINE
from darkreach.searches.search import reach
from darkreach.units import GeV, keV

Progress = Callable[[int, int], None]
Values = Float[np.ndarray, " n"]
Flavour = Literal["mu-e", "tau-e", "tau-mu"]
Coupled = Literal["V", "A", "V-A", "V+A"]
Group = Literal["laboratory", "stars", "X rays", "cosmology"]
PAIRS: Final[dict[Flavour, Pair]] = {
    "mu-e": ("mu", "e"),
    "tau-e": ("tau", "e"),
    "tau-mu": ("tau", "mu"),
}
FIRST: Final = 1e13 * GeV  # where the search for a boundary starts: a is stable
STABLE: Final = 1e16 * GeV  # the same for lifetimes: a must live until today there
LIGHTEST: Final = 1 * keV
POINTS: Final = 80


class Line(NamedTuple):
    """F [GeV] against m_a [GeV]; nan where the curve says nothing."""

    label: str
    group: str
    mass: Values
    scale: Values


@dataclass(frozen=True, kw_only=True)
class Slice:
    """Which couplings a plane shows.

    Attributes:
        pair: the leptons whose flavour is violated.
        chirality: of the flavour-violating coupling.
        tan_alpha: diagonal over off-diagonal coupling.
    """

    pair: Pair
    chirality: Coupled
    tan_alpha: float

    def model(self, mass: float, scale: float) -> LfvAlp:
        """The model at this mass and F [GeV]."""
        c_v, c_a = COUPLINGS.get(self.chirality, (1.0, 0.0))
        size = math.hypot(c_v, c_a)
        return LfvAlp(
            mass=mass,
            f=scale * size / 2,
            c_v=c_v,
            c_a=c_a,
            c_ee=self.tan_alpha * size,
            c_mumu=self.tan_alpha * size,
            c_tautau=self.tan_alpha * size,
        )


def group_of(curve: Curve) -> Group:
    """What kind of evidence a bound is."""
    if COUPLING.get(curve.convention) == "lifetime":
        return "X rays"
    if curve.convention in COUPLING or "SN 1987A" in curve.label:
        return "stars"
    return "cosmology" if "osmolog" in curve.label else "laboratory"


def boundary(curve: Curve, couplings: Slice, masses: Values) -> Values:
    """F [GeV] below which a bound excludes the models of a slice; nan where silent.

    The rate falls like F^-2, so one step meets the line; two more follow a that decay
    inside a detector.
    """
    found = np.full(masses.size, np.nan)
    low, high = curve.validity
    for i, mass in enumerate(masses):
        if not low <= mass <= high:
            continue
        scale = STABLE if curve.quantity == "lifetime" else FIRST
        decays = curve.convention in INVISIBLE and mass > 2 * M_E
        for _ in range(3 if decays else 1):
            verdict = curve.verdict(
                couplings.model(float(mass), scale), pair=couplings.pair
            )
            if verdict.reason:
                break
            scale *= verdict.factor ** (0.5 / abs(POWER[curve.quantity]))
        else:
            found[i] = scale
    return found


def bounds(couplings: Slice, masses: Values, *, cl: float = 0.95) -> list[Line]:
    """All published bounds that speak about a slice, at one confidence level."""
    lines = []
    published: list[Curve] = [
        c
        for c in load_bounds().values()
        if c.kind == "bound" and c.excludes != "inside"
    ]
    if couplings.pair == ("mu", "e"):
        published.append(crystal_box(couplings.model(0.0, FIRST)))
    for curve in published:
        ends = [m for m in curve.validity if masses[0] < m < masses[-1]]
        at = np.unique(np.concatenate([masses, ends]))
        scale = boundary(rescaled(curve, cl=cl), couplings, at)
        if np.any(np.isfinite(scale)):
            lines.append(Line(curve.label, group_of(curve), at, scale))
    return lines


def reaches(couplings: Slice, *, fast: bool, seed: int) -> list[Line]:
    """Our own expected limits at 95 % CL, computed for the couplings of a slice."""
    searches: list[tuple[str, Any]] = []
    model = couplings.model(0.0, 1e9 * GeV)
    if couplings.pair == ("mu", "e"):
        two_body = MuToEAlp(model=model)
        focused = MuonForward(focusing=100.0)
        searches = [
            ("Mu3e online", replace(MU3E_ONLINE, signal=two_body)),
            (
                "MEGII-fwd, focusing 100",
                replace(FORWARD, signal=two_body, experiment=focused),
            ),
            (
                r"MEG II, $\mu \to e a \gamma$",
                Meg2MuEAlpGamma(signal=MuToEAlpGamma(model=model)),
            ),
        ]
    else:
        lepton: Literal["e", "mu"] = "e" if couplings.pair[1] == "e" else "mu"
        searches = [("Belle II, 50/ab", Belle2TauLAlp(lepton=lepton))]
    lines = []
    for label, search in searches:
        curve = to_effective_scale(reach(search, seed=seed, fast=fast))
        lines.append(Line(label, "reach", curve.mass, curve.value))
    return lines


def target_line(couplings: Slice) -> Line:
    """Freeze-in dark matter, above the warm limit, up to 1 MeV."""
    masses = np.geomspace(LIGHTEST, 1000 * keV, 61)
    curve = target(pair=couplings.pair, masses=masses)
    return Line("freeze-in dark matter", "target", curve.mass, curve.value)


def plane(
    output: Path,
    *,
    chirality: Coupled = "V-A",
    tan_alpha: float = 1.0,
    seed: int = 1,
    fast: bool = False,
    progress: Progress | None = None,
) -> list[Path]:
    """F against m_a for the three flavour pairs, one figure and one table each.

    Args:
        output: folder of the figures.
        chirality: of the flavour-violating coupling: V, A, V-A or V+A.
        tan_alpha: diagonal over off-diagonal coupling, C_ll / C.
        seed: random seed.
        fast: fewer events.
        progress: called with steps done and their number.
    """
    written: list[Path] = []
    for i, (name, pair) in enumerate(PAIRS.items()):
        couplings = Slice(pair=pair, chirality=chirality, tan_alpha=tan_alpha)
        parent, daughter = pair
        end = LEPTON_MASS[parent] - LEPTON_MASS[daughter]
        masses = np.geomspace(LIGHTEST, 0.999 * end, POINTS)
        lines = bounds(couplings, masses)
        ours = reaches(couplings, fast=fast, seed=seed)
        dark = target_line(couplings)
        warm = warm_dark_matter_mass(pair)
        stem = output / f"plane_{name.replace('-', '_')}"
        title = rf"{chirality} coupling, $\tan\alpha = {tan_alpha:g}$, 95% CL"
        drawn = lfv_plot.Plane(lines, ours, dark, warm, name, title)
        written += plot.written(stem, lfv_plot.plane_figure, drawn)
        table = stem.with_suffix(".csv")
        plot.replace_text(table, _table([*lines, *ours, dark]))
        written.append(table)
        if progress is not None:
            progress(i + 1, len(PAIRS))
    return written


def _table(lines: Sequence[Line]) -> str:
    rows = [
        (line.group, line.label, float(m / GeV), float(f / GeV))
        for line in lines
        for m, f in zip(line.mass, line.scale, strict=True)
        if math.isfinite(f)
    ]
    return plot.csv_text(("group", "label", "mass_GeV", "F_GeV"), rows)
