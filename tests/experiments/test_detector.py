"""Parts of a detector against closed forms."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from darkreach.algebra.kinematics import FourVector
from darkreach.constants import M_E
from darkreach.experiments.detector import (
    CLASSICAL_RADIUS,
    annihilation_cos,
    annihilation_density,
    inside,
    opening_angle,
    smeared,
    turn_on,
)
from darkreach.units import MeV, deg, mrad


@pytest.mark.parametrize("energy", [10.0, 30.0, 52.8])
def test_annihilation_integrates_to_heitler(energy):
    """Total cross section of Geant4 (Heitler): the density counts both photons."""
    g = energy * MeV / M_E
    root = np.sqrt(g**2 - 1)
    total = (g**2 + 4 * g + 1) / root**2 * np.log(g + root) - (g + 3) / root
    total *= np.pi * CLASSICAL_RADIUS**2 / (g + 1)
    k = np.linspace(0, energy * MeV + M_E, 400_001)[1:-1]
    density = annihilation_density(jnp.full(k.shape, energy * MeV), jnp.asarray(k))
    integral = float(density.sum()) * (k[1] - k[0]) / 2
    # the density is smooth but for its two ends: the midpoint error is below 1e-4
    assert integral == pytest.approx(total, rel=1e-4)


def test_annihilation_angle_conserves_momentum():
    """At its largest energy the photon goes forward, at its smallest backward."""
    energy = 40 * MeV
    p = np.sqrt(energy**2 - M_E**2)
    # threshold kinematics: k = m (E + m) / (E + m -+ p)
    ends = jnp.array([M_E * (energy + M_E) / (energy + M_E + s * p) for s in (-1, 1)])
    cos = annihilation_cos(jnp.full(2, energy), ends)
    # the small difference E + m - p loses four digits of 16
    np.testing.assert_allclose(cos, [1.0, -1.0], atol=1e-9)


def test_turn_on_is_one_half_in_the_middle():
    at = turn_on(jnp.array([9.0, 10.0, 11.0]) * MeV, threshold=10 * MeV, width=1 * MeV)
    # normal distribution at -1, 0, 1 sigma; rounding only
    np.testing.assert_allclose(at, [0.158655254, 0.5, 0.841344746], atol=1e-8)


def test_window_wraps_around_pi():
    angles = np.array([179.0, -179.0, 100.0]) * deg
    p = FourVector(jnp.ones(3), jnp.cos(angles), jnp.sin(angles), jnp.zeros(3))
    seen = inside(p, abs_cos=0.3, azimuth=np.pi, half_width=60 * deg)
    assert seen.tolist() == [True, True, False]


def test_smearing_has_the_stated_widths():
    n = 40_000
    along, across = jnp.full(n, 50.0 * MeV), jnp.zeros(n)
    p = FourVector(along, along, across, across)
    out = smeared(
        p,
        jax.random.normal(jax.random.key(1), (3, n)),
        momentum=0.1 * MeV,
        theta=5 * mrad,
        phi=3 * mrad,
        mass=0.0,
    )
    length = np.asarray(out.momentum())
    theta = np.arccos(np.asarray(out.z) / length)
    phi = np.arctan2(np.asarray(out.y), np.asarray(out.x))
    # a standard deviation from n samples is known to 1/sqrt(2 n) = 0.35 %: 5 sigma
    assert length.std() == pytest.approx(0.1 * MeV, rel=0.018)
    assert theta.std() == pytest.approx(5 * mrad, rel=0.018)
    assert phi.std() == pytest.approx(3 * mrad, rel=0.018)


def test_opening_angle_is_precise_back_to_back():
    a = FourVector(1.0, 1.0, 0.0, 0.0)
    b = FourVector(1.0, -1.0, 1e-9, 0.0)
    # arccos of the cosine would give 0 here
    assert float(np.pi - opening_angle(a, b)) == pytest.approx(1e-9, rel=1e-3)
