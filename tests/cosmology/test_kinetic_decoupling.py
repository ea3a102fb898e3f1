"""Dark matter with a temperature of its own."""

import math

import numpy as np
import pytest

from scipy.integrate import dblquad, solve_ivp

from darkreach.constants import PLANCK_MASS
from darkreach.cosmology import kinetic_decoupling as kinetic
from darkreach.cosmology.freeze_in import density
from darkreach.cosmology.freeze_out import (
    equilibrium_density,
    freeze_out_point,
    instantaneous_number,
)
from darkreach.cosmology.resonance import narrow_average
from darkreach.cosmology.resonant_freeze_out import narrow_abundance
from darkreach.models.photon_alp import PhotonAlp
from darkreach.units import GeV, MeV


def alp(ratio=2.1, **values):
    chosen = {"y_chi": 0.01, "g_agamma": 2.78e-5 / GeV, **values}
    return PhotonAlp(mass=1 * GeV, m_chi=1 * GeV / ratio, **chosen)


def test_relaxation_rate_against_the_drag_of_photons():
    """Twice the drag on a heavy particle, from the cross section of momentum transfer.

    eta = int d^3k / (2 pi)^3 f (1 + f) k^2 sigma_T / (3 m T), where sigma_T has
    dsigma/dOmega = sum|M|^2 / (2 * 64 pi^2 m^2), and t = -2 k^2 (1 - cos).
    """
    model = alp()
    t, chi, m = 60 * MeV, float(model.m_chi), 1 * GeV

    def integrand(cosine, q):
        k = q * t
        square = 2 * k**2 * (1 - cosine)
        matrix = (0.01 * 2.78e-5 / GeV) ** 2 * square**3 / (square + m**2) ** 2
        transfer = 2 * math.pi * (1 - cosine) * matrix / (2 * 64 * math.pi**2 * chi**2)
        bose = 1 / math.expm1(q)
        return k**4 * bose * (1 + bose) * transfer / (2 * math.pi**2) * t

    drag, _ = dblquad(integrand, 0, 60, -1, 1, epsabs=0, epsrel=1e-8)
    drag /= 3 * chi * t
    ours = kinetic.relaxation_rate(model, temperature=np.array([t]))[0]
    # 1e-6: quadratures
    assert ours == pytest.approx(2 * drag, rel=1e-6)


def test_relaxation_rate_of_a_cold_plasma_is_closed():
    t = np.array([0.1, 1.0]) * MeV
    closed = kinetic.cold_relaxation_rate(alp(), temperature=t)
    ours = kinetic.relaxation_rate(alp(), temperature=t)
    # 1e-3: (20 T / m_a)^2
    np.testing.assert_allclose(ours, closed, rtol=1e-3)


def test_fast_scattering_gives_one_temperature():
    """An unphysical y makes it fast, and changes nothing else of a narrow resonance."""
    model = alp(y_chi=300.0)
    # 0.5 %: the small lag of T_chi, and tables of 1500 points
    expected = narrow_abundance(model)
    assert kinetic.decoupled_abundance(model) == pytest.approx(expected, rel=5e-3)
    x, _, cold = kinetic.history(model)
    assert abs(np.interp(20.0, x, cold)) < 1e-3


def test_chi_cools_like_the_inverse_square_of_the_scale_factor():
    x, _, cold = kinetic.history(alp())
    # T is 5.3 to 0.53 MeV there: electrons heat the plasma, x a g_*s^(1/3) is constant
    at = np.array([90.0, 900.0])
    late = np.interp(np.log(at), np.log(x), cold)
    heated = (10.05 / 10.72) ** (2 / 3)
    ratio = math.exp(late[1] - late[0])
    # 2 %: g_*s read off the table
    assert ratio == pytest.approx(heated / 10, rel=0.02)


def test_number_and_energy_in_a_comoving_volume(monkeypatch):
    """The same physics as N = n a^3 and E = 3/2 n T_chi a^5, for constant g_* = 10.75.

    Each annihilation takes m_a + 3 T_chi / 2 and each inverse one brings m_a + 3 T / 2;
    the masses at rest drop out.
    """
    g = 10.75
    monkeypatch.setattr(kinetic, "entropy_slope", lambda t: 0 * t)
    monkeypatch.setattr(
        kinetic, "entropy_density", lambda t: 2 * math.pi**2 / 45 * g * t**3
    )

    def hubble(t):
        return math.sqrt(4 * math.pi**3 * g / 45) * t**2 / PLANCK_MASS

    monkeypatch.setattr(kinetic, "expansion_rate", hubble)
    model = alp(y_chi=0.2)
    chi, m = float(model.m_chi), float(model.mass)

    def sigma(x):
        return float(narrow_average(model, x=np.array([x]))[0])

    def equilibrium(x):  # n a^3 with a = 1/T in units of 1/chi
        scaled = equilibrium_density(chi, 2, x=np.array([x]))[0]
        return float(scaled) * math.exp(-x) * x**3 / chi**3

    def slope(lna, y):
        x = math.exp(lna)
        t = chi / x
        number = math.exp(float(y[0]))
        own = 2 / 3 * float(y[1]) / number * chi / x**2  # T_chi
        volume = (chi / x) ** 3 / hubble(t)
        gone = volume * number**2 * sigma(min(chi / own, 1e5))
        made = volume * equilibrium(x) ** 2 * sigma(x)
        kinetic_energy = (m - 2 * chi + 1.5 * own) / 2, (m - 2 * chi + 1.5 * t) / 2
        rate = kinetic.relaxation_rate(model, temperature=np.array([t]))[0] / hubble(t)
        heat = made * kinetic_energy[1] - gone * kinetic_energy[0]
        heat += 1.5 * number * float(rate) * (t - own)
        return [(made - gone) / number, heat * x**2 / chi]

    x = 12.0
    number = equilibrium(x)
    found = solve_ivp(
        slope,
        (math.log(x), math.log(100.0)),
        [math.log(number), 1.5 * number * x],
        method="Radau",
        rtol=1e-6,
        atol=1e-20,
    )
    entropy = 2 * math.pi**2 / 45 * g
    expected = math.exp(float(found.y[0, -1])) / entropy
    ours = kinetic.decoupled_abundance(model)
    # 1 %: tables of 1500 points, and the start at x = 12
    assert ours == pytest.approx(density(chi, number=expected), rel=0.01)


def test_early_decoupling_leaves_more():
    """At least what cooling by expansion alone leaves, from the closed formula."""
    model = alp()
    chi = float(model.m_chi)

    def warm(x):
        return narrow_average(model, x=x)

    x_f = freeze_out_point(chi, warm, states=2)

    def cold(x):
        return warm(np.minimum(x * np.maximum(x / x_f, 1.0), 1e6))

    both = [instantaneous_number(chi, average, states=2) for average in (warm, cold)]
    omegas = [kinetic.decoupled_abundance(alp(y_chi=y)) for y in (0.01, 0.3, 3.0)]
    standard = narrow_abundance(model)
    assert omegas[0] / standard > both[1] / both[0] > 1.5
    # scattering, with y^2, brings chi back to the plasma
    assert omegas[0] > omegas[1] > omegas[2] > standard
