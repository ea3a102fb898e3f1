"""Histograms of missing mass squared and amplitude ratio, with their variations."""

from dataclasses import replace
from typing import Any, Final, Protocol, runtime_checkable

import jax
import jax.numpy as jnp
import numpy as np

from jaxtyping import Array, Complex, Float, Int, Key

from darkreach.algebra.kinematics import FourVector
from darkreach.experiments.meg2 import Meg2
from darkreach.processes.mu_to_e_alp_gamma import MuToEAlpGamma
from darkreach.processes.process import spin_density, squared
from darkreach.pytree import pytree
from darkreach.sampling.events import Events
from darkreach.searches.matrix_element import (
    equal_edges,
    log_ratio,
    missing_mass_squared,
)

SHIFTS: Final = ("photon_scale", "photon_smearing", "positron_scale", "polarisation")
Scalar = float | Float[Array, ""]
Stacked = float | Float[Array, "..."]  # one value, or one a variation


@runtime_checkable
class Setup(Protocol):
    """What a search says about its reconstruction."""

    @property
    def signal(self) -> MuToEAlpGamma:
        """Its couplings define the ratio."""

    @property
    def experiment(self) -> Meg2:
        """Detector and trigger."""

    @property
    def positron_cut(self) -> Scalar:
        """On the reconstructed energy [GeV]."""

    @property
    def photon_scale(self) -> Scalar:
        """Relative uncertainty."""

    @property
    def photon_smearing(self) -> Scalar:
        """Relative uncertainty."""

    @property
    def positron_scale(self) -> Scalar:
        """Relative uncertainty."""

    @property
    def polarisation_error(self) -> Scalar:
        """Absolute uncertainty."""


@pytree
class Binning:
    """Rows in missing mass squared, each cut at its own values of ln(ratio).

    Attributes:
        mass_squared: edges of the rows [GeV^2], equally spaced.
        ratio: inner edges of each row.
    """

    mass_squared: Float[Array, " edges"]
    ratio: Float[Array, "rows cuts"]

    def bins(self) -> int:
        """Number of bins."""
        return self.ratio.shape[0] * (self.ratio.shape[1] + 1)

    def row(self, mass_squared: Float[Array, " n"]) -> Int[Array, " n"]:
        """Row of each event; negative or too large outside."""
        low = self.mass_squared[0]
        step = self.mass_squared[1] - low
        return jnp.floor((mass_squared - low) / step).astype(int)


@pytree
class Tables:
    """Sums of weights per bin.

    Attributes:
        values: nominal first, then up and down of each of `SHIFTS`.
        squares: sums of squared weights, nominal.
    """

    values: Float[Array, "variations bins"]
    squares: Float[Array, " bins"]

    def __add__(self, other: "Tables") -> "Tables":
        return Tables(
            values=self.values + other.values, squares=self.squares + other.squares
        )

    def with_more(self, more: "Tables") -> "Tables":
        """Add nominal statistics; the variations keep their ratio to nominal.

        A variation differs little from nominal and comes from the same events, so that
        a small sample knows the ratio well.
        """
        nominal = self.values[0]
        ratio = jnp.where(nominal > 0, self.values / jnp.maximum(nominal, 1e-300), 1.0)
        total = nominal + more.values[0]
        return Tables(values=ratio * total, squares=self.squares + more.squares)

    def scaled(self, factor: Scalar) -> "Tables":
        """All weights multiplied."""
        return Tables(values=self.values * factor, squares=self.squares * factor**2)

    def error(self) -> Float[Array, " bins"]:
        """MC error of the nominal values."""
        return jnp.sqrt(self.squares)


@pytree
class Shift:
    """One way to reconstruct: what is added to nominal.

    Attributes:
        photon_scale, positron_scale: relative change of the energies.
        photon_smearing: relative change of the photon resolution.
        polarisation: absolute change.
    """

    photon_scale: Stacked = 0.0
    photon_smearing: Stacked = 0.0
    positron_scale: Stacked = 0.0
    polarisation: Stacked = 0.0


def shifts(setup: Setup) -> Shift:
    """Nominal, then up and down of each of `SHIFTS`, stacked along the first axis."""
    sizes = {
        "photon_scale": setup.photon_scale,
        "photon_smearing": setup.photon_smearing,
        "positron_scale": setup.positron_scale,
        "polarisation": setup.polarisation_error,
    }
    each = [Shift()]
    each += [Shift(**{name: sign * sizes[name]}) for name in SHIFTS for sign in (1, -1)]
    stacked: Shift = jax.tree_util.tree_map(lambda *x: jnp.array(x, float), *each)
    return stacked


def density(polarisation: Scalar) -> Complex[Array, "2 2"]:
    """Spin density of muons polarised along z."""
    return spin_density(jnp.array([0.0, 0.0, 1.0]) * polarisation)


@jax.jit
def spin_slope(setup: Setup, process: Any, events: Events) -> Float[Array, " n"]:
    """Slope d ln(weight) / dP of each event; the weight is linear in P."""
    beam = setup.experiment.beam()
    parent = beam(jnp.zeros(0))[0][0]
    polarisation = setup.experiment.polarisation

    def one(row: Float[Array, "k 4"]) -> Array:
        momenta = (parent, *(FourVector.from_array(p) for p in row))
        without = squared(process, momenta, density(0.0))
        full = squared(process, momenta, density(1.0))
        here = without + polarisation * (full - without)
        return jnp.where(here > 0, (full - without) / jnp.where(here > 0, here, 1), 0.0)

    return jax.vmap(one)(events.p)


def reconstructed(
    setup: Setup, events: Events, key: Key[Array, ""], shift: Shift
) -> tuple[Float[Array, "n 4"], Float[Array, "n 4"], Float[Array, " n"]]:
    """Positron, photon and weight after detector and selection."""
    wider = setup.experiment.photon_resolution * (1 + shift.photon_smearing)
    seen = replace(setup.experiment, photon_resolution=wider).observe(events, key)
    positron = seen.p[:, seen.names.index("e")] * (1 + shift.positron_scale)
    photon = seen.p[:, seen.names.index("gamma")] * (1 + shift.photon_scale)
    kept = (positron[:, 0] > setup.positron_cut) & (
        photon[:, 0] > setup.experiment.trigger.photon_threshold
    )
    return positron, photon, jnp.where(kept, seen.weight, 0.0)


@jax.jit
def histograms(
    setup: Setup,
    binning: Binning,
    events: Events,
    slope: Float[Array, " n"],
    *,
    key: Key[Array, ""],
    variations: Shift,
) -> Tables:
    """Histograms of one block of events for each variation.

    Args:
        setup: the search.
        binning: of the histograms.
        events: true momenta; slots `e` and `gamma` are reconstructed.
        slope: d ln(weight) / dP of each event; 0 neglects it.
        key: random key of the smearing, the same for all variations.
        variations: stacked along the first axis, nominal first.
    """
    rho = density(setup.experiment.polarisation)

    def one(shift: Shift) -> tuple[Float[Array, " bins"], Float[Array, " bins"]]:
        p_e, p_gamma, weight = reconstructed(setup, events, key, shift)
        weight = weight * (1 + slope * shift.polarisation)
        row = binning.row(missing_mass_squared(p_e, p_gamma))
        rows, cuts = binning.ratio.shape
        weight = jnp.where((row >= 0) & (row < rows), weight, 0.0)
        row = jnp.clip(row, 0, rows - 1)
        index = row * (cuts + 1)
        if cuts:
            ratio = log_ratio(setup.signal, rho, p_e, p_gamma)
            index = index + (ratio[:, None] > binning.ratio[row]).sum(axis=1)
        total = jax.ops.segment_sum(weight, index, binning.bins())
        return total, jax.ops.segment_sum(weight**2, index, binning.bins())

    values, squares = jax.lax.map(one, variations)
    return Tables(values=values, squares=squares[0])


def tables(
    setup: Setup, binning: Binning, process: Any, events: Events, key: Key[Array, ""]
) -> Tables:
    """`histograms` with all variations.

    Args:
        setup: the search.
        binning: of the histograms.
        process: what made the events, for their dependence on the polarisation; None
            neglects it (accidentals).
        events: with slots `e` and `gamma`.
        key: random key of the smearing.
    """
    slope = (
        jnp.zeros(len(events))
        if process is None
        else spin_slope(setup, process, events)
    )
    made: Tables = histograms(
        setup, binning, pair(events), slope, key=key, variations=shifts(setup)
    )
    return made


def nominal_tables(
    setup: Setup, binning: Binning, events: Events, key: Key[Array, ""]
) -> Tables:
    """`histograms` without variations: a third of the time."""
    only = jax.tree_util.tree_map(lambda x: jnp.zeros(1) + x, Shift())
    slope = jnp.zeros(len(events))
    made: Tables = histograms(
        setup, binning, pair(events), slope, key=key, variations=only
    )
    return made


def pair(events: Events) -> Events:
    """The slots `e` and `gamma` only."""
    i, j = events.names.index("e"), events.names.index("gamma")

    def both(array: Array) -> Array:
        return jnp.stack([array[:, i], array[:, j]], axis=1)  # faster than a gather

    return Events(
        p=both(events.p),
        vertex=both(events.vertex),
        seen=both(events.seen),
        weight=events.weight,
        names=("e", "gamma"),
    )


@jax.jit
def _pilot(setup: Setup, events: Events, key: Key[Array, ""]) -> tuple[Array, ...]:
    p_e, p_gamma, weight = reconstructed(setup, events, key, Shift())
    rho = density(setup.experiment.polarisation)
    ratio = log_ratio(setup.signal, rho, p_e, p_gamma)
    return missing_mass_squared(p_e, p_gamma), ratio, weight


def binning_of(
    setup: Setup,
    samples: list[tuple[Events, Key[Array, ""]]],
    *,
    mass_squared: Float[np.ndarray, " edges"],
    ratio_bins: int,
) -> Binning:
    """Rows of equal width, each cut into bins of equal background.

    Args:
        setup: the search.
        samples: background events and the keys of their smearing.
        mass_squared: edges [GeV^2], equally spaced.
        ratio_bins: bins a row.
    """
    rows = len(mass_squared) - 1
    if ratio_bins == 1:
        empty = jnp.zeros((rows, 0))
        return Binning(mass_squared=jnp.asarray(mass_squared), ratio=empty)
    parts = [_pilot(setup, pair(events), key) for events, key in samples]
    square, ratio, weight = (np.concatenate(p) for p in zip(*parts, strict=True))
    row = np.floor((square - mass_squared[0]) / (mass_squared[1] - mass_squared[0]))
    edges = equal_edges(ratio, row, weight, rows=rows, bins=ratio_bins)
    return Binning(mass_squared=jnp.asarray(mass_squared), ratio=jnp.asarray(edges))
