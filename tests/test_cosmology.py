"""Degrees of freedom, freeze-in by decays and with photons, momenta of warm ALPs."""

import math
import os

from itertools import pairwise
from pathlib import Path

import dense
import jax.numpy as jnp
import numpy as np
import pytest

from scipy.integrate import dblquad, quad, solve_ivp
from scipy.special import kn

from darkreach.constants import (
    ALPHA,
    CRITICAL_DENSITY,
    E_CHARGE,
    ENTROPY_TODAY,
    HBAR,
    HBAR_C,
    M_E,
    M_MU,
    M_TAU,
    N_EFF,
    PLANCK_MASS,
    T_CMB,
    C,
)
from darkreach.cosmology import degrees, freeze_in, scattering, warm
from darkreach.cosmology.degrees import (
    energy_degrees,
    entropy_degrees,
    entropy_density,
    entropy_slope,
    expansion_rate,
)
from darkreach.models.lfv_alp import LEPTON_MASS, LfvAlp, decay_constant
from darkreach.processes.mu_to_e_alp_gamma import MuToEAlpGamma
from darkreach.processes.process import squared_amplitude
from darkreach.units import GeV, MeV, cm, eV, keV, m, s

PAIRS = (("mu", "e"), ("tau", "e"), ("tau", "mu"))

# Mass [GeV], spin states with antiparticles and colours, +1 for fermions. Lattice QCD
# replaces quarks and gluons by hadrons, of which pions matter below 50 MeV.
LEPTONS = [(5.11e-4, 4, 1), (0.10566, 4, 1), (1.777, 4, 1), (0.0, 6, 1)]
PIONS = [(0.13498, 1, -1), (0.13957, 2, -1)]
HEAVY = [(80.4, 6, -1), (91.2, 3, -1), (125.0, 1, -1), (172.6, 12, 1)]
QUARKS = [(0.0, 36, 1), (1.27, 12, 1), (4.18, 12, 1), (0.0, 16, -1)]
PHOTON = [(0.0, 2, -1)]

# log10(T/MeV), g_*, g_*/g_*s: lattice QCD with all other particles, table S2 of
# arXiv:1606.07494, seen in several public programs.
LATTICE = [
    (0.5, 10.74, 1.00029),
    (1.0, 10.76, 1.00048),
    (1.25, 11.09, 1.00505),
    (1.6, 13.68, 1.02159),
    (2.0, 17.61, 1.02324),
    (2.15, 24.07, 1.05423),
    (2.2, 29.84, 1.07578),
    (2.4, 47.83, 1.06118),
    (2.5, 53.04, 1.04690),
    (3.0, 73.48, 1.01778),
    (4.0, 83.10, 1.00123),
    (4.3, 85.56, 1.00389),
    (4.6, 91.97, 1.00887),
    (5.0, 102.17, 1.00750),
    (5.45, 104.98, 1.00023),
]


def ideal(particles, temperature):
    """g_* and g_*s of a gas without interactions; temperature in GeV."""
    energy = entropy = 0.0
    for mass, spins, sign in particles:
        x = mass / temperature

        def occupied(y, x=x, sign=sign):
            return y**2 / (math.exp(math.hypot(x, y)) + sign)

        def energies(y, x=x, occupied=occupied):
            return math.hypot(x, y) * occupied(y)

        def pressures(y, x=x, occupied=occupied):
            return y**2 / (3 * math.hypot(x, y)) * occupied(y)

        rho, pressure = (quad(f, 1e-9, 80)[0] for f in (energies, pressures))
        energy += spins * rho * 15 / math.pi**4
        entropy += spins * (rho + pressure) * 45 / (4 * math.pi**4)
    return energy, entropy


def constant(monkeypatch, g):
    """Degrees of freedom that do not change, so that formulae are closed."""
    monkeypatch.setattr(freeze_in, "entropy_slope", lambda t: 0 * t)
    monkeypatch.setattr(
        freeze_in, "entropy_density", lambda t: 2 * math.pi**2 / 45 * g * t**3
    )
    monkeypatch.setattr(
        freeze_in,
        "expansion_rate",
        lambda t: math.sqrt(4 * math.pi**3 * g / 45) * t**2 / PLANCK_MASS,
    )
    monkeypatch.setattr(warm, "entropy_degrees", lambda t: g + 0 * t)


def test_constants_follow_from_temperature_and_expansion():
    # 4e-4: photons and instantly decoupled neutrinos; five digits are typed
    density = 2 * math.pi**2 / 45 * (2 + 21 / 11) * (T_CMB / HBAR_C) ** 3
    assert pytest.approx(density, rel=4e-4) == ENTROPY_TODAY
    # rho = 3 H^2 M_Pl^2 / (8 pi) for 100 km/s/Mpc; 3e-5: Newton's constant
    hubble = 1e5 * m / s / (3.0856775815e22 * m) * HBAR
    energy = 3 * hubble**2 * PLANCK_MASS**2 / (8 * math.pi) / (HBAR * C) ** 3
    assert pytest.approx(energy, rel=3e-5) == CRITICAL_DENSITY
    assert pytest.approx(2.7255 * 8.617333e-5 * eV, rel=1e-6) == T_CMB
    assert ENTROPY_TODAY * cm**3 == pytest.approx(2891.2)


@pytest.mark.parametrize("temperature", [3e-3, 1e-2, 2e-2, 5e-2])
def test_degrees_of_an_ideal_gas_below_the_qcd_crossover(temperature):
    energy, entropy = ideal(PHOTON + LEPTONS + PIONS, temperature)
    # 1 %: interpolation and fit, QED corrections, heavier hadrons at 50 MeV
    assert energy_degrees(temperature * GeV) == pytest.approx(energy, rel=0.01)
    assert entropy_degrees(temperature * GeV) == pytest.approx(entropy, rel=0.01)


@pytest.mark.parametrize(
    ("temperature", "interactions"), [(5.0, 0.08), (300.0, 0.03), (1e4, 0.03)]
)
def test_degrees_above_the_crossover_are_those_of_a_gas_with_interactions(
    temperature, interactions
):
    """Interactions lower the pressure, by alpha_s times a number of order one."""
    energy, entropy = ideal(PHOTON + LEPTONS + HEAVY + QUARKS, temperature)
    for ours, gas in (
        (energy_degrees(temperature * GeV), energy),
        (entropy_degrees(temperature * GeV), entropy),
    ):
        assert gas * (1 - interactions) < ours < gas


def test_degrees_at_the_ends():
    # 106.75 for free particles; 3 % of interactions
    assert energy_degrees(1e4 * GeV) == pytest.approx(106.75, rel=0.03)
    assert energy_degrees(3 * MeV) == pytest.approx(10.75, rel=0.005)
    # 3.36 and 3.91 if neutrinos decoupled at once; N_eff raises them. 2e-3: four digits
    # of the table, and 1.5e-3 by which the fit of the entropy is lower
    ratio = 4 / 11
    energy = 2 + 7 / 4 * N_EFF * ratio ** (4 / 3)
    assert energy_degrees(1e-6 * GeV) == pytest.approx(energy, rel=2e-3)
    entropy = 2 + 7 / 4 * N_EFF * ratio
    assert entropy_degrees(1e-6 * GeV) == pytest.approx(entropy, rel=2e-3)
    assert energy == pytest.approx(3.363, rel=0.01)
    assert entropy_slope(1e-6 * GeV) == entropy_slope(1e5 * GeV) == 0


@pytest.mark.parametrize(("logarithm", "energy", "ratio"), LATTICE)
def test_degrees_of_lattice_qcd(logarithm, energy, ratio):
    t = 10 ** (logarithm - 3) * GeV
    # 2.5 % below 0.4 GeV: the errors of the lattice and of the fits; 6 % above, where
    # the two papers join lattice and perturbation theory in different ways
    tolerance = 0.025 if logarithm < 2.6 else 0.06
    assert energy_degrees(t) == pytest.approx(energy, rel=tolerance)
    assert entropy_degrees(t) == pytest.approx(energy / ratio, rel=tolerance)


def test_energy_and_entropy_belong_to_one_gas():
    """d(rho) = T ds, here g_* (1 + slope/4) = g_*s (1 + slope_s/3)."""
    t = np.geomspace(3 * MeV, 1000 * GeV, 60)
    step = 1e-3
    up, down = energy_degrees(t * (1 + step)), energy_degrees(t * (1 - step))
    slope = np.log(up / down) / (2 * step)
    left = energy_degrees(t) * (1 + slope / 4)
    right = entropy_degrees(t) * (1 + entropy_slope(t) / 3)
    # slopes between nodes of a table are rough: 3 %, 1 % in the mean
    np.testing.assert_allclose(left, right, rtol=0.03)
    assert abs(np.mean(left / right - 1)) < 0.01


@pytest.mark.skipif(
    "DARKREACH_REFERENCE_DATA" not in os.environ, reason="needs the reference tables"
)
def test_degrees_of_another_table():
    path = Path(os.environ["DARKREACH_REFERENCE_DATA"]) / "hazma" / "smdof.dat"
    table = np.loadtxt(path, delimiter=",", skiprows=1)
    t = table[:, 0]
    away = (t > 1e-3) & (t < 0.1) | (t > 300) & (t < 1e4)
    # outside the crossover 4 %: its quarks and gluons are free; inside, and where
    # neutrinos decouple, the models differ by up to 15 %
    for ours, theirs in (
        (energy_degrees(t * GeV), table[:, 3]),
        (entropy_degrees(t * GeV), table[:, 2]),
    ):
        np.testing.assert_allclose(ours[away], theirs[away], rtol=0.04)
        np.testing.assert_allclose(ours, theirs, rtol=0.15)


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
def test_boltzmann_equation_has_the_closed_formula_as_its_limit(monkeypatch, pair):
    constant(monkeypatch, 20.0)
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


def trace(model, p, q, a, k):
    """Sum of |M|^2 of mu -> e a gamma from traces; any signs of the momenta."""
    vertex = dense.slash(a) @ (model.c_v * dense.UNIT + model.c_a * dense.GAMMA5)
    total = 0.0
    for sign, gamma in zip((1, -1, -1, -1), dense.GAMMA, strict=True):
        matrix = gamma @ dense.propagator(q + k, M_E) @ vertex
        matrix = matrix + vertex @ dense.propagator(p - k, M_MU) @ gamma
        line = (dense.slash(q) + M_E * dense.UNIT) @ matrix
        line = line @ (dense.slash(p) + M_MU * dense.UNIT) @ dense.adjoint(matrix)
        total -= sign * np.trace(line).real
    return E_CHARGE**2 * total / (4 * model.f**2)


def two_to_two(masses, root, cosine):
    """Momenta 1 2 -> 3 4 in the centre of mass."""
    m1, m2, m3, m4 = masses

    def momentum(a, b):
        return math.sqrt((root**2 - (a + b) ** 2) * (root**2 - (a - b) ** 2)) / 2 / root

    def vector(mass, size, angle):
        x, z = size * math.sin(angle), size * math.cos(angle)
        return np.array([math.hypot(mass, size), x, 0.0, z])

    start, end, angle = momentum(m1, m2), momentum(m3, m4), math.acos(cosine)
    first, second = vector(m1, start, 0.0), vector(m2, start, math.pi)
    return first, second, vector(m3, end, angle), vector(m4, end, angle + math.pi)


@pytest.mark.parametrize(("c_v", "c_a"), [(1.0, 0.0), (0.0, 1.0), (0.3 + 0.4j, -0.7)])
def test_squared_amplitude_and_its_crossings(c_v, c_a):
    model = LfvAlp(f=3e9 * GeV, c_v=c_v, c_a=c_a)
    coupled = scattering.line(("mu", "e"), c_v=c_v, c_a=c_a, f=3e9 * GeV)

    def ours(p, q, k):
        return scattering.squared(
            coupled, np.array(2 * dense.dot(p, k)), np.array(2 * dense.dot(q, k))
        )

    # the decay, from the spinors of the package; 1/2 is its average over muon spins
    p = dense.at_rest(M_MU)
    pair_mass = 70 * MeV
    size = (M_MU**2 - pair_mass**2) / (2 * M_MU)
    k = size * np.array([1.0, 0.6, 0.0, 0.8])
    boost = dense.boost(-k[1:] / (M_MU - size))
    half = (pair_mass**2 - M_E**2) / (2 * pair_mass)
    a = boost @ (half * np.array([1.0, 0.0, 1.0, 0.0]))
    q = p - k - a
    event = jnp.array([p, q, a, k])[None]
    spinors = squared_amplitude(MuToEAlpGamma(model=model), event)[0]
    # 1e-9: differences of momenta of 1e2 m_e
    assert ours(p, q, k) == pytest.approx(2 * float(spinors), rel=1e-9)
    for root, cosine in ((120 * MeV, 0.3), (300 * MeV, -0.9), (2 * GeV, 0.6)):
        # mu gamma -> e a
        p, k, q, a = two_to_two((M_MU, 0.0, M_E, 0.0), root, cosine)
        expected = trace(model, p, q, a, -k)
        assert expected > 0
        assert ours(p, q, -k) == pytest.approx(expected, rel=1e-6)
        # e gamma -> mu a is the same with both leptons turned around
        q, k, p, a = two_to_two((M_E, 0.0, M_MU, 0.0), root, cosine)
        expected = trace(model, -p, -q, a, -k)
        assert expected > 0
        assert ours(-p, -q, -k) == pytest.approx(expected, rel=1e-6)
        # mu- e+ -> gamma a: one fermion crossed, so one sign
        p, q, k, a = two_to_two((M_MU, M_E, 0.0, 0.0), root, cosine)
        expected = -trace(model, p, -q, a, k)
        assert expected > 0
        assert -ours(p, -q, k) == pytest.approx(expected, rel=1e-6)


@pytest.mark.parametrize("root", [110 * MeV, 300 * MeV])
def test_angular_integrals(root):
    """The integrands of the reactions at explicit momenta, integrated adaptively."""
    coupled = scattering.line(("mu", "e"), c_v=1.0, c_a=0.2, f=1e9 * GeV)
    square = np.array([root**2])

    def integral(masses, arguments, sign):
        def integrand(logarithm, side):
            # 1 - |cos| = exp(logarithm) resolves the collinear peaks
            cosine = side * (1 - math.exp(logarithm))
            p, q = arguments(*two_to_two(masses, root, cosine))
            value = scattering.squared(coupled, np.array(p), np.array(q))
            return sign * float(value) * math.exp(logarithm) / 2

        parts = [
            quad(integrand, -25, 0, args=(side,), epsrel=1e-8, limit=200)[0]
            for side in (1, -1)
        ]
        momentum = two_to_two(masses, root, 0.0)[2]
        size = math.sqrt(momentum[1] ** 2 + momentum[3] ** 2)
        return size / (4 * math.pi * root) * sum(parts)

    dot = dense.dot
    expected = (
        integral(
            (M_MU, 0.0, M_E, 0.0),
            lambda p, k, q, a: (-2 * dot(p, k), -2 * dot(q, k)),
            1,
        ),
        integral(
            (M_E, 0.0, M_MU, 0.0),
            lambda q, k, p, a: (2 * dot(p, k), 2 * dot(q, k)),
            1,
        ),
        integral(
            (M_MU, M_E, 0.0, 0.0),
            lambda p, q, k, a: (2 * dot(p, k), -2 * dot(q, k)),
            -1,
        ),
    )
    ours = (
        scattering._compton(coupled, square, from_daughter=False)[0],
        scattering._compton(coupled, square, from_daughter=True)[0],
        scattering._annihilation(coupled, square)[0],
    )
    # 1e-4: explicit momenta lose digits where the electron is collinear
    assert ours == pytest.approx(expected, rel=1e-4)


def test_reaction_density_of_a_constant_amplitude(monkeypatch):
    """Massless Boltzmann gases and |M|^2 = 1: T^4 / (128 pi^5)."""
    # the product is negative where a single fermion is crossed
    monkeypatch.setattr(scattering, "squared", lambda line, p, q: np.sign(p * q))
    light = scattering.Line(
        parent=2e-3 * GeV, daughter=1e-3 * GeV, scalar=1.0, pseudoscalar=0.0
    )
    t = 1.0 * GeV
    densities = scattering.reaction_density(light, t, photon_mass=1e-3 * GeV)
    # 1e-4: masses, squared, over T^2 with a logarithm
    expected = t**4 / (128 * math.pi**5)
    assert densities == pytest.approx((expected,) * 3, rel=1e-4)


@pytest.mark.parametrize("pair", PAIRS)
def test_soft_photons_come_with_the_eikonal_factor(pair):
    """Halving a small cut adds (2 alpha/pi) (ln(m/m') - 1) ln 2, as for emission.

    The factor for a daughter of energy E* and speed v: 2 (alpha/pi) times
    (artanh(v)/v - 1), from the integral over the directions of the photon.
    """
    mass, other = (LEPTON_MASS[lepton] for lepton in pair)
    speed = (mass**2 - other**2) / (mass**2 + other**2)
    factor = 2 * ALPHA / math.pi * (math.atanh(speed) / speed - 1)
    loose = scattering.fraction(pair, photon_mass=2e-4)
    tight = scattering.fraction(pair, photon_mass=1e-4)
    # 1 %: photons of finite energy, of order the cut over m, and 80 nodes
    assert tight[0] - loose[0] == pytest.approx(factor * math.log(2), rel=0.01)
    assert tight[1:] == loose[1:]


def test_scattering_is_a_correction_of_order_alpha():
    for pair in PAIRS:
        bare = sum(scattering.fraction(pair))
        dressed = sum(scattering.fraction(pair, fermion_mass=scattering.FERMION_MASS))
        # between alpha and alpha times two logarithms of 6 to 8
        assert ALPHA < dressed < bare < ALPHA * math.log(M_TAU / M_E) ** 2


@pytest.mark.parametrize("pair", PAIRS)
def test_momenta_in_closed_form(monkeypatch, pair):
    """dn/dq ~ q^(3/2) exp(-q): mean 5/2, mean square 35/4; for massless daughters."""
    constant(monkeypatch, 50.0)
    found = warm.moments(pair, statistics="classical")
    mass, other = (LEPTON_MASS[lepton] for lepton in pair)
    energy = 1 - (other / mass) ** 2  # the energy of a in units of m/2
    # 1e-5: production above T = 100 m
    assert found.mean_over_temperature == pytest.approx(2.5 * energy, rel=1e-5)
    rms = math.sqrt(35) / 2 * energy
    assert found.rms_over_temperature == pytest.approx(rms, rel=1e-5)
    assert found.degrees == pytest.approx(50.0, rel=1e-9)
    today = T_CMB * (43 / 11 / 50) ** (1 / 3)
    assert found.rms == pytest.approx(rms * today, rel=1e-5)
    assert found.mean == pytest.approx(2.5 * energy * today, rel=1e-5)


def test_blocking_angle_by_angle_is_the_analytic_mean():
    """Two routes to the number of ALPs: the moments' nodes and `yield_per_width`."""
    slow = warm.moments(("mu", "e"), statistics="quantum")
    fast = warm.moments(("mu", "e"), statistics="classical")
    # soft daughters, so hard ALPs, or the reverse, are blocked: below 2 % of the mean
    assert slow.mean_over_temperature == pytest.approx(
        fast.mean_over_temperature, rel=0.02
    )
    # g_* of muons is between its values at m/10 and at m
    low, high = (float(entropy_degrees(x * M_MU)) for x in (0.1, 1.0))
    assert low < slow.degrees < high


@pytest.mark.parametrize("pair", PAIRS)
@pytest.mark.parametrize("statistics", ["quantum", "classical"])
def test_spectrum_has_the_number_and_the_moments(pair, statistics):
    """Elementary integrals over the parents against quadrature over them."""
    q = np.linspace(1e-4, 25.0, 20001)
    density = warm.spectrum(q, pair, statistics=statistics)
    moments = [np.trapezoid(density * q**k, q) for k in (0, 1, 2)]
    found = warm.moments(pair, statistics=statistics)
    # 1e-4: trapezoids from q = 1e-4, where dn/dq ~ q^(3/2) starts
    assert moments[0] == pytest.approx(1.0, rel=1e-4)
    assert moments[1] * T_CMB == pytest.approx(found.mean, rel=1e-4)
    assert math.sqrt(moments[2]) * T_CMB == pytest.approx(found.rms, rel=1e-4)


def test_spectrum_in_closed_form(monkeypatch):
    g = 43 / 11  # nothing is diluted
    constant(monkeypatch, g)
    q = np.array([0.3, 1.0, 2.5, 6.0])
    found = warm.spectrum(q, ("tau", "e"), statistics="classical")
    closed = q**1.5 * np.exp(-q) / math.gamma(2.5)
    # 1e-4: production above T = 100 m at small q, and the electron's mass
    np.testing.assert_allclose(found, closed, rtol=1e-4)


def test_thermal_relic():
    # Omega h^2 = (m / 94 eV) (T_x / T_nu)^3 [recalled]; 1 %: 93 to 94 eV are quoted
    mass = 5.3 * keV
    temperature = T_CMB * (4 / 11) ** (1 / 3) * (0.12 * 94 * eV / mass) ** (1 / 3)
    rms = warm.thermal_relic_momentum(mass)
    assert rms == pytest.approx(3.597 * temperature, rel=0.01)


def test_warm_dark_matter_of_the_literature(monkeypatch):
    """arXiv:2011.13458 [recalled]: 7.56 keV (m_WDM / 3 keV)^(4/3) rms(q) T / T_0.

    arXiv:2111.09321 (abstract): masses below 15 keV are excluded for freeze-in.
    """
    for pair in PAIRS:
        for thermal in (3.5 * keV, 5.3 * keV):
            ours = warm.warm_dark_matter_mass(pair, thermal_mass=thermal)
            ratio = warm.moments(pair).rms / T_CMB
            formula = 7.56 * keV * (thermal / (3 * keV)) ** (4 / 3) * ratio
            # 2 %: three digits, and the relic density and temperature they took
            assert ours == pytest.approx(formula, rel=0.02)
    constant(monkeypatch, 106.75)
    heavy = warm.warm_dark_matter_mass(("tau", "e"), statistics="classical")
    # 10 %: they compare power spectra, two digits are quoted
    assert heavy == pytest.approx(15 * keV, rel=0.1)


def test_warm_dark_matter_errors():
    with pytest.raises(ValueError, match="closed"):
        warm.moments(("mu", "e"), mass=200 * MeV)
    with pytest.raises(ValueError, match="thermal mass"):
        warm.warm_dark_matter_mass(("mu", "e"), thermal_mass=-1 * keV)


def test_the_table_is_increasing():
    rows = np.array(degrees.TABLE)
    assert (np.diff(rows[:, 0]) > 0).all()
    assert (np.diff(rows[:, 1:], axis=0) >= 0).all()
