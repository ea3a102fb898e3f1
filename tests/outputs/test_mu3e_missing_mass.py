"""The missing mass at Mu3e, from events that are made up."""

import csv
import math

import jax.numpy as jnp
import numpy as np
import pytest

from darkreach.constants import WIDTH_MU
from darkreach.outputs import mu3e_missing_mass as module
from darkreach.processes.mu_to_3e_nu_nu import MuTo3eNuNu
from darkreach.searches.missing_mass import Seen
from darkreach.units import MeV

ERROR = 50 * MeV**2


def invented(search, process, key, *, blocks):
    """All at one mass, with a total width of 1e-7 of the muon's."""
    one = jnp.ones(1000)
    mass = 30 * MeV if isinstance(process, MuTo3eNuNu) else process.model.mass
    return Seen(
        mass_squared=mass**2 * one,
        error=ERROR * one,
        slope=one,
        energy=one,
        cos=one,
        weight=1e-7 * WIDTH_MU / 1000 * one,
    )


def test_files_are_whole_and_the_table_has_what_is_drawn(tmp_path, monkeypatch):
    monkeypatch.setattr(module, "sampled", invented)
    bins = len(module._edges()) - 1
    others = {name: np.ones(bins) for name in module.NAMES.values()}
    monkeypatch.setattr(module, "_others", lambda search, key: others)
    files = module.missing_mass(tmp_path)
    assert {f.suffix for f in files} == {".png", ".pdf", ".csv"}
    first = [f.read_bytes() for f in files]
    assert [f.read_bytes() for f in module.missing_mass(tmp_path)] == first
    with files[-1].open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    low = np.array([float(r["low_MeV2"]) for r in rows])
    prompt = np.array([float(r["prompt"]) for r in rows])
    # all events are inside; written with six digits
    assert prompt.sum() == pytest.approx(2.5e15 * 1e-7, rel=1e-5)
    # a Gaussian around 900 MeV^2 with 50 MeV^2 fills its bin with erf
    middle = prompt[np.searchsorted(low, 900.0)]
    share = math.erf(20 / 50 / math.sqrt(2)) / 2
    assert middle / prompt.sum() == pytest.approx(share, rel=1e-5)
    for mass in (0, 20, 40):
        peak = low[np.argmax([float(r[f"signal_{mass}_MeV"]) for r in rows])]
        assert abs(peak + 10 - mass**2) <= 10 + 1e-6
