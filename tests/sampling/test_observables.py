import math

import jax.numpy as jnp
import pytest

from darkreach.algebra.kinematics import FourVector
from darkreach.constants import M_MU
from darkreach.sampling.observables import OBSERVABLES, Cut, checked, passes, view
from darkreach.units import GeV, MeV, deg


def four(*values):
    return FourVector(*(jnp.asarray(float(v) * MeV) for v in values))


E = four(50, 30, 0, 40)
K = four(20, 0, 20, 0)
PARENT = four(M_MU / MeV, 0, 0, 0)
VIEW = view(("e", "alp", "gamma"), PARENT, (E, four(0, 0, 0, 0), K))


def value(name):
    (one,) = OBSERVABLES[name].values(VIEW)
    return float(one)


@pytest.mark.parametrize(
    ("name", "unit", "expected"),
    [
        ("E_e", MeV, 50.0),
        ("E_gamma", MeV, 20.0),
        ("E_missing", MeV, M_MU / MeV - 70),
        (
            "missing_mass_squared",
            MeV**2,
            (M_MU / MeV - 70) ** 2 - 30**2 - 20**2 - 40**2,
        ),
        ("pT_min", MeV, 30.0),
        ("abs_cos_max", 1.0, 0.8),
        ("cos_e", 1.0, 0.8),
        ("theta_e", deg, math.degrees(math.acos(0.8))),
        ("theta_e_gamma", deg, 90.0),
    ],
)
def test_values_by_hand(name, unit, expected):
    # a handful of roundings
    assert value(name) / unit == pytest.approx(expected, rel=1e-12)


def test_space_like_missing_mass_is_negative():
    squared = value("missing_mass_squared")
    assert squared < 0
    assert value("missing_mass") == pytest.approx(-math.sqrt(-squared), rel=1e-14)


@pytest.mark.parametrize("name", sorted(OBSERVABLES))
def test_units_are_those_of_the_label(name):
    unit = {"GeV": GeV, "GeV^2": GeV**2, "rad": 1.0, "": 1.0}
    assert OBSERVABLES[name].unit == unit[OBSERVABLES[name].symbol]


def test_cuts_keep_what_lies_inside():
    inside = Cut(observable="E_e", minimum=45 * MeV, maximum=55 * MeV)
    outside = Cut(observable="E_gamma", minimum=45 * MeV)
    assert passes((), VIEW) == 1
    assert passes((inside,), VIEW) == 1
    assert passes((inside, outside), VIEW) == 0


def test_unknown_or_impossible_observables_are_named():
    names = ("e", "inv")
    assert checked((Cut(observable="E_e"),), names)
    with pytest.raises(ValueError, match="unknown observable 'E_x'; known are E_e"):
        checked((Cut(observable="E_x"),), names)
    with pytest.raises(ValueError, match="'E_gamma' needs a particle"):
        checked((Cut(observable="E_gamma"),), names)


def test_pair_mass_speaks_of_both_pairs():
    tracks = four(50, 30, 0, 40), four(20, 0, 20, 0), four(13, 0, 5, 12)
    seen = view(("e+1", "e+2", "e-", "inv"), PARENT, (*tracks, four(0, 0, 0, 0)))
    values = OBSERVABLES["pair_mass"].values(seen)
    # massless tracks: 2 E E' (1 - cos), by hand
    expected = [2 * (50 * 13 - 480), 2 * (20 * 13 - 100)]
    assert [float(v**2) / MeV**2 for v in values] == pytest.approx(expected, rel=1e-12)
    # a cut holds for every value
    both = (Cut(observable="pair_mass", minimum=18 * MeV),)
    assert float(passes(both, seen)) == 0.0
    either = (Cut(observable="pair_mass", minimum=17 * MeV),)
    assert float(passes(either, seen)) == 1.0


def test_pair_mass_needs_a_pair():
    checked((Cut(observable="pair_mass"),), ("e+1", "e+2", "e-", "inv"))
    with pytest.raises(ValueError, match="needs a particle that is not among"):
        checked((Cut(observable="pair_mass"),), ("e", "x", "inv"))
