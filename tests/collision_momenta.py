"""Momenta of e- e+ collisions: flat, with a soft photon, and peripheral ones exactly.

Arrays are (E, px, py, pz); incoming particles come first.
"""

from itertools import pairwise

import dense
import mpmath
import numpy as np

from darkreach.constants import M_E


def incoming(total):
    """Electron along +z and positron, in the centre of mass."""
    p = np.sqrt(total**2 / 4 - M_E**2)
    return np.array([[total / 2, 0, 0, p], [total / 2, 0, 0, -p]])


def events(total, masses, rng, n):
    """Momenta (n, 2 + k, 4), incoming first; flat two-body decays, one in the other."""
    return np.stack([_event(total, masses, rng) for _ in range(n)])


def _event(total, masses, rng):
    found, frame, mass = [], np.eye(4), total
    for i, own in enumerate(masses[:-1]):
        rest = masses[i + 1 :]
        last = len(rest) == 1
        other = rest[0] if last else rng.uniform(sum(rest), mass - own)
        energy = (mass**2 + own**2 - other**2) / (2 * mass)
        size = np.sqrt(max(energy**2 - own**2, 0.0))
        cos, phi = rng.uniform(-1, 1), rng.uniform(0, 2 * np.pi)
        sin = np.sqrt(1 - cos**2)
        n = np.array([sin * np.cos(phi), sin * np.sin(phi), cos])
        found.append(frame @ np.array([energy, *(size * n)]))
        recoil = np.array([mass - energy, *(-size * n)])
        if last:
            found.append(frame @ recoil)
        else:
            frame, mass = frame @ dense.boost(recoil[1:] / recoil[0]), other
    return np.concatenate([incoming(total), on_shell(np.array(found), masses)])


def on_shell(p, masses):
    """The same space parts with energies without the roundings of boosts."""
    energy = np.sqrt((p[:, 1:] ** 2).sum(axis=1) + np.square(masses))
    return np.concatenate([energy[:, None], p[:, 1:]], axis=1)


def with_soft_photon(p, energy):
    """Events and the same with a photon more: the rest recoils and keeps its angles.

    Args:
        p: momenta (n, 2 + k, 4) with k = 2 or 3 in the centre of mass.
        energy: of the photon [GeV].
    """
    total = 2 * p[0, 0, 0]
    direction = np.array([0.48, -0.6, 0.64])
    soft = energy * np.array([1.0, *direction])
    recoil = np.array([total, 0, 0, 0]) - soft
    mass = np.sqrt(dense.dot(recoil, recoil))
    frame = dense.boost(recoil[1:] / recoil[0])
    out = []
    for row in p:
        masses = np.sqrt(np.maximum(dense.dot(row[2:], row[2:]), 0.0))
        masses = np.where(masses > M_E / 2, M_E, 0.0)
        moved = _rescaled(row[2:], masses, mass) @ frame.T
        out.append(np.concatenate([row[:2], on_shell(moved, masses), soft[None]]))
    return p, np.stack(out)


def _rescaled(p, masses, total):
    """The same directions with another total energy."""
    low, high = 0.5, 1.5
    for _ in range(60):
        factor = (low + high) / 2
        scaled = on_shell(p * factor, masses)
        low, high = (factor, high) if scaled[:, 0].sum() < total else (low, factor)
    return scaled


def peripheral_event(total, masses, angle):
    """e- e+ -> (e- ...) (e+ ...) with 50 digits, as an object array.

    Args:
        total: sqrt(s) [GeV].
        masses: of both sides, each before every photon that it emits; () without [GeV].
        angle: between the sides and the beams.
    """
    mpmath.mp.dps = 50
    m, root = mpmath.mpf(M_E), mpmath.mpf(total)
    left, right = ((*map(mpmath.mpf, side), m) for side in masses)
    beam = mpmath.sqrt(root**2 / 4 - m**2)
    energy = (root**2 + left[0] ** 2 - right[0] ** 2) / (2 * root)
    momentum = mpmath.sqrt(energy**2 - left[0] ** 2)
    zero = mpmath.mpf(0)
    axis = np.array([mpmath.sin(angle), zero, mpmath.cos(angle)])
    out, soft = [], []
    for own, sizes, sign in ((energy, left, 1), (root - energy, right, -1)):
        cluster = np.array([own, *(sign * momentum * axis)])
        for n, (size, inner) in enumerate(pairwise(sizes)):
            k = (size**2 - inner**2) / (2 * size)
            turns = (480, -600 * sign, 640 * (-1) ** n)
            direction = np.array([mpmath.mpf(c) for c in turns])
            still = k * direction / mpmath.sqrt(sum(direction**2))
            boosted = (cluster[0] * k + cluster[1:] @ still) / size
            along = (k + boosted) / (cluster[0] + size)
            soft.append(np.array([boosted, *(still + along * cluster[1:])]))
            cluster = cluster - soft[-1]
        out.append(cluster)
    start = [np.array([root / 2, zero, zero, sign * beam]) for sign in (1, -1)]
    return np.stack([*start, *out, *soft])
