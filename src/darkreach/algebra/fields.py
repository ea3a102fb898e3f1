"""Electric and magnetic fields of virtual and real photons."""

from typing import NamedTuple

from darkreach.algebra.dirac import Complex, Current
from darkreach.algebra.kinematics import FourVector, Real


class Field(NamedTuple):
    """Electric and magnetic field of a current that emits a photon, complex."""

    electric: tuple[Complex, Complex, Complex]
    magnetic: tuple[Complex, Complex, Complex]

    def product(self, other: "Field") -> Complex:
        """E.B' + E'.B: what a couples to."""
        mixed = zip(
            (*self.electric, *self.magnetic),
            (*other.magnetic, *other.electric),
            strict=True,
        )
        first, *rest = (a * b for a, b in mixed)
        return sum(rest, start=first)


def field(j: Current, q: FourVector, factor: Real) -> Field:
    """Fields of A = j times a factor with momentum q.

    Gauge terms, j along q, drop out component by component: in a contraction of the
    four-vectors with epsilon they would leave their rounding errors behind.
    """
    electric = j.x * q.e - j.e * q.x, j.y * q.e - j.e * q.y, j.z * q.e - j.e * q.z
    magnetic = j.z * q.y - j.y * q.z, j.x * q.z - j.z * q.x, j.y * q.x - j.x * q.y
    one, two, three = (c * factor for c in electric)
    four, five, six = (c * factor for c in magnetic)
    return Field((one, two, three), (four, five, six))
