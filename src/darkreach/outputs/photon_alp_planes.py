"""Planes of axion-like particles that couple to photons: existing bounds and reaches.

Coupling against mass where a decays to photons, and where it decays to dark matter.
Dashed are the projections of arXiv:1709.00009 for Belle II, dotted the couplings that
make all of the dark matter.
"""

from dataclasses import replace
from pathlib import Path

from darkreach.curves.curve import Curve
from darkreach.curves.targets.resonant_freeze_out import MASSES, relic_line
from darkreach.curves.text import load_bound
from darkreach.outputs.planes import LEVELS, Progress, regions, written
from darkreach.outputs.planes_plot import Plane
from darkreach.units import GeV

PER_GEV = 1 / GeV
COUPLING = r"$g_{a\gamma\gamma}$ [GeV$^{-1}$],  "
COUPLING += r"$\mathcal{L} = -(g/4)\, a F \tilde{F}$"


def visible(
    output: Path,
    *,
    reaches: tuple[Curve, ...] = (),
    seed: int = 1,
    fast: bool = False,
    progress: Progress | None = None,
) -> list[Path]:
    """Coupling to photons against the mass of an a that decays to two of them.

    Args:
        output: folder of the figure and of the table.
        reaches: more lines in g_agamma, drawn in colour.
        seed: nothing random is drawn.
        fast: nothing is slow.
        progress: called with steps done and their number.
    """
    top, bottom = 0.1, 1e-9
    lines = (
        load_bound("belle2_2017_photons_projection"),
        load_bound("belle2_2017_long_lived_projection"),
    )
    shown = list(visible_bounds().values())
    plane = Plane(
        regions=regions(shown, top=top * PER_GEV, bottom=bottom * PER_GEV),
        reaches=(*reaches, *lines),
        mass=(1e-3, 10.0),
        coupling=(bottom, top),
        x="$m_a$ [GeV]",
        y=COUPLING,
        title=rf"$a \to \gamma\gamma$; {LEVELS}, none for the supernova and BBN",
        unit=GeV,
        coupling_unit=PER_GEV,
    )
    return written(output, plane, progress)


def invisible(
    output: Path,
    *,
    reaches: tuple[Curve, ...] = (),
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
        reaches=(*reaches, *lines),
        mass=(1e-3, 10.0),
        coupling=(bottom, top),
        x="$m_a$ [GeV]",
        y=COUPLING,
        title=rf"$a \to$ dark matter; {LEVELS}",
        unit=GeV,
        coupling_unit=PER_GEV,
    )
    return written(output, plane, progress)


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
