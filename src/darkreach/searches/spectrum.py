"""The Michel spectrum and the line of mu+ -> e+ a as a spectrometer sees them.

No events are drawn: the reconstructed spectrum is the exact cumulative one, averaged
over the Gaussian resolution, so the templates have no statistical error.
"""

import math

from dataclasses import dataclass
from itertools import pairwise
from typing import Final, NamedTuple, Protocol, runtime_checkable

import numpy as np

from jaxtyping import Array, Float
from scipy.special import ndtr

from darkreach.constants import M_E, M_MU
from darkreach.models.lfv_alp import LfvAlp, asymmetry
from darkreach.processes.michel import ENERGY_MAX, X_MIN, Order, spectrum

Scalar = float | Float[Array, ""]
Vector = Float[np.ndarray, " n"]
Plane = Float[np.ndarray, "n m"]
Table = Float[np.ndarray, "angles energies"]

CELLS: Final = 20000  # of the true spectrum; 40000 change no limit by 1e-3
ANGLES: Final = 6  # Gauss-Legendre nodes a bin
SIGMAS: Final = np.linspace(-6, 6, 241)  # over which the resolution is averaged


@runtime_checkable
class Spectrometer(Protocol):
    """What a search in single positrons asks of an experiment."""

    @property
    def muons(self) -> Scalar:
        """Decays in the run."""

    @property
    def polarisation(self) -> Scalar:
        """Along the beam."""

    def exposure(self) -> str:
        """The run, in words."""

    def cos_edges(self) -> tuple[float, ...]:
        """Edges of the angular bins."""

    def energy_range(self) -> tuple[float, float]:
        """Of the fit [GeV]."""

    def accepted(
        self, energy: Float[np.ndarray, "n 1"], cos: Float[np.ndarray, " m"]
    ) -> Plane:
        """Probability to be seen."""

    def resolution(self, energy: Vector, cos: float) -> Vector:
        """Standard deviation of the energy [GeV]."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Setup:
    """An experiment with its bins, and the order of the Michel spectrum."""

    experiment: Spectrometer
    edges: Vector
    order: Order


def setup(experiment: Spectrometer, *, width: float, order: Order) -> Setup:
    """Bins of about this width [GeV] over the range of the fit."""
    low, high = experiment.energy_range()
    count = math.ceil((high - low) / width)
    return Setup(
        experiment=experiment, edges=np.linspace(low, high, count + 1), order=order
    )


def line_energy(mass: float) -> float:
    """Positron energy of mu -> e a [GeV]."""
    return (M_MU**2 + M_E**2 - mass**2) / (2 * M_MU)


def angular_bins(experiment: Spectrometer) -> list[tuple[Vector, Vector]]:
    """Nodes and weights of the integral over cos(theta) in each bin.

    A gap between -c and c, as in two cones, is no bin: nothing is accepted there.
    """
    x, w = np.polynomial.legendre.leggauss(ANGLES)
    edges = experiment.cos_edges()
    bins = []
    for low, high in pairwise(edges):
        half = (high - low) / 2
        bins.append((low + half * (1 + x), half * w))
    return bins


class Shift(NamedTuple):
    """A miscalibration; the fields of `Errors` of the same names."""

    scale: float = 0.0
    tilt: float = 0.0
    smearing: float = 0.0

    def true(self, edges: Vector) -> Vector:
        """Energies that are measured at these edges, to first order."""
        return edges * (1 - self.scale - 2 * self.tilt * (1 - edges / ENERGY_MAX))

    def opposite(self) -> "Shift":
        """All signs turned."""
        return Shift(*(-value for value in self))


NOMINAL: Final = Shift()


def _reconstructed(
    density: Float[np.ndarray, " cells"],
    energy: Float[np.ndarray, " points"],
    at: Float[np.ndarray, "edges sigmas"],
) -> Float[np.ndarray, " bins"]:
    """Bin contents from a true density, by its cumulative at the smeared edges."""
    step = (energy[-1] - energy[0]) / len(density)
    below = np.concatenate([[0.0], np.cumsum(density) * step])
    weight = np.exp(-(SIGMAS**2) / 2)
    total = np.interp(at, energy, below) @ (weight / weight.sum())
    return np.asarray(np.diff(total))


def michel(setup: Setup, shift: Shift = NOMINAL) -> tuple[Table, Table]:
    """Events of the Michel decay a bin: without and per unit of polarisation."""
    experiment = setup.experiment
    x = np.linspace(X_MIN, 1.0, CELLS + 1)
    middle = (x[1:] + x[:-1]) / 2
    h, k = spectrum(middle, order=setup.order)
    edges = shift.true(setup.edges)
    flat, slope = [], []
    for cos, measure in angular_bins(experiment):
        seen = experiment.accepted(middle[:, None] * ENERGY_MAX, cos)
        sigma = experiment.resolution(edges, float(cos.mean())) * (1 + shift.smearing)
        at = (edges[:, None] - sigma[:, None] * SIGMAS) / ENERGY_MAX
        flat.append(_reconstructed(h * (seen @ measure), x, at))
        slope.append(_reconstructed(k * (seen @ (measure * cos)), x, at))
    unit = float(experiment.muons)
    return unit * np.array(flat), unit * np.array(slope)


def line(
    setup: Setup, model: LfvAlp, shift: Shift = NOMINAL, *, polarisation: float
) -> Table:
    """Events of mu -> e a a bin at a branching ratio of 1."""
    experiment = setup.experiment
    slope = float(asymmetry(model)) * polarisation
    energy = np.array([line_energy(float(model.mass))])
    rows = []
    for cos, measure in angular_bins(experiment):
        edges = shift.true(setup.edges)
        sigma = experiment.resolution(energy, float(cos.mean())) * (1 + shift.smearing)
        seen = experiment.accepted(energy[:, None], cos)[0]
        rate = float(np.sum(seen * measure * (1 + slope * cos))) / 2
        rows.append(rate * np.diff(ndtr((edges - energy) / sigma)))
    return float(experiment.muons) * np.array(rows)
