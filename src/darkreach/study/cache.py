"""Compiled code, kept in the user's cache folder between runs of the command line."""

import os

from pathlib import Path
from typing import Any, Final

import jax

_SETTINGS: Final[dict[str, Any]] = {
    "jax_persistent_cache_min_compile_time_secs": 0.0,
    "jax_persistent_cache_min_entry_size_bytes": -1,
}


def keep_compilations() -> None:
    """Let JAX keep what it compiles; where that cannot be, it compiles every time."""
    base = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")
    folder = Path(base) / "darkreach"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        usable = os.access(folder, os.W_OK)
    except OSError:
        usable = False
    if not usable:
        return
    for name, value in {**_SETTINGS, "jax_compilation_cache_dir": str(folder)}.items():
        jax.config.update(name, value)  # type: ignore[no-untyped-call]
