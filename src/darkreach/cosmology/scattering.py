"""Freeze-in with a photon: l gamma -> l' a, l' gamma -> l a, l lbar' -> gamma a.

The three crossings of l -> l' a gamma with both lepton masses kept and a massless ALP.
"""

import math

from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from jaxtyping import Float
from scipy.special import k1

from darkreach.constants import E_CHARGE
from darkreach.cosmology.freeze_in import bath
from darkreach.models.lfv_alp import LEPTON_MASS, Coupling, LfvAlp, Pair

# Masses over T in a plasma of one light charged fermion: the plasma frequency of
# photons, e T / 3, and the mass of fast fermions, e T / 2 (hep-ph/0004027 [recalled]).
PHOTON_MASS: Final = E_CHARGE / 3
FERMION_MASS: Final = E_CHARGE / 2
_S_NODES: Final = np.polynomial.legendre.leggauss(80)
_RAPIDITY: Final = np.linspace(-12.0, 12.0, 121)  # cos(theta) = tanh of it
_WEIGHT: Final = (_RAPIDITY[1] - _RAPIDITY[0]) / np.cosh(_RAPIDITY) ** 2
_ONE_MINUS: Final = 1 / (np.exp(_RAPIDITY) * np.cosh(_RAPIDITY))  # 1 - cos(theta)
_ONE_PLUS: Final = np.exp(_RAPIDITY) / np.cosh(_RAPIDITY)

Values = Float[np.ndarray, "..."]


@dataclass(frozen=True, kw_only=True)
class Line:
    """The lepton line.

    Attributes:
        parent: mass of l [GeV].
        daughter: mass of l' [GeV].
        scalar: |C^V|^2 (m - m')^2 / (4 f^2), the squared scalar coupling on shell.
        pseudoscalar: |C^A|^2 (m + m')^2 / (4 f^2).
    """

    parent: float
    daughter: float
    scalar: float
    pseudoscalar: float


def line(pair: Pair, *, c_v: Coupling, c_a: Coupling, f: float) -> Line:
    """Couplings of `pair`: a derivative coupling is a Yukawa one on shell."""
    m, n = (LEPTON_MASS[lepton] for lepton in pair)
    scalar = abs(complex(c_v)) ** 2 * (m - n) ** 2 / (4 * f**2)
    pseudoscalar = abs(complex(c_a)) ** 2 * (m + n) ** 2 / (4 * f**2)
    return Line(parent=m, daughter=n, scalar=scalar, pseudoscalar=pseudoscalar)


def squared(coupled: Line, p: Values, q: Values) -> Values:
    """|M|^2 of l -> l' a gamma, summed over all spins, with a massless.

    An eikonal factor times the decay, and a remainder of hard photons; valid for both
    signs of its arguments, so that crossing is their change of sign (and an overall
    one for a single crossed fermion).

    Args:
        coupled: masses and couplings.
        p: 2 p_l . k = m^2 - (p_l - k)^2 [GeV^2], k the photon.
        q: 2 p_l' . k = (p_l' + k)^2 - m'^2 [GeV^2].
    """
    m, n = coupled.parent, coupled.daughter
    eikonal = 4 * (m**2 + n**2 - p + q) / (p * q) - 4 * m**2 / p**2 - 4 * n**2 / q**2
    decay = coupled.scalar * (m + n) ** 2 + coupled.pseudoscalar * (m - n) ** 2
    hard = 4 * (coupled.scalar + coupled.pseudoscalar) * (p - q) ** 2 / (p * q)
    return np.asarray(E_CHARGE**2 * (2 * decay * eikonal + hard))


def _momentum(s: Values, m1: float, m2: float) -> Values:
    """Momentum [GeV] in the centre of mass of two particles at s [GeV^2]."""
    product = (s - (m1 + m2) ** 2) * (s - (m1 - m2) ** 2)
    return np.asarray(np.sqrt(product / s) / 2)


def _compton(coupled: Line, s: Values, *, from_daughter: bool) -> Values:
    """Phase-space integral of |M|^2 for l gamma -> l' a, or l' gamma -> l a."""
    one, two = coupled.parent, coupled.daughter
    if from_daughter:
        one, two = two, one
    root = np.sqrt(s)[:, None]
    photon = _momentum(s, one, 0.0)[:, None]
    final = _momentum(s, two, 0.0)[:, None]
    # u - m_2^2 = -2 k.p_2, with E - p = m^2/(E + p) for the digits at cos(theta) = 1
    slow = two**2 / (np.hypot(final, two) + final)
    to_one = np.broadcast_to(s[:, None] - one**2, (s.size, _RAPIDITY.size))
    to_two = 2 * photon * (slow + final * _ONE_MINUS)
    p, q = (to_two, to_one) if from_daughter else (-to_one, -to_two)
    # For l' gamma -> l a the outgoing l is crossed: p = 2 p_l.k > 0, q = 2 p_l'.k > 0.
    integral = (squared(coupled, p, q) * _WEIGHT).sum(axis=1) / 2
    return np.asarray(final[:, 0] / (4 * math.pi * root[:, 0]) * integral)


def _annihilation(coupled: Line, s: Values) -> Values:
    """Phase-space integral of |M|^2 for l lbar' -> gamma a."""
    m, n = coupled.parent, coupled.daughter
    root = np.sqrt(s)[:, None]
    initial = _momentum(s, m, n)[:, None]
    photon = root / 2
    slow_m = m**2 / (np.hypot(initial, m) + initial)
    slow_n = n**2 / (np.hypot(initial, n) + initial)
    p = 2 * photon * (slow_m + initial * _ONE_MINUS)
    q = -2 * photon * (slow_n + initial * _ONE_PLUS)
    integral = -(squared(coupled, p, q) * _WEIGHT).sum(axis=1) / 2
    return np.asarray(photon[:, 0] / (4 * math.pi * root[:, 0]) * integral)


def reaction_density(
    coupled: Line, temperature: float, *, photon_mass: float
) -> tuple[float, float, float]:
    """Reactions per volume and time [GeV^4] at T [GeV], one charge, Boltzmann gases.

    T / (64 pi^4) int ds sqrt(s) K_1(sqrt(s)/T) lambda^(1/2)(1, m_1^2/s, m_2^2/s) times
    the phase-space integral of |M|^2 summed over spins (hep-ph/9704363 [recalled]).

    Returns:
        l gamma -> l' a above s = (m_l + photon_mass)^2; l' gamma -> l a; l lbar' ->
        gamma a.
    """
    m, n = coupled.parent, coupled.daughter

    def nodes(low: float, start: float) -> tuple[Values, Values]:
        """Gauss nodes in ln(s - low) from `start` to sqrt(s) = sqrt(low) + 60 T."""
        top = (math.sqrt(start) + 60 * temperature) ** 2
        a, b = math.log(start - low), math.log(top - low)
        above = np.exp(a + (b - a) * (1 + _S_NODES[0]) / 2)
        return low + above, above * _S_NODES[1] * (b - a) / 2

    def density(s: Values, ds: Values, m1: float, m2: float, final: Values) -> float:
        root = np.sqrt(s)
        flux = 2 * _momentum(s, m1, m2) / root
        kernel = root * k1(root / temperature) * flux * final
        return float(temperature / (64 * math.pi**4) * ds @ kernel)

    s, ds = nodes(m**2, (m + photon_mass) ** 2)
    first = density(s, ds, m, 0.0, _compton(coupled, s, from_daughter=False))
    s, ds = nodes(m**2, m**2 * (1 + 1e-6))
    second = density(s, ds, n, 0.0, _compton(coupled, s, from_daughter=True))
    low = (m + n) ** 2
    s, ds = nodes(low, low * (1 + 1e-8))
    third = density(s, ds, m, n, _annihilation(coupled, s))
    return first, second, third


def fraction(
    pair: Pair,
    *,
    c_v: Coupling = 1.0,
    c_a: Coupling = 0.0,
    photon_mass: float = PHOTON_MASS,
    fermion_mass: float = 0.0,
) -> tuple[float, float, float]:
    """ALPs from 2 -> 2 over those from decays, both with Boltzmann statistics.

    The first number holds two logarithms that are not physical alone. One is cut at
    soft photons by the screening mass: an absorbed soft photon belongs to the radiative
    correction of the decay, of order alpha / pi, which is not computed. The other is
    cut at a collinear daughter by its mass. With `FERMION_MASS` the sum is half as
    large for mu -> e a, a third for tau -> e a. So it is the size of what
    `freeze_in.abundance` leaves out, and no correction to apply.

    Args:
        pair: (parent, daughter).
        c_v: vector coupling; only the ratio to `c_a` matters.
        c_a: axial coupling.
        photon_mass: mass of the photon over T; cuts l gamma -> l' a only.
        fermion_mass: over T, added in quadrature to the mass of the daughter.

    Returns:
        l gamma -> l' a, l' gamma -> l a and l lbar' -> gamma a.
    """
    model = LfvAlp(c_v=c_v, c_a=c_a)
    coupled = line(pair, c_v=c_v, c_a=c_a, f=float(model.f))
    nodes = bath(coupled.parent, statistics="classical", reheating=math.inf)
    decays = float(nodes.step @ nodes.measure.sum(axis=1) * model.width_from(*pair))

    def rates(t: float) -> tuple[float, float, float]:
        daughter = math.hypot(coupled.daughter, fermion_mass * t)
        dressed = replace(coupled, daughter=daughter)
        return reaction_density(dressed, t, photon_mass=photon_mass * t)

    table = np.array([rates(float(t)) for t in nodes.temperature])
    first, second, third = nodes.step @ table / decays
    return float(first), float(second), float(third)
