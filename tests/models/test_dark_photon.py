"""Width against R-ratio counting, decay length and moment against published numbers."""

import math

import jax
import jax.numpy as jnp
import pytest

from darkreach.constants import ALPHA, M_E, M_MU
from darkreach.models.dark_photon import DarkPhoton
from darkreach.units import GeV, MeV, mm


def test_width_is_the_published_one():
    """alpha eps^2 m / 3 (1 + 2 r) sqrt(1 - 4 r); rounding only."""
    for mass in (1.1 * MeV, 20 * MeV, 150 * MeV):
        r = (M_E / mass) ** 2
        expected = ALPHA * 1e-8 * mass / 3 * (1 + 2 * r) * math.sqrt(1 - 4 * r)
        assert float(DarkPhoton(mass=mass).width_to_ee()) == pytest.approx(
            expected, rel=1e-12
        )


def test_decay_length():
    # 0.1 %: physics quotes 0.406 mm; 80 um (1e-4/eps)^2 (100 MeV/m), arXiv:0906.0580
    model = DarkPhoton(mass=20 * MeV, eps=1e-4)
    assert float(model.ctau()) / mm == pytest.approx(0.4057, rel=1e-3)
    # 3 %: the published number is rounded to two digits
    model = DarkPhoton(mass=100 * MeV, eps=1e-4)
    assert float(model.ctau()) / mm == pytest.approx(0.080, rel=0.03)


def test_muons_open_at_their_threshold():
    assert float(DarkPhoton(mass=2 * M_MU).width_to_mumu()) == 0.0
    heavy = DarkPhoton(mass=100 * GeV)
    # 1e-8: (m_mu / m)^4 corrections to lepton universality
    assert float(heavy.width_to_mumu() / heavy.width_to_ee()) == pytest.approx(
        1.0, rel=1e-8
    )
    assert float(heavy.width()) == pytest.approx(2 * float(heavy.width_to_ee()))


def test_moment_of_a_light_dark_photon_is_that_of_schwinger():
    for lepton in ("e", "mu"):
        found = float(DarkPhoton(mass=0.0, eps=1e-3).anomalous_moment(lepton))
        # 1e-8: accuracy of the sum
        assert found == pytest.approx(ALPHA * 1e-6 / (2 * math.pi), rel=1e-8)


@pytest.mark.parametrize(
    ("mass", "eps"), [(1.5 * MeV, 1.8e-4), (3.7 * MeV, 3.8e-4), (20 * MeV, 2.0e-3)]
)
def test_moment_of_the_electron_where_published(mass, eps):
    """Three sigma of (8.7 +- 3.6)e-13, as a public collection of limits has it.

    6 %: twice the rounding of a coupling with two digits.
    """
    found = float(DarkPhoton(mass=mass, eps=eps).anomalous_moment("e"))
    assert found == pytest.approx(19.5e-13, rel=0.06)


def test_below_threshold_it_is_stable_and_finite_for_tracers():
    masses = jnp.array([0.0, 1.0, 1.021, 20.0]) * MeV
    widths = jax.jit(jax.vmap(lambda m: DarkPhoton(mass=m).width()))(masses)
    assert bool(jnp.all(widths[:3] == 0.0))
    assert float(widths[3]) > 0
    assert float(DarkPhoton(mass=1 * MeV).ctau()) == math.inf
