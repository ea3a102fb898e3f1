"""MEG II: acceptance, trigger rates, and its backgrounds."""

from dataclasses import replace

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from darkreach.constants import M_E
from darkreach.experiments.backgrounds import (
    material_photons,
    michel_positrons,
    radiative_pairs,
    radiative_photons,
    trigger_rates,
)
from darkreach.experiments.detector import (
    annihilation_density,
    annihilation_end,
    bremsstrahlung_density,
)
from darkreach.experiments.meg2 import (
    Meg2,
    Trigger,
    achieved_2021,
    benchmark,
    design,
    meg,
    standard_trigger,
)
from darkreach.sampling.events import overlay
from darkreach.units import Hz, MeV, deg, ns, s

N = 2**16


def toy() -> Meg2:
    """The geometry of an independent calculation, with sharp thresholds."""
    trigger = Trigger(
        photon_threshold=10 * MeV,
        photon_width=1e-6,
        positron_width=1e-6 * MeV,
        direction_match=False,
        time_window=10 * ns,
        efficiency=1.0,
    )
    return Meg2(
        photon_abs_cos=0.342,
        positron_abs_cos=0.82,
        positron_half_width=85.5 * deg,
        electrons=0.0,
        radiation_lengths=0.0,
        trigger=trigger,
    )


def test_rates_of_an_independent_calculation():
    """Independent unpolarised toy: 2.0e-6 a muon and 3.4e-12 s, 1.45e6 muons/s.

    The toy quotes two digits (2.5 %) and no polarisation; our MC error is about 3 %:
    10 % covers both.
    """
    rates = trigger_rates(toy(), np.array([10.0]) * MeV, jax.random.key(2), n=N)
    assert rates.radiative[0] == pytest.approx(2.0e-6, rel=0.10)
    assert rates.accidental[0] / s == pytest.approx(3.4e-12, rel=0.10)
    rate = rates.muon_rate(10 * Hz)[0] / Hz
    assert rate == pytest.approx(1.45e6, rel=0.10)


def test_benchmark_writes_ten_hertz():
    """The default rate of the benchmark is the one that our own trigger rates give."""
    experiment = benchmark()
    rates = trigger_rates(experiment, np.array([10.0]) * MeV, jax.random.key(3), n=N)
    found = rates.muon_rate(float(experiment.disk_budget))[0]
    # the default is given with two digits (2.5 %), the MC error is 2 %
    assert float(experiment.muon_rate) == pytest.approx(found, rel=0.05)


def test_accidentals_are_quadratic_and_radiative_decays_linear():
    rates = trigger_rates(design(), np.array([10.0]) * MeV, jax.random.key(4), n=2**14)
    rate = rates.muon_rate(10 * Hz)
    total = rates.radiative * rate + rates.accidental * rate**2
    # solving the quadratic equation: rounding only
    np.testing.assert_allclose(total, 10 * Hz, rtol=1e-12)


def test_direction_match_removes_most_accidentals():
    key, at = jax.random.key(5), np.array([45.0]) * MeV
    with_match = replace(design(), trigger=standard_trigger())
    loose = replace(
        design(), trigger=replace(standard_trigger(), direction_match=False)
    )
    tight_rate = trigger_rates(with_match, at, key, n=2**14).accidental[0]
    loose_rate = trigger_rates(loose, at, key, n=2**14).accidental[0]
    assert 0 < tight_rate < 0.5 * loose_rate


def test_michel_positrons_carry_the_known_fraction():
    """29.04 % of Michel positrons are above 45 MeV (unpolarised; massless limit).

    The electron mass and the measured total width change it by 0.5 %.
    """
    wide = Meg2(polarisation=0.0, positron_abs_cos=1.0, positron_half_width=np.pi)
    events = michel_positrons(wide, N, jax.random.key(6), minimum=45 * MeV)
    sigma = float(jnp.sqrt((events.weight**2).sum()))
    total = float(events.weight.sum())
    assert sigma < 0.01 * total
    assert abs(total - 0.2904) < 5 * sigma + 0.005 * 0.2904


def test_overlay_weights_are_a_product():
    experiment = design()
    first = michel_positrons(experiment, 4096, jax.random.key(7), minimum=40 * MeV)
    second = radiative_photons(experiment, 4096, jax.random.key(8), minimum=10 * MeV)
    pairs = overlay(first, second, jax.random.key(9))
    product = float(first.weight.sum() * second.weight.sum())
    one, two = np.asarray(first.weight), np.asarray(second.weight)
    spread = one.std() / one.mean() * two.std() / two.mean() / np.sqrt(4096)
    assert pairs.names == ("e", "gamma")
    assert abs(float(pairs.weight.sum()) / product - 1) < 5 * spread


@pytest.mark.parametrize("variant", [design, achieved_2021, benchmark, meg])
def test_observation_only_loses_weight(variant):
    experiment = variant()
    first = michel_positrons(experiment, 4096, jax.random.key(1), minimum=40 * MeV)
    second = radiative_photons(experiment, 4096, jax.random.key(2), minimum=30 * MeV)
    pairs = overlay(first, second, jax.random.key(3))
    seen = experiment.observe(pairs, jax.random.key(4))
    again = experiment.observe(pairs, jax.random.key(4))
    assert (seen.weight <= pairs.weight).all()
    assert float(seen.weight.sum()) > 0
    assert (seen.p == again.p).all()


@pytest.mark.parametrize(("angle", "predicted"), [(20 * deg, 5.2e4), (10 * deg, 2.8e4)])
def test_closure_with_the_radiative_decays_of_meg(angle, predicted):
    """arXiv:1312.3217: about 13 000 decays above 45 and 40 MeV in 1.8e14 muons.

    The documented prediction (docs/experiments/meg2.md) is above the observation by a
    factor 2 to 4 that the unread parts of the selection must explain; it is neither
    tuned away nor may it grow.
    """
    experiment = meg()
    trigger = replace(experiment.trigger, match_angle=angle)
    experiment = replace(experiment, trigger=trigger)
    decays = radiative_pairs(
        experiment, N, jax.random.key(1), photon=35 * MeV, positron=43 * MeV
    )
    seen = experiment.observe(decays, jax.random.key(2))
    positron, photon = seen.vector("e"), seen.vector("gamma")
    inside = np.asarray((positron.e > 45 * MeV) & (photon.e > 40 * MeV))
    weight = 1.8e14 * np.asarray(seen.weight) * inside
    error = np.sqrt((weight**2).sum())
    # two digits are quoted (2 %)
    assert abs(weight.sum() - predicted) < 5 * error + 0.02 * predicted
    assert error < 0.06 * weight.sum()
    assert 2 < weight.sum() / 13_000 < 4.5


@pytest.mark.parametrize("kind", ["annihilation", "bremsstrahlung"])
def test_photons_of_matter_against_a_quadrature(kind):
    """Michel spectrum (massless, unpolarised) times the density, up to its very end.

    The electron mass and the measured total width change the spectrum by 0.5 %.
    """
    wide = Meg2(polarisation=0.0)
    found = material_photons(wide, N, jax.random.key(11), minimum=10 * MeV)
    half = slice(0, N // 2) if kind == "annihilation" else slice(N // 2, N)
    weight = np.asarray(found.weight)[half]
    x = (np.arange(400) + 0.5) / 400
    energy = x * 52.83 * MeV
    total = 0.0
    for e, share in zip(energy, 2 * x**2 * (3 - 2 * x) / 400, strict=True):
        end = float(annihilation_end(e)) if kind == "annihilation" else e - M_E
        k = 10 * MeV + (np.arange(2000) + 0.5) / 2000 * (end - 10 * MeV)
        if end < 10 * MeV:
            continue
        if kind == "annihilation":
            density = wide.electrons * annihilation_density(
                jnp.full(2000, e), jnp.asarray(k)
            )
        else:
            density = wide.radiation_lengths * bremsstrahlung_density(
                jnp.full(2000, e), jnp.asarray(k)
            )
        total += share * float(density.mean()) * (end - 10 * MeV)
    error = np.sqrt((weight**2).sum())
    assert error < 0.02 * weight.sum()
    assert abs(weight.sum() - total) < 5 * error + 0.005 * total


def test_offline_window_keeps_three_standard_deviations():
    # 250 ps of 84 ps: erf(2.976 / sqrt(2)), normal distribution; rounding only
    assert float(design().in_time()) == pytest.approx(0.997081, abs=1e-6)
