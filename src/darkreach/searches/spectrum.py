"""The Michel spectrum and the line of mu+ -> e+ a as a spectrometer sees them.

No events are drawn: the true spectrum is cut into cells of exact content, and each cell
is smeared by the error function. What a shift of the energy scale or another resolution
does to a bin is the exact derivative of the same sum, so that no numerical noise can
be taken for information. The limits on a light a hang on this: a shifted end point
looks like a V-A line.
"""

import math

from dataclasses import dataclass
from itertools import pairwise
from typing import Final, NamedTuple, Protocol, runtime_checkable

import numpy as np

from jaxtyping import Array, Float
from scipy.special import ndtr

from darkreach.constants import ALPHA, M_E, M_MU
from darkreach.models.lfv_alp import LfvAlp, asymmetry
from darkreach.processes.michel import ENERGY_MAX, X_MIN, Order, spectrum

Scalar = float | Float[Array, ""]
Vector = Float[np.ndarray, " n"]
Plane = Float[np.ndarray, "n m"]
Table = Float[np.ndarray, "angles energies"]

# Cells of the true spectrum in x: uniform ones of 53 keV, below the best resolution,
# then finer ones towards the end point. Twice as many change no limit by 0.5 %.
UNIFORM: Final = 1000
GRADED: Final = 80
CLOSEST: Final = 1e-8  # of the last cell to x = 1
FINE: Final = 48  # angles in a bin, over which acceptance is averaged
COARSE: Final = 3  # angles in a bin, over which the resolution is averaged


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
    """Positron energy of mu -> e a without photons [GeV]."""
    return (M_MU**2 + M_E**2 - mass**2) / (2 * M_MU)


class Template(NamedTuple):
    """Events a bin, and their derivatives.

    Attributes:
        value: events.
        scale: by the energy scale: the change for a relative shift, over that shift.
        tilt: by a shift that grows to its size at half the end point and is 0 there.
        smearing: by the logarithm of the resolution.
    """

    value: Table
    scale: Table
    tilt: Table
    smearing: Table

    def scaled(self, factor: float) -> "Template":
        """All bins multiplied."""
        return Template(*(factor * part for part in self))

    def plus(self, other: "Template") -> "Template":
        """Bin by bin."""
        return Template(*(a + b for a, b in zip(self, other, strict=True)))


def directions(experiment: Spectrometer) -> list[float]:
    """The middle of each angular bin, as cos(theta)."""
    return [(low + high) / 2 for low, high in pairwise(experiment.cos_edges())]


def _nodes(count: int, low: float, high: float) -> tuple[Vector, Vector]:
    x, w = np.polynomial.legendre.leggauss(count)
    half = (high - low) / 2
    return low + half * (1 + x), half * w


def smeared(
    setup: Setup, energies: Vector, contents: Float[np.ndarray, "2 n"]
) -> tuple[Template, Template]:
    """Cells of true energy as they are reconstructed, inside the acceptance.

    The first one is isotropic, the second one proportional to cos(theta). Cuts act on
    what is reconstructed: they do not move with the energy scale.

    Args:
        setup: experiment and bins.
        energies: of the cells [GeV].
        contents: of the cells, for the two.
    """
    experiment, edges = setup.experiment, setup.edges
    middle = (edges[1:] + edges[:-1]) / 2
    # A shift moves the true energy at an edge e by -e, or by -2 e (1 - e / E_max).
    shifts = (-edges, -2 * edges * (1 - edges / ENERGY_MAX))
    widest = max(experiment.resolution(edges[:1], c)[0] for c in directions(experiment))
    near = energies > edges[0] - 8 * widest
    low_part = contents[:, ~near].sum(axis=1)  # below every edge, by far
    energies, contents = energies[near], contents[:, near]
    rows: list[list[list[Vector]]] = [[], []]
    for low, high in pairwise(experiment.cos_edges()):
        cos, weight = _nodes(FINE, low, high)
        seen = experiment.accepted(middle[:, None], cos)
        accepted = seen @ weight, seen @ (weight * cos)
        parts = [[np.zeros(middle.size) for _ in range(4)] for _ in range(2)]
        angles, shares = _nodes(COARSE, low, high)
        for angle, share in zip(angles, shares / (high - low), strict=True):
            sigma = experiment.resolution(edges, float(angle))[:, None]
            u = (edges[:, None] - energies) / sigma
            gauss = np.exp(-u * u / 2) / math.sqrt(2 * math.pi)
            kernels = ndtr(u), gauss / sigma, -u * gauss
            sums = [kernel @ contents.T for kernel in kernels]
            for i in range(2):
                below, density, spread = (each[:, i] for each in sums)
                found = (below + low_part[i], *(density * x for x in shifts), spread)
                for j, edge in enumerate(found):
                    parts[i][j] += share * accepted[i] * np.diff(edge)
        for row, part in zip(rows, parts, strict=True):
            row.append(part)
    flat, slope = (
        Template(*(np.array(x) for x in zip(*row, strict=True))) for row in rows
    )
    return flat, slope


def _cells(order: Order) -> tuple[Vector, Float[np.ndarray, "2 n"]]:
    """Centres in x of the cells, and h and k integrated over each, normalised.

    The number of decays is that of the run: the total rate of the order is divided out.
    """
    start = 1 - 2 / UNIFORM
    ends = 1 - np.geomspace(1 - start, CLOSEST, GRADED + 1)
    edges = np.concatenate([np.linspace(X_MIN, start, UNIFORM - 1)[:-1], ends, [1.0]])
    x, w = np.polynomial.legendre.leggauss(3)
    half = np.diff(edges)[:, None] / 2
    at = edges[:-1, None] + half * (1 + x)
    h, k = spectrum(at.ravel(), order=order)
    parts = np.stack([h.reshape(at.shape), k.reshape(at.shape)])
    masses = (parts * half * w).sum(axis=2)
    weights = parts[0] * half * w
    sums = weights.sum(axis=1)
    centre = (weights * at).sum(axis=1) / np.where(sums > 0, sums, 1.0)
    middle = at.mean(axis=1)
    return np.where(sums > 0, centre, middle), masses / (2 * masses[0].sum())


def michel(setup: Setup) -> tuple[Template, Template]:
    """The Michel decay: without, and per unit of, polarisation along the beam."""
    x, masses = _cells(setup.order)
    return smeared(setup, x * ENERGY_MAX, float(setup.experiment.muons) * masses)


def radiated(energy: float, order: Order) -> tuple[Vector, Vector]:
    """Energies of the positron of a line [GeV] with soft photons, and probabilities.

    Below E the probability is 1 - (1 - E / E_0)^b, b = (2 alpha / pi) (L - 1) with
    L = ln(2 E_0 / m_e): what exponentiation does to the Michel end point too
    (hep-ph/0206036, sec. 3). At `tree` level there is no tail. Hard photons, without
    the logarithm, are left out.
    """
    if order == "tree":
        return np.array([energy]), np.array([1.0])
    power = 2 * ALPHA / math.pi * (math.log(2 * energy / M_E) - 1)
    lost = np.concatenate([[1.0], np.geomspace(0.5, CLOSEST, 2 * GRADED), [0.0]])
    below = 1 - lost**power
    return energy * (1 - (lost[1:] + lost[:-1]) / 2), np.diff(below)


def line(setup: Setup, model: LfvAlp) -> tuple[Template, Template]:
    """mu -> e a at a branching ratio of 1: without, and per unit of, polarisation."""
    energies, shares = radiated(line_energy(float(model.mass)), setup.order)
    shares = float(setup.experiment.muons) / 2 * shares
    return smeared(
        setup, energies, np.stack([shares, float(asymmetry(model)) * shares])
    )
