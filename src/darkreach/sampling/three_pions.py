"""tau -> 3 pi nu through the a_1, from points of the unit cube."""

import math

from typing import Final, NamedTuple

import jax.numpy as jnp

from jaxtyping import Array, Float

from darkreach.algebra.dirac import Complex
from darkreach.algebra.kinematics import (
    FourVector,
    Real,
    boost_z,
    breakup_momentum,
    rotate,
)
from darkreach.constants import M_PI, M_TAU
from darkreach.pytree import pytree
from darkreach.sampling.phasespace import chain
from darkreach.units import GeV

Scalar = float | Float[Array, ""]

BIBTEX: Final = """\
@article{Kuhn:1990ad,
  author = {K{\\"u}hn, J. H. and Santamaria, A.},
  title = {Tau decays to pions},
  journal = {Z. Phys. C},
  volume = {48},
  pages = {445},
  year = {1990}
}"""
TAG: Final = 8  # unit-cube coordinates of `three_pions`


@pytree
class ThreePions:
    """The a_1 model of Kuehn and Santamaria (Z. Phys. C 48, 445; as in TAUOLA).

    Attributes:
        mass, width: of the a_1 [GeV].
        rho_mass, rho_width: of the rho [GeV].
        excited_mass, excited_width: of the rho' [GeV].
        excited: amplitude of the rho' relative to the rho.
    """

    mass: Scalar = 1.251 * GeV  # TAUOLA
    width: Scalar = 0.599 * GeV  # same
    rho_mass: Scalar = 0.773 * GeV  # same
    rho_width: Scalar = 0.145 * GeV  # same
    excited_mass: Scalar = 1.370 * GeV  # same
    excited_width: Scalar = 0.510 * GeV  # same
    excited: Scalar = -0.145  # same

    def a1(self, square: Real) -> Array:
        """|Breit-Wigner|^2 of the a_1 with its running width, at Q^2 [GeV^2]."""
        m2 = jnp.asarray(self.mass) ** 2
        running = self.mass * self.width * _g(square) / _g(m2)
        return m2**2 / ((m2 - square) ** 2 + running**2)

    def rho(self, square: Real) -> Complex:
        """rho and rho' in a pion pair of mass squared s [GeV^2]; about 1 at s = 0."""
        first = _p_wave(square, self.rho_mass, self.rho_width)
        second = _p_wave(square, self.excited_mass, self.excited_width)
        return (first + second * self.excited) * (1 / (1 + self.excited))


def _g(square: Real) -> Array:
    """Phase space of a_1 -> 3 pi, in arbitrary units (same paper; as in TAUOLA)."""
    q = jnp.asarray(square) / GeV**2
    above = jnp.maximum(q - 9 * (M_PI / GeV) ** 2, 0.0)
    low = 4.1 * above**3 * (1 - 3.3 * above + 5.8 * above**2)
    safe = jnp.maximum(q, 0.1)
    high = 1.623 * safe + 10.38 - 9.32 / safe + 0.65 / safe**2
    return jnp.where(q < (0.773 + M_PI / GeV) ** 2, low, high)


def _p_wave(square: Real, mass: Scalar, width: Scalar) -> Complex:
    """m^2 / (m^2 - s - i sqrt(s) Gamma(s)), Gamma(s) = Gamma (m^2 / s) (p / p_0)^3."""
    root, m2 = jnp.sqrt(jnp.asarray(square)), mass * mass
    ratio = breakup_momentum(root, M_PI, M_PI) / breakup_momentum(mass, M_PI, M_PI)
    real, running = m2 - square, width * m2 / root * ratio**3
    scale = m2 / (real * real + running * running)
    return Complex(real * scale, running * scale)


class Tag(NamedTuple):
    """Three pions in the rest frame of their tau.

    Attributes:
        pions: the two of equal charge first [GeV].
        weight: squared amplitude times phase space, arbitrary units.
        square: Q^2 of the three pions [GeV^2].
    """

    pions: tuple[FourVector, ...]
    weight: Real
    square: Real


def three_pions(x: Float[Array, " d"], model: ThreePions) -> Tag:
    """tau -> 3 pi nu at rest, unpolarised.

    |M|^2 ~ 2 Re[(k.J)(p.J*)] - (k.p)(J.J*) with the hadronic current J, tau momentum p
    and neutrino momentum k. The parity-odd term changes the orientation of the pions
    about their sum only, and is left out.

    Args:
        x: 8 coordinates.
        model: of the hadronic current.
    """
    low = (3 * M_PI) ** 2
    square = low + x[0] * (M_TAU**2 - low)
    mass = jnp.sqrt(square)
    energy = (M_TAU**2 + square) / (2 * M_TAU)
    momentum = breakup_momentum(M_TAU, mass, 0.0)
    zero = jnp.zeros_like(mass)
    still = FourVector(mass, zero, zero, zero)
    inside, volume = chain(x[3:], still, (M_PI, M_PI, M_PI))
    a, b, c = (boost_z(p, energy, momentum, mass) for p in inside)
    whole = FourVector(energy, zero, zero, momentum)
    neutrino = FourVector(momentum, zero, zero, -momentum)
    tau = whole + neutrino
    v1, v2 = _across(a - c, whole), _across(b - c, whole)
    f1 = model.rho((a + c).mass_squared())
    f2 = model.rho((b + c).mass_squared())
    n1, n2, n12 = f1.times_conj(f1).re, f2.times_conj(f2).re, f1.times_conj(f2).re
    k1, k2, p1, p2 = neutrino.dot(v1), neutrino.dot(v2), tau.dot(v1), tau.dot(v2)
    along = n1 * k1 * p1 + n2 * k2 * p2 + n12 * (k1 * p2 + k2 * p1)
    across = n1 * v1.dot(v1) + n2 * v2.dot(v2) + 2 * n12 * v1.dot(v2)
    current = model.a1(square) * (2 * along - neutrino.dot(tau) * across)
    cos, sin, phi = isotropic(x[1], x[2])
    pions = tuple(rotate(p, cos, sin, phi) for p in (a, b, c))
    return Tag(pions, current * volume * momentum, square)


def _across(p: FourVector, whole: FourVector) -> FourVector:
    """The part of p orthogonal to the sum of the pions [GeV]."""
    share = whole.dot(p) / whole.mass_squared()
    return p - FourVector(*(share * component for component in whole))


def isotropic(x: Real, y: Real) -> tuple[Real, Real, Real]:
    """cos(theta), sin(theta) and phi of an isotropic direction."""
    cos = 2 * x - 1
    return cos, jnp.sqrt(jnp.maximum(1 - cos * cos, 0.0)), 2 * math.pi * y
