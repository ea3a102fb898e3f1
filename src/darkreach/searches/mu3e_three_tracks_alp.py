"""mu+ -> e+ e+ e- a at Mu3e: a bump in the missing mass of three tracks.

The invisible a is searched in arXiv:2311.17915; bins are the missing mass squared,
in rows of missing energy and of the direction of the missing momentum to the beam.
"""

import math

from dataclasses import replace
from typing import Any, Final

import jax
import jax.numpy as jnp
import numpy as np

from jaxtyping import Array, Float, Key

from darkreach.constants import M_E, M_MU, WIDTH_MU
from darkreach.curves.exclusion import chirality_of
from darkreach.experiments.mu3e import Mu3e
from darkreach.experiments.mu3e_accidentals import (
    Target,
    accidentals,
    coincidence_window,
)
from darkreach.inference.likelihood import Nuisance, normalisation
from darkreach.models.lfv_alp import LfvAlp
from darkreach.processes.mu_to_3e_alp import MuTo3eAlp
from darkreach.processes.mu_to_3e_nu_nu import MuTo3eNuNu
from darkreach.processes.process import Process
from darkreach.pytree import pytree
from darkreach.sampling.generator import generate, trained_grid
from darkreach.sampling.observables import View
from darkreach.searches.missing_mass import Binning, Seen, filled, joined, seen
from darkreach.searches.search import Counts
from darkreach.units import MeV, ns

Scalar = float | Float[Array, ""]

EVENTS: Final = 2**18  # a call
SOFTEST: Final = 10 * MeV  # few tracks with less p_T reach the last layer
SHARPNESS: Final = 1 * MeV  # of the emphasis on p_T in training
LIGHT: Final = 40 * MeV  # background of smaller missing mass is sampled more densely
BLOCKS: Final = {True: 1, False: 4}  # of background events
BINS: Final = 48  # in missing mass squared
HALF_WINDOW: Final = 8.0  # in resolutions


@pytree
class Mu3eThreeTracksAlp:
    """Missing-mass bump hunt; limits are on BR(mu -> e a), for the signal's chirality.

    Attributes:
        signal: the process; only the ratio of its couplings matters.
        experiment: Mu3e, phase I or II.
        target: matter and rates of accidental coincidences.
        momentum_scale: relative uncertainty of the momentum scale.
        resolution_error: relative uncertainty of the resolution.
        signal_norm: relative uncertainty of the signal (muons, efficiencies).
        background_norm: relative uncertainty of mu -> 3e nu nu.
        background_slope: relative change of it between the ends of the window, and
            between the rows in energy and in angle: higher orders, efficiencies.
        accidental_norm: relative uncertainty of each accidental background.
        energy_rows, angle_rows: rows in missing energy and its direction.
        accidental: whether accidental backgrounds count.
        systematics: whether limits profile the uncertainties above.
        statistics: multiplies the number of simulated events.
    """

    signal: MuTo3eAlp = MuTo3eAlp(model=LfvAlp(c_v=1.0))
    experiment: Mu3e = Mu3e()
    target: Target = Target()
    momentum_scale: Scalar = 1e-4  # [assumed]: 5 keV at the end of the Michel spectrum
    resolution_error: Scalar = 0.02  # [assumed]: from the same edge
    signal_norm: Scalar = 0.05  # [assumed]
    background_norm: Scalar = 0.1  # [assumed]: next order, arXiv:1611.03726 abstract
    background_slope: Scalar = 0.02  # [assumed]
    accidental_norm: Scalar = 0.1  # [assumed]: measured off time
    energy_rows: int = 4
    angle_rows: int = 4
    accidental: bool = True
    systematics: bool = True
    statistics: Scalar = 1.0

    def masses(self) -> tuple[float, ...]:
        """From 0 to where three tracks leave no phase space [GeV]."""
        grid = [0, 5, 10, 15, 20, 25, 30, 40, 50, 60, 65, 70]
        return tuple(m * MeV for m in grid)

    def mass_end(self) -> float:
        """Largest m_a with three tracks of the smallest p_T that are seen [GeV]."""
        softest = math.hypot(float(self.softest()), M_E)
        return M_MU - 3 * softest

    def softest(self) -> Scalar:
        """Smallest transverse momentum of a track [GeV]."""
        return jnp.maximum(self.experiment.grid().low, self.experiment.transverse_min)

    def describe(self) -> dict[str, Any]:
        """What the curve is, in words."""
        return {
            "label": "Mu3e, mu -> 3e a",
            "quantity": "BR",
            "convention": "mu -> e a",
            "chirality": chirality_of(self.signal.model),
            "exposure": f"{float(self.experiment.muons):.2g} muons",
            "source": "darkreach, search of arXiv:2311.17915",
        }

    def background(self, key: Key[Array, ""], *, fast: bool = False) -> list[Seen]:
        """Events of mu -> 3e nu nu, then accidental ones; expected numbers."""
        first, second = jax.random.split(key)
        blocks = math.ceil(BLOCKS[fast] * float(self.statistics))
        prompt = sampled(self, MuTo3eNuNu(), first, blocks=blocks)
        parts = [prompt.scaled(self.experiment.muons / WIDTH_MU)]
        if self.accidental:
            parts.append(accidental_events(self, second))
        return parts

    def counts(
        self,
        mass: float,
        background: list[Seen],
        key: Key[Array, ""],
        *,
        fast: bool = False,
    ) -> Counts:
        """Signal at BR(mu -> e a) = 1, and background, per bin, at one mass [GeV]."""
        del fast
        process = replace(self.signal, model=replace(self.signal.model, mass=mass))
        events = sampled(self, process, key, blocks=1)
        events = events.scaled(
            self.experiment.muons / process.model.width_from("mu", "e")
        )
        return assembled(self, binning(self, mass, events), events, background)


def _emphasis(view: View) -> Float[Array, ""]:
    """What training favours: three tracks that are seen, and a small missing mass."""
    factor = jnp.asarray(1.0)
    for p in view.charged:
        across = jnp.sqrt(p.x * p.x + p.y * p.y)
        factor = factor * jax.nn.sigmoid((across - SOFTEST) / SHARPNESS)
    squared = jnp.maximum(view.missing().mass_squared(), 0.0)
    return factor / (1 + squared / LIGHT**2) ** 2


def sampled(
    search: Mu3eThreeTracksAlp, process: Process, key: Key[Array, ""], *, blocks: int
) -> Seen:
    """Events of a decay behind the detector; weights are a width [GeV]."""
    beam = search.experiment.beam()
    train, *keys = jax.random.split(key, 1 + blocks)
    emphasis = jax.tree_util.Partial(_emphasis)  # type: ignore[no-untyped-call]
    grid = trained_grid(process, beam, train, importance=emphasis)
    parts = []
    for one in keys:
        draw, smear = jax.random.split(one)
        true = generate(process, beam, EVENTS, draw, grid=grid)
        observed = search.experiment.observe(true, smear)
        parts.append(seen(search.experiment, true, observed))
    return joined(parts).scaled(1 / blocks)


def accidental_events(search: Mu3eThreeTracksAlp, key: Key[Array, ""]) -> Seen:
    """All accidental backgrounds together; expected numbers."""
    experiment = search.experiment
    make, see = jax.random.split(key)
    window = coincidence_window(float(experiment.fibre_time))
    made = accidentals(
        search.target, EVENTS // 4, make, rate=experiment.muon_rate, window=window
    )
    parts = []
    for i, events in enumerate(made.values()):
        observed = experiment.observe(events, jax.random.fold_in(see, i))
        parts.append(seen(experiment, events, observed))
    return joined(parts).scaled(experiment.muons)


def binning(search: Mu3eThreeTracksAlp, mass: float, events: Seen) -> Binning:
    """A window of several resolutions around the mass; rows of equal signal."""
    weight = np.asarray(events.weight)
    width = _quantiles(np.asarray(events.error), weight, 2)[0]
    low = mass**2 - HALF_WINDOW * width
    energy = _quantiles(np.asarray(events.energy), weight, search.energy_rows)
    angles = np.linspace(-1, 1, search.angle_rows + 1)[1:-1]
    return Binning(
        mass_squared=low + 2 * HALF_WINDOW * width * jnp.linspace(0, 1, BINS + 1),
        energy=jnp.asarray(energy),
        cos=jnp.asarray(angles),
    )


def _quantiles(
    values: Float[np.ndarray, " n"], weight: Float[np.ndarray, " n"], parts: int
) -> Float[np.ndarray, " q"]:
    """Values that cut the total weight into equal parts."""
    order = np.argsort(values)
    below = np.cumsum(weight[order])
    return np.interp(
        np.arange(1, parts) / parts, below / below[-1], values[order]
    )


def assembled(
    search: Mu3eThreeTracksAlp, bins: Binning, signal: Seen, background: list[Seen]
) -> Counts:
    """Counts and nuisances per bin."""
    scale, wider = float(search.momentum_scale), float(search.resolution_error)
    moves = jnp.array(
        [[0.0, 0.0], [scale, 0.0], [-scale, 0.0], [0.0, wider], [0.0, -wider]]
    )
    s, s_error = filled(bins, signal, moves)
    parts = [filled(bins, part, moves) for part in background]
    b = sum((values for values, _ in parts[1:]), start=parts[0][0])
    b_error = jnp.sqrt(sum(error**2 for _, error in parts))
    nuisances = [
        Nuisance(
            name=name,
            signal_up=s[1 + 2 * i],
            signal_down=s[2 + 2 * i],
            background_up=b[1 + 2 * i],
            background_down=b[2 + 2 * i],
        )
        for i, name in enumerate(("momentum_scale", "resolution"))
    ]
    nuisances.append(
        Nuisance(
            name="signal_norm",
            signal_up=s[0] * (1 + search.signal_norm),
            signal_down=s[0] * (1 - search.signal_norm),
            background_up=b[0],
            background_down=b[0],
        )
    )
    prompt = parts[0][0][0]
    shapes = {
        "background_norm": search.background_norm * prompt,
        "mass_slope": search.background_slope * bins.centres() * prompt,
        "energy_slope": search.background_slope * bins.energy_steps() * prompt,
        "angle_slope": search.background_slope * bins.cos_steps() * prompt,
    }
    if len(parts) > 1:
        shapes["accidental_norm"] = search.accidental_norm * parts[1][0][0]
    nuisances += [
        normalisation(name, 1.0, signal=s[0], background=b[0], component=shape)
        for name, shape in shapes.items()
    ]
    return Counts(
        signal=s[0],
        background=b[0],
        signal_error=s_error,
        background_error=b_error,
        nuisances=tuple(nuisances) if search.systematics else (),
        profile_mc=False,
    )
