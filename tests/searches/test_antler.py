"""Two taus that could have made an electron and a positron: cones against a scan."""

import math

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from darkreach.algebra.kinematics import FourVector
from darkreach.constants import M_E, M_TAU
from darkreach.sampling.tau_leptons import LEPTONS, tau_leptons
from darkreach.searches.antler import (
    antler_margin,
    half_angle,
    has_antler,
    radiated_margin,
    smallest_parent_mass,
)
from darkreach.units import GeV

TOTAL = 10.58 * GeV
HALF = TOTAL / 2
TAU = math.sqrt(HALF**2 - M_TAU**2)  # momentum of the taus


def taus(key, n, *, radiation):
    x = jax.random.uniform(key, (LEPTONS, n)).T
    total = jnp.asarray(TOTAL)
    draw = jax.jit(jax.vmap(lambda r: tau_leptons(r, total, radiation=radiation)))
    return draw(x)


def electron(energy, direction):
    momentum = jnp.sqrt(energy**2 - M_E**2)
    unit = direction / jnp.linalg.norm(direction, axis=-1, keepdims=True)
    return FourVector(energy, *(momentum * unit[..., i] for i in range(3)))


def pairs(key, n):
    """Electrons of any energy up to sqrt(s) / 2, half of them nearly back to back."""
    one, two, three = jax.random.split(key, 3)
    energy = HALF * jax.random.uniform(one, (2, n), minval=0.02)
    first, second = jax.random.normal(two, (n, 3)), jax.random.normal(three, (n, 3))
    size = jnp.where(jnp.arange(n) % 2 == 0, 0.3, 10.0)[:, None]
    unit = first / jnp.linalg.norm(first, axis=1, keepdims=True)
    return electron(energy[0], first), electron(energy[1], size * second - unit)


def sphere(n):
    """Directions that cover the sphere: none is farther away than 2 / sqrt(n)."""
    k = np.arange(n) + 0.5
    z, phi = 1 - 2 * k / n, math.pi * (1 + math.sqrt(5)) * k
    rho = np.sqrt(1 - z**2)
    return np.stack([rho * np.cos(phi), rho * np.sin(phi), z], axis=1)


def test_every_tau_pair_has_an_antler(key):
    made = taus(key, 100_000, radiation=False)
    margin = antler_margin(made.electron, made.positron, sqrt_s=TOTAL)
    assert bool((margin > 0).all())
    assert bool(has_antler(made.electron, made.positron, sqrt_s=TOTAL).all())
    least = smallest_parent_mass(made.electron, made.positron, sqrt_s=TOTAL)
    # 1e-4: the electron mass of the slowest, m_e^2 / p^2, times its small weight
    assert 0.95 * M_TAU < float(least.max()) < M_TAU * (1 + 1e-4)


def test_radiation_from_the_beams(key):
    """Some pairs lose their antler; one photon along a beam gives it back."""
    made = taus(key, 20_000, radiation=True)
    plain = antler_margin(made.electron, made.positron, sqrt_s=TOTAL)
    lost = float(jnp.average(jnp.where(plain < 0, 1.0, 0.0), weights=made.weight))
    assert 0.02 < lost < 0.06
    margin = radiated_margin(made.electron, made.positron, sqrt_s=TOTAL)
    # no photon is one of the steps
    assert bool((margin >= plain - 1e-12).all())
    # the steps are finer than the room of any pair
    assert bool((margin > 0).all())


def test_cones_agree_with_a_scan_over_directions(key):
    """Masses of both neutrino pairs for 20000 directions of the tau-."""
    n = 400
    first, second = pairs(key, n)
    margin = np.asarray(antler_margin(first, second, sqrt_s=TOTAL))
    axes = sphere(20_000)
    masses = []
    for p, sign in ((first, 1), (second, -1)):
        along = np.asarray(p.array())[:, 1:] @ (sign * axes.T)
        lost = HALF - np.asarray(p.e)[:, None]
        square = np.asarray(p.dot3(p))[:, None]
        masses.append(lost**2 - TAU**2 - square + 2 * TAU * along)
    found = ((masses[0] >= 0) & (masses[1] >= 0)).any(axis=1)
    assert not found[margin < 0].any()
    # 2 / sqrt(20000): the largest hole of the scan
    assert found[margin > 0.015].all()
    # both answers are common, and few are too close to tell
    assert (margin < 0).mean() > 0.2
    assert (margin > 0.015).mean() > 0.2
    assert ((margin > 0) & (margin < 0.015)).mean() < 0.05


def test_cones_that_touch():
    """Massless neutrinos, both electrons emitted at right angles to one side."""
    minus = FourVector(HALF / 2, M_TAU / 2, 0.0, TAU / 2)
    plus = FourVector(HALF / 2, M_TAU / 2, 0.0, -TAU / 2)
    # 1e-4: the electron mass, sqrt(m_e^2 / E^2)
    assert float(antler_margin(minus, plus, sqrt_s=TOTAL)) == pytest.approx(0, abs=1e-4)
    least = smallest_parent_mass(minus, plus, sqrt_s=TOTAL)
    # no electron mass in either
    assert float(least) == pytest.approx(M_TAU, rel=1e-12)
    # to opposite sides the electrons are back to back: the cones are the same one
    plus = FourVector(HALF / 2, -M_TAU / 2, 0.0, -TAU / 2)
    margin = antler_margin(minus, plus, sqrt_s=TOTAL)
    assert float(margin) == pytest.approx(math.asin(M_TAU / HALF), abs=1e-4)
    assert float(smallest_parent_mass(minus, plus, sqrt_s=TOTAL)) == 0.0


def test_half_angle_at_the_ends_of_the_spectrum():
    """0 for an electron as fast as can be, pi for one that may go anywhere."""
    top = (M_TAU**2 + M_E**2) / (2 * M_TAU)
    k = math.sqrt(top**2 - M_E**2)
    fast, slow = ((HALF * top + s * TAU * k) / M_TAU for s in (1, -1))

    def angle(energy):
        p = FourVector(energy, math.sqrt(energy**2 - M_E**2), 0.0, 0.0)
        return float(half_angle(p, sqrt_s=TOTAL))

    # 1e-6: arccos turns a rounding of 1e-15 near 1 into 1e-7
    assert angle(fast) == pytest.approx(0.0, abs=1e-6)
    assert angle(slow) == pytest.approx(math.pi, abs=1e-6)
    assert angle(1.01 * fast) < 0 < angle(0.99 * fast)
    assert angle(1.01 * slow) < math.pi < angle(0.99 * slow)


def test_smallest_mass_is_where_the_first_antler_opens(key):
    """The closed form against the sign of the margin for 500 masses."""
    first, second = pairs(key, 1000)
    masses = jnp.linspace(0.0, HALF, 502)[1:-1]
    margins = jax.vmap(lambda m: antler_margin(first, second, sqrt_s=TOTAL, parent=m))(
        masses
    )
    least = np.asarray(smallest_parent_mass(first, second, sqrt_s=TOTAL))
    positive = np.asarray(margins >= 0)
    seen, step = positive.any(axis=0), HALF / 501
    opening = np.asarray(masses)[positive.argmax(axis=0)]
    # 2 %: the electron mass, (m_e / p)^2 < 2.4e-5 of M against a step of 1 / 501
    after = (opening - least)[seen] / step
    assert after.min() > -0.02
    assert after.max() < 1.02
    assert np.isinf(least[~seen]).all()
    assert 0.2 < seen.mean() < 0.95


def test_signal_has_no_antler():
    """A massless particle recoils: electrons at an angle, or one of beam energy."""
    wide = electron(jnp.array([3.5 * GeV] * 2), jnp.array([[1.0, 0, 0], [0, 1.0, 0]]))
    one, two = (FourVector(*(c[i] for c in wide)) for i in (0, 1))
    assert not bool(has_antler(one, two, sqrt_s=TOTAL))
    assert float(smallest_parent_mass(one, two, sqrt_s=TOTAL)) > 2 * GeV
    fast = FourVector(0.999 * HALF, 0.0, 0.0, 0.999 * HALF)
    slow = FourVector(0.7 * HALF, 0.0, 0.0, -0.7 * HALF)
    assert not bool(has_antler(fast, slow, sqrt_s=TOTAL))
    # on one line it is not the angle: a lighter parent would do
    assert float(smallest_parent_mass(fast, slow, sqrt_s=TOTAL)) == 0.0
    # nor does a photon along the beam explain electrons at right angles to it
    assert float(radiated_margin(one, two, sqrt_s=TOTAL)) < 0
    over = FourVector(1.1 * HALF, 0.0, 0.0, 1.1 * HALF)
    assert float(smallest_parent_mass(over, slow, sqrt_s=TOTAL)) == math.inf
