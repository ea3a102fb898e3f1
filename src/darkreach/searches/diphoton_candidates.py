"""Events with an electron, a positron and two photons that are all seen."""

from collections.abc import Callable
from functools import partial
from typing import Any, Final, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from jaxtyping import Array, Bool, Float, Key

from darkreach.algebra.kinematics import FourVector, Real
from darkreach.constants import HBAR_C, M_E
from darkreach.experiments.belle2 import Belle2
from darkreach.experiments.belle2_ecl import polar_angle
from darkreach.experiments.belle2_trigger import (
    SinglePhoton,
    ThreeClusters,
    TotalEnergy,
    TwoTracks,
    either,
)
from darkreach.experiments.detector import opening_angle
from darkreach.processes.process import Process
from darkreach.pytree import pytree
from darkreach.sampling.adaptive import Grid
from darkreach.sampling.beams import Collider
from darkreach.sampling.generator import sample, trained_grid
from darkreach.sampling.observables import Cut
from darkreach.searches.momentum_balance import Moved, balanced
from darkreach.searches.resonance_samples import Sample
from darkreach.units import GeV, MeV, deg

Scalar = float | Float[Array, ""]
Momenta = tuple[FourVector, FourVector, FourVector, FourVector]  # e-, e+, photons

SIZE: Final = 2**16  # events a call
TRAINING: Final = 2**14  # points an iteration
WIDE: Final = 1 * deg  # what the resolution may move
FLOW: Final = (
    "both tracks, one of them an electron",
    "two photons",
    "photons away from electrons",
    "trigger",
    "balance",
)


@pytree
class Selection:
    """What is asked of the four particles.

    Attributes:
        electron_energy: smallest energy of either electron, laboratory [GeV].
        photon_energy: of either photon, laboratory [GeV].
        theta_min, theta_max: of all four, laboratory [rad].
        separation: smallest angle of a photon to an electron [rad].
        pair_min: smallest mass of both electrons, against conversions [GeV].
        balance: largest sum of squares of the errors that balance the momenta.
        energy_spread: of each beam, relative.
        triggered: whether one of four triggers must fire.
        fitted: whether the mass is that of the balanced photons, or of the measured.
        efficiency: of everything that is not simulated.
    """

    electron_energy: Scalar = 0.2 * GeV  # [assumed]
    photon_energy: Scalar = 0.15 * GeV  # [assumed]
    theta_min: Scalar = 17 * deg  # the tracker, arXiv:1011.0352
    theta_max: Scalar = 150 * deg  # same
    separation: Scalar = 8 * deg  # [assumed]: two showers, and a bent track
    pair_min: Scalar = 100 * MeV  # [assumed]
    balance: Scalar = 25.0  # [assumed]: 5e-5 of four degrees of freedom
    energy_spread: Scalar = 7e-4  # of SuperKEKB [recalled]: 5 MeV in the collision
    triggered: bool = True
    fitted: bool = True
    efficiency: Scalar = 1.0  # [assumed]

    def cuts(self) -> tuple[Cut, ...]:
        """Wider than the selection by what the resolution moves."""
        low, high = self.theta_min - WIDE, self.theta_max + WIDE
        return (
            Cut(observable="E_e", minimum=0.95 * self.electron_energy),
            Cut(observable="theta_e", minimum=low, maximum=high),
            Cut(observable="E_gamma", minimum=0.75 * self.photon_energy),
            Cut(observable="theta_gamma", minimum=low, maximum=high),
            Cut(observable="theta_e_gamma", minimum=self.separation - WIDE),
            Cut(observable="pair_mass", minimum=0.8 * self.pair_min),
        )


class Candidates(NamedTuple):
    """Selected events, and expected events after each cut of `FLOW`."""

    sample: Sample
    flow: tuple[float, ...]

    def scaled(self, factor: float) -> "Candidates":
        """The same with all weights times a factor."""
        sample = self.sample._replace(weight=self.sample.weight * factor)
        return Candidates(sample, tuple(n * factor for n in self.flow))


def adapted(
    experiment: Belle2,
    selection: Selection,
    process: Process,
    key: Key[Array, ""],
) -> Grid:
    """A grid for the events of a process that may be selected."""
    beam, cuts = _beam(experiment), selection.cuts()
    return trained_grid(process, beam, key, cuts=cuts, points=TRAINING)


def candidates(
    experiment: Belle2,
    selection: Selection,
    process: Process,
    grid: Grid,
    key: Key[Array, ""],
    *,
    calls: int = 1,
    form: Any = None,
) -> Candidates:
    """Events of a process behind the detector, for the luminosity of the experiment.

    Args:
        experiment: Belle II.
        selection: what is asked.
        process: into e-, e+ and two photons.
        grid: where to draw them.
        key: random key.
        calls: how many times `SIZE` events.
        form: a factor on the weights, from the momenta in the centre of mass.

    Returns:
        Candidates; `tracks` are fitted momenta in the centre of mass and `offset` is
        the mass of the photons [GeV].
    """
    beam, cuts = _beam(experiment), selection.cuts()
    parts, flows = [], []
    for one in jax.random.split(key, calls):
        draw, smear = jax.random.split(one)
        momenta, weight = sample(process, beam, SIZE, draw, cuts=cuts, grid=grid)
        if form is not None:
            weight = weight * form(momenta)
        seen = tuple(beam.to_laboratory(p) for p in momenta)
        size = float(experiment.luminosity) * HBAR_C**2 / calls
        found, mass, steps = _observed(
            experiment, selection, seen, size * weight, smear
        )
        host = np.asarray(steps)
        flows.append(host.sum(axis=1))
        whole: Sample = jax.tree.map(np.asarray, Sample(found, mass, host[-1]))
        parts.append(whole.kept(host[-1] > 0))
    joined: Sample = jax.tree.map(lambda *a: np.concatenate(a), *parts)
    return Candidates(joined, tuple(float(x) for x in sum(flows)))


def _beam(experiment: Belle2) -> Collider:
    return Collider(
        electron_energy=experiment.electron_energy,
        positron_energy=experiment.positron_energy,
    )


@jax.jit
def _observed(
    of: Belle2,
    selection: Selection,
    true: Momenta,
    weight: Float[Array, " n"],
    key: Key[Array, ""],
) -> tuple[Momenta, Float[Array, " n"], Float[Array, "cuts n"]]:
    """Fitted momenta in the centre of mass, mass of the photons, weights by cut."""
    n = weight.shape[0]
    errors = jax.random.normal(key, (5, 3, n))
    track, cluster = partial(of.measured, mass=M_E), of.ecl.measured
    how: tuple[Callable[..., FourVector], ...] = (track, track, cluster, cluster)
    found = [f(p, e) for f, p, e in zip(how, true, errors[:4], strict=True)]
    electrons, photons = found[:2], found[2:]
    named = either(*(of.identifies(p, "e") for p in true[:2]))
    step = weight * selection.efficiency * named
    for p, q in zip(true[:2], electrons, strict=True):
        kept = _inside(selection, q) & (q.e > selection.electron_energy)
        step = jnp.where(kept, step * of.sees_track(p), 0.0)
    steps = [step]
    for p, q in zip(true[2:], photons, strict=True):
        kept = _inside(selection, q) & (q.e > selection.photon_energy)
        step = jnp.where(kept, step * of.ecl.detects(p), 0.0)
    steps.append(step * of.ecl.resolved(*true[2:]))
    apart = [opening_angle(a, b) for a in electrons for b in photons]
    alone = jnp.min(jnp.stack(apart), axis=0) > selection.separation
    pair = (electrons[0] + electrons[1]).mass_squared() > selection.pair_min**2
    steps.append(jnp.where(alone & pair, steps[-1], 0.0))
    steps.append(steps[-1] * (_triggered(of, found) if selection.triggered else 1.0))
    moved: list[Moved] = [partial(f, q) for f, q in zip(how, found, strict=True)]
    beams = partial(_beams, of, selection, errors[4])
    fitted, squares = balanced([*moved, beams], events=n)
    steps.append(jnp.where(squares < selection.balance, steps[-1], 0.0))
    used = fitted[2:4] if selection.fitted else photons
    mass = jnp.sqrt(jnp.maximum((used[0] + used[1]).mass_squared(), 0.0))
    one, two, three, four = (of.to_centre_of_mass(p) for p in fitted[:4])
    return (one, two, three, four), mass, jnp.stack(steps)


def _inside(selection: Selection, p: FourVector) -> Bool[Array, " n"]:
    theta = polar_angle(p)
    return (theta > selection.theta_min) & (theta < selection.theta_max)


def _beams(
    of: Belle2,
    selection: Selection,
    off: Float[Array, "3 n"],
    errors: Float[Array, "3 n"],
) -> FourVector:
    """Minus the momentum of both beams, whose energies spread [GeV]."""
    size = 1 + selection.energy_spread * (off + errors)
    one, two = of.electron_energy * size[0], of.positron_energy * size[1]
    zero = jnp.zeros_like(one)
    return FourVector(-one - two, zero, zero, two - one)


def _triggered(of: Belle2, found: list[FourVector]) -> Real:
    """Probability of a trigger; an electron that curls up leaves no cluster."""
    clusters = found[2:]
    for p in found[:2]:
        hits = of.ecl.sees_electron(p) > 0.5
        clusters.append(FourVector(*(jnp.where(hits, c, 0.0) for c in p)))
    boost = of.to_centre_of_mass
    from_clusters = [
        t.fires(clusters, boost)
        for t in (SinglePhoton(), ThreeClusters(), TotalEnergy())
    ]
    return either(TwoTracks().fires(found[:2]), *from_clusters)
