"""Three tracks e+ e+ e- at Mu3e that no single decay of a muon makes.

An electron and a positron of one muon (a positron that scatters in the target, a photon
that converts there, an internal conversion whose other positron is lost) with the
Michel positron of another muon; or three Michel positrons, one of them misread. Weights
are expected numbers a stopped muon before acceptance; `e+2` is the positron of the
other muon, and `inv` is a muon at rest minus the three, which is no physical momentum.
"""

import math

from collections.abc import Callable
from statistics import NormalDist
from typing import Any

import jax
import jax.numpy as jnp

from jaxtyping import Array, Float, Key

from darkreach.algebra.kinematics import FourVector, Real, cos_angle, rotate
from darkreach.constants import M_E, M_MU, WIDTH_MU
from darkreach.experiments.detector import (
    bhabha_cos,
    bhabha_density,
    double_cone,
    opening_angle,
    pair_density,
)
from darkreach.processes.mu_to_3e_nu_nu import MuTo3eNuNu
from darkreach.processes.mu_to_e_nu_nu import MuToENuNu
from darkreach.processes.mu_to_e_nu_nu_gamma import MuToENuNuGamma
from darkreach.processes.process import Process
from darkreach.pytree import pytree
from darkreach.sampling.beams import AtRest
from darkreach.sampling.events import Events, concatenated, overlay, scaled, slot
from darkreach.sampling.generator import generate, trained_grid
from darkreach.sampling.observables import Cut, View
from darkreach.units import MeV, cm, mm, um

Scalar = float | Float[Array, ""]


@pytree
class Target:
    """The hollow double cone that stops the muons, and what passes for a vertex on it.

    Attributes:
        radius: in the middle [mm].
        length: from tip to tip [mm].
        thickness: of the foil [mm].
        electrons: of the foil [1/mm^3].
        radiation_length: of the foil [mm].
        charge: atomic number of the foil, for the screening of conversions.
        polarisation: of the stopped muons along the beam.
        track_error: of a track across its direction, at the vertex [mm].
        along_error: of the vertex along collinear tracks, from the foil [mm].
        chi2: the most that a third track may add, with two degrees of freedom.
        minimum: smallest energy of a track that is drawn [GeV].
        misread: probability that a returning arc passes for an outgoing electron.
    """

    radius: Scalar = 19 * mm  # arXiv:2009.11690 [recalled]
    length: Scalar = 100 * mm  # arXiv:2009.11690 [recalled]
    thickness: Scalar = 80 * um  # Mylar, 75 and 85 um, arXiv:2009.11690 [recalled]
    electrons: Scalar = 4.39e23 / cm**3  # 1.40 g/cm^3, Z/A = 0.520, PDG [recalled]
    radiation_length: Scalar = 28.5 * cm  # 39.95 g/cm^2, PDG [recalled]
    charge: Scalar = 6.9  # C10 H8 O4, weighted with Z^2
    polarisation: Scalar = -0.86  # measured by MEG for a like beam, arXiv:1510.04743
    track_error: Scalar = 0.25 * mm  # vertex 0.2-0.3 mm, arXiv:2009.11690 [recalled]
    along_error: Scalar = 3 * mm  # largest distance to the target [assumed]
    chi2: Scalar = 6.0  # keeps 95 % of true vertices
    minimum: Scalar = 10 * MeV  # transverse momentum of four hits [recalled]
    misread: Scalar = 1e-3  # [assumed]

    def beam(self) -> AtRest:
        """Muons at rest, polarised along the beam axis z."""
        along = jnp.array([0.0, 0.0, 1.0]) * self.polarisation
        return AtRest(mass=M_MU, polarisation=along)

    def area(self) -> Scalar:
        """Of the foil [mm^2]."""
        slant = (self.radius * self.radius + self.length * self.length / 4) ** 0.5
        return 2 * math.pi * self.radius * slant

    def crossings(
        self, p: FourVector, key: Key[Array, ""], *, thickness: Real
    ) -> tuple[Real, Real, Real]:
        """`double_cone` for muons that stop evenly on its area [assumed]."""
        x = jax.random.uniform(key, (3, jnp.shape(p.e)[0]))
        return double_cone(
            p, x, radius=self.radius, length=self.length, thickness=thickness
        )

    def behind(self, p: FourVector, key: Key[Array, ""]) -> Real:
        """Mean foil before a particle [mm]: half of it at birth, all of it later."""
        here, there, path = self.crossings(p, key, thickness=self.thickness)
        return self.thickness * (here / 2 + jnp.where(path > 0, there, 0.0))

    def compatible(
        self,
        track: FourVector,
        key: Key[Array, ""],
        *,
        axis: FourVector,
        across: Scalar,
        along: Real,
    ) -> Real:
        """Probability that a track from somewhere on the foil meets a vertex.

        Its line may cross the foil at the vertex or go on to it. What fits is an
        ellipse across the track, the sum of its own error and those of the vertex:
        `across` and `along` an axis [mm]. At grazing incidence the curvature of the
        foil takes it out of a tube of radius w at the path sqrt(8 r thickness) for
        thickness = 4 w and the mean radius r = 2/3 `radius`.
        """
        cos2, own = cos_angle(axis, track) ** 2, self.track_error**2
        first = across**2 + own
        second = across**2 * cos2 + along**2 * (1 - cos2) + own
        square = self.chi2 * jnp.sqrt(first * second)
        here, there, _ = self.crossings(track, key, thickness=6 * jnp.sqrt(square))
        return math.pi * square * (here + there) / self.area()


def coincidence_window(resolution: float, *, efficiency: float = 0.95) -> float:
    """Full width of the window between a pair and a third track [ns].

    Args:
        resolution: of one track [ns]; the pair has the mean of two.
        efficiency: share of true vertices inside, for Gaussian errors.
    """
    sigmas = NormalDist().inv_cdf((1 + efficiency) / 2)
    return 2 * sigmas * resolution * math.sqrt(3 / 2)


def _decays(
    process: Process, target: Target, n: int, key: Key[Array, ""], *,
    softest: Scalar | None = None, observable: str = "E_e", importance: Any = None,
) -> Events:  # fmt: skip
    """n decays above an energy [GeV]; weights are probabilities a muon."""
    beam, (train, draw) = target.beam(), jax.random.split(key)
    cuts: tuple[Cut, ...] = ()
    if softest is not None:
        cuts = (Cut(observable=observable, minimum=softest),)
    grid = None
    if importance is not None:
        part = jax.tree_util.Partial(importance, target)  # type: ignore[no-untyped-call]
        grid = trained_grid(process, beam, train, cuts=cuts, importance=part)
    return scaled(generate(process, beam, n, draw, cuts=cuts, grid=grid), 1 / WIDTH_MU)


def michel(target: Target, n: int, key: Key[Array, ""], *, softest: Scalar) -> Events:
    """Michel positrons above an energy [GeV]; slot `e`."""
    return slot(_decays(MuToENuNu(), target, n, key, softest=softest), "e")


def _hard_photon(target: Target, v: View) -> Real:
    """Photons in proportion to their energy."""
    return v.photons[0].e / M_MU


def radiative(target: Target, n: int, key: Key[Array, ""]) -> Events:
    """Radiative decays with photons for two tracks; slots `e`, `gamma`, `inv`."""
    return _decays(
        MuToENuNuGamma(), target, n, key,
        softest=2 * target.minimum, observable="E_gamma", importance=_hard_photon,
    )  # fmt: skip


def _pairs(
    parents: Events, plus: Float[Array, "n 4"], minus: Float[Array, "n 4"], weight: Real
) -> Events:
    """Slots `e+1` and `e-`, at the origin."""
    return Events(
        p=jnp.stack([plus, minus], axis=1),
        vertex=jnp.zeros((len(parents), 2, 3)),
        seen=jnp.ones((len(parents), 2), bool),
        weight=parents.weight * weight,
        names=("e+1", "e-"),
    )


def _around(
    axis: FourVector, energy: Real, transverse: Real, phi: Real
) -> Float[Array, "n 4"]:
    """A track with a transverse momentum [GeV] to an axis."""
    along = jnp.sqrt(jnp.maximum(energy**2 - M_E**2 - transverse**2, 0.0))
    x, y = transverse * jnp.cos(phi), transverse * jnp.sin(phi)
    sin, length = jnp.sqrt(axis.x**2 + axis.y**2), axis.momentum()
    azimuth = jnp.arctan2(axis.y, axis.x)
    track = FourVector(energy, x, y, along)
    return rotate(track, axis.z / length, sin / length, azimuth).array()


@jax.jit
def scattered(target: Target, positrons: Events, key: Key[Array, ""]) -> Events:
    """Positrons `e` that knock an electron out of the foil; slots `e+1`, `e-`."""
    draw, place = jax.random.split(key)
    parent, x = positrons.vector("e"), jax.random.uniform(draw, (2, len(positrons)))
    lowest = target.minimum - M_E  # kinetic
    energy = jnp.maximum(parent.e, 2 * lowest + M_E)  # others get weight 0
    span = 1 / lowest - 1 / (energy - M_E - lowest)
    kinetic = 1 / (1 / lowest - x[0] * span)  # drawn like 1 / T^2, nearly as it comes
    minus = kinetic + M_E
    density = bhabha_density(energy, minus) * kinetic**2 * span
    sin = jnp.sqrt(1 - bhabha_cos(energy, minus) ** 2)
    transverse, phi = sin * jnp.sqrt(minus**2 - M_E**2), 2 * math.pi * x[1]
    return _pairs(
        positrons,
        _around(parent, energy + M_E - minus, transverse, phi + math.pi),
        _around(parent, minus, transverse, phi),
        density * target.electrons * target.behind(parent, place),
    )


@jax.jit
def converted(
    target: Target, photons: Events, key: Key[Array, ""], path: Float[Array, " n"]
) -> Events:
    """Photons `gamma` that convert along a path in the foil [mm]; slots `e+1`, `e-`.

    Both tracks have the same transverse momentum u m_e, drawn like u du / (1 + u^2)^2:
    the leading shape at high energy; the nucleus takes no momentum.
    """
    parent, x = photons.vector("gamma"), jax.random.uniform(key, (3, len(photons)))
    energy = jnp.maximum(parent.e, 2 * target.minimum)  # others get weight 0
    span = energy - 2 * target.minimum
    plus = target.minimum + x[0] * span
    density = pair_density(energy, plus, charge=target.charge) * span
    wide = M_E * jnp.sqrt(x[1] / (1 - x[1]))
    transverse, phi = jnp.minimum(wide, 0.5 * target.minimum), 2 * math.pi * x[2]
    return _pairs(
        photons,
        _around(parent, plus, transverse, phi + math.pi),
        _around(parent, energy - plus, transverse, phi),
        density * path / target.radiation_length,
    )


def _three(pairs: Events, track: FourVector, weight: Float[Array, " n"]) -> Events:
    """Pairs and a track as `e+2`; the invisible slot is a muon at rest minus them."""
    one, minus = (
        pairs.p[:, pairs.names.index("e+1")],
        pairs.p[:, pairs.names.index("e-")],
    )
    two = track.array()
    rest = jnp.array([[1.0, 0.0, 0.0, 0.0]]) * M_MU - one - two - minus
    return Events(
        p=jnp.stack([one, two, minus, rest], axis=1),
        vertex=jnp.zeros((len(pairs), 4, 3)),
        seen=jnp.tile(jnp.array([True, True, True, False]), (len(pairs), 1)),
        weight=weight,
        names=("e+1", "e+2", "e-", "inv"),
    )


@jax.jit
def _met(
    target: Target, pairs: Events, positrons: Events, key: Key[Array, ""]
) -> Events:
    mix, place = jax.random.split(key)
    both = overlay(pairs, positrons, mix)
    one, minus, track = (both.vector(name) for name in ("e+1", "e-", "e"))
    sine = jnp.sin(opening_angle(one, minus) / 2)
    weight = 2 * sine**2 / target.track_error**2 + 1 / target.along_error**2
    across, along = target.track_error / math.sqrt(2), 1 / jnp.sqrt(weight)
    share = target.compatible(
        track, place, axis=one + minus, across=across, along=along
    )
    return _three(both, track, both.weight * share)


def coincidences(
    target: Target, pairs: Events, key: Key[Array, ""], *, rate: Scalar, window: Scalar
) -> Events:
    """Pairs `e+1`, `e-` with a Michel positron of another muon at the same vertex.

    Args:
        target: where muons stop.
        pairs: weights are probabilities a muon.
        key: random key.
        rate: of stopped muons [1/ns].
        window: full width of the coincidence [ns].
    """
    draw, join = jax.random.split(key)
    positrons = michel(target, len(pairs), draw, softest=target.minimum)
    found: Events = _met(target, pairs, positrons, join)
    return scaled(found, rate * window)


def bhabha_pairs(target: Target, n: int, key: Key[Array, ""]) -> Events:
    """Michel positrons that knock an electron out of the target."""
    first, second = jax.random.split(key)
    parents = michel(target, n, first, softest=2 * target.minimum - M_E)
    pairs: Events = scattered(target, parents, second)
    return pairs


def conversion_pairs(target: Target, n: int, key: Key[Array, ""]) -> Events:
    """Photons of radiative decays that convert in the target.

    Those that convert in the first layer have no vertex on the target.
    """
    first, second, third = jax.random.split(key, 3)
    photons = slot(radiative(target, n, first), "gamma")
    path = target.behind(photons.vector("gamma"), second)
    pairs: Events = converted(target, photons, third, path)
    return pairs


def _hard_pair(target: Target, v: View) -> Real:
    """The electron and a positron above the smallest energy."""
    one, two, minus = v.charged
    hard = (jnp.maximum(one.e, two.e) > target.minimum) & (minus.e > target.minimum)
    return jnp.where(hard, minus.e / M_MU, 0.0)


def internal_pairs(target: Target, n: int, key: Key[Array, ""]) -> Events:
    """Internal conversions with one positron lost.

    Lost is a transverse momentum below the smallest energy of a track; others make
    three tracks of their own.
    """
    decays = _decays(MuTo3eNuNu(), target, n - n // 2, key, importance=_hard_pair)

    def without(kept: str, lost: str) -> Events:
        one, two, minus = (decays.vector(name) for name in (kept, lost, "e-"))
        hidden = two.x * two.x + two.y * two.y < target.minimum**2
        hard = (one.e > target.minimum) & (minus.e > target.minimum)
        weight = jnp.where(hidden & hard, 1.0, 0.0)
        return _pairs(decays, one.array(), minus.array(), weight)

    return concatenated(without("e+1", "e+2"), without("e+2", "e+1"))


def misread_pairs(
    target: Target, n: int, key: Key[Array, ""], *, rate: Scalar, window: Scalar
) -> Events:
    """Two Michel positrons at one point, one of them read backwards as an electron.

    A coincidence itself; half of it counts, as two like positrons come to an electron.
    """
    first, second, third, mix = jax.random.split(key, 4)
    kept = michel(target, n, first, softest=target.minimum)
    turned = michel(target, n, second, softest=target.minimum)
    order = jax.random.permutation(mix, n)
    one, other = kept.vector("e"), FourVector.from_array(turned.p[order, 0])
    minus = FourVector(other.e, -other.x, -other.y, -other.z)
    share = target.compatible(
        minus, third, axis=one, across=target.track_error, along=target.along_error
    )
    weight = n * turned.weight[order] * share * target.misread
    pairs = _pairs(kept, one.array(), minus.array(), weight)
    return scaled(pairs, rate * window / 2)


def accidentals(
    target: Target, n: int, key: Key[Array, ""], *, rate: Scalar, window: Scalar
) -> dict[str, Events]:
    """Every accidental by name, n events each, with slots `e+1`, `e+2`, `e-`, `inv`.

    Two-fold ones grow like rate times window, `triple_michel` like its square.
    Arguments as for `coincidences`.
    """
    makers: dict[str, Callable[..., Events]] = {
        "bhabha": bhabha_pairs,
        "conversion": conversion_pairs,
        "internal_conversion": internal_pairs,
    }
    keys = jax.random.split(key, 8)
    made = {k: make(target, n, keys[i]) for i, (k, make) in enumerate(makers.items())}
    made["triple_michel"] = misread_pairs(target, n, keys[3], rate=rate, window=window)
    return {
        name: coincidences(target, pairs, keys[4 + i], rate=rate, window=window)
        for i, (name, pairs) in enumerate(made.items())
    }


def external_conversion(target: Target, n: int, key: Key[Array, ""]) -> Events:
    """One radiative decay whose photon converts where the muon stopped: no accident.

    `e+2` is the positron of the decay, and `inv` is physical. Weights are expected
    numbers a stopped muon; only the rest of the own foil counts.
    """
    first, second, third = jax.random.split(key, 3)
    decays = radiative(target, n, first)
    foil = target.thickness
    here, _, _ = target.crossings(decays.vector("gamma"), second, thickness=foil)
    path = foil / 2 * here
    pairs: Events = converted(target, slot(decays, "gamma"), third, path)
    return _three(pairs, decays.vector("e"), pairs.weight)
