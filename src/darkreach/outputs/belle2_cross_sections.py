"""Cross sections of an ALP coupled to photons at Belle II, against its mass."""

from collections.abc import Callable
from pathlib import Path
from typing import Final

import jax
import matplotlib as mpl
import numpy as np

from jaxtyping import Float
from matplotlib.figure import Figure

from darkreach.constants import ALPHA, HBAR_C
from darkreach.models.photon_alp import PhotonAlp
from darkreach.outputs import plot
from darkreach.processes.ee_to_ee_alp import EeToEeAlp
from darkreach.sampling.beams import Collider, belle2
from darkreach.sampling.equivalent_photons import fusion
from darkreach.sampling.integrate import integrate
from darkreach.sampling.observables import Cut
from darkreach.units import GeV, deg, fb

Line = Float[np.ndarray, " masses"]

MASSES: Final = tuple(
    m * GeV for m in (0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 3, 4, 5, 6, 7, 8, 9, 9.5)
)
COUPLING: Final = 1e-3 / GeV
SEEN: Final = (  # both electrons in the calorimeter, in the laboratory
    Cut(observable="E_e", minimum=0.2 * GeV),
    Cut(observable="theta_e", minimum=12.4 * deg, maximum=155.1 * deg),
)
PRECISION: Final = {True: 3e-2, False: 1e-2}
NAMES: Final = {
    "radiated": (r"$e^+e^- \to \gamma a$", "tab:green", "-"),
    "fusion": (r"$e^+e^- \to e^+e^- a$", "tab:blue", "-"),
    "seen": (r"both electrons at 12.4-155.1 deg, $E > 0.2$ GeV", "tab:blue", "--"),
    "real_low": (r"equivalent photons, $Q^2 < m_a^2$", "0.4", ":"),
    "real_high": (r"equivalent photons, $Q^2 < s/4$", "0.4", "-."),
}


def cross_sections(
    output: Path,
    *,
    seed: int = 1,
    fast: bool = False,
    progress: Callable[[int, int], None] | None = None,
) -> list[Path]:
    """Radiation off a photon, photon fusion, and what of it has both electrons seen.

    Args:
        output: folder of the figure and of the table.
        seed: random seed.
        fast: to 3 % instead of 1 %.
        progress: called with steps done and their number.
    """
    beam, lines = belle2(), {name: np.zeros(len(MASSES)) for name in NAMES}
    errors = {name: np.zeros(len(MASSES)) for name in ("fusion", "seen")}
    s = float(beam.energy()) ** 2
    area = HBAR_C**2 / fb
    for i, mass in enumerate(MASSES):
        if progress is not None:
            progress(i, len(MASSES))
        model = PhotonAlp(mass=mass, g_agamma=COUPLING)
        lines["radiated"][i] = area * ALPHA * COUPLING**2 / 24 * (1 - mass**2 / s) ** 3
        for name, scale in (("real_low", mass**2), ("real_high", s / 4)):
            lines[name][i] = area * float(fusion(model, s, highest=scale))
        for name, cuts in (("fusion", ()), ("seen", SEEN)):
            key = jax.random.fold_in(jax.random.key(seed), i)
            value, error = _integrated(model, beam, cuts, key, fast=fast)
            lines[name][i], errors[name][i] = area * value, area * error
    if progress is not None:
        progress(len(MASSES), len(MASSES))
    table = output / "cross_sections.csv"
    columns = {"mass_GeV": np.array(MASSES) / GeV}
    columns |= {f"{name}_fb": line for name, line in lines.items()}
    columns |= {f"{name}_error_fb": line for name, line in errors.items()}
    rows = np.column_stack(list(columns.values())).tolist()
    plot.replace_text(table, plot.csv_text(list(columns), rows))
    return [*plot.written(output / "cross_sections", _draw, lines), table]


def _integrated(
    model: PhotonAlp,
    beam: Collider,
    cuts: tuple[Cut, ...],
    key: jax.Array,
    *,
    fast: bool,
) -> tuple[float, float]:
    found = integrate(
        EeToEeAlp(model=model), beam, cuts=cuts, precision=PRECISION[fast], key=key
    )
    return found.value, found.error


def _draw(lines: dict[str, Line], path: Path) -> None:
    mass = np.array(MASSES) / GeV
    with mpl.rc_context(plot.STYLE):
        figure = Figure(figsize=(5.2, 4.2), layout="constrained")
        axes = figure.add_subplot()
        for name, (label, colour, style) in NAMES.items():
            shown = lines[name] > 0
            axes.plot(mass[shown], lines[name][shown], style, color=colour, label=label)
        axes.set_xscale("log")
        axes.set_yscale("log")
        axes.set_xlim(mass[0], mass[-1])
        axes.set_ylim(bottom=0.1)
        axes.set_xlabel(r"$m_a$ [GeV]")
        axes.set_ylabel(r"$\sigma$ [fb]")
        title = r"Belle II, $g_{a\gamma\gamma} = 10^{-3}$ GeV$^{-1}$, exact tree level"
        axes.set_title(title, fontsize=8)
        axes.legend(frameon=False, fontsize=7)
        plot.save(figure, path)
