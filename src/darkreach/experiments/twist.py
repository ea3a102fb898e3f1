"""TWIST: the muon decay spectrum in energy and angle at TRIUMF (arXiv:1409.0638).

A stack of drift chambers in 2 T, symmetric around the target, sees both directions.
"""

import numpy as np

from jaxtyping import Array, Float

from darkreach.constants import M_E
from darkreach.pytree import pytree
from darkreach.units import MeV, keV

Scalar = float | Float[Array, ""]
Plane = Float[np.ndarray, "n m"]


@pytree
class Twist:
    """Fiducial region and resolution of the final analysis (arXiv:1112.3606).

    Attributes:
        muons: decays whose positron is anywhere; 5.8e8 were analysed.
        polarisation: along the beam.
        cos_min: smallest |cos theta|.
        cos_max: largest |cos theta|.
        transverse_min: smallest transverse momentum [GeV].
        transverse_max: largest transverse momentum [GeV].
        longitudinal_min: smallest longitudinal momentum [GeV].
        momentum_resolution: times |sin theta| [GeV].
        seen: probability to reconstruct a track inside.
        lowest_energy: where the fit starts [GeV].
    """

    muons: Scalar = 5.8e8  # arXiv:1409.0638, abstract
    polarisation: Scalar = -0.995  # surface muons, stopped in metal [recalled]
    cos_min: Scalar = 0.54  # arXiv:1112.3606 [recalled]
    cos_max: Scalar = 0.96  # arXiv:1112.3606 [recalled]
    transverse_min: Scalar = 10 * MeV  # arXiv:1112.3606 [recalled]
    transverse_max: Scalar = 38 * MeV  # arXiv:1112.3606 [recalled]
    longitudinal_min: Scalar = 14 * MeV  # arXiv:1112.3606 [recalled]
    momentum_resolution: Scalar = (
        58 * keV
    )  # over |sin theta|, arXiv:1112.3606 [recalled]
    seen: Scalar = 1.0  # "better than 99 %" [recalled]
    lowest_energy: Scalar = 18 * MeV  # [assumed]: below all lines up to m_a = 85 MeV

    def exposure(self) -> str:
        """The data, in words."""
        return f"{float(self.muons):.2g} muon decays"

    def cos_edges(self) -> tuple[float, ...]:
        """Edges of the angular bins, upstream and downstream."""
        side = np.linspace(self.cos_min, self.cos_max, 8)
        return (*(-side[::-1]).tolist(), *side.tolist())

    def energy_range(self) -> tuple[float, float]:
        """Reconstructed energies of the fit [GeV]; the end point is inside."""
        return float(self.lowest_energy), 53.5 * MeV

    def accepted(
        self, energy: Float[np.ndarray, "n 1"], cos: Float[np.ndarray, " m"]
    ) -> Plane:
        """Probability to be seen, by energy [GeV] and angle to the beam."""
        p = np.sqrt(np.maximum(energy**2 - M_E**2, 0.0))
        across, along = p * np.sqrt(1 - cos**2), p * np.abs(cos)
        inside = (across > self.transverse_min) & (across < self.transverse_max)
        inside &= (along > self.longitudinal_min) & (np.abs(cos) > self.cos_min)
        return np.where(inside, float(self.seen), 0.0)

    def resolution(
        self, energy: Float[np.ndarray, " n"], cos: float
    ) -> Float[np.ndarray, " n"]:
        """Standard deviation of the momentum [GeV]."""
        sine = np.sqrt(1 - cos**2)
        return np.asarray(self.momentum_resolution / sine * np.ones_like(energy))
