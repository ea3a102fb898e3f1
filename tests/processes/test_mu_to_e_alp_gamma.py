"""mu+ -> e+ a gamma: traces, Yukawa form, and the massless formula."""

import math

import dense
import jax
import jax.numpy as jnp
import numpy as np
import pytest

from darkreach.algebra import dirac
from darkreach.algebra.kinematics import FourVector
from darkreach.constants import ALPHA, E_CHARGE, M_E, M_MU
from darkreach.models.lfv_alp import LfvAlp
from darkreach.processes.mu_to_e_alp_gamma import MuToEAlpGamma
from darkreach.processes.process import squared_amplitude
from darkreach.sampling.beams import at_rest
from darkreach.sampling.generator import generate
from darkreach.units import MeV

COUPLINGS = [(1.0, 0.0), (0.0, 1.0), (1.0, -1.0), (0.3 + 1j, 0.2 - 0.7j)]


def sample(process, key, n=200):
    """Momenta, muon first, flat in the unit cube."""
    p = generate(process, at_rest(M_MU), n, key).p
    mu = jnp.tile(jnp.asarray(dense.at_rest(M_MU)), (n, 1, 1))
    return jnp.concatenate([mu, p], axis=1)


def yukawa(model, mu, e, gamma):
    """The amplitude after the equations of motion: [(m_mu - m_e) C_V - (m_mu + m_e) C_A
    gamma5] / 2f in place of the derivative."""
    scale = E_CHARGE / (2 * model.f)
    scalar = dirac.complex_scalar(model.c_v * (M_MU - M_E)) * scale
    pseudo = dirac.complex_scalar(-model.c_a * (M_MU + M_E)) * scale

    def line(bar, psi, eps):
        from_e = dirac.bar_propagate(dirac.bar_slash(bar, eps), e + gamma, M_E)
        from_mu = dirac.propagate(mu - gamma, M_MU, dirac.slash(eps, psi))
        first = dirac.close(from_e, dirac.vector_axial(psi, scalar, pseudo))
        second = dirac.close(bar, dirac.vector_axial(from_mu, scalar, pseudo))
        return first + second

    return dirac.amplitudes(
        line, dirac.spinors(mu, M_MU), dirac.bars(e, M_E), dirac.photon(gamma)
    )


@jax.jit
def both_forms(process, p):
    def one(row):
        mu, e, alp, gamma = (FourVector.from_array(row[i]) for i in range(4))
        derivative = process.amplitude(mu, e, alp, gamma)
        by_mass = yukawa(process.model, mu, e, gamma)
        return [jnp.stack(jax.tree.leaves(a)) for a in (derivative, by_mass)]

    return jax.vmap(one)(p)


@pytest.mark.parametrize(("c_v", "c_a"), COUPLINGS)
@pytest.mark.parametrize("mass", [0.0, 20 * MeV])
def test_derivative_and_yukawa_forms_agree(c_v, c_a, mass, key):
    """Exact with a photon, since the rotation of flavours commutes with charge."""
    model = LfvAlp(mass=mass, c_v=complex(c_v), c_a=complex(c_a))
    process = MuToEAlpGamma(model=model)
    derivative, by_mass = both_forms(process, sample(process, key))
    size = jnp.sqrt((by_mass**2).sum(axis=1))
    gap = jnp.abs(derivative - by_mass).max(axis=1) / size
    # the requirement, 1e-9, holds for every event and spin
    assert float(gap.max()) < 1e-9


@pytest.mark.parametrize(("c_v", "c_a"), COUPLINGS)
def test_squared_amplitude_is_that_of_traces(c_v, c_a, key):
    model = LfvAlp(mass=15 * MeV, c_v=c_v, c_a=c_a)
    process = MuToEAlpGamma(model=model)
    spin = np.array([0.5, -0.3, 0.6])
    p = sample(process, key, 20)
    own = squared_amplitude(process, p, jnp.asarray(spin))
    matrix = c_v * dense.UNIT + c_a * dense.GAMMA5
    for row, value in zip(np.asarray(p), own, strict=True):
        mu, e, alp, gamma = row
        vertex = dense.slash(alp) @ matrix / (2 * model.f)
        from_e = dense.GAMMA @ dense.propagator(e + gamma, M_E) @ vertex
        from_mu = vertex @ dense.propagator(mu - gamma, M_MU) @ dense.GAMMA
        total = E_CHARGE * (from_e + from_mu)
        # polarisations summed to -g; CP mirrors the spin
        expected = sum(
            -dense.METRIC[i, i]
            * np.trace(
                (dense.slash(e) + M_E * dense.UNIT)
                @ total[i]
                @ dense.density(mu, M_MU, -spin)
                @ dense.adjoint(total[i])
            ).real
            for i in range(4)
        )
        # 1e-9: the propagator of a collinear photon loses (E/m_e)^2 ~ 1e4 of its digits
        assert float(value) == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize(
    ("x", "y"), [(0.9, 0.5), (0.8, 0.6), (0.7, 0.7), (0.5, 0.9), (0.6, 0.6)]
)
def test_massless_formula_away_from_the_collinear_edge(x, y):
    """dGamma/dxdy of arXiv:0902.0525 for m_e = m_a = 0; x, y = 2E/m of e and gamma.

    One chirality: V and A alone differ from it by a chirality flip of either sign,
    m_e / m_mu times up to 1.4 here.
    """
    model = LfvAlp(c_v=1.0, c_a=1.0)
    e, k = x * M_MU / 2, y * M_MU / 2
    p = math.sqrt(e**2 - M_E**2)
    cos = ((M_MU - e - k) ** 2 - p**2 - k**2) / (2 * p * k)
    electron = np.array([e, 0, 0, p])
    photon = np.array([k, k * math.sqrt(1 - cos**2), 0, k * cos])
    mu = dense.at_rest(M_MU)
    momenta = np.stack([mu, electron, mu - electron - photon, photon])
    squared = float(squared_amplitude(MuToEAlpGamma(model=model), jnp.asarray(momenta)))
    # dPhi_3 = m^2 / (128 pi^3) dx dy
    own = squared * M_MU**2 / (128 * math.pi**3) / (2 * M_MU)
    width = float(model.width_from("mu", "e"))
    shape = (1 - x) * (2 - y - x * y) / (y**2 * (x + y - 1))
    # what is left of the electron mass: (m_e/m_mu)^2 / (x + y - 1), the collinear pole
    assert own == pytest.approx(ALPHA / (2 * math.pi) * width * shape, rel=3e-4)


def test_squared_coupling_enters_only_through_its_size_and_phase(key):
    p = sample(MuToEAlpGamma(model=LfvAlp(c_v=1.0)), key, 50)
    spin = jnp.array([0.1, 0.2, 0.9])

    def value(c_v, c_a):
        process = MuToEAlpGamma(model=LfvAlp(c_v=c_v, c_a=c_a))
        return squared_amplitude(process, p, spin)

    turn = np.exp(0.7j)
    np.testing.assert_allclose(
        value(0.3 + 1j, 0.2 - 0.7j),
        value(turn * (0.3 + 1j), turn * (0.2 - 0.7j)),
        rtol=1e-12,
    )
    # CP: a tree amplitude does not know C from its conjugate
    np.testing.assert_allclose(
        value(0.3 + 1j, 0.2 - 0.7j), value(0.3 - 1j, 0.2 + 0.7j), rtol=1e-9
    )
