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

from catalogue import FACES, PARENTS, marked, points, vectors, weights

from darkreach.constants import M_E
from darkreach.processes.process import Process, squared_amplitude
from darkreach.sampling import generator
from darkreach.sampling.beams import at_rest
from darkreach.sampling.generator import dimensions, generate
from darkreach.sampling.observables import Cut
from darkreach.units import MeV

NAMES = catalogue.variants()


def having(slot):
    return [n for n in NAMES if slot in catalogue.process_class(n).outgoing]


# what couples to a conserved current: a photon, and a dark photon
GAUGE = having("gamma") + [n for n in having("x") if n.endswith("-DarkPhoton")]
WITH_MODEL = [n for n in NAMES if hasattr(catalogue.process_class(n)(), "model")]
SPIN = np.array([0.3, -0.5, 0.7])


def beam_of(process, polarisation=(0.0, 0.0, 0.0)):
    (parent,) = process.incoming
    return at_rest(PARENTS[parent], polarisation)


def amplitude_of(process):
    return getattr(process, "current", None) or process.amplitude


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


@pytest.mark.parametrize("name", marked(NAMES))
def test_positive_and_finite(name, key):
    process = catalogue.instance(name)
    for spin in (None, SPIN / np.linalg.norm(SPIN)):
        polarisation = None if spin is None else jnp.asarray(spin)
        values = squared_amplitude(process, points(process, key), polarisation)
        assert bool(jnp.isfinite(values).all())
        assert bool((values > 0).all())


@pytest.mark.parametrize("name", marked(NAMES))
def test_spin_averages_out(name, key):
    process = catalogue.instance(name)
    p = points(process, key)
    plain = squared_amplitude(process, p)
    pair = [squared_amplitude(process, p, jnp.asarray(s * SPIN)) for s in (1, -1)]
    # linear in the polarisation, up to roundings
    np.testing.assert_allclose(sum(pair) / 2, plain, rtol=1e-12)


@pytest.mark.parametrize("name", marked(NAMES))
def test_rotations_turn_the_polarisation_too(name, key):
    process = catalogue.instance(name)
    p = points(process, key)
    before = squared_amplitude(process, p, jnp.asarray(SPIN))
    for axis, angle in (((1, 2, -1), 1.1), ((0, 0, 1), -2.0), ((1, 0, 0), np.pi)):
        turn = dense.rotation(axis, angle)
        turned = jnp.einsum("ij,nkj->nki", jnp.asarray(turn), p)
        after = squared_amplitude(process, turned, jnp.asarray(turn[1:, 1:] @ SPIN))
        # 1e-9: a collinear pole keeps (m_e/E)^2 ~ 1e-4 of the digits, a hundred events
        np.testing.assert_allclose(after, before, rtol=1e-9)


@pytest.mark.parametrize("name", marked(NAMES))
@pytest.mark.parametrize("velocity", [(0, 0, 0.6), (-0.3, 0.5, 0.4), (0.9, 0, 0)])
def test_boosts_change_nothing(name, velocity, key):
    process = catalogue.instance(name)
    p = points(process, key)
    boosted = jnp.einsum("ij,nkj->nki", jnp.asarray(dense.boost(velocity)), p)
    # 1e-7: as for rotations, with momenta larger by 2 gamma < 5 to the fourth power
    np.testing.assert_allclose(
        squared_amplitude(process, boosted), squared_amplitude(process, p), rtol=1e-7
    )


@pytest.mark.parametrize("name", GAUGE)
def test_ward_identity(name, key):
    """The amplitude vanishes when a boson's polarisation is its momentum."""
    process = catalogue.instance(name)
    p = points(process, key)
    slot = 1 + process.outgoing.index("gamma" if "gamma" in process.outgoing else "x")

    def leaves(**how):
        found = amplitude_of(process)(*vectors(p), **how)
        return np.array([np.broadcast_to(a, len(p)) for a in jax.tree.leaves(found)])

    longitudinal = leaves(polarisations=lambda k: (k,))
    transverse = leaves() * np.asarray(p[:, slot, 0])
    size = np.sqrt((transverse**2).sum(axis=0))
    # The requirement, 1e-12 of the typical size. Typical, because one collinear event
    # of the sample loses (E/m_e)^2 ~ 1e4 of the digits of its propagator.
    gap = np.abs(longitudinal).max(axis=0) / size
    assert np.median(gap) < 1e-13
    assert np.abs(longitudinal).max() / size.max() < 1e-12


@pytest.mark.parametrize("name", marked(having("e+2")))
def test_like_particles_are_fermions(name, key):
    """Exchanged momenta and spins change the sign of the amplitude, nothing else."""
    process = catalogue.instance(name)
    p = np.array(points(process, key))
    slots = [1 + process.outgoing.index(slot) for slot in ("e+1", "e+2")]
    exchanged = p.copy()
    exchanged[:, slots] = p[:, slots[::-1]]
    np.testing.assert_allclose(
        squared_amplitude(process, jnp.asarray(exchanged), jnp.asarray(SPIN)),
        squared_amplitude(process, jnp.asarray(p), jnp.asarray(SPIN)),
        rtol=1e-12,  # the same sums in another order
    )
    # without compiling: a few events at a time
    one, other = (
        amplitude_of(process)(*vectors(jnp.asarray(rows[:5])))
        for rows in (p, exchanged)
    )
    for mu in (0, 1):
        for i in (0, 1):
            for j in (0, 1):
                for a, b in zip(
                    jax.tree.leaves(one[mu][i][j]),
                    jax.tree.leaves(other[mu][j][i]),
                    strict=True,
                ):
                    np.testing.assert_allclose(a, -b, rtol=1e-12)


@pytest.mark.parametrize("name", marked(NAMES))
def test_weights_are_finite_on_the_faces_of_the_cube(name):
    process = catalogue.instance(name)
    beam = beam_of(process, (0.0, 0.0, 0.5))
    d = dimensions(process, beam)
    # corners, edges and centres: soft, collinear and threshold limits at once.
    # The soft-photon pole itself is outside every width: a cut keeps it out.
    found = weights(process, beam, cuts_of(process, 1e-3 * MeV), faces(d))
    assert bool(jnp.isfinite(found).all())
    # where the amplitude vanishes exactly, a rounding of either sign is left
    assert bool((found >= -1e-12 * found.max()).all())


def cuts_of(process, minimum=0.0):
    """A smallest photon energy, also where it cuts nothing: compiled once for all."""
    if "gamma" not in process.outgoing:
        return ()
    return (Cut(observable="E_gamma", minimum=minimum),)


def faces(d):
    """Corners, edges and centres of faces; a fixed number, repeated or chosen."""
    points = np.array(np.meshgrid(*[[0.0, 0.5, 1.0]] * d)).reshape(d, -1).T
    chosen = np.linspace(0, len(points) - 1, FACES).astype(int)
    return jnp.asarray(points[chosen])


def end_of(name):
    """The largest mass of the new particle that leaves phase space [GeV]."""
    (parent,) = catalogue.process_class(name).incoming

    def is_open(mass):
        process = catalogue.instance(name, mass)
        masses, weight = process.masses(jnp.zeros(process.drawn))
        return float(sum(masses)) < PARENTS[parent] and float(weight) > 0

    low, high = 3 * M_E, PARENTS[parent]
    while (middle := (low + high) / 2) not in {low, high}:
        low, high = (middle, high) if is_open(middle) else (low, middle)
    return low


@pytest.mark.parametrize("name", marked(WITH_MODEL))
def test_closes_at_threshold(name, key):
    """Finite just below, exactly 0 above, and small where the phase space closes."""
    limit = end_of(name)
    totals = []
    for mass in (limit * 0.5, limit - 1e-3 * MeV, limit * (1 - 1e-14), limit + MeV):
        process = catalogue.instance(name, mass)
        beam = beam_of(process, (0.0, 0.0, 0.5))
        x = jax.random.uniform(key, (FACES, dimensions(process, beam)))
        found = weights(process, beam, cuts_of(process), x)
        assert bool(jnp.isfinite(found).all())
        totals.append(float(found.sum()))
    assert totals[0] > 0
    assert 0 < totals[1] < 0.1 * totals[0]
    assert totals[3] == 0.0


@pytest.mark.parametrize("name", marked(NAMES))
def test_one_compilation_for_all_parameters(name, key):
    """A mass scan, a coupling scan and a new polarisation do not compile anew."""
    process = catalogue.instance(name)
    x, cuts = faces(dimensions(process, beam_of(process))), cuts_of(process)
    weights(process, beam_of(process), cuts, x)
    before = weights._cache_size()
    for mass, z in ((0.0, 0.1), (1 * MeV, -0.86), (30 * MeV, 1.0)):
        process = catalogue.instance(name, mass)
        if hasattr(process, "model"):
            model = dataclasses.replace(process.model, mass=mass * 1.1)
            process = dataclasses.replace(process, model=model)
        weights(process, beam_of(process, (0.0, 0.0, z)), cuts, x)
    assert weights._cache_size() == before


def test_generate_compiles_once(key):
    process = catalogue.instance("mu_to_e_alp")
    generate(process, beam_of(process), 10, key)
    before = generator._sample._cache_size()
    generate(catalogue.instance("mu_to_e_alp", 1 * MeV), beam_of(process), 9, key)
    assert generator._sample._cache_size() == before
