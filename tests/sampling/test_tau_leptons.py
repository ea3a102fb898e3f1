"""tau pairs to two electrons: decays, spins, and what reaches the laboratory."""

import math

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from darkreach.algebra.dirac import antibars, antispinors, bars, left_current, spinors
from darkreach.algebra.invisible import contract
from darkreach.algebra.kinematics import FourVector
from darkreach.constants import BR_TAU_TO_E, HBAR_C, M_E, M_TAU
from darkreach.experiments.belle2 import Belle2
from darkreach.processes.ee_to_tau_tau import EeToTauTau, born_cross_section
from darkreach.sampling.tau_leptons import (
    LEPTONS,
    generate_tau_leptons,
    lepton_decay,
    tau_leptons,
)
from darkreach.sampling.tau_pairs import PAIR, pair
from darkreach.units import GeV, nb

TOTAL = 10.58 * GeV
SPINS = range(2)


def as_complex(value):
    return np.asarray(value.re) + 1j * np.asarray(value.im)


def michel(n):
    """Decays on a grid in the momentum, midpoints of its square, along +z."""
    u = (jnp.arange(n, dtype=float) + 0.5) / n
    rows = jnp.stack([u, jnp.ones(n), jnp.zeros(n)], axis=1)
    return jax.vmap(lepton_decay)(rows)


def mean(values):
    return float(np.asarray(values).mean())


def test_michel_spectrum_of_an_unpolarised_tau():
    """2 x^2 (3 - 2x): mean energies 7/10 and 8/15, and the normalisation."""
    decay = michel(200_000)
    x = 2 * decay.electron.e / M_TAU
    # 1e-6: (m_e / m_tau)^2 = 8e-8 and its logarithm; 200k midpoints
    assert mean(decay.weight) == pytest.approx(1.0, abs=1e-6)
    assert mean(decay.weight * x) == pytest.approx(7 / 10, abs=3e-6)
    assert mean(decay.weight * x**2) == pytest.approx(8 / 15, abs=3e-6)
    assert 1.12 < float(decay.weight.max()) < 1.13  # 9/8 at x = 3/4


def test_michel_asymmetry_of_a_polarised_tau():
    """h = (1 - 2x) / (3 - 2x) along the electron: -1/3 on average."""
    decay = michel(200_000)
    x = 2 * decay.electron.e / M_TAU
    h, w = decay.analyser.z, decay.weight
    fast = np.asarray(x) > 0.1
    expected = (1 - 2 * x) / (3 - 2 * x)
    # the electron mass, (m_e / E)^2 = 3e-5 at x = 0.1
    np.testing.assert_allclose(h[fast], expected[fast], atol=3e-5)
    # 2e-6: as for the spectrum; int 2 x^3 (1 - 2x) = -3/10
    assert mean(w * h) == pytest.approx(-1 / 3, abs=2e-6)
    assert mean(w * h * x) == pytest.approx(-3 / 10, abs=2e-6)


def decay_matrices(parent, electron, *, antiparticle):
    """sum over electron spins of J_i J*_k contracted with the neutrinos' tensor."""
    q = parent - electron
    if antiparticle:
        tau, other = antibars(parent, M_TAU), antispinors(electron, M_E)
        currents = [[left_current(b, v) for v in other] for b in tau]
    else:
        tau, other = spinors(parent, M_TAU), bars(electron, M_E)
        currents = [[left_current(b, u) for b in other] for u in tau]
    return [
        [
            sum(as_complex(contract(currents[i][s], currents[k][s], q)) for s in SPINS)
            for k in SPINS
        ]
        for i in SPINS
    ]


def test_weights_are_those_of_the_whole_amplitude(key):
    """e- e+ -> e- e+ 4 nu with both propagators on shell, spin by spin.

    Nothing but the amplitudes enters: no spin vector, no R_ij, no analyser.
    """
    n, half = 200, jnp.asarray(TOTAL / 2)
    x = jax.random.uniform(key, (n, LEPTONS))
    made = jax.vmap(lambda r: tau_leptons(r, 2 * half, radiation=False))(x)
    event = jax.vmap(lambda r: pair(r[:PAIR], 2 * half, radiation=False))(x)
    zero = jnp.zeros(n)
    still = FourVector(zero + M_TAU, zero, zero, zero)
    minus, plus = event.first(still), event.second(still)
    beam = jnp.sqrt(half**2 - M_E**2)
    production = EeToTauTau().amplitude(
        FourVector(half + zero, zero, zero, beam + zero),
        FourVector(half + zero, zero, zero, -beam + zero),
        minus,
        plus,
    )
    first = decay_matrices(minus, made.electron, antiparticle=False)
    second = decay_matrices(plus, made.positron, antiparticle=True)
    squared = 0.0
    for a in SPINS:
        for b in SPINS:
            m = [[as_complex(leaf) for leaf in row] for row in production[a][b]]
            for i in SPINS:
                for j in SPINS:
                    for k in SPINS:
                        for m_kl, d in zip(m[k], second[j], strict=True):
                            squared += m[i][j] * m_kl.conj() * first[i][k] * d
    np.testing.assert_allclose(squared.imag, 0.0, atol=1e-9 * abs(squared).max())

    def drawn(column):
        """p dE per unit of the coordinate, up to a factor: p dp p / E, p dp fixed."""
        p = jnp.sqrt(column)
        return p / jnp.sqrt(p**2 + (2 * M_E / M_TAU) ** 2)

    density = drawn(x[:, PAIR]) * drawn(x[:, PAIR + 3])
    ratio = squared.real * np.asarray(density / made.weight)
    # 1e-5: masses of the electrons in `drawn` and of the beams in R
    np.testing.assert_allclose(ratio / ratio.mean(), 1.0, atol=1e-5)
    # and the correlation is not small: without it the weights are off by up to a half
    plain = jax.vmap(
        lambda r: tau_leptons(r, 2 * half, radiation=False, correlation=0.0)
    )(x)
    assert float(abs(made.weight / plain.weight - 1).max()) > 0.3


@pytest.fixture(scope="module", params=[TOTAL, 1000 * GeV])
def energies(request):
    """sqrt(s), z = E / E_tau of both electrons, weights without and with spins."""
    n, total = 400_000, jnp.asarray(request.param)

    @jax.jit
    def draw(key):
        x = jax.random.uniform(key, (LEPTONS, n)).T
        with_spins, without = (
            jax.vmap(
                lambda r, c=c: tau_leptons(r, total, radiation=False, correlation=c)
            )(x)
            for c in (1.0, 0.0)
        )
        z = [2 * p.e / total for p in (with_spins.electron, with_spins.positron)]
        return *z, without.weight, with_spins.weight

    found = draw(jax.random.key(20240229))
    return request.param, *(np.asarray(a) for a in found)


def test_energies_of_the_two_electrons_are_correlated(energies):
    """<z- z+> - <z-><z+> = (1/20)^2 beta^2 <R_zz>: positive, 1/400 far above.

    The spectrum of z is 5/3 - 3 z^2 + 4/3 z^3 + P (1/3 - 3 z^2 + 8/3 z^3) for a tau-
    with longitudinal polarisation P, P -> -P for a tau+ (Tsai 1971 [recalled]), so that
    <z> = 7/20 -+ P / 20; helicities are opposite, so both means move together. At
    finite energy <R_zz> = (2 - 1/gamma^2) / (2 + 1/gamma^2), and the boost brings
    beta^2. The variance is that of the difference to uncorrelated taus.
    """
    total, one, two, plain, weight = energies
    less = 4 * M_TAU**2 / total**2
    expected = (1 - less) * (2 - less) / (2 + less) / 400
    terms = (weight - plain) * (one - 0.35) * (two - 0.35)
    found, error = terms.mean(), terms.std() / math.sqrt(len(terms))
    assert error < 0.01 * expected
    assert abs(found - expected) < 5 * error
    if total > 100 * GeV:
        assert expected == pytest.approx(1 / 400, rel=1e-4)  # 2 / gamma^2


def test_energies_of_unpolarised_taus_are_not_correlated(energies):
    _, one, two, plain, weight = energies
    n = len(plain)
    terms = plain * (one - 0.35) * (two - 0.35)
    error = terms.std() / math.sqrt(n)
    assert abs(terms.mean()) < 5 * error
    # and the correlated ones differ from 0 by more than that
    assert (weight * (one - 0.35) * (two - 0.35)).mean() > 10 * error


def test_spectrum_of_one_electron_knows_nothing_of_spins(energies):
    total, one, _, plain, weight = energies
    beta2 = 1 - 4 * M_TAU**2 / total**2
    # <z> = 7/20, <z^2> = (8/15) (1 + beta^2 / 3) / 4: a boost of an isotropic decay
    for power, expected in ((1, 7 / 20), (2, 2 / 15 * (1 + beta2 / 3))):
        for weights in (plain, weight):
            terms = weights * one**power
            error = terms.std() / math.sqrt(len(terms))
            assert error < 0.01 * expected
            assert abs(terms.mean() - expected) < 5 * error


@pytest.mark.parametrize("radiation", [False, True])
def test_events_in_the_laboratory(key, radiation):
    belle = Belle2()
    n = 20_000
    events = generate_tau_leptons(
        belle, n, key, cross_section=belle.tau_pairs, radiation=radiation
    )
    assert events.names == ("e-", "e+", "inv")
    assert events.p.shape == (n, 3, 4)
    assert bool(events.seen[:, :2].all())
    assert not bool(events.seen[:, 2].any())
    # 0.919 nb B^2, by construction
    total = float(events.weight.sum()) * HBAR_C**2 / nb
    assert total == pytest.approx(0.919 * BR_TAU_TO_E**2, rel=1e-9)
    assert bool((events.weight >= 0).all())
    # rounding; energies of 11 GeV squared lose 1e-12 of them to the electron mass
    expected = jnp.broadcast_to(belle.total().array(), (n, 4))
    np.testing.assert_allclose(events.p.sum(axis=1), expected, atol=1e-12 * TOTAL)
    for name in ("e-", "e+"):
        square = events.vector(name).mass_squared()
        np.testing.assert_allclose(square, M_E**2, atol=1e-10 * GeV**2)
    # what is not seen has at least the mass of two massless pairs
    assert bool((events.vector("inv").mass_squared() > 0).all())


def test_born_normalisation_and_mean_weight(key):
    """Without radiation the weights of `tau_leptons` are those of the Born level."""
    n, total = 100_000, jnp.asarray(TOTAL)
    x = jax.random.uniform(key, (LEPTONS, n)).T
    made = jax.jit(jax.vmap(lambda r: tau_leptons(r, total, radiation=False)))(x)
    weight = np.asarray(made.weight)
    error = weight.std() / math.sqrt(n)
    assert error < 0.01
    assert abs(weight.mean() - 1) < 5 * error
    born = born_cross_section(TOTAL) * HBAR_C**2
    events = generate_tau_leptons(
        Belle2(), 100, key, cross_section=born, radiation=False
    )
    found = float(events.weight.sum()) * HBAR_C**2 / nb
    # the last digit of the Born cross section, 0.772 nb
    assert found == pytest.approx(0.772 * BR_TAU_TO_E**2, rel=7e-4)


def test_no_events(key):
    with pytest.raises(ValueError, match="at least one"):
        generate_tau_leptons(Belle2(), 0, key, cross_section=1 * nb)
