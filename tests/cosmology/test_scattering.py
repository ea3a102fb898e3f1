"""Freeze-in with photons: amplitudes, integrals and their size."""

import math

import dense
import jax.numpy as jnp
import numpy as np
import pytest

from scipy.integrate import quad

from darkreach.constants import (
    ALPHA,
    E_CHARGE,
    M_E,
    M_MU,
    M_TAU,
)
from darkreach.cosmology import scattering
from darkreach.models.lfv_alp import LEPTON_MASS, LfvAlp
from darkreach.processes.mu_to_e_alp_gamma import MuToEAlpGamma
from darkreach.processes.process import squared_amplitude
from darkreach.units import GeV, MeV

PAIRS = (("mu", "e"), ("tau", "e"), ("tau", "mu"))


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


@pytest.mark.parametrize("pair", PAIRS[::2])
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
    for pair in PAIRS[::2]:
        bare = sum(scattering.fraction(pair))
        dressed = sum(scattering.fraction(pair, fermion_mass=scattering.FERMION_MASS))
        # between alpha and alpha times two logarithms of 6 to 8
        assert ALPHA < dressed < bare < ALPHA * math.log(M_TAU / M_E) ** 2
