"""Widths against traces, decay length and moments against published numbers."""

import math

import dense
import numpy as np
import pytest

from darkreach.constants import M_E, M_MU
from darkreach.models.lepton_scalar import LeptonScalar
from darkreach.models.lfv_alp import LfvAlp
from darkreach.units import GeV, MeV, keV, mm


def dense_width(mass, lepton, g_s, g_p):
    """phi -> l- l+ from traces."""
    e, p = mass / 2, math.sqrt(mass**2 / 4 - lepton**2)
    minus = dense.slash(np.array([e, 0, 0, p])) + lepton * dense.UNIT
    plus = dense.slash(np.array([e, 0, 0, -p])) - lepton * dense.UNIT
    vertex = g_s * dense.UNIT + 1j * g_p * dense.GAMMA5
    total = np.trace(minus @ vertex @ plus @ dense.adjoint(vertex)).real
    return total * p / (8 * math.pi * mass**2)


@pytest.mark.parametrize(("g_s", "g_p"), [(1.0, 0.0), (0.0, 1.0), (0.3, -0.7)])
def test_widths_are_those_of_traces(g_s, g_p):
    # 1e-9: traces of momenta cancel to that many digits
    light = LeptonScalar(mass=3 * MeV, g_s_e=g_s, g_p_e=g_p)
    expected = dense_width(3 * MeV, M_E, g_s, g_p)
    assert float(light.width_to_ee()) == pytest.approx(expected, rel=1e-9)
    assert float(light.width()) == pytest.approx(expected, rel=1e-9)
    heavy = LeptonScalar(mass=400 * MeV, g_s_mu=g_s, g_p_mu=g_p)
    expected = dense_width(400 * MeV, M_MU, g_s, g_p)
    assert float(heavy.width_to_mumu()) == pytest.approx(expected, rel=1e-9)
    assert float(heavy.width()) == pytest.approx(expected, rel=1e-9)


def test_on_shell_a_derivative_coupling_is_a_pseudoscalar_one():
    """g_P = C_ee m_e / f_a; rounding only."""
    alp = LfvAlp(mass=20 * MeV, f=1 * GeV, c_ee=1.0)
    scalar = LeptonScalar(mass=20 * MeV, g_p_e=M_E / GeV)
    assert float(scalar.width_to_ee()) == pytest.approx(
        float(alp.width_to_leptons("e", "e")), rel=1e-10
    )


def test_decay_length():
    found = float(LeptonScalar(mass=10 * MeV, g_p_e=1e-5).ctau()) / mm
    # 8 pi hbar c / (g^2 m) by hand, three digits; the threshold adds 0.5 %
    assert found * math.sqrt(1 - 4 * 0.0511**2) == pytest.approx(4.96, rel=1e-3)
    assert float(LeptonScalar(mass=1 * MeV, g_p_e=1e-5).ctau()) == math.inf


def test_published_couplings_from_moments():
    """|g_ae| = 6.6e-6 below 0.5 MeV is a moment of 2.8e-13 (massless pseudoscalar).

    2 %: both numbers have two digits.
    """
    found = float(LeptonScalar(mass=1 * keV, g_p_e=6.6e-6).anomalous_moment("e"))
    assert found == pytest.approx(-2.8e-13, rel=0.02)
    # a massless scalar is three times that with the other sign; the lepton is named
    model = LeptonScalar(mass=1e-3 * keV, g_s_mu=6.6e-6)
    assert float(model.anomalous_moment("mu")) == pytest.approx(8.4e-13, rel=0.02)
    assert float(model.anomalous_moment("e")) == 0.0
