"""e- e+ -> e- e+ e- e+ by two photons: a pair is seen, the beams' electrons are lost.

M = e^4 J^m / t J'^n / t' ubar(k-) [gamma_m S gamma_n + gamma_n S gamma_m] v(k+): the
two multiperipheral diagrams (Budnev, Ginzburg, Meledin and Serbo, Phys. Rept. 15, 181
(1975)), exact in the electron mass. The other diagrams and the exchange of like
particles are left out. None of them has both poles 1 / t and 1 / t' of two beam
particles at small angles: they are smaller by t / W^2, W the mass of the pair, where
the pair is at wide angles. Elsewhere this is e- e+ -> e- e+ f f with f as light as e.
"""

import math

from itertools import product
from typing import Any

import jax
import jax.numpy as jnp

from jaxtyping import Array, Float

from darkreach.algebra.currents import Wave, wave
from darkreach.algebra.dirac import Complex, Spinor, antispinors, slash, spinors
from darkreach.algebra.electron_lines import Indices, by_spin, closed
from darkreach.algebra.kinematics import FourVector, Real, transfer_squared
from darkreach.constants import E_CHARGE, M_E
from darkreach.pytree import pytree


@pytree
class EeToEeEe:
    """Two photons make the pair `e-` and `e+`; `beam-` and `beam+` go on.

    Cuts on electrons speak of the pair, and what is missing are the two others.

    Attributes:
        widest: largest angle of `beam-` and `beam+` to their beams in the centre of
            mass [rad]; nothing is sampled outside.
    """

    widest: float | Float[Array, ""] = math.pi
    incoming: tuple[str, ...] = ("e-", "e+")
    outgoing: tuple[str, ...] = ("e-", "e+", "beam-", "beam+")
    chain: tuple[str, ...] = ("beam-", "beam+", "e-", "e+")
    channels: tuple[str, ...] = ("pair_electron_kick", "pair_positron_kick")
    drawn: int = 0

    def masses(self, x: Float[Array, " d"]) -> tuple[tuple[Real, ...], Real]:
        """Outgoing masses [GeV] and weight; nothing is drawn."""
        return (M_E, M_E, M_E, M_E), 1.0

    def poles(self, *p: FourVector) -> tuple[Real, ...]:
        """Which beam particle has the larger transfer; the phase space is the same.

        A grid whose axes are the transfers could not tell one large from both.
        """
        t = transfer_squared(p[0], p[4], mass=M_E)
        u = transfer_squared(p[1], p[5], mass=M_E)
        return t * t, u * u

    def amplitude(self, *momenta: FourVector) -> tuple[Any, ...]:
        """One event, by spin: [e-][e+][pair's e-][pair's e+][beam-][beam+]."""
        found: dict[Indices, Complex] = {}
        for b, e, f in product((False, True), repeat=3):
            for (c, d), value in _pair(momenta, b, e, f).items():
                found[(0, b, c, d, e, f)] = value
                # all spins flipped: signs of three v(p, down), see `flip`
                sign = -((-1.0) ** (b + c + d + e + f))
                found[(1, 1 - b, 1 - c, 1 - d, 1 - e, 1 - f)] = value.conj() * sign
        return by_spin(found)

    def squared(self, *momenta: FourVector) -> Real:
        """The amplitude squared, summed over outgoing spins, averaged over others.

        Spins of the beam particles in a loop: the graph is smaller and compiles faster.
        """

        def added(i: Array, total: Array) -> Array:
            # see `photon_exchange.scattering_squared`
            barrier = jax.lax.optimization_barrier
            here, _ = barrier((momenta, i))  # type: ignore[no-untyped-call]
            found = _pair(here, *((i >> n) & 1 == 1 for n in range(3))).values()
            # twice for the electron's spin, over four incoming states
            return total + sum(a.times_conj(a).re for a in found) / 2

        start = jnp.zeros_like(jnp.asarray(momenta[0].e, float))
        total: Array = jax.lax.fori_loop(0, 8, added, start)
        return total


Bit = Array | bool  # whether a spin is down


def _pair(
    momenta: tuple[FourVector, ...], b: Bit, e: Bit, f: Bit
) -> dict[Indices, Complex]:
    """Amplitudes by both spins of the pair, for an incoming electron with spin up.

    Args:
        momenta: e-, e+, the pair's e- and e+, beam-, beam+ [GeV].
        b: spin of the incoming positron.
        e: of the outgoing beam electron.
        f: of the outgoing beam positron.
    """
    electron, positron, minus, plus, scattered, other = momenta
    q, given = electron - scattered, positron - other
    t = transfer_squared(electron, scattered, mass=M_E)
    u = transfer_squared(positron, other, mass=M_E)
    up = spinors(electron, M_E)[0]
    bar, psi = (
        _chosen(bit, antispinors(p, M_E)) for bit, p in ((b, positron), (f, other))
    )
    one = wave(_chosen(e, spinors(scattered, M_E)), up).across(q, 1.0)
    two = wave(bar, psi).across(given, 1.0)
    rows, ends = spinors(minus, M_E), antispinors(plus, M_E)
    # the electron between the photons, by which of them meets the outgoing one
    near, far = 1 / (t - 2 * q.dot(minus)), 1 / (t - 2 * q.dot(plus))
    early = [_onward(minus - q, near, _met(one.conj(), row)) for row in rows]
    late = [_onward(q - plus, far, _met(one, end)) for end in ends]
    right = [_met(two, end) for end in ends]
    left = [_met(two.conj(), row) for row in rows]
    size = 4 * E_CHARGE**4 / (t * u)  # four for two halves of currents
    return {
        (c, d): (closed(early[c], right[d]) + closed(left[c], late[d])) * size
        for c, d in product((0, 1), repeat=2)
    }


def _chosen(second: Bit, both: tuple[Spinor, Spinor]) -> Spinor:
    found: Spinor = jax.tree.map(lambda a, b: jnp.where(second, b, a), *both)
    return found


def _met(j: Wave, psi: Spinor) -> Spinor:
    """A slashed half of a current acting on a column."""
    (a, b), (c, d) = psi
    return Spinor(
        (j.minus * c - j.down * d, j.plus * d - j.up * c),
        (j.plus * a + j.down * b, j.minus * b + j.up * a),
    )


def _onward(p: FourVector, factor: Real, psi: Spinor) -> Spinor:
    """(slashed p + m) times a factor acting on a column."""
    (a, b), (c, d) = slash(p, psi)
    (e, f), (g, h) = psi
    mass = M_E * factor
    return Spinor(
        (a * factor + e * mass, b * factor + f * mass),
        (c * factor + g * mass, d * factor + h * mass),
    )
