"""Events of which Belle II sees one photon and loses the rest.

Two and three photons, and radiative Bhabha scattering with both electrons lost. Holes
are rings about the beams: each ring has events of its own.
"""

import itertools
import math

from dataclasses import replace
from typing import Any, Final

import jax
import jax.numpy as jnp
import numpy as np

from jaxtyping import Array, Key

from darkreach.algebra.kinematics import FourVector, Real
from darkreach.constants import M_E
from darkreach.experiments.belle2_ecl import polar_angle
from darkreach.processes.ee_to_3gamma import EeTo3gamma
from darkreach.processes.ee_to_ee_gamma import EeToEeGamma
from darkreach.processes.ee_to_gamma_gamma import EeToGammaGamma
from darkreach.sampling.generator import dimensions, sample, trained_grid
from darkreach.sampling.observables import Cut, View
from darkreach.sampling.phasespace import chain, directions
from darkreach.searches.holes import beam_hole_ratio
from darkreach.searches.lone_photons import (
    Lone,
    Selection,
    central_cosine,
    joined,
    lone,
    seen,
)
from darkreach.units import GeV, MeV, deg

PHOTONS: Final = {2: 2**14, 3: 2**17}  # events a call and ring
ELECTRONS: Final = 2**18  # a call and range of the recoil
RECOILS: Final = (7 * GeV, 8 * GeV, 8.6 * GeV)  # between samples of electrons
SOFTEST: Final = 150 * MeV  # of three photons; softer ones do not move the recoil
WIDE: Final = 1 * deg  # what the resolution may move
EDGES: Final = 6.0  # widths of an edge by which a ring is wider than its hole
STEEP: Final = 4  # power of the missing transverse momentum in training
NARROW: Final = 0.02  # sine below which angles to the beams are sampled evenly
FLAT: Final = 0.02  # share of s to which the recoil is sampled evenly


def rings(selection: Selection) -> list[tuple[float, float]]:
    """Polar angles that divide holes from crystals [laboratory, rad]."""
    ecl = selection.experiment.ecl
    edge, seam = EDGES * ecl.edge, EDGES * ecl.seam / ecl.radius
    limits = (
        0.0,
        ecl.theta_min + edge,
        ecl.forward_end - edge,
        ecl.barrel_start + edge,
        ecl.seam_theta - seam,
        ecl.seam_theta + seam,
        ecl.barrel_end - edge,
        ecl.backward_start + edge,
        ecl.theta_max - edge,
        math.pi,
    )
    rising = np.clip(np.maximum.accumulate([float(x) for x in limits]), 0.0, math.pi)
    pairs = itertools.pairwise(rising)
    return [(float(a), float(b)) for a, b in pairs if a < b]


def photons(
    selection: Selection,
    process: EeToGammaGamma | EeTo3gamma,
    key: Key[Array, ""],
    calls: int,
) -> tuple[Lone, Lone]:
    """The last photon seen, all others in holes; the same with one inside crystals.

    Any photon may be the seen one, and of two that are lost the second is taken to be
    nearer to the beams: this cancels the factor 1/2 or 1/6 of like photons.
    """
    three = isinstance(process, EeTo3gamma)
    space, axis = (directions, 3) if three else (chain, 0)
    size = PHOTONS[len(process.outgoing)]
    cuts = (Cut(observable="E_gamma", minimum=SOFTEST),)
    beam, holes, crystals = selection.beam(), [], []
    wanted: Any = jax.tree_util.Partial(_wanted, selection)  # type: ignore[no-untyped-call]
    for low, high in rings(selection):
        train, key, *keys = jax.random.split(key, 2 + calls)
        box = np.tile([0.0, 1.0], (dimensions(process, beam), 1))
        box[axis] = [0.5 + 0.5 * central_cosine(selection, t) for t in (high, low)]
        grid = trained_grid(
            process,
            beam,
            train,
            cuts=cuts,
            importance=wanted,
            space=space,
            box=jnp.asarray(box),
        )
        for one in keys:
            draw, first, second = jax.random.split(one, 3)
            momenta, weight = sample(
                process, beam, size, draw, cuts=cuts, grid=grid, space=space
            )
            *lost, last = (beam.to_laboratory(p) for p in momenta)
            gone, some = _losses(selection, lost)
            weight = weight / calls
            holes.append(lone(selection, last, weight * gone, first))
            crystals.append(lone(selection, last, weight * some, second))
    return joined(holes), joined(crystals)


@jax.jit
def _losses(selection: Selection, lost: list[FourVector]) -> tuple[Real, Real]:
    """Probabilities that all are lost in holes, and that some are lost in crystals.

    A soft photon counts as lost in a hole.
    """
    ecl = selection.experiment.ecl
    perfect = replace(ecl, inefficiency=0.0)
    holes = math.prod((perfect.lost(p) for p in lost), start=jnp.ones(()))
    whole = math.prod((ecl.lost(p) for p in lost), start=jnp.ones(()))
    if len(lost) == 1:
        return holes, whole - holes
    outer = [
        jnp.abs(q.z) / q.e for q in map(selection.experiment.to_centre_of_mass, lost)
    ]
    ordered = (outer[1] > outer[0]).astype(float)
    return ordered * holes, ordered * (whole - holes)


def _wanted(selection: Selection, v: View) -> Real:
    """What an event of photons is worth, in the training of a grid."""
    *lost, last = v.photons
    holes, crystals = _losses(selection, lost)
    chance: Real = (holes + crystals) * seen(selection, last)
    if len(lost) > 1:  # else all would be along the beams
        chance = chance * (jnp.sin(polar_angle(lost[1])) + NARROW)
    missing = v.parent - last
    recoil = missing.mass_squared() / v.parent.mass_squared() + FLAT
    return chance * recoil * _across(selection, missing)


def _across(selection: Selection, missing: FourVector) -> Real:
    """More of the rare events in which much transverse momentum is missing."""
    ratio = beam_hole_ratio(missing, selection.experiment.ecl)
    return jnp.minimum(ratio, 1.0) ** STEEP


def electrons(selection: Selection, key: Key[Array, ""], calls: int) -> Lone:
    """Radiative Bhabha scattering with both electrons lost, in ranges of the recoil."""
    process, beam, parts = EeToEeGamma(channels=("peripheral",)), selection.beam(), []
    wanted: Any = jax.tree_util.Partial(_wanted_electrons, selection)  # type: ignore[no-untyped-call]
    for low, high in itertools.pairwise((2 * M_E, *RECOILS, float(beam.energy()))):
        train, key, *keys = jax.random.split(key, 2 + calls)
        cuts = (
            Cut(observable="E_gamma", minimum=0.5 * selection.photon().threshold),
            Cut(
                observable="theta_gamma",
                minimum=selection.theta_min - WIDE,
                maximum=selection.theta_max + WIDE,
            ),
            Cut(observable="pair_mass", minimum=low, maximum=high),
        )
        grid = trained_grid(
            process, beam, train, cuts=cuts, channel="peripheral", importance=wanted
        )
        for one in keys:
            draw, smear = jax.random.split(one)
            momenta, weight = sample(
                process,
                beam,
                ELECTRONS,
                draw,
                cuts=cuts,
                grid=grid,
                channel="peripheral",
            )
            first, second, last = (beam.to_laboratory(p) for p in momenta)
            weight = weight * _escape(selection, (first, second)) / calls
            parts.append(lone(selection, last, weight, smear))
    return joined(parts)


def _escaped(selection: Selection, charged: tuple[FourVector, ...]) -> Real:
    """Probability that no electron makes a cluster or a track."""
    of = selection.experiment
    missed = [(1 - of.ecl.sees_electron(p)) * (1 - of.sees_track(p)) for p in charged]
    return math.prod(missed, start=jnp.ones(()))


_escape: Final = jax.jit(_escaped)


def _wanted_electrons(selection: Selection, v: View) -> Real:
    """What radiative Bhabha scattering is worth, in the training of a grid."""
    (last,) = v.photons
    chance = _escaped(selection, v.charged) * seen(selection, last)
    return chance * _across(selection, v.parent - last)
