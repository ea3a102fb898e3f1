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
)
from darkreach.inference.likelihood import Nuisance, normalisation
from darkreach.models.lfv_alp import LfvAlp
from darkreach.processes.mu_to_3e_alp import MuTo3eAlp
from darkreach.processes.mu_to_3e_nu_nu import MuTo3eNuNu
from darkreach.pytree import pytree
from darkreach.searches.missing_mass import Binning, Seen, filled, joined
from darkreach.searches.missing_mass_samples import coincidences, conversions, sampled
from darkreach.searches.search import Counts
from darkreach.units import MeV

Scalar = float | Float[Array, ""]

MARGIN: Final = 30 * MeV  # from the end: next to no event is left there
BLOCKS: Final = {True: 1, False: 5}  # of background events
BINS: Final = 32  # in missing mass squared
HALF_WINDOW: Final = 6.0  # in resolutions
KNOWN: Final = 0.25  # bins whose mu -> 3e nu nu is known worse are left out


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
        other_norm: relative uncertainty of all other backgrounds.
        energy_rows, angle_rows: rows in missing energy and its direction.
        others: whether accidental coincidences and conversions in the target count.
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
    other_norm: Scalar = 0.1  # [assumed]: measured off time
    energy_rows: int = 4
    angle_rows: int = 4
    others: bool = True
    systematics: bool = True
    statistics: Scalar = 1.0

    def masses(self) -> tuple[float, ...]:
        """From 0 to where next to no three long tracks are left [GeV]."""
        grid = [0, 3, 6, 9, 12, 16, 20, 25, 30, 35, 40, 45, 50, 55, 60, 65]
        end = self.mass_end() - MARGIN
        return tuple(m * MeV for m in grid if m * MeV < end)

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

    def background(self, key: Key[Array, ""], *, fast: bool = False) -> "Others":
        """What does not depend on the mass: all but mu -> 3e nu nu."""
        if not self.others:
            return Others(conversions=jnp.zeros(()), coincidences=())
        first, second, third = jax.random.split(key, 3)
        of = self.experiment
        prompt = sampled(of, MuTo3eNuNu(), first, blocks=1).weight.sum() * of.muons
        share = conversions(of, self.target, second).weight.sum() * WIDTH_MU / prompt
        made = coincidences(of, self.target, third)
        return Others(conversions=share, coincidences=(joined(list(made.values())),))

    def counts(
        self,
        mass: float,
        background: "Others",
        key: Key[Array, ""],
        *,
        fast: bool = False,
    ) -> Counts:
        """Signal at BR(mu -> e a) = 1, and background, per bin, at one mass [GeV]."""
        process = replace(self.signal, model=replace(self.signal.model, mass=mass))
        first, second = jax.random.split(key)
        signal = sampled(self.experiment, process, first, blocks=1)
        if not float(signal.weight.sum()) > 0:
            msg = (
                f"no event of m_a = {mass / MeV:g} MeV is seen; expected a mass well "
                f"below {self.mass_end() / MeV:.3g} MeV, where three tracks of the "
                "smallest transverse momentum end"
            )
            raise ValueError(msg)
        bins = binning(self, mass, signal)
        prompt = sampled(
            self.experiment,
            MuTo3eNuNu(),
            second,
            blocks=math.ceil(BLOCKS[fast] * float(self.statistics)),
            between=bins.reach(),
        )
        muons = self.experiment.muons
        prompt = prompt.scaled((1 + background.conversions) * muons / WIDTH_MU)
        signal = signal.scaled(muons / process.model.width_from("mu", "e"))
        return assembled(self, bins, signal, [prompt, *background.coincidences])


@pytree
class Others:
    """Backgrounds besides mu -> 3e nu nu.

    Attributes:
        conversions: photons that convert in the target, relative to mu -> 3e nu nu.
        coincidences: expected events, if any are counted.
    """

    conversions: Float[Array, ""]
    coincidences: tuple[Seen, ...]


def binning(search: Mu3eThreeTracksAlp, mass: float, events: Seen) -> Binning:
    """A window of several resolutions around the mass; rows of equal signal."""
    weight = np.asarray(events.weight)
    width = _quantiles(np.asarray(events.error), weight, 2)[0]
    low = mass**2 - HALF_WINDOW * width
    energy = _quantiles(np.asarray(events.energy), weight, search.energy_rows)
    angles = _quantiles(np.asarray(events.cos), weight, search.angle_rows)
    return Binning(
        mass_squared=low + 2 * HALF_WINDOW * width * jnp.linspace(0, 1, BINS + 1),
        energy=jnp.asarray(energy),
        cos=jnp.asarray(angles),
        error=jnp.asarray(_quantiles(np.asarray(events.error), weight, 50)[-1]),
    )


def _quantiles(
    values: Float[np.ndarray, " n"], weight: Float[np.ndarray, " n"], parts: int
) -> Float[np.ndarray, " q"]:
    """Values that cut the total weight into equal parts."""
    order = np.argsort(values)
    below = np.cumsum(weight[order])
    shares = np.arange(1, parts) / parts
    return np.asarray(np.interp(shares, below / below[-1], values[order]))


def assembled(
    search: Mu3eThreeTracksAlp, bins: Binning, signal: Seen, background: list[Seen]
) -> Counts:
    """Counts and nuisances per bin."""
    s, parts = filled(bins, signal), [filled(bins, part) for part in background]
    parts[1:] = [part.factorised(bins.rows()) for part in parts[1:]]
    both = sum(parts[1:], start=parts[0])
    used = (parts[0].error() < KNOWN * parts[0].values).astype(float)
    s, b, *parts = (part.times(used) for part in (s, both, *parts))
    moves = (
        ("momentum_scale", search.momentum_scale, s.scale, b.scale),
        ("resolution", search.resolution_error, s.stretch, b.stretch),
        ("signal_norm", search.signal_norm, s.values, 0 * b.values),
    )
    nuisances = [
        Nuisance(
            name=name,
            signal_up=s.values + size * of_signal,
            signal_down=s.values - size * of_signal,
            background_up=b.values + size * of_background,
            background_down=b.values - size * of_background,
        )
        for name, size, of_signal, of_background in moves
    ]
    prompt = parts[0].values
    shapes = {
        "background_norm": search.background_norm * prompt,
        "mass_slope": search.background_slope * bins.centres() * prompt,
        "energy_slope": search.background_slope * bins.energy_steps() * prompt,
        "angle_slope": search.background_slope * bins.cos_steps() * prompt,
    }
    if len(parts) > 1:
        shapes["other_norm"] = search.other_norm * parts[1].values
    nuisances += [
        normalisation(name, 1.0, signal=s.values, background=b.values, component=shape)
        for name, shape in shapes.items()
    ]
    return Counts(
        signal=s.values,
        background=b.values,
        signal_error=s.error(),
        background_error=b.error(),
        nuisances=tuple(nuisances) if search.systematics else (),
        profile_mc=False,
    )
