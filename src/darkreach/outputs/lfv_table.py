"""Table 1 of arXiv:2006.04795, computed: bounds and projections for l -> l' a.

Published numbers stand beside ours; each of ours comes from a recast, a search or a
formula. Limits are on BR at 90 % CL and on F at 95 % CL, 1.283 apart in BR as there,
also where ours is a CLs limit, whose own factor is 1.191.
"""

import math

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final, Literal

import numpy as np

from darkreach.constants import M_E
from darkreach.curves.axes import coupling_to
from darkreach.curves.curve import Curve, interpolate, rescaled, to_effective_scale
from darkreach.curves.text import load_bound
from darkreach.experiments.muon_forward import MuonForward
from darkreach.models.lfv_alp import LfvAlp, scale_from_branching_ratio
from darkreach.outputs import plot
from darkreach.outputs.two_body import KEY, expected
from darkreach.searches.belle2_tau_l_alp import Belle2TauLAlp
from darkreach.searches.crystal_box import recast as crystal_box
from darkreach.searches.forward_mu_e_alp import SEARCH as FORWARD
from darkreach.searches.jodidio_mu_e_alp import SEARCH as JODIDIO
from darkreach.searches.mu3e_online_mu_e_alp import MICHEL_EDGE
from darkreach.searches.mu3e_online_mu_e_alp import SEARCH as MU3E_ONLINE
from darkreach.searches.search import Method, limit_of, scan_keys
from darkreach.searches.twist_mu_e_alp import SEARCH as TWIST
from darkreach.units import GeV

Progress = Callable[[int, int], None]
LEFT: Final = -math.pi / 4  # C^V = cos, C^A = sin
RIGHT: Final = math.pi / 4
STREAMING: Final = 4e-3  # BR(mu -> e a) that would cool SN 1987A too fast [recalled]
TO_95: Final = 1.6449 / 1.2816  # Gaussian, one-sided


@dataclass(frozen=True, kw_only=True)
class Row:
    """A line of the table; nan where there is no number.

    Attributes:
        channel: decay and coupling.
        experiment: whose.
        published_br: at 90 % CL (95 % for ARGUS) [recalled, but for TWIST's V-A and
            the isotropic limit of Jodidio].
        published_f: at 95 % CL [GeV; recalled].
        br: ours, at 90 % CL.
        f: ours, at 95 % CL [GeV].
        method: how ours was made.
        tree: our BR at tree level over that with soft photons, in spectrum and line;
            not for a calorimeter, which adds the photons to the positron.
    """

    channel: str
    experiment: str
    published_br: float
    published_f: float
    br: float
    f: float
    method: str
    tree: float = math.nan


V_OR_A: Final = ("mu -> e a, V or A", 0.0)
V_PLUS_A: Final = ("mu -> e a, V+A", RIGHT)
V_MINUS_A: Final = ("mu -> e a, V-A", LEFT)
NONE: Final = (math.nan, math.nan)
MEG: Final = (7.2e-7, 9.1e9)  # MEGII-fwd, focusing 1
MU3E: Final = (7.3e-8, 2.9e10)


def _two_body(
    experiment: str,
    how: str,
    search: Any,
    couplings: Sequence[tuple[tuple[str, float], tuple[float, float]]],
    *,
    method: Method = "Gaussian",
) -> list[Row]:
    """Rows of mu -> e a for a massless a, at two orders of the Michel spectrum."""
    orders = [replace(search, order=order) for order in ("tree", "exponentiated")]
    grounds = [one.background(KEY) for one in orders]
    rows = []
    for (channel, angle), published in couplings:
        tree, full = (
            expected(one, angle=angle, method=method, background=ground)
            for one, ground in zip(orders, grounds, strict=True)
        )
        found = tree if search.order == "tree" else full
        scale = scale_from_branching_ratio(
            found * TO_95, mass=0.0, c_v=math.cos(angle), c_a=math.sin(angle)
        )
        rows.append(
            Row(
                channel=channel,
                experiment=experiment,
                published_br=published[0],
                published_f=published[1] * GeV,
                br=found,
                f=float(scale),
                method=how,
                tree=math.nan if search.order == "tree" else tree / full,
            )
        )
    return rows


def _muon_rows() -> list[Row]:
    counting = replace(FORWARD, systematics=False, counting=True)
    focused = replace(counting, experiment=MuonForward(focusing=100.0))
    real = replace(counting, experiment=MuonForward(polarisation=-0.86))
    jodidio = [(V_OR_A, (2.6e-6, 4.8e9)), (V_PLUS_A, (2.5e-6, 4.9e9))]
    twist = [
        (V_MINUS_A, (5.8e-5, 1.0e9)),
        (V_OR_A, (2.1e-5, math.nan)),
        (V_PLUS_A, (1.0e-5, math.nan)),
    ]
    mu3e = [(coupling, MU3E) for coupling in (V_OR_A, V_PLUS_A, V_MINUS_A)]
    near, far = "MEGII-fwd, focusing 1", "MEGII-fwd, focusing 100"
    count = "count, no systematics"
    return [
        *_two_body("Jodidio", "recast", JODIDIO, jodidio),
        *_two_body("TWIST", "recast", TWIST, twist, method="CLs"),
        *_two_body(near, count, counting, [(V_OR_A, MEG)]),
        *_two_body(far, count, focused, [(V_OR_A, (7.2e-8, 2.9e10))]),
        *_two_body("MEGII-fwd, P = 0.86", count, real, [(V_OR_A, NONE)]),
        *_two_body(
            near,
            "likelihood, no systematics",
            replace(FORWARD, systematics=False),
            [(V_OR_A, MEG)],
        ),
        *_two_body(near, "likelihood, systematics", FORWARD, [(V_OR_A, MEG)]),
        *_two_body(
            "Mu3e online",
            "likelihood, independent calibration",
            MU3E_ONLINE,
            mu3e,
        ),
        *_two_body(
            "Mu3e online",
            "likelihood, Michel-edge calibration",
            replace(MU3E_ONLINE, errors=MICHEL_EDGE),
            mu3e,
        ),
    ]


def _bound_row(
    channel: str,
    experiment: str,
    published: tuple[float, float],
    curve: Curve,
    how: str,
) -> Row:
    """A limit on a branching ratio at its own level, and as F at 95 %."""
    f = to_effective_scale(rescaled(curve, cl=0.95))
    return Row(
        channel=channel,
        experiment=experiment,
        published_br=published[0],
        published_f=published[1] * GeV,
        br=float(curve.value[0]),
        f=float(f.value[0]),
        method=how,
    )


def _star_rows() -> list[Row]:
    """Cooling as a scale: F_ll = 2 f_a / C_ll, so 2 m_l / g."""
    dwarfs, giants = load_bound("white_dwarfs_2020"), load_bound("red_giants_2020")
    nova = load_bound("sn1987a_2020")
    cases = (
        ("F_ee", "white dwarfs", 4.6e9, dwarfs, "2 m_e / g, g of the paper"),
        ("F_ee", "red giants", math.nan, giants, "2 m_e / g, arXiv:2007.03694"),
    )
    rows = [
        Row(
            channel=channel,
            experiment=name,
            published_br=math.nan,
            published_f=published * GeV,
            br=math.nan,
            f=2 * M_E / float(interpolate(curve, 0.0)),
            method=how,
        )
        for channel, name, published, curve, how in cases
    ]
    unit = LfvAlp(c_mumu=1.0)
    at_limit = float(unit.f) * coupling_to("mu", unit) / float(interpolate(nova, 0.0))
    streaming = scale_from_branching_ratio(STREAMING, mass=0.0)
    rows.append(
        Row(
            channel="F_mumu",
            experiment="SN 1987A",
            published_br=math.nan,
            published_f=1.3e8 * GeV,
            br=math.nan,
            f=2 * at_limit,
            method="2 m_mu / g, arXiv:2005.07141",
        )
    )
    rows.append(
        Row(
            channel="F_mue",
            experiment="SN 1987A",
            published_br=math.nan,
            published_f=1.4e8 * GeV,
            br=STREAMING,
            f=float(streaming),
            method="two-body width at BR = 4e-3 [recalled]",
        )
    )
    return rows


def _tau_rows(*, fast: bool, seed: int) -> list[Row]:
    rows = []
    cases: tuple[tuple[Literal["e", "mu"], Any, Any], ...] = (
        ("e", (2.7e-3, 4.3e6), (8.4e-6, 6.8e7)),
        ("mu", (4.5e-3, 3.3e6), (1.6e-5, 4.9e7)),
    )
    for lepton, ratio, published in cases:
        name = f"tau -> {lepton} a"
        argus = load_bound(f"argus_1995_tau_{lepton}")
        how = "ratio to l nu nu, PDG branching ratio"
        rows.append(_bound_row(name, "ARGUS", ratio, argus, how))
        search = Belle2TauLAlp(lepton=lepton)
        base, keys = scan_keys(seed, (0.0,))
        background = search.background(base, fast=fast)
        for on, how in ((False, "no systematics"), (True, "systematics")):
            one = replace(search, systematics=on)
            counts = one.counts(0.0, background, keys[0], fast=fast)
            found = float(limit_of(counts, cl=0.90, method="Gaussian").median)
            scale = scale_from_branching_ratio(
                found * TO_95, mass=0.0, parent="tau", daughter=lepton
            )
            rows.append(
                Row(
                    channel=name,
                    experiment="Belle II, 50/ab",
                    published_br=published[0],
                    published_f=published[1] * GeV,
                    br=found,
                    f=float(scale),
                    method=f"likelihood, {how}",
                )
            )
    return rows


def rows_of_table(
    *, fast: bool = False, seed: int = 1, progress: Progress | None = None
) -> list[Row]:
    """All rows, cooling first."""
    parts: tuple[Callable[[], list[Row]], ...] = (
        lambda: [*_star_rows(), _box_row()],
        _muon_rows,
        lambda: _tau_rows(fast=fast, seed=seed),
    )
    rows: list[Row] = []
    for i, part in enumerate(parts):
        rows += part()
        if progress is not None:
            progress(i + 1, len(parts))
    return rows


def _box_row() -> Row:
    box = crystal_box(LfvAlp(c_v=1.0))
    return _bound_row(
        "mu -> e a gamma", "Crystal Box", (math.nan, 5.1e8), box, "recast"
    )


def table(
    output: Path, *, seed: int = 1, fast: bool = False, progress: Progress | None = None
) -> list[Path]:
    """Write the table as CSV and as Markdown, ours beside the published numbers.

    Args:
        output: folder of the table.
        seed: random seed of the tau search.
        fast: fewer events.
        progress: called with steps done and their number.
    """
    rows = rows_of_table(fast=fast, seed=seed, progress=progress)
    head = ("channel", "experiment", "published BR", "our BR", "published F [GeV]",
            "our F [GeV]", "our F / published", "tree / with photons in BR",
            "method")  # fmt: skip
    cells = [
        (
            *(row.channel, row.experiment, row.published_br, row.br),
            *(row.published_f / GeV, row.f / GeV, row.f / row.published_f),
            *(row.tree, row.method),
        )
        for row in rows
    ]
    text = [f"| {' | '.join(head)} |", f"|{'---|' * len(head)}"]
    text += [f"| {' | '.join(_cell(x) for x in row)} |" for row in cells]
    plot.replace_text(output / "table.csv", plot.csv_text(head, cells))
    plot.replace_text(output / "table.md", "\n".join([*text, ""]))
    return [output / "table.csv", output / "table.md"]


def _cell(value: str | float) -> str:
    if isinstance(value, str):
        return value
    if not np.isfinite(value):
        return ""
    return f"{value:.3g}" if 1e-2 < value < 1e3 else f"{value:.2e}"
