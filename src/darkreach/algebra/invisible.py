"""A neutrino pair integrated exactly: one invisible slot with mass squared Q^2.

With J the charged current of the visible line and Q the momentum of the pair,
integrating the neutrinos' trace N over their two-body phase space gives
int dPhi_2 sum N^{ab} = (Q^a Q^b - Q^2 g^{ab}) / (12 pi), with left-handed neutrinos
only (Lenard, Phys. Rev. 90, 968 (1953); Kuno and Okada, hep-ph/9909265, section 3).
"""

import math

from typing import Final

import jax.numpy as jnp

from darkreach.algebra.dirac import Complex, Current
from darkreach.algebra.kinematics import FourVector, Real
from darkreach.constants import G_F

# (4 G_F / sqrt 2)^2 of the four-fermion Lagrangian, over 12 pi of the pair
COUPLING_SQUARED: Final = (4 * G_F / math.sqrt(2)) ** 2 / (12 * math.pi)


def contract(a: Current, b: Current, q: FourVector) -> Complex:
    """A_a B*_b (Q^a Q^b - Q^2 g^{ab}), the coupling left out.

    Args:
        a: current of one set of spins.
        b: current of another one (equal to `a` on the diagonal of the spin density).
        q: momentum of the pair [GeV].
    """
    along = a.dot(q).times_conj(b.dot(q))
    across = (
        a.e.times_conj(b.e)
        - a.x.times_conj(b.x)
        - a.y.times_conj(b.y)
        - a.z.times_conj(b.z)
    )
    return along - across * q.mass_squared()


def draw_mass(x: Real, maximum: Real) -> tuple[Real, Real]:
    """Mass of the pair, flat in its square, and the weight of dQ^2 / (2 pi).

    Flat in Q^2 keeps the steep edge of a background at small missing mass as precise as
    its bulk.

    Args:
        x: one unit-cube coordinate.
        maximum: largest mass [GeV].

    Returns:
        Mass [GeV] and weight [GeV^2].
    """
    return maximum * jnp.sqrt(x), maximum * maximum / (2 * math.pi)
