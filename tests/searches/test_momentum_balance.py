"""The fit with four constraints against what is known in closed form."""

import math

from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from darkreach.algebra.kinematics import FourVector
from darkreach.searches.momentum_balance import balanced
from darkreach.units import GeV, MeV

N = 20000
SIZE = 30 * MeV


def along(p, errors, *, size):
    """A massless particle with an uncertain energy and two uncertain angles."""
    factor = 1 + size * errors[0] / p.e
    across = 0.01
    x, y = p.x + across * errors[1] * p.e, p.y + across * errors[2] * p.e
    norm = jnp.sqrt(x * x + y * y + p.z * p.z)
    return FourVector(p.e * factor, *(p.e * factor * c / norm for c in (x, y, p.z)))


def beams(total, errors):
    return FourVector(*(-t * jnp.ones_like(errors[0]) for t in total))


def test_two_back_to_back_photons_share_the_energy(key):
    """E1 = E2 = sqrt(s) / 2, whatever was measured, and four degrees of freedom."""
    errors = jax.random.normal(key, (2, 3, N))
    zero = jnp.zeros(N)
    true = [
        FourVector(zero + 2 * GeV, zero, zero, s * (zero + 2 * GeV)) for s in (1, -1)
    ]
    found = [along(p, e, size=SIZE) for p, e in zip(true, errors, strict=True)]
    moved = [partial(along, p, size=SIZE) for p in found]
    total = FourVector(4 * GeV, 0.0, 0.0, 0.0)
    fitted, squares = balanced([*moved, partial(beams, total)], events=N)
    for p in fitted[:2]:
        np.testing.assert_allclose(np.asarray(p.e), 2 * GeV, rtol=1e-6)
    # chi^2 of 4: mean 4, variance 8; one sigma is 0.5 % of it, and slopes vary by 2 %
    assert float(squares.mean()) == pytest.approx(4.0, abs=5 * math.sqrt(8 / N) + 0.05)


def test_a_perfect_measurement_is_left_alone():
    zero = jnp.zeros(N)  # compiled above
    true = [
        FourVector(zero + 2 * GeV, zero, zero, s * (zero + 2 * GeV)) for s in (1, -1)
    ]
    moved = [partial(along, p, size=SIZE) for p in true]
    total = FourVector(4 * GeV, 0.0, 0.0, 0.0)
    fitted, squares = balanced([*moved, partial(beams, total)], events=N)
    assert float(squares.max()) < 1e-20
    np.testing.assert_allclose(np.asarray(fitted[0].z), 2 * GeV, rtol=1e-12)
