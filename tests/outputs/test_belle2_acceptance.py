"""The figure of the calorimeter of Belle II."""

import csv
import math

import numpy as np
import pytest

from darkreach.experiments.belle2_ecl import Ecl
from darkreach.outputs.belle2_acceptance import acceptance, figure
from darkreach.units import deg


def test_septa_of_the_ends_are_seen_in_the_average():
    """Loss within the septa, times 16 of them over the circle at the face."""
    ecl = Ecl()
    plane = acceptance(ecl, steps=181, azimuths=600)
    at = int(np.argmin(np.abs(plane.theta - 20 * deg)))
    circle = 2 * math.pi * ecl.forward_z * math.tan(plane.theta[at])
    expected = ecl.septum_loss * 16 * ecl.septum / circle + ecl.inefficiency
    assert plane.lost[at] == pytest.approx(expected, rel=5e-3)  # first order, the sum
    # what is not lost is detected at this energy
    np.testing.assert_allclose(plane.lost + plane.detected, 1.0, atol=1e-9)


def test_figure_writes_its_tables(tmp_path):
    files = figure(tmp_path, fast=True)
    assert all(path.stat().st_size > 0 for path in files)
    with (tmp_path / "resolution.csv").open() as text:
        rows = list(csv.reader(text))
    assert rows[0][:3] == ["energy_GeV", "forward_relative", "forward_angle_rad"]
    assert float(rows[1][0]) == pytest.approx(0.02)
    # 4 % at 100 MeV, one digit (Belle II, recalled)
    energy, relative = (np.array([float(r[k]) for r in rows[1:]]) for k in (0, 3))
    assert np.interp(0.1, energy, relative) == pytest.approx(0.04, rel=0.25)
