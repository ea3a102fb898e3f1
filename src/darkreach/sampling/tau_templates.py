"""Templates of tau decays opposite to a three-pion tag, as a tracker sees them."""

from collections.abc import Sequence
from functools import partial
from typing import Any, Final

import jax
import jax.numpy as jnp

from jaxtyping import Array, Float, Key

from darkreach.algebra.kinematics import FourVector, Real, rotate
from darkreach.constants import M_TAU
from darkreach.pytree import pytree
from darkreach.sampling.adaptive import CHUNK
from darkreach.sampling.tau_pairs import Lepton, Tags, Tracker
from darkreach.sampling.three_pions import isotropic
from darkreach.units import GeV

Scalar = float | Float[Array, ""]

MOMENTA: Final = (1.0, 1.5, 2.0, 2.5, 3.0, 4.0)  # [GeV]; between ranges of momentum
RANGES: Final = len(MOMENTA) + 1


def emitted(x: Float[Array, " d"], energy: Real, mass: Real) -> FourVector:
    """A particle of this energy [GeV], isotropic in the rest frame of its tau."""
    momentum = jnp.sqrt(jnp.maximum(energy * energy - mass * mass, 0.0))
    zero = 0.0 * momentum
    return rotate(FourVector(energy, zero, zero, momentum), *isotropic(x[0], x[1]))


def michel_spectrum(energy: Real, mass: Real) -> Real:
    """dGamma/dE of tau -> l nu nu, unpolarised, relative to its integral [1/GeV].

    rho = 3/4, eta = 0, lepton mass kept (PDG 2024, Muon Decay Parameters),
    normalised with 1 - 8 r + 8 r^3 - r^4 - 12 r^2 ln r, r = (m_l / m_tau)^2.
    """
    most = (M_TAU**2 + mass**2) / (2 * M_TAU)
    x, x0 = energy / most, mass / most
    shape = x * (1 - x) + (4 * x * x - 3 * x - x0 * x0) / 6
    value = jnp.sqrt(jnp.maximum(x * x - x0 * x0, 0.0)) * shape
    r = (mass / M_TAU) ** 2
    total = 1 - 8 * r + 8 * r**3 - r**4 - 12 * r * r * jnp.log(r)
    # at m = 0 the integral over x of x [x(1-x) + (4x^2-3x)/6] is 1/12
    norm = 12 * (2 * most / M_TAU) ** 4
    return norm * value / (most * total)


def pseudo_energy(lepton: FourVector, tag: FourVector, total: Real) -> Real:
    """Lepton energy in the pseudo rest frame of its tau [GeV].

    That tau is given half of the energy of the collision and the direction opposite to
    the tag (Albrecht et al., Z. Phys. C 68, 25; arXiv:2212.03634).

    Args:
        lepton: in the centre of mass [GeV].
        tag: sum of the visible particles of the other tau, same frame [GeV].
        total: energy of the collision [GeV].
    """
    gamma = total / (2 * M_TAU)
    slope = jnp.sqrt(gamma * gamma - 1)
    return gamma * lepton.e + slope * lepton.dot3(tag) / tag.momentum()


@pytree
class Template:
    """Selected events of one component, by bin of x.

    Attributes:
        shares: by range of the laboratory momentum.
        wider: all ranges, with a wider a_1.
        squares: sum of squared weights.
    """

    shares: Float[Array, "bins ranges"]
    wider: Float[Array, " bins"]
    squares: Float[Array, " bins"]

    def nominal(self) -> Float[Array, " bins"]:
        """All ranges together."""
        return self.shares.sum(axis=1)

    def scaled(self, factor: Scalar) -> "Template":
        """The same shape for another number of decays."""
        return Template(
            shares=self.shares * factor,
            wider=self.wider * factor,
            squares=self.squares * factor**2,
        )


def template(
    tracker: Tracker,
    tags: Tags,
    keys: Sequence[Key[Array, ""]],
    *,
    lepton: Lepton,
    masses: tuple[float, float],
    energy: Scalar | None,
    bins: int,
    x_max: Scalar,
) -> Template:
    """Efficiency in bins of x = 2 E / m_tau, E in the pseudo rest frame.

    Args:
        tracker: tracker.
        tags: each of them is used once for each key.
        keys: random keys.
        lepton: what the track is called.
        masses: of the particle, and of what it is called [GeV]; a particle of another
            mass is a pion.
        energy: in the rest frame of the tau [GeV]; None for tau -> l nu nu.
        bins: of equal width from 0; the last takes what is above.
        x_max: their end.
    """
    most = (M_TAU**2 + masses[0] ** 2) / (2 * M_TAU)
    low, high = (masses[0], most) if energy is None else (energy, energy)
    given: dict[str, Any] = {"lepton": lepton, "masses": masses, "bins": bins}
    ends = jnp.stack([jnp.asarray(low, float), jnp.asarray(high, float)])
    parts = [_filled(tracker, tags, key, ends, x_max, **given) for key in keys]
    total: Template = jax.tree.map(lambda *rows: sum(rows), *parts)
    return total.scaled(1 / len(parts))


@partial(jax.jit, static_argnames=("lepton", "masses", "bins"))
def _filled(
    tracker: Tracker,
    tags: Tags,
    key: Key[Array, ""],
    ends: Float[Array, "2"],
    x_max: Scalar,
    *,
    lepton: Lepton,
    masses: tuple[float, float],
    bins: int,
) -> Template:
    """Every tag with one lepton; energies stratified between the ends."""
    mass, assigned = masses
    total = tracker.sqrt_s()

    def one(
        tag: Tags, x: Float[Array, "3"], errors: Float[Array, "3"]
    ) -> tuple[Array, Array, Array]:
        energy = ends[0] + x[0] * (ends[1] - ends[0])
        flat = (ends[1] - ends[0]) * michel_spectrum(energy, mass)
        density = jnp.where(ends[1] > ends[0], flat, 1.0)
        true = tag.pair.first(emitted(x[1:], energy, mass))
        track = tracker.to_laboratory(true)
        seen = tracker.sees_track(track)
        seen = seen * tracker.identifies(track, lepton, pion=mass != assigned)
        found = tracker.measured(track, errors, mass=assigned)
        back = tracker.to_centre_of_mass(found)
        value = 2 * pseudo_energy(back, tag.pions, total) / M_TAU
        weight = density * seen * tag.pair.weight
        return jnp.asarray(value), jnp.asarray(found.momentum()), jnp.asarray(weight)

    def chunk(given: tuple[Tags, Key[Array, ""]]) -> tuple[Array, Array, Array]:
        inside, step = given
        for_x, for_errors = jax.random.split(step)
        x = jax.random.uniform(for_x, (3, CHUNK))
        x = x.at[0].set((jnp.arange(CHUNK, dtype=float) + x[0]) / CHUNK)
        errors = jax.random.normal(for_errors, (3, CHUNK))
        value, momentum, weight = jax.vmap(one)(inside, x.T, errors.T)
        bin_ = jnp.clip((value / x_max * bins).astype(int), 0, bins - 1)
        edges = jnp.array(MOMENTA) * GeV
        both = bin_ * RANGES + jnp.searchsorted(edges, momentum).astype(int)
        return (
            jax.ops.segment_sum(weight, both, bins * RANGES).reshape(bins, RANGES),
            jax.ops.segment_sum(weight * inside.ratio, bin_, bins),
            jax.ops.segment_sum(weight**2, bin_, bins),
        )

    steps = jax.random.split(key, tags.ratio.shape[0])
    shares, wider, squares = (
        rows.sum(axis=0) for rows in jax.lax.map(chunk, (tags, steps))
    )
    return Template(shares=shares, wider=wider, squares=squares)


def stretched(
    row: Float[Array, " bins"], *, x_max: Scalar, change: Scalar
) -> Float[Array, " bins"]:
    """A template whose x is multiplied with 1 + change, to first order.

    Events flow through each edge with the mean density of its two bins. Moving events
    one by one would add their noise, which a fit takes for information.
    """
    edges = jnp.linspace(0.0, 1.0, row.size + 1)[1:-1] * x_max
    width = x_max / row.size
    flow = change * edges * (row[1:] + row[:-1]) / (2 * width)
    return row + jnp.pad(flow, (1, 0)) - jnp.pad(flow, (0, 1))
