"""The grid against closed forms and against the `vegas` package."""

import math

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import vegas

from darkreach.sampling import adaptive
from darkreach.sampling.adaptive import CHUNK, Grid, adapt, moments, uniform

WIDTH = 0.05


def constant(x):
    return jnp.ones_like(x[0])


def peak(width, x):
    """A Gaussian in each of three dimensions, centred off the middle."""
    return jnp.exp(-(((x - 0.3) / width) ** 2).sum() / 2)


def peak_integral(width):
    root = width * math.sqrt(2)
    one = math.sqrt(math.pi / 2) * width * (math.erf(0.7 / root) + math.erf(0.3 / root))
    return one**3


def partial(function, *args):
    return jax.tree_util.Partial(function, *args)


def mean_and_error(integrand, grid, key, chunks):
    first, second = map(float, moments(integrand, grid, key, chunks=chunks))
    return first, math.sqrt((second - first**2) / (chunks * CHUNK))


@pytest.fixture(scope="module")
def trained():
    return adapt(partial(peak, WIDTH), 3, jax.random.key(5))


def test_uniform_grid_leaves_points_where_they_are():
    y = jnp.array([0.0, 0.123, 1.0])
    x, jacobian = uniform(3)(y)
    np.testing.assert_allclose(x, y, atol=1e-15)
    assert float(jacobian) == pytest.approx(1.0, rel=1e-13)


def test_edges_stay_ordered_from_0_to_1(trained):
    edges = np.asarray(trained.edges)
    assert (edges[:, 0] == 0).all()
    assert (edges[:, -1] == 1).all()
    assert (np.diff(edges, axis=1) > 0).all()


def test_jacobian_is_the_derivative_of_the_map(trained):
    y = jnp.array([0.31, 0.52, 0.77])
    x, jacobian = trained(y)
    slope = jax.jacfwd(lambda point: trained(point)[0])(y)
    assert float(jnp.linalg.det(slope)) == pytest.approx(float(jacobian), rel=1e-12)
    assert bool(((x > 0) & (x < 1)).all())


def test_jacobian_integrates_to_one(trained, key):
    # exactly: the mean over the bins of each axis is 1
    per_axis = (np.diff(trained.edges, axis=1) * 64).mean(axis=1)
    np.testing.assert_allclose(per_axis, 1.0, rtol=1e-12)
    # and sampled, on a grid whose Jacobian does not spread over orders of magnitude
    broad = adapt(partial(peak, 0.4), 3, key)
    mean, error = mean_and_error(partial(constant), broad, key, 4)
    assert error < 0.01
    assert abs(mean - 1) < 5 * error


def test_integral_of_a_peak(trained, key):
    mean, error = mean_and_error(partial(peak, WIDTH), trained, key, 16)
    expected = peak_integral(WIDTH)
    assert error < 2e-3 * expected  # below 1 %, so that 5 sigma say something
    assert abs(mean - expected) < 5 * error


def test_training_pays(trained, key):
    integrand = partial(peak, WIDTH)
    _, flat = mean_and_error(integrand, uniform(3), key, 4)
    _, adapted = mean_and_error(integrand, trained, key, 4)
    # a separable peak of 5 % in three dimensions: a factor 10 or more in the error
    assert adapted < flat / 8


def test_agrees_with_the_vegas_package(trained, key):
    def batch(x):
        return np.exp(-(((x - 0.3) / WIDTH) ** 2).sum(axis=1) / 2)

    uniform_numbers = np.random.default_rng(1).random
    integrator = vegas.Integrator([[0, 1]] * 3, ran_array_generator=uniform_numbers)
    integrator(vegas.lbatchintegrand(batch), nitn=5, neval=20_000)
    other = integrator(vegas.lbatchintegrand(batch), nitn=5, neval=50_000)
    mean, error = mean_and_error(partial(peak, WIDTH), trained, key, 16)
    together = math.hypot(error, other.sdev)
    assert together < 0.01 * mean
    assert abs(mean - other.mean) < 5 * together


def test_an_integrand_that_is_zero_keeps_the_grid(key):
    grid = adapt(partial(peak, jnp.asarray(1e-9)), 3, key, points=100, iterations=1)
    np.testing.assert_allclose(grid.edges, uniform(3).edges, atol=1e-15)


def test_same_key_same_bytes(trained, key):
    integrand = partial(peak, WIDTH)
    once, again = (moments(integrand, trained, key, chunks=2) for _ in range(2))
    assert np.asarray(once).tobytes() == np.asarray(again).tobytes()
    retrained = adapt(integrand, 3, jax.random.key(5))
    assert np.asarray(retrained.edges).tobytes() == np.asarray(trained.edges).tobytes()


def test_two_keys_agree_within_errors(trained):
    integrand = partial(peak, WIDTH)
    (a, da), (b, db) = (
        mean_and_error(integrand, trained, jax.random.key(i), 8) for i in (11, 12)
    )
    assert a != b
    assert math.hypot(da, db) < 0.01 * a
    assert abs(a - b) < 5 * math.hypot(da, db)


def test_a_scan_compiles_once(key):
    adapt(partial(peak, 0.1), 3, key, points=500)
    moments(partial(peak, 0.1), uniform(3), key, chunks=1)
    before = adaptive._refine._cache_size(), moments._cache_size()
    for width in (0.2, 0.3, 0.4):
        grid = adapt(partial(peak, width), 3, key, points=500)
        moments(partial(peak, width), grid, key, chunks=1)
    assert (adaptive._refine._cache_size(), moments._cache_size()) == before


def test_memory_is_flat_in_the_number_of_events(trained, key):
    def scratch(chunks):
        @jax.jit
        def run(edges, seed):
            integrand = partial(peak, WIDTH)
            # a compiled function with options of its own cannot be part of another
            plain = moments.__wrapped__
            return plain(integrand, Grid(edges=edges), seed, chunks=chunks)

        compiled = run.lower(trained.edges, key).compile()
        return compiled.memory_analysis().temp_size_in_bytes

    few, many = scratch(2), scratch(2000)
    # what grows is one key (16 bytes, twice) for each chunk of 16384 events
    assert many - few <= 2000 * 64
    assert many < 64 * 2**20


def test_grid_is_a_pytree(trained):
    (leaf,) = jax.tree.leaves(trained)
    assert leaf.shape == (3, 65)
    assert isinstance(jax.tree.map(lambda a: a, trained), Grid)
