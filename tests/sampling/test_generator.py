"""Shares of exchanged events, and the box of a missing energy; no amplitude."""

import catalogue
import jax
import jax.numpy as jnp
import numpy as np
import pytest

from catalogue import PARENTS, points, vectors

from darkreach.algebra.kinematics import FourVector
from darkreach.constants import M_E, M_MU
from darkreach.processes.mu_to_3e_nu_nu import MuTo3eNuNu
from darkreach.processes.mu_to_e_nu_nu import MuToENuNu
from darkreach.processes.process import Paired, share
from darkreach.sampling.beams import at_rest
from darkreach.sampling.generator import dimensions, missing_box
from darkreach.sampling.observables import Cut
from darkreach.sampling.phasespace import chain
from darkreach.units import MeV

# with like tracks; like photons count half in either order
PAIRED = [
    name
    for name in catalogue.names()
    if hasattr(catalogue.process_class(name), "pole")
    and "e+1" in catalogue.instance(name).outgoing
]


def test_three_tracks_are_paired():
    assert len(PAIRED) >= 3


@pytest.mark.parametrize("name", PAIRED)
def test_shares_of_both_orders_sum_to_one(name, key):
    process = catalogue.instance(name)
    assert isinstance(process, Paired)
    assert process.outgoing[:3] == ("e+1", "e+2", "e-")
    _, one, two, *rest = vectors(points(process, key))
    direct, crossed = (
        np.asarray(share(process, (a, b, *rest))) for a, b in ((one, two), (two, one))
    )
    np.testing.assert_allclose(direct + crossed, 1.0, rtol=1e-14)
    # drawn along the pole of the first pair, most events are its own
    assert direct.min() >= 0
    assert np.mean(direct) > 0.5


def test_others_count_once(key):
    process = MuToENuNu()
    assert share(process, vectors(points(process, key))[1:]) == 1.0


@pytest.mark.parametrize("name", ["mu_to_3e_nu_nu", "mu_to_3e_alp"])
@pytest.mark.parametrize("most", [5, 30, 80, 200])
def test_what_passes_lies_in_the_box(name, most, key):
    """The box follows from algebra; here every point that passes lies inside it."""
    process, beam = catalogue.instance(name, 10 * MeV), at_rest(M_MU)
    cuts = (Cut(observable="E_missing", maximum=most * MeV),)
    box = np.asarray(missing_box(process, beam, cuts))
    d = dimensions(process, beam)
    assert box.shape == (d, 2)
    x = np.array(jax.random.uniform(key, (2000, d)))
    # half of the points in a box twice as large, so that small ones are hit too
    wide = np.stack([1 - 2 * (1 - box[:, 0]), 2 * box[:, 1]], 1).clip(0, 1)
    x[1000:] = wide[:, 0] + x[1000:] * (wide[:, 1] - wide[:, 0])
    energy = np.asarray(invisible_energy(process, jnp.asarray(x)))
    passing = x[energy < most * MeV]
    assert len(passing) > 0 or most * MeV < 10 * MeV
    assert (passing >= box[:, 0]).all() and (passing <= box[:, 1]).all()
    # and it is no larger than a factor of a few: points in it do pass
    inside = box[:, 0] + np.array(jax.random.uniform(key, (2000, d))) * (
        box[:, 1] - box[:, 0]
    )
    energy = np.asarray(invisible_energy(process, jnp.asarray(inside)))
    assert np.mean(energy < most * MeV) > 0.1 or most < 10


@jax.jit
def invisible_energy(process, x):
    def one(row):
        masses, _ = process.masses(row[: process.drawn])
        rest = jnp.asarray(PARENTS["mu"])
        zero = jnp.zeros_like(rest)
        order = [process.outgoing.index(name) for name in process.chain]
        found, _ = chain(
            row[process.drawn :],
            FourVector(rest, zero, zero, zero),
            tuple(masses[i] for i in order),
            pair=process.pair_mass,
        )
        return found[0].e

    return jax.vmap(one)(x)


def test_no_box_without_a_limit_or_without_the_slot_first():
    beam = at_rest(M_MU)
    limit = (Cut(observable="E_missing", maximum=5 * MeV),)
    assert missing_box(MuTo3eNuNu(), beam, ()) is None
    assert missing_box(catalogue.instance("mu_to_e_nu_nu_gamma"), beam, limit) is None
    lower = (Cut(observable="E_missing", minimum=5 * MeV),)
    box = missing_box(MuTo3eNuNu(), beam, lower)
    # no upper limit: the whole cube
    np.testing.assert_array_equal(box, np.tile([0.0, 1.0], (len(box), 1)))


def test_the_box_in_closed_form():
    """Q^2 < E^2, and M^2 - s = 2 M E - Q^2 < 2 M E of M^2 - 9 m_e^2."""
    beam, most = at_rest(M_MU), 5 * MeV
    box = missing_box(MuTo3eNuNu(), beam, (Cut(observable="E_missing", maximum=most),))
    assert float(box[0, 1]) == pytest.approx((most / (M_MU - 3 * M_E)) ** 2, rel=1e-12)
    span = 2 * M_MU * most / (M_MU**2 - 9 * M_E**2)
    assert float(box[1, 0]) == pytest.approx(1 - span, rel=1e-12)
