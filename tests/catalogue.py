"""Every process of the package, found by walking its folder."""

import dataclasses
import importlib
import inspect
import pkgutil
import typing

from functools import partial

import jax
import jax.numpy as jnp
import pytest

import darkreach.processes

from darkreach.algebra.kinematics import FourVector
from darkreach.constants import M_MU, M_TAU
from darkreach.pytree import FUSED
from darkreach.sampling.beams import belle2
from darkreach.sampling.generator import integrand
from darkreach.sampling.phasespace import chain, dimensions
from darkreach.units import MeV

PARENTS = {"mu": M_MU, "tau": M_TAU}
FACES = 3000  # points of one call of `weights`


def names():
    """Modules of `darkreach.processes` that hold a process: initial_to_final."""
    found = [m.name for m in pkgutil.iter_modules(darkreach.processes.__path__)]
    return sorted(name for name in found if "_to_" in name)


def collisions():
    """Names of the processes of e- and e+."""
    return [name for name in names() if len(process_class(name).incoming) == 2]


def variants():
    """Names of all decays, with a model after a dash where one may choose."""
    found = []
    for name in names():
        if name in collisions():
            continue
        cls = process_class(name)
        hint = typing.get_type_hints(cls).get("model")
        models = [m.__name__ for m in typing.get_args(hint)]
        found += [f"{name}-{m}" for m in models] if models else [name]
    return found


def marked(names):
    """Parameters of a test; amplitudes that take long to compile run in one run of two.

    mu_to_3e_nu_nu runs in both, for all that share its four diagrams.
    """
    long = ("mu_to_3e_alp", "mu_to_e_nu_nu_x_to_ee")
    return [
        pytest.param(name, marks=[pytest.mark.slow] if name.startswith(long) else [])
        for name in names
    ]


def process_class(name):
    """The one class of a module that has outgoing particles."""
    name = name.partition("-")[0]
    module = importlib.import_module(f"darkreach.processes.{name}")
    own = [
        c
        for _, c in inspect.getmembers(module, inspect.isclass)
        if c.__module__ == module.__name__ and hasattr(c, "outgoing")
    ]
    assert len(own) == 1, f"{name} should hold one process, has {own}"
    return own[0]


def lively(model, mass):
    """The model with this mass and every coupling switched on."""
    values = {f.name: getattr(model, f.name) for f in dataclasses.fields(model)}
    sizes = (0.7, 0.4, -0.5, 0.3, 0.6, 0.2)
    off = [k for k, v in values.items() if isinstance(v, float) and v == 0.0]
    on = dict(zip(off, sizes, strict=False))
    if "eps" in values:
        on["eps"] = 0.5  # a line that is not so narrow that its mass has few digits
    return dataclasses.replace(model, **{**on, "mass": mass})


def instance(name, mass=10 * MeV):
    """A process with non-zero couplings; `mass` is that of its new particle, if any."""
    process = process_class(name)()
    if not hasattr(process, "model"):
        return process
    model, chosen = process.model, name.partition("-")[2]
    for cls in typing.get_args(typing.get_type_hints(type(process))["model"]):
        if cls.__name__ == chosen:
            model = cls()
    return dataclasses.replace(process, model=lively(model, mass))


@partial(jax.jit, static_argnames="n")
def points(process, key, n=100):
    """Momenta (n, k, 4) at rest, incoming first, flat in the unit cube.

    `generate` without the amplitude, which takes seconds to compile.
    """
    order = [process.outgoing.index(name) for name in process.chain]
    if len(process.incoming) == 2:
        incoming, _, _ = belle2()(jnp.zeros(0))
    else:
        rest = jnp.asarray(PARENTS[process.incoming[0]])
        incoming = (FourVector(rest, *(jnp.zeros_like(rest) for _ in range(3))),)
    parent = sum(incoming[1:], start=incoming[0])
    how = {"pair": process.pair_mass} if hasattr(process, "pair_mass") else {}

    def one(x):
        masses, _ = process.masses(x[: process.drawn])
        found, _ = chain(
            x[process.drawn :], parent, tuple(masses[i] for i in order), **how
        )
        own = [found[order.index(i)] for i in range(len(order))]
        return jnp.stack([p.array() for p in (*incoming, *own)])

    d = process.drawn + dimensions(len(order))
    return jax.vmap(one)(jax.random.uniform(key, (n, d)))


@partial(jax.jit, compiler_options=FUSED)
def weights(process, beam, cuts, x):
    """Weights at `FACES` points (n, d) of the unit cube: another n compiles anew."""
    return jax.vmap(integrand(process, beam, cuts))(x)


def vectors(p):
    """Rows of momenta (n, k, 4) as four-vectors of flat arrays."""
    return tuple(FourVector.from_array(p[:, i]) for i in range(p.shape[1]))
