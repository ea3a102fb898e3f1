import math
import os
import subprocess
import sys

import pytest

from hypothesis import given
from hypothesis import strategies as st

from darkreach import units
from darkreach.units import BY_NAME, GeV, Hz, MeV, day, fb, keV, mm, ns, quantity, s


def test_prefixes_are_powers_of_ten():
    # 1e-15: one rounding of a double or two
    assert MeV / GeV == pytest.approx(1e-3, rel=1e-15)
    assert keV / MeV == pytest.approx(1e-3, rel=1e-15)
    assert s / ns == pytest.approx(1e9, rel=1e-15)
    assert units.m / mm == pytest.approx(1e3, rel=1e-15)
    assert Hz * s == pytest.approx(1.0, rel=1e-15)
    assert day / s == pytest.approx(86400, rel=1e-15)
    # 1 fb = 1e-43 m^2
    assert fb / units.m**2 == pytest.approx(1e-43, rel=1e-14)
    assert 180 * units.deg == pytest.approx(math.pi, rel=1e-15)


def test_odd_units_change_every_base_unit():
    code = "from darkreach.units import *; print(GeV, mm, ns, 10 * MeV / GeV)"
    odd = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "DARKREACH_UNIT_TEST": "1"},
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split()
    assert all(float(base) != 1.0 for base in odd[:3])
    assert float(odd[3]) == pytest.approx(0.01, rel=1e-15)


@given(st.floats(-1e12, 1e12), st.sampled_from(sorted(BY_NAME)))
def test_quantity_reads_what_it_is_given(value, unit):
    assert quantity(f"{value!r} {unit}") == value * BY_NAME[unit]
    assert quantity(f"{value!r} /{unit}") == value / BY_NAME[unit]


def test_quantity_without_unit_is_a_number():
    assert quantity(" 0.86 ") == 0.86


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("10 Mev", "unknown unit 'Mev'.*known units are eV, keV, MeV"),
        ("10MeV", "not a quantity.*with a space"),
        ("", "not a quantity"),
        ("ten MeV", "not a quantity"),
        ("nan MeV", "not finite"),
        ("inf", "not finite"),
        ("1 //s", "unknown unit"),
    ],
)
def test_quantity_says_what_is_wrong(text, complaint):
    with pytest.raises(ValueError, match=complaint):
        quantity(text)
