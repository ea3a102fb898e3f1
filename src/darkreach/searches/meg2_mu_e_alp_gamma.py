"""mu+ -> e+ a gamma at MEG II: a bump in the missing mass (arXiv:2203.11222).

Observables of an event: the missing mass squared, and the ratio of the exact squared
amplitudes of signal and radiative decay at the reconstructed kinematics, with the
muon's polarisation (matrix-element method), cut into bins of equal background.
"""

import math

from dataclasses import replace
from itertools import pairwise
from typing import Any, Final

import jax
import numpy as np

from jaxtyping import Array, Bool, Float, Key

from darkreach.constants import M_MU, WIDTH_MU
from darkreach.curves.exclusion import chirality_of
from darkreach.experiments.meg2 import Meg2, benchmark
from darkreach.inference.likelihood import Nuisance, normalisation
from darkreach.models.lfv_alp import LfvAlp
from darkreach.processes.mu_to_e_alp_gamma import MuToEAlpGamma
from darkreach.processes.mu_to_e_nu_nu_gamma import MuToENuNuGamma
from darkreach.pytree import pytree
from darkreach.searches.pairs import (
    Draw,
    accidental_pairs,
    kinematic_end,
    sampler,
    true_cuts,
)
from darkreach.searches.search import Counts
from darkreach.searches.templates import (
    SHIFTS,
    Binning,
    Tables,
    binning_of,
    checked,
    tables,
)
from darkreach.units import Hz, MeV, day

Scalar = float | Float[Array, ""]

BLOCK: Final = 2**18  # events a call: 20 MB of momenta
BLOCKS: Final = {True: (1, 1, 2, 2, 1), False: (8, 24, 88, 48, 6)}  # a stratum
STRATA: Final = (0.0, 0.11, 0.25, 0.57, 0.82, 1.0)  # of the largest true missing mass
ORDERS: Final = {True: (1, 2), False: (3, 6)}  # accidentals: samples, orders of each
MC_ERROR: Final = {True: 0.05, False: 0.02}  # bins known worse are left out


@pytree
class Meg2MuEAlpGamma:
    """Missing-mass bump hunt; limits are on BR(mu -> e a), for the signal's chirality.

    Attributes:
        signal: the process; only the ratio of its couplings matters.
        experiment: MEG II with its trigger; the default writes 10 Hz.
        exposure: live time [ns].
        positron_cut: smallest reconstructed positron energy [GeV].
        width: of the bins in missing mass squared [GeV^2].
        photon_scale: relative uncertainty of the photon energy scale.
        photon_smearing: relative uncertainty of the photon resolution.
        positron_scale: relative uncertainty of the positron momentum scale.
        positron_smearing: relative uncertainty of the positron momentum resolution.
        polarisation_error: absolute uncertainty of the polarisation.
        signal_norm: relative uncertainty of the signal (muons, efficiencies).
        radiative_norm, accidental_norm: relative uncertainties of the backgrounds.
        ratio_bins: bins in the ratio of amplitudes; 1 leaves the angles out.
        systematics: whether limits profile the uncertainties above.
        mc_statistics: whether they profile the MC statistics of the background; with
            few events (`fast`) never, since they would dominate.
        statistics: multiplies the number of simulated events.
    """

    signal: MuToEAlpGamma = MuToEAlpGamma(model=LfvAlp(c_v=1.0))
    experiment: Meg2 = benchmark()
    exposure: Scalar = 30 * day
    positron_cut: Scalar = 45 * MeV  # hardware turn-on of the timing counter
    width: Scalar = 15 * MeV**2  # half of the resolution at mass 0
    photon_scale: Scalar = 0.003  # 0.3-0.4 %, arXiv:1605.05081 [recalled]
    photon_smearing: Scalar = 0.05  # assumed
    positron_scale: Scalar = 1.5e-4  # about 8 keV, arXiv:1605.05081 [recalled]
    positron_smearing: Scalar = 0.05  # assumed
    polarisation_error: Scalar = 0.06  # arXiv:1510.04743: 0.03 (stat), 0.05 (syst)
    signal_norm: Scalar = 0.05  # assumed, like that of radiative decays
    radiative_norm: Scalar = 0.05  # "less than 5 %" with radiative decays (MEG)
    accidental_norm: Scalar = 0.02  # assumed; measured off time
    ratio_bins: int = 3
    systematics: bool = True
    mc_statistics: bool = True
    statistics: Scalar = 1.0

    def check(self) -> None:
        """Refuse values with which nothing can be computed (ValueError)."""
        checked(self)

    def masses(self) -> tuple[float, ...]:
        """From 0 to where the cuts leave no phase space [GeV]."""
        end = self.mass_end() / MeV
        grid = [0, 2, 4, 6, 8, 10, 12, 15, 18, 21, 24, 27, 30, 32, 34]
        return tuple(m * MeV for m in grid if m < end - 1)

    def mass_end(self) -> float:
        """Largest m_a that the energy cuts allow [GeV]."""
        return kinematic_end(
            float(self.positron_cut), float(self.experiment.trigger.photon_threshold)
        )

    def describe(self) -> dict[str, Any]:
        """What the curve is, in words."""
        days = float(self.exposure) / day
        rate = float(self.experiment.muon_rate)
        return {
            "label": "MEG II, mu -> e a gamma",
            "quantity": "BR",
            "convention": "mu -> e a",
            "chirality": chirality_of(self.signal.model),
            "exposure": f"{days:g} live days at {_short(rate / Hz)} mu+/s",
            "source": "darkreach, search of arXiv:2203.11222",
        }

    def background(self, key: Key[Array, ""], *, fast: bool = False) -> "Background":
        """Templates of both backgrounds for the exposure; shared by all masses."""
        return background(self, key, fast=fast)

    def counts(
        self,
        mass: float,
        background: "Background",
        key: Key[Array, ""],
        *,
        fast: bool = False,
    ) -> Counts:
        """Signal at BR(mu -> e a) = 1, and background, per bin, at one mass [GeV]."""
        process = replace(self.signal, model=replace(self.signal.model, mass=mass))
        train, draw = jax.random.split(key)
        blocks = math.ceil(float(self.statistics) * (1 if fast else 2))
        pairs = sampler(self.experiment, self.positron_cut, process, train)
        signal = filled(self, background.binning, pairs, draw, blocks)
        unit = muons(self) * self.experiment.in_time()
        unit = unit / process.model.width_from("mu", "e")
        profile_mc = self.mc_statistics and not fast
        return assemble(self, background, signal.scaled(unit), profile_mc=profile_mc)


@pytree
class Background:
    """Templates of the two backgrounds in events, and the bins that are used.

    Attributes:
        binning: of all templates.
        radiative: radiative muon decay.
        accidental: Michel positron and photon of different muons.
        used: bins known well enough.
    """

    binning: Binning
    radiative: Tables
    accidental: Tables
    used: Bool[Array, " bins"]


def _short(value: float) -> str:
    """Three digits, as 2.1e6."""
    return f"{value:.3g}".replace("e+0", "e").replace("e+", "e")


def muons(search: Meg2MuEAlpGamma) -> Scalar:
    """Muons stopped in live time."""
    experiment = search.experiment
    return experiment.muon_rate * search.exposure * experiment.live_fraction


def filled(
    search: Meg2MuEAlpGamma,
    binning: Binning,
    draw: Draw,
    key: Key[Array, ""],
    blocks: int,
) -> Tables:
    """Templates from `blocks` blocks of pairs, as a width."""
    parts = []
    for step in jax.random.split(key, blocks):
        momenta, smear = jax.random.split(step)
        parts.append(tables(search, binning, draw(momenta, BLOCK), smear))
    return sum(parts[1:], start=parts[0]).scaled(1 / blocks)


def background(
    search: Meg2MuEAlpGamma, key: Key[Array, ""], *, fast: bool
) -> Background:
    """Sample both backgrounds, radiative decay in strata of missing mass.

    The strata make the edge at missing mass 0 and the one at the kinematic end as well
    known as the bulk. A first block of each sets the bins of the ratio.
    """
    checked(search)
    end = kinematic_end(*true_cuts(search.experiment, search.positron_cut))
    pilot_key, accidental_key, *keys = jax.random.split(key, 2 + len(BLOCKS[fast]))
    draws, pilots = [], []
    for i, between in enumerate(pairwise(STRATA)):
        train, draw_key, smear = jax.random.split(jax.random.fold_in(pilot_key, i), 3)
        draw = sampler(
            search.experiment,
            search.positron_cut,
            MuToENuNuGamma(),
            train,
            between=(between[0] * end, between[1] * end),
        )
        draws.append(draw)
        pilots.append((draw(draw_key, BLOCK), smear))
    binning = binning_of(
        search, pilots, mass_squared=edges(search), ratio_bins=search.ratio_bins
    )
    parts = [
        filled(search, binning, draw, k, math.ceil(float(search.statistics) * blocks))
        for draw, k, blocks in zip(draws, keys, BLOCKS[fast], strict=True)
    ]
    prompt = muons(search) * search.experiment.in_time() / WIDTH_MU
    radiative = sum(parts[1:], start=parts[0]).scaled(prompt)
    accidental = accidentals(search, binning, accidental_key, fast=fast)
    both = radiative + accidental
    used = both.error() < MC_ERROR[fast] * both.values[0]
    return Background(
        binning=binning, radiative=radiative, accidental=accidental, used=used
    )


def edges(search: Meg2MuEAlpGamma) -> Float[np.ndarray, " edges"]:
    """Edges in missing mass squared [GeV^2]; 4 resolutions beyond the true limits.

    |dm^2/dE_e| < 2 m_mu and |dm^2/dE_gamma| < m_mu, for positrons above 45 MeV, bound
    the resolution.
    """
    experiment, width = search.experiment, float(search.width)
    photon = float(experiment.photon_energy(experiment.trigger.photon_threshold))
    positron = float(experiment.positron_momentum)
    beyond = 4 * M_MU * math.hypot(2 * positron, photon)
    end = kinematic_end(*true_cuts(experiment, search.positron_cut)) ** 2
    below, above = math.ceil(beyond / width), math.ceil((end + beyond) / width)
    return width * np.arange(-below, above + 1)


def accidentals(
    search: Meg2MuEAlpGamma, binning: Binning, key: Key[Array, ""], *, fast: bool
) -> Tables:
    """Positrons and photons of different muons within the offline window [events].

    The rate is R^2 times twice the half window.
    """
    experiment, (samples, orders) = search.experiment, ORDERS[fast]
    samples = math.ceil(float(search.statistics) * samples)
    draw, smear = jax.random.split(key)
    drawn = accidental_pairs(
        experiment, search.positron_cut, BLOCK, draw, samples=samples, orders=orders
    )
    parts = [
        tables(search, binning, pairs, jax.random.fold_in(smear, i))
        for i, pairs in enumerate(drawn)
    ]
    total = sum(parts[1:], start=parts[0])
    window = 2 * experiment.offline_window * experiment.muon_rate
    return total.scaled(muons(search) * window / len(parts))


def assemble(
    search: Meg2MuEAlpGamma,
    background: Background,
    signal: Tables,
    *,
    profile_mc: bool,
) -> Counts:
    """Counts and nuisances in the bins that are used."""
    radiative, accidental = background.radiative, background.accidental
    both = radiative + accidental
    known = background.used.astype(float)
    s, b = known[None, :] * signal.values, known[None, :] * both.values
    nuisances = [
        Nuisance(
            name=name,
            signal_up=s[1 + 2 * i],
            signal_down=s[2 + 2 * i],
            background_up=b[1 + 2 * i],
            background_down=b[2 + 2 * i],
        )
        for i, name in enumerate(SHIFTS)
    ]
    nuisances.append(
        Nuisance(
            name="signal_norm",
            signal_up=s[0] * (1 + search.signal_norm),
            signal_down=s[0] * (1 - search.signal_norm),
            background_up=b[0],
            background_down=b[0],
        )
    )
    norms = (
        ("radiative_norm", search.radiative_norm, radiative),
        ("accidental_norm", search.accidental_norm, accidental),
    )
    nuisances += [
        normalisation(
            name, error, signal=s[0], background=b[0], component=known * part.values[0]
        )
        for name, error, part in norms
    ]
    return Counts(
        signal=s[0],
        background=b[0],
        signal_error=known * signal.error(),
        background_error=known * both.error(),
        nuisances=tuple(nuisances) if search.systematics else (),
        profile_mc=profile_mc,
    )
