"""The figure of relic lines, from numbers that are made up."""

import csv

from dataclasses import replace

import numpy as np

from darkreach.curves.targets.resonant_freeze_out import relic_line
from darkreach.outputs import resonant_freeze_out as module
from darkreach.units import GeV


def test_files_are_whole_and_the_table_has_what_is_drawn(tmp_path, monkeypatch):
    mass = np.array([0.01, 1.0, 10.0]) * GeV
    real = relic_line(mass[1:2], ratio=2.1)

    def invented(kind, ratio, masses):
        line = replace(real, mass=mass, value=np.full(3, (ratio - 2) / 1e3 / GeV))
        y = np.array([0.01, 0.1, 1.0])
        cold = line if ratio == module.COLD_RATIO else None
        return module.Relic(kind, ratio, line, y, y / 100, cold)

    monkeypatch.setattr(module, "relic_of", invented)
    files = module.relic(tmp_path)
    assert {f.name for f in files} == {"relic.png", "relic.pdf", "relic.csv"}
    first = [f.read_bytes() for f in files]
    assert [f.read_bytes() for f in module.relic(tmp_path)] == first
    text = (tmp_path / "relic.csv").read_text(encoding="utf-8")
    rows = list(csv.DictReader(text.splitlines()))
    # two kinds of six ratios and three masses, and one colder line of each kind
    assert len(rows) == 2 * 6 * 3 + 2 * 3
    assert float(rows[0]["g_agamma_per_GeV"]) == np.float64("1e-5")
