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
        positron_smearing=0.3,
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


def again(search, pairs, key, bins, **change):
    """Rows of a second reconstruction, moved by hand instead of by weights."""
    positron, photon = search.experiment.reconstructed(
        pairs.positron, pairs.photon, jax.random.normal(key, (6, N))
    )
    positron = FourVector(*(c * (1 + change.get("positron", 0)) for c in positron))
    photon = FourVector(*(c * (1 + change.get("photon", 0)) for c in photon))
    kept = (positron.e > 45 * MeV) & (photon.e > 10 * MeV)
    weight = pairs.weight * search.experiment.efficiency(pairs.positron, pairs.photon)
    weight = np.asarray(jnp.where(kept, weight, 0.0))
    square = np.asarray(missing_mass_squared(positron, photon))
    values = np.histogram(square, bins, weights=weight)[0]
    return values, np.sqrt(np.histogram(square, bins, weights=weight**2)[0])


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("photon_scale", {"photon": 0.01}),
        ("photon_smearing", {}),
        ("positron_scale", {"positron": 1e-3}),
        ("positron_smearing", {}),
    ],
)
def test_weights_follow_a_second_reconstruction(search, pairs, name, change):
    empty = jnp.zeros((len(edges(search)) - 1, 0))
    binning = Binning(mass_squared=jnp.asarray(edges(search)), ratio=empty)
    made = tables(search, binning, pairs, jax.random.key(3))
    resolutions = {
        "photon_smearing": "photon_resolution",
        "positron_smearing": "positron_momentum",
    }
    moved = search
    if name in resolutions:
        field = resolutions[name]
        wider = {field: 1.3 * getattr(search.experiment, field)}
        moved = replace(search, experiment=replace(search.experiment, **wider))
    values, error = again(
        moved, pairs, jax.random.key(4), np.asarray(edges(search)), **change
    )
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
    """Upstream positrons as a share of all: compare with a sample at another P.

    All positrons together do not tell: the windows are symmetric upstream and
    downstream, so that the sum does not depend on P.
    """
    flipped = replace(search.experiment, polarisation=0.86)
    end = kinematic_end(*true_cuts(search.experiment, search.positron_cut))
    draw = sampler(
        flipped,
        search.positron_cut,
        MuToENuNuGamma(),
        jax.random.key(5),
        between=(0.0, 0.4 * end),
    )
    other = draw(jax.random.key(6), N)

    def share(sample, weight):
        up = np.asarray(sample.positron.z) < 0
        weight = np.asarray(weight)
        value = weight[up].sum() / weight.sum()
        return value, np.sqrt((weight**2 * (up - value) ** 2).sum()) / weight.sum()

    before, _ = share(pairs, pairs.weight)
    moved, error = share(pairs, pairs.weight * (1 + 1.72 * pairs.slope))
    drawn, other_error = share(other, other.weight)
    sigma = np.hypot(error, other_error)
    assert abs(before - drawn) > 20 * sigma  # the polarisation is seen
    assert abs(moved - drawn) < 5 * sigma
    # no event has a negative weight at a polarisation that nature allows
    assert float((1 + (1 + 0.86) * pairs.slope).min()) > -1e-9


@pytest.mark.parametrize(
    ("name", "value"),
    [("photon_scale", 0.02), ("positron_scale", 0.01), ("photon_smearing", 0.5)],
)
def test_uncertainties_that_weights_cannot_follow_are_refused(name, value):
    with pytest.raises(ValueError, match=f"{name} is .*; expected 0 to"):
        checked(replace(Meg2MuEAlpGamma(), **{name: value}))
