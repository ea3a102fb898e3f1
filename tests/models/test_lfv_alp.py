"""Widths against traces and closed forms; conversions both ways; loop function."""

import math

import dense
import jax
import jax.numpy as jnp
import numpy as np
import pytest

from hypothesis import given
from hypothesis import strategies as st
from scipy.integrate import quad

from darkreach.constants import ALPHA, M_E, M_MU, M_TAU, C
from darkreach.models.lfv_alp import (
    LfvAlp,
    _loop,
    decay_constant,
    effective_scale,
    scale_from_branching_ratio,
)
from darkreach.units import GeV, MeV, keV, mm, s

coupling = st.complex_numbers(max_magnitude=3, allow_subnormal=False).filter(
    lambda c: abs(c) > 1e-3
)


def dense_width(model, m1, m2):
    """l1 -> l2 a from traces: |M|^2 p / (8 pi m1^2)."""
    mass = float(model.mass)
    p = math.sqrt((m1**2 - (m2 + mass) ** 2) * (m1**2 - (m2 - mass) ** 2)) / (2 * m1)
    daughter = np.array([math.hypot(m2, p), 0, 0, p])
    alp = dense.at_rest(m1) - daughter
    matrix = model.c_v * dense.UNIT + model.c_a * dense.GAMMA5
    vertex = dense.slash(alp) @ matrix / (2 * model.f)
    squared = np.trace(
        (dense.slash(daughter) + m2 * dense.UNIT)
        @ vertex
        @ dense.density(dense.at_rest(m1), m1)
        @ dense.adjoint(vertex)
    ).real
    return squared * p / (8 * math.pi * m1**2)


@pytest.mark.parametrize("mass", [0.0, 10 * MeV, 80 * MeV])
@pytest.mark.parametrize(
    ("c_v", "c_a"), [(1.0, 0.0), (0.0, 1.0), (0.5, -0.5), (0.3 + 1j, 0.2 - 0.7j)]
)
def test_widths_are_those_of_traces(mass, c_v, c_a):
    model = LfvAlp(mass=mass, f=3e9 * GeV, c_v=c_v, c_a=c_a)
    for pair in (("mu", "e"), ("tau", "e"), ("tau", "mu")):
        masses = {"e": M_E, "mu": M_MU, "tau": M_TAU}
        expected = dense_width(model, masses[pair[0]], masses[pair[1]])
        # 1e-10: m1^2 - (m2 + m)^2 keeps that many digits
        assert float(model.width_from(*pair)) == pytest.approx(expected, rel=1e-10)


def test_massless_limit():
    # physics: Gamma 16 pi F^2 / m^3 = 1 - 3 (m_e/m_mu)^2 = 0.99993
    width = LfvAlp(c_v=1.0).width_from("mu", "e")
    scale = LfvAlp(c_v=1.0).effective_scale()
    ratio = float(width * 16 * math.pi * scale**2 / M_MU**3)
    assert ratio == pytest.approx(1 - 3 * (M_E / M_MU) ** 2, rel=1e-8)


@pytest.mark.parametrize(
    ("pair", "effective", "expected"),
    [
        # tolerance 5e-4: quoted with four digits
        (("mu", "e"), 1e9 * GeV, 7.833e-5),
        (("tau", "e"), 1e7 * GeV, 4.922e-4),
    ],
)
def test_branching_ratios(pair, effective, expected):
    for c_v, c_a in ((1.0, 0.0), (0.0, 1.0), (1.0, 1.0), (0.3j, -0.8)):
        f = decay_constant(effective, c_v=c_v, c_a=c_a)
        model = LfvAlp(f=f, c_v=c_v, c_a=c_a)
        assert float(model.branching_ratio_from(*pair)) == pytest.approx(
            expected, rel=5e-4
        )


def test_convention_of_the_decay_constant():
    # c_v = 1 and f = 1e9 GeV is F = 2e9 GeV, BR = 7.833e-5 / 4
    model = LfvAlp(c_v=1.0, f=1e9 * GeV)
    assert float(model.effective_scale()) == pytest.approx(2e9 * GeV, rel=1e-15)
    assert float(model.branching_ratio_from("mu", "e")) == pytest.approx(
        1.958e-5, rel=5e-4
    )


def test_width_closes_at_threshold():
    assert LfvAlp(c_v=1.0, mass=M_MU - M_E).width_from("mu", "e") == 0
    assert LfvAlp(c_v=1.0, mass=M_MU).width_from("mu", "e") == 0


@given(coupling, coupling, st.floats(1, 1e12))
def test_conversions_invert_each_other(c_v, c_a, scale):
    f = scale * GeV
    back = decay_constant(effective_scale(f, c_v=c_v, c_a=c_a), c_v=c_v, c_a=c_a)
    assert float(back) == pytest.approx(f, rel=1e-14)


@given(coupling, coupling, st.floats(0, 100))
def test_branching_ratio_to_scale_and_back(c_v, c_a, mass):
    model = LfvAlp(mass=mass * MeV, f=2e9 * GeV, c_v=c_v, c_a=c_a)
    ratio = float(model.branching_ratio_from("mu", "e"))
    scale = scale_from_branching_ratio(ratio, mass=mass * MeV, c_v=c_v, c_a=c_a)
    # two square roots and a ratio
    assert float(scale) == pytest.approx(float(model.effective_scale()), rel=1e-12)


def test_no_coupling_is_an_infinite_scale():
    assert LfvAlp().effective_scale() == jnp.inf
    assert LfvAlp().lifetime() == jnp.inf


def loop_by_integral(inverse):
    """B = 1 + (1/(2z)) int_0^1 dx/x ln(1 - 4 z x (1-x) - i0), z = m_a^2/(4 m^2)."""

    def log(x):
        return math.log(abs(1 - 4 * inverse * x * (1 - x))) / x

    ends = [0.5 * (1 + sign * math.sqrt(max(1 - 1 / inverse, 0))) for sign in (-1, 1)]
    cuts = ends if inverse > 1 else [0.5]
    real, _ = quad(log, 0, 1, points=cuts, limit=400, epsrel=1e-11)
    imaginary = -math.pi * math.log(ends[1] / ends[0]) if inverse > 1 else 0.0
    return 1 + complex(real, imaginary) / (2 * inverse)


@pytest.mark.parametrize("inverse", [1e-3, 0.1, 0.9, 1.1, 5.0, 100.0])
def test_loop_function_is_the_feynman_integral(inverse):
    own = complex(_loop(1.0, math.sqrt(inverse)))
    # 1e-8: the quadrature across two logarithmic singularities
    assert own == pytest.approx(loop_by_integral(inverse), rel=1e-8)


def test_loop_function_limits():
    # light a: -m_a^2/(12 m^2) (1 + ...), correction 8/15 of m_a^2/(4 m^2)
    assert complex(_loop(4.0, 1e-3)) == pytest.approx(-1e-6 / 12, rel=1e-6)
    # heavy a: 1, approached like ln^2(tau) tau/4
    assert abs(complex(_loop(1e-12, 1.0)) - 1) < 1e-9
    assert _loop(1.0, 0.0) == 0


def test_loop_function_is_smooth_where_its_branches_meet():
    for edge, step in ((1e-4, 1e-9), (1.0, 1e-12)):
        below = complex(_loop(1.0, math.sqrt(edge * (1 - step))))
        above = complex(_loop(1.0, math.sqrt(edge * (1 + step))))
        # a square root at threshold: sqrt(1e-12) = 1e-6, times pi
        assert above == pytest.approx(below, rel=1e-5)


def test_photon_lifetime_of_a_light_alp():
    # arXiv:2209.03371 with the formula of the model: 2.4e27 s, two digits, so 5 %
    alp = LfvAlp(mass=10 * keV, f=1e10 * GeV, c_ee=1.0)
    assert float(alp.lifetime() / s) == pytest.approx(2.4e27, rel=0.05)
    assert float(alp.ctau() / mm) == pytest.approx(float(alp.lifetime() * C) / mm)


def test_photon_width_of_the_anomaly():
    # g = alpha E / (pi f), Gamma = g^2 m^3 / (64 pi)
    alp = LfvAlp(mass=1 * MeV, f=1e6 * GeV, anomaly=1.5)
    g = ALPHA * 1.5 / (math.pi * 1e6 * GeV)
    closed = g**2 * (1 * MeV) ** 3 / (64 * math.pi)
    assert float(alp.width_to_gamma_gamma()) == pytest.approx(closed, rel=1e-14)


def test_total_width_adds_up():
    alp = LfvAlp(mass=500 * MeV, f=1e6 * GeV, c_ee=1.0, c_mumu=0.5, c_tautau=2.0)
    parts = [alp.width_to_leptons(x, x) for x in ("e", "mu")]
    total = float(alp.width_to_gamma_gamma()) + sum(map(float, parts))
    assert float(alp.width()) == pytest.approx(total, rel=1e-14)
    assert alp.width_to_leptons("tau", "tau") == 0


def test_model_can_be_traced_and_differentiated():
    def width(mass):
        return LfvAlp(mass=mass, c_v=1.0).width_from("mu", "e")

    mass, step = 30 * MeV, 1e-4 * MeV
    slope = (width(mass + step) - width(mass - step)) / (2 * step)
    # central difference: rounding 1e-16 / 1e-6 of the width
    assert float(jax.grad(width)(mass)) == pytest.approx(float(slope), rel=1e-7)
