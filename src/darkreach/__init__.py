"""darkreach: how far a search for a dark sector can see."""

from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from darkreach import units
    from darkreach.curves.curve import Curve
    from darkreach.inference.limits import limit
    from darkreach.processes.process import squared_amplitude
    from darkreach.sampling.events import Events
    from darkreach.sampling.generator import generate
    from darkreach.searches.search import reach

__version__ = "0.1.0"

__all__ = [
    "Curve",
    "Events",
    "__version__",
    "generate",
    "limit",
    "reach",
    "squared_amplitude",
    "units",
]

# Imported on first use: `import darkreach` does not import JAX.
_HOME: Final = {
    "Curve": "darkreach.curves.curve",
    "Events": "darkreach.sampling.events",
    "generate": "darkreach.sampling.generator",
    "limit": "darkreach.inference.limits",
    "reach": "darkreach.searches.search",
    "squared_amplitude": "darkreach.processes.process",
}


def __getattr__(name: str) -> Any:
    if name == "units":
        return import_module("darkreach.units")
    if name not in _HOME:
        msg = (
            f"module 'darkreach' has no attribute {name!r}; it has {', '.join(__all__)}"
        )
        raise AttributeError(msg)
    return getattr(import_module(_HOME[name]), name)


def __dir__() -> list[str]:
    return list(__all__)
