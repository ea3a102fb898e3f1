"""How the reach of Mu3e moves, with a small sample; tables from invented numbers."""

import csv

from functools import partial

import jax.numpy as jnp
import numpy as np
import pytest

from darkreach.inference.likelihood import normalisation
from darkreach.outputs import mu3e_inputs as module
from darkreach.outputs import mu3e_inputs_plot, mu3e_rows
from darkreach.searches import missing_mass_samples
from darkreach.searches import mu3e_three_tracks_alp as search_module
from darkreach.searches.search import Counts
from darkreach.units import GeV, MeV


def read(path):
    with path.open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


def row(text, **changes):
    return mu3e_rows.Row(name="row", text=text, **changes)


def test_a_resized_uncertainty_is_one_of_that_size():
    s, b = jnp.array([1.0, 2.0]), jnp.array([30.0, 40.0])

    def counts(first, second):
        nuisances = [
            normalisation(name, size, signal=s, background=b)
            for name, size in (("one", first), ("two", second))
        ]
        zero = jnp.zeros(2)
        return Counts(signal=s, background=b, signal_error=zero,
                      background_error=zero, nuisances=tuple(nuisances))  # fmt: skip

    found = module.resized(counts(0.1, 0.2), {"one": 3.0})
    for one, expected in zip(found.nuisances, counts(0.3, 0.2).nuisances, strict=True):
        assert one.name == expected.name
        # sums of few numbers: rounding only
        np.testing.assert_allclose(one.background_up, expected.background_up, 1e-12)
        np.testing.assert_allclose(one.background_down, expected.background_down, 1e-12)
        np.testing.assert_allclose(one.signal_up, s, 1e-12)


def test_every_row_names_an_uncertainty_and_an_input_of_the_search():
    search = search_module.Mu3eThreeTracksAlp()
    names = {"momentum_scale", "resolution", "background_norm", "mass_slope",
             "energy_slope", "angle_slope"}  # fmt: skip
    labels = [(one.name, one.text) for one in mu3e_rows.ROWS]
    assert len(set(labels)) == len(labels)
    for one in mu3e_rows.ROWS:
        assert set(one.sizes) <= names
        other = search
        for path, value in one.values.items():
            other = module.changed(other, path, value)
        assert (other == search) == (not one.values)


def test_tables_and_figure_have_the_numbers(tmp_path):
    rows = mu3e_rows.ROWS[:2]
    one, two = (mu3e_inputs_plot.Reach(1e-6, f * GeV, 0.1e9 * GeV) for f in (2e9, 3e9))
    paths = mu3e_inputs_plot.tables(tmp_path, rows, (0.0,), [[one], [two]])
    assert [float(r["F_GeV_0_MeV"]) for r in read(paths[0])] == [2e9, 3e9]
    assert [float(r["F_ratio_0_MeV"]) for r in read(paths[0])] == [1, 1.5]
    lines = paths[1].read_text(encoding="utf-8").splitlines()
    assert len(lines) == 4
    assert len({line.count("|") for line in lines}) == 1
    assert "3.00e+09 (3.3%) | 1.50 |" in lines[-1]
    figure = tmp_path / "inputs.png"
    mu3e_inputs_plot.draw(rows, (0.0,), [[one], [two]], figure)
    assert figure.stat().st_size > 1000


@pytest.mark.long
def test_limits_move_as_they_must(tmp_path, monkeypatch):
    monkeypatch.setattr(missing_mass_samples, "EVENTS", 2**14)
    # one row, so that its bins are known from this sample
    search = partial(
        search_module.Mu3eThreeTracksAlp, others=False, energy_rows=1, angle_rows=1
    )
    monkeypatch.setattr(module, "Mu3eThreeTracksAlp", search)
    bare = {"systematics": False}
    rows = (
        row("default"),
        row("scale", sizes={"momentum_scale": 10.0}),
        row("bare", **bare),
        row("95 %", method="Gaussian", **bare),
        row("90 %", method="Gaussian", cl=0.9, **bare),
        row("half the muons", values={"experiment.muons": 1.25e15}, **bare),
    )
    steps = []
    files = module.inputs(
        tmp_path,
        rows=rows,
        masses=(20 * MeV,),
        fast=True,
        progress=lambda done, total: steps.append((done, total)),
    )
    kinds = ("inputs.png", "inputs.pdf", "inputs.csv", "inputs.md")
    assert [f.name for f in files] == list(kinds)
    assert steps == [(i, 6) for i in range(1, 7)]
    f = {r["value"]: float(r["F_GeV_20_MeV"]) for r in read(files[2])}
    assert f["scale"] <= f["default"] <= f["bare"]
    # quantiles 1.6449 and 1.2816: exact for the Gaussian method, six digits written
    assert f["90 %"] / f["95 %"] == pytest.approx((1.6449 / 1.2816) ** 0.5, rel=1e-4)
    # the median of CLs has 1.9600; some hundred events of signal: 1 %
    assert f["95 %"] / f["bare"] == pytest.approx((1.9600 / 1.6449) ** 0.5, rel=0.01)
    # limits on BR go like the root of the muons, F like its root; 1 % as above
    assert f["bare"] / f["half the muons"] == pytest.approx(2**0.25, rel=0.01)
