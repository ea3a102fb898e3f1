"""Momenta of warm ALPs."""

import math

import numpy as np
import pytest

from darkreach.constants import (
    M_MU,
    T_CMB,
)
from darkreach.cosmology import warm
from darkreach.cosmology.degrees import (
    entropy_degrees,
)
from darkreach.models.lfv_alp import LEPTON_MASS
from darkreach.units import MeV, eV, keV

PAIRS = (("mu", "e"), ("tau", "e"), ("tau", "mu"))


@pytest.mark.parametrize("pair", PAIRS)
def test_momenta_in_closed_form(constant, pair):
    """dn/dq ~ q^(3/2) exp(-q): mean 5/2, mean square 35/4; for massless daughters."""
    constant(50.0)
    found = warm.moments(pair, statistics="classical")
    mass, other = (LEPTON_MASS[lepton] for lepton in pair)
    energy = 1 - (other / mass) ** 2  # the energy of a in units of m/2
    # 1e-5: production above T = 100 m
    assert found.mean_over_temperature == pytest.approx(2.5 * energy, rel=1e-5)
    rms = math.sqrt(35) / 2 * energy
    assert found.rms_over_temperature == pytest.approx(rms, rel=1e-5)
    assert found.degrees == pytest.approx(50.0, rel=1e-9)
    today = T_CMB * (43 / 11 / 50) ** (1 / 3)
    assert found.rms == pytest.approx(rms * today, rel=1e-5)
    assert found.mean == pytest.approx(2.5 * energy * today, rel=1e-5)


def test_blocking_angle_by_angle_is_the_analytic_mean():
    """Two routes to the number of ALPs: the moments' nodes and `yield_per_width`."""
    slow = warm.moments(("mu", "e"), statistics="quantum")
    fast = warm.moments(("mu", "e"), statistics="classical")
    # soft daughters, so hard ALPs, or the reverse, are blocked: below 2 % of the mean
    assert slow.mean_over_temperature == pytest.approx(
        fast.mean_over_temperature, rel=0.02
    )
    # g_* of muons is between its values at m/10 and at m
    low, high = (float(entropy_degrees(x * M_MU)) for x in (0.1, 1.0))
    assert low < slow.degrees < high


@pytest.mark.parametrize("pair", PAIRS)
@pytest.mark.parametrize("statistics", ["quantum", "classical"])
def test_spectrum_has_the_number_and_the_moments(pair, statistics):
    """Elementary integrals over the parents against quadrature over them."""
    q = np.linspace(1e-4, 25.0, 20001)
    density = warm.spectrum(q, pair, statistics=statistics)
    moments = [np.trapezoid(density * q**k, q) for k in (0, 1, 2)]
    found = warm.moments(pair, statistics=statistics)
    # 1e-4: trapezoids from q = 1e-4, where dn/dq ~ q^(3/2) starts
    assert moments[0] == pytest.approx(1.0, rel=1e-4)
    assert moments[1] * T_CMB == pytest.approx(found.mean, rel=1e-4)
    assert math.sqrt(moments[2]) * T_CMB == pytest.approx(found.rms, rel=1e-4)


def test_spectrum_in_closed_form(constant):
    g = 43 / 11  # nothing is diluted
    constant(g)
    q = np.array([0.3, 1.0, 2.5, 6.0])
    found = warm.spectrum(q, ("tau", "e"), statistics="classical")
    closed = q**1.5 * np.exp(-q) / math.gamma(2.5)
    # 1e-4: production above T = 100 m at small q, and the electron's mass
    np.testing.assert_allclose(found, closed, rtol=1e-4)


def test_thermal_relic():
    # Omega h^2 = (m / 94 eV) (T_x / T_nu)^3 [recalled]; 1 %: 93 to 94 eV are quoted
    mass = 5.3 * keV
    temperature = T_CMB * (4 / 11) ** (1 / 3) * (0.12 * 94 * eV / mass) ** (1 / 3)
    rms = warm.thermal_relic_momentum(mass)
    assert rms == pytest.approx(3.597 * temperature, rel=0.01)


def test_warm_dark_matter_of_the_literature(constant):
    """arXiv:2011.13458 [recalled]: 7.56 keV (m_WDM / 3 keV)^(4/3) rms(q) T / T_0.

    arXiv:2111.09321 (abstract): masses below 15 keV are excluded for freeze-in.
    """
    for pair in PAIRS:
        for thermal in (3.5 * keV, 5.3 * keV):
            ours = warm.warm_dark_matter_mass(pair, thermal_mass=thermal)
            ratio = warm.moments(pair).rms / T_CMB
            formula = 7.56 * keV * (thermal / (3 * keV)) ** (4 / 3) * ratio
            # 2 %: three digits, and the relic density and temperature they took
            assert ours == pytest.approx(formula, rel=0.02)
    constant(106.75)
    heavy = warm.warm_dark_matter_mass(("tau", "e"), statistics="classical")
    # 10 %: they compare power spectra, two digits are quoted
    assert heavy == pytest.approx(15 * keV, rel=0.1)


def test_warm_dark_matter_errors():
    with pytest.raises(ValueError, match="closed"):
        warm.moments(("mu", "e"), mass=200 * MeV)
    with pytest.raises(ValueError, match="thermal mass"):
        warm.warm_dark_matter_mass(("mu", "e"), thermal_mass=-1 * keV)
