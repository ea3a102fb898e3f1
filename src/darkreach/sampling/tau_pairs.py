"""e+ e- -> tau+ tau- with a tag tau -> 3 pi nu, as a tracker sees it.

Both taus are taken as unpolarised and their spins as uncorrelated.
"""

import math

from dataclasses import replace
from functools import partial
from typing import Final, Literal, NamedTuple, Protocol, runtime_checkable

import jax
import jax.numpy as jnp

from jaxtyping import Array, Float, Key

from darkreach.algebra.kinematics import FourVector, Real, boost_z, rotate
from darkreach.constants import ALPHA, M_E, M_PI, M_TAU
from darkreach.pytree import pytree
from darkreach.sampling.adaptive import CHUNK, Grid, adapt
from darkreach.sampling.three_pions import (
    TAG,
    ThreePions,
    isotropic,
    three_pions,
)

Scalar = float | Float[Array, ""]
Lepton = Literal["e", "mu"]

PAIR: Final = 4  # unit-cube coordinates of `pair`
OVERSAMPLED: Final = 4  # pairs drawn for each tag that is kept


@runtime_checkable
class Tracker(Protocol):
    """What an e+ e- experiment offers here; momenta in GeV."""

    def sqrt_s(self) -> Real:
        """Energy of the collision."""

    def to_laboratory(self, p: FourVector) -> FourVector:
        """From the centre of mass."""

    def to_centre_of_mass(self, p: FourVector) -> FourVector:
        """From the laboratory."""

    def sees_track(self, p: FourVector) -> Real:
        """Probability to reconstruct a track."""

    def identifies(self, p: FourVector, lepton: Lepton, *, pion: bool = False) -> Real:
        """Probability to call a track a lepton."""

    def measured(
        self, p: FourVector, errors: Float[Array, "3 ..."], *, mass: float
    ) -> FourVector:
        """A track as measured."""


class Pair(NamedTuple):
    """Frames of the two taus, which fly apart along (cos, sin, phi) of the first.

    Attributes:
        energy: of a tau where both are back to back [GeV].
        cos, sin, phi: direction of the first tau there.
        photon: energy lost by radiation along z, with its sign [GeV].
        total: energy of the collision [GeV].
        weight: of the cross section, relative to the one without radiation.
    """

    energy: Real
    cos: Real
    sin: Real
    phi: Real
    photon: Real
    total: Real
    weight: Real

    def first(self, p: FourVector) -> FourVector:
        """From the rest frame of the first tau to the centre of mass."""
        return self._from_pair(p, 1.0)

    def second(self, p: FourVector) -> FourVector:
        """From the rest frame of the second tau to the centre of mass."""
        return self._from_pair(p, -1.0)

    def _from_pair(self, p: FourVector, sign: float) -> FourVector:
        momentum = jnp.sqrt(self.energy**2 - M_TAU**2)
        moved = boost_z(p, self.energy, sign * momentum, M_TAU)
        turned = rotate(moved, self.cos, self.sin, self.phi)
        left = self.total - jnp.abs(self.photon)
        return boost_z(turned, left, -self.photon, 2 * self.energy)


def pair(x: Float[Array, " d"], total: Real, *, radiation: bool = True) -> Pair:
    """A tau pair in the centre of mass of the beams.

    dsigma/dcos ~ 1 + cos^2 + (1 - beta^2) sin^2, sigma ~ beta (3 - beta^2) / s (PDG
    2024, Cross-section Formulae for Specific Processes). Radiation from the beams as
    one collinear photon with the exponentiated leading-logarithmic spectrum,
    b v^(b-1) (1 - v + v^2/2) for the energy fraction v,
    b = 2 alpha/pi (ln(s/m_e^2) - 1) = 0.088 (Kuraev and Fadin,
    Sov. J. Nucl. Phys. 41, 466). The factor for soft and virtual photons (1.07) and
    vacuum polarisation (1.08) are left out; they are part of the total cross section.

    Args:
        x: 4 coordinates: the photon's energy and side, cos(theta), phi.
        total: energy of the collision [GeV].
        radiation: whether the beams radiate.
    """
    s = total * total
    power = 2 * ALPHA / math.pi * (jnp.log(s / M_E**2) - 1)
    most = 1 - 4 * M_TAU**2 / s
    v = most * jnp.exp(jnp.log(jnp.maximum(x[0], 1e-300)) / power)
    radiator = most**power * (1 - v + v * v / 2)
    v, radiator = (v, radiator) if radiation else (0.0 * v, 1.0 + 0.0 * v)
    left = s * (1 - v)
    gamma2 = left / (4 * M_TAU**2)
    beta2 = jnp.maximum(1 - 1 / gamma2, 0.0)
    born = 1 - 4 * M_TAU**2 / s
    size = jnp.sqrt(beta2) * (3 - beta2) / (1 - v)
    size = size / (jnp.sqrt(born) * (3 - born))
    cos, sin, phi = isotropic(x[2], x[3])
    angular = (1 + cos**2 + (1 - beta2) * sin**2) / (4 / 3 + (1 - beta2) * 2 / 3)
    side = jnp.where(x[1] < 0.5, -1.0, 1.0)
    return Pair(
        energy=jnp.sqrt(left) / 2,
        cos=cos,
        sin=sin,
        phi=phi,
        photon=side * v * total / 2,
        total=total,
        weight=radiator * size * angular,
    )


@pytree
class Tags:
    """Tau pairs whose second tau was seen as three pions; arrays (chunks, events).

    Attributes:
        pair: the frames; equal weights that sum to the efficiency of the tag.
        pions: measured sum, in the centre of mass [GeV].
        ratio: of the weight with a wider a_1 to the nominal one.
    """

    pair: Pair
    pions: FourVector
    ratio: Float[Array, "..."]


def _tag_weight(model: ThreePions, x: Float[Array, " d"]) -> Float[Array, ""]:
    return jnp.asarray(three_pions(x, model).weight)


def tags_of(
    tracker: Tracker,
    model: ThreePions,
    key: Key[Array, ""],
    *,
    chunks: int,
    wider: Scalar,
    radiation: bool = True,
) -> Tags:
    """Tau pairs with a reconstructed tag.

    Args:
        tracker: tracker.
        model: of the tag.
        key: random key.
        chunks: of `CHUNK` tags.
        wider: added to the width of the a_1 in `Tags.ratio` [GeV].
        radiation: whether the beams radiate.
    """
    train, draw = jax.random.split(key)
    integrand = jax.tree_util.Partial(_tag_weight, model)  # type: ignore[no-untyped-call]
    grid = adapt(integrand, TAG, train)
    models = model, replace(model, width=model.width + wider)
    keys = jax.random.split(draw, chunks)
    drawn: Tags = _drawn(tracker, models, grid, keys, radiation=radiation)
    return drawn


@partial(jax.jit, static_argnames="radiation")
def _drawn(
    tracker: Tracker,
    models: tuple[ThreePions, ThreePions],
    grid: Grid,
    keys: Key[Array, " chunks"],
    *,
    radiation: bool,
) -> Tags:
    """Weighted pairs, then as many of equal weight as a chunk holds."""
    total = tracker.sqrt_s()
    model, wide = models

    def one(
        x: Float[Array, " d"], errors: Float[Array, "9"]
    ) -> tuple[Pair, FourVector, Array, Array, Array]:
        event = pair(x[:PAIR], total, radiation=radiation)
        point, jacobian = grid(x[PAIR:])
        tag = three_pions(point, model)
        tracks = [tracker.to_laboratory(event.second(p)) for p in tag.pions]
        seen = jnp.prod(jnp.stack([jnp.asarray(tracker.sees_track(p)) for p in tracks]))
        a, b, c = (
            tracker.measured(p, errors[3 * i : 3 * i + 3], mass=M_PI)
            for i, p in enumerate(tracks)
        )
        pions = tracker.to_centre_of_mass(a + b + c)
        ratio = wide.a1(tag.square) / model.a1(tag.square)
        weight = jnp.asarray(event.weight * tag.weight * jacobian)
        return event, pions, weight, seen, ratio

    def chunk(key: Key[Array, ""]) -> Tags:
        for_x, for_errors, for_choice = jax.random.split(key, 3)
        n = OVERSAMPLED * CHUNK
        x = jax.random.uniform(for_x, (PAIR + TAG, n))
        errors = jax.random.normal(for_errors, (9, n))
        event, pions, weight, seen, ratio = jax.vmap(one)(x.T, errors.T)
        heap = jnp.cumsum(weight * seen)
        level = (
            jnp.arange(CHUNK, dtype=float) + jax.random.uniform(for_choice)
        ) / CHUNK
        chosen = jnp.searchsorted(heap, level * heap[-1])
        norm = (weight * ratio).sum() / weight.sum()
        each = heap[-1] / weight.sum() / (CHUNK * keys.shape[0])
        kept = jax.tree.map(lambda row: row[chosen], (event, pions, ratio))
        return Tags(
            pair=kept[0]._replace(weight=jnp.full(CHUNK, each)),
            pions=kept[1],
            ratio=kept[2] / norm,
        )

    found: Tags = jax.lax.map(chunk, keys)
    return found
