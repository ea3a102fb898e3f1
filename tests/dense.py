"""A second, slow way to every amplitude: dense 4x4 matrices in NumPy, and traces.

Dirac basis and spin sums as traces, so that nothing is shared with the package's chiral
two-component spinors but the Feynman rules.
"""

import numpy as np

_pauli = (
    np.array([[0, 1], [1, 0]], complex),
    np.array([[0, -1j], [1j, 0]]),
    np.array([[1, 0], [0, -1]], complex),
)
_one, _zero = np.eye(2, dtype=complex), np.zeros((2, 2), complex)
UNIT = np.eye(4, dtype=complex)
GAMMA = np.array(
    [np.block([[_one, _zero], [_zero, -_one]])]
    + [np.block([[_zero, s], [-s, _zero]]) for s in _pauli]
)
GAMMA5 = 1j * GAMMA[0] @ GAMMA[1] @ GAMMA[2] @ GAMMA[3]
LEFT = (UNIT - GAMMA5) / 2
METRIC = np.diag([1.0, -1.0, -1.0, -1.0])


def dot(p, q):
    return p[..., 0] * q[..., 0] - (p[..., 1:] * q[..., 1:]).sum(-1)


def slash(p):
    return np.einsum("...m,mn,nab->...ab", p, METRIC, GAMMA)


def adjoint(matrix):
    """gamma0 M^dagger gamma0: the matrix of the conjugate amplitude."""
    return GAMMA[0] @ np.swapaxes(matrix.conj(), -1, -2) @ GAMMA[0]


def propagator(p, mass):
    return (slash(p) + mass * UNIT) / (dot(p, p) - mass**2)


def at_rest(mass):
    return np.array([mass, 0.0, 0.0, 0.0])


def density(p, mass, polarisation=(0.0, 0.0, 0.0)):
    """u ubar averaged over spins: (pslash + m)(1 + gamma5 sslash)/2, p at rest if P."""
    spin = np.array([0.0, *polarisation])
    return (slash(p) + mass * UNIT) @ (UNIT + GAMMA5 @ slash(spin)) / 2


def boost(velocity):
    """4x4 Lorentz boost matrix of a velocity vector."""
    v = np.asarray(velocity, float)
    gamma = 1 / np.sqrt(1 - v @ v)
    matrix = np.eye(4)
    matrix[0, 0] = gamma
    matrix[0, 1:] = matrix[1:, 0] = gamma * v
    matrix[1:, 1:] += gamma**2 / (gamma + 1) * np.outer(v, v)
    return matrix


def rotation(axis, angle):
    """4x4 rotation matrix."""
    n = np.asarray(axis, float) / np.linalg.norm(axis)
    cross = np.array([[0, -n[2], n[1]], [n[2], 0, -n[0]], [-n[1], n[0], 0]])
    matrix = np.eye(4)
    matrix[1:, 1:] += np.sin(angle) * cross + (1 - np.cos(angle)) * cross @ cross
    return matrix


def neutrino_pairs(q, polar=3, azimuthal=5):
    """Massless pairs with total momentum q: momenta and weights of dPhi_2.

    Gauss in cos(theta), equal steps in phi: exact for polynomials in the direction of
    degree 2 * polar - 1 and azimuthal - 1; the squared amplitude has degree 2.
    """
    mass = np.sqrt(dot(q, q))
    to_lab = boost(q[1:] / q[0])
    nodes, weights = np.polynomial.legendre.leggauss(polar)
    for cos, weight in zip(nodes, weights, strict=True):
        for phi in 2 * np.pi * np.arange(azimuthal) / azimuthal:
            sin = np.sqrt(1 - cos**2)
            n = np.array([sin * np.cos(phi), sin * np.sin(phi), cos])
            first = to_lab @ (mass / 2 * np.array([1, *n]))
            second = to_lab @ (mass / 2 * np.array([1, *-n]))
            # dPhi_2 = dOmega / (4 pi) / (8 pi) for two massless particles
            yield first, second, weight / 2 / azimuthal / (8 * np.pi)
