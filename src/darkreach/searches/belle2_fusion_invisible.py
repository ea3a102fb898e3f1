"""e- e+ -> e- e+ a, a unseen, at Belle II: a bump in the mass that is missing.

As proposed in arXiv:2307.06369. No event counts that photons lost in the holes of the
calorimeter explain, or two taus; heavier ALPs are looked for among those that may be.
"""

import math

from typing import Any, Final

import jax
import jax.numpy as jnp
import numpy as np

from jaxtyping import Array, Float, Key
from scipy.stats import norm

from darkreach.curves import axes
from darkreach.experiments.belle2 import Belle2
from darkreach.inference.likelihood import Nuisance
from darkreach.models.photon_alp import PhotonAlp
from darkreach.pytree import pytree
from darkreach.searches.fusion_samples import (
    lost_photon,
    pairs,
    signal,
    taus,
    two_lost_photons,
)
from darkreach.searches.search import Counts
from darkreach.searches.two_electrons import Missed, Selection
from darkreach.units import GeV, fb

Scalar = float | Float[Array, ""]
Rows = Float[np.ndarray, "categories energies bins"]

CALLS: Final = {True: 1, False: 4}  # of each background
TIMES: Final = {"lost": 4, "lost_two": 3, "tau": 10, "pair": 1}  # as many: few pass
KNOWN: Final = 0.4  # largest relative MC error of what counts
SMOOTH: Final = 1 * GeV**2  # by how much single events of a background are spread
FAR: Final = 5  # of these widths
FAINT: Final = 1e-3  # events a bin
PEAKED: Final = "lost"  # the one that is not smooth
CERTAIN: Final = 2  # categories without holes: with and without taus that radiate


@pytree
class Belle2FusionInvisible:
    """Bump hunt in the missing mass squared; the limit is on the coupling.

    Attributes:
        experiment: Belle II with its luminosity; beams are taken head on.
        model: the ALP; the limit is on its coupling times the root of the invisible
            branching ratio.
        selection: of events.
        massive: mass above which events count that lost photons may explain [GeV].
        energies: of what is missing, where further bins begin [GeV].
        bins: of the missing mass squared.
        norm: relative uncertainty of the background of each category.
        tilt: relative change over half the window, of each category, that is unknown.
        signal_norm: relative uncertainty of the signal.
        statistics: multiplies the number of simulated events.
    """

    experiment: Belle2 = Belle2(crossing_angle=0.0)
    model: PhotonAlp = PhotonAlp()
    selection: Selection = Selection()
    massive: Scalar = 1.5 * GeV  # [assumed]
    energies: tuple[Scalar, ...] = (2 * GeV, 4 * GeV)  # [assumed]
    bins: int = 24
    norm: Scalar = 0.5  # [assumed]
    tilt: Scalar = 0.2  # [assumed]
    signal_norm: Scalar = 0.05  # [assumed]
    statistics: Scalar = 1.0

    def masses(self) -> tuple[float, ...]:
        """Up to where next to no energy is left for the electrons [GeV]."""
        return tuple(m * GeV for m in (0.01, 0.1, 0.3, 1, 2, 3, 4, 5, 6, 7, 8, 9))

    def describe(self) -> dict[str, Any]:
        """What the curve is, in words."""
        return {
            "label": "Belle II, electrons and nothing",
            "quantity": "g_agamma",
            "convention": axes.PHOTON_TO_DARK,
            "chirality": "any",
            "exposure": f"{float(self.experiment.luminosity) * 1e-3 * fb:.4g} /ab",
            "source": "darkreach, search of arXiv:2307.06369",
        }

    def background(
        self, key: Key[Array, ""], *, fast: bool = False
    ) -> dict[str, Missed]:
        """Expected events of each background by name; the same for all masses."""
        calls = math.ceil(CALLS[fast] * float(self.statistics))
        made = {
            PEAKED: lost_photon,
            "lost_two": two_lost_photons,
            "tau": taus,
            "pair": pairs,
        }
        keys = jax.random.split(key, len(made))
        return {
            name: draw(self.experiment, self.selection, one, TIMES[name] * calls)
            for (name, draw), one in zip(made.items(), keys, strict=True)
        }

    def counts(
        self,
        mass: float,
        background: dict[str, Missed],
        key: Key[Array, ""],
        *,
        fast: bool = False,
    ) -> Counts:
        """Signal at a coupling of 1/GeV, and background, per bin, at one mass [GeV].

        A category whose background is not well enough known by simulation is left out.
        """
        found = signal(self.experiment, self.selection, mass, key)
        return self.binned(mass, found, background)

    def binned(
        self, mass: float, found: Missed, background: dict[str, Missed]
    ) -> Counts:
        """The same, from a sample of the signal; backgrounds under any names."""
        edges = _window(found, self.bins)
        places = self.selection.categories() if mass > self.massive else CERTAIN
        energies = np.array([0.0, *(float(e) for e in self.energies), math.inf])

        def filled(one: Missed, *, smooth: bool = False) -> tuple[Rows, Rows]:
            return _filled(one, places, energies, edges, smooth=smooth)

        s, s_error = filled(found)
        s_error = s_error * math.sqrt(self.bins)  # bin by bin
        rows = [filled(one, smooth=n != PEAKED) for n, one in background.items()]
        whole = np.sum([value for value, _ in rows], axis=0)
        error = np.sqrt(np.sum([one**2 for _, one in rows], axis=0))
        known = error.sum(axis=2) <= KNOWN * whole.sum(axis=2)
        s = np.where(known[:, :, None], s, 0.0)
        # where no event was simulated, as if it were one of the faintest
        whole = np.maximum(whole, FAINT)
        nothing = np.zeros_like(whole)
        slope = float(self.tilt) * np.linspace(-1, 1, self.bins)
        nuisances = [
            _moved("signal_norm", s, whole, float(self.signal_norm) * s, nothing)
        ]
        for place in range(places):
            here = nothing.copy()
            here[place] = whole[place]
            name = f"category_{place}"
            size = float(self.norm) * here
            nuisances.append(_moved(f"{name}_norm", s, whole, nothing, size))
            nuisances.append(_moved(f"{name}_tilt", s, whole, nothing, slope * here))
        return Counts(
            signal=jnp.asarray(s.ravel()),
            background=jnp.asarray(whole.ravel()),
            signal_error=jnp.asarray(s_error.ravel()),
            background_error=jnp.asarray(error.ravel()),
            nuisances=tuple(nuisances),
            profile_mc=False,
            together=self.bins,
        )


def _moved(name: str, s: Rows, b: Rows, by: Rows, also: Rows) -> Nuisance:
    """What adds `by` to the signal and `also` to the background."""
    rows = (s + by, s - by, b + also, np.maximum(b - also, 0.0))
    up, down, more, less = (jnp.asarray(row.ravel()) for row in rows)
    return Nuisance(
        name=name,
        signal_up=up,
        signal_down=down,
        background_up=more,
        background_down=less,
    )


def _window(found: Missed, bins: int) -> Float[np.ndarray, " edges"]:
    """Bins over nearly all of the signal, and half as much on either side [GeV^2]."""
    order = np.argsort(found.mass_squared)
    share = np.cumsum(found.weight[order]) / found.weight.sum()
    low, high = np.interp((0.02, 0.98), share, found.mass_squared[order])
    wide = 0.5 * (high - low)
    return np.linspace(low - wide, high + wide, bins + 1)


def _filled(
    one: Missed,
    places: int,
    energies: Float[np.ndarray, "_"],
    edges: Float[np.ndarray, "_"],
    *,
    smooth: bool,
) -> tuple[Rows, Rows]:
    """Events by category, missing energy and mass squared, and their MC errors.

    Where they are smooth each event is a Gaussian of `SMOOTH`. Relative errors are
    those of the whole window: neighbours share events.
    """
    shape = places, len(energies) - 1, len(edges) - 1
    value, error = np.zeros(shape), np.zeros(shape)
    far = FAR * SMOOTH + edges[-1] - edges[0]
    energy = np.digitize(one.energy, energies) - 1
    for place in range(places):
        for step in range(shape[1]):
            here = (one.category == place) & (energy == step)
            m, w = one.mass_squared[here], one.weight[here]
            if smooth:
                near = np.abs(m - (edges[0] + edges[-1]) / 2) < far
                m, w = m[near], w[near]
                below = norm.cdf((edges[:, None] - m) / SMOOTH)
                share = np.diff(below, axis=0)
                value[place, step] = share @ w
                inside = share.sum(axis=0)
            else:
                value[place, step], _ = np.histogram(m, edges, weights=w)
                inside = (m >= edges[0]) & (m <= edges[-1])
            relative = np.sqrt(inside**2 @ w**2) / max(inside @ w, 1e-300)
            error[place, step] = relative * value[place, step]
    return value, error
