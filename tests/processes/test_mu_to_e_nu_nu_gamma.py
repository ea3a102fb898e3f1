"""Radiative muon decay against the amplitude with explicit neutrinos."""

import dense
import jax.numpy as jnp
import numpy as np
import pytest

from darkreach.constants import E_CHARGE, G_F, M_E, M_MU
from darkreach.processes.mu_to_e_nu_nu import MuToENuNu
from darkreach.processes.mu_to_e_nu_nu_gamma import MuToENuNuGamma
from darkreach.processes.process import squared_amplitude
from darkreach.sampling.beams import at_rest
from darkreach.sampling.generator import generate

COUPLING = (4 * G_F / np.sqrt(2)) ** 2
CURRENT = dense.GAMMA @ dense.LEFT  # gamma^a P_L
LOWER = np.einsum("ab,bij->aij", dense.METRIC, CURRENT)


def five_body(muon_side, electron_side, states):
    """Squared sum over diagrams of [nubar_mu A_i^a mu][ebar B_ia nu_e], all indices.

    The four-fermion interaction in its charged-changing order, before any Fierz
    identity: the muon becomes a muon neutrino.

    Args:
        muon_side: one (r, a, 4, 4) stack a diagram; r runs over the photon's index.
        electron_side: the same, with the other factor; a is lowered.
        states: momenta of the muon, its spin, e, muon neutrino, electron antineutrino.
    """
    mu, spin, e, nu, anti = states
    rho = dense.density(mu, M_MU, spin)
    out = dense.slash(e) + M_E * dense.UNIT
    total = 0.0
    for a1, b1 in zip(muon_side, electron_side, strict=True):
        for a2, b2 in zip(muon_side, electron_side, strict=True):
            left = np.einsum(
                "ij,rajk,kl,rblm->rabim", dense.slash(nu), a1, rho, dense.adjoint(a2)
            )
            right = np.einsum(
                "ij,rajk,kl,rblm->rabim", out, b1, dense.slash(anti), dense.adjoint(b2)
            )
            traces = np.einsum("rabii,rabjj->r", left, right)
            total += traces
    return COUPLING * total.real


def sample(process, key, n):
    p = generate(process, at_rest(M_MU), n, key).p
    mu = jnp.tile(jnp.asarray(dense.at_rest(M_MU)), (n, 1, 1))
    return jnp.concatenate([mu, p], axis=1)


SPINS = [(0.0, 0.0, 0.0), (0.3, -0.5, 0.7)]


@pytest.mark.parametrize("spin", SPINS)
def test_michel_decay_with_explicit_neutrinos(spin, key):
    p = sample(MuToENuNu(), key, 5)
    own = squared_amplitude(MuToENuNu(), p, jnp.asarray(spin))
    for row, value in zip(np.asarray(p), own, strict=True):
        mu, e, q = row
        expected = sum(
            w
            * five_body(
                [CURRENT[None]], [LOWER[None]], (mu, -np.array(spin), e, nu, anti)
            )[0]
            for nu, anti, w in dense.neutrino_pairs(q)
        )
        # the quadrature is exact; 1e-11: roundings
        assert float(value) == pytest.approx(expected, rel=1e-11)


@pytest.mark.parametrize("spin", SPINS)
def test_radiative_decay_with_explicit_neutrinos(spin, key):
    process = MuToENuNuGamma()
    p = sample(process, key, 8)
    own = squared_amplitude(process, p, jnp.asarray(spin))
    for row, value in zip(np.asarray(p), own, strict=True):
        mu, e, k, q = row
        photon = dense.GAMMA[:, None]  # (r, 1, 4, 4)
        from_mu = CURRENT[None] @ dense.propagator(mu - k, M_MU) @ photon
        from_e = photon @ dense.propagator(e + k, M_E) @ LOWER[None]
        still = np.ones((4, 1, 1, 1))
        muon_side = [from_mu, CURRENT[None] * still]
        electron_side = [LOWER[None] * still, from_e]
        expected = 0.0
        for nu, anti, w in dense.neutrino_pairs(q):
            states = (mu, -np.array(spin), e, nu, anti)
            by_index = five_body(muon_side, electron_side, states)
            # polarisations summed to -g
            expected -= w * E_CHARGE**2 * (np.diag(dense.METRIC) * by_index).sum()
        # 1e-9: a collinear photon loses (E/m_e)^2 ~ 1e4 of the digits of its propagator
        assert float(value) == pytest.approx(expected, rel=1e-9)


def test_soft_photon_factorises(key):
    """|M|^2 -> e^2 [2 p.q/(p.k q.k) - m^2/(p.k)^2 - M^2/(q.k)^2] times that without."""
    mu, e, q = np.asarray(sample(MuToENuNu(), key, 1))[0]
    direction = np.array([0.36, 0.48, 0.8])
    energy = 1e-6 * M_MU
    k = energy * np.array([1, *direction])
    momenta = jnp.asarray(np.stack([mu, e, k, q - k]))
    own = float(squared_amplitude(MuToENuNuGamma(), momenta))
    plain = float(squared_amplitude(MuToENuNu(), jnp.asarray(np.stack([mu, e, q]))))
    pe, pm = dense.dot(e, k), dense.dot(mu, k)
    eikonal = 2 * dense.dot(e, mu) / (pe * pm) - M_E**2 / pe**2 - M_MU**2 / pm**2
    # corrections are of the order of E_gamma / m_mu times a few
    assert own == pytest.approx(E_CHARGE**2 * eikonal * plain, rel=1e-4)
