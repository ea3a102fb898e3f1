"""Every process of the package, found by walking its folder."""

import dataclasses
import importlib
import inspect
import pkgutil

import darkreach.processes

from darkreach.units import MeV


def names():
    """Modules of `darkreach.processes` that hold a process: initial_to_final."""
    found = [m.name for m in pkgutil.iter_modules(darkreach.processes.__path__)]
    return sorted(name for name in found if "_to_" in name)


def process_class(name):
    """The one class of a module that has outgoing particles."""
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
    on = {k: 0.7 for k, v in values.items() if isinstance(v, float) and v == 0.0}
    return dataclasses.replace(model, **{**on, "mass": mass})


def instance(name, mass=10 * MeV):
    """A process with non-zero couplings; `mass` is that of its new particle, if any."""
    process = process_class(name)()
    if not hasattr(process, "model"):
        return process
    return dataclasses.replace(process, model=lively(process.model, mass))
