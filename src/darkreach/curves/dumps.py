"""Beam dumps of electrons, from dark photons to scalars and pseudoscalars.

At one mass the events of a dump with dark photons are
N(eps) = A eps^2 exp(-eps^2 / a) [1 - exp(-(L / S) eps^2 / a)] with the lengths S of the
shield and L of the decay volume: one typical energy stands for all. The two edges of a
published region are where N is the limit, so that they give A over the limit and a. A
scalar with the same width decays like the dark photon, and its production differs by
one factor, R below. So its region is where N is larger than the limit by that factor.
Far below the nose the lower edge moves by its fourth root and the upper one not at all.

R is the ratio of total cross sections in the improved Weizsaecker-Williams
approximation for light electrons, at the energy of the beam. Harder radiation is seen
better, and R is 1/2 at its end, x = 1, in place of 0.39 at 17 MeV; the published
region of NA64 for pseudoscalars corresponds to 0.24. That moves the lower edge by 12 %
far from the nose and the nose by 10 % in the mass: at 16.7 MeV, close to the nose of
NA64, both edges are too far out by 30 to 40 %.
"""

import math

from dataclasses import replace
from typing import Final, Literal, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from jaxtyping import Array, Float
from scipy.optimize import brentq

from darkreach.constants import E_CHARGE, M_E
from darkreach.curves.axes import ELECTRON_PAIRS, KINETIC_MIXING, SCALAR_PAIRS
from darkreach.curves.curve import Curve, ended, interpolate
from darkreach.models.dark_photon import DarkPhoton
from darkreach.models.lepton_scalar import LeptonScalar
from darkreach.units import m

Parity = Literal["scalar", "pseudoscalar"]


class Dump(NamedTuple):
    """Lengths of shield and decay volume [mm]."""

    shield: float
    decay: float


# arXiv:1209.6083, table 1, but for NA64 (arXiv:1912.11389), all [recalled]
DUMPS: Final[dict[str, Dump]] = {
    "e137_1988": Dump(179 * m, 204 * m),
    "e141_1987": Dump(0.12 * m, 35 * m),
    "e774_1991": Dump(0.3 * m, 2 * m),
    "kek_1986": Dump(2.4 * m, 2.2 * m),
    "na64_2020": Dump(1 * m, 4 * m),
    "orsay_1989": Dump(1 * m, 2 * m),
}
OWN: Final = {"na64_2020": "na64_2021_pseudoscalar"}
STEPS: Final = 121  # masses of a recast region


def production_ratio(mass: float) -> float:
    """R: cross section of a scalar with g = e eps over that of a dark photon.

    The integrals over x of x^3 / 6 and x (1 - x + x^2 / 3), both over
    1 - x + x^2 m_e^2 / m^2 (arXiv:1209.6083, eq. (3), and arXiv:1701.07437, eq. (4), at
    m much above m_e, where scalars and pseudoscalars agree, both recalled); 0.27 at
    2 MeV, 0.39 at 17 MeV and 0.44 at 400 MeV.

    Args:
        mass: of the boson [GeV].
    """
    t = np.linspace(-20.0, 30.0, 501)  # x = 1 / (1 + e^-t) resolves x near 1
    x, rest = 1 / (1 + np.exp(-t)), 1 / (1 + np.exp(t))
    weight = x * rest / (rest + (x * M_E / mass) ** 2)
    return float(np.sum(weight * x**3 / 6) / np.sum(weight * x * (rest + x**2 / 3)))


def recast(published: Curve, dump: Dump, *, parity: Parity = "pseudoscalar") -> Curve:
    """The region of a dump in the coupling of a scalar or pseudoscalar to electrons.

    Args:
        published: region of dark photons, lower edge and `until`.
        dump: lengths of shield and decay volume [mm]; only their ratio counts.
        parity: of the boson.

    Raises:
        ValueError: the curve is no region of dark photons.
    """
    if published.convention != KINETIC_MIXING or published.until is None:
        msg = (
            f"{published.label!r} is {published.quantity} of {published.convention!r}; "
            f"expected a region of {KINETIC_MIXING} with both edges"
        )
        raise ValueError(msg)
    grid = np.geomspace(*published.validity, STEPS)
    equal = _equal_width(grid, parity)
    lengths = dump.decay / dump.shield
    found = []
    for mass, ratio in zip(grid, equal, strict=True):
        edges = float(interpolate(published, mass)), float(ended(published, mass))
        factor = production_ratio(float(mass)) * (ratio / E_CHARGE) ** 2
        new = _edges((edges[1] / edges[0]) ** 2, lengths=lengths, events=float(factor))
        if new is None:
            break
        found.append((mass, *(ratio * edges[0] * x for x in new)))
    masses, lower, upper = np.array(found).T
    sign = "pseudoscalars" if parity == "pseudoscalar" else "scalars"
    return replace(
        published,
        label=f"{published.label}, recast",
        mass=masses,
        value=lower,
        until=upper,
        quantity="g_ae" if parity == "pseudoscalar" else "g_se",
        convention=ELECTRON_PAIRS if parity == "pseudoscalar" else SCALAR_PAIRS,
        validity=(float(masses[0]), float(masses[-1])),
        notes=f"{published.notes} Recast here from dark photons to {sign}.",
    )


def _equal_width(
    masses: Float[np.ndarray, " n"], parity: Parity
) -> Float[np.ndarray, " n"]:
    """g over the eps of the dark photon with the same mass and width to e+ e-."""

    def ratio(mass: Float[Array, ""]) -> Float[Array, ""]:
        dark = DarkPhoton(mass=mass, eps=1.0)
        unit = {"g_p_e": 1.0} if parity == "pseudoscalar" else {"g_s_e": 1.0}
        scalar = LeptonScalar(mass=mass, **unit)
        return jnp.sqrt(dark.width_to_ee() / scalar.width_to_ee())

    return np.asarray(jax.vmap(ratio)(jnp.asarray(masses)))


def _edges(
    square: float, *, lengths: float, events: float
) -> tuple[float, float] | None:
    """Both edges over the lower one of the dark photon; None where nothing is excluded.

    Args:
        square: squared ratio of the dark photon's edges.
        lengths: of the decay volume over the shield.
        events: of the scalar over those of a dark photon of the same width.
    """
    if square < 1 + 1e-6:
        return None

    def log_events(v: float, u: float) -> float:
        """ln N up to a constant, at v = (eps / lower edge)^2 with u = lower^2 / a."""
        return math.log(v) - u * v + math.log(-math.expm1(-lengths * u * v))

    def closes(log_u: float) -> float:
        u = math.exp(log_u)
        return log_events(square, u) - log_events(1.0, u)

    u = math.exp(float(brentq(closes, -60.0, math.log(50.0))))
    level = log_events(1.0, u) - math.log(events)
    grid = np.geomspace(1.0, square, 400)
    most = float(grid[np.argmax([log_events(float(v), u) for v in grid])])
    if log_events(most, u) <= level:
        return None

    def excess(log_v: float) -> float:
        return log_events(math.exp(log_v), u) - level

    # more scalars than dark photons widen the region, fewer narrow it
    ends = (-10.0, math.log(most)), (math.log(most), math.log(square) + 10.0)
    lower, upper = (math.exp(float(brentq(excess, *pair)) / 2) for pair in ends)
    return lower, upper


def recasts(bounds: dict[str, Curve], *, parity: Parity) -> dict[str, Curve]:
    """All electron dumps among these bounds, recast, by the names of their files.

    An experiment's own limit counts where it has one: the recast ends there.
    """
    found = {}
    for name, dump in DUMPS.items():
        if name in bounds:
            new = recast(bounds[name], dump, parity=parity)
            own = bounds.get(OWN.get(name, "")) if parity == "pseudoscalar" else None
            end = new.validity[1] if own is None else own.validity[0]
            found[name] = replace(new, validity=(new.validity[0], end))
    return found
