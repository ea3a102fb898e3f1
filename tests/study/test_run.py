"""Results: the same bytes for the same input, and scans that continue."""

import json

import numpy as np
import pytest

from matplotlib.figure import Figure

from darkreach.experiments.backgrounds import TriggerRates
from darkreach.outputs import plot
from darkreach.outputs import trigger as outputs_trigger
from darkreach.study import results
from darkreach.study.load import load
from darkreach.study.run import draw, run, trigger
from darkreach.units import s

SAME = ("curve.csv", "curve.json", "meta.json")
FILES = {*SAME, "figure.png", "figure.pdf", "log.json", "points.jsonl"}
PLUGINS = ("fake_search",)


def go(path, output, *, settings=None, fast=False, progress=None):
    study = load(str(path), settings=settings, plugins=PLUGINS)
    return run(study, output=output, fast=fast, progress=progress)


def content(folder):
    return {name: (folder / name).read_bytes() for name in SAME}


def test_the_same_input_gives_the_same_bytes(fake, study_file, tmp_path):
    first = go(study_file, tmp_path / "a")
    second = go(study_file, tmp_path / "b")
    assert {p.name for p in first.folder.iterdir()} == FILES
    assert fake.ASKED == [0, 10, 20] * 2
    assert content(first.folder) == content(second.folder)
    third = go(study_file, tmp_path / "a")  # over its own results
    assert third.reused == 3
    assert content(third.folder) == content(second.folder)


def test_another_seed_gives_other_numbers(fake, study_file, tmp_path):
    first = go(study_file, tmp_path / "a")
    second = go(study_file, tmp_path / "b", settings=["reach.seed=4"])
    assert (first.curve.value != second.curve.value).all()


def test_an_interrupted_scan_continues_to_the_same_result(fake, study_file, tmp_path):
    whole = go(study_file, tmp_path / "whole")
    fake.ASKED.clear()
    fake.FAILS[20] = KeyboardInterrupt()
    with pytest.raises(KeyboardInterrupt):
        go(study_file, tmp_path / "part")
    folder = tmp_path / "part" / "fake"
    assert [p.name for p in folder.iterdir()] == ["points.jsonl"]
    assert len((folder / "points.jsonl").read_text().splitlines()) == 2
    fake.FAILS.clear()
    done = go(study_file, tmp_path / "part")
    assert (done.reused, fake.ASKED) == (2, [0, 10, 20])
    assert content(done.folder) == content(whole.folder)


def test_a_torn_line_is_computed_again(fake, study_file, tmp_path):
    done = go(study_file, tmp_path)
    points = done.folder / "points.jsonl"
    points.write_text(points.read_text()[:-40])
    assert go(study_file, tmp_path).reused == 2
    assert len(points.read_text().splitlines()) == 3


@pytest.mark.parametrize(
    "settings", [["search.strength=1e9"], ["reach.cl=0.95"], ["reach.seed=5"]]
)
def test_points_of_other_input_are_not_reused(fake, study_file, tmp_path, settings):
    go(study_file, tmp_path)
    assert go(study_file, tmp_path, settings=settings).reused == 0


def test_other_masses_reuse_the_common_ones(fake, study_file, tmp_path):
    before = go(study_file, tmp_path).curve
    done = go(study_file, tmp_path, settings=["reach.masses=0, 10, 15, 20 MeV"])
    assert (done.reused, fake.ASKED) == (3, [0, 10, 20, 15])
    assert (done.curve.value[[0, 1, 3]] == before.value).all()


def test_fast_points_and_other_code_are_not_reused(
    fake, study_file, tmp_path, monkeypatch
):
    go(study_file, tmp_path)
    assert go(study_file, tmp_path, fast=True).reused == 0
    assert go(study_file, tmp_path, fast=True).reused == 3
    with monkeypatch.context() as patch:
        patch.setattr(results, "plugin_digest", lambda name: "edited")
        assert go(study_file, tmp_path, fast=True).reused == 0
    monkeypatch.setattr(results, "source_digest", lambda: "edited")
    assert go(study_file, tmp_path, fast=True).reused == 0


def test_the_digest_of_a_plugin_follows_its_text(tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(str(tmp_path))
    (tmp_path / "darkreach_plugin_a.py").write_text("x = 1\n")
    before = results.plugin_digest("darkreach_plugin_a")
    (tmp_path / "darkreach_plugin_a.py").write_text("x = 2\n")
    assert before != results.plugin_digest("darkreach_plugin_a")
    assert results.plugin_digest("darkreach_plugin_b") == ""


def test_meta_says_what_was_run(fake, study_file, tmp_path):
    folder = go(study_file, tmp_path, settings=["search.strength=3e9"]).folder
    meta = json.loads((folder / "meta.json").read_text())
    assert meta["study"] == study_file.read_text()
    assert meta["table"]["search"]["strength"] == "3e9"
    wanted = {"cl": 0.9, "method": "CLs", "seed": 3, "fast": False, "name": "fake"}
    assert wanted.items() <= meta.items()
    assert list(meta["mc_error"]) == ["0", "0.01", "0.02"]
    assert len(meta["source"]) == 16


def test_progress_is_told_every_point(fake, study_file, tmp_path):
    told = []
    go(study_file, tmp_path, progress=lambda *args: told.append(args))
    assert told == [(0, 3), (1, 3), (2, 3), (3, 3)]


def test_a_mass_without_signal_is_refused(fake, study_file, tmp_path):
    with pytest.raises(ValueError, match="signal is zero in every bin"):
        go(study_file, tmp_path, settings=["search.strength=0"])
    assert list((tmp_path / "fake").iterdir()) == []


def test_draw_returns_what_it_wrote(fake, study_file, tmp_path):
    paths = draw(str(study_file), tmp_path, seed=9, plugins=PLUGINS)
    assert [p.name for p in paths] == ["figure.png", "figure.pdf"]
    assert all(p.read_bytes() == b"figure" for p in paths)
    assert json.loads((tmp_path / "fake/meta.json").read_text())["seed"] == 9


def test_a_file_is_written_whole_or_not_at_all(tmp_path):
    path = tmp_path / "a.txt"
    results.write(path, "before")
    with pytest.raises(KeyboardInterrupt), results.replacing(path) as part:
        part.write_text("half")
        raise KeyboardInterrupt
    assert path.read_text() == "before"
    assert [p.name for p in tmp_path.iterdir()] == ["a.txt"]


def test_a_figure_is_written_whole_or_not_at_all(tmp_path, monkeypatch):
    def half(figure, path, **options):
        path.write_text("half")
        raise KeyboardInterrupt

    monkeypatch.setattr(Figure, "savefig", half)
    path = tmp_path / "a.png"
    path.write_text("before")
    with pytest.raises(KeyboardInterrupt):
        plot.save(Figure(), path)
    assert path.read_text() == "before"
    assert [p.name for p in tmp_path.iterdir()] == ["a.png"]


def test_the_trigger_plane_is_drawn_and_summed_up(tmp_path, monkeypatch):
    def rates(experiment, thresholds, key, *, n):
        one = np.ones(len(thresholds))
        return TriggerRates(thresholds, 1e-6 * one, 1e-12 * s * one, 0.1 * one)

    monkeypatch.setattr(outputs_trigger, "trigger_rates", rates)
    told = []
    found = trigger(
        "meg2",
        tmp_path,
        settings=["disk_budget=20 Hz"],
        fast=True,
        progress=lambda *args: told.append(args),
    )
    folder = tmp_path / "trigger_meg2"
    assert found["files"] == [str(folder / f"trigger.{x}") for x in ("png", "pdf")]
    assert {p.name for p in folder.iterdir()} == {"trigger.png", "trigger.pdf"}
    assert told == [(1, 2), (2, 2)]
    assert found["budget"] == pytest.approx(20)
    # R a + R^2 b = 20 Hz, with a = 1e-6 and b = 1e-12 s
    filled = np.array(found["rates"])
    assert filled * 1e-6 + filled**2 * 1e-12 == pytest.approx(20, rel=1e-9)
    assert np.array(found["equal"]) == pytest.approx(1e6)
    assert found["low"] < found["rates"] < found["high"]
