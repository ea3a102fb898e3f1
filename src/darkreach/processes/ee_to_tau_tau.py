"""e- e+ -> tau- tau+ through a photon, and how the spins of the pair are correlated."""

import math

from typing import NamedTuple

import jax.numpy as jnp

from jaxtyping import Array, Float

from darkreach.algebra.dirac import (
    Complex,
    Current,
    antibars,
    antispinors,
    bars,
    spinors,
    vector_current,
)
from darkreach.algebra.kinematics import FourVector, Real
from darkreach.constants import ALPHA, E_CHARGE, M_E, M_TAU
from darkreach.pytree import pytree


@pytree
class EeToTauTau:
    """Born level, both masses kept (PDG 2024, Cross-section Formulae, eq. (50.3)).

    The equation number is recalled. The Z is left out: at 10.58 GeV it changes the
    total by less than 1e-4 and gives an asymmetry in the angle of 0.7 % [recalled].
    """

    incoming: tuple[str, ...] = ("e-", "e+")
    outgoing: tuple[str, ...] = ("tau-", "tau+")
    chain: tuple[str, ...] = ("tau-", "tau+")
    drawn: int = 0

    def masses(self, x: Float[Array, " d"]) -> tuple[tuple[Real, ...], Real]:
        """Outgoing masses [GeV] and weight; nothing is drawn."""
        return (M_TAU, M_TAU), 1.0

    def amplitude(
        self,
        electron: FourVector,
        positron: FourVector,
        tau_minus: FourVector,
        tau_plus: FourVector,
    ) -> tuple[tuple[tuple[tuple[Complex, ...], ...], ...], ...]:
        """One event, by spin: [electron][positron][tau-][tau+]."""
        size = E_CHARGE**2 / (electron + positron).mass_squared()
        made = [
            [vector_current(bar, psi) for psi in antispinors(tau_plus, M_TAU)]
            for bar in bars(tau_minus, M_TAU)
        ]
        return tuple(
            tuple(
                tuple(
                    tuple(_product(vector_current(bar, psi), out) * size for out in row)
                    for row in made
                )
                for bar in antibars(positron, M_E)
            )
            for psi in spinors(electron, M_E)
        )


def _product(a: Current, b: Current) -> Complex:
    return a.e * b.e - a.x * b.x - a.y * b.y - a.z * b.z


def born_cross_section(sqrt_s: Real) -> Real:
    """4 pi alpha^2 beta (3 - beta^2) / (6 s) [GeV^-2]; 0.772 nb at 10.58 GeV.

    Electron mass neglected, 1e-8 (same source); 0 below the threshold.

    Args:
        sqrt_s: energy of the collision [GeV].
    """
    s = jnp.asarray(sqrt_s) ** 2
    beta2 = jnp.maximum(1 - 4 * M_TAU**2 / s, 0.0)
    return 2 * math.pi * ALPHA**2 / (3 * s) * jnp.sqrt(beta2) * (3 - beta2)


class SpinCorrelation(NamedTuple):
    """R_ij of a pair: its density is (1 + R_ij sigma-_i sigma+_j) / 4.

    Axes are the same for both rest frames, reached by boosts along the flight: z along
    the tau-, x in the plane of the event towards larger polar angles of the tau-.
    """

    xx: Real
    yy: Real
    zz: Real
    xz: Real

    def between(self, a: FourVector, b: FourVector) -> Real:
        """a_i R_ij b_j of the space parts, a of the tau-; R is symmetric."""
        mixed = self.xz * (a.x * b.z + a.z * b.x)
        return self.xx * a.x * b.x + self.yy * a.y * b.y + self.zz * a.z * b.z + mixed


def spin_correlation(cos: Real, sin: Real, gamma2: Real) -> SpinCorrelation:
    """Of a pair from a photon and unpolarised beams; neither tau is polarised alone.

    Y.-S. Tsai, Phys. Rev. D 4, 2821 (1971) [recalled; the tests get the same from the
    amplitude]. Electron mass neglected.

    Args:
        cos: of the angle between electron and tau- in the centre of mass.
        sin: of the same, not negative.
        gamma2: (E / m)^2 of a tau there.
    """
    square, less = sin * sin, 1 / gamma2
    norm = 1 / (1 + cos * cos + square * less)
    return SpinCorrelation(
        xx=norm * square * (1 + less),
        yy=-norm * square * (1 - less),
        zz=norm * (1 + cos * cos - square * less),
        xz=-norm * 2 * sin * cos * jnp.sqrt(less),
    )
