"""What every process must do. Walks the folder: a new file need not be named here.

Couplings that are 0 by default are switched on, see `catalogue.lively`.
"""

import dataclasses
import inspect
import re

import catalogue
import dense
import jax
import jax.numpy as jnp
import numpy as np
import pytest

from darkreach.algebra.kinematics import FourVector
from darkreach.constants import M_MU, M_TAU
from darkreach.processes.process import Process, squared_amplitude
from darkreach.sampling import generator
from darkreach.sampling.beams import at_rest
from darkreach.sampling.generator import dimensions, generate, weight_at
from darkreach.sampling.observables import Cut
from darkreach.units import MeV

PARENTS = {"mu": M_MU, "tau": M_TAU}
NAMES = catalogue.names()
WITH_PHOTON = [n for n in NAMES if "gamma" in catalogue.process_class(n).outgoing]
WITH_MODEL = [n for n in NAMES if hasattr(catalogue.process_class(n)(), "model")]
SPIN = np.array([0.3, -0.5, 0.7])


def beam_of(process, polarisation=(0.0, 0.0, 0.0)):
    (parent,) = process.incoming
    return at_rest(PARENTS[parent], polarisation)


def sample(process, key, n=100):
    """Momenta, parent first, flat in the unit cube."""
    beam = beam_of(process)
    p = generate(process, beam, n, key).p
    parent = jnp.tile(jnp.asarray(dense.at_rest(float(beam.mass))), (n, 1, 1))
    return jnp.concatenate([parent, p], axis=1)


def test_folder_is_not_empty():
    assert len(NAMES) >= 4


@pytest.mark.parametrize("name", NAMES)
def test_states_are_complete(name):
    process = catalogue.instance(name)
    assert isinstance(process, Process)
    assert sorted(process.chain) == sorted(process.outgoing)
    masses, _ = process.masses(jnp.full(process.drawn, 0.5))
    assert len(masses) == len(process.outgoing)
    assert "inv" not in process.outgoing[:-1]
    assert hasattr(process, "current") == ("inv" in process.outgoing)
    assert hasattr(process, "amplitude") != ("inv" in process.outgoing)


@pytest.mark.parametrize("name", NAMES)
def test_docstrings_name_a_source(name):
    cls = catalogue.process_class(name)
    module = inspect.getmodule(cls)
    text = f"{module.__doc__} {cls.__doc__}"
    assert re.search(r"arXiv:\d{4}\.\d{4,5}|hep-ph/\d{7}|PDG \d{4}|Phys\. Rev\.", text)


@pytest.mark.parametrize("name", NAMES)
def test_positive_and_finite(name, key):
    process = catalogue.instance(name)
    for spin in (None, SPIN / np.linalg.norm(SPIN)):
        polarisation = None if spin is None else jnp.asarray(spin)
        values = squared_amplitude(process, sample(process, key), polarisation)
        assert bool(jnp.isfinite(values).all())
        assert bool((values > 0).all())


@pytest.mark.parametrize("name", NAMES)
def test_spin_averages_out(name, key):
    process = catalogue.instance(name)
    p = sample(process, key)
    plain = squared_amplitude(process, p)
    pair = [squared_amplitude(process, p, jnp.asarray(s * SPIN)) for s in (1, -1)]
    # linear in the polarisation, up to roundings
    np.testing.assert_allclose(sum(pair) / 2, plain, rtol=1e-12)


@pytest.mark.parametrize("name", NAMES)
def test_rotations_turn_the_polarisation_too(name, key):
    process = catalogue.instance(name)
    p = sample(process, key)
    before = squared_amplitude(process, p, jnp.asarray(SPIN))
    for axis, angle in (((1, 2, -1), 1.1), ((0, 0, 1), -2.0), ((1, 0, 0), np.pi)):
        turn = dense.rotation(axis, angle)
        turned = jnp.einsum("ij,nkj->nki", jnp.asarray(turn), p)
        after = squared_amplitude(process, turned, jnp.asarray(turn[1:, 1:] @ SPIN))
        # 1e-9: a collinear pole keeps (m_e/E)^2 ~ 1e-4 of the digits, a hundred events
        np.testing.assert_allclose(after, before, rtol=1e-9)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("velocity", [(0, 0, 0.6), (-0.3, 0.5, 0.4), (0.9, 0, 0)])
def test_boosts_change_nothing(name, velocity, key):
    process = catalogue.instance(name)
    p = sample(process, key)
    boosted = jnp.einsum("ij,nkj->nki", jnp.asarray(dense.boost(velocity)), p)
    # 1e-7: as for rotations, with momenta larger by 2 gamma < 5 to the fourth power
    np.testing.assert_allclose(
        squared_amplitude(process, boosted), squared_amplitude(process, p), rtol=1e-7
    )


@pytest.mark.parametrize("name", WITH_PHOTON)
def test_ward_identity(name, key):
    """The amplitude vanishes when a photon's polarisation is its momentum."""
    process = catalogue.instance(name)
    line = getattr(process, "current", None) or process.amplitude
    p = sample(process, key)

    def leaves(row, **how):
        vectors = [FourVector.from_array(row[i]) for i in range(row.shape[0])]
        return jnp.stack(jax.tree.leaves(line(*vectors, **how)))

    longitudinal = jax.vmap(lambda row: leaves(row, polarisations=lambda k: (k,)))(p)
    slot = 1 + process.outgoing.index("gamma")
    energy = p[:, slot, 0]
    transverse = jax.vmap(leaves)(p) * energy[:, None]
    size = jnp.sqrt((transverse**2).sum(axis=1))
    # The requirement, 1e-12 of the typical size. Typical, because one collinear event
    # of the sample loses (E/m_e)^2 ~ 1e4 of the digits of its propagator.
    gap = jnp.abs(longitudinal).max(axis=1) / size
    assert float(jnp.median(gap)) < 1e-13
    assert float(jnp.abs(longitudinal).max() / size.max()) < 1e-12


@pytest.mark.parametrize("name", NAMES)
def test_weights_are_finite_on_the_faces_of_the_cube(name):
    process = catalogue.instance(name)
    beam = beam_of(process, (0.0, 0.0, 0.5))
    d = dimensions(process, beam)
    # corners, edges and centres: soft, collinear and threshold limits at once.
    # The soft-photon pole itself is outside every width: a cut keeps it out.
    points = np.array(np.meshgrid(*[[0.0, 0.5, 1.0]] * d)).reshape(d, -1).T
    cuts = ()
    if "gamma" in process.outgoing:
        cuts = (Cut(observable="E_gamma", minimum=1e-3 * MeV),)
    at = jax.jit(jax.vmap(lambda x: weight_at(process, beam, cuts, x)))
    weights = at(jnp.asarray(points[:3000]))
    assert bool(jnp.isfinite(weights).all())
    # where the amplitude vanishes exactly, a rounding of either sign is left
    assert bool((weights >= -1e-12 * weights.max()).all())


@pytest.mark.parametrize("name", WITH_MODEL)
def test_closes_at_threshold(name, key):
    """Finite just below, exactly 0 above, and small where the phase space closes."""
    (parent,) = catalogue.process_class(name).incoming
    light = catalogue.instance(name, 0.0)
    masses, _ = light.masses(jnp.zeros(light.drawn))
    limit = PARENTS[parent] - float(sum(masses))
    totals = []
    for mass in (limit * 0.5, limit - 1e-3 * MeV, limit * (1 - 1e-14), limit + MeV):
        process = catalogue.instance(name, mass)
        weights = generate(process, beam_of(process), 500, key).weight
        assert bool(jnp.isfinite(weights).all())
        totals.append(float(weights.sum()))
    assert totals[0] > 0
    assert 0 < totals[1] < 0.1 * totals[0]
    assert totals[3] == 0.0


@pytest.mark.parametrize("name", NAMES)
def test_one_compilation_for_all_parameters(name, key):
    """A mass scan, a coupling scan and a new polarisation do not compile anew."""
    generate(catalogue.instance(name), beam_of(catalogue.instance(name)), 10, key)
    before = generator._sample._cache_size()
    for mass, z in ((0.0, 0.1), (1 * MeV, -0.86), (30 * MeV, 1.0)):
        process = catalogue.instance(name, mass)
        if hasattr(process, "model"):
            model = dataclasses.replace(process.model, mass=mass * 1.1)
            process = dataclasses.replace(process, model=model)
        generate(process, beam_of(process, (0.0, 0.0, z)), 20, key)
    assert generator._sample._cache_size() == before
