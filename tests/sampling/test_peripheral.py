from decimal import Decimal, getcontext

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from darkreach.algebra.kinematics import FourVector, transfer_squared
from darkreach.constants import M_E
from darkreach.sampling.beams import belle2
from darkreach.sampling.peripheral import peripheral
from darkreach.sampling.phasespace import chain
from darkreach.units import GeV, MeV

INCOMING, _, _ = belle2()(jnp.zeros(0))


@jax.jit
def drawn(x, mass):
    return jax.vmap(lambda row: peripheral(row, INCOMING, (M_E, M_E, mass)))(x)


@pytest.mark.parametrize("mass", [1 * MeV, 0.3 * GeV, 9 * GeV])
def test_momenta_are_conserved_and_on_shell(mass, key):
    ends = jnp.array(np.meshgrid(*[[0.0, 0.4, 1.0]] * 5)).reshape(5, -1).T
    x = jnp.concatenate([jax.random.uniform(key, (1000, 5)), ends])
    momenta, volume = drawn(x, mass)
    assert bool(jnp.isfinite(volume).all())
    assert bool((volume >= 0).all())
    total = momenta[0] + momenta[1] + momenta[2]
    energy = float(belle2().energy())
    # momenta of 10 GeV in double precision, boosted twice with gamma up to 1e4
    for component, expected in zip(total, (energy, 0.0, 0.0, 0.0), strict=True):
        np.testing.assert_allclose(component / GeV, expected / GeV, atol=1e-10)
    for p, m in zip(momenta, (M_E, M_E, mass), strict=True):
        on_shell = jnp.sqrt(p.e**2 - m**2) / GeV
        np.testing.assert_allclose(p.momentum() / GeV, on_shell, rtol=1e-8, atol=1e-12)


def least(mass_r):
    """-(p1 - p3)^2 straight on, to 60 digits: |p1 - p3|^2 - (E1 - E3)^2."""
    getcontext().prec = 60
    s = Decimal(float(belle2().energy())) ** 2
    m2, r2 = Decimal(M_E) ** 2, mass_r**2
    e1, e3 = s.sqrt() / 2, (s + m2 - r2) / (2 * s.sqrt())
    p1, p3 = (e1**2 - m2).sqrt(), (e3**2 - m2).sqrt()
    return float((p1 - p3) ** 2 - (e1 - e3) ** 2)


@pytest.mark.parametrize("mass", [1 * MeV, 0.05 * GeV, 1 * GeV, 9 * GeV])
def test_smallest_virtualities_keep_their_digits(mass):
    """The square of the difference of both momenta has none of them."""
    x = jnp.array([[0.0, 0.0, 0.3, 0.5, 0.7], [0.5, 0.0, 0.1, 0.0, 0.2]])
    momenta, _ = drawn(x, mass)
    for i, share in enumerate((0.0, 0.5)):
        low, high = Decimal(M_E + mass), Decimal(float(belle2().energy()) - M_E)
        expected = least(low * (high / low) ** Decimal(share))
        p3 = FourVector(*(float(c[i]) for c in momenta[0]))
        found = -float(transfer_squared(INCOMING[0], p3, mass=M_E))
        # |p1 - p3| is a difference of 5 GeV: 1e-15 GeV of at least M_R^2 / (2 sqrt(s))
        lost = float(low) ** 2 / 20 / GeV
        assert found == pytest.approx(expected, rel=1e-14 / lost + 1e-12)
    naive = float((INCOMING[0] - momenta[0]).mass_squared()[0])
    if mass < 10 * MeV:
        assert abs(naive / -least(Decimal(M_E + mass)) - 1) > 0.1


def test_volume_of_three_body_phase_space(key):
    """Heavy particles, for which both ways to draw have small weights."""
    energy, masses = 10 * GeV, (1.5 * GeV, 1.5 * GeV, 3 * GeV)
    half = jnp.asarray(energy / 2)
    momentum = jnp.sqrt(half**2 - masses[0] ** 2)
    zero = jnp.zeros_like(half)
    incoming = tuple(FourVector(half, zero, zero, s * momentum) for s in (1.0, -1.0))
    x = jax.random.uniform(key, (200_000, 5))
    parent = FourVector(jnp.asarray(energy), zero, zero, zero)
    volumes = (
        jax.vmap(lambda row: peripheral(row, incoming, masses)[1])(x),
        jax.vmap(lambda row: chain(row, parent, masses)[1])(x),
    )
    (one, error), (two, other) = (
        (float(v.mean()), float(v.std()) / len(x) ** 0.5) for v in volumes
    )
    size = np.hypot(error, other)
    assert size < 0.01 * two
    assert abs(one - two) < 5 * size
