"""The decay of the tag, tau -> 3 pi nu."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from darkreach.algebra.kinematics import FourVector
from darkreach.constants import M_PI, M_TAU
from darkreach.sampling.three_pions import ThreePions, three_pions
from darkreach.units import GeV

MODEL = ThreePions()
DRAW = jax.jit(jax.vmap(lambda x: three_pions(x, MODEL)))


def dot(a, b):
    return a[0] * b[0] - a[1:] @ b[1:]


def breit_wigner(s, mass, width):
    p = np.sqrt(s / 4 - M_PI**2) / np.sqrt(mass**2 / 4 - M_PI**2)
    return mass**2 / (mass**2 - s - 1j * mass**2 * width / np.sqrt(s) * p**3)


def rho(s):
    beta = -0.145
    both = breit_wigner(s, 0.773 * GeV, 0.145 * GeV)
    both += beta * breit_wigner(s, 1.370 * GeV, 0.510 * GeV)
    return both / (1 + beta)


def current(a, b, c):
    """J of tau -> pi(a) pi(b) pi(c), a_1 left out, as a complex vector."""
    q = a + b + c

    def across(p):
        return p - q * dot(q, p) / dot(q, q)

    return across(a - c) * rho(dot(a + c, a + c)) + across(b - c) * rho(
        dot(b + c, b + c)
    )


def test_momenta_are_conserved_and_on_shell(key):
    tag = DRAW(jax.random.uniform(key, (500, 8)))
    total = tag.pions[0] + tag.pions[1] + tag.pions[2]
    for p in tag.pions:
        # rounding of differences of squares
        np.testing.assert_allclose(p.mass_squared(), M_PI**2, rtol=1e-9)
    np.testing.assert_allclose(total.mass_squared(), tag.square, rtol=1e-10)
    # the neutrino: massless, with the rest of the energy
    np.testing.assert_allclose(total.momentum(), M_TAU - total.e, rtol=1e-9)
    assert bool((tag.weight > 0).all())


@pytest.mark.parametrize("x0", [0.2, 0.45, 0.8])
def test_mean_over_orientations_is_the_spectral_law(x0):
    """|M|^2 averages to |J|^2 (m^2 - Q^2)(m^2 + 2 Q^2) / (6 Q^2).

    Any axial current has it; |M|^2 is quadratic in the direction, so that few points
    of a quadrature are exact.
    """
    nodes, parts = np.polynomial.legendre.leggauss(4)
    rows, weights = [], []
    for node, part in zip(nodes, parts, strict=True):
        for turn in np.arange(6) / 6:
            for phi in np.arange(6) / 6:
                rows.append([x0, 0.3, 0.7, 0.4, (node + 1) / 2, phi, 0.6, turn])
                weights.append(part / 72)
    tag = DRAW(jnp.array(rows))
    # volume and momentum do not depend on the orientation
    mean = float(jnp.array(weights) @ tag.weight)
    a, b, c = (np.array([float(v[0]) for v in p]) for p in tag.pions)
    j = current(a, b, c)
    size = -dot(j, j.conj()).real
    q2 = float(tag.square[0])
    law = size * (M_TAU**2 - q2) * (M_TAU**2 + 2 * q2) / (6 * q2)
    # the first event's own |M|^2 sets volume, momentum and a_1
    tau = np.array([M_TAU, 0, 0, 0])
    k = tau - a - b - c
    one = 2 * (dot(k, j) * dot(tau, j.conj())).real - dot(k, tau) * -size
    # rounding
    assert mean / float(tag.weight[0]) == pytest.approx(law / one, rel=1e-9)


def test_a1_is_normalised_and_broad():
    assert float(MODEL.a1((1.251 * GeV) ** 2)) == pytest.approx(
        (1.251 / 0.599) ** 2, rel=1e-9
    )
    assert float(MODEL.rho(jnp.asarray(4.001 * M_PI**2)).im) == pytest.approx(
        0.0, abs=1e-4
    )  # no width at threshold


def test_mass_spectrum_peaks_below_the_a1(key):
    """The phase space of the tau pulls the a_1 at 1.25 GeV down to about 1.15 GeV.

    1.1 to 1.2 GeV is where measured spectra peak (CLEO, hep-ex/9902022).
    """
    tag = DRAW(jax.random.uniform(key, (200_000, 8)))
    mass, weight = np.sqrt(tag.square) / GeV, np.asarray(tag.weight)
    counts, edges = np.histogram(mass, bins=40, range=(0.5, 1.75), weights=weight)
    peak = edges[counts.argmax()] + (edges[1] - edges[0]) / 2
    assert 1.1 < peak < 1.25


def test_direction_is_isotropic(key):
    tag = DRAW(jax.random.uniform(key, (200_000, 8)))
    total: FourVector = tag.pions[0] + tag.pions[1] + tag.pions[2]
    cos = np.asarray(total.z / total.momentum())
    weight = np.asarray(tag.weight)
    for power, expected in ((1, 0.0), (2, 1 / 3)):
        mean = (weight * cos**power).sum() / weight.sum()
        error = np.sqrt((weight**2 * (cos**power - expected) ** 2).sum())
        assert error / weight.sum() < 0.01
        assert abs(mean - expected) < 5 * error / weight.sum()
