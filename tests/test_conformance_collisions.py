"""What every collision e- e+ -> ... promises; new files are found by themselves."""

import inspect
import re

import catalogue
import dense
import jax
import jax.numpy as jnp
import numpy as np
import pytest

from catalogue import points, vectors

from darkreach import squared_amplitude
from darkreach.algebra.dirac import photon
from darkreach.constants import M_E
from darkreach.processes.process import Channelled, Process
from darkreach.sampling.beams import belle2
from darkreach.sampling.channels import SPACES
from darkreach.units import GeV

NAMES = catalogue.collisions()
PHOTONS = [
    (name, slot)
    for name in NAMES
    for slot in catalogue.process_class(name).outgoing
    if slot.startswith("gamma")
]


def made(name):
    return catalogue.instance(name, 1 * GeV)


def test_folder_is_not_empty():
    assert len(NAMES) >= 2


@pytest.mark.parametrize("name", NAMES)
def test_states_are_complete(name):
    process = made(name)
    assert isinstance(process, Process)
    assert process.incoming == ("e-", "e+")
    assert sorted(process.chain) == sorted(process.outgoing)
    masses, weight = process.masses(jnp.full(process.drawn, 0.5))
    assert len(masses) == len(process.outgoing)
    assert float(weight) > 0
    if isinstance(process, Channelled):
        assert set(process.channels) <= set(SPACES)
        assert len(process.poles(*vectors(points(process, jax.random.key(1))))) == len(
            process.channels
        )


@pytest.mark.parametrize("name", NAMES)
def test_docstrings_name_a_source(name):
    cls = catalogue.process_class(name)
    text = f"{inspect.getmodule(cls).__doc__} {cls.__doc__}"
    assert re.search(r"arXiv:\d{4}\.\d{4,5}|PDG \d{4}|Phys\. |Peskin|Nucl\. Phys", text)


@pytest.mark.parametrize("name", NAMES)
def test_positive_finite_and_unpolarised(name, key):
    process = made(name)
    values = squared_amplitude(process, points(process, key))
    assert bool(jnp.isfinite(values).all())
    assert bool((values > 0).all())
    with pytest.raises(ValueError, match="no polarisation"):
        squared_amplitude(process, points(process, key), jnp.zeros(3))


@pytest.mark.parametrize("name", NAMES)
def test_rotations_and_boosts_change_nothing(name, key):
    process = made(name)
    p = points(process, key)
    before = squared_amplitude(process, p)
    for matrix in (
        dense.rotation((1, 2, -1), 1.1),
        dense.boost((0, 0, 0.6)),
        dense.boost((-0.3, 0.5, 0.4)),
    ):
        moved = jnp.einsum("ij,nkj->nki", jnp.asarray(matrix), p)
        # 1e-6: collinear poles of a hundred events keep (m_e/E)^2 ~ 1e-8 of the digits
        # of momenta that a matrix has rounded, and those are few: the median has 1e-10
        gap = np.abs(np.asarray(squared_amplitude(process, moved) / before) - 1)
        assert gap.max() < 1e-6
        assert np.median(gap) < 1e-10


@pytest.mark.parametrize(("name", "slot"), PHOTONS)
def test_ward_identity(name, slot, key):
    """The amplitude vanishes when a photon's polarisation is its momentum."""
    process = made(name)
    p = points(process, key, n=20)
    column = 2 + process.outgoing.index(slot)
    momenta = vectors(p)

    def polarisations(k):
        return (k,) if k is momenta[column] else photon(k)

    def leaves(**how):
        found = process.amplitude(*momenta, **how)
        return np.array([np.broadcast_to(a, len(p)) for a in jax.tree.leaves(found)])

    longitudinal = leaves(polarisations=polarisations)
    transverse = leaves() * np.asarray(p[:, column, 0])
    gap = np.abs(longitudinal).max(axis=0) / np.sqrt((transverse**2).sum(axis=0))
    # a propagator next to its pole keeps 1e-16 (E/m_e)^2 of the digits
    assert np.median(gap) < 1e-12
    assert gap.max() < 1e-16 * (5 * GeV / M_E) ** 2


def test_beams_of_belle2_are_at_rest_in_sum():
    (one, two), spin, flux = belle2()(jnp.zeros(0))
    assert spin is None
    assert float(one.z + two.z) == 0.0
    # 2 s: masses are 1e-8 of it
    assert float(flux * 2 * (one + two).mass_squared()) == pytest.approx(1, rel=1e-7)
