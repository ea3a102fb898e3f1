"""Currents of electron lines in light-cone components.

The components (0 + 3, 0 - 3, 1 + 2i, 1 - 2i) are two products of spinor components
each, half as many operations as the Cartesian ones of `dirac.Current`.
"""

from typing import NamedTuple

from darkreach.algebra.dirac import Complex, Spinor
from darkreach.algebra.kinematics import FourVector, Real


class Wave(NamedTuple):
    """Half of a current, in the components (0 + 3, 0 - 3, 1 + 2i, 1 - 2i)."""

    plus: Complex
    minus: Complex
    up: Complex
    down: Complex

    def __add__(self, other: "Wave") -> "Wave":  # type: ignore[override]
        return Wave(*(a + b for a, b in zip(self, other, strict=True)))

    def __neg__(self) -> "Wave":
        return Wave(*(-c for c in self))

    def conj(self) -> "Wave":
        """The current of both spins flipped."""
        plus, minus, up, down = (c.conj() for c in self)
        return Wave(plus, minus, down, up)

    def across(self, q: FourVector, share: Real) -> "Wave":
        """Less a share of its (Euclidean) part along q, which couples to nothing."""
        up = Complex(q.x, q.y)
        along = self.plus * (q.e + q.z) + self.minus * (q.e - q.z)
        along = along + self.up * up.conj() + self.down * up
        along = along * (share / (2 * (q.e * q.e + q.dot3(q))))
        return Wave(
            self.plus - along * (q.e + q.z),
            self.minus - along * (q.e - q.z),
            self.up - along * up,
            self.down - along * up.conj(),
        )

    def dot(self, other: "Wave") -> Complex:
        """Half of the product of the two currents."""
        along = self.plus * other.minus + self.minus * other.plus
        return along - (self.up * other.down + self.down * other.up)


def wave(bar: Spinor, psi: Spinor) -> Wave:
    """Half of bar gamma^a psi, with the row given as a column."""
    (a, b), (c, d) = bar
    (e, f), (g, h) = psi
    return Wave(
        f.times_conj(b) + g.times_conj(c),
        e.times_conj(a) + h.times_conj(d),
        h.times_conj(c) - f.times_conj(a),
        g.times_conj(d) - e.times_conj(b),
    )
