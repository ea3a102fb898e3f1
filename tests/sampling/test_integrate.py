"""The integrator: reproducible, honest about its error, and as precise as asked."""

import math

import jax
import pytest

from darkreach.constants import M_MU
from darkreach.processes.mu_to_e_nu_nu import MuToENuNu
from darkreach.sampling.beams import at_rest
from darkreach.sampling.integrate import BATCH, integrate
from darkreach.sampling.observables import Cut
from darkreach.units import MeV

CUTS = (Cut(observable="E_e", minimum=40 * MeV),)
BEAM = at_rest(M_MU, (0.0, 0.0, 0.5))


def width(seed, *, cuts=CUTS, precision=2e-3, **more):
    key = jax.random.key(seed)
    return integrate(MuToENuNu(), BEAM, cuts=cuts, precision=precision, key=key, **more)


def test_the_same_key_gives_the_same_number():
    assert width(1) == width(1)


def test_different_keys_agree_within_their_errors():
    found = [width(seed) for seed in range(2, 8)]
    values = [f.value for f in found]
    assert len(set(values)) == len(values)
    weights = [1 / f.error**2 for f in found]
    mean = sum(w * v for w, v in zip(weights, values, strict=True)) / sum(weights)
    chi2 = sum(((f.value - mean) / f.error) ** 2 for f in found)
    assert 0.3 < chi2 < 20.5  # 5 degrees of freedom, 0.001 on either side


def test_the_precision_is_reached_and_no_more_is_done():
    told = []
    found = width(1, precision=5e-4, progress=lambda *args: told.append(args))
    assert found.error / found.value <= 5e-4
    assert told[-1] == (found.evaluations, found.evaluations)


def test_it_stops_at_the_limit_and_its_error_says_so():
    found = width(1, precision=1e-6, max_evaluations=3 * BATCH)
    assert found.evaluations == 3 * BATCH
    assert found.error / found.value > 1e-6


def test_an_empty_region_gives_zero():
    found = width(1, cuts=(Cut(observable="E_e", minimum=60 * MeV),))
    assert (found.value, found.error) == (0.0, 0.0)


@pytest.mark.parametrize("precision", [0.0, -1e-3, 1.0, math.nan])
def test_precision_must_be_a_relative_error(precision):
    with pytest.raises(ValueError, match="precision is"):
        width(1, precision=precision)
