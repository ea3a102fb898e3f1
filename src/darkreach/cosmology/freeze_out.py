"""Particles that leave equilibrium with the plasma when their annihilation stops.

Counted are all states of the dark matter, n = sum of particles and antiparticles:
dn/dt + 3 H n = -<sigma v> (n^2 - n_eq^2). Where particles annihilate with
antiparticles only, <sigma v> here is half of that of one pair. Maxwell-Boltzmann
statistics, and the temperature of the dark matter is that of the plasma.
"""

import math

from collections.abc import Callable
from typing import Final, NamedTuple

import numpy as np

from jaxtyping import Float
from scipy.integrate import simpson
from scipy.optimize import brentq
from scipy.special import kve

from darkreach.constants import PLANCK_MASS
from darkreach.cosmology.degrees import (
    HUBBLE,
    energy_degrees,
    entropy_degrees,
    entropy_density,
    entropy_slope,
    expansion_rate,
)

Values = Float[np.ndarray, " t"]
# <sigma v> [GeV^-2] of all states at each x = m / T.
Average = Callable[[Values], Values]

X_FIRST: Final = 2.0  # m/T where the integration starts, in equilibrium
X_LAST: Final = 1e6  # where it ends; of an s wave, x_f / X_LAST is left
STEP: Final = 0.005  # of ln x; the abundance moves by less than 1e-4 when halved
POINTS: Final = 4001  # in ln x of the integral behind x_f
TINY: Final = 1e-300
FLAT: Final = 1e-6  # a slope times a step that is as good as none
FLOOR: Final = -500.0  # of ln Y_eq; a number that nothing depends on any more


class History(NamedTuple):
    """What the Boltzmann equation needs of one particle, on steps of ln x.

    Attributes:
        x: m / T at the ends of the steps.
        equilibrium: ln Y_eq there; Y is number over entropy.
        rate: -dY/dlnx / (Y^2 - Y_eq^2) in the middle of the steps.
    """

    x: Float[np.ndarray, " t+1"]
    equilibrium: Float[np.ndarray, " t+1"]
    rate: Float[np.ndarray, " t"]


def equilibrium_density(mass: float, states: int, *, x: Values) -> Values:
    """n_eq [GeV^3], times exp(x) so that it does not underflow.

    n_eq = g m^2 T K_2(m/T) / (2 pi^2) (Nucl. Phys. B 360 (1991) 145, eq. (3.12)).

    Args:
        mass: [GeV].
        states: g, spins times two if there is an antiparticle.
        x: m / T.
    """
    return np.asarray(states * mass**3 * kve(2, x) / (2 * math.pi**2 * x))


def history(
    mass: float,
    average: Average,
    *,
    states: int,
    first: float = X_FIRST,
    step: float = STEP,
) -> History:
    """Rates of annihilation over expansion, with g_*(T) and g_*s(T).

    rate = s <sigma v> / H (1 + d ln g_*s / (3 d ln T)).

    Args:
        mass: [GeV].
        average: <sigma v> [GeV^-2] of all states, a function of x.
        states: g, spins times two if there is an antiparticle.
        first: m / T where equilibrium ends to be assumed.
        step: of ln x.
    """
    count = math.ceil(math.log(X_LAST / first) / step)
    ends = np.geomspace(first, X_LAST, count + 1)
    middle = np.sqrt(ends[1:] * ends[:-1])
    number = equilibrium_density(mass, states, x=ends)
    logarithm = np.log(number / entropy_density(mass / ends)) - ends
    t = mass / middle
    factor = 1 + entropy_slope(t) / 3
    rate = entropy_density(t) * average(middle) / expansion_rate(t) * factor
    return History(ends, np.maximum(logarithm, FLOOR), rate)


def frozen_number(past: History) -> float:
    """Y = n / s today of all states, from the full Boltzmann equation.

    r = Y / Y_eq obeys dr/dlnx = -a (r^2 - 1) - b r with a = rate Y_eq and
    b = d ln Y_eq / dlnx. Each step is the exact solution for constant a and b, which
    is stable however stiff the equation is, and of second order in the step. With the
    harmonic mean of Y_eq in a, it is 1/Y + rate * step once Y_eq is negligible.

    Args:
        past: of the particle, from `history`.
    """
    steps = np.diff(np.log(past.x))
    slope = np.diff(past.equilibrium) / steps
    middle = (past.equilibrium[1:] + past.equilibrium[:-1]) / 2
    half = np.maximum(np.abs(slope * steps / 2), FLAT)
    a = past.rate * np.exp(middle) * half / np.sinh(half)
    root = np.hypot(slope, 2 * a)
    turned = np.tanh(root * steps / 2)
    rows = zip(*(v.tolist() for v in (a, slope, root, turned)), strict=True)
    r = 1.0
    for push, drift, speed, bend in rows:
        if speed > 0:
            top = r * speed + (2 * push - drift * r) * bend
            r = top / (speed + (2 * push * r + drift) * bend)
    return r * math.exp(float(past.equilibrium[-1]))


def freeze_out_point(mass: float, average: Average, *, states: int) -> float:
    """x_f = m / T at which n_eq <sigma v> = x H, the end of equilibrium.

    This is Y - Y_eq = c Y_eq with c (c + 2) = 1 (E. Kolb and M. Turner, The Early
    Universe, section 5.2 [recalled]), with the x-dependence of <sigma v> kept.

    Raises:
        ValueError: the particle never was in equilibrium, or never leaves it.
    """

    def excess(logarithm: float) -> float:
        x = np.array([math.exp(logarithm)])
        number = equilibrium_density(mass, states, x=x)
        rate = number * average(x) / (x * expansion_rate(mass / x))
        return float(np.log(np.maximum(rate[0], TINY)) - x[0])

    low, high = 0.0, math.log(X_LAST)
    if not excess(low) > 0 > excess(high):
        msg = (
            "annihilation is slower than the expansion at T = m: the particle never "
            "was in equilibrium; expected a larger coupling"
        )
        raise ValueError(msg)
    return math.exp(float(brentq(excess, low, high, xtol=1e-10)))


def instantaneous_number(mass: float, average: Average, *, states: int) -> float:
    """Y = n / s today of all states, if equilibrium ends at once at x_f.

    1/Y = sqrt(pi/45) M_Pl m g int_{x_f} <sigma v> dx / x^2, where the degrees of
    freedom g = g_*s / sqrt(g_*) (1 + d ln g_*s / (3 d ln T)) (Nucl. Phys. B 360 (1991)
    145, eq. (3.18) [recalled]) are those of T_f, and 1/Y(x_f) is left out: the formula
    with 1.04e9/GeV (1.07e9/GeV for the entropy of older editions of the PDG).
    """
    x_f = freeze_out_point(mass, average, states=states)
    t_f = mass / x_f
    slope = float(entropy_slope(t_f))
    degrees = float(entropy_degrees(t_f) / np.sqrt(energy_degrees(t_f)))
    degrees *= 1 + slope / 3
    x = np.geomspace(x_f, X_LAST, POINTS)
    total = float(simpson(average(x) / x, x=np.log(x)))
    scale = 2 * math.pi**2 / 45 / HUBBLE * PLANCK_MASS * mass * degrees
    return float(1 / (scale * total))
