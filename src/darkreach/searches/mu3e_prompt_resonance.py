"""mu+ -> e+ nu nu X, X -> e+ e- at once, at Mu3e: a bump in m_ee (arXiv:2311.17913).

For a hypothesis the pair whose mass is nearest to it is the candidate. Its distance to
the hypothesis is binned, in categories of a discriminant of the three tracks; in each
of them the sidebands fix the background.
"""

from typing import Any, Final

from jaxtyping import Array, Float, Key

from darkreach.curves import axes
from darkreach.experiments.mu3e import Mu3e
from darkreach.experiments.mu3e_accidentals import Target
from darkreach.models.dark_photon import DarkPhoton
from darkreach.models.lepton_scalar import LeptonScalar
from darkreach.models.lepton_vector import LeptonVector
from darkreach.processes.emission import Resonance
from darkreach.pytree import pytree
from darkreach.sampling.events import Events
from darkreach.searches.resonance_samples import (
    CORE,
    Samples,
    accidental_events,
    couplings,
    samples,
)
from darkreach.searches.resonance_templates import (
    Discriminant,
    axes_of,
    binned,
    discriminants,
)
from darkreach.searches.search import Counts
from darkreach.units import MeV

Scalar = float | Float[Array, ""]

ALONE: Final = 0.01  # another coupling beyond this fraction counts too


@pytree
class Mu3ePromptResonance:
    """Bump hunt in the mass of e+ e-; limits are on the coupling of X.

    X decays promptly, and to e+ e- only. A model counts with the ratios of its
    couplings: limits are on eps, for other vectors on the largest coupling over e, and
    for scalars on the largest coupling, next to which the others must not matter.

    Attributes:
        experiment: Mu3e in phase I.
        model: X; its mass is not used.
        angles: what tells signal from background at the same mass: nothing, three
            angles, or the ratio of exact squared amplitudes.
        accidentals: whether tracks of different decays and conversions in the target
            are added to the background; in phase I they move no limit by 1 %.
        target: where they come from.
        window: half width of the window in the mass, in resolutions.
        bins: of the window.
        categories: bins of the discriminant.
        sideband_order: degree of the polynomial that each category's sidebands fix; 0
            is a normalisation, 1 adds a slope.
        signal_norm: relative uncertainty of the signal (muons, efficiencies).
        mass_scale: relative uncertainty of the mass of a pair.
        mass_resolution: relative uncertainty of its resolution.
        systematics: whether limits profile the uncertainties of the signal.
        statistics: multiplies the number of simulated events.
    """

    experiment: Mu3e = Mu3e()
    model: DarkPhoton | LeptonVector | LeptonScalar = DarkPhoton()
    angles: Discriminant = "matrix_element"
    accidentals: bool = False
    target: Target = Target()
    window: Scalar = 8.0
    bins: int = 32
    categories: int = 8
    sideband_order: int = 1
    signal_norm: Scalar = 0.05  # [assumed]
    mass_scale: Scalar = 1e-3  # [assumed]
    mass_resolution: Scalar = 0.05  # [assumed]
    systematics: bool = True
    statistics: Scalar = 1.0

    def check(self) -> None:
        """Refuse values with which nothing can be computed (ValueError)."""
        _convention(self.model)
        if not float(self.model.width_to_ee()) > 0:
            msg = f"{self.model} does not decay to e+ e-; give it such a coupling"
            raise ValueError(msg)
        if min(self.bins, self.categories) < 1 or not float(self.window) > 2 * CORE:
            msg = (
                f"got {self.bins} bins, {self.categories} categories and a window of "
                f"{float(self.window):g} resolutions; expected at least 1, 1 and "
                f"{2 * CORE:g}, to leave sidebands"
            )
            raise ValueError(msg)

    def masses(self) -> tuple[float, ...]:
        """Twelve, where the window stays above threshold [GeV]."""
        return tuple(m * MeV for m in (10, 15, 17, 20, 25, 30, 40, 50, 60, 70, 75, 80))

    def describe(self) -> dict[str, Any]:
        """What the curve is, in words."""
        quantity, convention = _convention(self.model)
        muons = f"{float(self.experiment.muons):.3g}".replace("e+", "e")
        return {
            "label": "Mu3e, mu -> e nu nu X(e e)",
            "quantity": quantity,
            "convention": convention,
            "chirality": "any",
            "exposure": f"{muons} stopped mu+",
            "source": "darkreach, search of arXiv:2311.17913",
        }

    def background(
        self, key: Key[Array, ""], *, fast: bool = False
    ) -> tuple[Events, ...]:
        """What all masses share: accidental events; weights a stopped muon."""
        if not self.accidentals:
            return ()
        return accidental_events(self.experiment, self.target, key, fast=fast)

    def counts(
        self,
        mass: float,
        background: tuple[Events, ...],
        key: Key[Array, ""],
        *,
        fast: bool = False,
    ) -> Counts:
        """Signal at a coupling of 1, and background, per bin, at one mass [GeV]."""
        return counted(self, sampled(self, mass, background, key, fast=fast))


def sampled(
    search: Mu3ePromptResonance,
    mass: float,
    background: tuple[Events, ...],
    key: Key[Array, ""],
    *,
    fast: bool = False,
) -> Samples:
    """Candidates of signal and background at one mass; arguments as for `counts`."""
    return samples(
        search.experiment,
        search.model,
        background,
        key,
        mass=mass,
        window=search.window,
        statistics=search.statistics,
        fast=fast,
    )


def counted(search: Mu3ePromptResonance, found: Samples) -> Counts:
    """Counts of candidates in the bins of the search."""
    ratios = discriminants(
        found, search.angles, model=search.model, experiment=search.experiment
    )
    half = float(search.window) * found.resolution
    shape = axes_of(
        found, ratios, half=half, bins=search.bins, categories=search.categories
    )
    names = "signal_norm", "mass_scale", "mass_resolution"
    errors = {n: getattr(search, n) for n in names if search.systematics}
    return binned(
        found, ratios, shape, sideband_order=search.sideband_order, errors=errors
    )


def _convention(model: Resonance) -> tuple[axes.Quantity, str]:
    """The quantity and the convention of a limit on the coupling of a model."""
    if isinstance(model, DarkPhoton):
        return "eps", axes.KINETIC_MIXING
    sizes = couplings(model)
    on = [n for n, size in sizes.items() if size > ALONE * max(sizes.values())]
    if isinstance(model, LeptonVector):
        if on == ["g_v_e", "g_v_mu"] and sizes["g_v_e"] == sizes["g_v_mu"]:
            return "eps", axes.KINETIC_MIXING
        return "eps", f"eps = g / e, L = X_a lbar gamma^a l, {', '.join(on)}"
    known: dict[str, tuple[axes.Quantity, str]] = {
        "g_p_e": ("g_ae", axes.ELECTRON_PAIRS),
        "g_s_e": ("g_se", axes.SCALAR_PAIRS),
        "g_p_mu": ("g_amu", axes.MUON_COUPLING),
        "g_s_mu": ("g_smu", axes.SCALAR_MUON),
    }
    if len(on) != 1:
        msg = (
            f"couplings {sizes} are of one size; limits are on one of them, so make "
            f"the others smaller than {ALONE:g} of it"
        )
        raise ValueError(msg)
    return known[on[0]]
