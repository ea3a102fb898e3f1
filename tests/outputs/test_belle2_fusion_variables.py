"""Shapes of signal and backgrounds of electrons and nothing."""

import csv

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from darkreach.algebra.kinematics import FourVector
from darkreach.outputs import belle2_fusion_variables
from darkreach.outputs.belle2_fusion_variables import (
    BINS,
    VARIABLES,
    _acoplanarity,
    figure,
    variables,
)
from darkreach.sampling.events import Events
from darkreach.searches.belle2_fusion_invisible import Belle2FusionInvisible
from darkreach.units import GeV, deg

SEARCH = Belle2FusionInvisible()


def two(angle):
    """An electron of 3 GeV and a positron of 2 GeV across the beams, and the rest."""
    momenta = [
        [3.0, 3.0, 0.0, 0.0],
        [2.0, 2.0 * np.cos(angle), 2.0 * np.sin(angle), 0.0],
        [6.0, -3.0, 0.0, 3.0],
    ]
    p = jnp.tile(jnp.array(momenta)[None], (1000, 1, 1)) * GeV
    return Events(
        p=p,
        vertex=jnp.zeros((1000, 3, 3)),
        seen=jnp.ones((1000, 3), bool),
        weight=jnp.ones(1000),
        names=("e-", "e+", "alp"),
    )


def test_acoplanarity_is_zero_back_to_back():
    a = FourVector(1.0, jnp.asarray(1.0), jnp.asarray(0.0), jnp.asarray(0.3))
    b = FourVector(1.0, jnp.asarray(-2.0), jnp.asarray(0.0), jnp.asarray(0.7))
    c = FourVector(1.0, jnp.asarray(0.0), jnp.asarray(1.0), jnp.asarray(0.7))
    assert float(_acoplanarity(a, b)) == pytest.approx(0.0)
    assert float(_acoplanarity(a, c)) == pytest.approx(90 * deg)


def test_variables_follow_from_the_momenta(key):
    """Total of the beams: 11 GeV and 3 GeV along z; 10 MeV of resolution a track."""
    found, weight = variables(SEARCH, two(1.0), key)
    px, py = 3 + 2 * np.cos(1.0), 2 * np.sin(1.0)
    # the mean of 1000 events: M^2 to 5 sigma of 0.2 GeV^2 / sqrt(1000)
    squared = 6.0**2 - px**2 - py**2 - 3.0**2
    assert float(jnp.mean(found["mass"] ** 2)) == pytest.approx(squared, abs=0.1)
    theta = np.degrees(np.arctan2(np.hypot(px, py), 3.0))
    assert float(jnp.mean(found["theta"])) == pytest.approx(theta, abs=0.2)
    assert float(jnp.mean(found["acoplanarity"])) == pytest.approx(
        180 - np.degrees(1.0), abs=0.1
    )
    assert 0 < float(weight.max()) <= 1


def test_figure_writes_shapes_of_unit_area(monkeypatch, tmp_path):
    def samples(search, key, *, fast):
        return {"one": [two(1.0)], "other": [two(2.0), two(2.5)]}

    monkeypatch.setattr(belle2_fusion_variables, "samples", samples)
    files = figure(tmp_path, fast=True)
    assert all(path.stat().st_size > 0 for path in files)
    with (tmp_path / "variables.csv").open() as text:
        rows = list(csv.DictReader(text))
    assert len(rows) == 2 * len(VARIABLES) * BINS
    for name in VARIABLES:
        shares = [float(r["share"]) for r in rows if r["variable"] == name]
        assert sum(shares) == pytest.approx(2.0)


@pytest.mark.slow
def test_signal_is_central_and_pairs_are_along_the_beams():
    made = belle2_fusion_variables.samples(SEARCH, jax.random.key(5), fast=True)

    def above(name):
        kept, total = 0.0, 0.0
        for i, events in enumerate(made[name]):
            found, weight = variables(SEARCH, events, jax.random.key(i))
            kept += float(jnp.sum(jnp.where(found["ratio"] > 1.05, weight, 0.0)))
            total += float(weight.sum())
        return kept / total

    # what the search is built on: most light ALPs, and no lost electrons
    assert above(r"$m_a$ = 0.3 GeV") > 0.9
    assert above(r"$\gamma\gamma \to ee$") < 1e-3
