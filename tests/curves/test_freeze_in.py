"""Dark-matter lines: freeze-in and the two-photon lifetime."""

import math

import numpy as np
import pytest

from darkreach.constants import HBAR, M_E, M_MU, WIDTH_MU
from darkreach.curves.curve import interpolate
from darkreach.curves.targets import freeze_in, photon_lifetime
from darkreach.models.lfv_alp import LfvAlp, decay_constant
from darkreach.units import GeV, MeV, keV, s


def test_closed_target_of_the_muon():
    # f_a/C = 1.66e9 GeV, F = 3.3e9, BR = 7.1e-6 at 10 keV and g_* = 17, computed
    # elsewhere with the closed formula; 2 %: two to three digits
    model = LfvAlp(mass=10 * keV, f=1.66e9 * GeV, c_v=1.0)
    omega = freeze_in.closed_abundance(model, degrees=17.0)
    assert omega == pytest.approx(0.12, rel=0.02)
    assert float(model.effective_scale()) == pytest.approx(3.3e9 * GeV, rel=0.02)
    assert float(model.branching_ratio_from("mu", "e")) == pytest.approx(
        7.1e-6, rel=0.02
    )


@pytest.mark.parametrize("pair", [("mu", "e"), ("tau", "e"), ("tau", "mu")])
def test_target_is_where_all_dark_matter_is_made(pair):
    masses = np.array([10.0, 30.0, 100.0]) * keV
    curve = freeze_in.target(pair=pair, masses=masses)
    assert (curve.kind, curve.quantity, curve.excludes) == ("target", "F", "below")
    assert curve.convention == f"{pair[0]} -> {pair[1]} a"
    assert "overproduction" in curve.notes
    assert "Panci:2022wlc" in curve.bibtex
    assert curve.method == "none"
    for mass, value in zip(masses, curve.value, strict=True):
        f = decay_constant(float(value), c_v=1.0, c_a=0.0)
        model = LfvAlp(mass=float(mass), f=float(f), c_v=1.0)
        # the definition of the line; digits of a square root
        omega = freeze_in.abundance(model, pair=pair)
        assert omega == pytest.approx(0.12, rel=1e-9)
        half = LfvAlp(mass=float(mass), f=float(f) / 2, c_v=1.0)
        assert freeze_in.abundance(half, pair=pair) > 0.12
    # F^2 ~ m_a, which log-log interpolation keeps; 1e-3: (m_a/m)^2 is 1e-6
    between = float(interpolate(curve, 20 * keV))
    assert between == pytest.approx(float(curve.value[0]) * math.sqrt(2), rel=1e-3)


def test_target_lies_above_the_closed_formula():
    """Leptons decay at T = m/3 to m/4, where fewer species slow the expansion less."""
    closed = LfvAlp(mass=10 * keV, f=1e9 * GeV, c_v=1.0)
    ratio = freeze_in.abundance(closed) / freeze_in.closed_abundance(closed)
    # (18.2/12.9)^(3/2) from g_* at 32 MeV, 1.08 from its slope, 0.864 from statistics;
    # 5 %: products of means
    assert ratio == pytest.approx((18.2 / 12.9) ** 1.5 * 1.08 * 0.864, rel=0.05)


def test_low_reheating_lowers_the_target():
    masses = np.array([10.0]) * keV
    full = freeze_in.target(masses=masses).value[0]
    cold = freeze_in.target(masses=masses, reheating=10 * MeV)
    assert cold.value[0] < 0.2 * full
    assert "T < 0.01 GeV" in cold.notes


def test_target_needs_open_decays():
    for masses in (np.array([0.0, 1.0]) * keV, np.array([M_MU]), np.array([])):
        with pytest.raises(ValueError, match="a closes"):
            freeze_in.target(masses=masses)


@pytest.mark.parametrize(
    ("mass", "seconds"), [(5, 3.1e29), (10, 2.4e27), (20, 1.9e25), (50, 3.1e22)]
)
def test_photon_lifetimes(mass, seconds):
    """Closed form alpha^2 m^7 / (64 pi^3 f^2 144 m_e^4), quoted with two digits."""
    couplings = {"c_ee": 1.0, "c_mumu": 1.0, "c_tautau": 1.0}
    only = LfvAlp(mass=mass * keV, f=1e10 * GeV, c_ee=1.0)
    every = LfvAlp(mass=mass * keV, f=1e10 * GeV, **couplings)
    for model in (only, every):
        lifetime = HBAR / float(model.width_to_gamma_gamma())
        # 5 %: two digits, and (m_a/m_e)^2 of the loop
        assert lifetime == pytest.approx(seconds * s, rel=0.05)
    # F = 2 f for couplings of one; exact
    scale = photon_lifetime.effective_scale_of_lifetime(
        mass * keV, lifetime=HBAR / float(every.width_to_gamma_gamma())
    )
    assert scale == pytest.approx(2e10 * GeV, rel=1e-12)


def test_lifetime_line():
    masses = np.array([5.0, 10.0, 20.0]) * keV
    curve = photon_lifetime.target(masses=masses, lifetime=1e26 * s, tan_alpha=0.5)
    # F ~ tan(alpha) sqrt(tau) m^(7/2); 1 %: loops beyond the leading power of m_a/m_e
    slope = np.diff(np.log(curve.value)) / math.log(2)
    np.testing.assert_allclose(slope, 3.5, rtol=0.01)
    other = photon_lifetime.target(masses=masses, lifetime=1e28 * s, tan_alpha=1.0)
    np.testing.assert_allclose(other.value, 20 * curve.value, rtol=1e-9)
    assert curve.excludes == "below"


def test_largest_mass_lives_as_long_as_required():
    for pair in (("mu", "e"), ("tau", "mu")):
        mass = photon_lifetime.lifetime_mass_limit(
            pair, lifetime=1e27 * s, tan_alpha=0.3
        )
        scale = freeze_in.effective_scale_of_target(mass, pair=pair)
        model = LfvAlp(
            mass=mass, f=scale / 2, c_v=1.0, c_ee=0.3, c_mumu=0.3, c_tautau=0.3
        )
        # root finding
        lifetime = HBAR / float(model.width_to_gamma_gamma())
        assert lifetime == pytest.approx(1e27 * s, rel=1e-6)
    # m ~ tau^(-1/6) tan(alpha)^(-1/3); 1 %: loops beyond the leading power
    one = photon_lifetime.lifetime_mass_limit(lifetime=1e26 * s)
    two = photon_lifetime.lifetime_mass_limit(lifetime=1e28 * s)
    assert one / two == pytest.approx(100 ** (1 / 6), rel=0.01)
    assert photon_lifetime.lifetime_mass_limit(tan_alpha=1e-12) == 2 * M_E


def test_lifetime_errors():
    # 1 eV lives 3e29 s (5 keV / 1 eV)^6 (1e10 GeV / F)^2: no a lives 1e60 s
    with pytest.raises(ValueError, match="not even an a of 1 eV lives 1e\\+60 s"):
        photon_lifetime.lifetime_mass_limit(lifetime=1e60 * s)
    with pytest.raises(ValueError, match="expected both to be positive"):
        photon_lifetime.effective_scale_of_lifetime(
            1 * keV, lifetime=1e26 * s, tan_alpha=0.0
        )
    with pytest.raises(ValueError, match="opens"):
        photon_lifetime.target(masses=np.array([1.1]) * MeV)


def test_branching_ratio_on_the_target_is_that_of_searches():
    """At 10 keV the muon's target is a branching ratio of a few 1e-6: in reach."""
    scale = freeze_in.effective_scale_of_target(10 * keV)
    # massless formula; 1e-3: electron mass
    ratio = M_MU**3 / (16 * math.pi * scale**2 * WIDTH_MU)
    model = LfvAlp(mass=10 * keV, f=scale / 2, c_v=1.0)
    assert float(model.branching_ratio_from("mu", "e")) == pytest.approx(
        ratio, rel=1e-3
    )
    assert 3e-6 < ratio < 8e-6
