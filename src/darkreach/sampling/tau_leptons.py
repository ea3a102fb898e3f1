"""e- e+ -> tau- tau+ -> e- e+ and four neutrinos, with the spins of both taus.

Tree level: the pair as in `tau_pairs.pair`, the decays with the electron mass kept and
integrated over the neutrinos. Left out: photons from the decays (-2 % of the mean
energy; +10 % of the spectrum at x = 0.3, -5 % at 0.9: `processes.michel` at this mass;
arXiv:hep-ph/9909265, section 2), the path of the taus (0.25 mm), and radiation at an
angle to the beams.
"""

import math

from functools import partial
from typing import Final, NamedTuple, Protocol, runtime_checkable

import jax
import jax.numpy as jnp

from jaxtyping import Array, Float, Key

from darkreach.algebra.kinematics import FourVector, Real, rotate
from darkreach.constants import BR_TAU_TO_E, HBAR_C, M_E, M_TAU
from darkreach.processes.ee_to_tau_tau import spin_correlation
from darkreach.sampling.adaptive import CHUNK
from darkreach.sampling.events import Events
from darkreach.sampling.tau_pairs import PAIR, pair
from darkreach.sampling.three_pions import isotropic

Scalar = float | Float[Array, ""]

LEPTON: Final = 3  # unit-cube coordinates of `lepton_decay`
LEPTONS: Final = PAIR + 2 * LEPTON  # of `tau_leptons`
MOMENTUM_MAX: Final = (M_TAU**2 - M_E**2) / (2 * M_TAU)  # of the electron [GeV]
SLOTS: Final = ("e-", "e+", "inv")


@runtime_checkable
class Collisions(Protocol):
    """What is needed of an e+ e- experiment; the electron moves along +z."""

    def sqrt_s(self) -> Real:
        """Energy of the collision [GeV]."""

    def to_laboratory(self, p: FourVector) -> FourVector:
        """From the centre of mass."""


class LeptonDecay(NamedTuple):
    """tau -> e nu nu in the rest frame of the tau.

    Attributes:
        electron: its momentum, flat in direction [GeV].
        analyser: vector h of the rate 1 + h.s for the tau- with spin s; that of a tau+
            is -h. Its time component is 0.
        weight: of an unpolarised tau; 1 on average, at most 1.13.
    """

    electron: FourVector
    analyser: FourVector
    weight: Real


def _phase_space() -> float:
    """Rate of tau -> e nu nu over that with a massless electron."""
    r = (M_E / M_TAU) ** 2
    return 1 - 8 * r + 8 * r**3 - r**4 - 12 * r * r * math.log(r)


def lepton_decay(x: Float[Array, " d"]) -> LeptonDecay:
    """The Michel decay of a tau-.

    With Q the momentum of the neutrinos and s the spin, |M|^2 is proportional to
    2 (v.Q) (e.Q) + Q^2 (v.e), v = p - M s, and so the rate to A - M k cos B with
    A = 2 M (M - E) (M E - m^2) + Q^2 M E and B = 4 M E - M^2 - 3 m^2; k is the momentum
    of the electron (hep-ph/9909265, section 2, for V-A). The momentum is drawn flat in
    its square.

    Args:
        x: 3 coordinates.
    """
    momentum = MOMENTUM_MAX * jnp.sqrt(x[0])
    energy = jnp.sqrt(momentum * momentum + M_E**2)
    square = M_TAU**2 + M_E**2 - 2 * M_TAU * energy
    plain = 2 * (M_TAU - energy) * (M_TAU * energy - M_E**2) + square * energy
    spin = momentum * (4 * M_TAU * energy - M_TAU**2 - 3 * M_E**2)
    # int k A dE is M^6 / 16 for a massless electron
    norm = 8 * MOMENTUM_MAX**2 / (M_TAU**5 * _phase_space())
    cos, sin, phi = isotropic(x[1], x[2])
    one, zero = jnp.ones_like(energy), jnp.zeros_like(energy)
    axis = rotate(FourVector(zero, zero, zero, one), cos, sin, phi)
    size = -spin / plain
    return LeptonDecay(
        electron=FourVector(energy, *(momentum * c for c in axis[1:])),
        analyser=FourVector(*(size * c for c in axis)),
        weight=norm * plain * momentum / energy,
    )


class TauLeptons(NamedTuple):
    """Electron and positron from a tau pair.

    Attributes:
        electron, positron: in the centre of mass of the beams [GeV].
        weight: of the cross section, relative to the one without radiation.
    """

    electron: FourVector
    positron: FourVector
    weight: Real


def tau_leptons(
    x: Float[Array, " d"],
    total: Real,
    *,
    radiation: bool = True,
    correlation: Scalar = 1.0,
) -> TauLeptons:
    """Both electrons of a tau pair, weighted with 1 + h-_i R_ij h+_j.

    Args:
        x: 10 coordinates: of the pair, of the tau-, of the tau+.
        total: energy of the collision [GeV].
        radiation: whether the beams radiate.
        correlation: multiplies R; 0 for unpolarised taus without correlation.
    """
    event = pair(x[:PAIR], total, radiation=radiation)
    minus = lepton_decay(x[PAIR : PAIR + LEPTON])
    plus = lepton_decay(x[PAIR + LEPTON :])
    gamma2 = (event.energy / M_TAU) ** 2
    spins = spin_correlation(event.cos, event.sin, gamma2)
    both = -spins.between(minus.analyser, plus.analyser)
    return TauLeptons(
        electron=event.first(minus.electron),
        positron=event.second(plus.electron),
        weight=event.weight * minus.weight * plus.weight * (1 + correlation * both),
    )


def generate_tau_leptons(
    collisions: Collisions,
    events: int,
    key: Key[Array, ""],
    *,
    cross_section: Scalar,
    radiation: bool = True,
    correlation: Scalar = 1.0,
) -> Events:
    """Events of e- e+ -> e- e+ and four neutrinos in the laboratory.

    Args:
        collisions: the beams, such as `Belle2()`.
        events: how many.
        key: random key.
        cross_section: of e- e+ -> tau- tau+ in the units of the package (an area), such
            as `Belle2().tau_pairs`; the weights add up to it times B(tau -> e)^2.
        radiation: whether the beams radiate; the photon is lost with the neutrinos.
        correlation: see `tau_leptons`.

    Returns:
        Slots `e-`, `e+` and `inv`, all that is not seen; weights in GeV^-2.

    Raises:
        ValueError: no event is asked for.
    """
    if events < 1:
        msg = f"events is {events}; expected at least one event"
        raise ValueError(msg)
    p, weight = _drawn(
        collisions, key, correlation, chunks=-(-events // CHUNK), radiation=radiation
    )
    p, weight = p[:events], weight[:events]
    total = cross_section * BR_TAU_TO_E**2 / HBAR_C**2
    seen = jnp.array([name != SLOTS[-1] for name in SLOTS])
    return Events(
        p=p,
        vertex=jnp.zeros((events, len(SLOTS), 3)),
        seen=jnp.broadcast_to(seen, (events, len(SLOTS))),
        weight=weight * (total / weight.sum()),
        names=SLOTS,
    )


@partial(jax.jit, static_argnames=("chunks", "radiation"))
def _drawn(
    collisions: Collisions,
    key: Key[Array, ""],
    correlation: Scalar,
    *,
    chunks: int,
    radiation: bool,
) -> tuple[Float[Array, "n k 4"], Float[Array, " n"]]:
    total = jnp.asarray(collisions.sqrt_s())

    def one(x: Float[Array, " d"]) -> tuple[Array, Array]:
        made = tau_leptons(x, total, radiation=radiation, correlation=correlation)
        zero = jnp.zeros_like(total)
        beams = FourVector(total, zero, zero, zero)
        lost = beams - made.electron - made.positron
        found = (made.electron, made.positron, lost)
        rows = [collisions.to_laboratory(p).array() for p in found]
        return jnp.stack(rows), jnp.asarray(made.weight)

    def chunk(seed: Array) -> tuple[Array, Array]:
        return jax.vmap(one)(jax.random.uniform(seed, (LEPTONS, CHUNK)).T)

    p, weight = jax.lax.map(chunk, jax.random.split(key, chunks))
    return p.reshape(-1, len(SLOTS), 4), weight.reshape(-1)
