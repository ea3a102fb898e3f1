"""Thermal averages of chi chi -> a* -> gamma gamma, where a is a resonance.

Derived here in two ways that the tests compare: detailed balance of a <-> chi chi for a
narrow resonance, and the thermal average of a Breit-Wigner cross section.
"""

import math

from dataclasses import dataclass
from typing import Final

import numpy as np

from jaxtyping import Float
from scipy.interpolate import CubicSpline
from scipy.special import k1e, kve

from darkreach.cosmology.freeze_out import X_LAST, Average, Values
from darkreach.models.photon_alp import PhotonAlp

E_LAST: Final = 60.0  # highest sqrt(s) over m_a; exp(-60 x) is beyond
NODES: Final = 240  # temperatures between which ln <sigma v> is a cubic spline
_RULE: Final = np.polynomial.legendre.leggauss(10)


def narrow_average(model: PhotonAlp, *, x: Values) -> Values:
    """<sigma v> [GeV^-2] of a pair at x = m_chi / T, for a narrow resonance.

    Detailed balance: annihilations per volume and time are decays to photons of the a
    in equilibrium with chi, n_a Gamma K_1/K_2 times both branching ratios, where
    n_a = m_a^2 T K_2(m_a/T) / (2 pi^2) and <...> is the decay of a moving a. They are
    <sigma v> n^2/2 (Majorana) or <sigma v> (n/2)^2 (Dirac). With R = m_a/m_chi,
    <sigma v> = pi^2 R^2 x Gamma_gg B_chi / m_chi^3 K_1(R x) / K_2(x)^2, half of it for
    Dirac. Independent of y while B_chi = 1.
    """
    chi = float(model.m_chi)
    ratio = float(model.mass) / chi
    width = float(model.width_to_photons() * model.width_to_dark() / model.width())
    bessel = np.exp((2 - ratio) * x) * k1e(ratio * x) / kve(2, x) ** 2
    found = math.pi**2 * ratio**2 * x * width / chi**3 * bessel
    return np.asarray(found if model.majorana else found / 2)


def cross_section(
    model: PhotonAlp, *, energy: Float[np.ndarray, " e"]
) -> Float[np.ndarray, " e"]:
    """sigma v [GeV^-2] in the centre of mass, v = 2 beta = 2 sqrt(1 - 4 m_chi^2/s).

    y^2 g^2 s^2 / (64 pi [(s - m_a^2)^2 + s Gamma(s)^2]): averaged over spins, 1/2 for
    equal photons, the same for Majorana and Dirac. Gamma(s) is the width of an a of
    mass sqrt(s): it closes at threshold, and is what the loop of chi gives but for a
    shift of the mass by less than the width.

    Args:
        model: of the resonance.
        energy: sqrt(s) [GeV], at least 2 m_chi.
    """
    m, chi = float(model.mass), float(model.m_chi)
    y, g = float(model.y_chi), float(model.g_agamma)
    square = energy**2
    beta = np.sqrt(np.maximum(1 - 4 * chi**2 / square, 0.0))
    dark = y**2 * beta / (16 * math.pi) * (1 if model.majorana else 2)
    width = energy * (dark + g**2 * square / (64 * math.pi))
    bottom = (square - m**2) ** 2 + square * width**2
    return np.asarray(y**2 * g**2 * square**2 / (64 * math.pi * bottom))


@dataclass(frozen=True, kw_only=True)
class Spectrum:
    """Nodes in s with sigma v, from which an average at any temperature is a sum.

    Attributes:
        energy: sqrt(s) / m_chi.
        measure: weight of a node times sigma v beta e^4 [GeV^-2].
    """

    energy: Float[np.ndarray, " e"]
    measure: Float[np.ndarray, " e"]


def _panels(low: float, high: float, smallest: float) -> Float[np.ndarray, " k"]:
    """Ends of panels that double in size away from both ends of an interval."""
    middle = (high - low) / 2
    count = max(math.ceil(math.log2(middle / smallest)), 1)
    sizes = middle * 2.0 ** -np.arange(count, -1, -1)
    return np.concatenate([[low], low + sizes, (high - sizes)[-2::-1], [high]])


def spectrum(model: PhotonAlp) -> Spectrum:
    """Nodes that resolve the resonance, the threshold and every thermal energy.

    With e = sqrt(s)/m_chi the average of Gondolo and Gelmini (Nucl. Phys. B 360 (1991)
    145, eq. (3.8)) is x / (8 K_2(x)^2) int sigma v beta e^4 K_1(e x) de.
    """
    chi = float(model.m_chi)
    ratio = float(model.mass) / chi
    near = max(float(model.width()) / chi / 16, 1e-13 * ratio)
    below = _panels(2.0, ratio, min(near, 1e-7))
    above = near * 2.0 ** np.arange(math.ceil(math.log2(E_LAST * ratio / near)))
    edges = np.concatenate([below, ratio + above])
    nodes, weights = _RULE
    size = np.diff(edges)[:, None]
    e = (edges[:-1, None] + size * (1 + nodes) / 2).ravel()
    beta = np.sqrt(np.maximum(1 - 4 / e**2, 0.0))
    sigma_v = cross_section(model, energy=e * chi)
    measure = (size * weights / 2).ravel() * sigma_v * beta * e**4
    return Spectrum(energy=e, measure=measure)


def breit_wigner_average(model: PhotonAlp, *, x: Values) -> Values:
    """<sigma v> [GeV^-2] of a pair at x = m_chi / T, of the whole Breit-Wigner."""
    nodes = spectrum(model)
    found = np.empty_like(x)
    for i, value in enumerate(x.tolist()):
        decay = np.exp((2 - nodes.energy) * value) * k1e(nodes.energy * value)
        found[i] = value / 8 * (nodes.measure @ decay) / kve(2, value) ** 2
    return found


def interpolated(model: PhotonAlp) -> Average:
    """`breit_wigner_average` as a cubic spline in ln x, from x = 1 to `X_LAST`."""
    x = np.geomspace(1.0, X_LAST, NODES)
    spline = CubicSpline(np.log(x), np.log(breit_wigner_average(model, x=x)))
    return lambda points: np.asarray(np.exp(spline(np.log(points))))
