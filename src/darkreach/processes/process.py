"""What a process is, and its squared amplitude."""

from collections.abc import Callable
from functools import partial
from typing import Any, Protocol, runtime_checkable

import jax
import jax.numpy as jnp

from jaxtyping import Array, Complex, Float

from darkreach.algebra import invisible
from darkreach.algebra.dirac import (
    Bar,
    Current,
    Spinor,
    amplitudes,
    bars,
    close,
    complex_scalar,
    slash,
    spinors,
    vector_axial,
)
from darkreach.algebra.dirac import Complex as Pair
from darkreach.algebra.kinematics import FourVector, Real
from darkreach.models.lfv_alp import LfvAlp
from darkreach.pytree import FUSED

INVISIBLE = "inv"

# Nested tuples, one level a spin, incoming first. Stacking them into one array an event
# would be a tidier type, but breaks XLA's fusion: 2.5 times slower, measured.
Amplitude = tuple[Any, ...] | Pair | Current


@runtime_checkable
class Process(Protocol):
    """External states and the amplitude of one event.

    A process with an `inv` slot has `current(*p)`, whose leaves are four-vectors; every
    other one has `amplitude(*p)`, whose leaves are complex numbers. Both take one
    four-vector a particle, incoming first, and return one tuple level a spin.

    Attributes:
        incoming: names of the incoming particles.
        outgoing: names of the outgoing slots, `inv` last.
        chain: the order in which the phase space emits the outgoing slots; particles
            with soft or collinear poles come first.
        drawn: how many unit-cube coordinates `masses` uses.
    """

    @property
    def incoming(self) -> tuple[str, ...]:
        """Incoming particles."""

    @property
    def outgoing(self) -> tuple[str, ...]:
        """Outgoing slots."""

    @property
    def chain(self) -> tuple[str, ...]:
        """Order of emission."""

    @property
    def drawn(self) -> int:
        """Coordinates for the masses."""

    def masses(self, x: Float[Array, " d"]) -> tuple[tuple[Real, ...], Real]:
        """Outgoing masses [GeV] in the order of `outgoing`; the weight of drawing."""


@runtime_checkable
class Paired(Process, Protocol):
    """A process with two like-sign tracks, either of which pairs with the third.

    Every event stands for both orders of the like particles: it counts with the share
    of the pole in the pair of the first one, which sums to 1 over the orders and takes
    the place of the factor 1/2 (a partition of unity: multi-channel sampling in which
    the second channel is the mirror image of the first).
    """

    def pair_mass(self, x: Real, low: Real, high: Real) -> tuple[Real, Real]:
        """Mass of the last two of the chain [GeV], and weight of ds / (2 pi)."""

    def pole(self, k: FourVector) -> Real:
        """Size of the squared propagator of a pair with momentum k, up to a factor."""


@runtime_checkable
class Channelled(Process, Protocol):
    """A process whose poles need several ways to draw its phase space.

    Every channel covers all of phase space. An event drawn in one of them counts with
    the share of that channel's pole, so that the sum over channels is the whole
    (a partition of unity).
    """

    @property
    def channels(self) -> tuple[str, ...]:
        """Names of `sampling.channels.SPACES`."""

    def poles(self, *p: FourVector) -> tuple[Real, ...]:
        """Size of the squared propagators of each channel, up to a common factor."""


@runtime_checkable
class Summed(Process, Protocol):
    """A process with so many spins that it sums over them itself, in a loop."""

    def squared(self, *p: FourVector) -> Real:
        """Summed over final spins, averaged over incoming ones."""


def share(process: Process, momenta: tuple[FourVector, ...]) -> Real:
    """Which part of both orders of like particles an event stands for; else 1.

    Args:
        process: what decays into what.
        momenta: in the order of `process.outgoing`; the like ones first, their partner
            third.
    """
    if not isinstance(process, Paired):
        return 1.0
    first, second, partner = momenta[:3]
    one, two = process.pole(first + partner), process.pole(second + partner)
    return one / (one + two)


def _leaves(amplitude: Any) -> list[Any]:
    """All entries of one incoming spin state, in order."""
    if isinstance(amplitude, Pair | Current):
        return [amplitude]
    return [leaf for part in amplitude for leaf in _leaves(part)]


def squared(
    process: Process, momenta: tuple[FourVector, ...], rho: Complex[Array, "2 2"] | None
) -> Real:
    """Squared amplitude of one event.

    Amplitudes of decays are written for the negative lepton. The positive one follows
    from CPT at tree level: the same momenta and couplings, and its spin density is the
    mirror of the given one (P -> -P). That holds for couplings that break CP too; only
    T-odd terms from the width of a resonance, below width over mass, have the wrong
    sign.

    Args:
        process: what decays into what.
        momenta: incoming first, then in the order of `process.outgoing`.
        rho: spin density matrix (1 + P.sigma)/2 of the positive lepton; None averages
            over all incoming spins.
    """
    inner: Callable[[Any, Any], Pair]
    if rho is None and isinstance(process, Summed):
        return process.squared(*momenta)
    if rho is None:
        found = _leaves(process.amplitude(*momenta))  # type: ignore[attr-defined]
        total: Real = sum(a.times_conj(a).re for a in found)
        return total / (2.0 ** len(process.incoming))
    if INVISIBLE in process.outgoing:
        spins = process.current(*momenta)  # type: ignore[attr-defined]

        inner = partial(invisible.contract, q=momenta[-1])
        factor = invisible.COUPLING_SQUARED
    else:
        spins = process.amplitude(*momenta)  # type: ignore[attr-defined]
        inner = Pair.times_conj
        factor = 1.0
    up, down = (_leaves(part) for part in spins)
    both = sum(inner(a, a).re for a in up), sum(inner(a, a).re for a in down)
    mixed = [inner(a, b) for a, b in zip(up, down, strict=True)]
    mixed_re, mixed_im = sum(h.re for h in mixed), sum(h.im for h in mixed)
    # The negative lepton's density is tr(rho) - rho: diagonal swapped, rest negated.
    diagonal = rho[1, 1].real * both[0] + rho[0, 0].real * both[1]
    crossed = rho[0, 1].real * mixed_re - rho[0, 1].imag * mixed_im
    return factor * (diagonal - 2 * crossed)


def alp_emission(
    model: LfvAlp,
    parent: FourVector,
    daughter: FourVector,
    alp: FourVector,
    *,
    masses: tuple[float, float],
) -> tuple[tuple[Pair, ...], ...]:
    """l -> l' a by the derivative coupling, by spin: [parent][daughter].

    arXiv:2006.04795, eq. (1); with its sum over spins, eq. (5) for all masses.

    Args:
        model: the ALP and its couplings.
        parent: momentum of the decaying lepton [GeV].
        daughter: momentum of the other one [GeV].
        alp: momentum of a [GeV].
        masses: of parent and daughter [GeV].
    """
    c_v, c_a = complex_scalar(model.c_v), complex_scalar(model.c_a)

    def line(bar: Bar, psi: Spinor) -> Pair:
        vertex = slash(alp, vector_axial(psi, c_v, c_a))
        return close(bar, vertex) * (1 / (2 * model.f))

    return amplitudes(line, spinors(parent, masses[0]), bars(daughter, masses[1]))


def spin_density(polarisation: Float[Array, "3"]) -> Complex[Array, "2 2"]:
    """(1 + P.sigma) / 2 from a polarisation vector of length at most 1."""
    x, y, z = polarisation[0], polarisation[1], polarisation[2]
    real = jnp.array([[1 + z, x], [x, 1 - z]])
    imaginary = jnp.array([[0 * y, -y], [y, 0 * y]])
    return 0.5 * jax.lax.complex(real, imaginary)


@partial(jax.jit, compiler_options=FUSED)
def _batch(
    process: Process, p: Float[Array, "n k 4"], rho: Complex[Array, "2 2"] | None
) -> Float[Array, " n"]:
    def one(row: Float[Array, "k 4"]) -> Real:
        vectors = tuple(FourVector.from_array(row[i]) for i in range(row.shape[0]))
        return squared(process, vectors, rho)

    return jnp.asarray(jax.vmap(one)(p))


def squared_amplitude(
    process: Process,
    p: Float[Array, "*events k 4"],
    polarisation: Float[Array, "3"] | None = None,
) -> Float[Array, "*events"]:
    """Squared tree amplitude, summed over final spins.

    Averaged over the initial spin, or contracted with the polarisation of the positive
    lepton; no factor for identical particles. With an `inv` slot it is integrated over
    the neutrino pair: multiply by dQ^2 / (2 pi) and the phase space of the visible
    particles and Q (see `algebra.invisible`).

    Args:
        process: a process object, such as `MuToENuNuGamma()`.
        p: four-momenta (E, px, py, pz) [GeV]; incoming first, then the order of
            `process.outgoing`, `inv` last; leading axes are events.
        polarisation: spin polarisation vector of the decaying mu+ or tau+.

    Returns:
        |M|^2 in powers of GeV that fit the number of legs.

    Raises:
        ValueError: the shapes do not fit the process.
    """
    p = jnp.asarray(p, float)
    legs = process.incoming + process.outgoing
    if p.ndim < 2 or p.shape[-2:] != (len(legs), 4):
        msg = (
            f"momenta have shape {p.shape}; expected (..., {len(legs)}, 4) for "
            f"{', '.join(legs)}, in this order"
        )
        raise ValueError(msg)
    rows = p.reshape(-1, len(legs), 4)
    if len(process.incoming) > 1:
        if polarisation is not None:
            msg = (
                "beams have no polarisation here; expected None, an average over spins"
            )
            raise ValueError(msg)
        averaged: Array = _batch(process, rows, None)
        return averaged.reshape(p.shape[:-2])
    vector = jnp.zeros(3) if polarisation is None else jnp.asarray(polarisation, float)
    if vector.shape != (3,) or float(jnp.linalg.norm(vector)) > 1 + 1e-9:
        msg = f"polarisation is {polarisation}; expected 3 numbers of length at most 1"
        raise ValueError(msg)
    values: Array = _batch(process, rows, spin_density(vector))
    return values.reshape(p.shape[:-2])
