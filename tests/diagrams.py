"""Muon decays with a boson from either leg, slowly: dense matrices, open neutrinos.

Every spin of every lepton by explicit Dirac spinors, the four-fermion interaction in
its charge-changing order, the neutrinos by quadrature: nothing is shared with the
package but the Feynman rules. All for the mu-; momenta are arrays (E, px, py, pz).
"""

import dense
import numpy as np

from darkreach.constants import E_CHARGE, G_F, M_E, M_MU

COUPLING = 4 * G_F / np.sqrt(2)
LEFT_CURRENT = dense.GAMMA @ dense.LEFT
LOWERED = np.einsum("ab,bij->aij", dense.METRIC, LEFT_CURRENT)
LOWER_GAMMA = np.einsum("ab,bij->aij", dense.METRIC, dense.GAMMA)


def columns(p, mass, *, anti=False):
    """u(p, s) or v(p, s) as (4, 2), one column a spin; Dirac basis."""
    sign = -1 if anti else 1
    rest = dense.UNIT[:, 2:] if anti else dense.UNIT[:, :2]
    return (sign * dense.slash(p) + mass * dense.UNIT) @ rest / np.sqrt(p[0] + mass)


def rows(p, mass):
    """ubar(p, s) as (2, 4)."""
    return columns(p, mass).conj().T @ dense.GAMMA[0]


def weak(muon_side, electron_side, q):
    """Amplitudes with explicit neutrinos, and weights of their phase space.

    Args:
        muon_side: by diagram, (4, 4, ...): what acts on the muon's spinor.
        electron_side: by diagram, (..., 4): row of the electron's end.
        q: momentum of the pair.

    Yields:
        Amplitude [..., mu's Dirac index] of every pair of neutrino spins, weight.
    """
    for nu, antinu, weight in dense.neutrino_pairs(q):
        for row in rows(nu, 0.0):
            for column in columns(antinu, 0.0, anti=True).T:
                yield (
                    COUPLING
                    * sum(
                        np.einsum("i,aij,...jk,...l,alm,m->...k", row, LEFT_CURRENT, m,
                                  e, LOWERED, column, optimize=True)
                        for m, e in zip(muon_side, electron_side, strict=True)
                    ),
                    weight,
                )  # fmt: skip


def derivative(model, a):
    """Vertex of the ALP, 4x4."""
    chiral = model.c_v * dense.UNIT + model.c_a * dense.GAMMA5
    return dense.slash(a) @ chiral / (2 * model.f)


class Boson:
    """Vertices of a boson (index first) with e and mu, and its propagator's tensor."""

    def __init__(self, e, mu, tensor):
        self.e, self.mu, self.tensor = np.asarray(e), np.asarray(mu), tensor


def photon(extra=0.0):
    """The photon; `extra` times k^a k^b / k^2 is added to -g^ab."""

    def tensor(k):
        k2 = dense.dot(k, k)
        return (-dense.METRIC + extra * np.outer(k, k) / k2) / k2

    charge = E_CHARGE * LOWER_GAMMA
    return Boson(charge, charge, tensor)


def vector(model):
    """A massive vector in unitary gauge, with a width."""
    mass, width = float(model.mass), float(model.width())

    def tensor(k):
        strength = 1 / (dense.dot(k, k) - mass**2 + 1j * mass * width)
        return (-dense.METRIC + np.outer(k, k) / mass**2) * strength

    if hasattr(model, "eps"):
        size = float(model.eps) * E_CHARGE * LOWER_GAMMA
        return Boson(size, size, tensor)
    e, mu = (
        LOWER_GAMMA @ (v * dense.UNIT + a * dense.GAMMA5)
        for v, a in ((model.g_v_e, model.g_a_e), (model.g_v_mu, model.g_a_mu))
    )
    return Boson(e, mu, tensor)


def scalar(model):
    """A scalar with a width."""
    mass, width = float(model.mass), float(model.width())

    def tensor(k):
        strength = 1 / (dense.dot(k, k) - mass**2 + 1j * mass * width)
        return np.array([[strength]])

    e, mu = (
        (s * dense.UNIT + 1j * p * dense.GAMMA5)[None]
        for s, p in ((model.g_s_e, model.g_p_e), (model.g_s_mu, model.g_p_mu))
    )
    return Boson(e, mu, tensor)


def of_model(model):
    return scalar(model) if hasattr(model, "g_s_e") else vector(model)


def legs(boson, wave, mu, e, k):
    """Both diagrams of one boson: what acts on the muon, and the electron's rows.

    Args:
        boson: its vertices.
        wave: (n, index): upper components of what the boson's index meets.
        mu: momentum of the muon.
        e: momentum of the electron that the boson may leave.
        k: momentum of the boson.

    Returns:
        muon side and electron side; axes [n][spin of e] first.
    """
    on_mu = np.einsum("na,aij->nij", wave, boson.mu)
    on_e = np.einsum("na,aij->nij", wave, boson.e)
    bar = rows(e, M_E)
    unit = np.broadcast_to(dense.UNIT, (len(wave), 2, 4, 4))
    plain = np.broadcast_to(bar, (len(wave), 2, 4))
    from_mu = (dense.propagator(mu - k, M_MU) @ on_mu)[:, None] + 0 * unit
    from_e = np.einsum("si,nij,jk->nsk", bar, on_e, dense.propagator(e + k, M_E))
    return (from_mu, unit), (plain, from_e)


def conversion_legs(boson, momenta):
    """Four diagrams of mu -> e e e+: sides by diagram, spins [e1][e2][e+] first."""
    mu, first, second, third = momenta
    anti = columns(third, M_E, anti=True)

    def one(spectator, partner):
        k = partner + third
        pair = np.einsum("si,aij,jt->sta", rows(partner, M_E), boson.e, anti)
        # the tensor's indices are upper, the vertices' lower
        wave = pair.reshape(4, -1) @ boson.tensor(k)
        muon, electron = legs(boson, wave, mu, spectator, k)
        # axes by spin: partner, third, spectator
        return (
            [m.reshape(2, 2, 2, 4, 4) for m in muon],
            [e.reshape(2, 2, 2, 4) for e in electron],
        )

    m1, e1 = one(second, first)
    m2, e2 = one(first, second)
    direct = [np.moveaxis(a, 2, 1) for a in m1], [np.moveaxis(a, 2, 1) for a in e1]
    # from e2, third, e1 to e1, e2, third
    crossed = [np.moveaxis(a, 2, 0) for a in m2], [-np.moveaxis(a, 2, 0) for a in e2]
    return direct[0] + crossed[0], direct[1] + crossed[1]


def density(mu, polarisation):
    """Spin density of the mu- that is the mirror of a mu+ with this polarisation."""
    return dense.density(mu, M_MU, -np.asarray(polarisation))


def _summed(amplitude, rho):
    a = amplitude.reshape(-1, 4)
    return np.einsum("ni,ij,nj->", a, rho @ dense.GAMMA[0], a.conj()).real


def weak_squared(sides, q, rho):
    """Sum over spins and neutrinos."""
    return sum(weight * _summed(a, rho) for a, weight in weak(*sides, q))


def vertex_squared(sides, vertex, rho):
    """The same for a vertex without neutrinos (an ALP): a matrix between the sides."""
    pairs = zip(*sides, strict=True)
    return _summed(sum((e @ vertex)[..., None, :] @ m for m, e in pairs), rho)
