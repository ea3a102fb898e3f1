"""Mesons that two photons make, and how they fade with the photons' virtualities."""

import math

from typing import Final, Literal, NamedTuple

from darkreach.algebra.kinematics import Real
from darkreach.models.photon_alp import PhotonAlp
from darkreach.units import MeV, eV

Form = Literal["sum", "product"]

RHO: Final = 775.26 * MeV  # mass of the rho, PDG 2024 [recalled]


class Meson(NamedTuple):
    """A light one without spin.

    Attributes:
        mass: [GeV].
        width: to two photons [GeV].
        share: of the decays that go to two photons.
    """

    mass: float
    width: float
    share: float

    def model(self) -> PhotonAlp:
        """The ALP with the same coupling, Gamma = g^2 m^3 / (64 pi)."""
        coupling = math.sqrt(64 * math.pi * self.width / self.mass**3)
        return PhotonAlp(mass=self.mass, g_agamma=coupling)


MESONS: Final = {  # PDG 2024 [recalled]
    "pi0": Meson(134.9768 * MeV, 7.80 * eV, 0.9882),
    "eta": Meson(547.862 * MeV, 515 * eV, 0.3936),
    "eta_prime": Meson(957.78 * MeV, 4280 * eV, 0.02307),
}


def form_factor(first: Real, second: Real, form: Form) -> Real:
    """Of a light meson in two space-like virtualities Q^2 [GeV^2], 1 at 0.

    "product" is a rho for either photon. "sum" is 1 / (1 + (Q1^2 + Q2^2) / m_rho^2),
    which falls as in perturbative QCD where both are large, as measured for the eta'
    (arXiv:1901.06960 on the data of BaBar).
    """
    one, two = first / RHO**2, second / RHO**2
    return 1 / (1 + one + two) if form == "sum" else 1 / ((1 + one) * (1 + two))
