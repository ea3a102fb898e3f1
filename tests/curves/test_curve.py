"""The noun Curve: interpolation, conversion, confidence levels, text, exclusion."""

import dataclasses
import io
import json
import math

import numpy as np
import pytest

from hypothesis import given, settings
from hypothesis import strategies as st

from darkreach.constants import ALPHA, HBAR, M_E, M_MU, WIDTH_MU, C
from darkreach.curves.axes import (
    DARK_MATTER,
    ELECTRON_COUPLING,
    MU_TO_ELECTRONS,
    MU_TO_GAMMAS,
    MUON_COUPLING,
    PHOTON_COUPLING,
    PHOTON_LIFETIME,
    undecayed,
)
from darkreach.curves.curve import (
    Curve,
    Verdict,
    converted,
    ended,
    interpolate,
    refined,
    rescaled,
    to_effective_scale,
)
from darkreach.curves.exclusion import chirality_of, excludes
from darkreach.curves.level import deviation
from darkreach.curves.text import from_json, from_toml, to_csv, to_json
from darkreach.models.lfv_alp import LfvAlp
from darkreach.units import GeV, MeV, cm, keV, m, mm, ns, s

LEVELS = np.array([0.4, 0.6, 1.0, 1.5, 2.2])


def line(**changes):
    """A reach in BR with band and MC error, changed where wanted."""
    mass = np.array([0.0, 5.0, 20.0, 60.0]) * MeV
    value = np.array([1e-6, 2e-6, 1e-6, 4e-6])
    base = Curve(
        kind="reach",
        label="a reach",
        mass=mass,
        value=value,
        quantity="BR",
        convention="mu -> e a",
        cl=0.90,
        method="Gaussian",
        chirality="V",
        excludes="above",
        source="nowhere",
        validity=(0.0, 60 * MeV),
        band=value[:, None] * LEVELS,
        mc_error=0.01 * value,
        exposure="1 muon",
        notes="two\nlines",
    )
    return dataclasses.replace(base, **changes)


def bare(mass, value, **changes):
    """A line without band and error, valid from its first to its last mass."""
    ends = (float(mass[0]), float(mass[-1]))
    new = {"mass": mass, "value": value, "validity": ends, **changes}
    return line(band=None, mc_error=None, **new)


def test_a_curve_is_frozen():
    with pytest.raises(dataclasses.FrozenInstanceError):
        line().cl = 0.95


def test_interpolation_goes_through_the_points():
    curve = line()
    np.testing.assert_allclose(interpolate(curve, curve.mass), curve.value, rtol=1e-12)


def test_interpolation_is_a_power_law_between_points():
    """sqrt(5 * 20) = 10 MeV is halfway in the logarithm."""
    expected = math.sqrt(2e-6 * 1e-6)
    assert float(interpolate(line(), 10 * MeV)) == pytest.approx(expected, rel=1e-12)


def test_interpolation_next_to_zero_mass_is_exponential():
    expected = math.sqrt(1e-6 * 2e-6)
    assert float(interpolate(line(), 2.5 * MeV)) == pytest.approx(expected, rel=1e-12)


def test_interpolation_outside_the_validity_is_nan():
    curve = line(validity=(1 * MeV, 50 * MeV))
    found = interpolate(curve, np.array([0.0, 1.0, 50.0, 51.0]) * MeV)
    assert list(np.isnan(found)) == [True, False, False, True]


def test_one_point_is_a_curve():
    point = bare(np.zeros(1), np.full(1, 3e-6))
    assert float(interpolate(point, 0.0)) == pytest.approx(3e-6)
    assert np.isnan(interpolate(point, 1 * MeV))


def test_a_contour_has_no_value_at_a_mass():
    with pytest.raises(ValueError, match="closed contour"):
        interpolate(line(excludes="inside"), 1 * MeV)


@settings(max_examples=15)
@given(st.floats(0, 60))
def test_adding_points_changes_nothing(mass):
    curve = line()
    there = float(interpolate(curve, mass * MeV))
    assert float(interpolate(refined(curve, steps=7), mass * MeV)) == pytest.approx(
        there, rel=1e-9
    )


def test_effective_scale_is_the_two_body_width():
    """arXiv:2006.04795, eq. (5), with the electron mass, written out for C^V = 1."""
    curve = to_effective_scale(line())
    a, m, e = line().mass, M_MU, M_E
    minus, plus = (m - e) ** 2, (m + e) ** 2
    momentum = np.sqrt((plus - a**2) * (minus - a**2)) / (2 * m)
    unit = momentum * minus * (plus - a**2) / (8 * np.pi * m**2)  # times 1 / F^2
    np.testing.assert_allclose(
        curve.value, np.sqrt(unit / (line().value * WIDTH_MU)), rtol=1e-10
    )
    assert curve.quantity == "F"
    assert curve.excludes == "below"


def test_effective_scale_at_the_published_normalisation():
    """BR = 7.833e-5 is F = 1e9 GeV (four digits)."""
    curve = to_effective_scale(line(value=np.full(4, 7.833e-5)))
    assert curve.value[0] == pytest.approx(1e9 * GeV, rel=1e-4)


def test_effective_scale_keeps_the_band_in_order_and_halves_the_error():
    curve = to_effective_scale(line())
    assert np.all(np.diff(curve.band, axis=1) > 0)
    np.testing.assert_allclose(curve.band[:, 2], curve.value, rtol=1e-12)
    weakest = to_effective_scale(line(value=line().band[:, 4]))
    np.testing.assert_allclose(curve.band[:, 0], weakest.value, rtol=1e-12)
    np.testing.assert_allclose(curve.mc_error, 0.005 * curve.value, rtol=1e-12)


@pytest.mark.parametrize(("mass", "less"), [(1.0, 0.0), (80.0, 0.013), (95.0, 0.04)])
def test_axial_and_vector_scales_differ_at_large_mass(mass, less):
    """What the docstring of `to_effective_scale` says, to its digits."""
    point = np.full(1, mass * MeV), np.full(1, 1e-6)
    vector, axial = (
        to_effective_scale(bare(*point, chirality=c)).value[0] for c in ("V", "A")
    )
    assert 1 - axial / vector == pytest.approx(less, abs=2e-3)


def test_axial_and_vector_scales_differ_more_with_a_muon():
    """The ratio of the squared currents at 1.6 GeV, by hand: sqrt(0.300) = 0.548."""
    point = np.full(1, 1.6 * GeV), np.full(1, 1e-4)
    more = {"convention": "tau -> mu a"}
    vector, axial = (
        to_effective_scale(bare(*point, chirality=c, **more)).value[0]
        for c in ("V", "A")
    )
    minus, plus, square = 1.67127**2, 1.88259**2, 1.6**2  # GeV^2
    by_hand = plus * (minus - square) / (minus * (plus - square))
    assert axial / vector == pytest.approx(math.sqrt(by_hand), rel=1e-3)
    assert 1 - axial / vector == pytest.approx(0.45, abs=5e-3)


def test_a_constant_branching_ratio_is_no_straight_line_in_scale():
    """Between the ends the exact mass dependence holds, to the 1e-4 of the steps."""
    ends = np.array([50.0, 95.0]) * MeV
    found = to_effective_scale(bare(ends, np.full(2, 1e-5)))
    middle = np.array([71.3]) * MeV
    exact = to_effective_scale(bare(middle, np.full(1, 1e-5)))
    assert float(interpolate(found, middle[0])) == pytest.approx(
        exact.value[0], rel=1e-4
    )


@pytest.mark.parametrize(
    "changes", [{"convention": "mu -> e a gamma"}, {"quantity": "g_ae"}]
)
def test_only_the_two_body_decays_convert(changes):
    with pytest.raises(ValueError, match="only BR, F, f_a of mu -> e a, tau -> e a"):
        to_effective_scale(line(**changes))


@pytest.mark.parametrize("convention", ["mu -> e a", "tau -> e a", "tau -> mu a"])
@pytest.mark.parametrize("to", ["F", "f_a"])
def test_conversion_there_and_back(convention, to):
    curve = line(convention=convention)
    there = converted(curve, to=to)
    assert there.quantity == to
    assert there.excludes == "below"
    back = converted(there, to="BR")
    np.testing.assert_allclose(back.value, curve.value, rtol=1e-12)
    np.testing.assert_allclose(back.band, curve.band, rtol=1e-12)
    np.testing.assert_allclose(back.mc_error, curve.mc_error, rtol=1e-12)
    assert back.excludes == "above"


def test_decay_constant_is_half_the_scale():
    scale, constant = (converted(line(), to=to) for to in ("F", "f_a"))
    np.testing.assert_allclose(constant.value, scale.value / 2, rtol=1e-12)
    np.testing.assert_allclose(constant.band, scale.band / 2, rtol=1e-12)
    np.testing.assert_allclose(constant.mc_error, scale.mc_error / 2, rtol=1e-12)
    same(converted(scale, to="F"), scale)


@pytest.mark.parametrize(
    ("convention", "pair"),
    [
        ("mu -> e a", ("mu", "e")),
        ("tau -> e a", ("tau", "e")),
        ("tau -> mu a", ("tau", "mu")),
    ],
)
@pytest.mark.parametrize(("chirality", "c_v", "c_a"), [("V", 1, 0), ("A", 0, 1)])
def test_conversion_is_the_width_of_the_model(convention, pair, chirality, c_v, c_a):
    """The model's own branching ratio at a known scale, at the top of the range."""
    masses = np.array([0.0, 80.0]) * MeV
    scale = np.full(2, 3e8 * GeV)
    curve = bare(
        masses, scale, quantity="F", convention=convention, chirality=chirality
    )
    curve = dataclasses.replace(curve, mc_error=np.zeros(2), excludes="below")
    found = converted(curve, to="BR").value
    for mass, ratio in zip(masses, found, strict=True):
        model = LfvAlp(mass=mass, f=1.5e8 * GeV, c_v=float(c_v), c_a=float(c_a))
        exact = float(model.branching_ratio_from(*pair))
        assert ratio == pytest.approx(exact, rel=1e-12)


def test_tau_conversion_at_the_published_normalisation():
    """BR = 4.922e-4 is F = 1e7 GeV for a massless a and electron.

    The tau's mass of 1776.86 MeV there and a lifetime of another edition: 3e-4.
    """
    curve = line(value=np.full(4, 4.922e-4), convention="tau -> e a")
    assert to_effective_scale(curve).value[0] == pytest.approx(1e7 * GeV, rel=5e-4)


@pytest.mark.parametrize(
    ("method", "expected"),
    [("Gaussian", 1.645 / 1.282), ("CLs", 1.960 / 1.645), ("Bayes", 1.960 / 1.645)],
)
def test_confidence_level_factors(method, expected):
    """Quantiles of a table with four digits."""
    curve = rescaled(line(method=method), cl=0.95)
    np.testing.assert_allclose(curve.value, line().value * expected, rtol=1e-3)
    assert curve.cl == 0.95
    assert "90% to 95%" in curve.notes


def test_rescaling_commutes_with_the_conversion():
    for method in ("Gaussian", "CLs"):
        one = rescaled(to_effective_scale(line(method=method)), cl=0.95)
        two = to_effective_scale(rescaled(line(method=method), cl=0.95))
        np.testing.assert_allclose(one.value, two.value, rtol=1e-12)
        np.testing.assert_allclose(one.band, two.band, rtol=1e-12)
        np.testing.assert_allclose(one.mc_error, two.mc_error, rtol=1e-12)


@settings(max_examples=15)
@given(st.floats(0.55, 0.99), st.sampled_from(["Gaussian", "CLs"]))
def test_rescaling_there_and_back(cl, method):
    back = rescaled(rescaled(line(method=method), cl=cl), cl=0.90)
    np.testing.assert_allclose(back.value, line().value, rtol=1e-9)
    np.testing.assert_allclose(back.band, line().band, rtol=1e-9)


def test_quantiles_solve_cls():
    """CLs = 1 - Phi(z - n) over Phi(n), the definition (arXiv:1007.1727)."""
    normal = 0.5 * (1 + np.vectorize(math.erf)(np.array([-3, 3]) / math.sqrt(2)))
    assert normal.sum() == pytest.approx(1)

    def phi(x):
        return 0.5 * (1 + math.erf(x / math.sqrt(2)))

    for sigma in (-2.0, -1.0, 0.0, 1.0, 2.0):
        z = deviation(0.95, "CLs", sigma)
        assert (1 - phi(z - sigma)) / phi(sigma) == pytest.approx(0.05, rel=1e-9)


@pytest.mark.parametrize("cl", [0.4, 1.0])
def test_impossible_confidence_levels(cl):
    with pytest.raises(ValueError, match=r"between 0\.5 and 1"):
        rescaled(line(), cl=cl)


def same(a, b):
    """All fields equal, numbers within the 12 digits of the text."""
    for field in dataclasses.fields(Curve):
        x, y = getattr(a, field.name), getattr(b, field.name)
        if isinstance(x, str | float | None):
            assert x == y
        else:
            np.testing.assert_allclose(x, y, rtol=1e-11)


@pytest.mark.parametrize("curve", [line(), to_effective_scale(line())])
def test_json_there_and_back(curve):
    same(from_json(json.loads(json.dumps(to_json(curve), allow_nan=False))), curve)


def test_json_keeps_condition_and_paths():
    curve = line(condition="a is all of the dark matter", escape=2 * m, within=3 * mm)
    values = to_json(curve)
    assert (values["escape"], values["within"]) == pytest.approx((2000, 3))
    again = from_json(json.loads(json.dumps(values)))
    assert (again.escape, again.within) == pytest.approx((2 * m, 3 * mm))
    assert again.condition == curve.condition
    # what was written before there were such keys
    before = {k: v for k, v in values.items() if k not in ("escape", "within")}
    assert from_json(before).escape is None


def test_lifetimes_rescale_inversely():
    """A limit on the decay rate grows, so the lifetime sinks, by 1.645 / 1.282."""
    life = line(quantity="lifetime", convention="a -> gamma gamma")
    curve = rescaled(life, cl=0.95)
    np.testing.assert_allclose(curve.value, life.value / 1.2832, rtol=1e-3)


def test_couplings_rescale_with_the_root():
    for quantity in ("g_ae", "g_amu", "g_agamma"):
        curve = rescaled(line(quantity=quantity), cl=0.95)
        expected = line().value * math.sqrt(1.2832)
        np.testing.assert_allclose(curve.value, expected, rtol=1e-3)


def test_json_is_in_plain_units():
    values = to_json(line())
    assert values["mass"] == [0.0, 0.005, 0.02, 0.06]
    assert values["units"] == {"mass": "GeV", "value": "1"}


def test_json_writes_what_is_not_finite_as_null():
    values = to_json(line(value=np.array([1e-6, np.inf, 1e-6, np.nan])))
    assert values["value"] == [1e-6, None, 1e-6, None]
    assert np.isnan(from_json(values).value[3])


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"cl": 95}, "'cl' is 95; expected a number between 0.5 and 1"),
        ({"kind": "guess"}, "'kind' is 'guess'; expected one of reach, bound"),
        ({"colour": "red"}, "unknown key 'colour'"),
        (
            {"value": [1e-6]},
            r"'value' is \[1e-06\]; expected numbers in the shape \(4,",
        ),
        ({"validity": [0.0]}, r"'validity' is .*; expected numbers in the shape \(2,"),
        ({"band": [1.0]}, r"'band' is .*; expected numbers in the shape \(4, 5\)"),
        ({"mass": ["1 MeV"]}, "'mass' is .*; expected numbers or null"),
        ({"units": {"mass": "MeV"}}, "'units' is .*; expected .*'mass': 'GeV'"),
        ({"mass": [0.0, 0.02, 0.005, 0.06]}, "'mass' is .*increasing masses that span"),
        ({"mass": [0.01, 0.02, 0.05, 0.06]}, "'mass' is .*increasing masses that span"),
        ({"validity": [0.0, 0.07]}, "'mass' is .*increasing masses that span"),
        (
            {"value": [1e-6, 0.0, 1e-6, 1e-6]},
            "'value' is .*; expected positive numbers",
        ),
    ],
)
def test_bad_json_is_one_clear_sentence(change, message):
    with pytest.raises(ValueError, match=message):
        from_json({**to_json(line()), **change})


def test_csv_has_a_header_and_reads_back():
    text = to_csv(to_effective_scale(line()))
    head = [row for row in text.splitlines() if row.startswith("#")]
    for words in ("source: nowhere", "cl: 0.9", "convention: mu -> e a", "F GeV"):
        assert any(words in row for row in head)
    assert "# notes: two lines" in head
    table = np.genfromtxt(io.StringIO(text), delimiter=",", skip_header=len(head) + 1)
    assert table.shape == (4, 8)
    np.testing.assert_allclose(
        table[:, 1], to_effective_scale(line()).value / GeV, rtol=1e-7
    )


TOML = """
kind = "bound"
label = "x"
source = "y"
key = "z"
bibtex = "w"
quantity = "BR"
convention = "mu -> e a"
cl = 0.90
method = "Gaussian"
chirality = "isotropic"
excludes = "above"
validity = ["0 MeV", "10 MeV"]
points = [["0 MeV", 2.6e-6], ["10 MeV", 2.6e-6]]
"""


def test_toml_reads():
    curve = from_toml(TOML, where="x.toml")
    np.testing.assert_allclose(curve.mass, [0, 10 * MeV])
    assert curve.validity == (0, 10 * MeV)


def test_toml_reads_scales_with_units():
    text = TOML.replace('"BR"', '"F"').replace("2.6e-6", '"2 TeV"')
    np.testing.assert_allclose(from_toml(text, where="x.toml").value, 2000 * GeV)


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("lifetime", '"1e28 s"', 1e28 * s),
        ("g_agamma", '"1e-10 /GeV"', 1e-10 / GeV),
        ("g_ae", "1.3e-13", 1.3e-13),
        ("g_amu", "6.7e-9", 6.7e-9),
        ("f_a", '"3e9 GeV"', 3e9 * GeV),
    ],
)
def test_toml_reads_every_quantity(name, text, expected):
    changed = TOML.replace('"BR"', f'"{name}"').replace("2.6e-6", text)
    np.testing.assert_allclose(from_toml(changed, where="x.toml").value, expected)


def test_toml_reads_paths_and_conditions():
    more = 'escape = "1 m"\nwithin = "2 cm"\ncondition = "something"\n'
    curve = from_toml(TOML + more, where="x.toml")
    assert (curve.escape, curve.within) == pytest.approx((1 * m, 20 * mm))
    assert curve.condition == "something"


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("kind =", 'escape = "1 GeV"\nkind =', "'escape' is '1 GeV'; expected a quan"),
        ("kind =", "within = 2\nkind =", "'within' is 2; expected a quantity"),
        ("cl = 0.90", "", "key 'cl' is missing; expected a number"),
        ("cl = 0.90", "cl = 90.0", "key 'cl' is 90.0; expected a number between"),
        ('"Gaussian"', '"gauss"', "key 'method' is 'gauss'; expected one of CLs"),
        ("method", "methode", "unknown key 'methode'; expected one of"),
        ("10 MeV", "10 Mev", "key 'validity' is '10 Mev'; expected a quantity"),
        ("10 MeV", "-1 MeV", "key 'validity' is '-1 MeV'; expected a quantity"),
        ("2.6e-6]]", "-1]]", "key 'points' is -1; expected branching ratios"),
        ('["10 MeV", 2.6e-6]', "7", "key 'points' .* expected pairs"),
        ('["0 MeV", "10 MeV"]', "3", "key 'validity' is 3; expected two masses"),
        ('["0 MeV", "10', '["0 MeV", "11', "increasing masses that span"),
        ("kind =", "kind", "not TOML"),
    ],
)
def test_bad_toml_is_one_clear_sentence(old, new, message):
    with pytest.raises(ValueError, match=message) as caught:
        from_toml(TOML.replace(old, new), where="x.toml")
    assert str(caught.value).startswith("x.toml: ")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("c_v", "c_a", "name"),
    [
        (1.0, 0.0, "V"),
        (0.0, 2j, "A"),
        (1.0, -1.0, "V-A"),
        (1j, 1j, "V+A"),
        (1.0, 1j, "isotropic"),
        (1.0, 1e-6, "isotropic"),
        (1.0, 0.00499, "isotropic"),  # asymmetry of 2 * 0.00499
        (1.0, -0.00501, "mixed"),
        (1.0, 0.5, "mixed"),
    ],
)
def test_names_of_chirality(c_v, c_a, name):
    assert chirality_of(LfvAlp(c_v=c_v, c_a=c_a)) == name


def test_exclusion_factor_is_the_same_story_in_both_planes():
    """The factor in F is the square root of that in BR."""
    model = LfvAlp(mass=20 * MeV, f=1e9 * GeV, c_v=1.0)
    in_ratio = excludes(line(), model)
    in_scale = excludes(to_effective_scale(line()), model)
    ratio = float(model.branching_ratio_from("mu", "e"))
    expected = ratio / (1 + ratio) / 1e-6
    assert in_ratio.excluded
    assert in_ratio.factor == pytest.approx(expected, rel=1e-12)
    assert in_scale.factor == pytest.approx(math.sqrt(expected), rel=1e-9)


def test_the_method_is_the_function():
    model = LfvAlp(mass=20 * MeV, f=1e9 * GeV, c_v=1.0)
    found = line().verdict(model)
    assert isinstance(found, Verdict)
    assert found == excludes(line(), model)
    assert (found.value / found.limit, found.reason) == (found.factor, "")


def test_a_weak_coupling_is_not_excluded():
    model = LfvAlp(mass=20 * MeV, f=1e12 * GeV, c_v=1.0)
    found = excludes(line(), model)
    assert not found.excluded
    assert 0 < found.factor < 1


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        (
            {"chirality": "V-A"},
            "another chirality: it holds for V-A, the coupling is V",
        ),
        ({"chirality": "mixed"}, "another chirality"),
        (
            {"validity": (30 * MeV, 60 * MeV)},
            "another mass: it holds from 30 to 60 MeV",
        ),
        ({"convention": "mu -> e gamma"}, "another process: mu -> e gamma"),
        ({"convention": "tau -> e a"}, "another decay: tau -> e a"),
        ({"quantity": "g_ae"}, "another process"),
        ({"kind": "information"}, "for information only"),
        ({"excludes": "inside"}, "a closed contour"),
    ],
)
def test_a_curve_that_says_nothing_says_why(changes, reason):
    model = LfvAlp(mass=20 * MeV, f=1e9 * GeV, c_v=1.0)
    found = excludes(line(**changes), model)
    assert not found.excluded
    assert math.isnan(found.factor)
    assert reason in found.reason


def test_the_ends_of_a_range_belong_to_it_in_any_unit():
    """0.06 GeV and 60 MeV differ in the last digit of a float."""
    for mass in (60 * MeV, 0.06 * GeV, 60e3 * keV, 60 * MeV * (1 + 1e-12)):
        model = LfvAlp(mass=mass, f=1e8 * GeV, c_v=1.0)
        assert line().verdict(model).excluded


def on(quantity, convention, value, **changes):
    """A flat line in another quantity from 0 to 100 MeV."""
    ends = np.array([0.0, 100.0]) * MeV
    new = {"quantity": quantity, "convention": convention, "chirality": "any"}
    return bare(ends, np.full(2, value), **new, **changes)


def test_couplings_to_leptons_are_masses_over_the_scale():
    model = LfvAlp(mass=0.0, f=1e9 * GeV, c_ee=3.0, c_mumu=-2.0)
    electron = on("g_ae", ELECTRON_COUPLING, 1e-12).verdict(model)
    muon = on("g_amu", MUON_COUPLING, 1e-9).verdict(model)
    assert electron.value == pytest.approx(3 * 0.510999e-3 / 1e9, rel=1e-5)
    assert muon.value == pytest.approx(2 * 0.105658 / 1e9, rel=1e-5)
    assert electron.factor == pytest.approx(1.533e-12 / 1e-12, rel=1e-3)


def test_coupling_to_photons_is_that_of_the_anomaly():
    """g = alpha E / (pi f), also for a massless a."""
    for mass in (0.0, 1 * MeV):
        model = LfvAlp(mass=mass, f=1e9 * GeV, anomaly=2.0)
        found = on("g_agamma", PHOTON_COUPLING, 1e-12 / GeV).verdict(model)
        assert found.value * GeV == pytest.approx(2 * ALPHA / np.pi / 1e9, rel=1e-9)


def test_photon_lifetime_from_the_coupling():
    """10 keV, f = 1e10 GeV, C_ee = 1: 2.4e27 s (two digits)."""
    model = LfvAlp(mass=10 * keV, f=1e10 * GeV, c_ee=1.0)
    curve = on("lifetime", PHOTON_LIFETIME, 1e28 * s, condition=DARK_MATTER)
    found = dataclasses.replace(curve, excludes="below").verdict(model)
    assert found.value / s == pytest.approx(2.4e27, rel=0.02)
    assert found.excluded
    assert found.factor == pytest.approx(1e28 / 2.4e27, rel=0.02)


def test_what_decays_before_today_is_no_dark_matter():
    model = LfvAlp(mass=20 * MeV, f=1e9 * GeV, c_ee=1.0)
    curve = on("lifetime", PHOTON_LIFETIME, 1e28 * s, condition=DARK_MATTER)
    found = dataclasses.replace(curve, excludes="below").verdict(model)
    assert "decays before today" in found.reason


@pytest.mark.parametrize(
    "curve",
    [
        on("g_ae", ELECTRON_COUPLING, 1e-12),
        on("g_agamma", PHOTON_COUPLING, 1e-12 / GeV),
        on("BR", "mu -> e a", 1e-6),
        on("F", "mu -> e a", 1e9 * GeV, excludes="below"),
    ],
)
def test_a_coupling_that_is_not_there_is_not_judged(curve):
    found = curve.verdict(LfvAlp(mass=0.0, c_mumu=1.0))
    assert found.reason == "the model does not have this coupling"


def long_lived(path):
    """Mass 20 MeV, F = 2e9 GeV; E such that the mean path is this one.

    p / m = (105.658^2 - 20^2) / (2 * 105.658 * 20) = 2.547 without the electron's mass,
    which is 1e-4 of it; Gamma = alpha^2 m^3 E^2 / (64 pi^3 f^2).
    """
    mass, f = 20 * MeV, 1e9 * GeV
    width = 2.547 * HBAR * C / path
    anomaly = math.sqrt(width * 64 * math.pi**3 * f**2 / (ALPHA**2 * mass**3))
    return LfvAlp(mass=mass, f=f, c_v=1.0, anomaly=anomaly)


@pytest.mark.parametrize("quantity", ["BR", "F"])
def test_only_the_alps_that_leave_count(quantity):
    """exp(-1) of them, for a path of one mean path; 1e-3 for p / m in four digits."""
    limit = 1e-7 if quantity == "BR" else 1e11 * GeV
    side = "above" if quantity == "BR" else "below"
    curve = on(quantity, "mu -> e a", limit, excludes=side)
    model = long_lived(1 * m)
    free = curve.verdict(model)
    found = dataclasses.replace(curve, escape=1 * m).verdict(model)
    kept = found.factor / free.factor
    expected = math.exp(-1) if quantity == "BR" else math.exp(-0.5)
    assert kept == pytest.approx(expected, rel=2e-3)


def test_an_alp_that_decays_inside_is_not_allowed_by_an_invisible_limit():
    """BR = 1.8e-5 times exp(-100): nothing leaves, so the limit does not judge it."""
    curve = on("BR", "mu -> e a", 1e-6, escape=1 * m)
    found = curve.verdict(long_lived(1 * cm))
    assert not found.excluded
    assert found.reason == "a decays inside the detector"


@pytest.mark.parametrize(("path", "seen"), [(1e-3, 1.0), (1.0, 1 - math.exp(-1))])
def test_prompt_decays_count_within_the_path(path, seen):
    """BR(a -> gamma gamma) = 1 here."""
    curve = on("BR", MU_TO_GAMMAS, 1e-11)
    model = long_lived(path * cm)
    free = curve.verdict(model)
    found = dataclasses.replace(curve, within=1 * cm).verdict(model)
    assert found.factor / free.factor == pytest.approx(seen, rel=2e-3)
    ratio = float(model.branching_ratio_from("mu", "e"))
    assert free.value == pytest.approx(ratio / (1 + ratio))


def test_a_visible_limit_does_not_judge_what_leaves():
    curve = on("BR", MU_TO_GAMMAS, 1e-6, within=1 * cm)
    found = curve.verdict(long_lived(10 * m))
    assert found.reason == "a leaves before it decays"
    electrons = on("BR", MU_TO_ELECTRONS, 1e-11, within=1 * cm)
    found = electrons.verdict(long_lived(1 * mm))
    assert found.reason == "a does not decay as in mu -> e a, a -> e e"


@pytest.mark.parametrize("quantity", ["BR", "F"])
def test_a_decay_faster_than_the_measured_one_is_most_of_all(quantity):
    """F = 4.425e6 GeV: BR = 7.833e-5 (1e9 / 4.425e6)^2 = 4, so 4 / 5 of the decays.

    F counts as sqrt(5) times larger: 9.895e6 GeV. Three digits.
    """
    model = LfvAlp(mass=0.0, f=2.2125e6 * GeV, c_v=1.0)
    limit = 0.1 if quantity == "BR" else 1e9 * GeV
    side = "above" if quantity == "BR" else "below"
    found = on(quantity, "mu -> e a", limit, excludes=side).verdict(model)
    expected = 0.8 if quantity == "BR" else 9.895e6 * GeV
    assert found.value == pytest.approx(expected, rel=2e-3)


def test_few_survivors_of_many_decays_exclude_little():
    """BR of 4 and 20 mean paths: 0.8 exp(-20) = 1.65e-9, not 4 exp(-20)."""
    model = dataclasses.replace(long_lived(1 * m), f=2.2125e6 * GeV, c_v=1.0)
    # the mean path goes like f^2: the anomaly brings it back
    model = dataclasses.replace(model, anomaly=model.anomaly * 2.2125e-3)
    curve = on("BR", "mu -> e a", 1e-10, escape=20 * m)
    ratio = float(model.branching_ratio_from("mu", "e"))
    expected = ratio / (1 + ratio) * math.exp(-20)
    # p / m in four digits, times 20
    assert curve.verdict(model).value == pytest.approx(expected, rel=0.02)


def test_survival_keeps_its_digits():
    """exp(-50) is lost in 1 - (1 - exp(-50))."""
    assert undecayed(50 * m, 1 * m) == pytest.approx(math.exp(-50), rel=1e-12)
    assert undecayed(1 * m, 0.0) == 0.0
    assert undecayed(1 * m, math.inf) == 1.0


def test_a_closed_decay_says_where_it_closes():
    """105.658 - 0.511 and 1776.9 - 105.7 MeV."""
    model = LfvAlp(mass=2 * GeV, f=1e5 * GeV, c_v=1.0)
    found = line().verdict(model)
    assert found.reason == "mu -> e a is closed above 105.1 MeV"
    tau = line(convention="tau -> mu a").verdict(model, pair=("tau", "mu"))
    assert tau.reason == "tau -> mu a is closed above 1671 MeV"


def test_isotropic_curves_judge_isotropic_mixtures():
    model = LfvAlp(mass=20 * MeV, f=1e8 * GeV, c_v=1.0, c_a=1j)
    assert line(chirality="isotropic").verdict(model).excluded
    assert "the coupling is isotropic" in line(chirality="V").verdict(model).reason


def test_a_curve_is_silent_beyond_its_end():
    """g_amu = 1.057e-7 for f = 1e6 GeV, on both sides of an end; F likewise."""
    model = LfvAlp(mass=0.0, f=1e6 * GeV, c_mumu=1.0)
    for end, silent in ((1e-7, True), (1.1e-7, False)):
        curve = on("g_amu", MUON_COUPLING, 1e-9, until=np.full(2, end))
        found = curve.verdict(model)
        assert found.excluded != silent
        assert ("trapped" in found.reason) == silent
    model = LfvAlp(mass=0.0, f=1e8 * GeV, c_v=1.0)  # F = 2e8 GeV
    for end, silent in ((2.1e8, True), (1.9e8, False)):
        ends = np.full(2, end * GeV)
        curve = on("F", "mu -> e a", 1e9 * GeV, excludes="below", until=ends)
        assert curve.verdict(model).excluded != silent
        # the same in BR, with the sides turned
        other = converted(curve, to="BR")
        assert np.all(other.until > other.value)
        assert other.verdict(model).excluded != silent


def test_an_end_is_a_power_law_between_points_and_does_not_move():
    curve = on("g_amu", MUON_COUPLING, 1e-9, until=np.array([1e-6, 1e-4]))
    curve = dataclasses.replace(curve, mass=np.array([1.0, 100.0]) * MeV)
    curve = dataclasses.replace(curve, validity=(1 * MeV, 100 * MeV))
    assert float(ended(curve, 10 * MeV)) == pytest.approx(1e-5)
    same = rescaled(curve, cl=0.95)
    np.testing.assert_array_equal(same.until, curve.until)


def test_a_visible_limit_holds_up_to_its_longest_lifetime():
    """A path of 1 cm at p / m = 2.547: tau = 13.1 ps."""
    model = long_lived(1 * cm)
    seconds = 0.01 / 2.547 / 2.998e8
    for longest, silent in ((0.9 * seconds, True), (1.1 * seconds, False)):
        curve = on("BR", MU_TO_GAMMAS, 1e-11, within=2 * cm, longest=longest * s)
        found = curve.verdict(model)
        assert found.excluded != silent
        assert ("another lifetime: it holds up to" in found.reason) == silent


def test_what_nobody_claimed_does_not_move():
    curve = line(method="none")
    assert rescaled(curve, cl=0.95) is curve


def test_text_keeps_lifetimes_and_ends():
    curve = line(longest=0.04 * ns, until=np.full(4, 0.5), escape=2 * m)
    values = json.loads(json.dumps(to_json(curve)))
    assert values["longest"] == pytest.approx(0.04)
    assert values["until"] == [0.5] * 4
    again = from_json(values)
    assert again.longest == pytest.approx(0.04 * ns)
    np.testing.assert_allclose(again.until, 0.5)
    text = to_csv(curve)
    assert "# escape: 2000 mm\n" in text
    assert "# longest: 0.04 ns\n" in text
    assert ",mc_error,until\n" in text


def test_toml_reads_lifetimes_and_ends():
    more = 'longest = "40 ps"\nuntil = [0.1, 0.2]\n'
    curve = from_toml(TOML + more, where="x.toml")
    assert curve.longest == pytest.approx(0.04 * ns)
    np.testing.assert_allclose(curve.until, [0.1, 0.2])
    np.testing.assert_allclose(
        from_toml(TOML + "until = 0.3\n", where="x").until, [0.3, 0.3]
    )
    with pytest.raises(ValueError, match=r"'until' is .*; expected one value or 2"):
        from_toml(TOML + "until = [0.1]\n", where="x.toml")
    with pytest.raises(ValueError, match="'until' is 3; expected branching ratios"):
        from_toml(TOML + "until = 3\n", where="x.toml")
    with pytest.raises(ValueError, match="'longest' is '1 m'; expected a quantity"):
        from_toml(TOML + 'longest = "1 m"\n', where="x.toml")
