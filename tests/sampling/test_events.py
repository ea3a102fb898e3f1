import math

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from darkreach.constants import G_F, M_E, M_MU
from darkreach.models.lfv_alp import LfvAlp
from darkreach.processes.mu_to_e_alp import MuToEAlp
from darkreach.processes.mu_to_e_alp_gamma import MuToEAlpGamma
from darkreach.processes.mu_to_e_nu_nu import MuToENuNu
from darkreach.sampling import adaptive
from darkreach.sampling.beams import at_rest
from darkreach.sampling.events import packed, scaled
from darkreach.sampling.generator import generate, integrand, trained_grid
from darkreach.sampling.observables import Cut
from darkreach.units import MeV

BEAM = at_rest(M_MU, (0.0, 0.0, 0.86))
# both in every test, so that the suite compiles the process once
CUTS = (
    Cut(observable="E_gamma", minimum=10 * MeV, maximum=M_MU),
    Cut(observable="theta_e_gamma", minimum=0.0),
)
WIDE = (CUTS[0], Cut(observable="theta_e_gamma", minimum=0.5))


def alp_gamma(mass=0.0):
    return MuToEAlpGamma(model=LfvAlp(mass=mass, c_v=1.0, c_a=-1.0))


def test_shapes_and_what_is_seen(key):
    events = generate(alp_gamma(), BEAM, 1000, key, cuts=CUTS)
    assert len(events) == 1000
    assert events.p.shape == (1000, 3, 4)
    assert events.vertex.shape == (1000, 3, 3)
    assert events.names == ("e", "alp", "gamma")
    np.testing.assert_array_equal(events.seen[0], [True, False, True])
    np.testing.assert_array_equal(events.vertex, 0)


def test_momenta_follow_the_order_of_the_names(key):
    events = generate(alp_gamma(20 * MeV), BEAM, 100, key, cuts=CUTS)
    squared = events.p[..., 0] ** 2 - (events.p[..., 1:] ** 2).sum(-1)
    expected = np.array([M_E, 20 * MeV, 0.0]) ** 2
    np.testing.assert_allclose(
        squared / M_MU**2, np.tile(expected / M_MU**2, (100, 1)), atol=1e-13
    )


def test_weights_sum_to_the_width_without_a_grid(key):
    n = 1_000_000
    weight = generate(MuToENuNu(), BEAM, n, key).weight
    total = float(weight.sum())
    error = float(jnp.sqrt((weight**2).sum() - weight.sum() ** 2 / n))
    r = (M_E / M_MU) ** 2
    tree = G_F**2 * M_MU**5 / (192 * math.pi**3)
    tree *= 1 - 8 * r + 8 * r**3 - r**4 - 12 * r**2 * math.log(r)
    assert error < 0.01 * tree
    assert abs(total - tree) < 5 * error


def test_two_body_width_has_no_monte_carlo_error_without_polarisation(key):
    process = MuToEAlp(model=LfvAlp(mass=20 * MeV, c_v=1.0))
    weight = generate(process, at_rest(M_MU), 5000, key).weight
    expected = float(process.model.width_from("mu", "e"))
    # every event weighs the same: roundings of 5000 terms
    assert float(weight.sum()) == pytest.approx(expected, rel=1e-11)


def test_cuts_are_exact(key):
    cuts = (
        Cut(observable="E_gamma", minimum=10 * MeV, maximum=40 * MeV),
        Cut(observable="theta_e_gamma", minimum=0.5),
    )
    events = generate(alp_gamma(), BEAM, 2000, key, cuts=cuts)
    kept = np.asarray(events.weight) > 0
    assert kept.any()
    assert not kept.all()
    energy = events.p[:, 2, 0]
    inside = (energy >= 10 * MeV) & (energy <= 40 * MeV)
    directions = events.p[:, ::2, 1:]
    cos = (directions[:, 0] * directions[:, 1]).sum(-1) / jnp.linalg.norm(
        directions, axis=-1
    ).prod(axis=-1)
    inside &= cos <= math.cos(0.5)
    np.testing.assert_array_equal(kept, inside)


def test_grid_changes_the_sampling_and_not_the_total(key):
    # without the collinear region, where the flat sampling would need 1e7 events
    process = alp_gamma()
    grid = trained_grid(process, BEAM, jax.random.key(3), cuts=WIDE)
    density = integrand(process, BEAM, WIDE)
    points = 64 * adaptive.CHUNK

    def total_and_error(g):
        first, second = map(float, adaptive.moments(density, g, key, chunks=64))
        return first, math.sqrt((second - first**2) / points)

    flat, flat_error = total_and_error(adaptive.uniform(grid.edges.shape[0]))
    total, error = total_and_error(grid)
    # the grid must gain at least the price of its training
    assert error < flat_error / 1.5
    assert math.hypot(error, flat_error) < 0.01 * total
    assert abs(flat - total) < 5 * math.hypot(error, flat_error)
    # and events on the grid carry the same total, here with the error of 50 000
    n = 50_000
    weight = generate(process, BEAM, n, key, cuts=WIDE, grid=grid).weight
    stored = float(weight.sum())
    spread = math.sqrt(float((weight**2).sum()) - stored**2 / n)
    assert spread < 0.01 * total
    assert abs(stored - total) < 5 * math.hypot(spread, error)


def test_same_key_same_bytes(key):
    def run(k):
        return [
            np.asarray(a).tobytes()
            for a in jax.tree.leaves(generate(alp_gamma(), BEAM, 3000, k, cuts=CUTS))
        ]

    assert run(key) == run(key)
    assert run(key) != run(jax.random.key(1))


def test_training_compiles_once_for_a_mass_scan(key):
    trained_grid(alp_gamma(), BEAM, key, cuts=CUTS)
    before = adaptive._refine._cache_size()
    for mass, threshold in ((5 * MeV, 10 * MeV), (30 * MeV, 20 * MeV)):
        cuts = (Cut(observable="E_gamma", minimum=threshold, maximum=M_MU), WIDE[1])
        trained_grid(alp_gamma(mass), BEAM, key, cuts=cuts)
    assert adaptive._refine._cache_size() == before


def test_bad_input_is_named(key):
    with pytest.raises(ValueError, match="n is 0"):
        generate(MuToENuNu(), BEAM, 0, key)
    with pytest.raises(ValueError, match="'E_gamma' needs a particle"):
        generate(MuToENuNu(), BEAM, 10, key, cuts=CUTS)


def test_packed_keeps_what_has_a_weight(key):
    events = generate(alp_gamma(), BEAM, 1000, key, cuts=WIDE)
    few = packed(events, 64)
    alive = np.asarray(events.weight) > 0
    assert 0 < alive.sum() < 1000  # the cut loses some, so there is something to test
    assert len(few) == -(-alive.sum() // 64) * 64
    np.testing.assert_array_equal(few.weight[: alive.sum()], events.weight[alive])
    np.testing.assert_array_equal(few.p[: alive.sum()], events.p[alive])
    np.testing.assert_array_equal(few.weight[alive.sum() :], 0)
    # a sample without any weight is not an empty array, which nothing could compile
    assert len(packed(scaled(events, 0.0), 64)) == 64
