"""Dark matter that is colder than the plasma when its annihilation stops.

Nothing but scattering on photons through a t-channel a holds chi at the temperature of
the plasma, and that ends near freeze-out. Later T_chi falls like 1/a^2, and the
resonance above threshold is out of reach. Two equations, for number and temperature,
after arXiv:1706.07433 [recalled]; chi keeps a thermal spectrum, because scattering
chi chi -> a -> chi chi is faster than annihilation by Gamma_chi / Gamma_gg.
"""

import math

from collections.abc import Callable
from typing import Final

import numpy as np

from jaxtyping import Float
from scipy.integrate import solve_ivp
from scipy.special import zeta

from darkreach.cosmology.degrees import (
    entropy_density,
    entropy_slope,
    expansion_rate,
)
from darkreach.cosmology.freeze_in import density
from darkreach.cosmology.freeze_out import Values, equilibrium_density
from darkreach.cosmology.resonance import narrow_average
from darkreach.cosmology.resonant_freeze_out import check, share, states
from darkreach.models.photon_alp import PhotonAlp

X_FIRST: Final = 8.0  # m/T where chi is in equilibrium in number and temperature
X_LAST: Final = 1e3  # where no annihilation is left of a resonance
X_COLD: Final = 1e7  # coldest chi, m/T_chi, in the table of <sigma v>
POINTS: Final = 1500  # of the tables in ln x
LOWEST: Final = -600.0  # of the logarithm of a rate
_NODES: Final = np.polynomial.legendre.leggauss(60)
_ANGLES: Final = np.polynomial.legendre.leggauss(30)
K_LAST: Final = 40.0  # highest photon energy over T


def relaxation_rate(model: PhotonAlp, *, temperature: Values) -> Values:
    """Rate gamma [GeV] of scattering on photons, dT_chi/dt = gamma (T - T_chi).

    gamma = int dk k^4 f (1 + f) M(k) / (48 pi^3 g_chi m_chi^3 T) with g_chi = 2 and
    M(k) = int_{-4k^2}^0 (-t) sum|M|^2 dt / (8 k^4), for k well below m_chi: the rate of
    momentum diffusion. By crossing, sum|M|^2 = y^2 g^2 (-t)^3 / (t - m_a^2)^2. For T
    far below m_a it is `cold_relaxation_rate`.

    Args:
        model: of the dark matter.
        temperature: T of the plasma [GeV].
    """
    q = K_LAST * (1 + _NODES[0]) / 2
    c = (1 + _ANGLES[0]) / 2  # -t / (4 k^2)
    k = temperature[:, None, None] * q[:, None]
    t = 4 * k**2 * c
    squared = t**3 / (t + float(model.mass) ** 2) ** 2
    mean = (2 * c * squared) @ (_ANGLES[1] / 2)
    occupied = np.exp(-q) / (1 - np.exp(-q)) ** 2
    total = (q**4 * occupied * mean) @ (_NODES[1] * K_LAST / 2)
    couplings = (float(model.y_chi) * float(model.g_agamma)) ** 2
    scale = 48 * math.pi**3 * 2 * float(model.m_chi) ** 3
    return np.asarray(couplings * temperature**4 * total / scale)


def cold_relaxation_rate(model: PhotonAlp, *, temperature: Values) -> Values:
    """`relaxation_rate` [GeV] for T far below m_a, in closed form.

    256 10! zeta(10) y^2 g^2 T^10 / (480 pi^3 m_a^4 m_chi^3).
    """
    couplings = (float(model.y_chi) * float(model.g_agamma)) ** 2
    number = 256 * math.factorial(10) * float(zeta(10)) / (480 * math.pi**3)
    masses = float(model.mass) ** 4 * float(model.m_chi) ** 3
    return np.asarray(number / 2 * couplings * temperature**10 / masses)


def _linear(u: Values, tables: list[Values]) -> Callable[[float], list[float]]:
    """Linear interpolation of tables on equal steps of u; much faster than NumPy's."""
    low, step, last = float(u[0]), float(u[1] - u[0]), len(u) - 2
    rows = np.stack(tables, axis=1).tolist()

    def at(v: float) -> list[float]:
        place = (v - low) / step
        i = min(max(int(place), 0), last)
        part = min(max(place - i, 0.0), 1.0)
        return [a + part * (b - a) for a, b in zip(rows[i], rows[i + 1], strict=True)]

    return at


def history(model: PhotonAlp) -> tuple[Values, Values, Values]:
    """x, ln Y and ln(T_chi / T) of chi from `X_FIRST` to `X_LAST`.

    An annihilation takes an a away, with m_a + 3 T_chi / 2 on average, and an inverse
    one brings m_a + 3 T / 2. Kinetic energies are not relativistic, an error of a few
    percent of each term; the resonance is narrow.
    """
    chi = float(model.m_chi)
    excess = float(model.mass) / chi - 2
    u = np.linspace(math.log(X_FIRST), math.log(X_LAST), POINTS)
    t = chi / np.exp(u)
    slope = entropy_slope(t)
    hubble = expansion_rate(t) / (1 + slope / 3)
    number = equilibrium_density(chi, states(model), x=np.exp(u))
    equilibrium = np.log(number / entropy_density(t)) - np.exp(u)
    supply = np.log(entropy_density(t) / hubble)
    relaxation = relaxation_rate(model, temperature=t) / hubble
    free = -1 - 2 * slope / 3
    wide = np.linspace(math.log(1.0), math.log(X_COLD), 2 * POINTS)
    average = share(model) * narrow_average(model, x=np.exp(wide))
    rate = np.log(np.maximum(average, 1e-300))

    at = _linear(u, [supply, equilibrium, relaxation, free])
    at_own = _linear(wide, [rate])

    def step(v: float, y: Float[np.ndarray, "2"]) -> list[float]:
        number, cold = y.tolist()
        x = math.exp(v)
        supplied, thermal, scattering, expansion = at(v)
        place, back = supplied + number, 2 * (thermal - number)
        away = place + at_own(v - cold)[0]
        again = place + at_own(v)[0] + back
        gone, made = math.exp(max(away, LOWEST)), math.exp(max(again, LOWEST))
        # Kinetic energy of half of an a, over 3/2 of the temperature of chi.
        taken = 0.5 + x * math.exp(-cold) * excess / 3
        brought = (0.5 + x * excess / 3) * math.exp(-cold)
        heat = made * (brought - 1) - gone * (taken - 1)
        photons = scattering * math.expm1(-cold)
        return [made - gone, expansion + heat + photons]

    start = [float(equilibrium[0]), 0.0]
    found = solve_ivp(step, (u[0], u[-1]), start, method="LSODA", rtol=1e-5, atol=1e-7)
    if not found.success:
        msg = (
            f"the equations of number and temperature were not solved: {found.message}"
        )
        raise ArithmeticError(msg)
    return np.exp(found.t), found.y[0], found.y[1]


def decoupled_abundance(model: PhotonAlp) -> float:
    """Omega h^2 of chi with its own temperature; depends on y through scattering."""
    check(model)
    _, logarithm, _ = history(model)
    return density(float(model.m_chi), number=math.exp(float(logarithm[-1])))
