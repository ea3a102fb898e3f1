"""The Michel spectrum and asymmetry, point by point against the closed form."""

import math

import jax.numpy as jnp
import numpy as np
import pytest

from darkreach.constants import G_F, M_E, M_MU
from darkreach.processes.mu_to_e_nu_nu import MuToENuNu
from darkreach.processes.process import squared_amplitude

MAX_ENERGY = (M_MU**2 + M_E**2) / (2 * M_MU)
X0 = M_E / MAX_ENERGY


def spectrum(x, cos, polarisation):
    """d2Gamma / dx dcos from the amplitude: x = E/E_max, cos from the mu+ spin."""
    energy = x * MAX_ENERGY
    p = math.sqrt(energy**2 - M_E**2)
    e = np.array([energy, p * math.sqrt(1 - cos**2), 0, p * cos])
    mu = np.array([M_MU, 0, 0, 0])
    momenta = jnp.asarray(np.stack([mu, e, mu - e]))
    squared = squared_amplitude(MuToENuNu(), momenta, jnp.array([0, 0, polarisation]))
    # dQ^2 / (2 pi) = 2 m E_max dx / (2 pi); dPhi_2 = p / (16 pi^2 m) 2 pi dcos
    pair = 2 * M_MU * MAX_ENERGY / (2 * math.pi)
    return float(squared) * pair * p / (8 * math.pi * M_MU) / (2 * M_MU)


def closed_form(x, cos, polarisation):
    """PDG 2024, Muon decay parameters, with rho = delta = 3/4, xi = 1, eta = 0.

    The prefactor is the one with which the massless spectrum, summed over both
    hemispheres, integrates to G_F^2 m^5 / (192 pi^3).
    """
    root = math.sqrt(x**2 - X0**2)
    isotropic = x * (1 - x) + (4 * x**2 - 3 * x - X0**2) / 6
    bracket = 1 - x + (4 * x - 3 + math.sqrt(1 - X0**2) - 1) / 2
    asymmetric = root * bracket / 3
    scale = M_MU * MAX_ENERGY**4 * G_F**2 / (2 * math.pi**3)
    return scale * root * (isotropic + polarisation * cos * asymmetric)


@pytest.mark.parametrize("polarisation", [0.0, 1.0, -0.86])
@pytest.mark.parametrize("cos", [-1.0, -0.3, 0.0, 0.7, 1.0])
@pytest.mark.parametrize("x", [0.011, 0.3, 0.5, 0.9, 0.9999])
def test_spectrum_with_the_electron_mass(x, cos, polarisation):
    expected = closed_form(x, cos, polarisation)
    # exact in the electron mass; 1e-9 of the unpolarised spectrum, since near x = 1 and
    # cos = -1 both terms cancel
    scale = closed_form(x, 0.0, 0.0)
    assert abs(spectrum(x, cos, polarisation) - expected) < 1e-9 * scale


@pytest.mark.parametrize("x", [0.3, 0.5, 0.9])
@pytest.mark.parametrize("cos", [-0.9, 0.2, 1.0])
def test_textbook_spectrum_of_a_positive_muon(x, cos):
    # Gamma x^2 [(3 - 2x) + P cos (2x - 1)]; 1e-3: the electron mass, (m_e/E)^2 ~ 1e-3
    # of Gamma x^2 at x = 0.3 and 8 (m_e/m_mu)^2 = 2e-4 in the width
    width = G_F**2 * M_MU**5 / (192 * math.pi**3)
    expected = width * x**2 * ((3 - 2 * x) + 0.86 * cos * (2 * x - 1))
    assert spectrum(x, cos, 0.86) == pytest.approx(expected, rel=1e-3)


def test_asymmetry_at_the_end_point_is_plus_one():
    # the positron of maximal energy follows the spin of the mu+, but for a correction
    # of the order of (m_e/m_mu)^2
    up, down = spectrum(1 - 1e-9, 1.0, 1.0), spectrum(1 - 1e-9, -1.0, 1.0)
    assert (up - down) / (up + down) == pytest.approx(1.0, abs=1e-3)


def test_width_by_quadrature_is_the_closed_form():
    nodes, weights = np.polynomial.legendre.leggauss(60)
    # t with x = x0 + (1 - x0) t^2 removes the square root at threshold
    t, w = (nodes + 1) / 2, weights / 2
    x = X0 + (1 - X0) * t**2
    values = [2 * spectrum(xi, 0.0, 0.0) for xi in x]
    total = np.sum(w * np.array(values) * 2 * t * (1 - X0))
    r = (M_E / M_MU) ** 2
    tree = G_F**2 * M_MU**5 / (192 * math.pi**3)
    tree *= 1 - 8 * r + 8 * r**3 - r**4 - 12 * r**2 * math.log(r)
    # the quadrature converges to 1e-9 with 60 nodes
    assert total == pytest.approx(tree, rel=1e-8)
