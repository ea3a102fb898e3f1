"""Electrons that carry real photons.

Every external electron or positron is a column that carries any set of the photons,
summed over their order (off-shell currents: Berends and Giele, Nucl. Phys. B306 (1988)
759 [recalled]). A row is the adjoint of a column, since the polarisations are real.
Denominators are products of momenta without cancellation; factors i are left out.
"""

from collections.abc import Mapping
from itertools import chain, combinations, product
from typing import Any, NamedTuple

from darkreach.algebra.dirac import (
    Complex,
    Polarisations,
    Spinor,
    Weyl,
    antispinors,
    slash,
    spinors,
)
from darkreach.algebra.kinematics import FourVector, Real, photon_product
from darkreach.constants import E_CHARGE, M_E

Indices = tuple[int, ...]
Columns = dict[Indices, dict[Indices, Spinor]]  # by photons, then their polarisations


class Photons(NamedTuple):
    """Real photons.

    Attributes:
        k: momenta [GeV].
        eps: real polarisations of each.
        products: k_i.k_j of every pair i < j [GeV^2].
    """

    k: tuple[FourVector, ...]
    eps: tuple[tuple[FourVector, ...], ...]
    products: dict[Indices, Real]

    def squared(self, chosen: Indices) -> Real:
        """Invariant mass squared of some of them [GeV^2]."""
        pairs = (self.products[pair] for pair in combinations(chosen, 2))
        return 2.0 * sum(pairs, start=0.0)

    def spins(self, chosen: Indices) -> list[Indices]:
        """All polarisations of some of them."""
        return list(product(*(range(len(self.eps[i])) for i in chosen)))


def photons(
    k: tuple[FourVector, ...], eps: tuple[tuple[FourVector, ...], ...]
) -> Photons:
    """Real photons with these momenta [GeV] and polarisations."""
    pairs = combinations(range(len(k)), 2)
    products: dict[Indices, Real] = {
        (i, j): photon_product(k[i], k[j], mass=0.0) for i, j in pairs
    }
    return Photons(k, eps, products)


class Leg(NamedTuple):
    """An external electron or positron.

    The momentum on its line is charge (p + way K) after it has met photons of K.

    Attributes:
        spins: its spinors, u of an electron and v of a positron.
        p: its momentum [GeV].
        charge: 1 for an electron, -1 for a positron.
        way: 1 where it is outgoing, -1 where it is incoming.
        products: p.k of all photons [GeV^2].
    """

    spins: tuple[Spinor, Spinor]
    p: FourVector
    charge: float
    way: float
    products: tuple[Real, ...]

    def momentum(self) -> FourVector:
        """Momentum along the line before it meets photons [GeV]."""
        return FourVector(*(self.charge * c for c in self.p))

    def added(self, chosen: Indices) -> Real:
        """2 way p.K of some photons [GeV^2]."""
        return 2.0 * self.way * sum((self.products[i] for i in chosen), start=0.0)


def leg(p: FourVector, charge: float, *, way: float, real: Photons) -> Leg:
    """An external leg and its products with the photons; see `Leg`."""
    spins = (spinors if charge > 0 else antispinors)(p, M_E)
    products = tuple(photon_product(p, k, mass=M_E) for k in real.k)
    return Leg(spins, p, charge, way, products)


def subsets(indices: Indices, most: int | None = None) -> list[Indices]:
    """All subsets of at most `most` members, small ones first."""
    sizes = range((len(indices) if most is None else most) + 1)
    return list(chain(*(combinations(indices, n) for n in sizes)))


def columns(at: Leg, real: Photons, *, most: int, spin: int = 0) -> Columns:
    """A leg with every set of at most `most` photons, propagators included."""
    found: Columns = {(): {(): at.spins[spin]}}
    for chosen in subsets(tuple(range(len(real.k))), most)[1:]:
        p = at.p
        for i in chosen:
            p = p + real.k[i] if at.way > 0 else p - real.k[i]
        factor = 1 / (real.squared(chosen) + at.added(chosen))
        found[chosen] = {
            spins: _onward(at, p, factor, _met(found, real, chosen, spins))
            for spins in real.spins(chosen)
        }
    return found


def _met(found: Columns, real: Photons, chosen: Indices, spins: Indices) -> Spinor:
    """Columns that meet the last of the chosen photons, without a propagator."""
    total: Spinor | None = None
    for place, i in enumerate(chosen):
        rest, others = (v[:place] + v[place + 1 :] for v in (chosen, spins))
        term = slash(real.eps[i][spins[place]], found[rest][others])
        total = term if total is None else _sum(total, term)
    assert total is not None
    return total


def _sum(first: Spinor, second: Spinor) -> Spinor:
    (a, b), (c, d) = first
    (e, f), (g, h) = second
    return Spinor((a + e, b + f), (c + g, d + h))


def _onward(at: Leg, p: FourVector, factor: Real, psi: Spinor) -> Spinor:
    """(charge slashed p + m) times a factor, on a column."""
    (a, b), (c, d) = slash(p, psi)
    (e, f), (g, h) = psi
    size, mass = at.charge * factor, M_E * factor
    return Spinor(
        (a * size + e * mass, b * size + f * mass),
        (c * size + g * mass, d * size + h * mass),
    )


def flip(psi: Spinor) -> Spinor:
    """The state of opposite spin: charge conjugation and gamma5.

    Commutes with slashed real vectors and masses, so that amplitudes turn into their
    complex conjugates; twice is -1. Turns u(p, up) into u(p, down) of `spinors`, and
    v(p, up) into -v(p, down).
    """

    def turned(w: Weyl) -> Weyl:
        return -w[1].conj(), w[0].conj()

    return Spinor(turned(psi.right), turned(psi.left))


def closed(bar: Spinor, psi: Spinor) -> Complex:
    """Adjoint of a column times a column."""
    (a, b), (c, d) = bar
    (e, f), (g, h) = psi
    left = g.times_conj(a) + h.times_conj(b)
    return left + e.times_conj(c) + f.times_conj(d)


def annihilation(
    electron: FourVector,
    positron: FourVector,
    k: tuple[FourVector, ...],
    polarisations: Polarisations,
) -> tuple[Any, ...]:
    """e- e+ into photons alone, in every order.

    Half of the photons leave the electron's side, so that with up to three of them
    every denominator is one product of momenta.

    Args:
        electron: incoming [GeV].
        positron: incoming [GeV].
        k: the photons [GeV].
        polarisations: real polarisations of a photon.

    Returns:
        Amplitude by spin: [e-][e+][photon]...
    """
    real = photons(k, tuple(polarisations(one) for one in k))
    every = tuple(range(len(k)))
    start = leg(electron, 1.0, way=-1.0, real=real)
    end = leg(positron, -1.0, way=-1.0, real=real)
    early, late = len(every) // 2, (len(every) - 1) // 2
    psis = columns(start, real, most=early)
    met = {
        (first, i, spins, a): slash(eps, psi)
        for first in combinations(every, early)
        for i in every
        if i not in first
        for spins, psi in psis[first].items()
        for a, eps in enumerate(real.eps[i])
    }
    found: dict[Indices, Complex] = {}
    for b in (0, 1):
        rows = columns(end, real, most=late, spin=b)
        for spins in real.spins(every):
            total: Complex | None = None
            for first, i in product(combinations(every, early), every):
                if i in first:
                    continue
                last = tuple(j for j in every if j not in {*first, i})
                psi = met[first, i, tuple(spins[j] for j in first), spins[i]]
                term = closed(rows[last][tuple(spins[j] for j in last)], psi)
                total = term if total is None else total + term
            assert total is not None
            total = total * E_CHARGE ** len(every)
            found[(0, b, *spins)] = total
            # both spins flipped; the sign is that of v(p, down) in `flip`
            found[(1, 1 - b, *spins)] = total.conj() * (1.0 if b else -1.0)
    return by_spin(found)


def by_spin(values: Mapping[Indices, Complex]) -> tuple[Any, ...]:
    """Nested tuples, one level a spin, of amplitudes by all their spins."""
    order = sorted(values)
    if len(order[0]) == 1:
        return tuple(values[spins] for spins in order)
    first = sorted({spins[0] for spins in order})
    return tuple(
        by_spin({k[1:]: v for k, v in values.items() if k[0] == spin}) for spin in first
    )
