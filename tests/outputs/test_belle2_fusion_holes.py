"""What the holes of the calorimeter cost, from made-up samples."""

import csv

import numpy as np
import pytest

from darkreach.outputs import belle2_fusion_holes
from darkreach.outputs.belle2_fusion_holes import CASES, MASSES, SCAN, costs, figure
from darkreach.searches.belle2_fusion_invisible import Belle2FusionInvisible
from darkreach.searches.two_electrons import Missed
from darkreach.units import GeV


def flat(events, n=20_000):
    """Events of the first category, even in the missing mass squared."""
    m = np.linspace(-2, 60, n) * GeV**2
    return Missed(
        m, np.full(n, 5 * GeV), np.zeros(n, int), np.full(n, events / n), (0.0,) * 7
    )


def peak(of, cuts, mass, key):
    """1e11 events at a coupling of 1/GeV in 0.3 GeV^2 about the mass."""
    m = mass**2 + 0.3 * GeV**2 * np.linspace(-2, 2, 4001)
    w = np.exp(-(np.linspace(-2, 2, 4001) ** 2) / 2)
    category = np.zeros(4001, int)
    w = 1e11 * GeV**2 * w / w.sum()
    return Missed(m, np.full(4001, 5 * GeV), category, w, (0.0,) * 7)


@pytest.fixture
def made_up(monkeypatch):
    def background(self, key, *, fast=False):
        holes = float(self.experiment.ecl.gap_loss)
        lost = float(self.experiment.ecl.inefficiency) * 1e9
        return {
            "lost": flat(lost),
            "lost_two": flat(1e4 * holes),
            "tau": flat(0.0),
            "pair": flat(0.0),
        }

    monkeypatch.setattr(Belle2FusionInvisible, "background", background)
    monkeypatch.setattr(belle2_fusion_holes, "signal", peak)


@pytest.mark.slow
def test_crystals_count_by_inefficiency_and_holes_are_added(made_up):
    found = costs(Belle2FusionInvisible())
    assert [one.mass for one in found] == list(MASSES)
    for one in found:
        with_holes, closed = one.events
        # the first order is exact for what was made up
        np.testing.assert_allclose(closed / closed[0], SCAN / SCAN[0], rtol=1e-9)
        np.testing.assert_allclose(
            with_holes - closed, with_holes[0] - closed[0], rtol=1e-6
        )
        assert with_holes[0] > 1
        # more background is less reach, and none at all is the best
        assert (np.diff(one.coupling, axis=1) > 0).all()
        assert (one.coupling[0] > one.coupling[1]).all()
        assert one.ceiling == pytest.approx(np.sqrt(3 / 1e11) / GeV, rel=1e-9)


def test_figure_writes_its_table(made_up, tmp_path):
    steps = []
    files = figure(tmp_path, fast=True, progress=lambda *done: steps.append(done))
    assert all(path.stat().st_size > 0 for path in files)
    assert steps[-1] == (2 + len(MASSES), 2 + len(MASSES))
    with (tmp_path / "holes.csv").open() as text:
        rows = list(csv.reader(text))
    assert len(rows) == 1 + len(MASSES) * len(CASES) * len(SCAN)
    assert float(rows[1][0]) == pytest.approx(0.3)
