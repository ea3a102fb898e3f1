"""The muon decay spectrometer of Jodidio et al. at TRIUMF (Phys. Rev. D 34, 1967).

It sees positrons downstream, near the end point. With the muon spin held against the
beam the Michel decay is suppressed there; with the spin turned around it is not, which
calibrates energy and rate.
"""

import numpy as np

from jaxtyping import Array, Float

from darkreach.constants import M_MU
from darkreach.pytree import pytree

Scalar = float | Float[Array, ""]
Plane = Float[np.ndarray, "n m"]


@pytree
class Jodidio:
    """The spin-held data.

    Attributes:
        muons: decays whose positron is anywhere, such that an unpolarised sample has
            1.8e7 positrons in the cone above x = 0.88; see `muons_behind`.
        polarisation: along the beam.
        cos_min: smallest cos theta.
        momentum_resolution: relative standard deviation.
        seen: probability to measure a positron inside.
        lowest_x: where the fit starts, as a fraction of the largest energy.
    """

    muons: Scalar = 6.1e9  # 1.8e7 positrons [recalled] when unpolarised [assumed]
    polarisation: Scalar = -0.999  # "completely polarised", metal targets [recalled]
    cos_min: Scalar = 0.975  # P_mu cos(theta) > 0.975 [recalled]
    momentum_resolution: Scalar = 0.0015  # about 0.15 % rms [recalled]
    seen: Scalar = 1.0  # part of the number of positrons
    lowest_x: Scalar = 0.97  # [assumed]: around the end point

    def exposure(self) -> str:
        """The data, in words."""
        return f"{float(self.muons):.2g} muon decays"

    def cos_edges(self) -> tuple[float, ...]:
        """Edges of the angular bins."""
        return tuple(np.linspace(float(self.cos_min), 1.0, 4).tolist())

    def energy_range(self) -> tuple[float, float]:
        """Reconstructed energies of the fit [GeV]."""
        return float(self.lowest_x) * M_MU / 2, 1.01 * M_MU / 2

    def accepted(
        self, energy: Float[np.ndarray, "n 1"], cos: Float[np.ndarray, " m"]
    ) -> Plane:
        """Probability to be seen, by energy [GeV] and angle to the beam."""
        return np.where(cos >= self.cos_min, float(self.seen), 0.0) * (energy > 0)

    def resolution(
        self, energy: Float[np.ndarray, " n"], cos: float
    ) -> Float[np.ndarray, " n"]:
        """Standard deviation of the momentum [GeV]."""
        return np.asarray(self.momentum_resolution * energy)


def muons_behind(positrons: float, *, cos_min: float, x_min: float) -> float:
    """Unpolarised decays with so many positrons in a cone above x = E / E_max.

    The massless tree spectrum has 2 x^3 - x^4 of the decays below x.

    Args:
        positrons: in the cone.
        cos_min: smallest cosine of the cone.
        x_min: smallest x.
    """
    above = 1 - 2 * x_min**3 + x_min**4
    return positrons / (above * (1 - cos_min) / 2)
