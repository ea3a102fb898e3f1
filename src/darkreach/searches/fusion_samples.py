"""Events of e- e+ -> e- e+ and nothing else: the signal, and what imitates it.

Backgrounds are Bhabha scattering with one or two lost photons, tau pairs with
radiation along the beams, and pairs made by two photons whose own electrons are lost.
"""

from typing import Any, Final

import jax
import jax.numpy as jnp
import numpy as np

from jaxtyping import Array, Float, Int, Key

from darkreach.algebra.kinematics import Real
from darkreach.constants import M_E
from darkreach.experiments.belle2 import Belle2
from darkreach.experiments.belle2_ecl import polar_angle
from darkreach.models.photon_alp import PhotonAlp
from darkreach.processes.ee_to_ee_alp import EeToEeAlp
from darkreach.processes.ee_to_ee_ee import EeToEeEe
from darkreach.processes.ee_to_ee_gamma import EeToEeGamma
from darkreach.processes.ee_to_ee_gamma_gamma import EeToEeGammaGamma
from darkreach.processes.process import Process, squared_amplitude
from darkreach.sampling.channels import channels_of
from darkreach.sampling.generator import generate, trained_grid
from darkreach.sampling.observables import Cut, View
from darkreach.sampling.tau_leptons import generate_tau_leptons
from darkreach.searches.factorised import Factorised, aimed
from darkreach.searches.holes import beam_hole_ratio, beside, gap_distance
from darkreach.searches.two_electrons import (
    Missed,
    Seen,
    Selection,
    alone,
    kept,
    missed,
    observed,
    padding,
)
from darkreach.units import GeV, MeV, deg

SIZE: Final = 2**16  # events a call
WIDEST: Final = 19 * deg  # of the holes along the beams, in the centre of mass
GUESSES: Final = 2**20  # events of `Factorised` a call
TRAINING: Final = 2**17  # of them, each time the grid is refined
THIN: Final = 1 / 64  # of them, where only the cut flow wants to know
ERROR: Final = 40 * MeV  # of missing momenta, for drawing only
ISOLATED: Final = 6 * deg  # same
WIDE: Final = 1 * deg  # what the resolution may move


def signal(of: Belle2, cuts: Selection, mass: float, key: Key[Array, ""]) -> Missed:
    """e- e+ -> e- e+ a at a coupling of 1/GeV, both channels."""
    model = PhotonAlp(mass=mass, g_agamma=1 / GeV)
    process = EeToEeAlp(model=model)
    return _sampled(of, cuts, process, electron_cuts(of, cuts), key, calls=1)


def lost_photon(of: Belle2, cuts: Selection, key: Key[Array, ""], calls: int) -> Missed:
    """e- e+ gamma with both electrons seen and a photon that leaves no trace."""
    near = (
        *electron_cuts(of, cuts),
        Cut(observable="E_gamma", minimum=0.3 * cuts.missing_energy),
        Cut(observable="pair_mass", minimum=2 * M_E),
    )
    importance: Any = jax.tree_util.Partial(photons_lost, of, 1e-5)  # type: ignore[no-untyped-call]
    return _sampled(
        of, cuts, EeToEeGamma(), near, key, calls=calls, importance=importance
    )


def two_lost_photons(
    of: Belle2, cuts: Selection, key: Key[Array, ""], calls: int
) -> Missed:
    """e- e+ gamma gamma with both electrons seen and neither photon.

    Drawn from `Factorised`, once with the first photon along a beam and once without;
    events that pass get exact weights, and a part of the others, for the cut flow.
    """
    near = (
        *electron_cuts(of, cuts),
        Cut(observable="E_gamma", minimum=0.1 * cuts.missing_energy),
        Cut(observable="pair_mass", minimum=2 * M_E),
    )
    ways = ("initial",)
    guess, exact = Factorised(channels=ways), EeToEeGammaGamma(channels=ways)
    importance: Any = jax.tree_util.Partial(photons_lost, of, 0.02)  # type: ignore[no-untyped-call]
    beam = of.head_on()
    train, *keys = jax.random.split(key, 1 + calls)
    grid = trained_grid(
        guess,
        beam,
        train,
        cuts=near,
        channel=ways[0],
        importance=importance,
        points=TRAINING,
    )
    (electron, positron), _, _ = beam(jnp.zeros(0))
    beams = jnp.stack([beam.to_laboratory(p).array() for p in (electron, positron)])
    parts = []
    for in_gaps in (1, 2):
        aim = aimed(grid, beam, of.ecl, photons=in_gaps)
        for one in keys:
            draw, smear, thin = jax.random.split(jax.random.fold_in(one, in_gaps), 3)
            events = generate(
                guess, beam, GUESSES, draw, cuts=near, grid=aim, channel=ways[0]
            )
            theta = polar_angle(events.vector("gamma1"))
            along = (theta < of.ecl.theta_min) | (theta > of.ecl.theta_max)
            seen = observed(of, cuts, events, smear)
            here = along if in_gaps == 1 else ~along
            seen = seen._replace(weight=jnp.where(here, seen.weight, 0.0))
            where, chance = _thinned(cuts, seen, thin)
            few, p = jax.tree.map(lambda a, w=where: a[w], (seen, events.p))
            start = jnp.broadcast_to(beams, (len(where), 2, 4))
            rows = jnp.concatenate([start, p], axis=1)
            # ordered photons count twice in the guess; the exact ones have both orders
            ratio = 2 * squared_amplitude(exact, rows)
            ratio = ratio / squared_amplitude(guess, rows)
            weight = few.weight * ratio / chance
            parts.append(kept(of, cuts, few._replace(weight=weight)))
    return Missed.joined(parts).scaled(0.5 / calls)  # like photons


def pairs(of: Belle2, cuts: Selection, key: Key[Array, ""], calls: int) -> Missed:
    """Electron and positron made by two photons whose own electrons are lost.

    Only where a fair part of the transverse momentum that may be lost along the beams
    is missing: above that nothing is left, and far below the sample is bad.
    """
    importance: Any = jax.tree_util.Partial(sideways, of)  # type: ignore[no-untyped-call]
    process = EeToEeEe(widest=WIDEST)
    near = electron_cuts(of, cuts)
    return _sampled(of, cuts, process, near, key, calls=calls, importance=importance)


def sideways(of: Belle2, v: View) -> Real:
    """Where much of the transverse momentum is missing that may be."""
    return 1 / (1 + (0.4 / beam_hole_ratio(v.missing(), of.ecl)) ** 8)


def _thinned(
    cuts: Selection, seen: Seen, key: Key[Array, ""]
) -> tuple[Int[np.ndarray, "_"], Float[np.ndarray, "_"]]:
    """Some events, and with what chance each was taken; all that may be selected."""
    matters = np.asarray(seen.away & seen.no_taus & (seen.beside > cuts.edges()[-1]))
    chance = np.where(matters, 1.0, THIN)
    taken = np.asarray(jax.random.uniform(key, matters.shape)) < chance
    where = np.flatnonzero(taken & (np.asarray(seen.weight) > 0))
    more = padding(len(where))  # events that are never taken
    never = np.full(more, np.inf)
    return np.pad(where, (0, more), mode="edge"), np.concatenate([chance[where], never])


def taus(of: Belle2, cuts: Selection, key: Key[Array, ""], calls: int) -> Missed:
    """Tau pairs that decay to two electrons, with their spin correlation."""
    parts = []
    for one in jax.random.split(key, calls):
        draw, smear = jax.random.split(one)
        events = generate_tau_leptons(of, SIZE, draw, cross_section=of.tau_pairs)
        parts.append(missed(of, cuts, events, smear))
    return Missed.joined(parts).scaled(1 / calls)


def electron_cuts(of: Belle2, cuts: Selection) -> tuple[Cut, ...]:
    """Both electrons near the tracker; wider than the selection by the resolution."""
    return (
        Cut(observable="E_e", minimum=0.9 * cuts.electron_energy),
        Cut(
            observable="theta_e",
            minimum=of.track_theta_min - WIDE,
            maximum=of.track_theta_max + WIDE,
        ),
    )


def photons_lost(of: Belle2, hidden_too: Real, v: View) -> Real:
    """Where all photons are lost, and could pass the selection; the rest has a part."""
    chance: Real = 1.0
    for p in v.photons:
        chance = chance * of.ecl.lost(p)
    left = sum(v.photons[1:], start=v.photons[0])
    hidden = beam_hole_ratio(left, of.ecl) < 1
    for way in (1.0, -1.0):
        photon = beside(left, way)
        hidden |= gap_distance(photon, ERROR, of.ecl) < 3
        hidden |= ~alone(photon, list(v.charged), ISOLATED)
    # The root: what is lost in crystals is rare, but not cut away.
    part = jnp.where(hidden, hidden_too, 1.0)
    return jnp.maximum(jnp.sqrt(chance) * part, 1e-8)


def _sampled(
    of: Belle2,
    cuts: Selection,
    process: Process,
    near: tuple[Cut, ...],
    key: Key[Array, ""],
    *,
    calls: int,
    importance: Any = None,
) -> Missed:
    beam = of.head_on()
    parts = []
    for channel in channels_of(process):
        train, key, *keys = jax.random.split(key, 2 + calls)
        grid = trained_grid(
            process, beam, train, cuts=near, channel=channel, importance=importance
        )
        for one in keys:
            draw, smear = jax.random.split(one)
            events = generate(
                process, beam, SIZE, draw, cuts=near, grid=grid, channel=channel
            )
            parts.append(missed(of, cuts, events, smear))
    return Missed.joined(parts).scaled(1 / calls)
