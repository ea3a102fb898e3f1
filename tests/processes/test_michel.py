"""The Michel spectrum: exact amplitude, known totals, collinear logarithm, helicity."""

import math

import jax.numpy as jnp
import numpy as np
import pytest

from scipy.integrate import quad

from darkreach.constants import ALPHA, M_E, M_MU
from darkreach.processes import michel
from darkreach.processes.michel import ENERGY_MAX, LOG, X_MIN, corrections, spectrum
from darkreach.processes.mu_to_e_nu_nu import MuToENuNu
from darkreach.processes.process import squared_amplitude


def integral(function, low=0.0, high=1.0):
    return quad(function, low, high, limit=400)[0]


def part(which, order):
    return lambda x: float(spectrum(np.array([x]), order=order)[which][0])


@pytest.mark.parametrize("cos", [-1.0, -0.3, 0.8])
def test_tree_is_the_exact_amplitude(cos):
    """Ratio of the two is one constant, in x and in the angle, to rounding."""
    x = np.array([0.02, 0.3, 0.7, 0.95, 0.999])
    energy = x * ENERGY_MAX
    p = np.sqrt(energy**2 - M_E**2)
    zero, sin = 0 * p, math.sqrt(1 - cos**2)
    e = np.stack([energy, p * sin, zero, p * cos], axis=-1)
    mu = np.broadcast_to([M_MU, 0, 0, 0], e.shape)
    momenta = jnp.asarray(np.stack([mu, e, mu - e], axis=1))
    square = squared_amplitude(MuToENuNu(), momenta, jnp.array([0.0, 0.0, 0.7]))
    h, k = spectrum(x)
    ratio = (h + 0.7 * cos * k) / (np.asarray(square) * p)
    np.testing.assert_allclose(ratio / ratio[0], 1, rtol=1e-9)


def test_tree_total_is_the_known_function_of_the_mass_ratio():
    """1 - 8 r + 8 r^3 - r^4 - 12 r^2 ln r (PDG), to the precision of the quadrature."""
    r = (M_E / M_MU) ** 2
    known = 1 - 8 * r + 8 * r**3 - r**4 - 12 * r**2 * math.log(r)
    assert 2 * integral(part(0, "tree"), X_MIN) == pytest.approx(known, rel=1e-8)


@pytest.mark.parametrize("order", ["alpha", "exponentiated"])
def test_total_with_photons_is_that_of_the_lifetime(order):
    """1 + (alpha / 2 pi)(25/4 - pi^2) = 1 - 0.0042 (hep-ph/9909265, eq. (23)).

    The corrections are for massless electrons and cut off at x = 0.01: 1.1e-5.
    """
    known = ALPHA / (2 * math.pi) * (25 / 4 - math.pi**2)
    ratio = integral(part(0, order), X_MIN) / integral(part(0, "tree"), X_MIN)
    assert known == pytest.approx(-0.0042, abs=5e-5)
    assert ratio - 1 == pytest.approx(known, abs=1.5e-5)


@pytest.mark.parametrize("which", [0, 1])
def test_logarithm_cancels_in_the_total(which, monkeypatch):
    """Kinoshita-Lee-Nauenberg, for rate and asymmetry; quadrature decides the 1e-8."""
    values = []
    for log in (0.0, LOG):
        monkeypatch.setattr(michel, "LOG", log)
        values.append(integral(lambda x: float(corrections(np.array([x]))[which][0])))
    assert values[0] == pytest.approx(values[1], abs=1e-8)


@pytest.mark.parametrize("which", [0, 1])
@pytest.mark.parametrize("x", [0.1, 0.6, 0.99])
def test_logarithm_is_the_collinear_one(which, x, monkeypatch):
    """2 ln(m_mu/m_e) times tree spectrum convolved with [(1 + z^2)/(1 - z)]_+."""

    def born(y):
        return y * y * (3 - 2 * y) if which == 0 else y * y * (2 * y - 1)

    def split(z):
        return (1 + z * z) / (1 - z)

    known = integral(lambda z: split(z) * (born(x / z) / z - born(x)), x)
    known -= born(x) * integral(split, 0, x)
    values = []
    for log in (0.0, 1.0):
        monkeypatch.setattr(michel, "LOG", log)
        values.append(float(corrections(np.array([x]))[which][0]))
    assert values[1] - values[0] == pytest.approx(2 * known, rel=1e-7)


def test_helicity_forbids_fast_positrons_against_the_spin():
    """h - k vanishes with 1 - x at O(alpha) too, where h + k does not."""
    x = 1 - np.array([1e-3, 1e-5])
    f, g = corrections(x)
    assert np.all(np.abs(f - g) < 200 * (1 - x) * (1 + np.abs(np.log(1 - x))))
    assert np.all(np.abs(f + g) > 10)


def test_exponentiation_changes_the_second_order_only():
    """At 1 - x = 1e-2 by (SOFT ln)^2 / 2 = 0.4 %, and it stays positive at the end."""
    x = np.array([0.99])
    first, all_orders = (
        spectrum(x, order="alpha")[0],
        spectrum(x, order="exponentiated")[0],
    )
    second = (michel.SOFT * math.log(0.01)) ** 2 / 2
    assert all_orders / first - 1 == pytest.approx(second, rel=0.3)
    near = np.array([1 - 1e-30, 1 - 1e-15, 1 - 1e-12])
    assert np.all(spectrum(near[1:], order="exponentiated")[0] > 0)


def test_standard_model_has_the_measured_michel_parameters():
    """TWIST, arXiv:1112.3606: rho 0.74977(26), delta 0.75049(34), within 2 sigma.

    The parameters are projected out of the exact V-A spectrum by a linear fit.
    """
    x = np.linspace(0.1, 0.99, 50)
    h, k = spectrum(x)
    base = michel.tree(x, rho=0.0, delta=0.0)
    unit = michel.tree(x, rho=1.0, delta=1.0)
    rho = np.sum((h - base[0]) * (unit[0] - base[0])) / np.sum((unit[0] - base[0]) ** 2)
    delta = np.sum((k - base[1]) * (unit[1] - base[1]))
    delta /= np.sum((unit[1] - base[1]) ** 2)
    assert rho == pytest.approx(0.74977, abs=2 * 0.00026)
    assert delta == pytest.approx(0.75049, abs=2 * 0.00034)
    assert np.all(spectrum(np.array([0.0, X_MIN / 2, 1.01]))[0] == 0)
