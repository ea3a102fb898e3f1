"""The fake search as a plugin, and a figure that costs nothing."""

import importlib
import sys
import types

from pathlib import Path

import pytest

from darkreach.study import results

STUDY = """\
title = "A fake"

[search]
use = "fake_search:FakeSearch"
strength = 2e9

[reach]
masses = "0, 10, 20 MeV"
cl = 0.9
seed = 3
"""


@pytest.fixture
def fake(monkeypatch):
    """The plugin module, fresh."""
    monkeypatch.syspath_prepend(str(Path(__file__).parent))
    monkeypatch.delitem(sys.modules, "fake_search", raising=False)
    plot = types.ModuleType("darkreach.outputs.plot")
    plot.reach_figure = lambda reach, bounds, path: path.write_bytes(b"figure")
    monkeypatch.setitem(sys.modules, plot.__name__, plot)
    monkeypatch.setattr(results, "_git", lambda *words: None)
    module = importlib.import_module("fake_search")
    yield module
    sys.modules.pop("fake_search", None)


@pytest.fixture
def study_file(tmp_path):
    """A study of the fake search."""
    path = tmp_path / "input" / "fake.toml"
    path.parent.mkdir()
    path.write_text(STUDY)
    return path
