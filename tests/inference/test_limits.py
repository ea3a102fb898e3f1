"""Limits against pyhf, closed forms and exact Poisson probabilities."""

import jax
import jax.numpy as jnp
import numpy as np
import pyhf
import pytest

from hypothesis import given as examples
from hypothesis import settings
from hypothesis import strategies as st
from scipy.stats import norm, poisson

from darkreach.inference.asymptotics import cls_limit
from darkreach.inference.limits import (
    Nuisance,
    discovery_significance,
    limit,
    normalisation,
    poisson_limit,
    rescale_cl,
    to_pyhf_workspace,
)


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
    settings = {"nuisances": nuisances, "background_error": errors}
    return s, b, settings, rng.poisson(b)


def pyhf_model(s, b, **settings):
    """The exported workspace in pyhf, with fits to near machine precision."""
    pyhf.set_backend("numpy", pyhf.optimize.scipy_optimizer(tolerance=1e-12))
    workspace = pyhf.Workspace(to_pyhf_workspace(s, b, **settings))
    model = workspace.model()
    return model, workspace.data(model)


def cls(mu, model, data):
    """pyhf's CLs at mu: observed, then expected from -2 to +2 sigma."""
    return pyhf.infer.hypotest(
        float(mu), data, model, test_stat="qtilde", return_expected_set=True
    )


@pytest.mark.parametrize("cl", [0.9, 0.95])
@pytest.mark.parametrize("seed", range(4))
def test_limits_are_those_of_pyhf(seed, cl) -> None:
    """At our limits pyhf finds CLs = 1 - cl, observed and expected."""
    s, b, settings, data = search(seed)
    ours = limit(s, b, **settings, observed=data, cl=cl)
    model, data = pyhf_model(s, b, **settings, observed=data)
    observed, expected = cls(ours.observed, model, data)
    # d log CLs / d log mu is 2 to 5 here, so the limits agree to a few 1e-6; pyhf's
    # minimiser, with numerical gradients, is what limits this
    assert float(observed) == pytest.approx(1 - cl, rel=1e-5)
    for k in (0, 2, 4):
        _, expected = cls(ours.band[k], model, data)
        assert float(expected[k]) == pytest.approx(1 - cl, rel=1e-5)


def test_upper_limit_of_pyhf_is_the_same() -> None:
    """The whole chain once: pyhf's own root finder on its own model."""
    s, b = np.array([12.0, 11.0]), np.array([50.0, 52.0])
    error, data = np.array([3.0, 7.0]), np.array([51, 48])
    ours = limit(s, b, background_error=error, observed=data)
    model, data = pyhf_model(s, b, background_error=error, observed=data)
    observed, expected = pyhf.infer.intervals.upper_limits.toms748_scan(
        data, model, 0.1, 5.0, rtol=1e-8
    )
    # pyhf's minimiser, as above
    assert float(ours.observed) == pytest.approx(float(observed), rel=1e-6)
    assert np.asarray(ours.band) == pytest.approx(np.asarray(expected), rel=1e-6)


@pytest.mark.parametrize("shift", [-30, 30, 90])
def test_deficits_and_excesses_agree_with_pyhf(shift) -> None:
    """mu_hat at its boundary, and mu_hat well above zero."""
    s, b = np.array([12.0, 5.0]), np.array([150.0, 52.0])
    data = np.array([150 + shift, 52])
    ours = limit(s, b, background_error=0.02 * b, observed=data)
    model, data = pyhf_model(s, b, background_error=0.02 * b, observed=data)
    observed, _ = cls(ours.observed, model, data)
    assert float(observed) == pytest.approx(0.05, rel=1e-5)  # pyhf's minimiser


def test_a_large_deficit_still_has_a_limit() -> None:
    """A hundred sigma below: the first guess must stay finite."""
    found = limit(np.array([3.0]), np.array([1e6]), observed=np.array([900_000]))
    assert 0 < found.observed < found.band[0]


@pytest.mark.parametrize(
    ("method", "cl", "z"),
    [
        ("CLs", 0.95, 1.959964),
        ("CLs", 0.90, 1.644854),
        ("Gaussian", 0.95, 1.644854),
        ("Gaussian", 0.90, 1.281552),
    ],
)
def test_many_events_have_closed_forms(method, cl, z) -> None:
    """z sqrt(B) / S; the first correction is z / (3 sqrt(B)), 1e-5 here."""
    found = limit(np.array([3.0]), np.array([1e10]), cl=cl, method=method)
    assert float(found.median) == pytest.approx(z * 1e5 / 3, rel=2e-5)
    assert float(found.observed) == float(found.median)


def test_gaussian_sigma_is_profiled() -> None:
    """One bin with a relative background error e: sigma^2 = (B + (e B)^2) / S^2."""
    s, b = np.array([2.0]), np.array([400.0])
    sigma = np.sqrt(400 + 40**2) / 2
    norm_ = [normalisation("n", 0.1, signal=s, background=b)]
    by_theta = limit(s, b, nuisances=norm_, method="Gaussian")
    by_gamma = limit(s, b, background_error=0.1 * b, method="Gaussian")
    # closed form, so rounding only; 1.644854 is given to 3e-7
    assert float(by_theta.median) == pytest.approx(1.644854 * sigma, rel=1e-6)
    assert float(by_gamma.median) == pytest.approx(1.644854 * sigma, rel=1e-6)
    excess = limit(s, b, observed=np.array([440]), method="Gaussian")
    # without nuisances mu_hat = (n - b) / s = 20, sigma = 10
    assert float(excess.observed) == pytest.approx(20 + 16.44854, rel=1e-6)


@pytest.mark.parametrize(("cl", "events"), [(0.95, 2.995732), (0.90, 2.302585)])
def test_no_background_and_no_events(cl, events) -> None:
    """-log(1 - cl), for any count of zero whatever the background (CLs)."""
    for b, error in ((0.0, 0.0), (2.0, 0.0), (2.0, 0.5)):
        found = poisson_limit(1.0, b, observed=0, cl=cl, background_error=error)
        assert float(found.observed) == pytest.approx(events, rel=1e-6)  # digits given
    assert np.asarray(poisson_limit(0.5, 0.0, cl=cl).band) == pytest.approx(2 * events)


def test_counting_limit_solves_its_equation() -> None:
    for n, b in ((3, 1.7), (12, 8.0), (40, 55.0)):
        up = float(poisson_limit(1.0, b, observed=n).observed)
        ratio = poisson.cdf(n, b + up) / poisson.cdf(n, b)
        assert ratio == pytest.approx(0.05, rel=1e-8)  # the root finder stops at 1e-12


def test_counting_band_is_a_set_of_quantiles() -> None:
    found = poisson_limit(1.0, 8.0)
    for k, p in enumerate(norm.cdf([-2, -1, 0, 1, 2])):
        n = int(poisson.ppf(p, 8.0))
        at = poisson_limit(1.0, 8.0, observed=n).observed
        assert float(found.band[k]) == float(at)


def test_smeared_background_against_toys() -> None:
    """Backgrounds drawn from the cut-off Gaussian; CLs at our limit is 5 %."""
    b, error, n = 4.0, 3.0, 6
    up = float(poisson_limit(1.0, b, observed=n, background_error=error).observed)
    rng = np.random.default_rng(5)
    toys = rng.normal(b, error, 4_000_000)
    toys = toys[toys > 0]
    with_signal, without = poisson.cdf(n, toys + up), poisson.cdf(n, toys)
    ratio = with_signal.mean() / without.mean()
    sigma = ratio * np.hypot(
        with_signal.std() / with_signal.mean(), without.std() / without.mean()
    )
    sigma /= np.sqrt(toys.size)
    assert sigma < 0.001 * ratio
    assert abs(ratio - 0.05) < 5 * sigma  # Monte Carlo


@pytest.mark.parametrize(
    ("b", "error"), [(0.0, 0.36), (5.0, 0.10), (20.0, 0.06), (100.0, 0.03)]
)
def test_size_of_the_asymptotic_error(b, error) -> None:
    """The exact median is higher, by what the docstring of `limit` says."""
    exact = float(poisson_limit(1.0, b).median)
    formula = float(limit(np.array([1.0]), np.array([b])).median)
    assert 0.5 * error < 1 - formula / exact < error  # `error` is rounded up


@settings(max_examples=12)
@examples(
    seed=st.integers(0, 10**6),
    relative=st.floats(0.001, 0.4),
    tilt=st.floats(-0.2, 0.2),
)
def test_uncertainty_never_helps(seed, relative, tilt) -> None:
    """A nuisance more, or a larger one, cannot improve the expected limit."""
    s, b, settings, _ = search(seed)
    first, *rest = settings["nuisances"]
    wide = normalisation("more", relative, signal=s, background=b)
    shape = tilt * np.linspace(-1, 1, 4)
    none = Nuisance(
        name="more", signal_up=s, signal_down=s, background_up=b, background_down=b
    )
    tilted = Nuisance(
        name="more",
        signal_up=s,
        signal_down=s,
        background_up=b * (1 + shape),
        background_down=b * (1 - shape),
    )
    base = limit(s, b, **settings | {"nuisances": [first, *rest, none]})
    for extra in (wide, tilted):
        worse = limit(s, b, **settings | {"nuisances": [first, *rest, extra]})
        # rounding; a nuisance orthogonal to the signal changes nothing
        assert np.all(worse.band >= base.band * (1 - 1e-9))


@pytest.mark.parametrize("scale", [1e-12, 1e10])
@pytest.mark.parametrize("method", ["CLs", "Gaussian"])
def test_limit_scales_with_the_signal(scale, method) -> None:
    """Scaling the signal divides the limit; powers of ten are not exact in binary."""
    s, b, settings, data = search(0)
    scaled = [
        Nuisance(
            name=n.name,
            signal_up=n.signal_up * scale,
            signal_down=n.signal_down * scale,
            background_up=n.background_up,
            background_down=n.background_down,
        )
        for n in settings["nuisances"]
    ]
    one = limit(s, b, **settings, observed=data, method=method)
    two = limit(
        s * scale, b, **settings | {"nuisances": scaled}, observed=data, method=method
    )
    for a, c in zip(jax.tree.leaves(one), jax.tree.leaves(two), strict=True):
        assert np.asarray(c) * scale == pytest.approx(np.asarray(a), rel=1e-10)


@pytest.mark.parametrize("b", [1e-3, 1.0, 1e4, 1e8])
def test_any_size_of_background(b) -> None:
    """One bin: q_A = 2 (mu s - b log(1 + mu s / b)) is 1.96^2 at the median."""
    found = float(limit(np.array([1e10]), np.array([b])).median)
    x = found * 1e10 / b
    # b (x - log(1 + x)) cancels to 1e-16 / x of its value, 1e-8 at worst (b = 1e8)
    assert 2 * b * (x - np.log1p(x)) == pytest.approx(1.959964**2, rel=1e-6)


def test_empty_bins_are_harmless() -> None:
    s, b = np.array([2.0, 0.0, 1.0]), np.array([9.0, 0.0, 0.0])
    bare = limit(s, b, observed=np.array([8, 0, 0]), background_error=0.1 * b)
    assert np.all(np.isfinite(bare.band))
    same = limit(
        s[[0, 2]],
        b[[0, 2]],
        observed=np.array([8, 0]),
        background_error=0.1 * b[[0, 2]],
    )
    assert float(bare.observed) == pytest.approx(float(same.observed), rel=1e-12)
    more = limit(s, b, observed=np.array([8, 0, 2]), background_error=0.1 * b)
    assert bare.observed < more.observed < np.inf
    # without background q_A = 2 mu s, so mu s = 1.96^2 / 2
    alone = limit(np.array([2.0]), np.array([0.0]))
    assert float(alone.median) == pytest.approx(1.959964**2 / 4, rel=1e-6)


@pytest.mark.parametrize("method", ["CLs", "Gaussian"])
def test_gradients_are_those_of_finite_differences(method) -> None:
    """Backwards through the observed and the median limit."""
    s, b, settings, data = search(2)
    more = {"observed": data} if method == "CLs" else {}

    def total(s, b):
        found = limit(s, b, **settings, **more, method=method)
        return found.observed + found.median

    gradients = jax.grad(total, argnums=(0, 1))(jnp.asarray(s), jnp.asarray(b))
    step = 1e-3 * np.eye(4)[1]
    for found, ds, db in zip(gradients, (step, 0), (0, step), strict=True):
        expected = float(total(s + ds, b + db) - total(s - ds, b - db)) / 2e-3
        # differences of limits exact to 1e-12 over 1e-3, curvature 1e-6
        assert float(found[1]) == pytest.approx(expected, rel=1e-4, abs=1e-6)


def test_one_compilation_per_shape() -> None:
    s, b, settings, data = search(0)
    limit(s, b, **settings, observed=data)
    before = cls_limit._cache_size()
    limit(2 * s, 3 * b, **settings, observed=data + 1, cl=0.9)
    assert cls_limit._cache_size() == before


def test_discovery_of_a_single_bin() -> None:
    """sqrt(2 ((s + b) log(1 + s / b) - s)), arXiv:1007.1727, eq. 97."""
    s, b = 10.0, 100.0
    exact = np.sqrt(2 * ((s + b) * np.log1p(s / b) - s))
    bare = discovery_significance(np.array([s]), np.array([b]))
    assert float(bare) == pytest.approx(exact, rel=1e-10)  # rounding
    blurred = discovery_significance(
        np.array([s]), np.array([b]), background_error=np.array([10.0])
    )
    # s / sqrt(b + error^2) to first order in s / b
    assert float(blurred) == pytest.approx(s / np.sqrt(200), rel=0.05)
    assert np.isinf(discovery_significance(np.array([s]), np.array([0.0])))


def test_discovery_is_that_of_pyhf() -> None:
    """With the expectation as data, so that pyhf's Asimov data are the nominal ones."""
    s, b, _, _ = search(1)
    ours = float(discovery_significance(10 * s, b, background_error=0.05 * b))
    settings = {"background_error": 0.05 * b, "observed": 10 * s + b}
    model, data = pyhf_model(10 * s, b, **settings)
    p = pyhf.infer.hypotest(0.0, data, model, test_stat="q0", return_expected=True)[1]
    # the p-value of pyhf's minimum; d log p / dZ is about Z
    assert ours == pytest.approx(norm.isf(float(p)), rel=1e-5)


def test_confidence_levels_convert() -> None:
    for method, ratio in (("Gaussian", 1.283), ("CLs", 1.191)):
        found = rescale_cl(2.0, cl_from=0.9, cl_to=0.95, method=method)
        assert found == pytest.approx(2 * ratio, rel=1e-3)  # three digits quoted
        back = rescale_cl(found, cl_from=0.95, cl_to=0.9, method=method)
        assert back == pytest.approx(2.0, rel=1e-12)  # rounding


def test_huge_signal_uncertainty_has_no_finite_limit_or_a_large_one() -> None:
    """At -1/0.7 sigma there is no signal left: nothing is excluded at 1.96 sigma."""
    s, b, settings, _ = search(0)
    _, *rest = settings["nuisances"]
    wide = Nuisance(
        name="s",
        signal_up=1.7 * s,
        signal_down=0.3 * s,
        background_up=b,
        background_down=b,
    )
    found = limit(s, b, **settings | {"nuisances": [wide, *rest]})
    assert found.median > 1000 * limit(s, b, **settings).median


def test_wrong_requests_are_named() -> None:
    s, b = np.array([1.0]), np.array([0.0])
    with pytest.raises(ValueError, match="cl is 95"):
        limit(s, b, cl=95.0)
    with pytest.raises(ValueError, match="no background"):
        limit(s, b, method="Gaussian")
    with pytest.raises(ValueError, match="signal 0"):
        poisson_limit(0.0, 1.0)
    with pytest.raises(ValueError, match="observed is -1"):
        poisson_limit(1.0, 1.0, observed=-1)
