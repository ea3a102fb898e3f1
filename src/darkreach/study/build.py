"""Tables of names and numbers to objects: `use = "darkreach.module:Name"`."""

import dataclasses
import importlib
import inspect
import types
import typing

from collections.abc import Callable, Mapping
from typing import Any, Final

from darkreach.study.catalogue import READY
from darkreach.study.values import (
    InputError,
    assignment,
    closest,
    complex_number,
    documented_units,
    listed,
    measure,
    unknown,
)

Table = dict[str, Any]
_ORDINARY: Final = inspect.Parameter.POSITIONAL_OR_KEYWORD
STRUCTURE: Final = frozenset({"incoming", "outgoing", "chain", "drawn"})


@dataclasses.dataclass(frozen=True, kw_only=True)
class Origin:
    """Where values come from, and which modules they may name.

    Attributes:
        source: a file name or `--set`, for errors.
        plugins: modules outside darkreach that the user allows.
    """

    source: str
    plugins: tuple[str, ...] = ()


def with_settings(table: Table, settings: list[str]) -> Table:
    """A copy of a table in which `a.b=value` replaces or adds values."""
    changed = _copy(table)
    for text in settings:
        path, value = assignment(text, option="--set")
        *parents, last = path.split(".")
        inner = changed
        for name in parents:
            inner = inner.setdefault(name, {})
            if not isinstance(inner, dict):
                msg = f"--set {path}: {name!r} is a value, not a table"
                raise InputError(msg)
        if isinstance(inner.get(last), dict):
            msg = f"--set {path}: {last!r} is a table; set one of its values"
            raise InputError(msg)
        inner[last] = value
    return changed


def _copy(table: Table) -> Table:
    return {k: _copy(v) if isinstance(v, dict) else v for k, v in table.items()}


def resolve(use: Any, where: str, origin: Origin) -> Callable[..., Any]:
    """The class, function or ready object that `darkreach.module:Name` names.

    Raises:
        InputError: it is outside darkreach and the plugins, or does not exist.
    """
    module_name, colon, name = str(use).partition(":")
    msg = f"{origin.source}: {where}.use = {use!r}"
    if not colon or not name.isidentifier() or name.startswith("_"):
        raise InputError(f"{msg} cannot be read; expected 'darkreach.module:Name'")
    allowed = {"darkreach", *origin.plugins}
    if not any(module_name == a or module_name.startswith(f"{a}.") for a in allowed):
        raise InputError(
            f"{msg} is outside darkreach, so it is refused; name the module with "
            "--plugin if you trust it"
        )
    try:
        module = importlib.import_module(module_name)
    except ModuleNotFoundError as error:
        if error.name is None or not f"{module_name}.".startswith(f"{error.name}."):
            raise
        raise InputError(f"{msg}: there is no module {module_name!r}") from None
    found = vars(module).get(name)
    if name == READY and dataclasses.is_dataclass(found):
        return typing.cast("Callable[..., Any]", found)
    if not callable(found) or getattr(found, "__module__", None) != module_name:
        own = sorted(
            n
            for n, v in vars(module).items()
            if callable(v) and getattr(v, "__module__", None) == module_name
        )
        public = [n for n in own if not n.startswith("_")]
        raise InputError(f"{msg}: {unknown('name', name, public)}")
    return typing.cast("Callable[..., Any]", found)


def build(table: Table, where: str, origin: Origin) -> Any:
    """Make what a table with `use` describes.

    Args:
        table: `use` and the arguments, nested tables for nested objects.
        where: path of the table, such as `search.experiment`.
        origin: of the table.

    Raises:
        InputError: an unknown key, or a value of the wrong kind.
    """
    if "use" not in table:
        msg = f'{origin.source}: [{where}] has no `use = "darkreach.module:Name"`'
        raise InputError(msg)
    target = resolve(table["use"], where, origin)
    rest = {k: v for k, v in table.items() if k != "use"}
    if not callable(target):  # ready made: only what the table says changes
        return modified(target, rest, where, origin)
    made = arguments(target, rest, where, origin)
    for name, parameter in _parameters(target).items():
        plain = parameter.kind in (parameter.KEYWORD_ONLY, _ORDINARY)
        if plain and parameter.default is parameter.empty and name not in made:
            msg = f"{origin.source}: [{where}] needs a value for {name!r}"
            raise InputError(msg)
    return target(**made)


def modified(thing: Any, table: Table, where: str, origin: Origin) -> Any:
    """A dataclass instance with the values of a table in place of its own."""
    values = arguments(type(thing), table, where, origin, current=thing)
    return dataclasses.replace(thing, **values)


def _parameters(target: Callable[..., Any]) -> Mapping[str, inspect.Parameter]:
    found = inspect.signature(target).parameters
    hidden = STRUCTURE if "outgoing" in found else frozenset()
    return {name: p for name, p in found.items() if name not in hidden}


def arguments(
    target: Callable[..., Any],
    table: Table,
    where: str,
    origin: Origin,
    *,
    current: Any = None,
) -> dict[str, Any]:
    """The table's values as arguments of a class or function."""
    known = _parameters(target)
    hints = typing.get_type_hints(target)
    units = documented_units(target.__doc__)
    made = {}
    for key, value in table.items():
        path = f"{where}.{key}" if where else key
        if key not in known:
            names = ", ".join(known) or "none"
            msg = f"{origin.source}: unknown key {path!r}{closest(key, known)}"
            raise InputError(f"{msg} (known: {names})")
        if isinstance(value, dict):
            before = known[key].default if current is None else getattr(current, key)
            made[key] = _nested(value, before, path, origin)
        else:
            made[key] = _value(value, hints.get(key, Any), units.get(key, ""), path)
    return made


def _nested(table: Table, before: Any, path: str, origin: Origin) -> Any:
    """An object of its own, or the default one with some values changed."""
    if "use" in table:
        return build(table, path, origin)
    if not dataclasses.is_dataclass(before) or isinstance(before, type):
        msg = f"{origin.source}: {path!r} is no table; give it a plain value"
        raise InputError(msg)
    return modified(before, table, path, origin)


def _options(hint: Any) -> tuple[Any, ...]:
    """The members of a union, or the type itself."""
    if isinstance(hint, types.UnionType) or typing.get_origin(hint) is typing.Union:
        return typing.get_args(hint)
    return (hint,)


def _value(value: Any, hint: Any, unit: str, path: str) -> Any:
    """A string, number or list as the type that the parameter wants."""
    options = _options(hint)
    origins = [typing.get_origin(option) for option in options]
    if tuple in origins:
        many = listed(value) if isinstance(value, str) else value
        rows = many if isinstance(many, list) else [many]
        return tuple(_value(row, _item(options), unit, path) for row in rows)
    if any(dataclasses.is_dataclass(option) for option in options):
        msg = f"{path} = {value!r}: it has values of its own; set one of those"
        raise InputError(msg)
    if typing.Literal in origins:
        choices = [c for o in options for c in typing.get_args(o)]
        if value not in choices:
            raise InputError(f"{path}: {unknown('choice', str(value), choices)}")
        return value
    return _scalar(value, options, unit, path)


def _scalar(value: Any, options: tuple[Any, ...], unit: str, path: str) -> Any:
    found: Any
    if str in options:
        found = str(value)
    elif bool in options:
        found = _boolean(value, path)
    elif isinstance(value, bool | list):
        msg = f"{path} = {value!r}: expected a number"
        raise InputError(msg)
    elif int in options and float not in options:
        found = _integer(value, path)
    elif complex in options:
        found = complex_number(str(value), what=path)
    else:
        found = measure(str(value), like=unit, what=path)
    return found


def _item(options: tuple[Any, ...]) -> Any:
    inner = [a for o in options for a in typing.get_args(o) if a is not Ellipsis]
    return inner[0] if inner else Any


def _boolean(value: Any, path: str) -> bool:
    found = {"true": True, "false": False}.get(str(value).lower())
    if found is None:
        msg = f"{path} = {value!r}: expected true or false"
        raise InputError(msg)
    return found


def _integer(value: Any, path: str) -> int:
    try:
        return int(str(value))
    except ValueError:
        msg = f"{path} = {value!r}: expected a whole number"
        raise InputError(msg) from None
