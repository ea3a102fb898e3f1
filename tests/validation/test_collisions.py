"""Cross sections of e- e+ inside cuts, against massless formulas and flat events.

Nothing is shared with the package: closed squared amplitudes (Phys. Lett. B103 (1981)
124 and Nucl. Phys. B186 (1981) 22, both [recalled]; their normalisation is that of
Bhabha scattering and of two photons), and phase space without any grid (RAMBO, Comput.
Phys. Commun. 40 (1986) 359), in NumPy.
"""

import math

from itertools import combinations

import collisions
import dense
import numpy as np
import pytest

from darkreach.constants import E_CHARGE, HBAR_C
from darkreach.processes.ee_to_3gamma import EeTo3gamma
from darkreach.processes.ee_to_ee_gamma import EeToEeGamma
from darkreach.sampling.beams import belle2
from darkreach.sampling.integrate import integrate
from darkreach.sampling.observables import Cut
from darkreach.units import GeV, deg, pb

N = 1_000_000  # flat events a batch
S = float(belle2().energy()) ** 2
SIGNS = (1, -1, -1, 1)

# energy of all, polar angles, angle between a photon and anything, mass of e- and e+
CUTS = {
    "central": (1.0 * GeV, 30 * deg, 130 * deg, 20 * deg, 2 * GeV),
    "tracks": (0.5 * GeV, 17 * deg, 150 * deg, 10 * deg, 1 * GeV),
    "wide": (0.3 * GeV, 15 * deg, 152 * deg, 7 * deg, 1 * GeV),
}


def three_massless(rng):
    """Momenta (n, 3, 4) at rest in sum, flat in phase space, and its volume."""
    cos, phi = 2 * rng.random((N, 3)) - 1, 2 * np.pi * rng.random((N, 3))
    energy = -np.log(rng.random((N, 3)) * rng.random((N, 3)))
    sin = np.sqrt(1 - cos**2)
    q = energy[..., None] * np.stack(
        [np.ones_like(cos), sin * np.cos(phi), sin * np.sin(phi), cos], axis=-1
    )
    total = q.sum(axis=1)
    mass = np.sqrt(dense.dot(total, total))
    b, gamma = -total[:, 1:] / mass[:, None], total[:, 0] / mass
    scale = math.sqrt(S) / mass
    along = np.einsum("ni,nki->nk", b, q[..., 1:])
    moved = (
        q[..., 1:] + b[:, None] * (q[..., 0] + along / (1 + gamma)[:, None])[..., None]
    )
    time = gamma[:, None] * q[..., 0] + along
    p = scale[:, None, None] * np.concatenate([time[..., None], moved], axis=-1)
    return p, S / (4 * (4 * np.pi) ** 3)


def incoming():
    half = math.sqrt(S) / 2
    return np.array([half, 0, 0, half]), np.array([half, 0, 0, -half])


def kept(p, cuts, *, photons):
    """Whether all particles pass in the laboratory; `photons` are their columns."""
    energy, low, high, apart, mass = cuts
    beta = 3 / 11
    gamma = 1 / math.sqrt(1 - beta**2)
    e = gamma * (p[..., 0] + beta * p[..., 3])
    z = gamma * (p[..., 3] + beta * p[..., 0])
    lab = np.stack([e, p[..., 1], p[..., 2], z], axis=-1)
    theta = np.arccos(z / e)
    good = ((e > energy) & (theta > low) & (theta < high)).all(axis=1)
    for i, j in combinations(range(3), 2):
        if i in photons or j in photons:
            cos = (lab[:, i, 1:] * lab[:, j, 1:]).sum(-1) / e[:, i] / e[:, j]
            good &= cos < math.cos(apart)
        else:
            good &= 2 * dense.dot(p[:, i], p[:, j]) > mass**2
    return good


def scattering(p):
    """e- e+ -> e- e+ gamma without masses, summed and averaged."""
    one, two = incoming()
    three, four, k = (p[:, i] for i in range(3))
    s, made = S, 2 * dense.dot(three, four)
    t, other = -2 * dense.dot(one, three), -2 * dense.dot(two, four)
    u, crossed = -2 * dense.dot(one, four), -2 * dense.dot(two, three)
    pairs = ((s, made), (t, other), (u, crossed))
    shape = sum(a * b * (a**2 + b**2) for a, b in pairs) / (s * made * t * other)
    both = np.broadcast_to(np.stack([one, two]), (len(p), 2, 4))
    charged = np.concatenate([both, p[:, :2]], axis=1)
    return E_CHARGE**4 * shape * collisions.eikonal(charged, k, SIGNS)


def annihilation(p):
    """e- e+ -> 3 gamma without masses, for any order of the photons: 1/6."""
    a, b = (np.stack([dense.dot(q, p[:, i]) for i in range(3)]) for q in incoming())
    shape = (a * b * (a**2 + b**2)).sum(axis=0) / (a * b).prod(axis=0)
    return E_CHARGE**6 * S * shape / 6


BATCHES = {"ee_to_ee_gamma": 8, "ee_to_3gamma": 2}  # small angles need many
PROCESSES = {
    "ee_to_ee_gamma": (EeToEeGamma(), scattering, (2,), 1),
    "ee_to_3gamma": (EeTo3gamma(), annihilation, (0, 1, 2), 6),
}


def own_cuts(name, cuts):
    energy, low, high, apart, mass = cuts
    window = {"minimum": low, "maximum": high}
    made = (
        Cut(observable="E_gamma", minimum=energy),
        Cut(observable="theta_gamma", **window),
    )
    if name == "ee_to_3gamma":
        return (*made, Cut(observable="theta_gamma_gamma", minimum=apart))
    return (
        *made,
        Cut(observable="E_e", minimum=energy),
        Cut(observable="theta_e", **window),
        Cut(observable="theta_e_gamma", minimum=apart),
        Cut(observable="pair_mass", minimum=mass),
    )


@pytest.mark.parametrize(
    "region",
    ["central", *(pytest.param(r, marks=pytest.mark.slow) for r in ("tracks", "wide"))],
)
@pytest.mark.parametrize("name", list(PROCESSES))
def test_cross_section_inside_cuts(name, region, key):
    process, formula, photons, orders = PROCESSES[name]
    rng, sums = np.random.default_rng(5), []
    for _ in range(BATCHES[name]):
        p, volume = three_massless(rng)
        good = kept(p, CUTS[region], photons=photons)
        weight = formula(p[good]) * volume / (2 * S) * HBAR_C**2 / pb
        sums.append((weight.sum() / N, (weight**2).sum() / N))
    expected, square = np.mean(sums, axis=0)
    error = math.sqrt((square - expected**2) / N / len(sums))
    found = integrate(
        process, belle2(), cuts=own_cuts(name, CUTS[region]), precision=3e-3, key=key
    )
    own = found.value / orders * HBAR_C**2 / pb
    combined = math.hypot(error, own * found.error / found.value)
    assert combined < 0.015 * expected
    # the electron mass: m_e^2 / (E theta)^2 < 2e-4 at 7 degrees and 0.3 GeV
    assert abs(own - expected) < 5 * combined + 1e-3 * expected
