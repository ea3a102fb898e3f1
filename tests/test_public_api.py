"""The public names, pinned."""

import subprocess
import sys

import pytest

import darkreach

NAMES = [
    "Curve",
    "Events",
    "__version__",
    "generate",
    "limit",
    "reach",
    "squared_amplitude",
    "units",
]


def test_the_public_names_are_these():
    assert darkreach.__all__ == NAMES
    assert dir(darkreach) == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_every_public_name_resolves(name):
    assert getattr(darkreach, name) is not None


def test_an_unknown_name_is_an_attribute_error_that_lists_the_known():
    with pytest.raises(AttributeError, match="squared_amplitude"):
        _ = darkreach.squared_amplitudes


@pytest.mark.parametrize("module", ["darkreach", "darkreach.cli", "darkreach.units"])
def test_importing_does_not_import_jax(module):
    code = f"import sys, {module}; print({{'jax', 'numpy'}} & set(sys.modules))"
    asked = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert asked.stdout.strip() == "set()"
