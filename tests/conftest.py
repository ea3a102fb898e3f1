"""Settings of the whole suite; they must precede the first import of the package."""

from pathlib import Path

import jaxtyping

# Shapes and types of every annotated function are checked, in tests only.
HOOK = jaxtyping.install_import_hook("darkreach", "beartype.beartype")

import jax  # noqa: E402
import numpy as np  # noqa: E402
import pytest  # noqa: E402

from hypothesis import settings  # noqa: E402

# An accidental broadcast or a silent change of dtype is an error.
jax.config.update("jax_numpy_rank_promotion", "raise")
jax.config.update("jax_numpy_dtype_promotion", "strict")
jax.config.update("jax_enable_x64", True)
# Workers share what they compile; what another one still writes is compiled again.
CACHE = Path(__file__).parent.parent / ".pytest_cache" / "jax"
jax.config.update("jax_compilation_cache_dir", str(CACHE))
jax.config.update("jax_persistent_cache_min_compile_time_secs", 0.3)


_approx = pytest.approx


def approx(expected, rel=None, abs=None, nan_ok=False):
    """Relative, unless 0 is expected.

    The absolute tolerance that pytest adds, 1e-12, would let any width in GeV pass.
    """
    values = list(expected.values()) if isinstance(expected, dict) else expected
    numbers = np.asarray(values)
    if abs is None and numbers.dtype.kind in "iufc" and np.all(numbers != 0):
        rel, abs = (1e-6 if rel is None else rel), 0.0
    return _approx(expected, rel=rel, abs=abs, nan_ok=nan_ok)


pytest.approx = approx


@pytest.fixture
def key() -> jax.Array:
    """The fixed random key of every Monte Carlo test."""
    return jax.random.key(20240229)


settings.register_profile("suite", deadline=None, derandomize=True, max_examples=50)
settings.load_profile("suite")
