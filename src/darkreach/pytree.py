"""`@pytree`: a frozen dataclass that JAX can trace; its import switches float64 on."""

import dataclasses
import typing

from typing import Any, TypeVar, dataclass_transform

import jax

jax.config.update("jax_enable_x64", True)  # type: ignore[no-untyped-call]

# For jit of long amplitudes: the emitter of XLA that compiles mu -> 3e nu nu (7000
# operations) in 4 s; the default one of jaxlib 0.10 needs many minutes.
FUSED: typing.Final = {"xla_cpu_use_fusion_emitters": False}

T = TypeVar("T")
STATIC: typing.Final = (str, int, bool)


def _is_static(annotation: Any) -> bool:
    """Strings, integers and tuples of strings name things; they are not traced."""
    choice = typing.get_origin(annotation) is typing.Literal
    return choice or annotation in STATIC or annotation == tuple[str, ...]


@dataclass_transform(frozen_default=True, kw_only_default=True)
def pytree(cls: type[T]) -> type[T]:
    """Make `cls` a frozen, keyword-only dataclass and register it with JAX.

    Fields annotated `str`, `int`, `bool`, `Literal` or `tuple[str, ...]` are static:
    changing one compiles anew. All other fields are traced: changing one does not.
    """
    made = dataclasses.dataclass(frozen=True, kw_only=True)(cls)
    fields = dataclasses.fields(made)  # type: ignore[arg-type]
    static = tuple(f.name for f in fields if _is_static(f.type))
    traced = tuple(f.name for f in fields if not _is_static(f.type))
    keys = tuple(jax.tree_util.GetAttrKey(name) for name in traced)

    # Not `register_dataclass`: in jaxlib 0.10 the structures of two classes with equal
    # static fields compare equal, and jit then takes one for the other, at random.
    def flatten(one: Any) -> tuple[tuple[Any, ...], tuple[Any, ...]]:
        names = (made, *(getattr(one, name) for name in static))
        return tuple(getattr(one, name) for name in traced), names

    def flatten_with_keys(one: Any) -> tuple[tuple[Any, ...], tuple[Any, ...]]:
        values, names = flatten(one)
        return tuple(zip(keys, values, strict=True)), names

    def unflatten(names: tuple[Any, ...], values: Any) -> T:
        given = dict(zip(static, names[1:], strict=True))
        return made(**given, **dict(zip(traced, values, strict=True)))

    jax.tree_util.register_pytree_with_keys(
        made, flatten_with_keys, unflatten, flatten_func=flatten
    )
    return made
