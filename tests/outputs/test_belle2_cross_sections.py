import csv

import pytest

from darkreach.constants import HBAR_C
from darkreach.outputs import belle2_cross_sections as module
from darkreach.units import GeV, fb


def test_table_has_what_is_drawn(tmp_path, monkeypatch):
    def invented(model, beam, cuts, key, *, fast):
        return (7.0 if cuts else 70.0) * fb / HBAR_C**2, 0.5 * fb / HBAR_C**2

    monkeypatch.setattr(module, "_integrated", invented)
    steps = []
    files = module.cross_sections(tmp_path, progress=lambda i, n: steps.append((i, n)))
    assert {f.suffix for f in files} == {".png", ".pdf", ".csv"}
    assert steps[0] == (0, len(module.MASSES))
    assert steps[-1] == (len(module.MASSES), len(module.MASSES))
    with files[-1].open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert [float(r["mass_GeV"]) for r in rows] == pytest.approx(
        [m / GeV for m in module.MASSES], rel=1e-5
    )
    for row in rows:
        assert float(row["seen_fb"]) == pytest.approx(7.0, rel=1e-5)
        assert float(row["fusion_error_fb"]) == pytest.approx(0.5, rel=1e-5)
    # arXiv:1709.00009: 115, 55 and 9.3 fb at 1, 5 and 8 GeV
    found = {float(r["mass_GeV"]): float(r["radiated_fb"]) for r in rows}
    assert found[1.0] == pytest.approx(115, rel=5e-3)
    assert found[5.0] == pytest.approx(55, rel=1e-2)
    assert found[8.0] == pytest.approx(9.3, rel=5e-3)
