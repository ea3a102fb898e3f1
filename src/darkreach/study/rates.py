"""The width or cross section of a process inside cuts, from what a user types."""

import dataclasses
import math
import time
import typing

from collections.abc import Callable
from typing import Any, Final

import jax
import jax.numpy as jnp

from darkreach.constants import HBAR_C, M_E, M_MU, M_TAU, WIDTH_MU, WIDTH_TAU
from darkreach.processes.emission import Resonance
from darkreach.processes.process import Paired, Process
from darkreach.sampling.beams import Beam, Collider, at_rest, belle2
from darkreach.sampling.integrate import Estimate, integrate
from darkreach.sampling.observables import OBSERVABLES, PHOTONS, Cut, checked
from darkreach.study.build import Origin, modified, with_settings
from darkreach.study.catalogue import named_class
from darkreach.study.values import InputError, assignment, measure, unknown
from darkreach.units import GeV, MeV, fb

PARENTS: Final = {"mu": (M_MU, WIDTH_MU), "tau": (M_TAU, WIDTH_TAU)}
BEAMS: Final[dict[str, Callable[[], Collider]]] = {"belle2": belle2}
REST: Final = "rest"
SIGNED: Final = ("missing_mass", "missing_mass_squared", "cos_e")


@dataclasses.dataclass(frozen=True, kw_only=True)
class Rate:
    """A width and what it took; the fields of `rate --json`.

    Attributes:
        process: its name.
        width_GeV: partial width inside the cuts [GeV].
        branching_ratio: that width over the measured total width.
        relative_error: of both, from the finite sample.
        evaluations: of the amplitude, training excluded.
        seconds: wall time, compilation included.
    """

    process: str
    width_GeV: float
    branching_ratio: float
    relative_error: float
    evaluations: int
    seconds: float


@dataclasses.dataclass(frozen=True, kw_only=True)
class CrossSection:
    """The same for a collision.

    Attributes:
        process: its name.
        cross_section_fb: inside the cuts [fb].
        relative_error: from the finite sample.
        evaluations: of the amplitude, training excluded.
        seconds: wall time, compilation included.
    """

    process: str
    cross_section_fb: float
    relative_error: float
    evaluations: int
    seconds: float


def made_process(name: str, settings: list[str], model: str | None) -> Process:
    """A process by name, with `--set` applied and checked.

    Raises:
        InputError: something does not fit.
    """
    made = _with_model(named_class("processes", name)(), name, model)
    table = with_settings({}, settings)
    made = modified(made, table, "", Origin(source="--set"))
    if len(made.incoming) == 1:
        check_masses(made, name)
    _check_couplings(made, name)
    return typing.cast("Process", made)


def _with_model(process: Any, name: str, model: str | None) -> Any:
    """The process with the model of this name in place of its own."""
    if model is None:
        return process
    if not hasattr(process, "model"):
        msg = f"{name} has no model, so --model {model} has no place; leave it out"
        raise InputError(msg)
    hint = typing.get_type_hints(type(process))["model"]
    known = {c.__name__: c for c in typing.get_args(hint) or (hint,)}
    for own, made in known.items():
        if model.lower().replace("_", "") == own.lower():
            return dataclasses.replace(process, model=made())
    raise unknown(f"model of {name}", model, list(known))


def check_masses(process: Any, name: str) -> None:
    """Refuse a decay that has no phase space, and unphysical model parameters.

    Raises:
        InputError: a mass below zero, or masses that add up to more than the parent's.
    """
    for field in ("mass", "f"):
        value = float(getattr(getattr(process, "model", None), field, 1.0))
        if value < 0 or (field == "f" and value == 0):
            bound = "positive" if field == "f" else "zero or more"
            msg = f"model.{field} is {value / GeV:g} GeV; expected a value {bound}"
            raise InputError(msg)
    parent = PARENTS[process.incoming[0]][0]
    masses, weight = process.masses(jnp.zeros(process.drawn))
    total = float(sum(masses))
    if total < parent and weight > 0:
        _check_resonance(process, name)
        return
    if total < parent:
        mass = float(process.model.mass) / MeV
        msg = f"{name}: model.mass is {mass:.6g} MeV; expected a mass between"
        low, high = 2 * M_E / MeV, (parent - M_E) / MeV
        raise InputError(f"{msg} {low:.6g} MeV (its products) and {high:.6g} MeV")
    msg = f"{name}: the products weigh {total / MeV:.6g} MeV"
    if hasattr(process, "model"):
        room = parent - (total - float(process.model.mass))
        msg = f"{name}: model.mass is {float(process.model.mass) / MeV:.6g} MeV"
        raise InputError(f"{msg}; it must be below {room / MeV:.6g} MeV to be produced")
    raise InputError(f"{msg}, the parent only {parent / MeV:.6g} MeV")


def _check_resonance(process: Any, name: str) -> None:
    """A massless boson leaves softly without end."""
    model = getattr(process, "model", None)
    if isinstance(model, typing.get_args(Resonance)) and float(model.mass) == 0:
        msg = f"{name}: model.mass is 0, and the width diverges for soft X"
        raise InputError(f'{msg}; give a mass, such as --set model.mass="1 MeV"')


def _check_couplings(process: Any, name: str) -> None:
    """All flavour-violating couplings are 0 unless set: say so before sampling."""
    model = getattr(process, "model", None)
    if model is None:
        return
    fields = [f.name for f in dataclasses.fields(model)]
    couplings = [f for f in fields if f in ("c_v", "c_a", "eps") or f.startswith("g_")]
    rate = "width" if len(process.incoming) == 1 else "cross section"
    if all(complex(getattr(model, c)) == 0 for c in couplings):
        names = " or ".join(f"model.{c}" for c in couplings)
        msg = f"{name}: the couplings are zero, and so is the {rate}"
        raise InputError(f'{msg}; set {names}, such as --set "model.{couplings[0]}=1"')


def made_cuts(
    minima: list[str], maxima: list[str], process: Process
) -> tuple[Cut, ...]:
    """`--min` and `--max` options as cuts, one an observable.

    Raises:
        InputError: an observable or a value does not fit.
    """
    limits: dict[str, dict[str, float]] = {}
    for option, side, texts in (
        ("--min", "minimum", minima),
        ("--max", "maximum", maxima),
    ):
        for text in texts:
            name, value = assignment(text, option=option)
            if name not in OBSERVABLES:
                raise unknown("observable", name, OBSERVABLES)
            what = f"{option} {name}"
            found = measure(value, like=OBSERVABLES[name].symbol, what=what)
            if found < 0 and name not in SIGNED:
                msg = f"{what} is {value!r}; it must not be below zero"
                raise InputError(msg)
            limits.setdefault(name, {})[side] = found
    for name, sides in limits.items():
        if sides.get("minimum", -math.inf) >= sides.get("maximum", math.inf):
            msg = f"--min {name} is not below --max {name}, so nothing is left between"
            raise InputError(msg)
    cuts = tuple(Cut(observable=name, **sides) for name, sides in limits.items())
    try:
        checked(cuts, process.outgoing)
    except ValueError as error:
        raise InputError(str(error)) from None
    if _radiated(process) and limits.get("E_gamma", {}).get("minimum", 0.0) <= 0:
        msg = (
            "the rate diverges for soft photons; give a smallest photon energy, "
            'such as --min E_gamma="10 MeV"'
        )
        raise InputError(msg)
    return cuts


def _radiated(process: Process) -> frozenset[str]:
    """Photons of any energy: of more than two bodies, and not from a resonance.

    The mass of a pair that is drawn along its propagator sets the energies in it.
    """
    if len(process.outgoing) == 2:
        return frozenset()
    pair = process.chain[-2:] if isinstance(process, Paired) else ()
    return PHOTONS & frozenset(process.outgoing) - frozenset(pair)


def made_beam(
    beam: str | None, process: Process, name: str, polarisation: float
) -> Beam:
    """A particle at rest for a decay, a collider for a collision.

    Raises:
        InputError: the beam does not exist or does not fit the process.
    """
    if beam not in (None, REST, *BEAMS):
        raise unknown("beam", str(beam), [REST, *BEAMS])
    if len(process.incoming) == 1:
        if beam in BEAMS:
            msg = f"{name} is a decay; leave out --beam {beam} or give --beam {REST}"
            raise InputError(msg)
        parent, _ = PARENTS[process.incoming[0]]
        return at_rest(parent, (0.0, 0.0, polarisation))
    if beam not in BEAMS:
        msg = f"{name} is a collision and needs beams; give --beam {next(iter(BEAMS))}"
        raise InputError(msg)
    if polarisation:
        msg = f"beams of {beam} are not polarised; leave out --polarisation"
        raise InputError(msg)
    made = BEAMS[beam]()
    masses, _ = process.masses(jnp.zeros(process.drawn))
    total, energy = float(sum(masses)), float(made.energy())
    if min(map(float, masses)) < 0:
        msg = (
            f"{name}: model.mass is {float(min(masses)) / GeV:g} GeV; expected a value"
        )
        raise InputError(f"{msg} zero or more")
    if not total < energy:
        msg = f"{name}: the products weigh {total / GeV:.6g} GeV; {beam} has only"
        raise InputError(f"{msg} {energy / GeV:.5g} GeV, so give a smaller model.mass")
    if isinstance(process, Paired):
        _check_pair(process, name, energy)
    return made


def _check_pair(process: Any, name: str, energy: float) -> None:
    """Refuse a resonance that is too light for its products or too heavy."""
    masses, _ = process.masses(jnp.zeros(process.drawn))
    by_name = dict(zip(process.outgoing, map(float, masses), strict=True))
    low = sum(by_name[slot] for slot in process.chain[-2:])
    high = energy - sum(by_name[slot] for slot in process.chain[:-2])
    _, weight = process.pair_mass(0.5, low, high)
    if not weight > 0:
        mass = float(process.model.mass) / GeV
        msg = f"{name}: model.mass is {mass:g} GeV; expected a mass between"
        raise InputError(f"{msg} {low / GeV:g} GeV and {high / GeV:.5g} GeV")


def rate(
    name: str,
    *,
    settings: list[str],
    minima: list[str],
    maxima: list[str],
    model: str | None = None,
    beam: str | None = None,
    polarisation: float = 0.0,
    precision: float = 1e-3,
    seed: int = 1,
    progress: Callable[[int, int], None] | None = None,
) -> Rate | CrossSection:
    """The width or cross section of a process by its name.

    Raises:
        InputError: something that was given does not fit, or nothing passes the cuts.
    """
    start = time.perf_counter()
    process = made_process(name, settings, model)
    cuts = made_cuts(minima, maxima, process)
    _check_numbers(polarisation, precision)
    found = integrate(
        process,
        made_beam(beam, process, name, polarisation),
        cuts=cuts,
        precision=precision,
        key=jax.random.key(seed),
        progress=progress,
    )
    _check_found(found, name)
    size = found.error / found.value
    seconds = time.perf_counter() - start
    if len(process.incoming) > 1:
        return CrossSection(
            process=name,
            cross_section_fb=found.value * HBAR_C**2 / fb,
            relative_error=size,
            evaluations=found.evaluations,
            seconds=seconds,
        )
    return Rate(
        process=name,
        width_GeV=found.value / GeV,
        branching_ratio=found.value / PARENTS[process.incoming[0]][1],
        relative_error=size,
        evaluations=found.evaluations,
        seconds=seconds,
    )


def _check_numbers(polarisation: float, precision: float) -> None:
    if not -1 <= polarisation <= 1:
        msg = f"--polarisation is {polarisation:g}; expected a number from -1 to 1"
        raise InputError(msg)
    if not 1e-7 <= precision <= 0.1:
        msg = f"--precision is {precision:g}; expected a number from 1e-7 to 0.1"
        raise InputError(msg)


def _check_found(found: Estimate, name: str) -> None:
    if found.value <= 0:
        msg = f"none of {found.evaluations} events of {name} passes"
        raise InputError(f"the cuts leave no phase space: {msg}; relax --min or --max")
