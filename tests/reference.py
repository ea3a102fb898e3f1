"""Tables of other people's data, for tests alone."""

import os

from pathlib import Path

import numpy as np
import pytest


def reference(*names):
    """A table of the folder of reference data, without its header."""
    folder = os.environ.get("DARKREACH_REFERENCE_DATA")
    if folder is None:
        pytest.skip("DARKREACH_REFERENCE_DATA names no folder")
    return np.loadtxt(Path(folder).joinpath(*names))
