"""A guess at Bhabha scattering with two hard photons, from which events are drawn.

Events get their exact weights afterwards: what is cheap can be drawn until enough of it
passes a selection that few events pass.
"""

import math

from dataclasses import replace
from typing import Final

import jax.numpy as jnp

from darkreach.algebra.kinematics import FourVector, Real, photon_product
from darkreach.constants import E_CHARGE, M_E
from darkreach.experiments.belle2_ecl import Ecl
from darkreach.processes.ee_to_ee_gamma_gamma import EeToEeGammaGamma
from darkreach.pytree import pytree
from darkreach.sampling.adaptive import Grid
from darkreach.sampling.beams import Collider

ANGLES: Final = (1, 4)  # coordinates of the photons' angles, `sampling.initial_state`


@pytree
class Factorised(EeToEeGammaGamma):
    """Soft factors of both photons times Bhabha scattering without masses.

    The scattering as in the exact formula for one photon (Berends et al., Phys. Lett.
    B103 (1981) 124 [recalled]); of the soft factors the positive terms, so that every
    pole is there. Of two like photons the first is the one nearer to the beams, and
    events count twice.
    """

    def squared(self, *p: FourVector) -> Real:
        """Within a factor of a few of the exact one."""
        one, two, three, four = p[:4]
        s, t, u = (2 * one.dot(k) for k in (two, three, four))
        s_, t_, u_ = 2 * three.dot(four), 2 * two.dot(four), 2 * two.dot(three)
        s, t, u, s_, t_, u_ = (jnp.maximum(x, M_E**2) for x in (s, t, u, s_, t_, u_))
        rows = ((s, s_), (t, t_), (u, u_))
        size = sum(a * b * (a * a + b * b) for a, b in rows) / (s * s_ * t * t_)
        pairs = ((one, two), (three, four), (one, three), (two, four))
        soft = math.prod(
            sum(
                a.dot(b)
                / photon_product(a, k, mass=M_E)
                / photon_product(b, k, mass=M_E)
                for a, b in pairs
            )
            for k in p[4:]
        )
        sides = [[photon_product(a, k, mass=M_E) for a in (one, two)] for k in p[4:]]
        # sin^2 of the angle to the beams in the centre of mass, over 4
        first, second = (a * b / (a + b) ** 2 for a, b in sides)
        ordered = jnp.where(first < second, 2.0, 0.0)
        return ordered * E_CHARGE**8 * size * soft


def aimed(grid: Grid, beam: Collider, ecl: Ecl, *, photons: int) -> Grid:
    """The grid of the channel "initial", with photons mostly in the gaps or the seam.

    Args:
        grid: trained.
        beam: of the collisions.
        ecl: the calorimeter.
        photons: 1 for the second photon, 2 for both.
    """
    bins = grid.edges.shape[1] - 1
    edge = 3 * ecl.edge
    seam = 5 * ecl.seam / ecl.radius
    rings = (
        (ecl.forward_end - edge, ecl.barrel_start + edge),
        (ecl.barrel_end - edge, ecl.backward_start + edge),
        (ecl.seam_theta - seam, ecl.seam_theta + seam),
    )
    share = bins // 4
    (electron, _), _, _ = beam(jnp.zeros(0))
    velocity = electron.z / electron.e
    most = jnp.arctanh(velocity)
    # tan(theta / 2) of what has no mass scales under a boost along z
    forward = FourVector(1.0, 0.0, 0.0, 1.0)
    scale = beam.to_laboratory(forward).e
    parts = [jnp.linspace(0.0, 1.0, bins - 3 * share + 1)]
    for low, high in rings:
        theta = 2 * jnp.arctan(scale * jnp.tan(jnp.array([high, low]) / 2))
        ends = 0.5 + jnp.arctanh(velocity * jnp.cos(theta)) / (2 * most)
        parts.append(jnp.linspace(ends[0], ends[1], share))
    row = jnp.sort(jnp.concatenate(parts))
    edges = grid.edges
    for axis in ANGLES[-photons:]:
        edges = edges.at[axis].set(row)
    return replace(grid, edges=edges)
