"""Cross sections of e- e+ -> e- e+ photons in windows of angles, and collinear limits.

Angles and energies are those of the centre of mass, angles from the electron beam.
"""

import jax
import jax.numpy as jnp
import numpy as np

from darkreach.algebra.kinematics import boost_z
from darkreach.constants import ALPHA, M_E
from darkreach.sampling.beams import belle2
from darkreach.sampling.generator import sample, trained_grid
from darkreach.sampling.observables import view

BEAM = belle2()
ENERGY = float(BEAM.energy()) / 2  # of a beam
S = 4 * ENERGY**2


def window(low, high, energies, v):
    """1 where all particles, electron and positron first, lie inside."""
    total = v.parent
    mass = jnp.sqrt(total.mass_squared())
    kept = jnp.asarray(1.0)
    for i, seen in enumerate((*v.charged, *v.photons)):
        p = boost_z(seen, total.e, -total.z, mass)
        theta = jnp.arctan2(jnp.hypot(p.x, p.y), p.z)
        good = (theta >= low[i]) & (theta <= high[i]) & (p.e > energies[i])
        kept = jnp.where(good, kept, 0.0)
    return kept


def inside(process, channel, limits, key, *, n):
    """Cross section and its error [GeV^-2] of one channel.

    Args:
        process: with photons.
        channel: one of its channels.
        limits: of each outgoing particle the angles and the least energy.
        key: random key.
        n: events.
    """
    low, high, energies = jnp.asarray(limits, float).T
    region = jax.tree_util.Partial(window, low, high, energies)
    training, draw = jax.random.split(key)
    grid = trained_grid(process, BEAM, training, importance=region, channel=channel)
    momenta, weight = sample(process, BEAM, n, draw, grid=grid, channel=channel)
    seen = tuple(BEAM.to_laboratory(p) for p in momenta)
    parent = sum(seen[1:], start=seen[0])
    weight = np.asarray(weight * region(view(process.outgoing, parent, seen)))
    return weight.sum(), np.sqrt((weight**2).sum() - weight.sum() ** 2 / n)


def midpoints(low, high, n):
    """Points in the middle of equal intervals, and their length."""
    step = (high - low) / n
    return low + step * (np.arange(n) + 0.5), step


def radiator(z, angle):
    """Photons at a share z of a beam's energy within a small angle.

    Baier, Fadin and Khoze, Nucl. Phys. B65 (1973) 381 [recalled].
    """
    ratio = (ENERGY * angle / M_E) ** 2
    poles = (1 + (1 - z) ** 2) / z * np.log1p(ratio)
    return ALPHA / (2 * np.pi) * (poles - 2 * (1 - z) / z * ratio / (1 + ratio))


def equivalent_photons(x, angle):
    """Virtual photons of an electron that stays within a small angle.

    Budnev et al., Phys. Rept. 15 (1975) 181, eq. (6.22) [recalled].
    """
    least = M_E**2 * x**2 / (1 - x)
    most = least + (1 - x) * (ENERGY * angle) ** 2
    poles = (1 + (1 - x) ** 2) / x * np.log(most / least)
    rest = 2 * M_E**2 * x * (1 / least - 1 / most)
    return ALPHA / (2 * np.pi) * (poles - rest)


def two_body(cos, shares, cross_section, limits):
    """A massless collision of beams that keep shares of their energy, inside windows.

    Args:
        cos: of the first particle from the electron beam, where they are at rest.
        shares: of electron (or its photon) and positron.
        cross_section: d sigma / d cos at s and cos [GeV^-2].
        limits: of both particles the angles and the least energy.
    """
    one, two = shares
    found = cross_section(one * two * S, cos)
    mean, beta = (one + two) / 2, (one - two) / (one + two)
    for sign, (low, high, least) in zip((1, -1), limits, strict=True):
        moved = (sign * cos + beta) / (1 + beta * sign * cos)
        energy = mean * (1 + beta * sign * cos) * ENERGY
        good = (moved < np.cos(low)) & (moved > np.cos(high)) & (energy > least)
        found = np.where(good, found, 0.0)
    return found


def bhabha(s, cos):
    """PDG 2024, Cross-section Formulae, without the electron mass."""
    t, u = -s * (1 - cos) / 2, -s * (1 + cos) / 2
    shape = u**2 * (1 / s + 1 / t) ** 2 + (t / s) ** 2 + (s / t) ** 2
    return np.pi * ALPHA**2 / s * shape


def compton(s, cos):
    """gamma e+ -> gamma e+ for m_e = 0: PDG 2024, Cross-section Formulae."""
    u = -s * (1 + cos) / 2  # of the positron that comes in and the photon that leaves
    return np.pi * ALPHA**2 / s * (-u / s - s / u)
