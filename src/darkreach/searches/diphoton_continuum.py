"""Two electrons and two photons without a resonance, and what tells both apart."""

import math

from typing import Final

import jax.numpy as jnp
import numpy as np

from jaxtyping import Array, Float

from darkreach.algebra.kinematics import FourVector, Real
from darkreach.constants import M_E
from darkreach.models.photon_alp import PhotonAlp
from darkreach.processes.ee_to_ee_alp import EeToEeAlp
from darkreach.processes.ee_to_ee_gamma_gamma import EeToEeGammaGamma
from darkreach.processes.process import squared_amplitude
from darkreach.pytree import pytree
from darkreach.sampling.beams import Collider
from darkreach.searches.resonance_cells import log_ratio
from darkreach.searches.resonance_samples import Sample
from darkreach.units import GeV

Scalar = float | Float[Array, ""]
Host = Float[np.ndarray, "_"]

BLOCK: Final = 4096  # events at a time in the amplitudes


@pytree
class PairsNear:
    """e- e+ -> e- e+ gamma gamma with the mass of the photons between two limits.

    Attributes:
        least, most: of the mass of the pair [GeV].
    """

    least: Scalar
    most: Scalar
    process: EeToEeGammaGamma = EeToEeGammaGamma()
    incoming: tuple[str, ...] = ("e-", "e+")
    outgoing: tuple[str, ...] = ("e-", "e+", "gamma1", "gamma2")
    chain: tuple[str, ...] = ("e-", "e+", "gamma1", "gamma2")
    drawn: int = 0

    def masses(self, x: Float[Array, " d"]) -> tuple[tuple[Real, ...], Real]:
        """Outgoing masses [GeV] and weight; nothing is drawn."""
        return (M_E, M_E, 0.0, 0.0), 1.0

    def pair_mass(self, x: Real, low: Real, high: Real) -> tuple[Real, Real]:
        """Mass of both photons, flat [GeV]; weight of ds / (2 pi)."""
        top = jnp.minimum(self.most, high)
        mass = self.least + x * (top - self.least)
        weight = mass * (top - self.least) / math.pi
        return jnp.clip(mass, low, high), jnp.where(top > self.least, weight, 0.0)

    def pole(self, k: FourVector) -> Real:
        """The same for both photons, so that each order counts with 1/2."""
        return 1.0

    def squared(self, *momenta: FourVector) -> Real:
        """Summed over outgoing spins, averaged over incoming ones."""
        return self.process.squared(*momenta)


def discriminant(beam: Collider, sample: Sample) -> Host:
    """ln of the squared amplitudes of signal over continuum, at the fitted momenta."""
    n = len(sample.weight)
    incoming, _, _ = beam(jnp.zeros(0))
    rows = np.zeros((-(-n // BLOCK) * BLOCK, 6, 4))
    for i, p in enumerate(incoming):
        rows[:, i] = np.array([float(c) for c in p])
    for i, p in enumerate(sample.tracks):
        rows[:n, 2 + i] = np.stack(p, axis=1)
    rows[n:, 2:] = rows[:1, 2:]  # few sizes, few compilations
    fusion = EeToEeAlp(model=PhotonAlp(g_agamma=1 / GeV))
    above, below = [np.zeros(0)], [np.zeros(0)]
    for start in range(0, len(rows), BLOCK):
        block = rows[start : start + BLOCK]
        both = np.concatenate([block[:, :4], block[:, 4:].sum(1, keepdims=True)], 1)
        above.append(np.asarray(squared_amplitude(fusion, jnp.asarray(both))))
        below.append(
            np.asarray(squared_amplitude(EeToEeGammaGamma(), jnp.asarray(block)))
        )
    return log_ratio(np.concatenate(above)[:n], np.concatenate(below)[:n])
