"""MEGII-fwd: a forward calorimeter behind the target of MEG II (arXiv:2006.04795).

Positrons of mu+ -> e+ a with a right-handed coupling go forward, against the muon spin,
where the Michel decay vanishes at the end point. A calorimeter downstream sees a small
cone; a field gradient may focus positrons from a wider one into it.
"""

import math

import numpy as np

from jaxtyping import Array, Float

from darkreach.constants import M_MU
from darkreach.pytree import pytree
from darkreach.units import MeV, cm

Scalar = float | Float[Array, ""]
Plane = Float[np.ndarray, "n m"]


@pytree
class MuonForward:
    """A calorimeter on the beam axis, downstream of the stopping target.

    Attributes:
        muons: stopped in the run.
        polarisation: along the beam; surface muons have their spin against it.
        radius: of the calorimeter [mm].
        distance: from the target [mm].
        focusing: how much larger a solid angle the field collects.
        energy_resolution: standard deviation of the energy over m_mu / 2.
        seen: probability to measure a positron that hits it.
        lowest_energy: where the fit starts [GeV].
    """

    muons: Scalar = 1e14  # about two weeks at 1e8/s, talk on arXiv:2006.04795
    polarisation: Scalar = -0.99  # "delta P_mu ~ 1e-2", same talk
    radius: Scalar = 5 * cm  # LYSO, 10 cm wide [recalled]
    distance: Scalar = 150 * cm  # [recalled]
    focusing: Scalar = 1.0  # 1 to 100 in the paper
    energy_resolution: Scalar = 0.01  # "delta x_e ~ 1 %", same talk
    seen: Scalar = 0.95  # [assumed]
    lowest_energy: Scalar = 40 * MeV  # [assumed]; acts as a side band

    def cone(self) -> float:
        """1 - cos(theta) of the widest positrons that are seen.

        Focusing by F widens the solid angle by F: it adds positrons of larger angles,
        for which the Michel decay is less suppressed.
        """
        axis = math.hypot(float(self.radius), float(self.distance))
        return min(float(self.focusing) * (1 - float(self.distance) / axis), 2.0)

    def exposure(self) -> str:
        """The run, in words."""
        return f"{float(self.muons):.2g} muons, focusing {float(self.focusing):g}"

    def cos_edges(self) -> tuple[float, ...]:
        """Edges of the angular bins: one, since focusing mixes directions."""
        return (1 - self.cone(), 1.0)

    def energy_range(self) -> tuple[float, float]:
        """Reconstructed energies of the fit [GeV], 5 resolutions beyond the end."""
        highest = M_MU / 2 * (1 + 5 * float(self.energy_resolution))
        return float(self.lowest_energy), highest

    def accepted(
        self, energy: Float[np.ndarray, "n 1"], cos: Float[np.ndarray, " m"]
    ) -> Plane:
        """Probability to be seen, by energy [GeV] and angle to the beam."""
        return np.asarray(self.seen * np.ones_like(energy * cos))

    def resolution(
        self, energy: Float[np.ndarray, " n"], cos: float
    ) -> Float[np.ndarray, " n"]:
        """Standard deviation of the energy [GeV]; a calorimeter with one number."""
        return np.asarray(self.energy_resolution * M_MU / 2 * np.ones_like(energy))
