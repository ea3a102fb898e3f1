"""Variations by weights against a second reconstruction, and what they refuse."""

from dataclasses import replace

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from darkreach.algebra.kinematics import FourVector
from darkreach.processes.mu_to_e_nu_nu_gamma import MuToENuNuGamma
from darkreach.searches.matrix_element import missing_mass_squared
from darkreach.searches.meg2_mu_e_alp_gamma import (
    Meg2MuEAlpGamma,
    edges,
)
from darkreach.searches.pairs import kinematic_end, sampler, true_cuts
from darkreach.searches.templates import SHIFTS, Binning, checked, tables
from darkreach.units import MeV

N = 2**18


@pytest.fixture(scope="module")
def search() -> Meg2MuEAlpGamma:
    """With uncertainties large enough to be seen in a small sample."""
    return Meg2MuEAlpGamma(
        photon_scale=0.01,
        photon_smearing=0.3,
        positron_scale=1e-3,
        width=30 * MeV**2,
        ratio_bins=1,
    )


@pytest.fixture(scope="module")
def pairs(search):
    end = kinematic_end(*true_cuts(search.experiment, search.positron_cut))
    draw = sampler(
        search.experiment,
        search.positron_cut,
        MuToENuNuGamma(),
        jax.random.key(1),
        between=(0.0, 0.4 * end),
    )
    return draw(jax.random.key(2), N)


def again(search, pairs, key, **change):
    """Rows of a reconstruction that has moved, without the code under test."""
    positron, photon = search.experiment.reconstructed(
        pairs.positron, pairs.photon, jax.random.normal(key, (6, N))
    )
    positron = FourVector(*(c * (1 + change.get("positron", 0)) for c in positron))
    photon = FourVector(*(c * (1 + change.get("photon", 0)) for c in photon))
    kept = (positron.e > 45 * MeV) & (photon.e > 10 * MeV)
    weight = pairs.weight * search.experiment.efficiency(pairs.positron, pairs.photon)
    weight = np.asarray(jnp.where(kept, weight, 0.0))
    square = np.asarray(missing_mass_squared(positron, photon))
    bins = np.asarray(edges(search))
    values = np.histogram(square, bins, weights=weight)[0]
    return values, np.sqrt(np.histogram(square, bins, weights=weight**2)[0])


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("photon_scale", {"photon": 0.01}),
        ("photon_smearing", {}),
        ("positron_scale", {"positron": 1e-3}),
    ],
)
def test_weights_follow_a_second_reconstruction(search, pairs, name, change):
    empty = jnp.zeros((len(edges(search)) - 1, 0))
    binning = Binning(mass_squared=jnp.asarray(edges(search)), ratio=empty)
    made = tables(search, binning, pairs, jax.random.key(3))
    if name == "photon_smearing":
        wider = 1.3 * search.experiment.photon_resolution
        moved = replace(
            search, experiment=replace(search.experiment, photon_resolution=wider)
        )
    else:
        moved = search
    values, error = again(moved, pairs, jax.random.key(4), **change)
    by_weight = np.asarray(made.values[1 + 2 * SHIFTS.index(name)])
    nominal = np.asarray(made.values[0])
    known = error < 0.05 * values
    pull = (by_weight - values)[known] / (np.sqrt(2) * error[known])
    moved_by = (by_weight - nominal)[known] / (np.sqrt(2) * error[known])
    assert known.sum() > 5
    # the variation is seen with 5 sigma in some row, and agrees with the second way
    assert np.abs(moved_by).max() > 5
    assert np.abs(pull).max() < 4
    # up and down lie on both sides in the row that moves most
    row = np.argmax(np.abs(by_weight - nominal))
    down = np.asarray(made.values[2 + 2 * SHIFTS.index(name)])
    assert (by_weight[row] - nominal[row]) * (down[row] - nominal[row]) < 0


def test_polarisation_slope_is_the_change_of_the_weights(search, pairs):
    """The sum of weights is linear in P: compare with a sample at another P."""
    slope = float((pairs.weight * pairs.slope).sum() / pairs.weight.sum())
    flipped = replace(search.experiment, polarisation=0.0)
    end = kinematic_end(*true_cuts(search.experiment, search.positron_cut))
    draw = sampler(
        flipped,
        search.positron_cut,
        MuToENuNuGamma(),
        jax.random.key(5),
        between=(0.0, 0.4 * end),
    )
    other = draw(jax.random.key(6), N)
    ratio = float(other.weight.sum() / pairs.weight.sum())
    expected = 1 + 0.86 * slope  # from P = -0.86 to 0
    spread = float(jnp.sqrt((other.weight**2).sum()) / other.weight.sum())
    spread += float(jnp.sqrt((pairs.weight**2).sum()) / pairs.weight.sum())
    assert abs(ratio / expected - 1) < 5 * spread
    # every event's weight stays positive at every P that nature allows
    assert float((1 + (1 + 0.86) * pairs.slope).min()) > -1e-9


@pytest.mark.parametrize(
    ("name", "value"),
    [("photon_scale", 0.02), ("positron_scale", 0.01), ("photon_smearing", 0.5)],
)
def test_uncertainties_that_weights_cannot_follow_are_refused(name, value):
    with pytest.raises(ValueError, match=f"{name} is .*; expected 0 to"):
        checked(replace(Meg2MuEAlpGamma(), **{name: value}))
