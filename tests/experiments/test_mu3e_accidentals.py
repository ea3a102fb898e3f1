"""Accidental three-track vertices at Mu3e: matter, geometry, and numbers."""

from dataclasses import replace
from itertools import product

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from darkreach.algebra.kinematics import FourVector
from darkreach.constants import ALPHA, HBAR_C, M_E, M_MU
from darkreach.experiments import mu3e_accidentals
from darkreach.experiments.detector import (
    bhabha_cos,
    bhabha_density,
    double_cone,
    pair_density,
)
from darkreach.experiments.mu3e_accidentals import (
    Target,
    bhabha_pairs,
    coincidence_window,
    coincidences,
    converted,
    external_conversion,
    internal_pairs,
    michel,
    misread_pairs,
    scattered,
)
from darkreach.sampling.events import Events
from darkreach.units import Hz, MeV, mm, ns, ps, um

pytestmark = pytest.mark.slow

N = 2**17

PAULI = np.array([[[0, 1], [1, 0]], [[0, -1j], [1j, 0]], [[1, 0], [0, -1]]])
GAMMA = np.array(
    [
        np.kron([[1, 0], [0, -1]], np.eye(2)),
        *(np.kron([[0, 1], [-1, 0]], s) for s in PAULI),
    ]
)
METRIC = np.array([1.0, -1.0, -1.0, -1.0])


def slashed(p):
    return np.einsum("m,mij->ij", METRIC * p, GAMMA)


def bhabha_traces(p, q, p2, q2, m):
    """Spin-averaged |M|^2 / e^4: positron p -> p2, electron q -> q2, from traces."""
    t = (METRIC * (p - p2) ** 2).sum()
    s = (METRIC * (p + q) ** 2).sum()
    one = np.eye(4) * m
    e_in, e_out = slashed(q) + one, slashed(q2) + one
    p_in, p_out = slashed(p) - one, slashed(p2) - one
    squares, mixed = 0.0, 0.0
    for a, b in product(range(4), repeat=2):
        sign = METRIC[a] * METRIC[b]
        ga, gb = GAMMA[a], GAMMA[b]
        scatter = np.trace(e_out @ ga @ e_in @ gb) * np.trace(p_in @ ga @ p_out @ gb)
        meet = np.trace(e_out @ ga @ p_out @ gb) * np.trace(p_in @ ga @ e_in @ gb)
        both = np.trace(e_out @ ga @ e_in @ gb @ p_in @ ga @ p_out @ gb)
        squares += sign * (scatter / t**2 + meet / s**2)
        mixed += sign * both / (s * t)
    return float((squares - 2 * mixed).real) / 4


@pytest.mark.parametrize("energy", [3.0, 20.0, 52.8])
@pytest.mark.parametrize("share", [0.1, 0.5, 0.9])
def test_bhabha_against_the_squared_tree_amplitude(energy, share):
    e, t = energy * MeV, share * (energy * MeV - M_E)
    p = np.array([e, 0, 0, np.sqrt(e**2 - M_E**2)])
    q = np.array([M_E, 0, 0, 0])
    k, cos = np.sqrt(t * (t + 2 * M_E)), float(bhabha_cos(e, t + M_E))
    q2 = np.array([t + M_E, k * np.sqrt(1 - cos**2), 0, k * cos])
    p2 = p + q - q2
    # the outgoing positron is on its mass shell: the angle; 1e-6 of m^2 in E^2 rounds
    assert (METRIC * p2**2).sum() == pytest.approx(M_E**2, rel=1e-6)
    average = (4 * np.pi * ALPHA) ** 2 * bhabha_traces(p, q, p2, q2, M_E)
    flux = 64 * np.pi * M_E**2 * (e**2 - M_E**2)  # d sigma / dt = |M|^2 / flux
    expected = 2 * M_E * average / flux * HBAR_C**2
    # traces of doubles
    assert float(bhabha_density(e, t + M_E)) == pytest.approx(expected, rel=1e-8)


def test_bhabha_at_high_energy():
    """Massless formula, e.g. PDG 2024, Cross-section formulae, for Q = -1 and no Z."""
    e, y = 1e6 * M_E, 0.3
    s = 2 * M_E * e
    t = -y * s
    u = -s - t
    shape = (s**2 + u**2) / t**2 + 2 * u**2 / (s * t) + (u**2 + t**2) / s**2
    expected = 2 * M_E * 2 * np.pi * ALPHA**2 / s**2 * shape * HBAR_C**2
    # the masses count for 1e-6, their share of the energy
    assert float(bhabha_density(e, y * e)) == pytest.approx(expected, rel=1e-5)


def test_pair_density_integrates_to_seven_ninths():
    x, k = (np.arange(1000) + 0.5) / 1000, 1e6 * MeV
    density = pair_density(jnp.full(1000, k), jnp.asarray(x * k), charge=6.0)
    # screening is complete but near x = 0 and 1: m / (alpha Z^1/3 k) = 1e-4
    assert float(density.mean()) * k == pytest.approx(7 / 9, rel=1e-3)


@pytest.mark.parametrize("energy", [25.0, 40.0])
@pytest.mark.parametrize("x", [0.3, 0.5])
def test_pair_density_without_screening(energy, x):
    """Bethe, Heitler: ln(2 k x (1 - x) / m) - 1/2 in the place of ln(183 / Z^1/3)."""
    found = pair_density(energy * MeV, x * energy * MeV, charge=6.0) * energy * MeV
    shape = 1 - 4 / 3 * x * (1 - x)
    log = np.log(2 * energy * MeV * x * (1 - x) / M_E) - 0.5
    # what is left of the screening, 3 %, and the two logarithms of complete screening
    expected = shape * log / np.log(183 / 6 ** (1 / 3))
    assert float(found) == pytest.approx(expected, rel=0.06)


def isotropic(n: int, seed: int) -> FourVector:
    rng = np.random.default_rng(seed)
    v = rng.normal(size=(3, n))
    x, y, z = (jnp.asarray(c) for c in v / np.linalg.norm(v, axis=0))
    return FourVector(jnp.ones(n), x, y, z)


def test_double_cone_has_the_mean_chord_of_a_convex_body():
    """Cauchy: lines through the surface, weighted by |cos|, have 4 V / S inside."""
    radius, length = 19 * mm, 100 * mm
    x = jax.random.uniform(jax.random.key(1), (3, N))
    here, there, path = (
        np.asarray(a)
        for a in double_cone(
            isotropic(N, 1), x, radius=radius, length=length, thickness=0.1 * um
        )
    )
    assert (here >= 1).all()
    assert (there >= 1 - 1e-9).all()  # each line crosses the surface once more
    slant = np.hypot(radius, length / 2)
    expected = 4 * (radius**2 * length / 3) / (2 * radius * slant)
    chord = (abs(path) / here).sum() / (1 / here).sum()
    # a relative spread of about 1 over sqrt(1.3e5) is 0.3 %: 5 sigma
    assert chord == pytest.approx(expected, rel=0.014)
    assert abs((path > 0).mean() - 0.5) < 5 * 0.5 / np.sqrt(N)


def test_bhabha_pairs_against_a_quadrature():
    """Michel spectrum (massless, unpolarised) times cross section and mean foil.

    The foil at birth is 1 + ln(G) thicknesses over two, with G the grazing limit.
    The electron mass and the measured total width change the spectrum by 0.5 %.
    """
    target = Target(polarisation=0.0)
    pairs = bhabha_pairs(target, 8 * N, jax.random.key(2))
    weight = np.asarray(pairs.weight)
    x = jax.random.uniform(jax.random.key(3), (3, 8 * N))
    _, there, path = double_cone(
        isotropic(8 * N, 2), x, radius=19 * mm, length=100 * mm, thickness=80 * um
    )
    grazing = np.sqrt(8 * 19 * mm / (80 * um))
    later = np.asarray(jnp.where(path > 0, there, 0.0))
    foil = 80 * um * ((1 + np.log(grazing)) / 2 + later.mean())
    total = 0.0
    for f in (np.arange(400) + 0.5) / 400:
        e = f * 52.83 * MeV
        k = 10 * MeV + (np.arange(2000) + 0.5) / 2000 * (e + M_E - 20 * MeV)
        if e + M_E > 20 * MeV:
            density = np.asarray(bhabha_density(jnp.full(2000, e), jnp.asarray(k)))
            total += 2 * f**2 * (3 - 2 * f) / 400 * density.mean() * (k[-1] - k[0])
    total *= float(target.electrons) * foil
    error = np.sqrt((weight**2).sum())
    assert error < 0.01 * weight.sum()
    # the mean foil is a sample itself: twice 5 sigma
    assert abs(weight.sum() - total) < 10 * error + 0.005 * total


def test_bhabha_pairs_conserve_momentum():
    """And so lie at m^2 = 2 m_e E, which tells them from other pairs."""
    target = Target()
    parents = michel(target, 4096, jax.random.key(4), softest=25 * MeV)
    pairs = scattered(target, parents, jax.random.key(5))
    alive = np.asarray(pairs.weight) > 0
    total = (pairs.p[:, 0] + pairs.p[:, 1])[alive]
    before = parents.p[:, 0][alive] + jnp.array([[M_E, 0, 0, 0]])
    # angles from differences of energies lose half of the digits
    np.testing.assert_allclose(total, before, atol=1e-6 * MeV)
    mass = FourVector.from_array(total).mass_squared()
    np.testing.assert_allclose(mass, 2 * M_E * total[:, 0], rtol=1e-5)
    assert (np.asarray(pairs.p)[..., 0] > 9.999 * MeV).all()


def test_conversions_of_one_photon():
    """Integral of the density between smallest energies; tracks along the photon."""
    n, k = 4096, 40 * MeV
    zero = jnp.zeros(n)
    p = FourVector(zero + k, zero + 0.6 * k, zero, zero + 0.8 * k).array()[:, None]
    photons = Events(
        p=p, vertex=jnp.zeros((n, 1, 3)), seen=jnp.ones((n, 1), bool),
        weight=jnp.full(n, 1 / n), names=("gamma",),
    )  # fmt: skip
    target = Target()
    pairs = converted(target, photons, jax.random.key(6), jnp.full(n, 0.2 * mm))
    x = np.linspace(0.25, 0.75, 1001)  # at least 10 MeV for either track
    density = pair_density(jnp.full(1001, k), jnp.asarray(x * k), charge=target.charge)
    integral = float(density.mean()) * k / 2
    expected = integral * 0.2 * mm / float(target.radiation_length)
    # the density varies by a tenth: 0.1 / sqrt(4096) is 0.2 %, 5 sigma
    assert float(pairs.weight.sum()) == pytest.approx(expected, rel=0.01)
    total = np.asarray(pairs.p.sum(axis=1))
    np.testing.assert_allclose(total[:, 0], k, rtol=1e-12)
    along = (total[:, 1] * 0.6 + total[:, 3] * 0.8) / k
    assert np.median(along) == pytest.approx(1, abs=1e-3)  # (m_e / 20 MeV)^2
    mass = FourVector.from_array(jnp.asarray(total)).mass_squared()
    assert (mass > 4 * M_E**2 * (1 - 1e-9)).all()


def test_compatibility_against_a_brute_force_count():
    """Tracks of points spread over the foil that pass near points of the foil."""
    n, error = 2_000_000, 0.4
    rng = np.random.default_rng(3)

    def points():
        r = 19 * np.sqrt(rng.uniform(size=n))
        z = (50 - r / 0.38) * rng.choice([-1, 1], n)
        phi = rng.uniform(0, 2 * np.pi, n)
        return np.stack([r * np.cos(phi), r * np.sin(phi), z])

    d = rng.normal(size=(3, n))
    d /= np.linalg.norm(d, axis=0)
    away = points() - points()
    closest = away - d * (away * d).sum(axis=0)
    near = (closest**2).sum(axis=0) < 6 * 2 * error**2  # both errors alike
    share = near.mean()
    target = replace(Target(), track_error=error * mm)
    track = isotropic(N, 4)
    found = target.compatible(
        track, jax.random.key(7), axis=track, across=error * mm, along=error * mm
    )
    # curvature and tips of the foil, a tube of 1.4 mm (4 %; the count has 1 %)
    assert float(found.mean()) == pytest.approx(share, rel=0.04)


def test_window_of_two_sigma():
    # 2 * 1.959964 * 250 ps * sqrt(3/2): normal distribution; rounding only
    assert coincidence_window(250 * ps) / ns == pytest.approx(1.200228, rel=1e-6)


def test_rates_scale_with_their_powers():
    target = Target()
    pairs = bhabha_pairs(target, 4096, jax.random.key(8))

    def two(rate):
        key = jax.random.key(9)
        return coincidences(target, pairs, key, rate=rate * Hz, window=1 * ns)

    first, second = two(1e8), two(2e9)
    # the same events: rounding only
    np.testing.assert_allclose(second.weight, 20 * first.weight, rtol=1e-12)
    assert first.names == ("e+1", "e+2", "e-", "inv")
    total = np.asarray(first.p.sum(axis=1))
    np.testing.assert_allclose(total, [[M_MU, 0, 0, 0]] * 4096, atol=1e-12)
    key = jax.random.key(10)
    alone = misread_pairs(target, 4096, key, rate=1e8 * Hz, window=1 * ns)
    crowd = misread_pairs(target, 4096, key, rate=2e9 * Hz, window=1 * ns)
    np.testing.assert_allclose(crowd.weight, 20 * alone.weight, rtol=1e-12)


def test_lost_positrons_leave_the_other_pair(monkeypatch):
    """One decay without, one with a lost positron; the hard one stays with the e-."""
    hard, soft = [30.0, 25.0, 0.0, 16.0], [12.0, 5.0, 0.0, 10.9]
    rows = np.array([[hard, hard, hard, hard], [soft, hard, hard, hard]]) * MeV
    decays = Events(
        p=jnp.asarray(rows), vertex=jnp.zeros((2, 4, 3)), seen=jnp.ones((2, 4), bool),
        weight=jnp.array([1.0, 2.0]), names=("e+1", "e+2", "e-", "inv"),
    )  # fmt: skip
    monkeypatch.setattr(mu3e_accidentals, "_decays", lambda *_, **__: decays)
    pairs = internal_pairs(Target(), 4, jax.random.key(0))
    assert pairs.weight.tolist() == [0.0, 0.0, 0.0, 2.0]
    np.testing.assert_allclose(pairs.p[3, 0], np.array(hard) * MeV)


def test_external_conversion_is_one_decay():
    """Weight: photons above 20 MeV, times below 7/9 of the mean foil over X0."""
    target = Target()
    events = external_conversion(target, 2**14, jax.random.key(11))
    weight = np.asarray(events.weight)
    alive = weight > 0
    missing = np.asarray(events.vector("inv").mass_squared())[alive]
    # the nucleus takes no momentum in the model: at most p_T^2 / E of it is wrong
    assert (missing > -((6 * MeV) ** 2)).all()
    grazing = np.sqrt(8 * target.radius / target.thickness)
    foil = target.thickness * (1 + np.log(grazing)) / 2 / target.radiation_length
    radiative = mu3e_accidentals.radiative(target, 2**14, jax.random.key(12))
    assert 0 < weight.sum() < 7 / 9 * foil * float(radiative.weight.sum())
