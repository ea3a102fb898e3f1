"""Planes of resonances X -> e+ e- at Mu3e: existing bounds and reaches.

Coupling against mass for a dark photon, and for a boson that couples to electrons or to
muons. Bounds are published regions, moments at one loop and dumps recast from dark
photons (`curves.moments`, `curves.dumps`).
"""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Final

from darkreach.curves.curve import Curve
from darkreach.curves.dumps import Parity, recasts
from darkreach.curves.moments import MASSES, moment_bound
from darkreach.curves.text import load_bound
from darkreach.experiments.mu3e import phase_1, phase_2
from darkreach.models.dark_photon import DarkPhoton
from darkreach.models.lepton_scalar import LeptonScalar
from darkreach.outputs.planes import LEVELS, regions, written
from darkreach.outputs.planes_plot import Plane
from darkreach.processes.emission import Resonance
from darkreach.searches.mu3e_prompt_resonance import Mu3ePromptResonance
from darkreach.searches.search import reach

Progress = Callable[[int, int], None]
TERMS: Final[dict[Parity, str]] = {
    "pseudoscalar": r"i g\,a\,\bar{\ell} \gamma_5 \ell",
    "scalar": r"g\,\phi\,\bar{\ell} \ell",
}
ELL: Final = r"\ell"
MU: Final = r"\mu"
SMALL: Final = 1e-4  # a coupling whose resonance is narrow; limits do not depend on it


def dark_photon(
    output: Path,
    *,
    reaches: tuple[Curve, ...] = (),
    computed: bool = False,
    seed: int = 1,
    fast: bool = False,
    progress: Progress | None = None,
) -> list[Path]:
    """Kinetic mixing against the mass of a dark photon.

    Args:
        output: folder of the figure and of the table.
        reaches: lines in eps, drawn in colour.
        computed: whether to add the reach of Mu3e in both phases (minutes).
        seed: of those reaches.
        fast: fewer masses in computed lines, fewer events.
        progress: called with steps done and their number.
    """
    shown = list(mixing_bounds().values())
    masses = MASSES[::5] if fast else MASSES
    shown += [
        moment_bound("dark photon", "e", masses=masses),
        moment_bound("dark photon", "mu", masses=masses),
    ]
    if computed:
        reaches = (*reaches, *both_phases(DarkPhoton(), seed, fast, progress))
    lines = [load_bound("mu3e_2015_projection")]
    plane = Plane(
        regions=regions(shown, top=1e-2),
        reaches=(*reaches, *lines),
        mass=(1.0, 1000.0),
        coupling=(1e-8, 1e-2),
        x=r"$m_{A'}$ [MeV]",
        y=r"$\varepsilon$,  $\mathcal{L} = -(\varepsilon/2)\, F'_{\mu\nu}"
        r" F^{\mu\nu}$",
        title=f"dark photon, visible decays; {LEVELS}",
    )
    return written(output, plane, progress)


def g_ee(
    output: Path,
    *,
    parity: Parity = "pseudoscalar",
    reaches: tuple[Curve, ...] = (),
    computed: bool = False,
    seed: int = 1,
    fast: bool = False,
    progress: Progress | None = None,
) -> list[Path]:
    """Coupling to electrons against the mass of a boson that decays to e+ e-.

    Arguments as for `dark_photon`, and `parity` of the boson.
    """
    masses = MASSES[::5] if fast else MASSES
    own = load_bound("na64_2021_pseudoscalar")
    shown = [
        *recasts(
            {**mixing_bounds(), "na64_2021_pseudoscalar": own}, parity=parity
        ).values(),
        moment_bound(parity, "e", masses=masses),
    ]
    if parity == "pseudoscalar":
        shown += [own, load_bound("sn1987a_2021_electrons")]
    if computed:
        coupling = "g_p_e" if parity == "pseudoscalar" else "g_s_e"
        model = LeptonScalar(**{coupling: SMALL})
        reaches = (*reaches, *both_phases(model, seed, fast, progress))
    plane = Plane(
        regions=regions(shown, top=1e-2),
        reaches=reaches,
        mass=(1.0, 500.0),
        coupling=(1e-10, 1e-2),
        x="$m_a$ [MeV]" if parity == "pseudoscalar" else r"$m_\phi$ [MeV]",
        y=rf"$g_{{ee}}$,  $\mathcal{{L}} = {TERMS[parity].replace(ELL, 'e')}$",
        title=f"{parity}, decays to $e^+e^-$; {LEVELS}; dumps recast",
    )
    return written(output, plane, progress)


def g_mumu(
    output: Path,
    *,
    parity: Parity = "pseudoscalar",
    reaches: tuple[Curve, ...] = (),
    computed: bool = False,
    seed: int = 1,
    fast: bool = False,
    progress: Progress | None = None,
) -> list[Path]:
    """Coupling to muons against the mass of a boson.

    Arguments as for `g_ee`. A decay to e+ e- needs a coupling to electrons as well,
    which does not enter here.
    """
    masses = MASSES[::5] if fast else MASSES
    shown = [moment_bound(parity, "mu", masses=masses)]
    if parity == "pseudoscalar":
        shown += [load_bound("sn1987a_2020")]
    if computed:
        muon, electron = (
            ("g_p_mu", "g_p_e") if parity == "pseudoscalar" else ("g_s_mu", "g_s_e")
        )
        model = LeptonScalar(**{muon: SMALL, electron: SMALL / 1000})
        reaches = (*reaches, *both_phases(model, seed, fast, progress))
    plane = Plane(
        regions=regions(shown, top=1e-1),
        reaches=reaches,
        mass=(1.0, 500.0),
        coupling=(1e-9, 1e-1),
        x="$m_a$ [MeV]" if parity == "pseudoscalar" else r"$m_\phi$ [MeV]",
        y=rf"$g_{{\mu\mu}}$,  $\mathcal{{L}} = {TERMS[parity].replace(ELL, MU)}$",
        title=f"{parity} with a coupling to muons; {LEVELS}",
    )
    return written(output, plane, progress)


def both_phases(
    model: Resonance, seed: int, fast: bool, progress: Progress | None
) -> list[Curve]:
    """Reach of the search for prompt resonances in phases I and II."""
    found = []
    for i, (phase, experiment) in enumerate((("I", phase_1()), ("II", phase_2()))):
        search = Mu3ePromptResonance(experiment=experiment, model=model)
        masses = search.masses()[:: 3 if fast else 1]

        def told(done: int, total: int, before: int = i) -> None:
            if progress is not None:
                progress(before * total + done, 2 * total + 1)

        curve = reach(search, masses, seed=seed, fast=fast, progress=told)
        found.append(replace(curve, label=f"Mu3e phase {phase}"))
    return found


def mixing_bounds() -> dict[str, Curve]:
    """Published bounds on kinetic mixing; `cite` finds what is loaded by name."""
    return {
        "a1_2014": load_bound("a1_2014"),
        "apex_2011": load_bound("apex_2011"),
        "babar_2014": load_bound("babar_2014"),
        "charm_1985": load_bound("charm_1985"),
        "e137_1988": load_bound("e137_1988"),
        "e141_1987": load_bound("e141_1987"),
        "e774_1991": load_bound("e774_1991"),
        "kek_1986": load_bound("kek_1986"),
        "kloe_2015": load_bound("kloe_2015"),
        "na48_2_2015": load_bound("na48_2_2015"),
        "na64_2020": load_bound("na64_2020"),
        "nucal_1991": load_bound("nucal_1991"),
        "orsay_1989": load_bound("orsay_1989"),
    }
