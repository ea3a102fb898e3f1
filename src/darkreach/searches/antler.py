"""Can an electron and a positron come from two taus that share the collision energy?

Antler: e- e+ -> tau- tau+, each tau with energy E = sqrt(s) / 2 and back to back, each
to one electron and neutrinos (arXiv:0906.5009; masses bounded from visible tracks at
fixed sqrt(s): arXiv:2007.08239 [both recalled]). The neutrinos of the tau- have a mass
M^2 + m^2 - 2 (E E_e - k p_e cos) >= 0 where its direction n is inside a cone about the
electron, cos >= c = (2 E E_e - M^2 - m^2) / (2 k p_e), k = sqrt(E^2 - M^2). Likewise -n
is inside a cone about the positron, so n inside one about its reversed momentum. Two
cones with half angles w-, w+ and an angle d between the axes share a direction if and
only if d <= w- + w+. All momenta are in the centre of mass of the beams.
"""

import math

import jax
import jax.numpy as jnp

from jaxtyping import Array, Bool, Float

from darkreach.algebra.kinematics import FourVector, Real, boost_z
from darkreach.constants import M_E, M_TAU


def _angle(a: FourVector, b: FourVector) -> Real:
    """Between a and -b [rad], exact also where it is small."""
    x, y, z = a.y * b.z - a.z * b.y, a.z * b.x - a.x * b.z, a.x * b.y - a.y * b.x
    return jnp.arctan2(jnp.sqrt(x * x + y * y + z * z), -a.dot3(b))


def half_angle(p: FourVector, *, sqrt_s: Real, parent: Real = M_TAU) -> Real:
    """Half angle of the cone of tau directions about one electron [rad].

    Continued beyond its ends, arccos(c) -> -arccosh(c) for c > 1 and
    pi + arccosh(-c) for c < -1: negative where the electron is too energetic, more than
    pi where every direction will do.

    Args:
        p: momentum of the electron [GeV].
        sqrt_s: energy of the collision [GeV].
        parent: mass of the parent, below sqrt(s) / 2 [GeV].
    """
    energy = sqrt_s / 2
    momentum = jnp.sqrt(energy * energy - parent * parent)
    cos = (2 * energy * p.e - parent**2 - M_E**2) / (2 * momentum * p.momentum())
    inside = jnp.arccos(jnp.clip(cos, -1.0, 1.0))
    beyond = jnp.arccosh(jnp.maximum(jnp.abs(cos), 1.0))
    return inside - jnp.sign(cos) * beyond


def antler_margin(
    electron: FourVector, positron: FourVector, *, sqrt_s: Real, parent: Real = M_TAU
) -> Real:
    """How much room the tau- has [rad]; negative where there is no solution.

    min((w- + w+ - d) / 2, w-, w+): the angular radius of the largest circle of allowed
    directions where both cones are narrower than a hemisphere, continued beyond.

    Args:
        electron: momentum in the centre of mass [GeV].
        positron: momentum there [GeV].
        sqrt_s: energy of the collision [GeV].
        parent: mass of the parent [GeV].
    """
    minus = half_angle(electron, sqrt_s=sqrt_s, parent=parent)
    plus = half_angle(positron, sqrt_s=sqrt_s, parent=parent)
    overlap = (minus + plus - _angle(electron, positron)) / 2
    return jnp.minimum(overlap, jnp.minimum(minus, plus))


def has_antler(
    electron: FourVector, positron: FourVector, *, sqrt_s: Real
) -> Bool[Array, "..."]:
    """Whether two on-shell taus explain the event; arguments as in `antler_margin`."""
    return jnp.asarray(antler_margin(electron, positron, sqrt_s=sqrt_s)) >= 0


def smallest_parent_mass(
    electron: FourVector, positron: FourVector, *, sqrt_s: Real
) -> Float[Array, "..."]:
    """Smallest mass of two parents that explain the event [GeV]; inf if none does.

    At most the mass of the tau in a tau pair without radiation. The cones grow from
    nothing at M = 0, and touch first where w- + w+ = d, which is quadratic in M^2: with
    t = (E - p) / p of each electron and k = sin^2(d / 2),

        M^2 = s k / (t- + t+ + 2 k + 2 sqrt((1 - k) (t- t+ - k))).

    No mass at all will do where t- t+ < k. Electron masses are neglected, (m_e / p)^2.
    Arguments as in `antler_margin`.
    """
    energy = sqrt_s / 2
    minus, plus = ((energy - p.momentum()) / p.momentum() for p in (electron, positron))
    k = jnp.sin(_angle(electron, positron) / 2) ** 2
    room = minus * plus - k
    root = jnp.sqrt(jnp.maximum((1 - k) * room, 0.0))
    mass = sqrt_s * jnp.sqrt(k / (minus + plus + 2 * k + 2 * root))
    possible = (room >= 0) & (minus >= 0) & (plus >= 0)
    return jnp.where(possible, mass, math.inf)


def radiated_margin(
    electron: FourVector, positron: FourVector, *, sqrt_s: Real, steps: int = 101
) -> Float[Array, "..."]:
    """The largest `antler_margin` after one photon along either beam [rad].

    What radiation from the beams asks for: no tau pair with one collinear photon is
    below 0 but for the steps, at the price of signal. Other arguments as there.

    Args:
        electron: momentum in the centre of mass of the beams [GeV].
        positron: momentum there [GeV].
        sqrt_s: energy of the collision [GeV].
        steps: photon energies, odd; from one beam's largest to the other's.
    """
    total = jnp.asarray(sqrt_s, float)
    most = (total * total - 4 * M_TAU**2) / (2 * total)
    # closer together where the taus have little momentum left
    spread = jnp.sin(jnp.linspace(-1.0, 1.0, steps) * (math.pi / 2))

    def one(photon: Real) -> Array:
        left = total - jnp.abs(photon)
        rest = jnp.sqrt(left * left - photon * photon)
        moved = (boost_z(p, left, photon, rest) for p in (electron, positron))
        return jnp.asarray(antler_margin(*moved, sqrt_s=rest))

    # short of the threshold, where the taus have no direction
    return jax.vmap(one)(spread * most * (1 - 1e-9)).max(axis=0)
