"""Limits from anomalous moments: by hand, and against published lines."""

import math

import numpy as np
import pytest

from reference import reference

from darkreach.constants import ALPHA, M_MU
from darkreach.curves.curve import interpolate
from darkreach.curves.moments import allowed, moment_bound
from darkreach.units import GeV, MeV, eV, keV

TWO_SIGMA = math.erf(2 / math.sqrt(2))


def test_what_is_open_at_two_sigma():
    """Rubidium 3.4 + 3.2, caesium -10.2 - 5.2; muon 38 -+ 126. By hand, exact."""
    assert allowed("e", cl=TWO_SIGMA) == pytest.approx((-15.4e-13, 6.6e-13))
    assert allowed("mu", cl=TWO_SIGMA) == pytest.approx((-88e-11, 164e-11))
    with pytest.raises(ValueError, match="the level is 95"):
        allowed("e", cl=95.0)


def test_light_bosons():
    """a = alpha eps^2 / (2 pi), 3 g^2 / (16 pi^2) and -g^2 / (16 pi^2); rounding."""
    light = np.array([1 * eV, 2 * eV])
    found = moment_bound("dark photon", "mu", cl=TWO_SIGMA, masses=light).value[0]
    assert found == pytest.approx(math.sqrt(164e-11 * 2 * math.pi / ALPHA), rel=1e-6)
    found = moment_bound("scalar", "mu", cl=TWO_SIGMA, masses=light).value[0]
    assert found == pytest.approx(4 * math.pi * math.sqrt(164e-11 / 3), rel=1e-6)
    found = moment_bound("pseudoscalar", "mu", cl=TWO_SIGMA, masses=light).value[0]
    # 3.7e-4 by hand, two digits
    assert found == pytest.approx(3.7e-4, rel=0.02)
    found = moment_bound("pseudoscalar", "e", cl=TWO_SIGMA, masses=light).value[0]
    # sqrt(15.4e-13) 4 pi
    assert found == pytest.approx(1.56e-5, rel=0.01)


def test_heavy_dark_photons():
    """a = alpha eps^2 / (3 pi) (m_mu / m)^2; 1e-3: (m_mu / m)^2 ln at 10 GeV."""
    curve = moment_bound("dark photon", "mu")
    eps = math.sqrt(curve_limit() * 3 * math.pi / ALPHA) * 10 * GeV / M_MU
    assert curve.value[-1] == pytest.approx(eps, rel=2e-3)


def curve_limit():
    """38 + 1.96 * 63 in 1e-11."""
    return 161.5e-11


def test_dark_photons_are_those_of_the_collection():
    """Its limits are 8.7 + 3 * 3.6 (caesium) and 4.8 + 3 * 3.0 (rubidium) in 1e-13.

    Ours is 3.4 + 1.96 * 1.6 = 6.54; two digits of the moments: 2 %.
    """
    ours = moment_bound("dark photon", "e")
    for file, limit in (("cs", 19.5e-13), ("rb", 13.8e-13)):
        table = reference("darkcast", "limits", f"AMMe_Bodas2021fsy_{file}.lmt")
        table = table[(table[:, 0] > 1e-3) & (table[:, 0] < 1.0)]
        ratio = interpolate(ours, table[:, 0] * GeV) / table[:, 1]
        assert ratio == pytest.approx(math.sqrt(6.54e-13 / limit), rel=0.02)


def test_pseudoscalars_are_those_of_the_collection():
    """|g_ae| = 6.6e-6 far below m_e is -2.8e-13 there, and -15.3e-13 is open here.

    Its limit is for another allowance, so only the shape in the mass is compared: 3 %
    for digits read from a figure.
    """
    table = reference("axionlimits", "Electron_g-2.txt")
    ours = moment_bound("pseudoscalar", "e")
    inside = (table[:, 0] * eV > 100 * keV) & (table[:, 0] * eV < 1 * GeV)
    ratio = interpolate(ours, table[inside, 0] * eV) / table[inside, 1]
    assert ratio / ratio[0] == pytest.approx(1.0, abs=0.1)


def test_masses_between_points_are_interpolated():
    """201 points in five decades: the line is smooth to 1e-3 between them."""
    fine = np.array([16.9, 17.0, 17.1]) * MeV
    exact = moment_bound("scalar", "e", masses=fine).value
    assert interpolate(moment_bound("scalar", "e"), fine) == pytest.approx(
        exact, rel=1e-3
    )
