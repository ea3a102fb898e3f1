"""Frames, acceptance and resolution of Belle II."""

from dataclasses import replace

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from darkreach.algebra.kinematics import FourVector
from darkreach.constants import M_E, M_MU
from darkreach.experiments.belle2 import Belle2
from darkreach.sampling.events import Events
from darkreach.units import GeV, deg

HEAD_ON = Belle2(crossing_angle=0.0)


def pointing(theta, momentum, mass=M_E):
    energy = np.hypot(momentum, mass)
    return FourVector(
        jnp.asarray(energy),
        jnp.asarray(momentum * np.sin(theta)),
        jnp.asarray(0.0),
        jnp.asarray(momentum * np.cos(theta)),
    )


def test_energy_and_boost_are_the_quoted_ones():
    """sqrt(4 * 7 * 4) = 10.583 GeV and beta gamma = 0.28 (arXiv:1808.10567)."""
    assert float(HEAD_ON.sqrt_s()) / GeV == pytest.approx(10.583, abs=5e-4)
    total = HEAD_ON.total()
    assert float(total.z / HEAD_ON.sqrt_s()) == pytest.approx(0.28, abs=5e-3)
    # cos(angle / 2) of the crossing: 1 - 8.6e-4
    lower = float(Belle2().sqrt_s() / HEAD_ON.sqrt_s())
    assert lower == pytest.approx(np.cos(0.083 / 2), abs=1e-6)


def test_frames_are_inverse_and_keep_the_mass():
    experiment = Belle2()
    p = pointing(1.1, 2.3 * GeV, M_MU)
    there = experiment.to_laboratory(p)
    back = experiment.to_centre_of_mass(there)
    # rounding
    np.testing.assert_allclose(np.array(back), np.array(p), atol=1e-12)
    assert float(there.mass_squared()) == pytest.approx(M_MU**2, rel=1e-9)
    still = experiment.to_centre_of_mass(experiment.total())
    np.testing.assert_allclose(np.array(still)[1:], 0.0, atol=1e-12)


def test_electron_beam_points_along_z_in_the_centre_of_mass():
    experiment = Belle2()
    beam = pointing(float(experiment.crossing_angle) / 2, 7 * GeV)
    found = experiment.to_centre_of_mass(beam)
    # 6 mrad is what the docstring says
    assert float(jnp.arctan2(found.x, found.z)) == pytest.approx(6e-3, abs=5e-4)


@pytest.mark.parametrize(
    ("theta", "seen"), [(16.9, 0), (17.1, 1), (90, 1), (149.9, 1), (150.1, 0)]
)
def test_tracker_covers_17_to_150_degrees(theta, seen):
    experiment = Belle2(track_efficiency=1.0)
    assert float(experiment.sees_track(pointing(theta * deg, 2 * GeV))) == seen
    assert float(experiment.sees_track(pointing(theta * deg, 0.05 * GeV))) == 0


def test_identification_rises_at_its_threshold():
    experiment = Belle2()
    for lepton, threshold in (("e", 0.4 * GeV), ("mu", 0.7 * GeV)):
        half = experiment.identifies(pointing(1.0, threshold), lepton)
        full = experiment.identifies(pointing(1.0, 3 * GeV), lepton)
        wrong = experiment.identifies(pointing(1.0, 3 * GeV), lepton, pion=True)
        assert float(half / full) == pytest.approx(0.5, abs=1e-9)  # rounding
        assert 0 < float(wrong) < 0.1 * float(full)


def test_resolution_is_that_of_the_tracker(key):
    """0.3 % and 0.11 % pT in quadrature: 0.45 % at pT = 3 GeV."""
    n = 200_000
    p = FourVector(*(jnp.full(n, float(c)) for c in pointing(np.pi / 2, 3 * GeV)))
    found = Belle2().measured(p, jax.random.normal(key, (3, n)), mass=M_E)
    spread = float(jnp.std(found.momentum())) / (3 * GeV)
    expected = np.hypot(0.003, 0.0033)
    # the error of a standard deviation is 1 / sqrt(2 n) = 0.16 %
    assert abs(spread / expected - 1) < 5 * 0.0016


def test_observe_loses_and_smears_leptons_only(key):
    rows = np.array([pointing(1.0, 2 * GeV), pointing(0.1, 2 * GeV)])
    hidden = rows[::-1]
    events = Events(
        p=jnp.asarray(np.stack([rows, hidden], axis=1)),
        vertex=jnp.zeros((2, 2, 3)),
        seen=jnp.ones((2, 2), bool),
        weight=jnp.ones(2),
        names=("e", "alp"),
    )
    sharp = replace(Belle2(), momentum_constant=0.0, momentum_slope=0.0)
    found = sharp.observe(events, key)
    np.testing.assert_array_equal(found.p[:, 1], events.p[:, 1])
    # one inside, one in the beam pipe; 0.97 and 0.90 are the defaults
    assert float(found.weight[0]) == pytest.approx(0.97 * 0.90, rel=1e-6)
    assert float(found.weight[1]) == 0
    assert float(jnp.linalg.norm(found.p[0, 0, 1:])) == pytest.approx(2 * GeV)
