"""Ways to draw the phase space of a process with several poles (multi-channel)."""

from collections.abc import Callable
from typing import Any, Final

import jax.numpy as jnp

from jaxtyping import Array, Float

from darkreach.algebra.kinematics import FourVector, Real
from darkreach.algebra.propagators import draw_photon
from darkreach.processes.process import Channelled, Process
from darkreach.sampling import phasespace
from darkreach.sampling.initial_state import initial_state
from darkreach.sampling.peripheral import peripheral
from darkreach.sampling.two_photon_pairs import two_photon_pair

Drawn = tuple[tuple[FourVector, ...], Real]
Draw = Callable[
    [Process, Float[Array, " d"], tuple[FourVector, ...], tuple[Real, ...]], Drawn
]


def _peripheral(
    process: Process,
    x: Float[Array, " d"],
    incoming: tuple[FourVector, ...],
    masses: tuple[Real, ...],
) -> Drawn:
    """Two exchanged photons; electron, positron, then the rest."""
    electron, positron = incoming
    light, same, heavy = masses
    return peripheral(x, (electron, positron), (light, same, heavy))


def _radiative(
    process: Process,
    x: Float[Array, " d"],
    incoming: tuple[FourVector, ...],
    masses: tuple[Real, ...],
    **how: Any,
) -> Drawn:
    """What the chain emits, one by one; options are those of `phasespace.chain`."""
    order = [process.outgoing.index(name) for name in process.chain]
    momenta, volume = phasespace.chain(
        x, incoming[0] + incoming[1], tuple(masses[i] for i in order), **how
    )
    return tuple(momenta[order.index(i)] for i in range(len(order))), volume


def _annihilation(
    process: Process,
    x: Float[Array, " d"],
    incoming: tuple[FourVector, ...],
    masses: tuple[Real, ...],
) -> Drawn:
    """A virtual photon that turns into the last two of the chain."""
    return _radiative(process, x, incoming, masses, pair=draw_photon)


def _initial(
    process: Process,
    x: Float[Array, " d"],
    incoming: tuple[FourVector, ...],
    masses: tuple[Real, ...],
) -> Drawn:
    """All photons along the beams; electron, positron, then the photons."""
    electron, positron = incoming
    return initial_state(x, (electron, positron), masses, along=len(masses) - 2)


def _initial_final(
    process: Process,
    x: Float[Array, " d"],
    incoming: tuple[FourVector, ...],
    masses: tuple[Real, ...],
) -> Drawn:
    """One of two photons along the beams; which one is decided by a coin.

    The coin is the half in which the azimuth of that photon falls.
    """
    electron, positron = incoming
    turned = 2 * x[2]
    heads = turned < 1
    x = x.at[2].set(jnp.where(heads, turned, turned - 1))
    (p3, p4, *pair), volume = initial_state(x, (electron, positron), masses, along=1)
    one, two = (
        FourVector(*(jnp.where(heads, a, b) for a, b in zip(*order, strict=True)))
        for order in (pair, pair[::-1])
    )
    return (p3, p4, one, two), volume


SPACES: Final[dict[str, Draw]] = {
    "peripheral": _peripheral,
    "annihilation": _annihilation,
    "pair_electron_kick": two_photon_pair,
    "pair_positron_kick": two_photon_pair,
    "radiative": _radiative,
    "initial": _initial,
    "initial_final": _initial_final,
}


def drawn(
    process: Channelled,
    channel: str,
    x: Float[Array, " d"],
    incoming: tuple[FourVector, ...],
    masses: tuple[Real, ...],
) -> Drawn:
    """Momenta in the order of `process.outgoing` [GeV]; volume times the share.

    Args:
        process: what becomes what.
        channel: one of its channels.
        x: coordinates.
        incoming: in the centre of mass [GeV].
        masses: in the order of `process.outgoing` [GeV].
    """
    momenta, volume = SPACES[channel](process, x, incoming, masses)
    if len(process.channels) == 1:
        return momenta, volume
    poles = process.poles(*incoming, *momenta)
    return momenta, volume * poles[process.channels.index(channel)] / sum(poles)


def channels_of(process: Process) -> tuple[str, ...]:
    """Its channels; one without a name for all but `Channelled` processes."""
    return process.channels if isinstance(process, Channelled) else ("",)
