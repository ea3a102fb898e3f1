"""Planes of axion-like particles that couple to photons: existing bounds and reaches.

Coupling against mass where a decays to photons, and where it decays to dark matter.
Solid lines are our searches at Belle II, dashed ones the projections of
arXiv:1709.00009, dotted ones the couplings that make all of the dark matter.
"""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Final

import numpy as np

from darkreach.curves.curve import Curve
from darkreach.curves.targets.resonant_freeze_out import MASSES, relic_line
from darkreach.curves.text import load_bound
from darkreach.outputs import plot
from darkreach.outputs.planes import LEVELS, Progress, regions, written
from darkreach.outputs.planes_plot import Plane
from darkreach.searches.belle2_fusion_diphoton import Belle2FusionDiphoton
from darkreach.searches.belle2_fusion_invisible import Belle2FusionInvisible
from darkreach.searches.belle2_gamma_invisible import Belle2GammaInvisible
from darkreach.searches.belle2_three_gamma import Belle2ThreeGamma
from darkreach.searches.search import Search, reach
from darkreach.units import GeV

PER_GEV = 1 / GeV
FEWEST: Final = 4  # masses of a computed line when it must be fast
COUPLING = r"$g_{a\gamma\gamma}$ [GeV$^{-1}$],  "
COUPLING += r"$\mathcal{L} = -(g/4)\, a F \tilde{F}$"


def visible(
    output: Path,
    *,
    reaches: tuple[Curve, ...] = (),
    computed: bool = False,
    points: int = 10,
    fewer_events: bool = False,
    seed: int = 1,
    fast: bool = False,
    progress: Progress | None = None,
) -> list[Path]:
    """Coupling to photons against the mass of an a that decays to two of them.

    Args:
        output: folder of the figure and of the table.
        reaches: more lines in g_agamma, drawn in colour.
        computed: whether to add the reach of our searches at Belle II (minutes).
        points: masses of each of these lines, which is straight in between: peaks at
            the masses of mesons are not seen.
        fewer_events: whether to simulate as few as with `fast`, at all these masses.
        seed: of those reaches.
        fast: fewer masses in computed lines, fewer events.
        progress: called with steps done and their number.

    Returns:
        the figure, a table of what is drawn, and one of computed lines with MC errors.
    """
    top, bottom = 0.1, 1e-9
    own: list[Curve] = []
    few = fewer_events or fast
    if computed:
        searches: dict[str, Search] = {
            r"$3\gamma$": Belle2ThreeGamma(),
            r"$e^+ e^- \gamma\gamma$": Belle2FusionDiphoton(),
        }
        number = min(FEWEST, points) if fast else points
        own = our_lines(searches, number, seed=seed, fast=few, progress=progress)
    lines = (
        load_bound("belle2_2017_photons_projection"),
        load_bound("belle2_2017_long_lived_projection"),
    )
    shown = list(visible_bounds().values())
    plane = Plane(
        regions=regions(shown, top=top * PER_GEV, bottom=bottom * PER_GEV),
        reaches=(*reaches, *own, *lines),
        mass=(1e-3, 10.0),
        coupling=(bottom, top),
        x="$m_a$ [GeV]",
        y=COUPLING,
        title=rf"$a \to \gamma\gamma$; {LEVELS}, none for the supernova and BBN",
        unit=GeV,
        coupling_unit=PER_GEV,
    )
    return [*written(output, plane, progress), *table(output, own, fast=few)]


def invisible(
    output: Path,
    *,
    reaches: tuple[Curve, ...] = (),
    computed: bool = False,
    points: int = 10,
    fewer_events: bool = False,
    ratios: tuple[float, ...] = (),
    seed: int = 1,
    fast: bool = False,
    progress: Progress | None = None,
) -> list[Path]:
    """Coupling to photons against the mass of an a that decays to dark matter.

    Arguments as for `visible`, and `ratios` m_a / m_chi at which resonant freeze-out of
    Majorana fermions is drawn (five seconds each); `fast` takes fewer masses of it.
    """
    top, bottom = 1e-2, 1e-6
    own: list[Curve] = []
    few = fewer_events or fast
    if computed:
        searches: dict[str, Search] = {
            r"$\gamma$ + nothing": Belle2GammaInvisible(),
            r"$e^+ e^-$ + nothing": Belle2FusionInvisible(),
        }
        number = min(FEWEST, points) if fast else points
        own = our_lines(searches, number, seed=seed, fast=few, progress=progress)
    masses = MASSES[:: 5 if fast else 1]
    lines = (
        load_bound("belle2_2017_invisible_projection"),
        *(
            replace(
                relic_line(masses, ratio=ratio),
                label=rf"relic density, $m_a/m_\chi$ = {ratio:g}",
            )
            for ratio in ratios
        ),
    )
    plane = Plane(
        regions=regions(list(invisible_bounds().values()), top=top * PER_GEV),
        reaches=(*reaches, *own, *lines),
        mass=(1e-3, 10.0),
        coupling=(bottom, top),
        x="$m_a$ [GeV]",
        y=COUPLING,
        title=rf"$a \to$ dark matter; {LEVELS}",
        unit=GeV,
        coupling_unit=PER_GEV,
    )
    return [*written(output, plane, progress), *table(output, own, fast=few)]


def our_lines(
    searches: Mapping[str, Search],
    points: int,
    *,
    seed: int,
    fast: bool,
    progress: Progress | None,
) -> list[Curve]:
    """Reach of searches, named by their final states, at masses spread over their own.

    Raises:
        ValueError: there are fewer than two masses.
    """
    if points < 2:
        msg = f"{points} masses of a line; expected two at least"
        raise ValueError(msg)
    found = []
    for i, (state, search) in enumerate(searches.items()):
        known = search.masses()
        steps = np.linspace(0, len(known) - 1, min(points, len(known)))
        masses = [known[round(step)] for step in steps]

        def told(done: int, total: int, before: int = i) -> None:
            if progress is not None:
                progress(before * total + done, len(searches) * total + 1)

        curve = reach(search, masses, seed=seed, fast=fast, progress=told)
        level = f"{curve.exposure.replace(' ', '')}, {curve.cl:.0%} {curve.method}"
        found.append(replace(curve, label=f"this work, {state}, {level}"))
    return found


def table(output: Path, curves: list[Curve], *, fast: bool) -> list[Path]:
    """Computed lines with bands of one deviation and MC errors; no file without them.

    The last column says whether events were as few as with `fast`.
    """
    if not curves:
        return []
    columns = [
        (curve, np.column_stack([curve.value, curve.band[:, [1, 3]], curve.mc_error]))
        for curve in curves
        if curve.band is not None and curve.mc_error is not None
    ]
    rows = [
        (curve.label, float(m / GeV), *(float(x / PER_GEV) for x in row), fast)
        for curve, numbers in columns
        for m, row in zip(curve.mass, numbers, strict=True)
    ]
    path = output / "reaches.csv"
    head = "line", "mass_GeV", "coupling", "lower", "upper", "mc_error", "fewer_events"
    plot.replace_text(path, plot.csv_text(head, rows))
    return [path]


def visible_bounds() -> dict[str, Curve]:
    """Published bounds on a -> gamma gamma; `cite` finds what is loaded by name."""
    return {
        "atlas_2021_photons": load_bound("atlas_2021_photons"),
        "babar_2017_long_lived": load_bound("babar_2017_long_lived"),
        "belle2_2020_photons": load_bound("belle2_2020_photons"),
        "besiii_2024_photons_heavy": load_bound("besiii_2024_photons_heavy"),
        "besiii_2024_photons_light": load_bound("besiii_2024_photons_light"),
        "besiii_2024_photons_middle": load_bound("besiii_2024_photons_middle"),
        "charm_1985_photons": load_bound("charm_1985_photons"),
        "cms_2019_photons": load_bound("cms_2019_photons"),
        "cosmology_2020_photons": load_bound("cosmology_2020_photons"),
        "e137_1988_photons": load_bound("e137_1988_photons"),
        "e141_1987_photons": load_bound("e141_1987_photons"),
        "gluex_2024_photons": load_bound("gluex_2024_photons"),
        "lep_2016_photons": load_bound("lep_2016_photons"),
        "na64_2020_photons": load_bound("na64_2020_photons"),
        "nucal_1991_photons": load_bound("nucal_1991_photons"),
        "opal_2017_photons": load_bound("opal_2017_photons"),
        "primex_2019_heavy": load_bound("primex_2019_heavy"),
        "primex_2019_light": load_bound("primex_2019_light"),
        "sn1987a_2022_photons": load_bound("sn1987a_2022_photons"),
        "sn1987a_2023_gamma_rays": load_bound("sn1987a_2023_gamma_rays"),
    }


def invisible_bounds() -> dict[str, Curve]:
    """Published bounds on a -> chi chi, and LEP for information."""
    return {
        "babar_2017_invisible": load_bound("babar_2017_invisible"),
        "belle_2019_invisible": load_bound("belle_2019_invisible"),
        "besiii_2020_invisible": load_bound("besiii_2020_invisible"),
        "delphi_2005_invisible": load_bound("delphi_2005_invisible"),
        "na64_2020_invisible": load_bound("na64_2020_invisible"),
    }
