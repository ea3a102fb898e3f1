"""Dumps recast from dark photons: limits by hand, and NA64's own pseudoscalars."""

import math

from dataclasses import replace

import numpy as np
import pytest

from darkreach.constants import E_CHARGE
from darkreach.curves.curve import ended, interpolate
from darkreach.curves.dumps import DUMPS, production_ratio, recast, recasts
from darkreach.curves.text import load_bound, load_bounds
from darkreach.units import MeV, m


def test_production_ratio_by_hand():
    """With d = m_e^2 / m^2 and ln(1/d) = L: (L - 11/6) / 6 over 1/2 + (L - 11/6) / 3.

    The numerator is the integral of x^3 / 6 over 1 - x + d x^2; 2e-2: orders of d and
    of d L at 17 MeV.
    """
    log = 2 * math.log(17 / 0.511)
    numerator = (log - 11 / 6) / 6
    expected = numerator / (0.5 + 2 * numerator)
    assert production_ratio(17 * MeV) == pytest.approx(expected, rel=0.02)
    assert 0.25 < production_ratio(2 * MeV) < production_ratio(400 * MeV) < 0.5


def wide(decay=1.0):
    """A region with edges far apart, where they do not know of each other."""
    curve = load_bound("e137_1988")
    mass = np.array([50.0, 60.0]) * MeV
    return replace(
        curve,
        mass=mass,
        value=np.full(2, 1e-8),
        until=np.full(2, 1e-3),
        validity=(50 * MeV, 60 * MeV),
    )


def test_edges_far_below_the_nose():
    """Lower: equal eps^2 Gamma, g = e eps (R 3/2)^(-1/4); upper: equal decay length.

    Gamma is g^2 m / (8 pi) and (e eps)^2 m / (12 pi): g = e eps sqrt(2/3). 1e-3 for the
    electron's mass in the widths; the upper edge moves by the logarithm of the rate,
    ln(3 / 2 R) over 2 ln(1e10), 3 % at most.
    """
    new = recast(wide(), DUMPS["e137_1988"])
    factor = (1.5 * production_ratio(50 * MeV)) ** -0.25
    assert new.value[0] / E_CHARGE == pytest.approx(1e-8 * factor, rel=1e-3)
    assert new.until[0] / E_CHARGE == pytest.approx(1e-3 * math.sqrt(2 / 3), rel=0.03)


def test_na64_agrees_with_its_own_pseudoscalars():
    """Published: 2.1e-4 to 3.2e-4 at 16.7 MeV and no more beyond 17.1 MeV.

    Ours is for the total production, theirs for the radiation that their calorimeter
    selects: lower and upper edge agree within 40 %, the end of the region within 30 %.
    """
    new = recast(load_bound("na64_2020"), DUMPS["na64_2020"])
    published = load_bound("na64_2021_pseudoscalar")
    at = 16.7 * MeV
    lower = float(interpolate(new, at)) / float(interpolate(published, at))
    upper = float(ended(new, at)) / float(ended(published, at))
    assert 1 / 1.4 < lower < 1 < upper < 1.4
    assert 17.1 * MeV < new.validity[1] < 1.3 * 17.1 * MeV


def test_only_the_ratio_of_lengths_counts():
    curve = load_bound("e141_1987")
    one = recast(curve, DUMPS["e141_1987"])
    scaled = DUMPS["e141_1987"]._replace(shield=1.2 * m, decay=350 * m)
    other = recast(curve, scaled)
    np.testing.assert_allclose(one.value, other.value, rtol=1e-9)  # rounding
    assert np.all(one.until >= one.value)


def test_regions_close_before_those_of_dark_photons():
    """Fewer scalars are made, so the nose is at a smaller mass.

    For pseudoscalars in NA64 the recast ends at 16.7 MeV, where its own limit begins.
    """
    bounds = load_bounds()
    for parity, axis in (("scalar", "g_se"), ("pseudoscalar", "g_ae")):
        found = recasts(bounds, parity=parity)
        assert set(found) == set(DUMPS)
        for name, curve in found.items():
            assert curve.quantity == axis
            assert 0.67 < curve.validity[1] / bounds[name].validity[1] < 1.0
            assert np.all(np.isfinite(curve.value) & (curve.until > curve.value))


def test_what_is_no_region_is_refused():
    for name in ("na48_2_2015", "red_giants_2020"):
        with pytest.raises(ValueError, match="expected a region"):
            recast(load_bound(name), DUMPS["e137_1988"])
