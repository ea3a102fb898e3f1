"""The likelihood against pyhf, its derivatives against automatic ones."""

import json

import jax
import jax.numpy as jnp
import numpy as np
import pyhf
import pytest

from darkreach.inference import fits
from darkreach.inference import likelihood as model_of
from darkreach.inference.likelihood import Nuisance, half_deviance, normalisation
from darkreach.inference.workspace import likelihood, to_pyhf_workspace

# compiled once for all tests
profiled, value = jax.jit(model_of.profiled), jax.jit(model_of.value)
expansion = jax.jit(model_of.expansion)
null_fit, best_fit = jax.jit(fits.null_fit), jax.jit(fits.best_fit)


def search(seed, bins=4, number=3):
    """A random search: shape nuisances, one normalisation, MC errors, data."""
    rng = np.random.default_rng(seed)
    b, s = rng.uniform(20, 300, bins), rng.uniform(0, 10, bins)
    x = np.linspace(0, 3, bins)
    nuisances = [normalisation("norm", 0.1, signal=s, background=b, component=0.6 * b)]
    for k in range(number - 1):
        shape = 0.1 * np.sin(rng.uniform(0, 6) + rng.uniform(0.5, 2) * x)
        up, down = 1 + shape, 1 - shape * rng.uniform(0.7, 1.3)
        nuisances.append(
            Nuisance(
                name=f"shape{k}",
                signal_up=s * up,
                signal_down=s * down,
                background_up=b * down,
                background_down=b * up,
            )
        )
    errors = b * rng.uniform(0, 0.05, bins)
    given = {"nuisances": nuisances, "background_error": errors}
    return s, b, given | {"observed": rng.poisson(b)}


def negative_log(model, data, mu, theta, like):
    """pyhf's -log L at (mu, theta) with our gammas, less its value for lambda = n."""
    b, s = _yields(model, mu, theta)
    gamma = profiled(like, jnp.asarray(b), jnp.asarray(s)).gamma
    at = dict(zip([f"shape{k}" for k in range(9)], theta[1:], strict=False))
    at |= {"mu": [mu], "norm": [theta[0]], "background_mc_error": np.asarray(gamma)}
    pars = np.concatenate([np.atleast_1d(at[k]) for k in model.config.par_order])
    return -float(model.logpdf(pars, data)[0])


def _yields(model, mu, theta):
    """Background (gamma = 1) and signal from pyhf itself."""
    at = dict(zip([f"shape{k}" for k in range(9)], theta[1:], strict=False))
    at |= {"norm": theta[0], "background_mc_error": np.ones(model.config.nmaindata)}
    at["mu"] = mu
    pars = np.concatenate([np.atleast_1d(at[k]) for k in model.config.par_order])
    rates = model.main_model.expected_data(pars, return_by_sample=True)
    order = list(model.config.samples)
    return rates[order.index("background")], rates[order.index("signal")]


@pytest.mark.parametrize("seed", range(3))
def test_likelihood_is_that_of_pyhf(seed) -> None:
    """Differences of -log L between points, inside and outside one sigma."""
    s, b, given = search(seed)
    workspace = pyhf.Workspace(to_pyhf_workspace(s, b, **given))
    model = workspace.model()
    data = workspace.data(model)
    like, unit = likelihood(s, b, **given)
    rng = np.random.default_rng(seed)
    points = [(rng.uniform(0, 3), rng.normal(0, 1.5, 3)) for _ in range(6)]
    ours = [float(value(like, mu / unit, jnp.asarray(t))) for mu, t in points]
    theirs = [negative_log(model, data, mu, t, like) for mu, t in points]
    # rounding of sums near 30 with terms near 1000: 1e-16 * 1000, times some bins
    assert np.diff(ours) == pytest.approx(np.diff(theirs), abs=1e-10)


def test_gammas_minimise() -> None:
    """The closed form against a fine grid of gamma, also where gamma ends at zero."""
    s, b, given = search(0)
    like, _ = likelihood(s, b, **given | {"observed": np.array([0, 500, 30, 90])})
    best = profiled(like, like.background, like.signal)
    grid = jnp.linspace(0.0, 3.0, 30001)[:, None]
    lam = grid * like.background[None, :] + like.signal[None, :]
    pull = (grid - 1) / like.delta[None, :]
    scan = jax.vmap(half_deviance, in_axes=(None, 0))(like.counts, lam)
    lowest = (scan + pull**2 / 2).min(axis=0)
    assert np.all(best.value <= lowest + 1e-12)
    # the grid misses the minimum by 5e-5, times a curvature below 1e6 / 2
    assert np.asarray(best.value) == pytest.approx(np.asarray(lowest), abs=2e-3)


@jax.jit
def automatic(like, x):
    """Gradient and Hessian of `value` by JAX."""

    def at(x):
        return model_of.value(like, x[0], x[1:])

    return jax.grad(at)(x), jax.hessian(at)(x)


@pytest.mark.parametrize("theta", [0.3, -0.9, 1.7, -12.0])
def test_gradient_and_hessian_are_exact(theta) -> None:
    """Against automatic differentiation, also where yields bend away from zero."""
    s, b, given = search(1)
    like, _ = likelihood(s, b, **given)
    x = jnp.array([0.7, theta, -0.4, theta / 2])
    at = expansion(like, x)
    gradient, hessian = automatic(like, x)
    # rounding only; the largest terms set the scale
    assert np.allclose(at.gradient, gradient, rtol=1e-9, atol=1e-9)
    assert np.allclose(at.hessian, hessian, rtol=1e-9, atol=1e-9 * abs(hessian).max())


@pytest.mark.parametrize("seed", range(3))
def test_fits_end_at_a_minimum(seed) -> None:
    s, b, given = search(seed)
    like, _ = likelihood(s, b, **given)
    null = null_fit(like)
    best, _ = best_fit(like, null)
    # the last Newton step leaves the square of 1e-6
    assert np.allclose(expansion(like, null).gradient[1:], 0, atol=1e-6)
    slope = float(expansion(like, best.x).gradient[0])
    assert abs(slope) < 1e-6 or (best.x[0] == 0 and slope > 0)


@pytest.mark.parametrize("data", [0.8, 1.2])
def test_fit_survives_one_sided_shapes(data) -> None:
    """Nothing on one side: -log L is not convex and plain Newton steps can fail."""
    b, s = np.full(4, 200.0), np.full(4, 5.0)
    shapes = [b * (1 + 0.3 * np.sin(k + np.arange(4)) ** 2) for k in range(3)]
    nuisances = [
        Nuisance(
            name=f"n{k}",
            signal_up=s,
            signal_down=s,
            background_up=shape,
            background_down=b,
        )
        for k, shape in enumerate(shapes)
    ]
    like, _ = likelihood(s, b, nuisances=nuisances, observed=data * b)
    x = null_fit(like)
    # the last Newton step leaves the square of 1e-6
    assert np.allclose(expansion(like, x).gradient[1:], 0, atol=1e-6)
    assert value(like, x[0], x[1:]) < value(like, x[0], 0 * x[1:])


def test_half_deviance_keeps_its_digits() -> None:
    """x - log(1 + x) = x^2 / 2 (1 - 2 x / 3) for small x = (lambda - n) / n."""
    n = jnp.array([1e10])
    exact = 1e10 * (1e-5) ** 2 / 2 * (1 - 2e-5 / 3)
    # x itself is rounded to 1e-16 of lambda / n, hence to 1e-11 of its value
    assert half_deviance(n, n * (1 + 1e-5))[0] == pytest.approx(exact, rel=1e-9)
    assert half_deviance(jnp.zeros(1), jnp.array([3.0]))[0] == 3.0


def test_workspace_is_valid_and_plain_json() -> None:
    s, b, given = search(0)
    workspace = json.loads(json.dumps(to_pyhf_workspace(s, b, **given)))
    pyhf.schema.validate(workspace, "workspace.json")
    assert workspace["version"] == "1.0.0"


def test_normalisation_varies_one_component() -> None:
    s, b, part = np.array([1.0, 2.0]), np.array([10.0, 20.0]), np.array([4.0, 0.0])
    n = normalisation("qed", 0.5, signal=s, background=b, component=part)
    assert np.array_equal(n.background_up, [12.0, 20.0])
    assert np.array_equal(n.background_down, [8.0, 20.0])
    assert np.array_equal(n.signal_up, s)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"background": np.array([1.0, -2.0])}, "background is .* in bins"),
        ({"background": np.array([1.0])}, "shape"),
        ({"observed": np.array([1, 2, 3])}, "observed has shape"),
        ({"signal": np.zeros(2)}, "signal is zero"),
        ({"background": np.array([1.0, np.nan])}, "finite"),
        ({"background_error": np.array([0.1, -0.1])}, "background_error"),
    ],
)
def test_wrong_input_is_named(change, words) -> None:
    good = {"signal": np.array([1.0, 2.0]), "background": np.array([5.0, 5.0])}
    with pytest.raises(ValueError, match=words):
        likelihood(**good | change)


def test_names_must_differ_and_be_free() -> None:
    s, b = np.array([1.0]), np.array([5.0])
    twice = [normalisation("a", 0.1, signal=s, background=b)] * 2
    with pytest.raises(ValueError, match="repeat"):
        likelihood(s, b, nuisances=twice)
    with pytest.raises(ValueError, match="taken"):
        to_pyhf_workspace(
            s, b, nuisances=[normalisation("mu", 0.1, signal=s, background=b)]
        )
