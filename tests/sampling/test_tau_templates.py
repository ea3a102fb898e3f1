"""The lepton's spectrum, the pseudo rest frame and templates."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from jaxtyping import Array, Float

from darkreach.algebra.dirac import Current, amplitudes, bars, left_current, spinors
from darkreach.algebra.invisible import draw_mass
from darkreach.algebra.kinematics import FourVector, Real
from darkreach.constants import M_E, M_MU, M_PI, M_TAU
from darkreach.pytree import pytree
from darkreach.sampling.beams import at_rest
from darkreach.sampling.generator import generate
from darkreach.sampling.tau_pairs import pair
from darkreach.sampling.tau_templates import (
    emitted,
    michel_spectrum,
    pseudo_energy,
    stretched,
)
from darkreach.sampling.three_pions import ThreePions, three_pions
from darkreach.units import GeV

TOTAL = 10.58 * GeV


@pytree
class TauToMuNuNu:
    """The same current as that of the Michel decay, for a tau and a muon."""

    incoming: tuple[str, ...] = ("tau",)
    outgoing: tuple[str, ...] = ("mu", "inv")
    chain: tuple[str, ...] = ("mu", "inv")
    drawn: int = 1

    def masses(self, x: Float[Array, " d"]) -> tuple[tuple[Real, ...], Real]:
        found, weight = draw_mass(x[0], M_TAU - M_MU)
        return (M_MU, found), weight

    def current(
        self, tau: FourVector, mu: FourVector, inv: FourVector
    ) -> tuple[tuple[Current, ...], ...]:
        return amplitudes(left_current, spinors(tau, M_TAU), bars(mu, M_MU))


def moments(mass):
    most = (M_TAU**2 + mass**2) / (2 * M_TAU)
    energy = np.linspace(mass, most, 20_001)
    value = np.asarray(michel_spectrum(jnp.asarray(energy), mass))
    return [np.trapezoid(value * (energy / most) ** k, energy) for k in range(4)]


def test_spectrum_is_normalised_with_known_moments():
    """Massless: x^2 (6 - 4 x) has the moments 1, 7/10, 8/15 and 3/7."""
    # the electron's mass: (m_e / m_tau)^2 = 8e-8; the trapezoids: 1e-8
    np.testing.assert_allclose(moments(M_E), [1, 7 / 10, 8 / 15, 3 / 7], rtol=1e-6)
    # norm with the muon's mass: two closed forms against each other
    assert moments(M_MU)[0] == pytest.approx(1.0, abs=1e-6)


def test_spectrum_is_that_of_the_amplitude(key):
    """Mean energies to the third power against our generator, muon mass kept."""
    events = generate(TauToMuNuNu(), at_rest(M_TAU), 200_000, key)
    weight = np.asarray(events.weight / events.weight.sum())
    most = (M_TAU**2 + M_MU**2) / (2 * M_TAU)
    x = np.asarray(events.p[:, 0, 0]) / most
    for power, expected in enumerate(moments(M_MU)):
        mean = (weight * x**power).sum()
        error = np.sqrt((weight**2 * (x**power - mean) ** 2).sum())
        assert error < 0.01 * expected
        # 1e-6: the norm above; for the power 0 it is all there is
        assert abs(mean - expected) < 5 * error + 2e-6


def test_pseudo_rest_frame_is_the_true_one_for_an_exact_tag(key):
    """With the tag along its tau and no radiation the energy comes back."""
    x = jax.random.uniform(key, (400, 6))
    total = jnp.asarray(TOTAL)

    def one(row):
        event = pair(row[:4], total, radiation=False)
        lepton = event.first(emitted(row[4:], 0.7 * GeV, M_MU))
        zero = jnp.zeros(())
        tag = event.second(FourVector(jnp.asarray(M_TAU), zero, zero, zero))
        return pseudo_energy(lepton, tag, total)

    # rounding
    np.testing.assert_allclose(jax.vmap(one)(x), 0.7 * GeV, rtol=1e-10)


def separate_simulation(n):
    """x of massless signals in plain numpy, GeV: mean and spread.

    The tag's mass from the a_1's spectral function, |BW|^2 g(Q^2) / Q^2, instead of
    three pions; no radiation.
    """
    rng = np.random.default_rng(5)
    m, energy, pion = M_TAU / GeV, TOTAL / GeV / 2, M_PI / GeV
    gamma = energy / m
    beta = np.sqrt(1 - 1 / gamma**2)

    def g(q):
        a = q - 9 * pion**2
        low = 4.1 * a**3 * (1 - 3.3 * a + 5.8 * a**2)
        high = q * (1.623 + 10.38 / q - 9.32 / q**2 + 0.65 / q**3)
        return np.where(q < (0.773 + pion) ** 2, low, high)

    q, top = rng.uniform(9 * pion**2, m**2, n), 1.251**2
    width = 1.251 * 0.599 * g(q) / g(top)
    weight = (1 - q / m**2) ** 2 * (1 + 2 * q / m**2) * g(q) / q
    weight /= (top - q) ** 2 + width**2

    def boosted(e, p, sign):
        cos, phi = rng.uniform(-1, 1, n), rng.uniform(0, 2 * np.pi, n)
        across = p * np.sqrt(1 - cos**2)
        along = gamma * (p * cos + sign * beta * e)
        moved = gamma * (e + sign * beta * p * cos)
        return moved, np.stack([across * np.cos(phi), across * np.sin(phi), along])

    _, tag = boosted((m**2 + q) / (2 * m), (m**2 - q) / (2 * m), -1)
    e, lepton = boosted(m / 2, m / 2, 1)
    projected = (lepton * tag).sum(axis=0) / np.linalg.norm(tag, axis=0)
    x = 2 * gamma * (e + beta * projected) / m
    mean = np.average(x, weights=weight)
    return mean, np.sqrt(np.average((x - mean) ** 2, weights=weight))


def test_smearing_of_the_pseudo_rest_frame(key):
    """Mean and spread of x against a simulation that shares no code."""
    total = jnp.asarray(TOTAL)

    def one(row):
        event = pair(row[:4], total, radiation=False)
        tag = three_pions(row[4:12], ThreePions())
        whole = event.second(tag.pions[0] + tag.pions[1] + tag.pions[2])
        lepton = event.first(emitted(row[12:], jnp.asarray(M_TAU / 2), 0.0))
        value = 2 * pseudo_energy(lepton, whole, total) / M_TAU
        return value, event.weight * tag.weight

    x, weight = map(
        np.asarray, jax.jit(jax.vmap(one))(jax.random.uniform(key, (400_000, 14)))
    )
    mean = np.average(x, weights=weight)
    spread = np.sqrt(np.average((x - mean) ** 2, weights=weight))
    expected = separate_simulation(400_000)
    # statistics 0.1 and 0.3 %; g is a fit to the phase space of three pions, 1 %
    assert mean == pytest.approx(expected[0], rel=5e-3)
    assert spread == pytest.approx(expected[1], rel=2e-2)


def test_emission_is_isotropic_and_on_shell(key):
    x = jax.random.uniform(key, (100_000, 2))
    p = jax.vmap(lambda row: emitted(row, 0.7 * GeV, M_MU))(x)
    np.testing.assert_allclose(p.mass_squared(), M_MU**2, rtol=1e-9)
    cos = np.asarray(p.z / p.momentum())
    assert abs(cos.mean()) < 5 / np.sqrt(3 * 100_000)
    assert abs((cos**2).mean() - 1 / 3) < 5 * np.sqrt(4 / 45 / 100_000)


def test_stretched_template_moves_its_mean():
    """A bump moves by the change of scale; nothing is lost."""
    centre = (np.arange(60) + 0.5) / 40
    bump = jnp.asarray(np.exp(-((centre - 0.7) ** 2) / 0.02))
    moved = stretched(bump, x_max=1.5, change=1e-3)
    assert float(moved.sum()) == pytest.approx(float(bump.sum()), rel=1e-12)
    mean = float((moved * centre).sum() / (bump * centre).sum())
    # first order in the change, second in the width of a bin over that of the bump
    assert mean - 1 == pytest.approx(1e-3, rel=1e-2)
