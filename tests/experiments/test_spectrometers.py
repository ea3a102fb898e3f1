"""Acceptances of the spectrometers that see single positrons."""

import numpy as np
import pytest

from darkreach.constants import M_MU
from darkreach.experiments.jodidio import Jodidio, muons_behind
from darkreach.experiments.mu3e_online import Mu3eOnline
from darkreach.experiments.muon_forward import MuonForward
from darkreach.experiments.twist import Twist
from darkreach.units import GeV, MeV, cm

ALL = [Twist(), Jodidio(), Mu3eOnline(), MuonForward()]


@pytest.mark.parametrize("experiment", ALL, ids=lambda e: type(e).__name__)
def test_angular_bins_and_energies_are_ordered_and_physical(experiment):
    edges = np.array(experiment.cos_edges())
    assert np.all(np.diff(edges) > 0)
    assert np.all(np.abs(edges) <= 1)
    low, high = experiment.energy_range()
    assert 0 < low < high
    assert high > M_MU / 2
    sigma = experiment.resolution(np.array([50 * MeV]), 0.9)
    assert 0.01 * MeV < sigma[0] < 1 * MeV


def test_cone_is_the_solid_angle_of_the_calorimeter():
    """(r / z)^2 / 2 = 5.6e-4 for 5 cm at 150 cm, to (r / z)^2."""
    forward = MuonForward(radius=5 * cm, distance=150 * cm)
    assert forward.cone() == pytest.approx((5 / 150) ** 2 / 2, rel=2e-3)
    wide = MuonForward(radius=5 * cm, distance=150 * cm, focusing=100.0)
    assert wide.cone() == pytest.approx(100 * forward.cone(), rel=1e-12)
    assert 1 - wide.cos_edges()[0] == pytest.approx(wide.cone(), rel=1e-12)


def test_twist_sees_both_sides_between_its_momentum_cuts():
    """Along |cos| = 0.8 the cuts are at p = 16.7, 63 and 17.5 MeV."""
    energy = np.array([[17.0], [18.0], [52.0]]) * MeV
    seen = Twist().accepted(energy, np.array([0.8, -0.8, 0.3]))
    np.testing.assert_array_equal(seen, [[0, 0, 0], [1, 1, 0], [1, 1, 0]])


def test_mu3e_threshold_is_half_the_radius_of_the_outer_layer():
    """p_T = 0.3 GeV/(T m) B R / 2 with B = 1 T and R = 86.3 mm, two digits given."""
    assert (
        pytest.approx(0.3 * 0.0863 / 2 * GeV, rel=5e-3) == Mu3eOnline().transverse_min
    )
    energy = np.array([[12.0], [14.0], [50.0]]) * MeV
    seen = Mu3eOnline().accepted(energy, np.array([0.0, 0.79, 0.9])) > 0
    assert seen.tolist() == [[False] * 3, [True, False, False], [True, True, False]]


def test_jodidio_muons_are_those_behind_the_positrons():
    """6.1e9 is rounded to two digits; the fraction of decays by a direct sum."""
    x = np.linspace(0.88, 1, 20001)
    fraction = np.trapezoid(2 * x**2 * (3 - 2 * x), x) * (1 - 0.975) / 2
    found = muons_behind(1.8e7, cos_min=0.975, x_min=0.88)
    assert found == pytest.approx(1.8e7 / fraction, rel=1e-6)
    assert float(Jodidio().muons) == pytest.approx(found, rel=0.01)
    assert not np.any(Jodidio().accepted(np.array([[1 * GeV]]), np.array([0.97])))
