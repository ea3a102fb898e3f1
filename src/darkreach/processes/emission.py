"""A neutral boson leaves a lepton line, and may turn into e+ e-.

Written for mu- -> e- e- e+ ...; `process.squared` maps to the mu+. The factors i of
vertices and propagators and the overall sign are left out.
"""

from collections.abc import Callable
from functools import partial
from typing import Any, Final, NamedTuple

import jax.numpy as jnp

from darkreach.algebra.dirac import (
    Bar,
    Complex,
    Current,
    Polarisations,
    Spinor,
    Weyl,
    antispinors,
    bar_contracted,
    bar_propagate,
    bars,
    contracted,
    left_current,
    massive,
    propagate,
    right_current,
    spinors,
)
from darkreach.algebra.kinematics import FourVector, Real
from darkreach.constants import E_CHARGE, M_E, M_MU
from darkreach.models.dark_photon import DarkPhoton
from darkreach.models.lepton_scalar import LeptonScalar
from darkreach.models.lepton_vector import LeptonVector

Resonance = DarkPhoton | LeptonVector | LeptonScalar
Vertex = Callable[[Bar, Spinor], Any]  # the decay: row, column -> leaf of an amplitude
Chiral = tuple[Real, Real]  # of the left- and the right-handed half


class Vector(NamedTuple):
    """X_a lbar gamma^a (g_L P_L + g_R P_R) l; a mass only where currents need it.

    Attributes:
        e: couplings (g_L, g_R) to the electron.
        mu: to the muon.
        inverse_square: 1 / m^2 of k^a k^b / m^2 in the propagator [GeV^-2]; None where
            the current of the pair is conserved.
    """

    e: Chiral = (1.0, 1.0)
    mu: Chiral = (1.0, 1.0)
    inverse_square: Real | None = None


class Scalar(NamedTuple):
    """phi lbar (g_S + i g_P gamma5) l, as (g_S, g_P) of the electron and the muon."""

    e: Chiral
    mu: Chiral


ELECTROMAGNETIC: Final = Vector()  # times e^2, which belongs to the propagator


def _scaled(current: Current, factor: Real) -> Current:
    one = isinstance(factor, float) and factor == 1.0
    return current if one else current.scale(factor)


class _VectorWave(NamedTuple):
    """What a pair leaves of a vector: V^a for both halves of both leptons."""

    e: tuple[Current, Current]
    mu: tuple[Current, Current]

    def on_muon(self, psi: Spinor) -> Spinor:
        return contracted(*self.mu, psi)

    def on_electron(self, bar: Bar) -> Bar:
        return bar_contracted(bar, *self.e)


class _ScalarWave(NamedTuple):
    """What a pair leaves of a scalar: a number for both halves of both leptons."""

    e: tuple[Complex, Complex]
    mu: tuple[Complex, Complex]

    def on_muon(self, psi: Spinor) -> Spinor:
        return Spinor(_times(psi.left, self.mu[0]), _times(psi.right, self.mu[1]))

    def on_electron(self, bar: Bar) -> Bar:
        return Bar(_times(bar.left, self.e[0]), _times(bar.right, self.e[1]))


def _times(half: Weyl, factor: Complex) -> Weyl:
    return half[0] * factor, half[1] * factor


def _vector_wave(
    boson: Vector, bar: Bar, anti: Spinor, k: FourVector, strength: Complex | Real
) -> _VectorWave:
    left = _scaled(left_current(bar, anti), boson.e[0])
    total = left + _scaled(right_current(bar, anti), boson.e[1])
    if boson.inverse_square is not None:
        along = total.dot(k) * -boson.inverse_square
        total = total + Current(*(along * component for component in k))
    return _vector_halves(
        boson, Current(*(component * strength for component in total))
    )


def _vector_halves(boson: Vector, wave: Current) -> _VectorWave:
    e, mu = (
        (_scaled(wave, low), _scaled(wave, high)) for low, high in (boson.e, boson.mu)
    )
    return _VectorWave(e, mu)


def _halves(couplings: Chiral) -> tuple[Complex, Complex]:
    """g_S -+ i g_P of the left- and right-handed half."""
    return Complex(couplings[0], -couplings[1]), Complex(*couplings)


def _scalar_wave(
    boson: Scalar, bar: Bar, anti: Spinor, strength: Complex | Real
) -> _ScalarWave:
    (b0, b1), (b2, b3) = bar
    (v0, v1), (v2, v3) = anti
    low, high = _halves(boson.e)
    closed = ((b0 * v0 + b1 * v1) * low + (b2 * v2 + b3 * v3) * high) * strength
    e, mu = (tuple(closed * half for half in _halves(c)) for c in (boson.e, boson.mu))
    return _ScalarWave((e[0], e[1]), (mu[0], mu[1]))


def conversion(
    boson: Vector | Scalar,
    propagator: Callable[[FourVector], Complex | Real],
    momenta: tuple[FourVector, ...],
    *,
    vertex: Vertex,
) -> tuple[Any, ...]:
    """mu -> e e e+ ... by a boson that turns into e e+; two legs, two exchanges.

    Args:
        boson: its couplings.
        propagator: strength of the exchange as a function of its momentum [GeV^-2].
        momenta: of the muon, the two electrons and the positron (of mu-) [GeV].
        vertex: the decay without the boson.

    Returns:
        Amplitude by spin: [mu][first][second][third].
    """
    mu, first, second, third = momenta
    psi, anti = spinors(mu, M_MU), antispinors(third, M_E)
    one, two = bars(first, M_E), bars(second, M_E)

    def diagrams(
        spectator: FourVector, rows: tuple[Bar, Bar], partner: FourVector, pair: Bar
    ) -> list[list[list[Any]]]:
        """By spin [third][mu][spectator], for one spin of the partner."""
        k = partner + third
        strength = propagator(k)
        found = []
        for v in anti:
            wave: _VectorWave | _ScalarWave
            if isinstance(boson, Vector):
                wave = _vector_wave(boson, pair, v, k, strength)
            else:
                wave = _scalar_wave(boson, pair, v, strength)
            from_mu = [propagate(mu - k, M_MU, wave.on_muon(p)) for p in psi]
            from_e = [
                bar_propagate(wave.on_electron(b), spectator + k, M_E) for b in rows
            ]
            found.append(
                [
                    [
                        vertex(e, p) + vertex(b, m)
                        for e, b in zip(from_e, rows, strict=True)
                    ]
                    for p, m in zip(psi, from_mu, strict=True)
                ]
            )
        return found

    # by spin of the partner, the third, the muon, the spectator
    direct = [diagrams(second, two, first, bar) for bar in one]
    crossed = [diagrams(first, one, second, bar) for bar in two]
    spins = (0, 1)
    return tuple(
        tuple(
            tuple(
                tuple(direct[i][k][m][j] - crossed[j][k][m][i] for k in spins)
                for j in spins
            )
            for i in spins
        )
        for m in spins
    )


def boson(model: Resonance) -> tuple[Vector | Scalar, Real]:
    """Couplings of a model's boson, and the factor that belongs to its propagator."""
    if isinstance(model, DarkPhoton):
        return ELECTROMAGNETIC, (model.eps * E_CHARGE) ** 2
    if isinstance(model, LeptonVector):
        e = model.g_v_e - model.g_a_e, model.g_v_e + model.g_a_e
        mu = model.g_v_mu - model.g_a_mu, model.g_v_mu + model.g_a_mu
        return Vector(e, mu, 1 / model.mass**2), 1.0
    return Scalar((model.g_s_e, model.g_p_e), (model.g_s_mu, model.g_p_mu)), 1.0


def emission(
    model: Resonance,
    momenta: tuple[FourVector, FourVector, FourVector],
    *,
    vertex: Vertex,
    polarisations: Polarisations | None = None,
) -> tuple[Any, ...]:
    """mu -> e X ... with a real X from the muon or the electron.

    Args:
        model: X and its couplings.
        momenta: of muon, electron and X [GeV].
        vertex: the decay without X.
        polarisations: of a vector X; its three linear ones by default.

    Returns:
        Amplitude by spin: [mu][e][X].
    """
    mu, e, k = momenta
    couplings, strength = boson(model)
    waves: tuple[_VectorWave | _ScalarWave, ...]
    if isinstance(couplings, Scalar):
        waves = (_emitted_scalar(couplings),)
    else:
        conserved = couplings.inverse_square is None
        default = partial(massive, mass=model.mass, conserved=conserved)
        size = jnp.sqrt(strength)
        waves = tuple(
            _emitted_vector(couplings, eps, size)
            for eps in (polarisations or default)(k)
        )

    def line(bar: Bar, psi: Spinor, wave: _VectorWave | _ScalarWave) -> Any:
        from_e = bar_propagate(wave.on_electron(bar), e + k, M_E)
        from_mu = propagate(mu - k, M_MU, wave.on_muon(psi))
        return vertex(from_e, psi) + vertex(bar, from_mu)

    psis, rows = spinors(mu, M_MU), bars(e, M_E)
    return tuple(
        tuple(tuple(line(bar, psi, wave) for wave in waves) for bar in rows)
        for psi in psis
    )


def _emitted_vector(couplings: Vector, eps: FourVector, size: Real) -> _VectorWave:
    zero = jnp.zeros_like(jnp.asarray(eps.e, float))
    wave = Current(*(Complex(component * size, zero) for component in eps))
    return _vector_halves(couplings, wave)


def _emitted_scalar(couplings: Scalar) -> _ScalarWave:
    return _ScalarWave(_halves(couplings.e), _halves(couplings.mu))
