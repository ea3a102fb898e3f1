"""The calorimeter of Belle II: photons and electrons in the laboratory.

Crystals of CsI(Tl), 30 cm long, in a forward part, a barrel and a backward part. Where
a line names a file, the number was read in the collaboration's public software,
github.com/belle2/basf2. The first-level triggers are in `belle2_trigger.py`.
"""

import math

from typing import Final

import jax.numpy as jnp

from jaxtyping import Array, Float

from darkreach.algebra.kinematics import FourVector, Real
from darkreach.experiments.detector import (
    mass_squared_variance,
    opening_angle,
    smeared,
    turn_on,
)
from darkreach.pytree import pytree
from darkreach.units import GeV, MeV, deg, m, mm

Scalar = float | Float[Array, ""]

CRYSTALS: Final = 300 / 18.6  # radiation lengths: 30 cm, PDG 2024 for CsI


@pytree
class Ecl:
    """Coverage, holes, inefficiency and resolution.

    A photon is lost in the beam pipe, in the gaps between the parts, in planes without
    crystals that contain the collision (septa in the ends, one seam in the barrel),
    below the threshold, and with the probability `inefficiency` elsewhere. The other
    septa and seams are tilted by a degree or more: they are no holes.

    Attributes:
        theta_min, forward_end: of the forward part [rad].
        barrel_start, barrel_end: of the barrel [rad].
        backward_start, theta_max: of the backward part [rad].
        edge: Gaussian width of the ends of the parts [rad].
        gap_loss: probability to be lost in the gaps between the parts; 1 is the worst.
        septum: its thickness [mm].
        septum_loss: probability to be lost within it.
        septum_phi: from one septum to the next around the beam, in either end [rad].
        seam: its thickness [mm].
        seam_loss: probability to be lost within it.
        seam_theta: where the two rings of crystals meet [rad].
        inefficiency: probability to be lost inside the crystals at any energy.
        klm: probability that the muon detector sees a photon that has left no shower.
        klm_min, klm_max: coverage of the muon detector [rad].
        threshold: energy of the smallest cluster [GeV].
        veto_threshold: energy of the smallest cluster that vetoes an event [GeV].
        barrel_pt: transverse momentum of an electron that reaches the barrel [GeV].
        noise: term of the energy resolution that does not grow [GeV].
        stochastic: relative term that falls like E^(-1/4), at 1 GeV.
        forward_constant, barrel_constant, backward_constant: relative resolutions.
        position: resolution across the flight at 1 GeV [mm].
        position_power: it falls like this power of the energy.
        radius: inner radius of the barrel [mm].
        forward_z, backward_z: distances of the ends from the collision [mm].
        separation: distance of two showers that are found to be two [mm].
        separation_width: how fast the probability rises there [mm].
    """

    theta_min: Scalar = 12.4 * deg  # AcceptanceVariables.cc
    forward_end: Scalar = 31.4 * deg  # same
    barrel_start: Scalar = 32.2 * deg  # same
    barrel_end: Scalar = 128.7 * deg  # same
    backward_start: Scalar = 130.7 * deg  # same
    theta_max: Scalar = 155.1 * deg  # same
    edge: Scalar = 0.1 * deg  # derived: nearer ones leave the crystals, barrel.cc
    gap_loss: Scalar = 1.0  # [assumed], the worst case
    septum: Scalar = 0.9 * mm  # 0.5 of aluminium, 0.2 of each wrap, forward.cc
    septum_loss: Scalar = 0.14  # derived: no conversion in 30 cm of either, averaged
    septum_phi: Scalar = 22.5 * deg  # forward.cc, backward.cc
    seam: Scalar = 0.34 * mm  # 0.17 of each wrap, no aluminium, barrel.cc
    seam_loss: Scalar = 0.23  # derived: no conversion in 30 cm of teflon
    seam_theta: Scalar = 90 * deg  # derived: rings 1 and -1 meet at z = 0, barrel.cc
    inefficiency: Scalar = math.exp(-7 / 9 * CRYSTALS)  # 3.6e-6, derived: no conversion
    klm: Scalar = 0.0  # [assumed]: not used
    klm_min: Scalar = 18 * deg  # AcceptanceVariables.cc
    klm_max: Scalar = 155 * deg  # same
    threshold: Scalar = 20 * MeV  # [recalled]; 50 or 75 MeV in stdPhotons.py, tight
    veto_threshold: Scalar = 100 * MeV  # skim/dark.py, single photon
    barrel_pt: Scalar = 0.28 * GeV  # AcceptanceVariables.cc; 0.3 * 1.5 * 1.25 / 2
    noise: Scalar = 3.8 * MeV  # fit to ECLCovarianceMatrixModule.cc, background 5-30 %
    stochastic: Scalar = 0.0136  # same
    forward_constant: Scalar = 0.0185  # same
    barrel_constant: Scalar = 0.0156  # same
    backward_constant: Scalar = 0.023  # same
    position: Scalar = 5.6 * mm  # same, angles times distance
    position_power: Scalar = 0.35  # same
    radius: Scalar = 1.25 * m  # Belle, www2.ung.si/~sstanic/belle/nim, table 1
    forward_z: Scalar = 1.96 * m  # same
    backward_z: Scalar = 1.02 * m  # same
    separation: Scalar = 100 * mm  # [assumed]: nearly two crystals of 55 to 60 mm
    separation_width: Scalar = 20 * mm  # [assumed]

    def covers(self, p: FourVector) -> Real:
        """Probability that a photon meets crystals: 0 in the holes, else 1."""
        theta = polar_angle(p)
        parts = (
            self._between(theta, self.theta_min, self.forward_end)
            + self._between(theta, self.barrel_start, self.barrel_end)
            + self._between(theta, self.backward_start, self.theta_max)
        )
        whole = self._between(theta, self.theta_min, self.theta_max)
        closed = (1 - self.gap_loss) * whole + self.gap_loss * parts
        return closed * (1 - self._between_crystals(p))

    def detects(self, p: FourVector) -> Real:
        """Probability that a photon makes a cluster [laboratory momentum, GeV]."""
        return self._showers(p) * self._passes(p, self.threshold)

    def lost(self, p: FourVector) -> Real:
        """Probability that a photon leaves nothing that vetoes the event.

        It is larger than 1 - `detects` between the two thresholds, and smaller where
        the muon detector helps.
        """
        showers, theta = self._showers(p), polar_angle(p)
        muon_detector = self.klm * self._between(theta, self.klm_min, self.klm_max)
        soft = showers * (1 - self._passes(p, self.veto_threshold))
        return (1 - showers) * (1 - muon_detector) + soft

    def sees_electron(self, p: FourVector) -> Real:
        """Probability that an electron makes a cluster, with a track or without.

        Electrons always shower: only holes, the threshold and the magnetic field lose
        them. The polar angle is taken to be the one at birth.
        """
        theta = polar_angle(p)
        across = jnp.sqrt(p.x * p.x + p.y * p.y)
        barrel = (theta > self.forward_end) & (theta < self.backward_start)
        curls = barrel & (across < self.barrel_pt)
        seen = self.covers(p) * self._passes(p, self.threshold)
        return jnp.where(curls, 0.0, seen)

    def energy_error(self, p: FourVector) -> Real:
        """Resolution of the energy [GeV]: noise, E^(3/4) and E in quadrature."""
        constant = self._by_part(
            p, self.forward_constant, self.barrel_constant, self.backward_constant
        )
        stochastic = self.stochastic**2 * p.e * jnp.sqrt(p.e * GeV)
        return jnp.sqrt(self.noise**2 + stochastic + (constant * p.e) ** 2)

    def angle_error(self, p: FourVector) -> Real:
        """Resolution of both angles, across the flight [rad]."""
        energy = jnp.maximum(p.e, 1 * MeV) / GeV
        return self.position * energy**-self.position_power / self.distance(p)

    def distance(self, p: FourVector) -> Real:
        """From the collision to the face of the crystals, straight [mm]."""
        theta = polar_angle(p)
        sin, cos = jnp.sin(theta), jnp.maximum(jnp.abs(jnp.cos(theta)), 0.1)
        barrel = self.radius / jnp.maximum(sin, 0.1)
        return self._by_part(p, self.forward_z / cos, barrel, self.backward_z / cos)

    def measured(self, p: FourVector, errors: Float[Array, "3 ..."]) -> FourVector:
        """A photon, or the sum of two that are one cluster, as measured.

        Args:
            p: true laboratory momentum [GeV].
            errors: of the energy and the two angles, in units of the resolutions.
        """
        angle = self.angle_error(p)
        energy = self.energy_error(p)
        return smeared(p, errors, momentum=energy, theta=angle, phi=angle, mass=0.0)

    def resolved(self, a: FourVector, b: FourVector) -> Real:
        """Probability that two showers are two clusters, not one [momenta, GeV].

        The distance at the face of the crystals decides. The soft photon of a very
        asymmetric pair is found from a larger distance only; this is neglected, as such
        pairs are the ones that open widest.
        """
        apart = opening_angle(a, b) * 0.5 * (self.distance(a) + self.distance(b))
        return turn_on(apart, threshold=self.separation, width=self.separation_width)

    def pair_mass_error(self, a: FourVector, b: FourVector) -> Real:
        """Resolution of the mass of two clusters [GeV], to first order."""
        pair = a + b
        variance = sum(
            mass_squared_variance(
                pair, p, momentum=self.energy_error(p), theta=angle, phi=angle
            )
            for p in (a, b)
            for angle in (self.angle_error(p),)
        )
        squared = 4 * jnp.maximum(pair.mass_squared(), MeV**2)
        return jnp.sqrt(variance / squared)

    def _between_crystals(self, p: FourVector) -> Real:
        """Loss in a septum or in the seam: a Gaussian with the area of either."""
        theta = polar_angle(p)
        x = jnp.where(p.x * p.x + p.y * p.y > 0, p.x, p.e)  # a gradient on the axis
        phi = jnp.arctan2(jnp.asarray(p.y), x)
        beside = phi - self.septum_phi * jnp.round(phi / self.septum_phi)
        around = jnp.sin(theta) * beside
        angle = self._by_part(p, around, theta - self.seam_theta, around)
        width = self._by_part(p, self.septum, self.seam, self.septum)
        loss = self._by_part(p, self.septum_loss, self.seam_loss, self.septum_loss)
        return loss * jnp.exp(-math.pi * (self.distance(p) * angle / width) ** 2)

    def _showers(self, p: FourVector) -> Real:
        return self.covers(p) * (1 - self.inefficiency)

    def _passes(self, p: FourVector, threshold: Scalar) -> Real:
        return turn_on(p.e, threshold=threshold, width=self.energy_error(p))

    def _between(self, theta: Real, low: Scalar, high: Scalar) -> Real:
        above = turn_on(theta, threshold=low, width=self.edge)
        return above * turn_on(-theta, threshold=-high, width=self.edge)

    def _by_part(
        self, p: FourVector, forward: Real, barrel: Real, backward: Real
    ) -> Real:
        theta = polar_angle(p)
        ahead = theta < 0.5 * (self.forward_end + self.barrel_start)
        behind = theta > 0.5 * (self.barrel_end + self.backward_start)
        return jnp.where(ahead, forward, jnp.where(behind, backward, barrel))


def polar_angle(p: FourVector) -> Float[Array, "..."]:
    """From the z axis [rad], with a gradient along the axis as well."""
    squared = jnp.maximum(p.x * p.x + p.y * p.y, (1e-12 * p.e) ** 2)
    return jnp.arctan2(jnp.sqrt(squared), jnp.asarray(p.z))


def resolved_fraction(mass: Real, energy: Real, *, opening: Real) -> Real:
    """Part of the isotropic decays to two photons that open wider than an angle.

    sin^2(alpha / 2) = m^2 / (E^2 (1 - beta^2 c^2)), c the cosine of the decay angle: no
    pair is closer than 2 arcsin(m / E), where both photons have the same energy.

    Args:
        mass: of what decays [GeV].
        energy: of what decays [GeV].
        opening: smallest angle that counts [rad].
    """
    ratio = (mass / energy) ** 2
    least = (1 - ratio / jnp.sin(0.5 * opening) ** 2) / (1 - ratio)
    return 1 - jnp.sqrt(jnp.clip(least, 0.0, 1.0))
