"""Histograms of missing mass squared and amplitude ratio, with their variations.

A variation reweights the events with the ratio of two resolution functions (or spin
densities) and leaves them in their bins: it differs from nominal by a smooth factor,
without the noise of events that migrate.
"""

from dataclasses import replace
from typing import Final, NamedTuple, Protocol, runtime_checkable

import jax
import jax.numpy as jnp
import numpy as np

from jaxtyping import Array, Float, Int, Key

from darkreach.algebra.kinematics import FourVector, Real
from darkreach.experiments.meg2 import E_REFERENCE, Meg2
from darkreach.processes.mu_to_e_alp_gamma import MuToEAlpGamma
from darkreach.pytree import pytree
from darkreach.searches.matrix_element import (
    equal_edges,
    log_ratio,
    missing_mass_squared,
)
from darkreach.searches.pairs import Flat, Pairs, Scalar, density
from darkreach.units import MeV

SHIFTS: Final = (
    "photon_scale",
    "photon_smearing",
    "positron_scale",
    "positron_smearing",
    "polarisation",
)
LARGEST_SMEARING: Final = 0.3  # where the weights of a wider Gaussian stay harmless


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
    def positron_smearing(self) -> Scalar:
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

    def row(self, mass_squared: Flat) -> Int[Array, " n"]:
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

    def scaled(self, factor: Scalar) -> "Tables":
        """All weights multiplied."""
        return Tables(values=self.values * factor, squares=self.squares * factor**2)

    def error(self) -> Float[Array, " bins"]:
        """MC error of the nominal values."""
        return jnp.sqrt(self.squares)


def checked(setup: Setup) -> None:
    """Refuse cuts below zero and uncertainties that weights cannot follow.

    Raises:
        ValueError: a cut that is not positive, a scale uncertainty above the
            resolution, or a smearing above 0.3.
    """
    experiment = setup.experiment
    cuts = (
        ("positron_cut", setup.positron_cut),
        ("experiment.trigger.photon_threshold", experiment.trigger.photon_threshold),
    )
    for name, cut in cuts:
        if not float(cut) > 0:
            msg = f"{name} is {float(cut) / MeV:g} MeV; expected an energy above zero"
            raise ValueError(msg)
    positron = float(experiment.positron_momentum) / E_REFERENCE
    limits = (
        ("photon_scale", setup.photon_scale, float(experiment.photon_resolution)),
        ("positron_scale", setup.positron_scale, positron),
        ("photon_smearing", setup.photon_smearing, LARGEST_SMEARING),
        ("positron_smearing", setup.positron_smearing, LARGEST_SMEARING),
    )
    for name, value, largest in limits:
        if not 0 <= float(value) <= largest:
            why = "" if name.endswith("smearing") else ", the relative resolution"
            msg = f"{name} is {float(value):g}; expected 0 to {largest:.3g}{why}"
            raise ValueError(msg)


# Each step is a compiled function of flat arrays of its own: in one function XLA would
# repeat the first steps for every array that comes out (measured: 4 times slower).
@jax.jit
def _reconstructed(
    setup: Setup, pairs: Pairs, errors: Float[Array, "6 n"]
) -> tuple[FourVector, FourVector]:
    return setup.experiment.reconstructed(pairs.positron, pairs.photon, errors)


@jax.jit
def _weights(
    setup: Setup, pairs: Pairs, positron: FourVector, photon: FourVector
) -> Flat:
    threshold = setup.experiment.trigger.photon_threshold
    kept = (positron.e > setup.positron_cut) & (photon.e > threshold)
    efficiency = setup.experiment.efficiency(pairs.positron, pairs.photon)
    return jnp.where(kept, pairs.weight * efficiency, 0.0)


@jax.jit
def _ratio(setup: Setup, positron: FourVector, photon: FourVector) -> Flat:
    rho = density(setup.experiment.polarisation)
    return jnp.asarray(log_ratio(setup.signal, rho, positron, photon))


@jax.jit
def _index(binning: Binning, mass_squared: Flat, ratio: Flat) -> Int[Array, " n"]:
    """Bin of each event; one more bin takes what is outside."""
    rows, cuts = binning.ratio.shape
    row = binning.row(mass_squared)
    outside = (row < 0) | (row >= rows)
    row = jnp.clip(row, 0, rows - 1)
    index = row * (cuts + 1)
    for i in range(cuts):
        index = index + (ratio > binning.ratio[row, i]).astype(int)
    return jnp.where(outside, binning.bins(), index)


def _density_ratio(z: Flat, shift: Real, stretch: Scalar) -> Flat:
    """Of a Gaussian at `shift` with width `stretch` over the normal one, at z."""
    moved = (z - shift) / stretch
    return jnp.exp((z * z - moved * moved) / 2) / stretch


@jax.jit
def _factors(
    setup: Setup, pairs: Pairs, errors: Float[Array, "6 n"]
) -> tuple[Flat, ...]:
    """What up and down of each of `SHIFTS` multiply the weights with."""
    experiment, energy = setup.experiment, pairs.photon.e
    photon = energy / experiment.photon_energy(energy)  # 1 / relative resolution
    positron = pairs.positron.momentum() / experiment.positron_momentum
    out = []
    for sign in (1, -1):
        shift = sign * setup.photon_scale
        out.append(_density_ratio(errors[3], shift * photon, 1 + shift))
    for sign in (1, -1):
        wider = 1 + sign * setup.photon_smearing
        out.append(_density_ratio(errors[3], 0.0, wider))
    for sign in (1, -1):
        shift = sign * setup.positron_scale
        out.append(_density_ratio(errors[0], shift * positron, 1 + shift))
    for sign in (1, -1):
        wider = 1 + sign * setup.positron_smearing
        out.append(_density_ratio(errors[0], 0.0, wider))
    for sign in (1, -1):
        out.append(1 + sign * setup.polarisation_error * pairs.slope)
    return tuple(out)


class Seen(NamedTuple):
    """Reconstructed pairs after the selection.

    Attributes:
        positron, photon: momenta [GeV].
        weight: with all losses; 0 where the selection fails.
        errors: by which they were smeared, in units of the resolutions.
    """

    positron: FourVector
    photon: FourVector
    weight: Flat
    errors: Float[Array, "6 n"]

    def mass_squared(self) -> Flat:
        """Missing mass squared [GeV^2]."""
        return jnp.asarray(missing_mass_squared(self.positron, self.photon))


def seen(setup: Setup, pairs: Pairs, key: Key[Array, ""]) -> Seen:
    """Reconstruct and select pairs; the key is that of the resolution."""
    errors = _errors(key, pairs.weight)
    positron, photon = _reconstructed(setup, pairs, errors)
    return Seen(positron, photon, _weights(setup, pairs, positron, photon), errors)


@jax.jit
def _errors(key: Key[Array, ""], like: Flat) -> Float[Array, "6 n"]:
    return jax.random.normal(key, (6, like.shape[0]))


def tables(setup: Setup, binning: Binning, pairs: Pairs, key: Key[Array, ""]) -> Tables:
    """Reconstruct, select and histogram pairs, with all variations.

    Args:
        setup: the search.
        binning: of the histograms.
        pairs: true momenta.
        key: random key of the resolution.
    """
    found = seen(setup, pairs, key)
    weight, square = np.asarray(found.weight), found.mass_squared()
    ratio = square  # not looked at where no row is cut
    if binning.ratio.shape[1]:
        ratio = _ratio(setup, found.positron, found.photon)
    index = np.asarray(_index(binning, square, ratio))

    def filled(values: np.ndarray) -> np.ndarray:
        return np.bincount(index, values, binning.bins() + 1)[:-1]

    factors = _factors(setup, pairs, found.errors)
    rows = [filled(weight), *(filled(weight * np.asarray(f)) for f in factors)]
    return Tables(
        values=jnp.asarray(np.stack(rows)), squares=jnp.asarray(filled(weight**2))
    )


def binning_of(
    setup: Setup,
    samples: list[tuple[Pairs, Key[Array, ""]]],
    *,
    mass_squared: Float[np.ndarray, " edges"],
    ratio_bins: int,
) -> Binning:
    """Rows of equal width, each cut into bins of equal weight of the samples.

    Args:
        setup: the search.
        samples: background pairs and the keys of their resolution.
        mass_squared: edges [GeV^2], equally spaced.
        ratio_bins: bins a row.
    """
    rows = len(mass_squared) - 1
    uncut = Binning(mass_squared=jnp.asarray(mass_squared), ratio=jnp.zeros((rows, 0)))
    if ratio_bins == 1:
        return uncut
    parts = []
    for pairs, key in samples:
        found = seen(setup, pairs, key)
        rows_of = uncut.row(found.mass_squared()).astype(float)
        ratios = _ratio(setup, found.positron, found.photon)
        parts.append((ratios, rows_of, found.weight))
    ratio, row, weight = (np.concatenate(p) for p in zip(*parts, strict=True))
    edges = equal_edges(ratio, row, weight, rows=rows, bins=ratio_bins)
    return replace(uncut, ratio=jnp.asarray(edges))
