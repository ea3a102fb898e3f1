"""How fast the engine is. Reported with `make bench`, never asserted as a time.

`extra_info` holds events per second, phase space and weights included, and the time to
compile; the peers are the `vegas` package on the same integrand, and NumPy arrays.
"""

import time

import catalogue
import jax
import numpy as np
import pytest
import vegas

from darkreach.constants import M_E, M_MU, M_TAU
from darkreach.pytree import FUSED
from darkreach.sampling.adaptive import CHUNK, moments
from darkreach.sampling.beams import at_rest
from darkreach.sampling.generator import dimensions, generate, integrand, trained_grid
from darkreach.sampling.observables import Cut
from darkreach.units import MeV

pytestmark = pytest.mark.slow

MASS = {"mu": M_MU, "tau": M_TAU}


def setting(name):
    """Process, its beam, cuts and integrand of one benchmark."""
    process = catalogue.instance(name)
    beam = at_rest(MASS[process.incoming[0]], (0.0, 0.0, -0.86))
    cuts = ()
    if "gamma" in process.outgoing:
        cuts = (Cut(observable="E_gamma", minimum=10 * MeV),)
    return process, beam, cuts, integrand(process, beam, cuts)


def record(benchmark, events, compile_seconds=None):
    if benchmark.stats is None:  # benchmarks are switched off: it ran once
        return
    benchmark.extra_info["events_per_second"] = events / benchmark.stats.stats.min
    if compile_seconds is not None:
        benchmark.extra_info["compile_seconds"] = compile_seconds


def timed():
    """All processes; those with three tracks take long to compile."""
    return [
        pytest.param(
            name, marks=[pytest.mark.long] if "_nu_nu_x" in name or "3e" in name else []
        )
        for name in catalogue.variants()
    ]


@pytest.mark.parametrize("name", timed())
def test_weighted_events(benchmark, name):
    """Phase space, squared amplitude and weight on a trained grid."""
    process, beam, cuts, weight = setting(name)
    grid = trained_grid(process, beam, jax.random.key(1), cuts=cuts)
    chunks = 256 if benchmark.enabled else 1
    start = time.perf_counter()
    jax.block_until_ready(moments(weight, grid, jax.random.key(2), chunks=chunks))
    first = time.perf_counter() - start
    mean, square = benchmark(
        lambda: jax.block_until_ready(
            moments(weight, grid, jax.random.key(2), chunks=chunks)
        )
    )
    assert 0 < float(mean) ** 2 <= float(square)
    if benchmark.stats is not None:
        first -= benchmark.stats.stats.min
    record(benchmark, chunks * CHUNK, first)


@pytest.mark.parametrize("name", ["mu_to_e_nu_nu_gamma"])
def test_stored_events(benchmark, name):
    """The same, with all momenta written to memory."""
    process, beam, cuts, _ = setting(name)
    n = 1_000_000 if benchmark.enabled else 1000
    events = benchmark(
        lambda: jax.block_until_ready(
            generate(process, beam, n, jax.random.key(2), cuts=cuts)
        )
    )
    assert len(events) == n
    record(benchmark, n)


@pytest.mark.parametrize("name", ["mu_to_e_nu_nu_gamma"])
def test_training(benchmark, name):
    """Eight refinements of the grid, from nothing."""
    process, beam, cuts, _ = setting(name)
    grid = benchmark(
        lambda: jax.block_until_ready(
            trained_grid(process, beam, jax.random.key(1), cuts=cuts)
        )
    )
    assert grid.edges.shape[0] == dimensions(process, beam)
    record(benchmark, 8 * 65536)


@pytest.mark.parametrize("name", ["mu_to_e_nu_nu_gamma", "mu_to_3e_nu_nu"])
def test_vegas_package_on_the_same_integrand(benchmark, name):
    """The peer's adaptive sampling, driving our amplitude in batches."""
    process, beam, cuts, _ = setting(name)
    d = dimensions(process, beam)
    n = 200_000 if benchmark.enabled else 2000
    batched = jax.jit(jax.vmap(integrand(process, beam, cuts)), compiler_options=FUSED)
    integrator = vegas.Integrator([[0, 1]] * d)

    def padded(x):
        # its batches differ in length, and each length would compile anew; and the
        # width is counted in units of 1e-24 GeV, since the peer takes 1e-22 for zero
        full = np.full((-(-len(x) // CHUNK) * CHUNK, d), 0.5)
        full[: len(x)] = x
        return np.asarray(batched(full))[: len(x)] * 1e24

    scaled = vegas.lbatchintegrand(padded)
    integrator(scaled, nitn=2, neval=n)
    result = benchmark(lambda: integrator(scaled, nitn=1, neval=n))
    assert result.mean > 0
    record(benchmark, n)


def test_phase_space_in_numpy(benchmark):
    """The peer's style: a massless three-body decay as whole arrays in NumPy."""
    n = 200_000 if benchmark.enabled else 1000
    rng = np.random.default_rng(1)

    def run():
        x = rng.random((5, n))
        s = x[0] * (M_MU - M_E) ** 2
        first = (M_MU**2 - s) / (2 * M_MU)
        weight = first / (4 * np.pi * M_MU) / (8 * np.pi)
        rest = np.sqrt(s)
        energy, momentum = M_MU - first, -first
        momenta = []
        for sign in (1, -1):
            cos, phi = 2 * x[1] - 1, 2 * np.pi * x[2]
            sin = np.sqrt(1 - cos**2)
            e, z = rest / 2, sign * rest / 2 * cos
            momenta.append(
                np.stack(
                    [
                        (energy * e + momentum * z) / rest,
                        sign * e * sin * np.cos(phi),
                        sign * e * sin * np.sin(phi),
                        (energy * z + momentum * e) / rest,
                    ]
                )
            )
        return momenta, weight

    momenta, weight = benchmark(run)
    assert momenta[0].shape == (4, n)
    assert (weight > 0).all()
    record(benchmark, n)
