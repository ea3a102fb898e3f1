"""Ways to draw the phase space of a process with several poles (multi-channel)."""

from collections.abc import Callable
from typing import Final

from jaxtyping import Array, Float

from darkreach.algebra.kinematics import FourVector, Real
from darkreach.algebra.propagators import draw_photon
from darkreach.processes.process import Channelled, Process
from darkreach.sampling import phasespace
from darkreach.sampling.peripheral import peripheral

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


def _annihilation(
    process: Process,
    x: Float[Array, " d"],
    incoming: tuple[FourVector, ...],
    masses: tuple[Real, ...],
) -> Drawn:
    """A virtual photon that turns into the last two of the chain."""
    order = [process.outgoing.index(name) for name in process.chain]
    momenta, volume = phasespace.chain(
        x, incoming[0] + incoming[1], tuple(masses[i] for i in order), pair=draw_photon
    )
    return tuple(momenta[order.index(i)] for i in range(len(order))), volume


SPACES: Final[dict[str, Draw]] = {
    "peripheral": _peripheral,
    "annihilation": _annihilation,
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
    poles = process.poles(*incoming, *momenta)
    return momenta, volume * poles[process.channels.index(channel)] / sum(poles)


def channels_of(process: Process) -> tuple[str, ...]:
    """Its channels; one without a name for all but `Channelled` processes."""
    return process.channels if isinstance(process, Channelled) else ("",)
