"""e- e+ -> gamma a, a unseen, at Belle II: one photon and nothing else.

As proposed in arXiv:1709.00009. Backgrounds are two and three photons of which one is
seen, and radiative Bhabha scattering with both electrons in the holes.
"""

import math

from collections.abc import Iterable
from typing import Any, Final

import jax
import jax.numpy as jnp
import numpy as np

from jaxtyping import Array, Float, Key

from darkreach.curves import axes
from darkreach.experiments.belle2 import Belle2
from darkreach.inference.likelihood import Nuisance, normalisation
from darkreach.models.photon_alp import PhotonAlp
from darkreach.processes.ee_to_3gamma import EeTo3gamma
from darkreach.processes.ee_to_gamma_alp import EeToGammaAlp
from darkreach.processes.ee_to_gamma_gamma import EeToGammaGamma
from darkreach.pytree import pytree
from darkreach.sampling.generator import sample
from darkreach.searches.lone_photon_samples import electrons, photons
from darkreach.searches.lone_photons import (
    Lone,
    Selection,
    Trigger,
    central_cosine,
    joined,
    lone,
)
from darkreach.searches.search import Counts
from darkreach.units import GeV, deg, fb

Scalar = float | Float[Array, ""]
Row = Float[np.ndarray, " bins"]

SIZE: Final = 2**16  # events of the signal
CALLS: Final = {True: 1, False: 4}  # of each background
SPAN: Final = 4.5  # resolutions: half of the window in the photon's energy


@pytree
class Belle2GammaInvisible:
    """Bump hunt in the photon's energy and angle; the limit is on the coupling.

    The energy is the recoil mass, M^2 = s - 2 sqrt(s) E; at a given one, holes are at
    known angles.

    Attributes:
        experiment: Belle II with its luminosity; beams are taken head on.
        trigger: lml1 of 2 GeV, lml6 of 1 GeV, lml13 of 0.5 GeV in half of the barrel,
            or the "low" and "high" of arXiv:1709.00009, 1.2 and 1.8 GeV.
        theta_min, theta_max: of the photon in the laboratory [rad].
        bins: of the energy.
        angles: of the cosine of the polar angle in the centre of mass.
        known: largest relative MC error of the background in a bin that is used.
        efficiency: of what is not simulated.
        crystals_norm: relative uncertainty of photons lost inside crystals.
        holes_norm: relative uncertainty of photons lost in holes.
        electrons_norm: relative uncertainty of radiative Bhabha scattering.
        energy_scale: relative uncertainty of the photon's energy.
        signal_norm: relative uncertainty of the signal.
        statistics: multiplies the number of simulated events.
    """

    experiment: Belle2 = Belle2(crossing_angle=0.0)
    trigger: Trigger = "lml6"
    theta_min: Scalar = 33.2 * deg  # [assumed]: one degree inside the barrel
    theta_max: Scalar = 127.7 * deg  # same
    bins: int = 12
    angles: int = 20
    known: Scalar = 0.3  # a choice; 0.5 moves no limit by more than 2 %
    efficiency: Scalar = 1.0  # [assumed]
    crystals_norm: Scalar = 0.5  # [assumed]
    holes_norm: Scalar = 0.5  # [assumed]
    electrons_norm: Scalar = 0.2  # [assumed]
    energy_scale: Scalar = 2e-3  # [assumed]
    signal_norm: Scalar = 0.05  # [assumed]
    statistics: Scalar = 1.0

    def masses(self) -> tuple[float, ...]:
        """Up to where the photon is near the threshold of the trigger [GeV]."""
        grid = (0.01, 0.5, 1, 1.5, 2, 3, 4, 5, 6, 7, 7.5, 8, 8.5, 9)
        most = self.largest_mass()
        return tuple(m * GeV for m in grid if m * GeV < most)

    def largest_mass(self) -> float:
        """Mass at which the photon has the threshold of the trigger [GeV]."""
        selection = self.selection()
        return float(selection.photon().largest_mass(selection.beam().energy()))

    def describe(self) -> dict[str, Any]:
        """What the curve is, in words."""
        return {
            "label": "Belle II, one photon and nothing",
            "quantity": "g_agamma",
            "convention": axes.PHOTON_TO_DARK,
            "chirality": "any",
            "exposure": f"{float(self.experiment.luminosity) * 1e-3 * fb:.4g} /ab",
            "source": "darkreach, search of arXiv:1709.00009",
        }

    def selection(self) -> Selection:
        """Which photons are kept."""
        return Selection(
            experiment=self.experiment,
            trigger=self.trigger,
            theta_min=self.theta_min,
            theta_max=self.theta_max,
            efficiency=self.efficiency,
        )

    def background(self, key: Key[Array, ""], *, fast: bool = False) -> dict[str, Lone]:
        """Each background by name; the same for all masses."""
        calls = math.ceil(CALLS[fast] * float(self.statistics))
        keys = jax.random.split(key, 3)
        selection = self.selection()
        two = photons(selection, EeToGammaGamma(), keys[0], calls)
        three = photons(selection, EeTo3gamma(), keys[1], calls)
        return {
            "two photons, holes": two[0],
            "two photons, crystals": two[1],
            "three photons, holes": three[0],
            "three photons, crystals": three[1],
            "electrons": electrons(selection, keys[2], calls),
        }

    def signal(self, mass: float, key: Key[Array, ""]) -> Lone:
        """e- e+ -> gamma a at a coupling of 1/GeV."""
        draw, smear = jax.random.split(key)
        process = EeToGammaAlp(model=PhotonAlp(mass=mass, g_agamma=1 / GeV))
        selection, beam = self.selection(), self.selection().beam()
        (photon, _), weight = sample(process, beam, SIZE, draw)
        return joined([lone(selection, beam.to_laboratory(photon), weight, smear)])

    def counts(
        self,
        mass: float,
        background: dict[str, Lone],
        key: Key[Array, ""],
        *,
        fast: bool = False,
    ) -> Counts:
        """Signal at a coupling of 1/GeV, and background, per bin, at one mass [GeV]."""
        most = self.largest_mass()
        if not 0 < mass < most:
            msg = (
                f"the mass is {mass / GeV:g} GeV; expected one between 0 and "
                f"{most / GeV:.4g} GeV, where the photon is at the threshold of "
                f"{self.trigger}"
            )
            raise ValueError(msg)
        found = self.signal(mass, key)
        middle = np.average(found.energy, weights=found.weight)
        width = SPAN * np.sqrt(np.cov(found.energy, aweights=found.weight))
        low, high = (
            central_cosine(self.selection(), theta)
            for theta in (self.theta_max, self.theta_min)
        )
        edges = (
            np.linspace(middle - width, middle + width, self.bins + 1),
            np.linspace(low, high, self.angles + 1),
        )

        def table(one: Lone, power: int = 1, scale: float = 1.0) -> Row:
            ends = np.searchsorted(one.energy, edges[0][[0, -1]] / scale)
            near = slice(*(int(i) for i in ends))
            counted, *_ = np.histogram2d(
                scale * one.energy[near],
                one.cosine[near],
                edges,
                weights=one.weight[near] ** power,
            )
            return counted.ravel()

        total, squares = (
            _sum(table(one, power) for one in background.values()) for power in (1, 2)
        )
        known = np.sqrt(squares) < self.known * total

        def filled(one: Lone, power: int = 1, scale: float = 1.0) -> Row:
            return np.where(known, table(one, power, scale), 0.0)

        def whole(power: int = 1, scale: float = 1.0) -> Row:
            return _sum(filled(one, power, scale) for one in background.values())

        s, b, scale = filled(found), whole(), float(self.energy_scale)
        first, second = (
            Nuisance(
                name="signal_norm",
                signal_up=(1 + self.signal_norm) * s,
                signal_down=(1 - self.signal_norm) * s,
                background_up=b,
                background_down=b,
            ),
            Nuisance(
                name="energy_scale",
                signal_up=filled(found, scale=1 + scale),
                signal_down=filled(found, scale=1 - scale),
                background_up=whole(scale=1 + scale),
                background_down=whole(scale=1 - scale),
            ),
        )
        norms = (
            normalisation(
                kind,
                getattr(self, f"{kind}_norm"),
                signal=s,
                background=b,
                component=_sum(
                    filled(one)
                    for name, one in background.items()
                    if name.endswith(kind)
                ),
            )
            for kind in ("crystals", "holes", "electrons")
        )
        return Counts(
            signal=jnp.asarray(s),
            background=jnp.asarray(b),
            signal_error=jnp.sqrt(filled(found, 2)),
            background_error=jnp.sqrt(whole(2)),
            nuisances=(first, second, *norms),
            profile_mc=False,
        )


def _sum(rows: Iterable[Row]) -> Row:
    total: Row = np.stack(list(rows)).sum(axis=0)
    return total
