"""Crystal Box: the published limit on mu+ -> e+ a gamma as a limit on mu+ -> e+ a.

R. D. Bolton et al., Phys. Rev. D 38, 2077 (1988), give BR(mu -> e a gamma) < 1.1e-9 at
90 % CL for a light boson, corrected for acceptance within their window. With r the
ratio of the exact tree-level widths, mu -> e a gamma inside the window over mu -> e a,
the limit on BR(mu -> e a) is 1.1e-9 / r.

The window, E_e > 43 MeV and E_gamma > 38 MeV, is recalled, not read. It reproduces the
conversion of arXiv:2006.04795, F > 5.1e8 GeV at 95 % CL: a massless a with a vector
coupling has r = 4.81e-6, so F > 5.85e8 GeV at 90 % and 5.16e8 GeV at 95 % CL. The other
window that one may think of, both energies above 38 MeV and an angle above 140 degrees,
does not: r = 1.26e-5, F > 9.46e8 and 8.35e8 GeV. The choice is an argument.

Approximations:
    The chirality does not matter: r is 0.5 % larger for A than for V (electron mass;
    1.7 % at 23 MeV); V-A and V+A lie halfway, because without polarisation V and A do
    not interfere.
    The muon's polarisation is neglected. The rate is linear in it and odd under
    exchange of upstream and downstream, so it cancels in a detector that is symmetric
    under this exchange, as the Crystal Box nearly is [recalled]. With which matrix
    element the paper corrected its acceptance is not known to us.
    At all masses, the efficiency in the window is that of the paper, and the energy
    resolution of 6 % (FWHM, LA-UR-84-2130) is part of it. Near the kinematic end of the
    window, 24.2 MeV, the limit is therefore only indicative.
    Tree level: more photons change r by a few per cent.
"""

import math

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import jax.numpy as jnp
import numpy as np

from jaxtyping import Float

from darkreach.constants import M_E, M_MU
from darkreach.curves.curve import TWO_BODY, Curve
from darkreach.curves.text import load_bound
from darkreach.models.lfv_alp import LfvAlp
from darkreach.processes.mu_to_e_alp_gamma import MuToEAlpGamma
from darkreach.processes.process import squared_amplitude
from darkreach.units import MeV, deg

Vector = Float[np.ndarray, " n"]


@dataclass(frozen=True, kw_only=True)
class Window:
    """What the published limit refers to.

    Attributes:
        positron: smallest energy [GeV].
        photon: smallest energy [GeV].
        angle: smallest angle between positron and photon [rad].
    """

    positron: float = 43 * MeV  # reproduces arXiv:2006.04795 [recalled]
    photon: float = 38 * MeV  # reproduces arXiv:2006.04795 [recalled]
    angle: float = 0 * deg  # the energies alone force it above 145 degrees


WIDE: Final = Window(positron=38 * MeV, photon=38 * MeV, angle=140 * deg)  # [recalled]
MASSES: Final = (*range(0, 20, 2), 20, 21, 22, 23)  # [MeV]
NODES: Final = 48  # an axis; 96 change r by less than 1e-4 in both windows


def mass_end(window: Window) -> float:
    """Largest m_a inside the window [GeV]: both energies smallest, back to back."""
    energy = M_MU - window.positron - window.photon
    momentum = math.sqrt(window.positron**2 - M_E**2) - window.photon
    return math.sqrt(max(energy**2 - momentum**2, 0.0))


def _cosine(e: Vector, k: Vector, mass: float) -> Vector:
    """Of the angle between positron and photon at these energies [GeV]."""
    p = np.sqrt(e**2 - M_E**2)
    return np.asarray(((M_MU - e - k) ** 2 - mass**2 - p**2 - k**2) / (2 * p * k))


def _positron_energies(k: Vector, mass: float, window: Window) -> tuple[Vector, Vector]:
    """Smallest and largest positron energy at photon energies `k` [GeV]."""
    s = M_MU**2 - 2 * M_MU * k  # mass squared of e and a together
    root = np.sqrt(s)
    energy = (s + M_E**2 - mass**2) / (2 * root)
    momentum = np.sqrt(np.maximum(energy**2 - M_E**2, 0.0))
    high = ((M_MU - k) * energy + k * momentum) / root
    low = np.maximum(((M_MU - k) * energy - k * momentum) / root, window.positron)
    low = np.minimum(low, high)
    # The cosine falls with the positron energy: find by bisection where the cut is met.
    left, right = low, high
    for _ in range(60):
        middle = (left + right) / 2
        beyond = _cosine(middle, k, mass) <= math.cos(window.angle)
        left, right = np.where(beyond, left, middle), np.where(beyond, middle, right)
    return np.where(_cosine(low, k, mass) <= math.cos(window.angle), low, right), high


def _largest_photon_energy(mass: float, window: Window) -> float:
    """At the end of phase space, or back to back with the slowest positron [GeV]."""
    end = (M_MU**2 - (M_E + mass) ** 2) / (2 * M_MU)
    at_end = M_E / (M_E + mass) * (M_MU - end)  # e and a leave together
    if window.positron <= at_end:
        return end
    left = M_MU - window.positron
    p = math.sqrt(window.positron**2 - M_E**2)
    return (left**2 - mass**2 - p**2) / (2 * (left - p))


def radiative_fraction(model: LfvAlp, *, window: Window = Window()) -> float:
    """BR(mu -> e a gamma in the window) / BR(mu -> e a) for an unpolarised muon.

    d Gamma = |M|^2 / (64 pi^3 m_mu) dE_e dE_gamma, by Gauss-Legendre quadrature between
    the exact limits; 0 beyond `mass_end`.

    Args:
        model: mass and couplings; the scale f cancels.
        window: of the energies and the angle.
    """
    mass = float(model.mass)
    if mass >= mass_end(window):
        return 0.0
    nodes, weights = np.polynomial.legendre.leggauss(NODES)
    half = (_largest_photon_energy(mass, window) - window.photon) / 2
    photon = window.photon + half * (1 + nodes)
    low, high = _positron_energies(photon, mass, window)
    widths = (high - low) / 2
    k = np.repeat(photon, NODES)
    e = (low[:, None] + widths[:, None] * (1 + nodes)).ravel()
    area = (half * widths * weights)[:, None] * weights
    momenta = jnp.asarray(_momenta(e, k, mass))
    value = np.asarray(squared_amplitude(MuToEAlpGamma(model=model), momenta))
    width = (area.ravel() * value).sum() / (64 * math.pi**3 * M_MU)
    return float(width / float(model.width_from("mu", "e")))


def _momenta(e: Vector, k: Vector, mass: float) -> Float[np.ndarray, "n 4 4"]:
    """Muon at rest, positron, ALP and photon [GeV] in a plane, photon along z."""
    p = np.sqrt(e**2 - M_E**2)
    cosine = np.clip(_cosine(e, k, mass), -1.0, 1.0)
    x, z, zero = p * np.sqrt(1 - cosine**2), p * cosine, np.zeros_like(e)
    muon = np.stack([np.full_like(e, M_MU), zero, zero, zero], axis=-1)
    positron = np.stack([e, x, zero, z], axis=-1)
    photon = np.stack([k, zero, zero, k], axis=-1)
    return np.stack([muon, positron, muon - positron - photon, photon], axis=1)


def recast(
    model: LfvAlp | None = None,
    masses: Sequence[float] | None = None,
    *,
    window: Window = Window(),
) -> Curve:
    """The limit on BR(mu -> e a), at the 90 % CL of the paper.

    `curves.curve.rescaled` moves it to another level and `to_effective_scale` to F.

    Args:
        model: its couplings; mass and scale do not matter. Pure vector by default.
        masses: [GeV], increasing; from 0 to 23 MeV by default.
        window: to which the published limit applies.

    Raises:
        ValueError: a mass leaves nothing in the window.
    """
    bound = load_bound("crystal_box_1988")
    shape = LfvAlp(c_v=1.0) if model is None else model
    mass = np.array([m * MeV for m in MASSES] if masses is None else masses, float)
    end = mass_end(window)
    if mass.max() >= end:
        msg = (
            f"mass {mass.max() / MeV:g} MeV leaves no mu -> e a gamma in the window; "
            f"expected less than {end / MeV:.4g} MeV"
        )
        raise ValueError(msg)
    ratios = [
        radiative_fraction(replace(shape, mass=float(m)), window=window) for m in mass
    ]
    return replace(
        bound,
        label="Crystal Box (recast)",
        mass=mass,
        value=bound.value[0] / np.array(ratios),
        convention=TWO_BODY,
        validity=(float(mass[0]), float(mass[-1])),
        notes=f"Recast of {bound.convention} with the tree amplitude. {bound.notes}",
    )
