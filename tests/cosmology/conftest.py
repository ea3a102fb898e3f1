"""A plasma whose degrees of freedom do not change."""

import math

import pytest

from darkreach.constants import PLANCK_MASS
from darkreach.cosmology import freeze_in, warm


@pytest.fixture
def constant(monkeypatch):
    """Sets g_* and g_*s to a number, so that formulae are closed."""

    def fix(g):
        monkeypatch.setattr(freeze_in, "entropy_slope", lambda t: 0 * t)
        monkeypatch.setattr(
            freeze_in, "entropy_density", lambda t: 2 * math.pi**2 / 45 * g * t**3
        )
        monkeypatch.setattr(
            freeze_in,
            "expansion_rate",
            lambda t: math.sqrt(4 * math.pi**3 * g / 45) * t**2 / PLANCK_MASS,
        )
        monkeypatch.setattr(warm, "entropy_degrees", lambda t: g + 0 * t)

    return fix
