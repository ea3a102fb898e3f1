"""One input of a search at another value."""

from dataclasses import replace
from typing import Any


def changed(thing: Any, path: str, value: Any) -> Any:
    """A copy with one value, perhaps of an inner object, in place of another.

    Args:
        thing: a search or another dataclass.
        path: names of attributes with dots between them.
        value: of the last one.
    """
    name, _, rest = path.partition(".")
    if rest:
        value = changed(getattr(thing, name), rest, value)
    return replace(thing, **{name: value})
