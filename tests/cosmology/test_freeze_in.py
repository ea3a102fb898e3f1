"""Freeze-in by decays."""

import math

from itertools import pairwise

import numpy as np
import pytest

from scipy.integrate import dblquad, quad, solve_ivp
from scipy.special import kn

from darkreach.constants import (
    M_E,
    M_MU,
)
from darkreach.cosmology import freeze_in
from darkreach.cosmology.degrees import (
    entropy_density,
    entropy_slope,
    expansion_rate,
)
from darkreach.models.lfv_alp import LEPTON_MASS, LfvAlp, decay_constant
from darkreach.units import GeV, MeV, eV, keV

PAIRS = (("mu", "e"), ("tau", "e"), ("tau", "mu"))


@pytest.mark.parametrize("daughter", ["e", "mu"])
def test_closed_formula_at_the_published_point(daughter):
    # arXiv:2209.03371: Omega h^2 = 0.12 here; 2 %: the quoted digits, and the masses
    # of muon and electron (1.2 % for tau -> mu a)
    model = LfvAlp(mass=50 * keV, f=5e9 * GeV, c_v=1.0)
    omega = freeze_in.closed_abundance(model, pair=("tau", daughter), degrees=75.0)
    assert omega == pytest.approx(0.12, rel={"e": 0.01, "mu": 0.02}[daughter])
    # two couplings of the same size: the same F at a larger f
    f = decay_constant(1e10 * GeV, c_v=0.6, c_a=-0.8j)
    other = LfvAlp(mass=50 * keV, f=f, c_v=0.6, c_a=-0.8j)
    same = freeze_in.closed_abundance(other, pair=("tau", daughter), degrees=75.0)
    # widths of V and A differ for massive a only, by (m_a/m_tau)^2 = 1e-9
    assert same == pytest.approx(omega, rel=1e-7)


@pytest.mark.parametrize("pair", PAIRS)
def test_boltzmann_equation_has_the_closed_formula_as_its_limit(constant, pair):
    constant(20.0)
    model = LfvAlp(mass=30 * keV, f=4e9 * GeV, c_v=1.0, c_a=0.5)
    ours = freeze_in.abundance(model, pair=pair, statistics="classical")
    closed = freeze_in.closed_abundance(model, pair=pair, degrees=20.0)
    # 1e-6: production above T = 100 m is cut away, (m/T)^4 / 4 times a number
    assert ours == pytest.approx(closed, rel=1e-6)


@pytest.mark.parametrize("pair", PAIRS)
def test_boltzmann_equation_against_a_solver(pair):
    """An adaptive solver and Bessel functions on the same degrees of freedom."""
    mass = LEPTON_MASS[pair[0]]

    def slope(x, _):
        t = mass * math.exp(-x)
        decays = 2 * 2 * mass**2 * t * kn(1, mass / t) / (2 * math.pi**2)
        expansion = float(entropy_density(t) * expansion_rate(t))
        return [decays / expansion * (1 + float(entropy_slope(t)) / 3)]

    ours = freeze_in.yield_per_width(pair, statistics="classical")
    solution = solve_ivp(
        slope, (-4.6, 4.0), [0.0], rtol=1e-8, atol=1e-8 * ours, max_step=0.05
    )
    # 1e-3: the interpolated slope of g_*s has kinks at its nodes
    assert ours == pytest.approx(solution.y[0, -1], rel=1e-3)


@pytest.mark.parametrize("ratio", [0.3, 3.0, 10.0])
@pytest.mark.parametrize("mass", [0.0, 60 * MeV])
def test_quantum_statistics_against_a_double_integral(ratio, mass):
    """Fermi-Dirac muons, with the Pauli blocking of electrons angle by angle."""
    nodes = freeze_in.bath(M_MU, statistics="quantum", reheating=math.inf)
    index = int(np.argmin(np.abs(M_MU / nodes.temperature - ratio)))
    t = float(nodes.temperature[index])
    free = freeze_in._unblocked(nodes, M_MU, M_E, mass)
    ours = (nodes.measure * free)[index].sum()
    energy = (M_MU**2 + M_E**2 - mass**2) / (2 * M_MU)
    star = math.sqrt(energy**2 - M_E**2)

    def integrand(cosine, kinetic):
        e = M_MU + kinetic
        p = math.sqrt(e**2 - M_MU**2)
        partner = (e * energy + p * star * cosine) / M_MU
        blocked = 1 / (math.exp(partner / t) + 1)
        return p / (math.exp(e / t) + 1) * (1 - blocked) / 2

    expected, _ = dblquad(integrand, 0, 45 * t, -1, 1, epsrel=1e-9, epsabs=0)
    # 1e-7: the quadratures
    assert ours == pytest.approx(2 * M_MU / (2 * math.pi**2) * expected, rel=1e-7)


def test_quantum_statistics_lower_the_abundance():
    for pair in PAIRS:
        quantum = freeze_in.yield_per_width(pair)
        classical = freeze_in.yield_per_width(pair, statistics="classical")
        # blocking is at most a half, the parents' statistics at most 1 - 3 zeta(3)/4
        assert 0.5 * 0.9 < quantum / classical < 1
        assert quantum / classical == pytest.approx(0.87, abs=0.015)  # see docs


def test_reheating():
    full = freeze_in.yield_per_width(("mu", "e"), statistics="classical")

    def part(temperature):
        return freeze_in.yield_per_width(
            ("mu", "e"), statistics="classical", reheating=temperature
        )

    assert part(30 * M_MU) == pytest.approx(full, rel=1e-4)  # (m/T)^3 above is missing
    values = [part(x * M_MU) for x in (0.02, 0.05, 0.1, 0.3, 1.0, 3.0)]
    assert all(a < b for a, b in pairwise(values))
    # Far below the mass: x^3 K_1(x) and one constant g_* = 10.74, from x on
    x = 30.0
    tail = quad(lambda y: y**3 * kn(1, y), x, 100, epsrel=1e-10)[0] / (1.5 * math.pi)
    model = LfvAlp(mass=10 * keV, c_v=1.0)
    closed = freeze_in.closed_abundance(model, degrees=10.71)
    late = freeze_in.abundance(model, statistics="classical", reheating=M_MU / x)
    # 1 %: g_* between 3 and 4 MeV
    assert late == pytest.approx(closed * tail, rel=0.01)


def test_scale_of_the_target():
    for mass in (5 * keV, 100 * keV, 80 * MeV):
        scale = freeze_in.effective_scale_of_target(mass, c_v=0.0, c_a=1.0)
        f = decay_constant(scale, c_v=0.0, c_a=1.0)
        omega = freeze_in.abundance(LfvAlp(mass=mass, f=f, c_a=1.0))
        assert omega == pytest.approx(0.12, rel=1e-9)
    assert freeze_in.effective_scale_of_target(106 * MeV) == 0
    # F^2 ~ m_a for light a: exact up to the width's (m_a/m_mu)^2
    ratio = freeze_in.effective_scale_of_target(40 * keV)
    ratio /= freeze_in.effective_scale_of_target(10 * keV)
    assert ratio == pytest.approx(2.0, rel=1e-6)


def test_a_reheating_temperature_must_be_positive():
    with pytest.raises(ValueError, match="reheating temperature"):
        freeze_in.yield_per_width(("mu", "e"), reheating=0.0)


def test_equilibrium_is_one_boson_over_the_entropy():
    """By hand at 1 keV: 0.2777 / 17.9 of a particle, times 274 per keV of dark matter.

    45 zeta(3) / (2 pi^4) = 45 * 1.2021 / 194.82 = 0.2777, g_*s of 17.33 at 100 MeV and
    19.09 at 120 MeV is 17.8 at 105.7 MeV; s / rho_c = 2891.2 / 1.0537e-5 GeV^-1.
    """
    omega = freeze_in.thermal_abundance(1 * keV)
    # 1 %: three digits of the degrees of freedom
    assert omega == pytest.approx(0.2777 / 17.8 * 2891.2 / 1.0537e-5 * 1e-6, rel=0.01)
    # linear in the mass, and the dark matter at 28 eV
    assert freeze_in.thermal_abundance(28 * eV) == pytest.approx(0.12, rel=0.02)
    # at the tau's mass g_*s is 74: fewer by 4
    tau = freeze_in.thermal_abundance(1 * keV, pair=("tau", "mu"))
    assert omega / tau == pytest.approx(74 / 17.8, rel=0.01)
