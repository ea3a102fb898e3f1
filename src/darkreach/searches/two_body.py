"""mu+ -> e+ a against the Michel spectrum: counts in energy and angle, nuisances."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final

import jax.numpy as jnp
import numpy as np

from jaxtyping import Array, Bool, Float

from darkreach.constants import M_E, M_MU
from darkreach.inference.likelihood import Nuisance
from darkreach.models.lfv_alp import LfvAlp
from darkreach.pytree import pytree
from darkreach.searches.search import Counts
from darkreach.searches.spectrum import (
    Setup,
    Spectrometer,
    Table,
    Template,
    Vector,
    directions,
    line,
    line_energy,
    michel,
)
from darkreach.units import MeV

Scalar = float | Float[Array, ""]

ROUNDING: Final = 1e-10  # of the fullest bin: emptier ones are left out
HIGHEST_DEGREE: Final = 20  # of the polynomials of the shape


@pytree
class Errors:
    """Uncertainties that a limit profiles, one standard deviation each.

    All act in proportion: the data know scale and resolution far better than a free
    calibration, so that only the neighbourhood of nominal matters.

    Attributes:
        scale: relative, of the energy scale, at the end point.
        tilt: relative, of the energy scale at half the end point against the end point.
        local: relative, of the energy scale upstream and downstream on their own: a
            part that is the same at all angles, and one that goes like 1 / |cos theta|,
            as energy loss in a plane does.
        smearing: relative, of the resolution.
        polarisation: absolute.
        signal: relative, of the number of signal events.
        shape: relative, of acceptance and efficiency: each Legendre polynomial in the
            energy, in each angular bin on its own.
        degree: highest of these polynomials; 0 is the normalisation.
        theory: of the Michel end point, over what exponentiation adds to order alpha.
    """

    scale: Scalar
    tilt: Scalar
    local: Scalar
    smearing: Scalar
    polarisation: Scalar
    signal: Scalar
    shape: Scalar
    degree: int
    theory: Scalar


def checked(experiment: Spectrometer, errors: Errors, *, width: float) -> None:
    """Refuse values with which nothing can be computed.

    Raises:
        ValueError: no bin, no muon, a polarisation beyond 1, an uncertainty below 0.
    """
    low, high = experiment.energy_range()
    if not (width > 0 and low > 0 and high - low > width):
        msg = (
            f"the bins are {width / MeV:g} MeV wide and the fit goes from "
            f"{low / MeV:g} to {high / MeV:g} MeV; expected several bins above zero"
        )
        raise ValueError(msg)
    polarisation, error = float(experiment.polarisation), float(errors.polarisation)
    if not float(experiment.muons) > 0:
        msg = f"got {float(experiment.muons):g} muons; expected a number above zero"
        raise ValueError(msg)
    if not abs(polarisation) + error <= 1 + 1e-9:
        msg = (
            f"the polarisation {polarisation:g} with its uncertainty {error:g} leaves "
            "-1 to 1; take a smaller one"
        )
        raise ValueError(msg)
    if not 0 <= errors.degree <= HIGHEST_DEGREE:
        msg = f"errors.degree is {errors.degree}; expected 0 to {HIGHEST_DEGREE}"
        raise ValueError(msg)
    for name, value in vars(errors).items():
        if name != "degree" and not 0 <= float(value) <= 1:
            msg = f"errors.{name} is {float(value):g}; expected 0 to 1"
            raise ValueError(msg)


def masses(experiment: Spectrometer) -> tuple[float, ...]:
    """Default masses: from 0 to where the line is 1 MeV inside the fit [GeV]."""
    lowest = experiment.energy_range()[0] + 1 * MeV
    grid = (*range(0, 20, 2), *range(20, 100, 5))
    return tuple(m * MeV for m in grid if line_energy(m * MeV) > lowest)


@dataclass(frozen=True, kw_only=True, eq=False)
class Background:
    """Michel templates of a setup.

    Attributes:
        setup: experiment and bins.
        total: expected events, with derivatives.
        slope: events per unit of polarisation.
        theory: what exponentiation adds to order alpha; 0 at tree level.
        used: bins that are more than rounding.
    """

    setup: Setup
    total: Template
    slope: Table
    theory: Table
    used: Bool[np.ndarray, "angles energies"]


def background(setup: Setup) -> Background:
    """All Michel templates that the masses of a scan share."""
    polarisation = float(setup.experiment.polarisation)

    def total(setup: Setup) -> tuple[Template, Table]:
        flat, slope = michel(setup)
        return flat.plus(slope.scaled(polarisation)), slope.value

    nominal, slope = total(setup)
    theory = np.zeros_like(slope)
    if setup.order != "tree":
        first, _ = total(replace(setup, order="alpha"))
        theory = total(replace(setup, order="exponentiated"))[0].value - first.value
    return Background(
        setup=setup,
        total=nominal,
        slope=slope,
        theory=theory,
        used=nominal.value > ROUNDING * nominal.value.max(),
    )


def _changes(
    found: Background, signal: Template, by_polarisation: Table, errors: Errors
) -> Iterator[tuple[str, Table, Table]]:
    """By nuisance: what one standard deviation adds to signal and background."""
    total, none = found.total, np.zeros_like(found.slope)
    for name in ("scale", "tilt", "smearing"):
        size = float(getattr(errors, name))
        yield name, size * getattr(signal, name), size * getattr(total, name)
    cos = np.array(directions(found.setup.experiment))[:, None]
    oblique = 1 / np.maximum(np.abs(cos), 0.05)  # no plane is seen edge-on
    for name, side in (("upstream", cos < 0), ("downstream", cos > 0)):
        for power in (0, 1):
            size = float(errors.local) * side * oblique**power
            yield f"scale_{name}_{power}", size * signal.scale, size * total.scale
    size = float(errors.polarisation)
    yield "polarisation", size * by_polarisation, size * found.slope
    yield "signal", float(errors.signal) * signal.value, none
    yield "theory", none, float(errors.theory) * found.theory
    edges = found.setup.edges
    place = np.interp((edges[1:] + edges[:-1]) / 2, edges[[0, -1]], [-1, 1])
    for degree in range(errors.degree + 1):
        wave = np.polynomial.Legendre.basis(degree)(place) * float(errors.shape)
        for i in range(len(cos)):
            here = wave * (np.arange(len(cos))[:, None] == i)
            yield f"shape_{degree}_{i}", none, here * total.value


def counts(
    found: Background, model: LfvAlp, errors: Errors, *, systematics: bool
) -> Counts:
    """Signal at a branching ratio of 1, background and what moves them.

    Raises:
        ValueError: the line is outside the fit.
    """
    _check_line(found.setup, float(model.mass))
    polarisation = float(found.setup.experiment.polarisation)
    flat, slope = line(found.setup, model)
    signal = flat.plus(slope.scaled(polarisation))

    def kept(values: Table) -> Vector:
        return np.where(found.used, values, 0.0).ravel()

    # differences of cumulative sums may leave -1e-16 of their size
    s = np.maximum(kept(signal.value), 0.0)
    b = kept(found.total.value)
    changes = _changes(found, signal, slope.value, errors) if systematics else ()
    zero = jnp.zeros(s.size)
    return Counts(
        signal=jnp.asarray(s),
        background=jnp.asarray(b),
        signal_error=zero,
        background_error=zero,
        nuisances=tuple(
            Nuisance(
                name=name,
                signal_up=s + kept(ds),
                signal_down=s - kept(ds),
                background_up=b + kept(db),
                background_down=b - kept(db),
            )
            for name, ds, db in changes
        ),
        profile_mc=False,
    )


def _check_line(setup: Setup, mass: float) -> None:
    low, high = setup.experiment.energy_range()
    energy = line_energy(mass)
    if mass < M_MU - M_E and low < energy < high:
        return
    largest = np.sqrt(max(M_MU**2 + M_E**2 - 2 * M_MU * low, 0.0))
    msg = (
        f"the mass {mass / MeV:g} MeV gives no positron between {low / MeV:.3g} and "
        f"{high / MeV:.3g} MeV, where the fit is; take a mass below "
        f"{largest / MeV:.3g} MeV"
    )
    raise ValueError(msg)
