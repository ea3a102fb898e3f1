"""Mu3e phase I: single positron tracks, histogrammed online (arXiv:2009.11690)."""

import numpy as np

from jaxtyping import Array, Float

from darkreach.constants import M_E
from darkreach.pytree import pytree
from darkreach.units import MeV

Scalar = float | Float[Array, ""]
Plane = Float[np.ndarray, "n m"]


@pytree
class Mu3eOnline:
    """Tracks of one positron; their momenta are kept as online histograms only.

    Attributes:
        muons: stopped in the run.
        polarisation: along the beam; depolarised in the target.
        cos_max: largest |cos theta|.
        transverse_min: smallest transverse momentum that crosses four layers [GeV].
        momentum_resolution: of recurling tracks [GeV].
        track_efficiency: inside the acceptance.
        highest_energy: where the fit ends [GeV].
    """

    muons: Scalar = 2.5e15  # phase I, 290 days at 1e8/s, arXiv:2009.11690 [recalled]
    polarisation: Scalar = -0.86  # measured by MEG for a like beam, arXiv:1510.04743
    cos_max: Scalar = 0.8  # arXiv:2009.11690 [recalled]
    transverse_min: Scalar = 12.9 * MeV  # 0.3 B R / 2, B = 1 T, R = 86.3 mm
    momentum_resolution: Scalar = 0.15 * MeV  # recurlers, arXiv:2009.11690 [recalled]
    track_efficiency: Scalar = 0.7  # recurling single tracks [assumed]
    highest_energy: Scalar = 54 * MeV  # the end point and 8 resolutions

    def exposure(self) -> str:
        """The run, in words."""
        return f"{float(self.muons):.2g} muons"

    def cos_edges(self) -> tuple[float, ...]:
        """Edges of the angular bins of the histograms."""
        return tuple(np.linspace(-float(self.cos_max), float(self.cos_max), 9).tolist())

    def energy_range(self) -> tuple[float, float]:
        """Reconstructed energies of the fit [GeV]."""
        return float(self.transverse_min), float(self.highest_energy)

    def accepted(
        self, energy: Float[np.ndarray, "n 1"], cos: Float[np.ndarray, " m"]
    ) -> Plane:
        """Probability to be seen, by energy [GeV] and angle to the beam."""
        p = np.sqrt(np.maximum(energy**2 - M_E**2, 0.0))
        inside = p * np.sqrt(1 - cos**2) > self.transverse_min
        inside &= np.abs(cos) < self.cos_max
        return np.where(inside, float(self.track_efficiency), 0.0)

    def resolution(
        self, energy: Float[np.ndarray, " n"], cos: float
    ) -> Float[np.ndarray, " n"]:
        """Standard deviation of the momentum [GeV]."""
        return np.asarray(self.momentum_resolution * np.ones_like(energy))
