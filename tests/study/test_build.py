"""Tables to objects: what is refused, and how it is said."""

import pytest

from darkreach.experiments.meg2 import Meg2, Trigger
from darkreach.models.lfv_alp import LfvAlp
from darkreach.searches.meg2_mu_e_alp_gamma import Meg2MuEAlpGamma
from darkreach.study.build import Origin, build, modified, resolve, with_settings
from darkreach.study.load import load, prepared
from darkreach.study.values import InputError, documented_units
from darkreach.units import GeV, Hz, MeV, cm, day, deg, mrad

ORIGIN = Origin(source="a.toml", plugins=("fake_search",))


@pytest.mark.parametrize(
    ("use", "said"),
    [
        ("os:system", "outside darkreach, so it is refused"),
        ("subprocess:run", "outside darkreach, so it is refused"),
        ("darkreachevil:run", "outside darkreach, so it is refused"),
        ("fake_search_2:run", "outside darkreach, so it is refused"),
        ("darkreach.study.results:subprocess", "unknown name"),
        ("darkreach.study.results:_git", "cannot be read"),
        ("darkreach.study.run:Path", "unknown name"),
        ("darkreach.nothing:Name", "there is no module"),
        ("darkreach.study.results", "cannot be read"),
        (3, "cannot be read"),
    ],
)
def test_use_names_only_what_is_ours(use, said):
    with pytest.raises(InputError, match=said):
        resolve(use, "search", ORIGIN)


def test_a_plugin_is_used(fake):
    table = {"use": "fake_search:FakeSearch", "heaviest": "25 MeV"}
    found = build(table, "search", ORIGIN)
    assert found.heaviest == pytest.approx(25 * MeV)


def test_whole_numbers_are_numbers(fake):
    table = {"use": "fake_search:FakeSearch", "strength": 3, "heaviest": 0}
    found = build(table, "search", ORIGIN)
    assert (found.strength, found.heaviest) == (3.0, 0.0)


def test_settings_replace_and_add():
    before = {"a": {"b": 1}, "c": 2}
    assert with_settings(before, ["a.b=3", "a.d=4", "e.f=x"]) == {
        "a": {"b": "3", "d": "4"},
        "c": 2,
        "e": {"f": "x"},
    }
    assert before == {"a": {"b": 1}, "c": 2}


@pytest.mark.parametrize("setting", ["a=1", "c.d=1", "a", "=1", "a.b="])
def test_settings_that_do_not_fit(setting):
    with pytest.raises(InputError, match="--set"):
        with_settings({"a": {"b": 1}, "c": 2}, [setting])


SEARCH = '[search]\nuse = "fake_search:FakeSearch"\n'
WRONG = {
    f"{SEARCH}strenght = 1": "did you mean strength",
    f"{SEARCH}strength = true": "expected a number",
    f"{SEARCH}heaviest = 3": "has no unit",
    f'{SEARCH}heaviest = "3 mm"': "is a quantity of length",
    f'{SEARCH}strength = "3 MeV"': "has a unit; expected a plain number",
    f'{SEARCH}[reach]\nmasses = "-1 MeV"': "below zero",
    f'{SEARCH}[reach]\nmases = "1 MeV"': "did you mean masses",
    f"{SEARCH}[reach]\ncl = 1.2": "confidence level",
    f'{SEARCH}[reach]\nmethod = "CLS"': "did you mean CLs",
    f"{SEARCH}[reach]\nseed = -1": "the seed is -1",
    f'{SEARCH}[reach]\nbounds = ["twist"]': "unknown bound",
    "search = 3": "must be a table",
    "[title]": "must be a text",
    "[serach]": "did you mean search",
    "[search]\nstrength = 1": "has no `use",
    "[search": "not valid TOML",
    "": "has no .search. table",
}


@pytest.mark.parametrize("text", WRONG)
def test_wrong_studies(fake, text, tmp_path):
    path = tmp_path / "a.toml"
    path.write_text(text)
    with pytest.raises(InputError, match=WRONG[text]):
        prepared(load(str(path), plugins=("fake_search",)))
    assert fake.ASKED == []


def test_a_study_that_is_no_text(tmp_path):
    (tmp_path / "a.toml").write_bytes(b"\xff\xfe")
    with pytest.raises(InputError, match="UTF-8"):
        load(str(tmp_path / "a.toml"))


def test_a_missing_value_is_named():
    table = {"use": "darkreach.study.load:Study", "name": "x"}
    with pytest.raises(InputError, match=r"\[search\] needs a value for 'text'"):
        build(table, "search", ORIGIN)


@pytest.mark.parametrize(
    ("thing", "path", "text", "value"),
    [
        (Meg2(), "muon_rate", "2e6 Hz", 2e6 * Hz),
        (Meg2(), "muon_rate", "2e6 /s", 2e6 * Hz),
        (Meg2(), "polarisation", "-0.8", -0.8),
        (Meg2(), "live_fraction", "50 percent", 0.5),
        (Meg2(), "photon_abs_cos", "0.3", 0.3),
        (Meg2(), "photon_half_width", "45 deg", 45 * deg),
        (Meg2(), "positron_theta", "7 mrad", 7 * mrad),
        (Meg2(), "positron_phi", "0.004 rad", 4 * mrad),
        (Meg2(), "electrons", "2 /cm^2", 2 / cm**2),
        (Trigger(), "photon_width", 0.05, 0.05),
        (Trigger(), "match_angle", "30 deg", 30 * deg),
        (Meg2MuEAlpGamma(), "width", "20 MeV^2", 20 * MeV**2),
        (Meg2MuEAlpGamma(), "positron_cut", "50 MeV", 50 * MeV),
        (Meg2MuEAlpGamma(), "exposure", "10 days", 10 * day),
        (Meg2MuEAlpGamma(), "photon_scale", 1e-3, 1e-3),
        (LfvAlp(), "f", "1 TeV", 1e3 * GeV),
        (LfvAlp(), "c_ee", "0.5", 0.5),
    ],
)
def test_values_with_their_documented_units(thing, path, text, value):
    made = modified(thing, {path: text}, "", ORIGIN)
    assert getattr(made, path) == pytest.approx(value, rel=1e-12)


@pytest.mark.parametrize(
    ("thing", "path", "text", "said"),
    [
        (Meg2(), "polarisation", "0.8 MeV", "expected a plain number"),
        (Meg2(), "photon_resolution", "1 MeV", "expected a plain number"),
        (Meg2(), "photon_abs_cos", "20 deg", "expected a plain number"),
        (Meg2(), "photon_half_width", "1", "expected angle, such as '30 deg'"),
        (Meg2(), "positron_phi", "3 mm", "expected angle, such as '30 deg'"),
        (Trigger(), "photon_width", "2 MeV", "expected a plain number"),
        (Meg2MuEAlpGamma(), "photon_scale", "1 keV", "expected a plain number"),
        (Meg2MuEAlpGamma(), "accidental_norm", "0.02 s", "expected a plain number"),
        (LfvAlp(), "c_ee", "1 GeV", "expected a plain number"),
        (LfvAlp(), "c_v", "1 GeV", "is not a number"),
    ],
)
def test_units_that_have_no_place(thing, path, text, said):
    with pytest.raises(InputError, match=said):
        modified(thing, {path: text}, "", ORIGIN)


def test_a_line_of_a_docstring_may_describe_several():
    doc = """One line.

    Attributes:
        a, b: first and second, over
            two lines [rad].
        abs_cos, c: a cosine and an angle [rad].
        d: a length, remembered [recalled] [mm].
        e: a share.
    """
    assert documented_units(doc) == {"a": "rad", "b": "rad", "c": "rad", "d": "mm"}
