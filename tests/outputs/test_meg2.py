"""Figures of the MEG II search with a small sample: files, tables, what they show."""

import csv

import numpy as np
import pytest

from darkreach.outputs import meg2, trigger
from darkreach.searches import meg2_mu_e_alp_gamma
from darkreach.units import MeV


@pytest.fixture(autouse=True)
def small(monkeypatch):
    """A sixteenth of the events of `fast`."""
    for module in (meg2, meg2_mu_e_alp_gamma):
        monkeypatch.setattr(module, "BLOCK", 2**14)
    monkeypatch.setattr(
        meg2_mu_e_alp_gamma, "MC_ERROR", {True: 0.3, False: 0.3}
    )  # for this sample's errors


def rows(path):
    with path.open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


@pytest.mark.slow
def test_distributions_are_drawn(tmp_path):
    steps = []
    files = meg2.distributions(
        tmp_path,
        masses=(10 * MeV, 20 * MeV),
        fast=True,
        progress=lambda done, total: steps.append((done, total)),
    )
    assert [f.name for f in files] == [
        "energies.png", "energies.pdf", "missing_mass.png", "missing_mass.pdf",
    ]  # fmt: skip
    assert all(f.stat().st_size > 1000 for f in files)
    assert steps == [(i, 4) for i in range(1, 5)]


@pytest.mark.slow
def test_couplings_table_orders_the_limits(tmp_path, monkeypatch):
    monkeypatch.setattr(meg2, "CHIRALITIES", {"V+A": (1.0, 1.0)})
    files = meg2.couplings(tmp_path, masses=(12 * MeV,), fast=True)
    table = rows(files[0])
    assert len(table) == 4
    limit = {(r["chirality"], r["limit"]): float(r["BR_95CL"]) for r in table}
    for angles in ("with angles", "no angles"):
        full = limit["V+A", f"all uncertainties, {angles}"]
        assert limit["V+A", f"data statistics, {angles}"] <= full
    # the angles help a V+A coupling by about 10 %; the MC error of this small sample,
    # common to both limits, is about as large: only the sign is asked for
    bare = limit["V+A", "data statistics, no angles"]
    assert limit["V+A", "data statistics, with angles"] < bare


@pytest.mark.slow
def test_contour_follows_the_budget(tmp_path, monkeypatch):
    monkeypatch.setattr(meg2, "THRESHOLDS", (10.0, 40.0))
    files = meg2.contour(tmp_path, masses=(10 * MeV, 30 * MeV), fast=True)
    table = rows(files[-1])
    # 30 MeV is beyond the kinematic end of the higher threshold
    assert [(r["threshold_MeV"], r["mass_MeV"]) for r in table] == [
        ("10", "10"), ("10", "30"), ("40", "10"),
    ]  # fmt: skip
    rates = [float(r["muons_per_s"]) for r in table]
    assert rates[0] == rates[1] < rates[2] <= 7e7  # the design
    low, high = float(table[0]["BR_95CL"]), float(table[2]["BR_95CL"])
    # at 10 MeV the lower threshold wins by a factor 2 to 3 (docs): MC errors are 10 %
    assert low < high
    assert np.all([float(r["BR_data_only"]) <= float(r["BR_95CL"]) for r in table])


def test_trigger_plane_is_a_figure_of_meg2(tmp_path, monkeypatch):
    monkeypatch.setattr(trigger, "THRESHOLDS", (10.0, 40.0))
    files = trigger.meg2(tmp_path, fast=True)
    assert [f.name for f in files] == ["trigger.png", "trigger.pdf"]
    assert all(f.stat().st_size > 1000 for f in files)
