"""Internal conversion against explicit neutrinos, and its steep edge a second way."""

import diagrams
import jax
import jax.numpy as jnp
import numpy as np
import pytest

from catalogue import points
from scipy.stats import qmc

from darkreach.constants import M_E, M_MU, WIDTH_MU
from darkreach.processes.mu_to_3e_nu_nu import MuTo3eNuNu
from darkreach.processes.process import squared_amplitude
from darkreach.sampling.adaptive import CHUNK, moments
from darkreach.sampling.beams import at_rest
from darkreach.sampling.generator import integrand, trained_grid
from darkreach.sampling.observables import Cut
from darkreach.units import MeV

PROCESS = MuTo3eNuNu()
BEAM = at_rest(M_MU)


@pytest.mark.parametrize("spin", [(0.0, 0.0, 0.0), (0.3, -0.5, 0.7)])
def test_four_diagrams_with_explicit_neutrinos(spin, key):
    p = points(PROCESS, key)
    own = squared_amplitude(PROCESS, p, jnp.asarray(spin))[:6]
    for row, value in zip(np.asarray(p), own, strict=False):
        sides = diagrams.conversion_legs(diagrams.photon(), row[:4])
        rho = diagrams.density(row[0], spin)
        expected = diagrams.weak_squared(sides, row[4], rho)
        # 1e-9: collinear pairs lose (E / m_e)^2 ~ 1e4 of the digits of a propagator
        assert float(value) == pytest.approx(expected, rel=1e-9)


def by_dalitz_plot(most, n):
    """Width with E_missing < `most` [GeV] by another phase space, and its error.

    The invisible energy and mass are drawn first; then the Dalitz plot of the three
    tracks in the logarithms of both pairs' masses, so that no pole needs a channel of
    its own. The factor for identical positrons is a plain 1/2.
    """
    results = []
    for seed in range(8):
        x = qmc.Sobol(7, rng=seed).random(n // 8)
        energy = most * x[:, 0] ** (1 / 3)
        mass2 = energy**2 * x[:, 1]
        weight = most**3 / (3 * energy**2) * energy**2
        momentum = np.sqrt(energy**2 - mass2)
        s = M_MU**2 - 2 * M_MU * energy + mass2
        # dPhi_2(M; inv, s) ds / (2 pi) dQ^2 / (2 pi), with ds = 2 M dE
        weight *= momentum / (4 * np.pi * M_MU) * 2 * M_MU / (2 * np.pi) ** 2
        root, low = np.sqrt(s), 4 * M_E**2
        span = np.log((root - M_E) ** 2 / low)
        s13, s23 = (low * np.exp(x[:, i] * span) for i in (2, 3))
        # ds13 ds23 / (128 pi^3 s), averaged over the orientation
        weight *= s13 * s23 * span**2 / (128 * np.pi**3 * s) / 2
        s12 = s + 3 * M_E**2 - s13 - s23
        e1, e2, e3 = ((s + M_E**2 - pair) / (2 * root) for pair in (s23, s13, s12))
        p1, p2 = (np.sqrt(np.maximum(e**2 - M_E**2, 1e-300)) for e in (e1, e2))
        cos = (2 * M_E**2 + 2 * e1 * e2 - s12) / (2 * p1 * p2)
        inside = (np.abs(cos) < 1) & (e3 > M_E) & (e1 > M_E) & (e2 > M_E)
        sin = np.sqrt(np.where(inside, 1 - cos**2, 0.0))
        zero = np.zeros_like(cos)
        one = np.stack([zero, zero, p1], -1)
        two = np.stack([p2 * sin, zero, p2 * cos], -1)
        three = -one - two
        turned = rotated(np.stack([one, two, three], 1), x[:, 4:])
        energies = np.stack([e1, e2, e3], 1)
        # from the rest frame of the tracks, which recoil along -z
        gamma, boost = (M_MU - energy) / root, -momentum / root
        pz = turned[..., 2]
        moved = np.concatenate(
            [
                (gamma[:, None] * energies + boost[:, None] * pz)[..., None],
                turned[..., :2],
                (gamma[:, None] * pz + boost[:, None] * energies)[..., None],
            ],
            -1,
        )
        inv = np.stack([energy, zero, zero, momentum], -1)[:, None]
        mu = np.tile([M_MU, 0.0, 0.0, 0.0], (len(x), 1, 1))
        p = np.concatenate([mu, moved, inv], 1)
        p = np.where(inside[:, None, None], p, p[np.argmax(inside)])
        square = np.asarray(squared_amplitude(PROCESS, jnp.asarray(p)))
        values = np.where(inside, square * weight, 0.0) / (2 * M_MU)
        results.append(values.mean())
    return np.mean(results), np.std(results, ddof=1) / np.sqrt(8)


def rotated(vectors, x):
    """Turned by random Euler angles."""
    first, cos, third = 2 * np.pi * x[:, 0], 2 * x[:, 1] - 1, 2 * np.pi * x[:, 2]
    sin = np.sqrt(1 - cos**2)
    matrix = np.einsum(
        "nij,njk,nkl->nil",
        about_z(np.cos(first), np.sin(first)),
        about_z(cos, sin)[:, [0, 2, 1]][:, :, [0, 2, 1]],
        about_z(np.cos(third), np.sin(third)),
    )
    return np.einsum("nij,nkj->nki", matrix, vectors)


def about_z(c, s):
    matrix = np.zeros((len(c), 3, 3))
    matrix[:, 0, 0] = matrix[:, 1, 1] = c
    matrix[:, 1, 0], matrix[:, 0, 1], matrix[:, 2, 2] = s, -s, 1.0
    return matrix


def inside_cut(most, *, box, seed=1, chunks=16):
    cuts = (Cut(observable="E_missing", maximum=most),)
    training, sampling = jax.random.split(jax.random.key(seed))
    grid = trained_grid(PROCESS, BEAM, training, cuts=cuts, box=box)
    weight = integrand(PROCESS, BEAM, cuts)
    mean, square = (float(m) for m in moments(weight, grid, sampling, chunks=chunks))
    return mean, np.sqrt(max(square - mean**2, 0.0) / (chunks * CHUNK))


@pytest.mark.slow
@pytest.mark.parametrize("most", [1, 5, 20, 50])
def test_small_missing_energy_by_another_phase_space(most):
    own, error = inside_cut(most * MeV, box=None)
    expected, spread = by_dalitz_plot(most * MeV, 1 << 16)
    both = np.hypot(error, spread)
    assert both < 0.01 * expected
    assert abs(own - expected) < 5 * both


@pytest.mark.slow
def test_a_box_for_missing_energy_does_not_change_the_width():
    """Below 60 MeV, where points without a box still meet the cut."""
    whole = jnp.tile(jnp.array([0.0, 1.0]), (9, 1))
    a, da = inside_cut(60 * MeV, box=None)
    b, db = inside_cut(60 * MeV, box=whole, seed=2)
    assert np.hypot(da, db) < 0.01 * a
    assert abs(a - b) < 5 * np.hypot(da, db)


@pytest.mark.slow
def test_the_edge_falls_with_the_sixth_power():
    """dQ^2 d^3q / E ~ E^3 dE, and two powers from Q^a Q^b - Q^2 g^ab (arXiv:0812.1355).

    Down to where a flat sample of 1e18 events would have none.
    """
    small, _ = inside_cut(0.5 * MeV, box=None)
    large, _ = inside_cut(1 * MeV, box=None)
    assert small < 1e-18 * WIDTH_MU
    # the next order is E / m_e of collinear pairs at most: a few per cent
    assert np.log2(large / small) == pytest.approx(6.0, abs=0.05)
