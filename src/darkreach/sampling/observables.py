"""Observables of one event, with one spelling everywhere, and cuts on them."""

from collections.abc import Callable
from itertools import combinations
from typing import Final, NamedTuple

import jax.numpy as jnp

from jaxtyping import Array, Float

from darkreach.algebra.kinematics import FourVector, Real, cos_angle
from darkreach.pytree import pytree
from darkreach.units import GeV, rad

INVISIBLE: Final = frozenset({"inv", "alp", "x"})
POSITRONS: Final = frozenset({"e+", "e+1", "e+2"})
PHOTONS: Final = frozenset({"gamma", "gamma1", "gamma2", "gamma3"})
CHARGED: Final = frozenset({"e", "mu", "e-"}) | POSITRONS


class View(NamedTuple):
    """What an observable may look at: the parent and the visible particles.

    `pairs` are the momenta of all e+ e- pairs.
    """

    parent: FourVector
    charged: tuple[FourVector, ...]
    photons: tuple[FourVector, ...]
    pairs: tuple[FourVector, ...] = ()

    def missing(self) -> FourVector:
        """Momentum of what is not seen [GeV]."""
        left = self.parent
        for p in (*self.charged, *self.photons):
            left = left - p
        return left


def view(
    names: tuple[str, ...], parent: FourVector, momenta: tuple[FourVector, ...]
) -> View:
    """Sort the outgoing particles by what a detector calls them."""
    paired = tuple(zip(names, momenta, strict=True))
    return View(
        parent,
        tuple(p for name, p in paired if name in CHARGED),
        tuple(p for name, p in paired if name in PHOTONS),
        tuple(
            p + q
            for name, p in paired
            for other, q in paired
            if name in POSITRONS and other == "e-"
        ),
    )


Z_AXIS: Final = FourVector(0.0, 0.0, 0.0, 1.0)


def _polar(p: FourVector) -> Real:
    return jnp.arccos(cos_angle(p, Z_AXIS))


def _missing_mass(v: View) -> tuple[Real, ...]:
    squared = v.missing().mass_squared()
    return (jnp.sign(squared) * jnp.sqrt(jnp.abs(squared)),)


class Observable(NamedTuple):
    """One value a particle (or pair) that it speaks of; its unit; what it needs."""

    values: Callable[[View], tuple[Real, ...]]
    unit: float
    symbol: str
    needs: str = ""


OBSERVABLES: Final[dict[str, Observable]] = {
    "E_e": Observable(lambda v: tuple(p.e for p in v.charged), GeV, "GeV", "e"),
    "E_gamma": Observable(lambda v: tuple(p.e for p in v.photons), GeV, "GeV", "gamma"),
    "E_missing": Observable(lambda v: (v.missing().e,), GeV, "GeV"),
    "missing_mass": Observable(_missing_mass, GeV, "GeV"),
    "missing_mass_squared": Observable(
        lambda v: (v.missing().mass_squared(),), GeV**2, "GeV^2"
    ),
    "pair_mass": Observable(
        lambda v: tuple(jnp.sqrt(jnp.maximum(k.mass_squared(), 0.0)) for k in v.pairs),
        GeV,
        "GeV",
        "pair",
    ),
    "pT_min": Observable(
        lambda v: tuple(jnp.sqrt(p.x * p.x + p.y * p.y) for p in v.charged),
        GeV,
        "GeV",
        "e",
    ),
    "abs_cos_max": Observable(
        lambda v: tuple(jnp.abs(cos_angle(p, Z_AXIS)) for p in v.charged), 1.0, "", "e"
    ),
    "cos_e": Observable(
        lambda v: tuple(cos_angle(p, Z_AXIS) for p in v.charged), 1.0, "", "e"
    ),
    "theta_e": Observable(
        lambda v: tuple(_polar(p) for p in v.charged), rad, "rad", "e"
    ),
    "theta_gamma": Observable(
        lambda v: tuple(_polar(p) for p in v.photons), rad, "rad", "gamma"
    ),
    "theta_e_gamma": Observable(
        lambda v: tuple(
            jnp.arccos(cos_angle(e, k)) for e in v.charged for k in v.photons
        ),
        rad,
        "rad",
        "gamma",
    ),
    "theta_gamma_gamma": Observable(
        lambda v: tuple(
            jnp.arccos(cos_angle(a, b)) for a, b in combinations(v.photons, 2)
        ),
        rad,
        "rad",
        "two photons",
    ),
    "m_gamma_gamma": Observable(
        lambda v: tuple(
            jnp.sqrt(jnp.maximum((a + b).mass_squared(), 0.0))
            for a, b in combinations(v.photons, 2)
        ),
        GeV,
        "GeV",
        "two photons",
    ),
}


@pytree
class Cut:
    """Keep events in which every value of one observable lies between two limits.

    Attributes:
        observable: a key of `OBSERVABLES`.
        minimum: smallest value allowed, in base units.
        maximum: largest value allowed, in base units.
    """

    observable: str
    minimum: float | Float[Array, ""] = -jnp.inf
    maximum: float | Float[Array, ""] = jnp.inf


def passes(cuts: tuple[Cut, ...], v: View) -> Float[Array, ""]:
    """1 where an event passes all cuts, else 0."""
    kept = jnp.asarray(1.0)
    for cut in cuts:
        for value in OBSERVABLES[cut.observable].values(v):
            inside = (value >= cut.minimum) & (value <= cut.maximum)
            kept = jnp.where(inside, kept, 0.0)
    return kept


def checked(cuts: tuple[Cut, ...], names: tuple[str, ...]) -> tuple[Cut, ...]:
    """The same cuts, if the process with these outgoing names has what they speak of.

    Raises:
        ValueError: an unknown observable, or one that this process does not have.
    """
    has = {
        "e": bool(CHARGED & set(names)),
        "gamma": bool(PHOTONS & set(names)),
        "two photons": len(PHOTONS & set(names)) > 1,
        "pair": "e-" in names,
        "": True,
    }
    known = [name for name, o in OBSERVABLES.items() if has[o.needs]]
    for cut in cuts:
        if cut.observable not in OBSERVABLES:
            msg = f"unknown observable {cut.observable!r}; known are {', '.join(known)}"
            raise ValueError(msg)
        if cut.observable not in known:
            msg = (
                f"{cut.observable!r} needs a particle that is not among "
                f"{', '.join(names)}; this process has {', '.join(known)}"
            )
            raise ValueError(msg)
    return cuts
