"""mu+ -> e+ a against the Michel spectrum: counts in energy and angle, nuisances."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import jax.numpy as jnp
import numpy as np

from jaxtyping import Array, Bool, Float

from darkreach.inference.likelihood import Nuisance
from darkreach.models.lfv_alp import LfvAlp
from darkreach.pytree import pytree
from darkreach.searches.search import Counts
from darkreach.searches.spectrum import (
    NOMINAL,
    Setup,
    Shift,
    Spectrometer,
    Table,
    Vector,
    line,
    line_energy,
    michel,
)
from darkreach.units import MeV

Scalar = float | Float[Array, ""]

ROUNDING: Final = 1e-10  # of the fullest bin: emptier ones are left out
LOCAL: Final = "local"  # the shift that acts on one angular bin at a time
# Templates move in proportion to a small shift: the data know scale and resolution far
# better than a free calibration, so that only the neighbourhood of nominal matters.
STEP: Final = {"scale": 1e-5, "tilt": 1e-5, LOCAL: 1e-5, "smearing": 1e-3}


@pytree
class Errors:
    """Uncertainties that a limit profiles, one standard deviation each.

    Attributes:
        scale: relative, of the energy scale, at the end point.
        tilt: relative, of the energy scale at half the end point against the end point.
        local: relative, of the energy scale of each angular bin on its own, as if the
            end point calibrated each.
        smearing: relative, of the resolution.
        polarisation: absolute.
        signal: relative, of the number of signal events.
        shape: relative, of each Legendre polynomial that multiplies the background.
        degree: highest of these polynomials; 0 is the normalisation.
    """

    scale: Scalar
    tilt: Scalar
    local: Scalar
    smearing: Scalar
    polarisation: Scalar
    signal: Scalar
    shape: Scalar
    degree: int


def checked(experiment: Spectrometer, errors: Errors, *, width: float) -> None:
    """Refuse values with which nothing can be computed.

    Raises:
        ValueError: no bin, no muon, a polarisation above 1 or an uncertainty below 0.
    """
    low, high = experiment.energy_range()
    if not (width > 0 and low > 0 and high - low > width):
        msg = (
            f"the bins are {width / MeV:g} MeV wide and the fit goes from "
            f"{low / MeV:g} to {high / MeV:g} MeV; expected several bins above zero"
        )
        raise ValueError(msg)
    if not float(experiment.muons) > 0 or abs(float(experiment.polarisation)) > 1:
        msg = (
            f"got {float(experiment.muons):g} muons of polarisation "
            f"{float(experiment.polarisation):g}; expected some, and -1 to 1"
        )
        raise ValueError(msg)
    for name, value in vars(errors).items():
        if not 0 <= float(value) < (100 if name == "degree" else 1):
            msg = f"errors.{name} is {float(value):g}; expected 0 to 1"
            raise ValueError(msg)


def masses(experiment: Spectrometer) -> tuple[float, ...]:
    """Default masses: from 0 to where the line is 1 MeV inside the fit [GeV]."""
    lowest = experiment.energy_range()[0] + 1 * MeV
    grid = (*range(0, 20, 2), *range(20, 100, 5))
    return tuple(m * MeV for m in grid if line_energy(m * MeV) > lowest)


@dataclass(frozen=True, kw_only=True, eq=False)
class Background:
    """Michel templates of a setup, and what miscalibrations make of them.

    Attributes:
        setup: experiment and bins.
        total: expected events.
        slope: per unit of polarisation.
        moved: nuisance, small shift, its uncertainty over it, templates after the
            uncertainty up and down, in proportion.
        used: bins that are more than rounding.
    """

    setup: Setup
    total: Table
    slope: Table
    moved: tuple[tuple[str, Shift, float, Table, Table], ...]
    used: Bool[np.ndarray, "angles energies"]


def background(setup: Setup, errors: Errors) -> Background:
    """All Michel templates that the masses of a scan share."""
    polarisation = float(setup.experiment.polarisation)

    def total(shift: Shift) -> Table:
        flat, slope = michel(setup, shift)
        return np.asarray(flat + polarisation * slope)

    flat, slope = michel(setup)
    nominal = flat + polarisation * slope
    moved = []
    for name, step in STEP.items():
        field = "scale" if name == LOCAL else name
        one, factor = Shift(**{field: step}), float(getattr(errors, name)) / step
        up, down = (
            nominal + factor * (total(shift) - nominal)
            for shift in (one, one.opposite())
        )
        moved.append((name, one, factor, up, down))
    return Background(
        setup=setup,
        total=nominal,
        slope=slope,
        moved=tuple(moved),
        used=nominal > ROUNDING * nominal.max(),
    )


def _variations(
    found: Background, model: LfvAlp, errors: Errors, signal: Table
) -> dict[str, tuple[Sequence[Table], Sequence[Table]]]:
    """By nuisance: signal up and down, background up and down."""
    experiment = found.setup.experiment
    polarisation, nominal = float(experiment.polarisation), found.total

    def lines(shift: Shift, spin: float = polarisation) -> Table:
        return line(found.setup, model, shift, polarisation=spin)

    pairs: dict[str, tuple[Sequence[Table], Sequence[Table]]] = {}
    for name, shift, factor, up, down in found.moved:
        both = [
            signal + factor * (lines(one) - signal) for one in (shift, shift.opposite())
        ]
        if name != LOCAL:
            pairs[name] = both, (up, down)
            continue
        for i in range(len(nominal)):
            here = np.arange(len(nominal))[:, None] == i
            pairs[f"{LOCAL}_{i}"] = (
                [np.where(here, one, signal) for one in both],
                [np.where(here, one, nominal) for one in (up, down)],
            )
    change, norm = float(errors.polarisation), float(errors.signal)
    pairs["polarisation"] = (
        [lines(NOMINAL, polarisation + s * change) for s in (1, -1)],
        [nominal + s * change * found.slope for s in (1, -1)],
    )
    pairs["signal"] = [signal * (1 + norm), signal * (1 - norm)], [nominal] * 2
    edges = found.setup.edges
    place = np.interp((edges[1:] + edges[:-1]) / 2, edges[[0, -1]], [-1, 1])
    for degree in range(errors.degree + 1):
        wave = np.polynomial.Legendre.basis(degree)(place) * float(errors.shape)
        waves = [nominal * (1 + wave), nominal * (1 - wave)]
        pairs[f"shape_{degree}"] = [signal] * 2, waves
    return pairs


def counts(
    found: Background, model: LfvAlp, errors: Errors, *, systematics: bool
) -> Counts:
    """Signal at a branching ratio of 1, background and what moves them.

    Raises:
        ValueError: the line is outside the fit.
    """
    polarisation = float(found.setup.experiment.polarisation)
    signal = line(found.setup, model, polarisation=polarisation)
    if not np.any(signal[found.used] > 0):
        low, high = found.setup.edges[[0, -1]] / MeV
        msg = (
            f"the mass {float(model.mass) / MeV:g} MeV gives positrons of "
            f"{line_energy(float(model.mass)) / MeV:.3g} MeV, which the fit from "
            f"{low:.3g} to {high:.3g} MeV does not see; take a smaller mass"
        )
        raise ValueError(msg)

    def kept(values: Table) -> Vector:
        return np.where(found.used, values, 0.0).ravel()

    pairs = _variations(found, model, errors, signal) if systematics else {}
    zero = jnp.zeros(signal.size)
    return Counts(
        signal=jnp.asarray(kept(signal)),
        background=jnp.asarray(kept(found.total)),
        signal_error=zero,
        background_error=zero,
        nuisances=tuple(
            Nuisance(
                name=name,
                signal_up=kept(s[0]),
                signal_down=kept(s[1]),
                background_up=kept(b[0]),
                background_down=kept(b[1]),
            )
            for name, (s, b) in pairs.items()
        ),
        profile_mc=False,
    )
