"""The Boltzmann equation of freeze-out."""

import math

import numpy as np
import pytest

from scipy.integrate import solve_ivp

from darkreach.constants import HBAR_C, PLANCK_MASS, C
from darkreach.cosmology import freeze_out
from darkreach.cosmology.degrees import (
    entropy_density,
    entropy_slope,
    expansion_rate,
)
from darkreach.cosmology.freeze_in import density
from darkreach.units import GeV, cm, s

CANONICAL = 2.2e-26 * cm**3 / s / (HBAR_C**2 * C)


def constant(value):
    return lambda x: np.full_like(x, value)


@pytest.mark.parametrize("mass", [30 * GeV, 100 * GeV, 1000 * GeV])
def test_canonical_wimp(mass):
    """2.2e-26 cm^3/s above 10 GeV (arXiv:1204.3622), for its own antiparticle."""
    past = freeze_out.history(mass, constant(CANONICAL), states=2)
    omega = density(mass, number=freeze_out.frozen_number(past))
    # 5 %: two digits, Omega h^2 = 0.11 then, and g_*
    assert omega == pytest.approx(0.12, rel=0.05)
    closed = freeze_out.instantaneous_number(mass, constant(CANONICAL), states=2)
    # 12 %: x_f by a condition of order one, 5 to 10 %
    assert density(mass, number=closed) == pytest.approx(omega, rel=0.12)


@pytest.mark.parametrize(
    "average",
    [
        constant(CANONICAL),
        lambda x: 300 * CANONICAL * np.sqrt(x) * np.exp(-0.3 * x),
        lambda x: 30 * CANONICAL / x,
    ],
    ids=["s wave", "resonance", "p wave"],
)
@pytest.mark.parametrize("mass", [1 * GeV, 200 * GeV])
def test_against_a_stiff_solver(average, mass):
    """ln Y by an implicit Runge-Kutta method of fifth order, on the same g_*."""

    def thermal(logarithm):
        x = np.array([math.exp(logarithm)])
        number = freeze_out.equilibrium_density(mass, 2, x=x)
        return float(np.log(number / entropy_density(mass / x))[0] - x[0])

    def rate(logarithm):
        x = np.array([math.exp(logarithm)])
        t = mass / x
        found = entropy_density(t) * average(x) / expansion_rate(t)
        return float((found * (1 + entropy_slope(t) / 3))[0])

    def slope(logarithm, y):
        q = thermal(logarithm)
        gain = math.exp(max(2 * q - float(y[0]), -700.0))
        return [-rate(logarithm) * (math.exp(float(y[0])) - gain)]

    end = math.log(1e4)
    found = solve_ivp(
        slope,
        (math.log(3.0), end),
        [thermal(math.log(3.0))],
        method="Radau",
        rtol=1e-7,
        atol=1e-7,
        max_step=0.1,
    )
    late = quadrature(rate, end, math.log(freeze_out.X_LAST))
    expected = 1 / (math.exp(-float(found.y[0, -1])) + late)
    past = freeze_out.history(mass, average, states=2)
    # 5e-4: the size of a step, squared, and kinks of the interpolated g_*s
    assert freeze_out.frozen_number(past) == pytest.approx(expected, rel=5e-4)


def quadrature(function, low, high):
    nodes, weights = np.polynomial.legendre.leggauss(60)
    points = low + (high - low) * (1 + nodes) / 2
    values = [function(float(p)) for p in points]
    return float(weights @ np.array(values)) * (high - low) / 2


def test_second_order_in_the_step():
    numbers = [
        freeze_out.frozen_number(
            freeze_out.history(1 * GeV, constant(CANONICAL), states=2, step=step)
        )
        for step in (0.04, 0.02, 0.01)
    ]
    ratio = (numbers[1] - numbers[0]) / (numbers[2] - numbers[1])
    # 4 for second order; 10 %: terms beyond
    assert ratio == pytest.approx(4, rel=0.1)


def test_closed_formula_by_hand(monkeypatch):
    """x_f solves a transcendental equation; then c x_f / (sqrt(g) M <s v>)."""
    g = 90.0
    for name in ("energy_degrees", "entropy_degrees"):
        monkeypatch.setattr(freeze_out, name, lambda t: g + 0 * t)
    monkeypatch.setattr(freeze_out, "entropy_slope", lambda t: 0 * t)
    monkeypatch.setattr(
        freeze_out,
        "expansion_rate",
        lambda t: 1.66 * math.sqrt(g) * t**2 / PLANCK_MASS,
    )
    mass = 100 * GeV
    x = 20.0
    for _ in range(50):  # K_2 = sqrt(pi/2x) e^-x (1 + 15/8x): two spins
        number = 0.0383 * 2 * (1 + 15 / (8 * x)) * PLANCK_MASS * mass * CANONICAL
        x = math.log(number / math.sqrt(g * x))
    found = freeze_out.freeze_out_point(mass, constant(CANONICAL), states=2)
    # 0.1 %: three digits in a logarithm
    assert found == pytest.approx(x, rel=1e-3)
    closed = freeze_out.instantaneous_number(mass, constant(CANONICAL), states=2)
    # the usual 1.07e9 is for 2970 /cm^3 of entropy today instead of 2891
    by_hand = 1.07e9 * 2891 / 2970 / GeV * x / (math.sqrt(g) * PLANCK_MASS * CANONICAL)
    # 1 %: three digits of the constant and those of the entropy today
    assert density(mass, number=closed) == pytest.approx(by_hand, rel=0.01)


def test_never_in_equilibrium():
    with pytest.raises(ValueError, match="never was in equilibrium"):
        freeze_out.freeze_out_point(1 * GeV, constant(1e-12 * CANONICAL), states=2)
