"""Events for a missing mass at Mu3e: one decay, conversions, and accidentals."""

from dataclasses import replace
from typing import Final

import jax
import jax.numpy as jnp

from jaxtyping import Array, Float, Key

from darkreach.constants import M_E, M_MU
from darkreach.experiments.mu3e import Mu3e, possible
from darkreach.experiments.mu3e_accidentals import (
    Target,
    accidentals,
    coincidence_window,
    external_conversion,
)
from darkreach.processes.process import Process
from darkreach.sampling.events import Events, packed
from darkreach.sampling.generator import dimensions, generate, trained_grid
from darkreach.sampling.observables import View
from darkreach.searches.missing_mass import Seen, joined, seen
from darkreach.units import MeV

Scalar = float | Float[Array, ""]

MASS_END: Final = M_MU - 3 * M_E  # of the neutrino pair
EVENTS: Final = 2**18  # a call
TRAINING: Final = 2**15  # an iteration: as good as twice as many (measured)
OTHERS: Final = 2**17  # of every other background
SMOOTHING: Final = 3.0  # of coincidences, still narrower than the window
SOFTEST: Final = 12 * MeV  # few tracks with less p_T are long
SHARPNESS: Final = 1 * MeV  # of that
COS_END: Final = 0.85  # few tracks beyond are long


def _emphasis(view: View) -> Float[Array, ""]:
    """What training favours: three tracks that are seen, roughly."""
    factor = jnp.asarray(1.0)
    for p in view.charged:
        across = jnp.sqrt(p.x * p.x + p.y * p.y)
        central = jax.nn.sigmoid((COS_END - jnp.abs(p.z) / p.momentum()) / 0.05)
        factor = factor * central * jax.nn.sigmoid((across - SOFTEST) / SHARPNESS)
    return factor


def sampled(
    experiment: Mu3e,
    process: Process,
    key: Key[Array, ""],
    *,
    blocks: int,
    between: tuple[Scalar, Scalar] | None = None,
) -> Seen:
    """Events of a decay behind the detector; weights are a width [GeV].

    Args:
        experiment: what sees them.
        process: the decay.
        key: random key.
        blocks: of events.
        between: squares of the missing mass [GeV^2] that matter, where it is drawn.
    """
    beam = experiment.beam()
    train, *keys = jax.random.split(key, 1 + blocks)
    emphasis = jax.tree_util.Partial(_emphasis)  # type: ignore[no-untyped-call]
    box = jnp.tile(jnp.array([0.0, 1.0]), (dimensions(process, beam), 1))
    if between is not None:
        window = jnp.stack([jnp.asarray(x) for x in between]) / MASS_END**2
        box = box.at[0].set(jnp.clip(window, 0.0, 1.0))
    grid = trained_grid(
        process, beam, train, importance=emphasis, box=box, points=TRAINING
    )
    pairs = [jax.random.split(one) for one in keys]
    # all are on their way before the first is waited for
    events = [generate(process, beam, EVENTS, draw, grid=grid) for draw, _ in pairs]
    parts = [
        observed(experiment, few, smear)
        for few, (_, smear) in zip(events, pairs, strict=True)
    ]
    return joined(parts).scaled(1 / blocks)


def observed(experiment: Mu3e, events: Events, key: Key[Array, ""]) -> Seen:
    """Behind the detector; events that cannot be seen are left out."""
    found = []
    for i, few in enumerate(possible(experiment, events)):
        smear = jax.random.fold_in(key, i)
        found.append(seen(experiment, few, experiment.observe(few, smear)))
    return packed(joined(found), 1)


def conversions(experiment: Mu3e, target: Target, key: Key[Array, ""]) -> Seen:
    """Radiative decays whose photon converts in the target; expected numbers.

    Their shape is that of mu -> 3e nu nu to 10 %: 9.2 % of it in all, 9.0 % within
    200 MeV^2 of missing mass 0 (docs/experiments/mu3e_accidentals.md).
    """
    make, see = jax.random.split(key)
    events = external_conversion(target, OTHERS, make)
    return observed(experiment, events, see).scaled(experiment.muons)


def coincidences(
    experiment: Mu3e, target: Target, key: Key[Array, ""]
) -> dict[str, Seen]:
    """Tracks of different muons, by name; expected numbers.

    Nothing in them is sharp: kernels are `SMOOTHING` times as wide as the resolution.
    """
    make, see = jax.random.split(key)
    window = coincidence_window(float(experiment.fibre_time))
    rate = experiment.muon_rate
    made = accidentals(target, OTHERS, make, rate=rate, window=window)
    found = {}
    for i, (name, events) in enumerate(made.items()):
        one = observed(experiment, events, jax.random.fold_in(see, i))
        wide = replace(one, error=SMOOTHING * one.error)
        found[name] = wide.scaled(experiment.muons)
    return found
