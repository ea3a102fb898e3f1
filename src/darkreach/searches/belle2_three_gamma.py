"""e- e+ -> gamma a, a -> gamma gamma at Belle II: a bump in the mass of two photons.

As proposed in arXiv:1709.00009 and done with 445/pb in arXiv:2007.13071. The background
is e- e+ -> gamma gamma gamma; three clusters must be found, so merged pairs are lost.
"""

import math

from dataclasses import replace
from itertools import combinations
from typing import Any, Final

import jax
import jax.numpy as jnp
import numpy as np

from jaxtyping import Array, Float, Key

from darkreach.algebra.kinematics import FourVector, Real, boosted
from darkreach.constants import HBAR_C
from darkreach.curves import axes
from darkreach.experiments.belle2 import Belle2
from darkreach.experiments.belle2_ecl import polar_angle
from darkreach.experiments.belle2_trigger import SinglePhoton, ThreeClusters, either
from darkreach.models.photon_alp import PhotonAlp
from darkreach.processes.ee_to_3gamma import EeTo3gamma
from darkreach.processes.ee_to_gamma_alp import EeToGammaAlp
from darkreach.pytree import pytree
from darkreach.sampling.beams import Collider
from darkreach.sampling.generator import sample, trained_grid
from darkreach.sampling.observables import Cut, View
from darkreach.searches.resonance_cells import shares
from darkreach.searches.resonance_samples import PEAK, Sample, Samples
from darkreach.searches.resonance_templates import Axes, binned
from darkreach.searches.search import Counts
from darkreach.units import GeV, deg, fb

Scalar = float | Float[Array, ""]
Clusters = tuple[FourVector, FourVector, FourVector]

SIZE: Final = 2**16  # events a call
CALLS: Final = {True: 1, False: 4}  # of the background; of the signal one
LIKE: Final = 6  # orders of three photons
SMALLEST: Final = 0.05 * GeV  # in the laboratory; all selected photons have more
NEAR: Final = 5.0  # resolutions: where background events are drawn
FLOOR: Final = 1e-3  # of that, elsewhere


@pytree
class Belle2ThreeGamma:
    """Bump hunt in the mass of two of three photons; the limit is on the coupling.

    Attributes:
        experiment: Belle II with its luminosity; beams are taken head on.
        model: the ALP, by what it decays to besides photons at its own `g_agamma`.
        energy_min: of every photon in the centre of mass [GeV].
        theta_min, theta_max: of every photon in the laboratory [rad].
        triggered: whether a single photon or three clusters must fire the trigger.
        window: half width of the window, in resolutions.
        bins: of the mass.
        efficiency: of everything that is not simulated.
        sideband_order: degree of the polynomial of the background that is free.
        signal_norm: relative uncertainty of the signal.
        mass_scale: relative uncertainty of the mass of a pair.
        mass_resolution: relative uncertainty of its resolution.
        statistics: multiplies the number of simulated events.
    """

    experiment: Belle2 = Belle2(crossing_angle=0.0)
    model: PhotonAlp = PhotonAlp()
    energy_min: Scalar = 0.25 * GeV  # arXiv:1709.00009 [recalled]
    theta_min: Scalar = 17 * deg  # same
    theta_max: Scalar = 150 * deg  # same
    triggered: bool = True
    window: Scalar = 8.0
    bins: int = 32
    efficiency: Scalar = 1.0  # [assumed]
    sideband_order: int = 1
    signal_norm: Scalar = 0.05  # [assumed]
    mass_scale: Scalar = 2e-3  # [assumed]
    mass_resolution: Scalar = 0.05  # [assumed]
    statistics: Scalar = 1.0

    def masses(self) -> tuple[float, ...]:
        """From where pairs are resolved to the soft photon's end [GeV]."""
        grid = (0.2, 0.25, 0.3, 0.5, 0.7, 1, 1.5, 2, 3, 4, 5, 6, 7, 8, 9, 9.5)
        return tuple(m * GeV for m in grid)

    def describe(self) -> dict[str, Any]:
        """What the curve is, in words."""
        return {
            "label": "Belle II, three photons",
            "quantity": "g_agamma",
            "convention": axes.PHOTON_PAIRS,
            "chirality": "any",
            "exposure": _exposure(float(self.experiment.luminosity)),
            "source": "darkreach, search of arXiv:1709.00009",
        }

    def beam(self) -> Collider:
        """Both beams, head on."""
        return self.experiment.head_on()

    def background(self, key: Key[Array, ""], *, fast: bool = False) -> None:
        """Nothing is shared: every mass has its own sample."""

    def counts(
        self,
        mass: float,
        background: None,
        key: Key[Array, ""],
        *,
        fast: bool = False,
    ) -> Counts:
        """Signal at a coupling of 1/GeV, and background, per bin, at one mass [GeV]."""
        found = sampled(self, mass, key, fast=fast)
        half = float(self.window) * found.resolution
        names = "signal_norm", "mass_scale", "mass_resolution"
        nothing = (
            np.zeros_like(found.signal.offset),
            np.zeros_like(found.background.offset),
        )
        return binned(
            found,
            nothing,
            Axes(half, self.bins, np.zeros((1, 0))),
            sideband_order=self.sideband_order,
            errors={name: getattr(self, name) for name in names},
        )


def _exposure(luminosity: float) -> str:
    """In the unit that gives a number above 1."""
    known = (("/ab", 1e-3 * fb), ("/fb", fb), ("/pb", 1e3 * fb))
    name, unit = next((p for p in known if luminosity * p[1] >= 1), known[-1])
    return f"{luminosity * unit:.4g} {name}"


def sampled(
    search: Belle2ThreeGamma, mass: float, key: Key[Array, ""], *, fast: bool
) -> Samples:
    """Candidates of signal and background near one mass [GeV]."""
    energy = float(search.beam().energy())
    if not 0 < mass < energy:
        msg = (
            f"the mass is {mass / GeV:g} GeV; expected one between 0 and "
            f"{energy / GeV:.4g} GeV, the energy of the collision"
        )
        raise ValueError(msg)
    one, two, three, four = jax.random.split(key, 4)
    exposure = float(search.experiment.luminosity) * HBAR_C**2
    clusters, weight = _signal(search, mass, one)
    signal = _sample(search, clusters, exposure * weight, mass, two)
    resolution = float(shares(np.abs(signal.offset), signal.weight, [PEAK])[0])
    near = (jnp.asarray(mass), jnp.asarray(NEAR * resolution))
    parts = []
    calls = math.ceil(float(search.statistics) * CALLS[fast])
    cuts = _cuts(search)
    importance: Any = jax.tree_util.Partial(_close, *near)  # type: ignore[no-untyped-call]
    process, beam = EeTo3gamma(), search.beam()
    grid = trained_grid(process, beam, three, cuts=cuts, importance=importance)
    for step in jax.random.split(four, calls):
        draw, smear = jax.random.split(step)
        photons, weight = sample(process, beam, SIZE, draw, cuts=cuts, grid=grid)
        first, second, third = (beam.to_laboratory(p) for p in photons)
        size = exposure / LIKE / calls
        parts.append(
            _sample(search, (first, second, third), size * weight, mass, smear)
        )
    whole: Sample = jax.tree.map(lambda *a: np.concatenate(a), *parts)
    half = float(search.window) * resolution
    return Samples(
        mass,
        resolution,
        signal.kept(np.abs(signal.offset) < half),
        whole.kept(np.abs(whole.offset) < half),
    )


def _cuts(search: Belle2ThreeGamma) -> tuple[Cut, ...]:
    """Wider than the selection by what the resolution moves."""
    wide = 1 * deg
    return (
        Cut(observable="E_gamma", minimum=SMALLEST),
        Cut(
            observable="theta_gamma",
            minimum=search.theta_min - wide,
            maximum=search.theta_max + wide,
        ),
    )


def _close(mass: Scalar, width: Scalar, v: View) -> Real:
    """Where some pair of photons has nearly the mass of the hypothesis."""
    total: Real = FLOOR
    for a, b in combinations(v.photons, 2):
        offset = (jnp.sqrt(jnp.maximum((a + b).mass_squared(), 0.0)) - mass) / width
        total = total + 1 / (1 + offset * offset) ** 2
    return total


def _signal(
    search: Belle2ThreeGamma, mass: float, key: Key[Array, ""]
) -> tuple[Clusters, Float[Array, " n"]]:
    """Photons in the laboratory; a decays isotropically, at once."""
    make, decay = jax.random.split(key)
    model = replace(search.model, mass=mass, g_agamma=1 / GeV)
    process, beam = EeToGammaAlp(model=model), search.beam()
    (recoil, alp), weight = sample(process, beam, SIZE, make)
    cos, phi = jax.random.uniform(decay, (2, SIZE))
    cos, phi = 2 * cos - 1, 2 * math.pi * phi
    sin = jnp.sqrt(1 - cos * cos)
    half = jnp.full_like(cos, mass / 2)
    back = [half * c for c in (sin * jnp.cos(phi), sin * jnp.sin(phi), cos)]
    pair = [
        boosted(FourVector(half, *(sign * c for c in back)), alp, mass)
        for sign in (1.0, -1.0)
    ]
    own = replace(search.model, mass=mass).branching_to_photons()
    first, second, third = (beam.to_laboratory(p) for p in (recoil, *pair))
    return (first, second, third), weight * own


def _sample(
    search: Belle2ThreeGamma,
    photons: Clusters,
    weight: Float[Array, " n"],
    mass: float,
    key: Key[Array, ""],
) -> Sample:
    """Behind the detector; of three pairs the one nearest to the hypothesis."""
    offset, seen = _observed(search, photons, weight, jnp.asarray(mass), key)
    kept = np.asarray(seen) > 0
    return Sample(None, np.asarray(offset)[kept], np.asarray(seen)[kept])


@jax.jit
def _observed(
    search: Belle2ThreeGamma,
    photons: Clusters,
    weight: Float[Array, " n"],
    mass: Float[Array, ""],
    key: Key[Array, ""],
) -> tuple[Float[Array, " n"], Float[Array, " n"]]:
    """Mass of the nearest pair minus the hypothesis, and weights with all losses."""
    of = search.experiment
    errors = jax.random.normal(key, (3, 3, *weight.shape))
    found = [of.ecl.measured(p, e) for p, e in zip(photons, errors, strict=True)]
    chance = search.efficiency * jnp.ones_like(weight)
    for true, p in zip(photons, found, strict=True):
        theta = polar_angle(p)
        inside = (theta > search.theta_min) & (theta < search.theta_max)
        hard = of.to_centre_of_mass(p).e > search.energy_min
        chance = chance * of.ecl.detects(true) * (inside & hard).astype(float)
    for a, b in combinations(photons, 2):
        chance = chance * of.ecl.resolved(a, b)
    if search.triggered:
        boost = of.to_centre_of_mass
        fired = [t.fires(found, boost) for t in (SinglePhoton(), ThreeClusters())]
        chance = chance * either(*fired)
    offsets = jnp.stack([(a + b).mass_squared() for a, b in combinations(found, 2)])
    offsets = jnp.sqrt(jnp.maximum(offsets, 0.0)) - mass
    nearest = jnp.argmin(jnp.abs(offsets), axis=0)
    offset = jnp.take_along_axis(offsets, nearest[None, :], axis=0)[0]
    return offset, weight * chance
