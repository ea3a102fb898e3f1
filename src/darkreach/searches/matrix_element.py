"""The ratio of exact squared amplitudes at reconstructed kinematics, and its bins."""

from typing import Final

import jax.numpy as jnp
import numpy as np

from jaxtyping import Array, Complex, Float

from darkreach.algebra.kinematics import FourVector, Real
from darkreach.constants import M_E, M_MU
from darkreach.processes.mu_to_e_alp_gamma import MuToEAlpGamma
from darkreach.processes.mu_to_e_nu_nu_gamma import MuToENuNuGamma
from darkreach.processes.process import squared
from darkreach.units import MeV

FLOOR: Final = (2 * MeV) ** 2  # smallest missing mass squared given to an amplitude


def missing_mass_squared(positron: FourVector, photon: FourVector) -> Real:
    """(m_mu - E_e - E_gamma)^2 - |p_e + p_gamma|^2 [GeV^2]; negative by resolution."""
    total = positron + photon
    return (M_MU - total.e) ** 2 - total.dot3(total)


def log_ratio(
    signal: MuToEAlpGamma,
    rho: Complex[Array, "2 2"],
    positron: FourVector,
    photon: FourVector,
) -> Real:
    """ln of |M(e a gamma)|^2 / |M(e nu nu gamma)|^2 at the same visible momenta.

    The missing momentum stands for the ALP and for the neutrino pair. Where resolution
    makes its mass squared smaller than `FLOOR`, the photon energy is lowered until it
    is there, so that both amplitudes stay physical.

    Args:
        signal: the process, with its couplings; its mass is not used.
        rho: spin density of the mu+.
        positron: reconstructed momentum [GeV].
        photon: reconstructed momentum [GeV].
    """
    zero = jnp.zeros_like(positron.e)
    mu = FourVector(M_MU + zero, zero, zero, zero)
    unit = FourVector(*(c / photon.e for c in photon))
    slope = M_MU - positron.e + positron.dot3(unit)
    highest = (M_MU**2 + M_E**2 - 2 * M_MU * positron.e - FLOOR) / (2 * slope)
    energy = jnp.clip(photon.e, 1e-3 * M_MU, jnp.maximum(highest, 1e-3 * M_MU))
    gamma = FourVector(*(energy * c for c in unit))
    missing = mu - positron - gamma
    above = squared(signal, (mu, positron, missing, gamma), rho)
    below = squared(MuToENuNuGamma(), (mu, positron, gamma, missing), rho)
    good = (above > 0) & (below > 0)
    return jnp.where(good, jnp.log(jnp.where(good, above / below, 1.0)), -jnp.inf)


def equal_edges(
    ratio: Float[np.ndarray, " n"],
    row: Float[np.ndarray, " n"],
    weight: Float[np.ndarray, " n"],
    *,
    rows: int,
    bins: int,
) -> Float[np.ndarray, "rows cuts"]:
    """Edges that cut each row of events into bins of equal weight.

    Args:
        ratio: the discriminant of each event.
        row: which bin of the other observable it is in; outside [0, rows) is ignored.
        weight: of each event.
        rows: number of rows.
        bins: number of bins a row.
    """
    edges = np.zeros((rows, bins - 1))
    order = np.lexsort((ratio, row))
    ratio, row, weight = ratio[order], row[order], weight[order]
    starts = np.searchsorted(row, np.arange(rows + 1))
    for i in range(rows):
        part = slice(starts[i], starts[i + 1])
        total = np.cumsum(weight[part])
        if total.size == 0 or total[-1] <= 0:
            continue
        targets = total[-1] * np.arange(1, bins) / bins
        index = np.minimum(np.searchsorted(total, targets), total.size - 1)
        edges[i] = ratio[part][index]
    return edges
