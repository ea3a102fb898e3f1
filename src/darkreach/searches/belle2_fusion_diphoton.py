"""e- e+ -> e- e+ a, a -> gamma gamma at Belle II: a bump with all particles seen.

The follow-up of arXiv:2307.06369. Backgrounds are Bhabha scattering with two photons
and the mesons that two photons make.
"""

import math

from dataclasses import replace
from typing import Any, Final

import jax
import jax.numpy as jnp
import numpy as np

from jaxtyping import Array, Float, Key

from darkreach.algebra.kinematics import Real, transfer_squared
from darkreach.constants import M_E
from darkreach.curves import axes
from darkreach.experiments.belle2 import Belle2
from darkreach.inference.likelihood import normalisation
from darkreach.models.photon_alp import PhotonAlp
from darkreach.processes.ee_to_ee_alp_to_gamma_gamma import EeToEeAlpToGammaGamma
from darkreach.pytree import pytree
from darkreach.sampling.beams import Collider
from darkreach.searches.diphoton_candidates import (
    Candidates,
    Momenta,
    Selection,
    adapted,
    candidates,
)
from darkreach.searches.diphoton_continuum import PairsNear, discriminant
from darkreach.searches.resonance_cells import shares
from darkreach.searches.resonance_samples import PEAK, Sample, Samples
from darkreach.searches.resonance_templates import Rows, axes_of, binned
from darkreach.searches.search import Counts
from darkreach.searches.two_photon_mesons import MESONS, Form, Meson, form_factor
from darkreach.units import GeV, fb

Scalar = float | Float[Array, ""]

CALLS: Final = {True: 1, False: 3}  # of the background that is like the signal
LIKE: Final = 0.05  # share of the signal that is less like it
MARGIN: Final = 1.5  # half widths of the window in which background is drawn


@pytree
class Belle2FusionDiphoton:
    """Bump hunt in the mass of two photons; the limit is on the coupling.

    Attributes:
        experiment: Belle II with its luminosity; beams are taken head on.
        model: the ALP, by what it decays to besides photons at its own `g_agamma`.
        selection: of the candidates.
        categories: of the ratio of the squared amplitudes of signal and background.
        form: of the mesons' form factor in both virtualities, see `form_factor`.
        window: half width of the window, in resolutions.
        bins: of the mass.
        sideband_order: degree of the polynomial of the background that is free.
        signal_norm: relative uncertainty of the signal.
        mass_scale: relative uncertainty of the mass of a pair.
        mass_resolution: relative uncertainty of its resolution.
        meson_norm: relative uncertainty of the mesons, by category.
        statistics: multiplies the number of simulated events.
    """

    experiment: Belle2 = Belle2(crossing_angle=0.0)
    model: PhotonAlp = PhotonAlp()
    selection: Selection = Selection()
    categories: int = 8
    form: Form = "sum"
    window: Scalar = 8.0
    bins: int = 32
    sideband_order: int = 1
    signal_norm: Scalar = 0.05  # [assumed]
    mass_scale: Scalar = 2e-3  # [assumed]
    mass_resolution: Scalar = 0.05  # [assumed]
    meson_norm: Scalar = 0.3  # [assumed]: the form factor
    statistics: Scalar = 1.0

    def masses(self) -> tuple[float, ...]:
        """From where pairs are resolved to where electrons are soft [GeV].

        Not at the mesons, where the limit is what is known of them.
        """
        grid = (0.2, 0.3, 0.45, 0.7, 1, 1.5, 2, 3, 4, 5, 7, 8, 9, 9.7)
        return tuple(m * GeV for m in grid)

    def describe(self) -> dict[str, Any]:
        """What the curve is, in words."""
        return {
            "label": "Belle II, electrons and two photons",
            "quantity": "g_agamma",
            "convention": axes.PHOTON_PAIRS,
            "chirality": "any",
            "exposure": f"{float(self.experiment.luminosity) * 1e-3 * fb:.4g} /ab",
            "source": "darkreach, search of arXiv:2307.06369",
        }

    def beam(self) -> Collider:
        """Both beams, head on."""
        return self.experiment.head_on()

    def background(
        self, key: Key[Array, ""], *, fast: bool = False
    ) -> dict[str, Candidates]:
        """Mesons by name; the same for all masses."""
        keys = jax.random.split(key, len(MESONS))
        pairs = zip(MESONS.items(), keys, strict=True)
        return {name: mesons(self, meson, one) for (name, meson), one in pairs}

    def counts(
        self,
        mass: float,
        background: dict[str, Candidates],
        key: Key[Array, ""],
        *,
        fast: bool = False,
    ) -> Counts:
        """Signal at a coupling of 1/GeV, and background, per bin, at one mass [GeV]."""
        found = sampled(self, mass, key, fast=fast)
        half = float(self.window) * found.resolution
        ratios = found.signal.tracks, found.background.tracks
        bins = axes_of(
            found, ratios, half=half, bins=self.bins, categories=self.categories
        )
        names = "signal_norm", "mass_scale", "mass_resolution"
        counts = binned(
            found,
            ratios,
            bins,
            sideband_order=self.sideband_order,
            errors={name: getattr(self, name) for name in names},
        )
        near = [_near(self, one, mass, half) for one in background.values()]
        if not any(len(one.weight) for one in near):
            return counts
        made: Sample = jax.tree.map(lambda *a: np.concatenate(a), *near)
        rows, squares = (
            bins.filled(made.offset, made.tracks, made.weight**n) for n in (1, 2)
        )
        return _with(counts, rows, squares, relative=float(self.meson_norm))


def _with(counts: Counts, rows: Rows, squares: Rows, *, relative: float) -> Counts:
    """The same with another component, whose categories are known independently."""
    extra, error = jnp.asarray(rows.ravel()), jnp.sqrt(jnp.asarray(squares.ravel()))
    whole = counts.background + extra
    moved = [
        replace(
            one,
            background_up=one.background_up + extra,
            background_down=one.background_down + extra,
        )
        for one in counts.nuisances
    ]
    for row in range(len(rows)):
        own = np.zeros_like(rows)
        own[row] = rows[row]
        moved.append(
            normalisation(
                f"meson_norm_{row}",
                relative,
                signal=counts.signal,
                background=whole,
                component=jnp.asarray(own.ravel()),
            )
        )
    return replace(
        counts,
        background=whole,
        background_error=jnp.hypot(counts.background_error, error),
        nuisances=tuple(moved),
    )


def mesons(
    search: Belle2FusionDiphoton, meson: Meson, key: Key[Array, ""]
) -> Candidates:
    """e- e+ -> e- e+ meson, meson -> gamma gamma; the form factor is for fusion."""
    incoming, _, _ = search.beam()(jnp.zeros(0))

    def form(p: Momenta) -> Real:
        first, second = (
            -transfer_squared(a, b, mass=M_E)
            for a, b in zip(incoming, p[:2], strict=True)
        )
        return form_factor(first, second, search.form) ** 2

    process = EeToEeAlpToGammaGamma(model=meson.model())
    both = search.experiment, search.selection
    train, draw = jax.random.split(key)
    grid = adapted(*both, process, train)
    return candidates(*both, process, grid, draw, form=form).scaled(meson.share)


def sampled(
    search: Belle2FusionDiphoton, mass: float, key: Key[Array, ""], *, fast: bool
) -> Samples:
    """Candidates of signal and continuum near one mass [GeV].

    Their `tracks` are their discriminants. The continuum is drawn twice: as it comes,
    and with the grid of the signal, for what is like the signal and rare.
    """
    energy = float(search.beam().energy())
    if not 0 < mass < energy - 2 * M_E:
        msg = (
            f"the mass is {mass / GeV:g} GeV; expected one between 0 and "
            f"{energy / GeV:.4g} GeV, the energy of the collision"
        )
        raise ValueError(msg)
    both = search.experiment, search.selection
    one, two, three, four, five = jax.random.split(key, 5)
    process = EeToEeAlpToGammaGamma(model=PhotonAlp(mass=mass, g_agamma=1 / GeV))
    grid = adapted(*both, process, one)
    calls = math.ceil(float(search.statistics))
    own = float(replace(search.model, mass=mass).branching_to_photons())
    made = candidates(*both, process, grid, two, calls=calls).scaled(own)
    offset = np.abs(made.sample.offset - mass)
    resolution = float(shares(offset, made.sample.weight, [PEAK])[0])
    half = float(search.window) * resolution
    signal = _near(search, made, mass, half)
    edge = float(shares(signal.tracks, signal.weight, [LIKE])[0])
    low, high = max(mass - MARGIN * half, 0.0), mass + MARGIN * half
    pairs = PairsNear(least=jnp.asarray(low), most=jnp.asarray(high))
    rough = candidates(*both, pairs, adapted(*both, pairs, three), four, calls=calls)
    more = math.ceil(float(search.statistics) * CALLS[fast])
    fine = candidates(*both, pairs, grid, five, calls=more)
    unlike, like = (_near(search, c, mass, half) for c in (rough, fine))
    parts = unlike.kept(unlike.tracks < edge), like.kept(like.tracks >= edge)
    joined: Sample = jax.tree.map(lambda *a: np.concatenate(a), *parts)
    return Samples(mass, resolution, signal, joined)


def _near(
    search: Belle2FusionDiphoton, found: Candidates, mass: float, half: float
) -> Sample:
    """Those in the window, with their discriminant in place of momenta."""
    moved = found.sample._replace(offset=found.sample.offset - mass)
    near = moved.kept(np.abs(moved.offset) < half)
    return near._replace(tracks=discriminant(search.beam(), near))
