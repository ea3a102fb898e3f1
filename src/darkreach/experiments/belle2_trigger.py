"""First-level triggers of Belle II for events with few particles.

Definitions were read in the simulation of the trigger, trg/ecl/src/TrgEclMaster.cc of
github.com/belle2/basf2, with their names lml1, lml6, ...; polar angles of the rings of
trigger cells follow from the crystals in ecl/geometry/src/barrel.cc. A trigger takes
clusters or tracks in the laboratory, each a `FourVector` (energy 0: there is none), and
gives the probability to fire; `boost` goes from the laboratory to the centre of mass.
"""

import itertools
import math

from collections.abc import Callable, Sequence
from typing import Final, Literal

import jax.numpy as jnp

from jaxtyping import Array, Bool, Float

from darkreach.algebra.kinematics import FourVector, Real
from darkreach.experiments.detector import turn_on
from darkreach.pytree import pytree
from darkreach.units import GeV, MeV, deg

Scalar = float | Float[Array, ""]
Boost = Callable[[FourVector], FourVector]
SPREAD: Final = 0.05  # [assumed] relative energy resolution at the threshold


@pytree
class SinglePhoton:
    """At least one cluster above a threshold in the centre of mass: lml1.

    Attributes:
        threshold: energy in the centre of mass [GeV].
        theta_min, theta_max: in the laboratory [rad].
        spread: relative width of the threshold.
    """

    threshold: Scalar = 2 * GeV  # lml1
    theta_min: Scalar = 32.2 * deg  # lml1: rings 4 to 14, where the barrel starts
    theta_max: Scalar = 124.6 * deg  # derived: end of ring 14, between rows 15 and 16
    spread: Scalar = SPREAD  # [assumed]

    def fires(self, clusters: Sequence[FourVector], boost: Boost) -> Real:
        """Probability to fire [laboratory, GeV]."""
        return either(*self._each(clusters, boost))

    def largest_mass(self, sqrt_s: Scalar) -> Real:
        """Mass that a photon at the threshold recoils against [GeV]; 0 if none."""
        squared = sqrt_s * sqrt_s - 2 * sqrt_s * self.threshold
        return jnp.sqrt(jnp.maximum(squared, 0.0))

    def _each(self, clusters: Sequence[FourVector], boost: Boost) -> list[Real]:
        return [_found(p, boost(p).e, self.threshold, self) for p in clusters]


@pytree
class IsolatedPhoton:
    """One cluster as for `SinglePhoton`, and no other: lml6, and lml13 (`soft_photon`).

    Attributes:
        photon: threshold and angles.
        others: energy of another cluster that vetoes, laboratory [GeV].
    """

    photon: SinglePhoton = SinglePhoton(
        threshold=1 * GeV, theta_max=128.7 * deg
    )  # lml6
    others: Scalar = 300 * MeV  # lml6, anywhere

    def fires(self, clusters: Sequence[FourVector], boost: Boost) -> Real:
        """Probability to fire [laboratory, GeV]."""
        each = self.photon._each(clusters, boost)
        quiet = [1 - _above(p.e, self.others, self.photon.spread) for p in clusters]
        alone = [math.prod(quiet[:k] + quiet[k + 1 :]) for k in range(len(quiet))]
        return sum(a * b for a, b in zip(each, alone, strict=True))


@pytree
class BhabhaVeto:
    """Two clusters back to back in the centre of mass (`m_3DBhabhaVeto`).

    Attributes:
        azimuth: largest distance of the azimuths from pi [rad].
        sum_min, sum_max: of the sum of the polar angles [rad].
        both, either: energies of both, and of at least one of them [GeV].
        spread: relative width of the thresholds.
    """

    azimuth: Scalar = 20 * deg  # TrgEclMaster.cc
    sum_min: Scalar = 165 * deg  # same
    sum_max: Scalar = 190 * deg  # same
    both: Scalar = 3 * GeV  # same
    either: Scalar = 4.5 * GeV  # same
    spread: Scalar = SPREAD  # [assumed]

    def fires(self, clusters: Sequence[FourVector], boost: Boost) -> Real:
        """Probability to veto [laboratory, GeV]."""
        moved = [boost(p) for p in clusters]
        pairs = itertools.combinations(moved, 2)
        return either(*(self._pair(a, b) for a, b in pairs))

    def _pair(self, a: FourVector, b: FourVector) -> Real:
        total = _polar(a) + _polar(b)
        facing = (
            (_apart(a, b) > math.pi - self.azimuth)
            & (total > self.sum_min)
            & (total < self.sum_max)
        )
        low = [_above(p.e, self.both, self.spread) for p in (a, b)]
        high = [_above(p.e, self.either, self.spread) for p in (a, b)]
        chance = low[0] * low[1] - (low[0] - high[0]) * (low[1] - high[1])
        return jnp.where(facing, chance, 0.0)


@pytree
class ThreeClusters:
    """Three clusters or more, one of them hard, no Bhabha: lml12.

    Attributes:
        cluster, hardest: energies of each, and of at least one, laboratory [GeV].
        theta_min, theta_max: in the laboratory [rad].
        bhabha, spread: what vetoes; relative width of the thresholds.
    """

    cluster: Scalar = 100 * MeV  # threshold of a trigger cell [recalled]
    hardest: Scalar = 500 * MeV  # lml12
    theta_min: Scalar = 18.8 * deg  # lml12: rings 2 to 16; derived, half a row
    theta_max: Scalar = 140 * deg  # same, one row
    bhabha: BhabhaVeto = BhabhaVeto()
    spread: Scalar = SPREAD  # [assumed]

    def fires(self, clusters: Sequence[FourVector], boost: Boost) -> Real:
        """Probability to fire [laboratory, GeV]."""
        found = [_found(p, p.e, self.cluster, self) for p in clusters]
        hard = [_found(p, p.e, self.hardest, self) for p in clusters]
        soft = [a - b for a, b in zip(found, hard, strict=True)]
        none = [1 - a for a in found]
        # three or more of any kind, less three or more of which none is hard
        chance = _three(found, none) - _three(soft, none)
        return chance * (1 - self.bhabha.fires(clusters, boost))


@pytree
class TotalEnergy:
    """Sum of energies above a threshold, no Bhabha: hie.

    Attributes:
        threshold: energy in the laboratory [GeV].
        theta_min, theta_max: in the laboratory [rad].
        bhabha, spread: what vetoes; relative width of the threshold.
    """

    threshold: Scalar = 1 * GeV  # TrgEclMaster.cc
    theta_min: Scalar = 18.8 * deg  # same: rings 2 to 15; derived, half a row
    theta_max: Scalar = 128.7 * deg  # same
    bhabha: BhabhaVeto = BhabhaVeto()
    spread: Scalar = SPREAD  # [assumed]

    def fires(self, clusters: Sequence[FourVector], boost: Boost) -> Real:
        """Probability to fire [laboratory, GeV]."""
        low, high = self.theta_min, self.theta_max
        energies = (jnp.where(_within(p, low, high), p.e, 0.0) for p in clusters)
        chance = _above(sum(energies), self.threshold, self.spread)
        return chance * (1 - self.bhabha.fires(clusters, boost))


@pytree
class TwoTracks:
    """Two tracks that are far apart in azimuth: ffo, fyo.

    Attributes:
        pt: transverse momentum of a track that crosses the whole chamber [GeV].
        theta_min, theta_max: of such a track [rad].
        azimuth: between the two tracks [rad].
        efficiency: of either track.
    """

    pt: Scalar = 0.3 * GeV  # [recalled]
    theta_min: Scalar = 37 * deg  # [assumed]: the outermost layer is crossed
    theta_max: Scalar = 120 * deg  # [assumed]
    azimuth: Scalar = 90 * deg  # cdc_open90, validation of trg in basf2
    efficiency: Scalar = 0.95  # [assumed]

    def fires(self, tracks: Sequence[FourVector]) -> Real:
        """Probability to fire, with tracks in the laboratory [GeV]."""
        chances = []
        for a, b in itertools.combinations(tracks, 2):
            good = (_apart(a, b) > self.azimuth) & self._long(a) & self._long(b)
            chances.append(jnp.where(good, self.efficiency**2, 0.0))
        return either(*chances)

    def _long(self, p: FourVector) -> Bool[Array, "..."]:
        hard = p.x * p.x + p.y * p.y > self.pt**2
        return hard & _within(p, self.theta_min, self.theta_max)


def assumed(threshold: Literal["low", "high"]) -> SinglePhoton:
    """The two assumptions of arXiv:1709.00009 [recalled], for all of the barrel."""
    energy = {"low": 1.2 * GeV, "high": 1.8 * GeV}[threshold]  # [recalled]
    return SinglePhoton(threshold=energy, theta_max=128.7 * deg)


def soft_photon() -> IsolatedPhoton:
    """One cluster in the middle of the barrel and no other: lml13, rings 6 to 11."""
    low, high = 44.2 * deg, 97.2 * deg  # derived: ends of these rings
    photon = SinglePhoton(threshold=0.5 * GeV, theta_min=low, theta_max=high)
    return IsolatedPhoton(photon=photon)


def either(*chances: Real) -> Real:
    """Probability that at least one of several independent triggers fires."""
    return 1 - math.prod((1 - chance for chance in chances), start=jnp.ones(()))


def _found(
    p: FourVector, energy: Real, threshold: Scalar, where: SinglePhoton | ThreeClusters
) -> Real:
    """Probability to be in the range of angles and above a threshold."""
    chance = _above(energy, threshold, where.spread)
    return jnp.where(_within(p, where.theta_min, where.theta_max), chance, 0.0)


def _above(energy: Real, threshold: Scalar, spread: Scalar) -> Real:
    return turn_on(energy, threshold=threshold, width=spread * threshold)


def _within(p: FourVector, low: Scalar, high: Scalar) -> Bool[Array, "..."]:
    length = p.momentum()
    return (p.z < jnp.cos(low) * length) & (p.z > jnp.cos(high) * length)


def _apart(a: FourVector, b: FourVector) -> Real:
    """Distance of two azimuths, 0 to pi [rad]."""
    cross, dot = a.x * b.y - a.y * b.x, a.x * b.x + a.y * b.y
    return jnp.abs(jnp.arctan2(cross, dot))


def _polar(p: FourVector) -> Real:
    return jnp.arctan2(jnp.sqrt(p.x * p.x + p.y * p.y), jnp.asarray(p.z))


def _three(found: Sequence[Real], none: Sequence[Real]) -> Real:
    """Weight of three or more, where each is found, or is not, with its own weight."""
    zero, one, two, total = jnp.ones(()), jnp.zeros(()), jnp.zeros(()), jnp.ones(())
    for a, b in zip(found, none, strict=True):
        zero, one, two = zero * b, one * b + zero * a, two * b + one * a
        total = total * (a + b)
    return total - zero - one - two
