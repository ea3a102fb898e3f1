"""A search that costs nothing, as a user's plugin; it counts what it is asked for."""

from dataclasses import dataclass

import jax
import jax.numpy as jnp

from darkreach.searches.search import Counts
from darkreach.units import MeV

BIBTEX = ("@misc{Fake:2024,\n  title = {Fake}\n}", "@misc{Another:2023,\n}")
ASKED = []  # masses [MeV], in the order in which they were computed
FAILS = {}  # mass [MeV] -> the exception that it raises


@dataclass(frozen=True, kw_only=True)
class FakeSearch:
    """A counting search.

    Attributes:
        strength: signal events at a branching ratio of 1.
        heaviest: last mass point [MeV].
    """

    strength: float = 1e9
    heaviest: float = 30 * MeV

    def masses(self):
        return (0.0, 10 * MeV, 20 * MeV, self.heaviest)

    def background(self, key, *, fast):
        return jnp.array([100.0, 200.0])

    def counts(self, mass, background, key, *, fast):
        label = round(mass / MeV)
        if label in FAILS:
            raise FAILS[label]
        ASKED.append(label)
        signal = self.strength * (1 + 0.1 * jax.random.uniform(key, (2,)))
        error = 0.01 * signal
        return Counts(
            signal=signal,
            background=background,
            signal_error=error,
            background_error=0.01 * background,
            nuisances=(),
        )

    def describe(self):
        return {
            "label": "fake",
            "quantity": "BR",
            "convention": "mu -> e a",
            "chirality": "V",
            "exposure": "one day",
            "source": "made up",
        }
