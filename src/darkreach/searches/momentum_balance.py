"""Particles that together have the momentum of the beams: a fit with four constraints.

All are moved from where they were measured by as few resolutions as possible, sum u^2
of the errors u, until their momenta add up to that of the beams (Lagrange multipliers;
PDG 2024, Statistics, section on least squares).
"""

from collections.abc import Callable, Sequence
from typing import Final

import jax
import jax.numpy as jnp

from jaxtyping import Array, Float

from darkreach.algebra.kinematics import FourVector

Errors = Float[Array, "3 n"]
Moved = Callable[[Errors], FourVector]

STEPS: Final = 3  # of Gauss and Newton; the second one changes 1e-3 resolutions


def balanced(
    moved: Sequence[Moved], *, events: int
) -> tuple[list[FourVector], Float[Array, " n"]]:
    """The fitted momenta [GeV], and the sum of the squares of the errors.

    Args:
        moved: of every particle, the momentum as a function of three errors in units of
            the resolutions, 0 as measured [GeV]; outgoing ones, and incoming ones
            with a minus sign. An error that does nothing is 0.
        events: n.
    """
    errors = jnp.zeros((len(moved), 3, events))
    for _ in range(STEPS):
        excess, slopes = _expanded(moved, errors)
        covariance = jnp.einsum("ekan,fkan->nef", slopes, slopes)
        wanted = jnp.einsum("ekan,kan->ne", slopes, errors) - excess.T
        lagrange = jnp.linalg.solve(covariance, wanted[..., None])[..., 0]
        errors = jnp.einsum("ekan,ne->kan", slopes, lagrange)
    found = [one(e) for one, e in zip(moved, errors, strict=True)]
    return found, (errors * errors).sum(axis=(0, 1))


def _expanded(
    moved: Sequence[Moved], errors: Float[Array, "k 3 n"]
) -> tuple[Float[Array, "4 n"], Float[Array, "4 k 3 n"]]:
    """Sum of the momenta, and its derivatives by all errors [GeV]."""
    excess, slopes = jnp.zeros((4, errors.shape[-1])), []
    for one, own in zip(moved, errors, strict=True):
        columns = []
        for axis in range(3):
            along = jnp.zeros_like(own).at[axis].set(1.0)
            value, slope = jax.jvp(one, (own,), (along,))
            columns.append(jnp.stack(slope))
        excess = excess + jnp.stack(value)
        slopes.append(jnp.stack(columns, axis=1))
    return excess, jnp.stack(slopes, axis=1)
