"""The curve of missing energies, from numbers that are made up."""

import csv

import numpy as np
import pytest

from darkreach.outputs import mu3e_missing_energy as module
from darkreach.units import MeV


def invented(limits, *, precision, seed, progress):
    limit = np.array(limits)
    ratio = 1e-17 * (limit / MeV) ** 6
    return module.Edge(limit, ratio, precision * ratio)


def test_files_are_whole_and_the_table_has_what_is_drawn(tmp_path, monkeypatch):
    monkeypatch.setattr(module, "edge", invented)
    files = module.missing_energy(tmp_path)
    kinds = ("png", "pdf", "csv")
    assert {f.name for f in files} == {f"missing_energy.{kind}" for kind in kinds}
    first = [f.read_bytes() for f in files]
    assert [f.read_bytes() for f in module.missing_energy(tmp_path)] == first
    text = (tmp_path / "missing_energy.csv").read_text(encoding="utf-8")
    rows = list(csv.DictReader(text.splitlines()))
    assert [float(r["E_missing_below_MeV"]) for r in rows][:: len(rows) - 1] == [1, 50]
    assert float(rows[-1]["branching_ratio"]) == pytest.approx(1e-17 * 50**6, rel=1e-5)
