"""Widths against traces, and the dark photon as a special case."""

import math

import dense
import numpy as np
import pytest

from darkreach.constants import E_CHARGE, M_E, M_MU
from darkreach.models.dark_photon import DarkPhoton
from darkreach.models.lepton_vector import LeptonVector
from darkreach.units import MeV

METRIC = np.diag([1.0, -1.0, -1.0, -1.0])


def dense_width(mass, lepton, g_v, g_a):
    """X -> l- l+ from traces with the polarisation sum -g + P P / m^2, mean of 3."""
    e, p = mass / 2, math.sqrt(mass**2 / 4 - lepton**2)
    minus = dense.slash(np.array([e, 0, 0, p])) + lepton * dense.UNIT
    plus = dense.slash(np.array([e, 0, 0, -p])) - lepton * dense.UNIT
    parent = np.array([mass, 0, 0, 0])
    total = 0.0
    sums = -METRIC + np.outer(parent, parent) / mass**2
    for a in range(4):
        for b in range(4):
            coupling = g_v * dense.UNIT + g_a * dense.GAMMA5
            first = dense.GAMMA[a] @ coupling
            second = dense.adjoint(dense.GAMMA[b] @ coupling)
            lowered = METRIC[a, a] * METRIC[b, b] * sums[a, b]
            total += lowered * np.trace(minus @ first @ plus @ second).real
    return total / 3 * p / (8 * math.pi * mass**2)


@pytest.mark.parametrize(("g_v", "g_a"), [(1.0, 0.0), (0.0, 1.0), (0.3, -0.7)])
def test_widths_are_those_of_traces(g_v, g_a):
    # 1e-9: traces of momenta cancel to that many digits
    light = LeptonVector(mass=3 * MeV, g_v_e=g_v, g_a_e=g_a)
    expected = dense_width(3 * MeV, M_E, g_v, g_a)
    assert float(light.width_to_ee()) == pytest.approx(expected, rel=1e-9)
    assert float(light.width()) == pytest.approx(expected, rel=1e-9)
    heavy = LeptonVector(mass=400 * MeV, g_v_mu=g_v, g_a_mu=g_a)
    expected = dense_width(400 * MeV, M_MU, g_v, g_a)
    assert float(heavy.width_to_mumu()) == pytest.approx(expected, rel=1e-9)
    assert float(heavy.width()) == pytest.approx(expected, rel=1e-9)


def test_a_dark_photon_is_one():
    g = 1e-3 * E_CHARGE
    general = LeptonVector(mass=250 * MeV, g_v_e=g, g_v_mu=g)
    dark = DarkPhoton(mass=250 * MeV, eps=1e-3)
    # rounding only
    assert float(general.ctau()) == pytest.approx(float(dark.ctau()), rel=1e-12)
    for lepton in ("e", "mu"):
        assert float(general.anomalous_moment(lepton)) == pytest.approx(
            float(dark.anomalous_moment(lepton)), rel=1e-12
        )


def test_moments_have_the_sign_of_the_coupling():
    """Vectors raise a_l, axial vectors lower it (Leveille 1978)."""
    model = LeptonVector(g_v_e=1e-4, g_a_mu=1e-4)
    assert float(model.anomalous_moment("e")) > 0
    assert float(model.anomalous_moment("mu")) < 0
