"""Spinors, gamma matrices, propagators and polarisations, one event at a time.

Chiral basis: gamma^mu = ((0, sigma^mu), (sigmabar^mu, 0)), gamma5 = diag(-1, -1, 1, 1),
with sigma^mu = (1, sigma) and sigmabar^mu = (1, -sigma); spinors are normalised to
ubar u = 2 m (Peskin and Schroeder, An Introduction to QFT, sections 3.2-3.3). A spin
index 0 or 1 is spin up or down along z in the rest frame (canonical boost).

Complex numbers are pairs of real scalars: real times complex then costs two products,
not four, and XLA vectorises the whole amplitude.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

import jax.numpy as jnp

from jaxtyping import Array, Inexact

from darkreach.algebra.kinematics import FourVector, Real


class Complex(NamedTuple):
    """A complex scalar."""

    re: Real
    im: Real

    def __add__(self, other: "Complex") -> "Complex":  # type: ignore[override]
        return Complex(self.re + other.re, self.im + other.im)

    def __sub__(self, other: "Complex") -> "Complex":
        return Complex(self.re - other.re, self.im - other.im)

    def __neg__(self) -> "Complex":
        return Complex(-self.re, -self.im)

    def __mul__(self, other: "Complex | Real") -> "Complex":  # type: ignore[override]
        if isinstance(other, Complex):
            return Complex(
                self.re * other.re - self.im * other.im,
                self.re * other.im + self.im * other.re,
            )
        return Complex(self.re * other, self.im * other)

    def times_i(self) -> "Complex":
        """Multiply by the imaginary unit."""
        return Complex(-self.im, self.re)

    def conj(self) -> "Complex":
        """Complex conjugate."""
        return Complex(self.re, -self.im)

    def times_conj(self, other: "Complex") -> "Complex":
        """This number times the conjugate of `other`."""
        return Complex(
            self.re * other.re + self.im * other.im,
            self.im * other.re - self.re * other.im,
        )


Weyl = tuple[Complex, Complex]


class Spinor(NamedTuple):
    """A column spinor: its left- and right-handed halves."""

    left: Weyl
    right: Weyl


class Bar(NamedTuple):
    """A row spinor: what multiplies the left and the right half of a column."""

    left: Weyl
    right: Weyl


class Current(NamedTuple):
    """A complex four-vector with an upper Lorentz index."""

    e: Complex
    x: Complex
    y: Complex
    z: Complex

    def __add__(self, other: "Current") -> "Current":  # type: ignore[override]
        return Current(*(a + b for a, b in zip(self, other, strict=True)))

    def __sub__(self, other: "Current") -> "Current":
        return Current(*(a - b for a, b in zip(self, other, strict=True)))

    def scale(self, factor: Real) -> "Current":
        """Multiply by a real number."""
        return Current(*(a * factor for a in self))

    def dot(self, p: FourVector) -> Complex:
        """Minkowski product with a real four-vector."""
        return self.e * p.e - self.x * p.x - self.y * p.y - self.z * p.z


def _pauli(p: FourVector, w: Weyl, sign: float) -> Weyl:
    """(E + sign p.sigma) w."""
    x, y, z = sign * p.x, sign * p.y, sign * p.z
    up, down = w
    return (
        up * (p.e + z) + down * x - down.times_i() * y,
        down * (p.e - z) + up * x + up.times_i() * y,
    )


def slash(p: FourVector, psi: Spinor) -> Spinor:
    """Slashed p acting on a column."""
    return Spinor(_pauli(p, psi.right, -1.0), _pauli(p, psi.left, 1.0))


def bar_slash(bar: Bar, p: FourVector) -> Bar:
    """A row times slashed p."""
    transposed = FourVector(p.e, p.x, -p.y, p.z)
    return Bar(_pauli(transposed, bar.right, 1.0), _pauli(transposed, bar.left, -1.0))


def _complex_pauli(j: Current, w: Weyl, sign: float) -> Weyl:
    """(J^0 + sign J.sigma) w with complex components."""
    up, down = w
    along, x, y = j.z * sign, j.x * sign, j.y.times_i() * sign
    return (
        (j.e + along) * up + (x - y) * down,
        (j.e - along) * down + (x + y) * up,
    )


def contracted(left: Current, right: Current, psi: Spinor) -> Spinor:
    """Slashed complex vectors acting on the two halves of a column.

    With `left` for the left-handed half: g_L V and g_R V for a chiral coupling of V.
    """
    return Spinor(
        _complex_pauli(right, psi.right, -1.0), _complex_pauli(left, psi.left, 1.0)
    )


def bar_contracted(bar: Bar, left: Current, right: Current) -> Bar:
    """A row times slashed complex vectors, chiral couplings as in `contracted`."""
    return Bar(
        _complex_pauli(_transposed(left), bar.right, 1.0),
        _complex_pauli(_transposed(right), bar.left, -1.0),
    )


def _transposed(j: Current) -> Current:
    return Current(j.e, j.x, -j.y, j.z)


def _over(a: Weyl, b: Weyl, mass: Real, factor: Real) -> Weyl:
    return (a[0] + b[0] * mass) * factor, (a[1] + b[1] * mass) * factor


def propagate(p: FourVector, mass: Real, psi: Spinor) -> Spinor:
    """(slashed p + m) / (p^2 - m^2) acting on a column; the factor i is left out."""
    factor = 1 / (p.mass_squared() - mass * mass)
    moved = slash(p, psi)
    return Spinor(
        _over(moved.left, psi.left, mass, factor),
        _over(moved.right, psi.right, mass, factor),
    )


def bar_propagate(bar: Bar, p: FourVector, mass: Real) -> Bar:
    """A row times (slashed p + m) / (p^2 - m^2); the factor i is left out."""
    factor = 1 / (p.mass_squared() - mass * mass)
    moved = bar_slash(bar, p)
    return Bar(
        _over(moved.left, bar.left, mass, factor),
        _over(moved.right, bar.right, mass, factor),
    )


def spinors(p: FourVector, mass: Real) -> tuple[Spinor, Spinor]:
    """u(p, s) for spin up and down along z in the rest frame; ubar u = 2 m."""
    total = p.e + mass
    norm = 1 / jnp.sqrt(2 * total)
    zero = jnp.zeros_like(norm)
    real = total * norm
    x, y, z = p.x * norm, p.y * norm, p.z * norm
    up = Spinor(
        (Complex(real - z, zero), Complex(-x, -y)),
        (Complex(real + z, zero), Complex(x, y)),
    )
    down = Spinor(
        (Complex(-x, y), Complex(real + z, zero)),
        (Complex(x, -y), Complex(real - z, zero)),
    )
    return up, down


def antispinors(p: FourVector, mass: Real) -> tuple[Spinor, Spinor]:
    """v(p, s), a basis of both spins; vbar v = -2 m (Peskin, eq. (3.62))."""
    up, down = spinors(p, mass)
    return _turned(up), _turned(down)


def _turned(psi: Spinor) -> Spinor:
    (a, b), (c, d) = psi
    return Spinor((a, b), (-c, -d))


def bars(p: FourVector, mass: Real) -> tuple[Bar, Bar]:
    """ubar(p, s) for spin up and down along z in the rest frame."""
    up, down = spinors(p, mass)
    return _adjoint(up), _adjoint(down)


def antibars(p: FourVector, mass: Real) -> tuple[Bar, Bar]:
    """vbar(p, s) of the spins of `antispinors`."""
    up, down = antispinors(p, mass)
    return _adjoint(up), _adjoint(down)


def _adjoint(psi: Spinor) -> Bar:
    left, right = psi
    return Bar(
        (right[0].conj(), right[1].conj()),
        (left[0].conj(), left[1].conj()),
    )


def close(bar: Bar, psi: Spinor) -> Complex:
    """Row times column."""
    (a, b), (c, d) = bar
    (e, f), (g, h) = psi
    return a * e + b * f + c * g + d * h


def vector_axial(psi: Spinor, c_v: Complex, c_a: Complex) -> Spinor:
    """(C_V + C_A gamma5) acting on a column."""
    left, right = c_v - c_a, c_v + c_a
    return Spinor(
        (psi.left[0] * left, psi.left[1] * left),
        (psi.right[0] * right, psi.right[1] * right),
    )


def left_current(bar: Bar, psi: Spinor) -> Current:
    """Row times gamma^a P_L times column, with P_L = (1 - gamma5) / 2."""
    (b0, b1), (u0, u1) = bar.right, psi.left
    p00, p11, p01, p10 = b0 * u0, b1 * u1, b0 * u1, b1 * u0
    return Current(p00 + p11, -(p01 + p10), (p01 - p10).times_i(), p11 - p00)


def right_current(bar: Bar, psi: Spinor) -> Current:
    """Row times gamma^a P_R times column, with P_R = (1 + gamma5) / 2."""
    (b0, b1), (u0, u1) = bar.left, psi.right
    p00, p11, p01, p10 = b0 * u0, b1 * u1, b0 * u1, b1 * u0
    return Current(p00 + p11, p01 + p10, (p10 - p01).times_i(), p00 - p11)


def vector_current(bar: Bar, psi: Spinor) -> Current:
    """Row times gamma^a times column."""
    return left_current(bar, psi) + right_current(bar, psi)


Polarisations = Callable[[FourVector], tuple[FourVector, ...]]


def photon(k: FourVector) -> tuple[FourVector, FourVector]:
    """The two linear polarisations of a real photon; transverse to k and to time."""
    squared = k.x * k.x + k.y * k.y
    on_axis = squared <= 0.0
    transverse = jnp.sqrt(jnp.where(on_axis, 1.0, squared))
    cos_phi = jnp.where(on_axis, 1.0, k.x / transverse)
    sin_phi = jnp.where(on_axis, 0.0, k.y / transverse)
    sin_theta = jnp.where(on_axis, 0.0, transverse / k.e)
    cos_theta = k.z / k.e
    zero = jnp.zeros_like(cos_phi)
    in_plane = FourVector(zero, cos_phi * cos_theta, sin_phi * cos_theta, -sin_theta)
    return in_plane, FourVector(zero, -sin_phi, cos_phi, zero)


def massive(
    k: FourVector, *, mass: Real, conserved: bool = False
) -> tuple[FourVector, FourVector, FourVector]:
    """The three linear polarisations of a massive vector.

    Args:
        k: its momentum [GeV].
        mass: its mass [GeV].
        conserved: whether k^a may be added, since it meets conserved currents only; the
            longitudinal one less k^a / m then stays finite for a small mass.
    """
    length = jnp.maximum(k.momentum(), 1e-12 * k.e)
    still = k.dot3(k) <= 0.0
    direction = FourVector(length, k.x, k.y, jnp.where(still, length, k.z))
    first, second = photon(direction)
    unit = 1 / length
    if conserved:
        size = -mass / (k.e + length)
        along = FourVector(
            size, *(-size * unit * c for c in (direction.x, direction.y, direction.z))
        )
    else:
        size = k.e * unit / mass
        along = FourVector(
            length / mass, *(size * c for c in (direction.x, direction.y, direction.z))
        )
    return first, second, along


def complex_scalar(value: Inexact[Array, ""] | float | complex) -> Complex:
    """A coupling as a pair of reals."""
    return Complex(jnp.real(value), jnp.imag(value))


def amplitudes(
    line: Callable[..., Any],
    psi: tuple[Spinor, ...],
    bar: tuple[Bar, ...],
    eps: tuple[FourVector, ...] | None = None,
) -> tuple[Any, ...]:
    """`line(bar, psi[, eps])` for every spin, as nested tuples [psi][bar][eps].

    What several spins share is traced again for each of them; XLA merges it.
    """
    if eps is None:
        return tuple(tuple(line(b, p) for b in bar) for p in psi)
    return tuple(tuple(tuple(line(b, p, e) for e in eps) for b in bar) for p in psi)
