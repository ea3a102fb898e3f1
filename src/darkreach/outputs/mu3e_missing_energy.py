"""How often mu -> 3e nu nu leaves less than some missing energy."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, Final, NamedTuple

import jax
import matplotlib as mpl
import numpy as np

from jaxtyping import Float
from matplotlib.figure import Figure

from darkreach.constants import M_MU, WIDTH_MU
from darkreach.outputs.plot import (
    REACH,
    STYLE,
    csv_text,
    replace_text,
    save,
    written,
)
from darkreach.processes.mu_to_3e_nu_nu import MuTo3eNuNu
from darkreach.sampling.beams import at_rest
from darkreach.sampling.integrate import integrate
from darkreach.sampling.observables import Cut
from darkreach.units import MeV

LIMITS: Final = tuple(
    x * MeV for x in (1, 1.5, 2, 3, 4, 5, 7, 10, 14, 20, 25, 30, 35, 40, 45, 50)
)
# One-loop over tree at small missing energy (arXiv:1611.03726, abstract).
ONE_LOOP: Final = (0.8, 0.9)
SMALL: Final = 20 * MeV  # where that is drawn [assumed]; -0.2 % of the whole [recalled]
TITLE: Final = r"$\mu^+ \to e^+ e^+ e^- \nu \bar{\nu}$, tree level"


class Edge(NamedTuple):
    """Branching ratios below limits on the missing energy.

    Attributes:
        limit: largest missing energy [GeV].
        ratio: branching ratio over the measured muon width.
        error: its Monte Carlo error.
    """

    limit: Float[np.ndarray, " n"]
    ratio: Float[np.ndarray, " n"]
    error: Float[np.ndarray, " n"]


def edge(
    limits: tuple[float, ...],
    *,
    precision: float,
    seed: int,
    progress: Callable[[int, int], None] | None = None,
) -> Edge:
    """BR(mu -> 3e nu nu, E_missing < limit) at tree level.

    Args:
        limits: largest missing energies [GeV].
        precision: relative Monte Carlo error.
        seed: random seed.
        progress: called with steps done and their number.
    """
    found = []
    keys = jax.random.split(jax.random.key(seed), len(limits))
    for i, (limit, key) in enumerate(zip(limits, keys, strict=True)):
        cuts = (Cut(observable="E_missing", maximum=limit),)
        width = integrate(
            MuTo3eNuNu(), at_rest(M_MU), cuts=cuts, precision=precision, key=key
        )
        found.append((width.value / WIDTH_MU, width.error / WIDTH_MU))
        if progress is not None:
            progress(i + 1, len(limits))
    ratio, error = np.array(found).T
    return Edge(np.array(limits), ratio, error)


def missing_energy(
    output: Path,
    *,
    seed: int = 1,
    fast: bool = False,
    progress: Callable[[int, int], None] | None = None,
) -> list[Path]:
    """Figure and table of BR(E_missing < x) for x from 1 to 50 MeV.

    Args:
        output: folder of the files.
        seed: random seed.
        fast: four limits, and a looser precision.
        progress: called with steps done and their number.
    """
    limits = LIMITS[::5] if fast else LIMITS
    precision = 1e-2 if fast else 2e-3
    found = edge(limits, precision=precision, seed=seed, progress=progress)
    table = output / "missing_energy.csv"
    head = ("E_missing_below_MeV", "branching_ratio", "relative_error")
    rows = zip(
        (found.limit / MeV).tolist(),
        found.ratio.tolist(),
        (found.error / found.ratio).tolist(),
        strict=True,
    )
    replace_text(table, csv_text(head, rows))
    return [*written(output / "missing_energy", _draw, found), table]


def _draw(found: Edge, path: Path) -> None:
    x = found.limit / MeV
    law = found.ratio[0] * (x / x[0]) ** 6
    with mpl.rc_context(STYLE):
        figure = Figure(figsize=(4.8, 5.0), layout="constrained")
        panels: Any = figure.subplots(2, 1, sharex=True, height_ratios=(2, 1))
        above, below = panels
        above.loglog(x, found.ratio, "o-", ms=3, color=REACH[0], label=TITLE)
        above.loglog(x, law, color="0.3", lw=0.8, ls=":", label=r"$\propto x^6$")
        above.set_ylabel(r"BR($E_\mathrm{missing} < x$)")
        above.set_ylim(found.ratio[0] / 4, 1e-4)
        above.legend(frameon=False, loc="upper left")
        scaled, noise = found.ratio / law, found.error / law
        low, high = ONE_LOOP
        small = found.limit <= SMALL
        below.fill_between(
            x[small], (low * scaled)[small], (high * scaled)[small], color="0.8",
            lw=0, label="less 10 to 20 %: one loop, depending on cuts\n"
            "(arXiv:1611.03726, abstract)",
        )  # fmt: skip
        below.errorbar(
            x,
            scaled,
            noise,
            fmt="o-",
            ms=3,
            color=REACH[0],
            label="tree level, with its error",
        )
        below.axhline(1.0, color="0.3", lw=0.8, ls=":")
        below.set(xscale="log", yscale="log", xlim=(0.9, 55), ylim=(0.7, 9))
        below.set_yticks([1, 2, 4, 8], ["1", "2", "4", "8"])
        below.tick_params(axis="y", which="minor", labelleft=False)
        below.set_ylabel(r"over $x^6$ from 1 MeV")
        below.set_xlabel(r"$x$ [MeV]")
        ticks = [1, 2, 5, 10, 20, 50]
        below.set_xticks(ticks, [str(t) for t in ticks])
        below.tick_params(axis="x", which="minor", labelbottom=False)
        below.legend(frameon=False, loc="upper left")
        save(figure, path)
