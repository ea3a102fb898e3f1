"""a -> l l', equal and unequal leptons, against traces and closed forms."""

import math

from dataclasses import replace

import dense
import jax.numpy as jnp
import numpy as np
import pytest

from darkreach.constants import HBAR, M_E, M_MU, C
from darkreach.models.lfv_alp import LEPTON_MASS, LfvAlp
from darkreach.units import GeV, MeV


@pytest.mark.parametrize(
    ("lepton", "mass", "name"), [("e", M_E, "c_ee"), ("mu", M_MU, "c_mumu")]
)
def test_width_to_equal_leptons(lepton, mass, name):
    alp = LfvAlp(mass=3 * mass, f=1e5 * GeV, **{name: 0.8})
    closed = alp.mass * mass**2 * 0.64 / (8 * math.pi * alp.f**2)
    closed *= math.sqrt(1 - 4 / 9)
    assert float(alp.width_to_leptons(lepton, lepton)) == pytest.approx(
        closed, rel=1e-12
    )
    below = LfvAlp(mass=1.9 * mass, f=1e5 * GeV, **{name: 0.8})
    assert below.width_to_leptons(lepton, lepton) == 0


def dense_width_to_pair(alp, m1, m2, *, conjugate):
    """a -> l1- l2+, or its conjugate a -> l1+ l2-, from traces."""
    m = float(alp.mass)
    p = math.sqrt((m**2 - (m1 + m2) ** 2) * (m**2 - (m1 - m2) ** 2)) / (2 * m)
    first = np.array([math.hypot(m1, p), 0, 0, p])
    second = np.array([math.hypot(m2, p), 0, 0, -p])
    c_v, c_a = complex(alp.c_v), complex(alp.c_a)
    if conjugate:
        first, second, m1, m2 = second, first, m2, m1
        c_v, c_a = c_v.conjugate(), c_a.conjugate()
    matrix = c_v * dense.UNIT + c_a * dense.GAMMA5
    vertex = dense.slash(first + second) @ matrix / (2 * alp.f)
    squared = np.trace(
        (dense.slash(first) + m1 * dense.UNIT)
        @ vertex
        @ (dense.slash(second) - m2 * dense.UNIT)
        @ dense.adjoint(vertex)
    ).real
    return squared * p / (8 * math.pi * m**2)


PAIRS = [("mu", "e"), ("tau", "e"), ("tau", "mu")]


@pytest.mark.parametrize("pair", PAIRS)
@pytest.mark.parametrize("heavier", [1.001, 1.4, 30.0])
def test_flavour_violating_pairs_from_traces(pair, heavier):
    m1, m2 = (LEPTON_MASS[lepton] for lepton in pair)
    mass = heavier * (m1 + m2)
    alp = LfvAlp(mass=mass, f=1e5 * GeV, c_v=0.4 - 0.3j, c_a=0.9 + 0.2j, c_ee=1e-3)
    states = [dense_width_to_pair(alp, m1, m2, conjugate=c) for c in (False, True)]
    # 1e-9: the momentum 0.1 % above threshold keeps that many digits
    for first, second in (pair, pair[::-1]):
        own = float(alp.width_to_leptons(first, second))
        assert own == pytest.approx(states[0], rel=1e-9)
    without = replace(alp, c_v=0.0, c_a=0.0)
    added = float(alp.width(pair=pair)) - float(without.width(pair=pair))
    assert added == pytest.approx(sum(states), rel=1e-9)
    assert float(alp.ctau(pair=pair)) == pytest.approx(
        float(HBAR * C / alp.width(pair=pair)), rel=1e-14
    )


def test_flavour_violating_pairs_in_closed_form():
    # massless electron, a charge state: m_a m_mu^2 (|C^V|^2 + |C^A|^2) / (32 pi f^2)
    # (1 - m_mu^2/m_a^2)^2; for C^V = C^A the corrections linear in m_e/m_mu cancel
    alp = LfvAlp(mass=300 * MeV, f=1e5 * GeV, c_v=0.7, c_a=0.7)
    closed = alp.mass * M_MU**2 * 2 * 0.49 / (32 * math.pi * alp.f**2)
    closed *= (1 - (M_MU / alp.mass) ** 2) ** 2
    # (m_e/m_mu)^2 = 2.3e-5, times a few
    assert float(alp.width_to_leptons("mu", "e")) == pytest.approx(closed, rel=1e-4)


@pytest.mark.parametrize("pair", PAIRS)
def test_flavour_violating_pairs_close_at_threshold(pair):
    threshold = sum(LEPTON_MASS[lepton] for lepton in pair)
    for mass in (0.0, 0.5 * threshold, threshold):
        alp = LfvAlp(mass=mass, f=1e5 * GeV, c_v=1.0, c_a=1.0)
        assert alp.width(pair=pair) == 0
        assert alp.lifetime(pair=pair) == jnp.inf


def test_equal_masses_are_the_diagonal_width_in_both_charge_states(monkeypatch):
    """Two states for l l', one for l l; the vector current is conserved: no width."""
    alp = LfvAlp(mass=250 * MeV, f=1e5 * GeV, c_v=0.6, c_a=0.8, c_mumu=0.8)
    monkeypatch.setitem(LEPTON_MASS, "e", M_MU)
    diagonal = float(alp.width_to_leptons("mu", "mu"))
    assert float(alp.width_to_leptons("mu", "e")) == pytest.approx(diagonal, rel=1e-14)
    total = float(alp.width() - alp.width_to_gamma_gamma())
    assert total == pytest.approx(3 * diagonal, rel=1e-12)
