"""MEG II at PSI: liquid-xenon photon calorimeter and positron spectrometer.

Provenance of the numbers: "design" is arXiv:1801.04688 (table of design performance),
"2021" is arXiv:2310.12614 and arXiv:2310.11902, "MEG" is arXiv:1303.2348 and
arXiv:1605.05081. "[recalled]" marks a number of such a paper that was remembered and
not re-read: `docs/experiments/meg2.md` lists them.
"""

import math

from dataclasses import replace

import jax
import jax.numpy as jnp

from jaxtyping import Array, Float, Key

from darkreach.algebra.kinematics import FourVector, Real
from darkreach.constants import M_E, M_MU
from darkreach.experiments.detector import inside, opening_angle, smeared, turn_on
from darkreach.pytree import pytree
from darkreach.sampling.beams import AtRest
from darkreach.sampling.events import Events
from darkreach.units import Hz, MeV, cm, deg, mrad, ns, ps

Scalar = float | Float[Array, ""]
E_REFERENCE = M_MU / 2  # 52.8 MeV, where photon resolutions are quoted


@pytree
class Trigger:
    """Online selection; each requirement can be switched off.

    Attributes:
        photon_threshold: half-efficiency point of the photon energy [GeV].
        photon_width: online relative resolution at 52.8 MeV; grows like 1/sqrt(E).
        timing_counter: require a hit in the timing counter.
        positron_threshold: half-efficiency point of a timing-counter hit [GeV].
        positron_width: Gaussian width of that turn-on [GeV].
        direction_match: require photon and positron back to back.
        match_angle: largest deviation from back to back [rad].
        time_window: photon and hit at most this far apart [ns].
        efficiency: of what fulfils all requirements.
    """

    photon_threshold: Scalar = (
        45 * MeV
    )  # standard threshold (Redigolo, DMNet symposium)
    photon_width: Scalar = 0.04  # assumed; online sums are about twice as coarse
    timing_counter: bool = True
    positron_threshold: Scalar = 45 * MeV  # "> 45 MeV hardware" (same talk)
    positron_width: Scalar = 1 * MeV  # assumed: smooth edge from bending radius
    direction_match: bool = True
    match_angle: Scalar = 20 * deg  # assumed; look-up table of patches and tiles
    time_window: Scalar = 10 * ns  # +-10 ns, arXiv:1801.04688 [recalled]
    efficiency: Scalar = 0.99  # design, arXiv:1801.04688 [recalled]

    def photon(self, p: FourVector) -> Real:
        """Probability that a photon in the calorimeter passes the threshold."""
        width = self.photon_width * jnp.sqrt(p.e * E_REFERENCE)
        width = jnp.maximum(width, 1e-6 * E_REFERENCE)
        return turn_on(p.e, threshold=self.photon_threshold, width=width)

    def positron(self, p: FourVector) -> Real:
        """Probability that a positron in the spectrometer hits the timing counter."""
        if not self.timing_counter:
            return jnp.ones_like(p.e)
        return turn_on(
            p.e, threshold=self.positron_threshold, width=self.positron_width
        )

    def match(self, positron: FourVector, photon: FourVector) -> Real:
        """1 where the directions match or need not match."""
        if not self.direction_match:
            return jnp.ones_like(positron.e)
        away = math.pi - opening_angle(positron, photon)
        return jnp.where(away < self.match_angle, 1.0, 0.0)


def standard_trigger() -> Trigger:
    """mu -> e gamma: 45 MeV photon, timing-counter hit, back to back, in time."""
    return Trigger()


def wide_direction_trigger() -> Trigger:
    """The standard one with a direction match twice as wide (MEG's "DW")."""
    return Trigger(match_angle=40 * deg)


def radiative_trigger() -> Trigger:
    """Lower photon threshold, no direction match (MEG's "RD"; threshold assumed)."""
    return Trigger(photon_threshold=40 * MeV, direction_match=False)


def proposed_trigger() -> Trigger:
    """The ALP trigger of arXiv:2203.11222: 10 MeV photon, no direction match."""
    return Trigger(photon_threshold=10 * MeV, direction_match=False)


@pytree
class Meg2:
    """Beam, acceptance, resolution, efficiency, trigger; defaults are the design.

    Angles are of momenta at the target; the calorimeter sits around azimuth pi.

    Attributes:
        muon_rate: stopped mu+ [1/ns].
        polarisation: of the stopped mu+ along the beam; negative for surface muons.
        live_fraction: part of the exposure in which data are written.
        photon_abs_cos, photon_half_width: calorimeter window in |cos(theta)| and
            azimuth [rad].
        photon_resolution: relative energy resolution at 52.8 MeV; like 1/sqrt(E).
        photon_angle: resolution of the photon direction [rad], position and vertex.
        photon_efficiency: detection and reconstruction.
        positron_abs_cos, positron_half_width: spectrometer window, as above [rad].
        positron_momentum: resolution [GeV].
        positron_theta, positron_phi: angular resolutions [rad].
        positron_efficiency: tracking and timing-counter match.
        time_resolution: of the time difference [ns].
        offline_window: half width of the offline time window [ns].
        electrons: that a positron crosses [1/mm^2]; annihilation in flight.
        radiation_lengths: of matter that a positron crosses; bremsstrahlung.
        disk_budget: events that can be written [1/ns].
        trigger: online selection.
    """

    muon_rate: Scalar = 7e7 * Hz  # design; arXiv:1407.8327 quotes 3e7 for MEG
    polarisation: Scalar = -0.86  # arXiv:1510.04743: -0.85 (preprint), -0.86 (journal)
    live_fraction: Scalar = 1.0  # exposures are given in live time
    photon_abs_cos: Scalar = 0.35  # arXiv:1801.04688 [recalled; 11 % of 4 pi agrees]
    photon_half_width: Scalar = 60 * deg  # same
    photon_resolution: Scalar = 0.011  # design, 1.1/1.0 % (depth < / > 2 cm) [recalled]
    photon_angle: Scalar = 5 * mrad  # 2.6 mm at 65 cm, 1.6 mm vertex, in quadrature
    photon_efficiency: Scalar = 0.69  # design [recalled]
    positron_abs_cos: Scalar = 0.5  # 60 to 120 deg, MEG II direction-match study (code)
    positron_half_width: Scalar = 70 * deg  # same study
    positron_momentum: Scalar = 0.130 * MeV  # design [recalled]
    positron_theta: Scalar = 5.3 * mrad  # design [recalled]
    positron_phi: Scalar = 3.7 * mrad  # design [recalled]
    positron_efficiency: Scalar = 0.70  # design [recalled]
    time_resolution: Scalar = 84 * ps  # design [recalled]
    offline_window: Scalar = 250 * ps  # three standard deviations
    # 90 um of scintillator (half of the 174 um target) and 1.58e-3 radiation lengths of
    # chamber a turn [recalled], at 1.43e25 electrons/X0 and cm^2 of polyvinyltoluene
    # (43.9 g/cm^2, Z/A 0.541): 0.3e22 + 2.3e22; known to a factor 2
    electrons: Scalar = 2.6e22 / cm**2
    radiation_lengths: Scalar = 1.8e-3  # the same matter: 2.1e-4 + 1.58e-3
    disk_budget: Scalar = 10 * Hz  # largest stream to disk (Redigolo, DMNet symposium)
    trigger: Trigger = proposed_trigger()

    def beam(self) -> AtRest:
        """Muons at rest, polarised along the beam axis z."""
        along = jnp.array([0.0, 0.0, 1.0]) * self.polarisation
        return AtRest(mass=M_MU, polarisation=along)

    def sees_photon(self, p: FourVector) -> Real:
        """1 where a photon points at the calorimeter."""
        return inside(
            p,
            abs_cos=self.photon_abs_cos,
            azimuth=math.pi,
            half_width=self.photon_half_width,
        ).astype(float)

    def sees_positron(self, p: FourVector) -> Real:
        """1 where a positron points into the spectrometer."""
        return inside(
            p,
            abs_cos=self.positron_abs_cos,
            azimuth=0.0,
            half_width=self.positron_half_width,
        ).astype(float)

    def triggers(self, positron: FourVector, photon: FourVector) -> Real:
        """Probability that a positron and a photon in time fire the trigger."""
        return (
            self.trigger.efficiency
            * self.trigger.match(positron, photon)
            * self.sees_positron(positron)
            * self.trigger.positron(positron)
            * self.sees_photon(photon)
            * self.trigger.photon(photon)
        )

    def efficiency(self, positron: FourVector, photon: FourVector) -> Real:
        """Probability that both are triggered and reconstructed."""
        both = self.positron_efficiency * self.photon_efficiency
        return both * self.triggers(positron, photon)

    def in_time(self) -> Scalar:
        """Share of true pairs inside the offline time window."""
        within: Scalar = jax.lax.erf(
            jnp.asarray(self.offline_window / (math.sqrt(2) * self.time_resolution))
        )
        return within

    def photon_energy(self, energy: Real) -> Real:
        """Resolution of a photon's energy [GeV]."""
        return self.photon_resolution * jnp.sqrt(energy * E_REFERENCE)

    def reconstructed(
        self, positron: FourVector, photon: FourVector, errors: Float[Array, "6 ..."]
    ) -> tuple[FourVector, FourVector]:
        """Momenta as measured; tails of the resolutions are neglected.

        Args:
            positron: true momentum [GeV].
            photon: true momentum [GeV].
            errors: in units of the resolutions: momentum, theta and phi of the
                positron, then energy, theta and phi of the photon.
        """
        seen_positron = smeared(
            positron,
            errors[:3],
            momentum=self.positron_momentum,
            theta=self.positron_theta,
            phi=self.positron_phi,
            mass=M_E,
        )
        seen_photon = smeared(
            photon,
            errors[3:],
            momentum=self.photon_energy(photon.e),
            theta=self.photon_angle,
            phi=self.photon_angle,
            mass=0.0,
        )
        return seen_positron, seen_photon

    def observe(self, events: Events, key: Key[Array, ""]) -> Events:
        """Trigger, lose and smear the slots `e` and `gamma` of each event.

        Weights are multiplied with the probability to be triggered and reconstructed;
        invisible slots are left as they are.
        """
        seen: Events = _observe(self, events, key)
        return seen


@jax.jit
def _observe(experiment: Meg2, events: Events, key: Key[Array, ""]) -> Events:
    i, j = events.names.index("e"), events.names.index("gamma")
    true = events.vector("e"), events.vector("gamma")
    errors = jax.random.normal(key, (6, len(events)))
    positron, photon = experiment.reconstructed(*true, errors)
    p = events.p.at[:, i].set(positron.array()).at[:, j].set(photon.array())
    return replace(events, p=p, weight=events.weight * experiment.efficiency(*true))


def design() -> Meg2:
    """MEG II as designed (arXiv:1801.04688), with the trigger of arXiv:2203.11222."""
    return Meg2()


def benchmark() -> Meg2:
    """The design at the muon rate that writes 10 Hz above 10 MeV (our own estimate)."""
    return Meg2(muon_rate=2.0e6 * Hz)


def achieved_2021() -> Meg2:
    """MEG II as achieved in 2021 (arXiv:2310.12614, arXiv:2310.11902), same trigger."""
    return Meg2(
        muon_rate=3e7 * Hz,  # 3-5e7 were run (arXiv:2407.19417, abstract)
        photon_resolution=0.018,  # arXiv:2407.19417, abstract; 2.0 % for depth < 2 cm
        photon_efficiency=0.62,  # [recalled]
        positron_momentum=0.089 * MeV,  # [recalled]
        positron_theta=7.2 * mrad,  # [recalled]
        positron_phi=4.1 * mrad,  # [recalled]
        positron_efficiency=0.67,  # [recalled]
        time_resolution=78 * ps,  # [recalled]
    )


def meg() -> Meg2:
    """The first MEG experiment, 2009-2011 (arXiv:1312.3217), standard trigger."""
    return Meg2(
        muon_rate=3e7 * Hz,  # arXiv:1407.8327
        polarisation=-0.85,  # arXiv:1510.04743 (preprint)
        photon_resolution=0.02,  # 2.4 % (depth < 2 cm), 1.6 % beyond
        photon_angle=9 * mrad,  # 5 mm at 65 cm and 2 mm vertex
        photon_efficiency=0.63,  # 63 +- 3 %, E_gamma > 48 MeV (Fujii, thesis 2013)
        positron_momentum=0.31 * MeV,  # same thesis, performance table
        positron_theta=10 * mrad,  # same
        positron_phi=7 * mrad,  # same
        positron_efficiency=0.32,  # same: 28, 35 and 31 % in 2009, 2010 and 2011
        time_resolution=130 * ps,  # same: 156, 123 and 127 ps
        offline_window=390 * ps,  # three standard deviations
        trigger=Trigger(efficiency=0.92),  # same: 91 and 92 % in 2009 and 2010
    )
