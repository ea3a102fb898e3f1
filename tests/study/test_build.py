"""Tables to objects: what is refused, and how it is said."""

import pytest

from darkreach.study.build import Origin, build, resolve, with_settings
from darkreach.study.load import load, prepared
from darkreach.study.values import InputError
from darkreach.units import MeV

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
