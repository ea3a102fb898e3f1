"""Every process of the package, found by walking its folder."""

import dataclasses
import importlib
import inspect
import pkgutil
import typing

import darkreach.processes

from darkreach.units import MeV


def names():
    """Modules of `darkreach.processes` that hold a process: initial_to_final."""
    found = [m.name for m in pkgutil.iter_modules(darkreach.processes.__path__)]
    return sorted(name for name in found if "_to_" in name)


def variants():
    """Names of all processes, with a model after a dash where one may choose."""
    found = []
    for name in names():
        cls = process_class(name)
        hint = typing.get_type_hints(cls).get("model")
        models = [m.__name__ for m in typing.get_args(hint)]
        found += [f"{name}-{m}" for m in models] if models else [name]
    return found


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
    """The model with this mass and every coupling that is 0 switched on."""
    values = {f.name: getattr(model, f.name) for f in dataclasses.fields(model)}
    sizes = (0.7, 0.4, -0.5, 0.3, 0.6, 0.2)
    off = [k for k, v in values.items() if isinstance(v, float) and v == 0.0]
    on = dict(zip(off, sizes, strict=False))
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
