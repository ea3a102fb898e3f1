"""e- e+ collisions slowly: dense matrices, one diagram after another.

Explicit Dirac spinors, photons summed to -g^ab, propagators by plain differences of
momenta: nothing is shared with the package but the Feynman rules. Arrays are
(E, px, py, pz).
"""

from itertools import combinations, permutations

import dense
import jax
import jax.numpy as jnp
import numpy as np

from catalogue import vectors
from diagrams import LOWER_GAMMA, columns, rows

from darkreach.algebra.dirac import photon
from darkreach.constants import E_CHARGE, M_E


def line(row, column, start, emitted):
    """A line that emits these momenta, summed over all orders.

    Args:
        row: (2, 4) spinors at its end.
        column: (4, 2) spinors at its start.
        start: momentum along the line there.
        emitted: list of the momenta that leave it.

    Returns:
        (2, 2, 4, ..., 4): spins of start and end, lower indices in the order of
        `emitted`.
    """
    total = 0.0
    for order in permutations(range(len(emitted))):
        matrix, q = column.T, start
        for step, i in enumerate(order):
            matrix = np.einsum("aij,...j->...ai", LOWER_GAMMA, matrix)
            q = q - emitted[i]
            if step < len(order) - 1:
                matrix = matrix @ dense.propagator(q, M_E).T
        closed = np.moveaxis(matrix @ row.T, -1, 1)
        total = total + np.moveaxis(
            closed, range(2, closed.ndim), [2 + i for i in order]
        )
    return total


def polarisation_sum(amplitude, photons):
    """Sum over all spins, and -g^ab for the last `photons` indices; average of four."""
    signs = -np.diag(dense.METRIC)
    square = np.abs(amplitude) ** 2
    for _ in range(photons):
        square = square @ signs
    return square.sum() / 4


def annihilation_squared(p):
    """e- e+ into photons, averaged over incoming spins."""
    row, column = rows_of_positron(p[1]), columns(p[0], M_E)
    k = list(p[2:])
    return polarisation_sum(E_CHARGE ** len(k) * line(row, column, p[0], k), len(k))


def rows_of_positron(p):
    """vbar(p, s) as (2, 4)."""
    return columns(p, M_E, anti=True).conj().T @ dense.GAMMA[0]


def channel(first, second, k):
    """All diagrams with a virtual photon between two lines.

    Args:
        first: row, column, start and end momentum of a line.
        second: of the other one.
        k: real photons, on either line in every way.

    Returns:
        Spins of start and end of both lines, then photon indices.
    """
    n, total = len(k), 0.0
    for size in range(n + 1):
        for chosen in combinations(range(n), size):
            rest = [i for i in range(n) if i not in chosen]
            q = first[2] - first[3] - sum((k[i] for i in chosen), start=np.zeros(4))
            one = line(*first[:3], [q, *(k[i] for i in chosen)])
            two = line(*second[:3], [-q, *(k[i] for i in rest)])
            both = np.einsum("abm...,mn->ab...n", one, dense.METRIC)
            both = np.tensordot(both, np.moveaxis(two, 2, 0), axes=(-1, 0))
            # start, end, chosen photons, start, end, the rest
            both = np.moveaxis(both, (2 + size, 3 + size), (2, 3)) / dense.dot(q, q)
            total = total + np.moveaxis(
                both, range(4, 4 + n), [4 + i for i in (*chosen, *rest)]
            )
    return total


def scattering(p):
    """e- e+ -> e- e+ and photons: [e-][outgoing e-][outgoing e+][e+][photons]."""
    k = list(p[4:])
    u_in, v_out = columns(p[0], M_E), columns(p[3], M_E, anti=True)
    ubar_out, vbar_in = rows(p[2], M_E), rows_of_positron(p[1])
    through = channel((ubar_out, u_in, p[0], p[2]), (vbar_in, v_out, -p[3], -p[1]), k)
    made = channel((vbar_in, u_in, p[0], -p[1]), (ubar_out, v_out, -p[3], p[2]), k)
    # from [e-][e+][outgoing e+][outgoing e-]; Fermi's sign for two exchanged ends
    total = through - np.swapaxes(made, 1, 3)
    return E_CHARGE ** (2 + len(k)) * total


def scattering_squared(p):
    """The same squared, averaged over incoming spins."""
    return polarisation_sum(scattering(p), len(p) - 4)


def leaves(process, p, **how):
    """Amplitudes of a few events by all spins, (spins, events), without compiling."""
    found = process.amplitude(*vectors(jnp.asarray(p)), **how)
    flat = np.stack([np.asarray(part) for part in jax.tree.leaves(found)])
    return flat[::2] + 1j * flat[1::2]


def squares(process, p):
    """Their sum over all spins, averaged over incoming ones."""
    return (np.abs(leaves(process, p)) ** 2).sum(axis=0) / 4


def ward_gaps(process, p, slot):
    """Amplitude with the momentum of one photon for its polarisation, over its size.

    Args:
        process: with real photons.
        p: momenta (n, k, 4).
        slot: place of the photon among all particles.

    Returns:
        Of each event: the largest entry over the root of the sum of squares with the
        real polarisations, times the photon's energy.
    """
    k = np.asarray(p)[:, slot]

    def polarisations(q):
        here = np.array_equal(np.asarray(q.array()), k)
        return (q,) if here else photon(q)

    longitudinal = leaves(process, p, polarisations=polarisations)
    size = np.sqrt((np.abs(leaves(process, p)) ** 2).sum(axis=0)) * k[:, 0]
    return np.abs(longitudinal).max(axis=0) / size


def transformed(p):
    """The events turned and boosted in three ways."""
    for matrix in (
        dense.rotation((1, 2, -1), 1.1),
        dense.boost((0, 0, 0.27)),
        dense.boost((-0.3, 0.5, 0.4)),
    ):
        yield np.einsum("ij,nkj->nki", matrix, p)


def eikonal(charged, k, signs):
    """e^2 times minus the square of the classical current of charged particles.

    Args:
        charged: momenta (n, k, 4).
        k: the soft photon (n, 4).
        signs: charge of each, times -1 where it comes in.
    """
    current = sum(
        sign * charged[:, i] / dense.dot(charged[:, i], k)[:, None]
        for i, sign in enumerate(signs)
    )
    return -(E_CHARGE**2) * dense.dot(current, current)
