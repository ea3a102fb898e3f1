"""Phase space along the poles of two photons: its volume, and what leaves it."""

import math

import jax
import jax.numpy as jnp
import pytest

from darkreach.algebra.kinematics import FourVector
from darkreach.constants import M_E
from darkreach.processes.ee_to_ee_ee import EeToEeEe
from darkreach.sampling import phasespace
from darkreach.sampling.adaptive import CHUNK, adapt, moments
from darkreach.sampling.beams import Collider, belle2
from darkreach.sampling.two_photon_pairs import two_photon_pair
from darkreach.units import GeV, MeV

MASSES = (M_E,) * 4


def weight(process, beam, x):
    incoming, _, _ = beam(jnp.zeros(0))
    return two_photon_pair(process, x, incoming, MASSES)[1]


@jax.jit
def events(process, x):
    """Incoming momenta, outgoing ones, weights, of many points at once."""
    incoming, _, _ = belle2()(jnp.zeros(0))

    def drawn(row):
        return two_photon_pair(process, row, incoming, MASSES)

    return incoming, *jax.vmap(drawn)(x)


@pytest.mark.slow
def test_volume_is_that_of_a_flat_chain(key):
    """At 6 MeV, where neither masses nor momenta are small: two ways, 0.5 % each."""
    beam = Collider(electron_energy=3 * MeV, positron_energy=3 * MeV)
    total = beam.energy()
    still = FourVector(total, *(jnp.zeros_like(total),) * 3)
    one, two = jax.random.split(key)

    def flat(x):
        return phasespace.chain(x, still, MASSES)[1]

    expected = jnp.mean(jax.vmap(flat)(jax.random.uniform(one, (2**17, 8))))
    integrand = jax.tree_util.Partial(weight, EeToEeEe(), beam)
    grid = adapt(integrand, 8, one, points=CHUNK, iterations=5)
    mean, square = moments(integrand, grid, two, chunks=16)
    error = math.sqrt(float(square - mean**2) / (16 * CHUNK))
    assert error < 0.005 * float(expected)
    assert float(mean) == pytest.approx(float(expected), abs=5 * error)


def test_momenta_are_on_shell_and_balanced(key):
    incoming, momenta, found = events(
        EeToEeEe(widest=jnp.asarray(math.pi)), jax.random.uniform(key, (4096, 8))
    )
    assert bool(jnp.isfinite(found).all())
    assert bool((found > 0).all())
    lost = incoming[0] + incoming[1]
    for p in momenta:
        lost = lost - p
        # differences of squares of energies of 5 GeV
        gap = jnp.abs(p.mass_squared() - M_E**2)
        assert float(gap.max()) < 1e-13 * GeV**2
    for component in lost:
        assert float(jnp.abs(component).max()) < 1e-13 * GeV


def test_widest_angle(key):
    """Weights are as before inside, and 0 outside."""
    x = jax.random.uniform(key, (4096, 8))
    _, momenta, everywhere = events(EeToEeEe(widest=jnp.asarray(math.pi)), x)
    _, _, narrow = events(EeToEeEe(widest=jnp.asarray(0.01)), x)
    angles = [
        jnp.arctan2(jnp.hypot(p.x, p.y), side * p.z)
        for p, side in zip(momenta[2:], (1, -1), strict=True)
    ]
    inside = jnp.maximum(*angles) < 0.01
    assert 0 < int(inside.sum()) < len(inside)
    assert bool((narrow == jnp.where(inside, everywhere, 0.0)).all())
