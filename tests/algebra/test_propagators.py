"""Propagators, and draws along their poles, against closed forms."""

import math

import jax.numpy as jnp
import numpy as np
import pytest

from darkreach.algebra.kinematics import FourVector
from darkreach.algebra.propagators import (
    draw_photon,
    draw_resonance,
    photon,
    resonance,
)
from darkreach.constants import E_CHARGE, M_E, M_MU
from darkreach.units import MeV

NODES, WEIGHTS = np.polynomial.legendre.leggauss(60)
X, W = jnp.asarray((NODES + 1) / 2), WEIGHTS / 2
LOW, HIGH = 2 * M_E, M_MU - M_E


def test_propagators():
    k = FourVector(30 * MeV, 1 * MeV, 2 * MeV, 3 * MeV)
    square = 886 * MeV**2
    assert float(photon(k)) == pytest.approx(E_CHARGE**2 / square, rel=1e-15)
    own = resonance(k, 20 * MeV, 5 * MeV)
    expected = 1 / (square - 400 * MeV**2 + 100j * MeV**2)
    assert complex(own.re, own.im) == pytest.approx(expected, rel=1e-14)


@pytest.mark.parametrize("power", [-1, 0, 1])
def test_photon_masses_integrate_to_closed_forms(power):
    """int ds s^power / (2 pi)."""
    mass, weight = draw_photon(X, LOW, HIGH)
    own = float(jnp.sum(W * weight * mass ** (2 * power)))
    if power == -1:
        expected = 2 * math.log(HIGH / LOW)
    else:
        n = power + 1
        expected = (HIGH ** (2 * n) - LOW ** (2 * n)) / n
    # Gauss with 60 nodes of an exponential: roundings
    assert own == pytest.approx(expected / (2 * math.pi), rel=1e-13)


@pytest.mark.parametrize("width", [20 * MeV, 1 * MeV, 1e-3 * MeV])
def test_resonance_masses_integrate_to_closed_forms(width):
    """int ds / (2 pi) of the line, and of the line times s."""
    m = 20 * MeV
    mass, weight = draw_resonance(X, LOW, HIGH, mass=m, width=width)
    line = 1 / ((mass**2 - m**2) ** 2 + (m * width) ** 2)
    ends = [(end**2 - m**2) / (m * width) for end in (LOW, HIGH)]
    angle = math.atan(ends[1]) - math.atan(ends[0])
    zeroth = angle / (2 * math.pi * m * width)
    # 1e-9: k^2 - m^2 on a line of width 5e-5 m loses as many digits
    assert float(jnp.sum(W * weight * line)) == pytest.approx(zeroth, rel=1e-9)
    logarithm = math.log((1 + ends[1] ** 2) / (1 + ends[0] ** 2)) / 2
    first = m**2 * zeroth + logarithm / (2 * math.pi)
    # s has a pole of the tangent just outside: Gauss converges to 1e-3 of it only
    assert float(jnp.sum(W * weight * line * mass**2)) == pytest.approx(first, rel=1e-3)


@pytest.mark.parametrize("x", [0.0, 0.5, 1.0])
def test_draws_stay_between_the_limits(x):
    for mass, weight in (
        draw_photon(jnp.asarray(x), LOW, HIGH),
        draw_resonance(jnp.asarray(x), LOW, HIGH, mass=20 * MeV, width=1e-9 * MeV),
        draw_resonance(jnp.asarray(x), LOW, 10 * MeV, mass=20 * MeV, width=1 * MeV),
    ):
        assert LOW * (1 - 1e-15) <= float(mass) <= HIGH * (1 + 1e-15)
        assert 0 <= float(weight) < jnp.inf


def test_no_room_is_no_weight():
    """At and above threshold both limits coincide: finite, and nothing."""
    for high in (LOW, 0.5 * LOW):
        mass, weight = draw_photon(jnp.asarray(0.3), LOW, high)
        assert (float(mass), float(weight)) == (pytest.approx(LOW), 0.0)
        mass, weight = draw_resonance(
            jnp.asarray(0.3), LOW, high, mass=20 * MeV, width=1 * MeV
        )
        assert (float(mass), float(weight)) == (pytest.approx(LOW), 0.0)
