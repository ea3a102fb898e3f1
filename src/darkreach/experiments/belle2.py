"""Belle II: asymmetric e+ e- collisions, charged tracks and lepton identification.

Numbers are of the detector as designed and run (arXiv:1011.0352, arXiv:1808.10567)
unless a line says otherwise. The laboratory's z is the axis of the solenoid, the
bisector of the electron beam and the reversed positron beam.
"""

from dataclasses import replace
from typing import Final, Literal

import jax
import jax.numpy as jnp

from jaxtyping import Array, Float, Key

from darkreach.algebra.kinematics import FourVector, Real, boosted
from darkreach.constants import M_E, M_MU
from darkreach.experiments.belle2_ecl import Ecl
from darkreach.experiments.detector import smeared, turn_on
from darkreach.pytree import pytree
from darkreach.sampling.beams import Collider
from darkreach.sampling.events import Events
from darkreach.units import GeV, MeV, deg, fb, mrad, nb, pb

Scalar = float | Float[Array, ""]
Lepton = Literal["e", "mu"]

BIBTEX: Final = """\
@article{Belle-II:2018jsg,
  author = {Kou, E. and others},
  collaboration = {Belle-II},
  title = {The {Belle II} Physics Book},
  eprint = {1808.10567},
  archivePrefix = {arXiv},
  primaryClass = {hep-ex},
  journal = {PTEP},
  volume = {2019},
  pages = {123C01},
  year = {2019}
}"""
MASSES: Final[dict[Lepton, float]] = {"e": M_E, "mu": M_MU}


@pytree
class Belle2:
    """Beams, tracker, lepton identification, resolution.

    Attributes:
        electron_energy, positron_energy: of the beams [GeV].
        crossing_angle: between the beams [rad]; 0 for a boost along z.
        tau_pairs: cross section of e+ e- -> tau+ tau-, radiation included [nb].
        track_theta_min, track_theta_max: coverage of the tracker [rad].
        track_pt: smallest transverse momentum of a track [GeV].
        track_efficiency: of a track inside the coverage.
        momentum_constant: relative resolution of the transverse momentum.
        momentum_slope: its growth with the transverse momentum [1/GeV].
        track_angle: resolution of both angles [rad].
        electron_threshold, muon_threshold: momentum at half efficiency [GeV].
        threshold_width: how fast the efficiency rises there [GeV].
        electron_efficiency, muon_efficiency: of the identification, far above.
        electron_misidentification, muon_misidentification: of a pion, far above.
        luminosity: integrated [1/ab], for searches without one of their own.
        ecl: the calorimeter.
    """

    electron_energy: Scalar = 7 * GeV  # arXiv:1808.10567
    positron_energy: Scalar = 4 * GeV  # same
    crossing_angle: Scalar = 83 * mrad  # same [recalled]; lowers sqrt(s) by 0.09 %
    tau_pairs: Scalar = 0.919 * nb  # at 10.58 GeV, arXiv:0706.3235 [recalled]
    track_theta_min: Scalar = 17 * deg  # CDC, arXiv:1011.0352
    track_theta_max: Scalar = 150 * deg  # same
    track_pt: Scalar = 100 * MeV  # [assumed]; reaches the inner layers of the CDC
    track_efficiency: Scalar = 0.97  # [assumed]
    momentum_constant: Scalar = 0.003  # 0.30 % / beta, arXiv:1011.0352 [recalled]
    momentum_slope: Scalar = 0.0011 / GeV  # 0.11 % pT / GeV, same [recalled]
    track_angle: Scalar = 1 * mrad  # [assumed]; of no importance for decays of taus
    electron_threshold: Scalar = 0.4 * GeV  # [assumed]; to reach the calorimeter
    muon_threshold: Scalar = 0.7 * GeV  # to reach the KLM, arXiv:2503.11351, abstract
    threshold_width: Scalar = 0.1 * GeV  # [assumed]
    electron_efficiency: Scalar = 0.90  # [assumed]
    muon_efficiency: Scalar = 0.90  # arXiv:2503.11351, abstract
    electron_misidentification: Scalar = 0.005  # [assumed]
    muon_misidentification: Scalar = 0.016  # same, simulation; 0.041 before
    luminosity: Scalar = 50e3 / fb  # the final goal, arXiv:1808.10567
    ecl: Ecl = Ecl()

    def total(self) -> FourVector:
        """Momentum of both beams in the laboratory [GeV]; beam masses neglected."""
        half = 0.5 * self.crossing_angle
        energy = self.electron_energy + self.positron_energy
        along = self.electron_energy - self.positron_energy
        zero = 0.0 * energy
        return FourVector(energy, energy * jnp.sin(half), zero, along * jnp.cos(half))

    def head_on(self) -> Collider:
        """Both beams without a crossing angle, as events are drawn."""
        return Collider(
            electron_energy=self.electron_energy, positron_energy=self.positron_energy
        )

    def sqrt_s(self) -> Real:
        """Energy of the collision [GeV]; 10.583 head on, 10.574 with the crossing."""
        return jnp.sqrt(self.total().mass_squared())

    def to_laboratory(self, p: FourVector) -> FourVector:
        """From the centre of mass to the laboratory.

        The electron's direction is taken as z in the centre of mass; with the
        crossing angle it is 6 mrad away.
        """
        return boosted(p, self.total(), self.sqrt_s())

    def to_centre_of_mass(self, p: FourVector) -> FourVector:
        """From the laboratory to the centre of mass."""
        total = self.total()
        back = FourVector(total.e, -total.x, -total.y, -total.z)
        return boosted(p, back, self.sqrt_s())

    def sees_track(self, p: FourVector) -> Real:
        """Probability to reconstruct a charged particle [laboratory momentum, GeV]."""
        length, transverse = p.momentum(), jnp.sqrt(p.x * p.x + p.y * p.y)
        forward = p.z < jnp.cos(self.track_theta_min) * length
        backward = p.z > jnp.cos(self.track_theta_max) * length
        kept = forward & backward & (transverse > self.track_pt)
        return jnp.where(kept, self.track_efficiency, 0.0)

    def identifies(self, p: FourVector, lepton: Lepton, *, pion: bool = False) -> Real:
        """Probability that a track is called a lepton.

        Args:
            p: laboratory momentum [GeV].
            lepton: what it is called.
            pion: whether it is a pion in truth, else it is that lepton.
        """
        threshold, right, wrong = {
            "e": (
                self.electron_threshold,
                self.electron_efficiency,
                self.electron_misidentification,
            ),
            "mu": (
                self.muon_threshold,
                self.muon_efficiency,
                self.muon_misidentification,
            ),
        }[lepton]
        rise = turn_on(p.momentum(), threshold=threshold, width=self.threshold_width)
        return (wrong if pion else right) * rise

    def measured(
        self, p: FourVector, errors: Float[Array, "3 ..."], *, mass: float
    ) -> FourVector:
        """A track as measured; tails and bremsstrahlung are neglected.

        Args:
            p: true laboratory momentum [GeV].
            errors: of |p| and the two angles, in units of the resolutions.
            mass: assigned to the track [GeV].
        """
        return smeared(
            p,
            errors,
            momentum=self.momentum_error(p),
            theta=self.track_angle,
            phi=self.track_angle,
            mass=mass,
        )

    def momentum_error(self, p: FourVector) -> Real:
        """Resolution of |p| of a track [laboratory momentum, GeV]."""
        transverse = jnp.sqrt(p.x * p.x + p.y * p.y)
        slope = self.momentum_slope * transverse
        return jnp.hypot(jnp.asarray(self.momentum_constant), slope) * p.momentum()

    def observe(self, events: Events, key: Key[Array, ""]) -> Events:
        """Lose, identify and smear the leptons of events in the laboratory.

        Weights are multiplied with the probability to be reconstructed and identified;
        slots other than `e` and `mu` are left as they are.
        """
        seen: Events = _observe(self, events, key)
        return seen


def data_2018() -> Belle2:
    """The run of 2018, arXiv:2007.13071, abstract."""
    return Belle2(luminosity=445 / pb)


def first_20_per_fb() -> Belle2:
    """Early data, as in arXiv:1808.00776, and arXiv:1709.00009 [recalled]."""
    return Belle2(luminosity=20 / fb)


def full_50_per_ab() -> Belle2:
    """The final goal, arXiv:1808.10567."""
    return Belle2(luminosity=50e3 / fb)


@jax.jit
def _observe(experiment: Belle2, events: Events, key: Key[Array, ""]) -> Events:
    leptons: tuple[Lepton, ...] = ("e", "mu")
    p, weight = events.p, events.weight
    for slot, name in enumerate(events.names):
        for lepton in leptons:
            if name == lepton:
                true = FourVector.from_array(p[:, slot])
                errors = jax.random.normal(
                    jax.random.fold_in(key, slot), (3, len(events))
                )
                found = experiment.measured(true, errors, mass=MASSES[lepton])
                p = p.at[:, slot].set(found.array())
                seen = experiment.sees_track(true)
                weight = weight * seen * experiment.identifies(true, lepton)
    return replace(events, p=p, weight=weight)
