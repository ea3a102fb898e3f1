"""A virtual photon between two electron lines, with any number of real ones.

All tree diagrams of e- e+ -> e- e+ n gamma with the electron mass, from the off-shell
currents of `algebra.electron_lines`: 2, 8 and 40 diagrams for 0, 1 and 2 photons. The
two channels have opposite signs, that of the exchange of the incoming positron with the
outgoing electron (PDG 2024, Cross-section Formulae).

Virtualities are sums of products without cancellation of momenta. Where both lines emit
a photon, the line on which the terms are smaller is used: near the least virtuality,
M^2 M'^2 / s, rounding errors are eps s / max(M^2, M'^2) of it. The current of that line
loses its part along q, which drops out and is the larger by up to E / sqrt(-q^2).
"""

from collections.abc import Callable
from itertools import product
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp

from jaxtyping import Array

from darkreach.algebra.currents import Wave, wave
from darkreach.algebra.dirac import Complex, Polarisations, photon
from darkreach.algebra.electron_lines import (
    Columns,
    Indices,
    Leg,
    Photons,
    by_spin,
    columns,
    flip,
    leg,
    photons,
    subsets,
)
from darkreach.algebra.kinematics import FourVector, Real, transfer_squared
from darkreach.constants import E_CHARGE, M_E


class _Spins(NamedTuple):
    """Currents of a line with spin up at its start: `flip` gives the others.

    Attributes:
        up: with spin up at its end.
        down: with the flipped spin there.
    """

    up: Wave
    down: Wave

    def __add__(self, other: "_Spins") -> "_Spins":  # type: ignore[override]
        return _Spins(self.up + other.up, self.down + other.down)

    def across(self, q: FourVector, share: Real) -> "_Spins":
        """Both without a share of their part along q."""
        return _Spins(self.up.across(q, share), self.down.across(q, share))

    def at(self, start: int, end: int) -> Wave:
        """The current of these spins; a flip squares to -1."""
        if start == 0:
            return self.down if end else self.up
        return self.up.conj() if end else -self.down.conj()


Waves = dict[Indices, dict[Indices, _Spins]]  # by photons, then their polarisations


class _Line(NamedTuple):
    """Currents of a line from one leg, a column, to another, a row."""

    start: Leg
    end: Leg
    waves: Waves

    def given(self, chosen: Indices, real: Photons) -> FourVector:
        """Momentum of its virtual photon when it emits `chosen` [GeV]."""
        q, end = self.start.momentum(), self.end.momentum()
        for i in chosen:
            q = q - real.k[i]
        return q - end

    def virtuality(self, chosen: Indices, real: Photons) -> tuple[Real, Real]:
        """q^2 of its photon when it emits `chosen`; sum of the sizes of the terms."""
        transfer = transfer_squared(self.start.p, self.end.p, mass=M_E)
        alike = self.start.charge == self.end.charge
        base = transfer if alike else 4 * M_E**2 - transfer
        terms = base, self.start.added(chosen), self.end.added(chosen)
        mutual = real.squared(chosen)
        return sum(terms, start=mutual), sum(map(jnp.abs, terms), start=mutual)


def _at(values: Indices, places: Indices) -> Indices:
    return tuple(values[i] for i in places)


def _line(start: tuple[Leg, Columns], end: tuple[Leg, Columns], real: Photons) -> _Line:
    """Currents with every set of photons, shared by the two ends in every way."""
    waves: Waves = {}
    for chosen in subsets(tuple(range(len(real.k)))):
        places = tuple(range(len(chosen)))
        waves[chosen] = {}
        for spins in real.spins(chosen):
            total: _Spins | None = None
            for share in subsets(places):
                rest = tuple(i for i in places if i not in share)
                row = end[1][_at(chosen, share)][_at(spins, share)]
                psi = start[1][_at(chosen, rest)][_at(spins, rest)]
                term = _Spins(wave(row, psi), wave(flip(row), psi))
                total = term if total is None else total + term
            assert total is not None
            waves[chosen][spins] = total
    return _Line(start[0], end[0], waves)


Exchange = Callable[[Indices, Indices, Indices], Complex]


def _exchange(first: _Line, second: _Line, real: Photons) -> Exchange:
    """Half of the product over q^2, by spins of both lines and of the photons."""
    every = tuple(range(len(real.k)))
    parts = []
    for chosen in subsets(every):
        rest = tuple(i for i in every if i not in chosen)
        left, right = first.waves[chosen], second.waves[rest]
        one, size = first.virtuality(chosen, real)
        two, other = second.virtuality(rest, real)
        both, cleaner = bool(chosen) and bool(rest), size <= other
        q2 = jnp.where(cleaner, one, two) if both else two if chosen else one
        if both or not chosen:
            share = jnp.where(cleaner, 1.0, 0.0) if both else 1.0
            q = first.given(chosen, real)
            left = {k: v.across(q, share) for k, v in left.items()}
        if chosen:
            share = jnp.where(cleaner, 0.0, 1.0) if both else 1.0
            q = second.given(rest, real)
            right = {k: v.across(q, share) for k, v in right.items()}
        parts.append((chosen, left, rest, right, 1 / q2))

    def amplitude(one: Indices, two: Indices, spins: Indices) -> Complex:
        total: Complex | None = None
        for chosen, left, rest, right, strength in parts:
            wave_one = left[_at(spins, chosen)].at(*one)
            wave_two = right[_at(spins, rest)].at(*two)
            term = wave_one.dot(wave_two) * strength
            total = term if total is None else total + term
        assert total is not None
        return total

    return amplitude


def _half(
    momenta: tuple[FourVector, ...],
    eps: tuple[tuple[FourVector, ...], ...],
    *,
    exchange: float = 1.0,
    annihilation: float = 1.0,
) -> dict[Indices, Complex]:
    """Amplitudes with the incoming electron's spin up, by all spins."""
    real = photons(momenta[4:], eps)
    kinds = ((1.0, -1.0), (-1.0, -1.0), (1.0, 1.0), (-1.0, 1.0))
    legs = [
        leg(p, charge, way=way, real=real)
        for p, (charge, way) in zip(momenta[:4], kinds, strict=True)
    ]
    n = len(real.k)
    e_in, p_in, e_out, p_out = ((one, columns(one, real, most=n)) for one in legs)
    direct = _exchange(_line(e_in, e_out, real), _line(p_out, p_in, real), real)
    crossed = _exchange(_line(e_in, p_in, real), _line(p_out, e_out, real), real)
    found: dict[Indices, Complex] = {}
    for b, c, d in product((0, 1), repeat=3):
        sign = (-1.0) ** (b + d)  # of v(p, down), see `flip`
        for spins in real.spins(tuple(range(n))):
            through = direct((0, c), (d, b), spins) * (sign * exchange)
            made = crossed((0, b), (d, c), spins) * (sign * annihilation)
            found[(0, b, c, d, *spins)] = (through - made) * (2 * E_CHARGE ** (2 + n))
    return found


def scattering(
    momenta: tuple[FourVector, ...],
    polarisations: Polarisations,
    *,
    exchange: float = 1.0,
    annihilation: float = 1.0,
) -> tuple[Any, ...]:
    """e- e+ -> e- e+ and any number of photons.

    Args:
        momenta: incoming electron and positron, outgoing ones, photons [GeV].
        polarisations: real polarisations of a photon.
        exchange: 0 leaves out the photon in the t channel.
        annihilation: 0 leaves out the one in the s channel.

    Returns:
        Amplitude by spin: [e-][e+][outgoing e-][outgoing e+][photon]...
    """
    eps = tuple(polarisations(k) for k in momenta[4:])
    found = _half(momenta, eps, exchange=exchange, annihilation=annihilation)
    for (_, b, c, d, *spins), value in tuple(found.items()):
        # all four flipped: a sign from each that is turned back
        mirrored = value.conj() * (-1.0) ** (b + c + d)
        found[(1, 1 - b, 1 - c, 1 - d, *spins)] = mirrored
    return by_spin(found)


def scattering_squared(momenta: tuple[FourVector, ...]) -> Real:
    """Square of `scattering`, summed over outgoing and averaged over incoming spins.

    The same sum, with the polarisations of the photons in a loop: as fast, from a graph
    that is smaller by the number of their states and compiles in a tenth of the time.
    """
    choices = tuple(photon(k) for k in momenta[4:])

    def added(i: Array, total: Array) -> Array:
        # What does not change is worked out anew: XLA would keep it all in memory,
        # three times slower, measured.
        barrier = jax.lax.optimization_barrier
        here, _ = barrier((momenta, i))  # type: ignore[no-untyped-call]
        eps = tuple(
            (_chosen((i >> n) & 1 == 1, *pair),) for n, pair in enumerate(choices)
        )
        found = _half(here, eps).values()
        # twice for the electron's spin, over four incoming states
        return total + sum(a.times_conj(a).re for a in found) / 2

    start = jnp.zeros_like(jnp.asarray(momenta[0].e, float))
    total: Array = jax.lax.fori_loop(0, 2 ** len(choices), added, start)
    return total


def _chosen(second: Array, one: FourVector, two: FourVector) -> FourVector:
    return FourVector(*(jnp.where(second, b, a) for a, b in zip(one, two, strict=True)))
