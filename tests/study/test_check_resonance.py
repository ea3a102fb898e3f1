"""`darkreach check --model`: points of the planes of Mu3e that are known by hand."""

import json

import pytest

from typer.testing import CliRunner

from darkreach.cli import app
from darkreach.curves.text import load_bounds
from darkreach.study.check_resonance import check_resonance
from darkreach.study.values import InputError


def at(name, *settings, **more):
    return check_resonance(name, settings=[f"model.{x}" for x in settings], **more)


def row(found, name):
    (only,) = (x for x in found.bounds + found.projections if x["name"] == name)
    return only


def test_dark_photon_is_excluded_by_na48():
    """20 MeV: between 8.2e-4 at 17 and 7.2e-4 at 21 MeV, 7.4e-4, so 1.35; 1 %.

    Of the electron's moment 5.0e-13 is 0.87^2 of 6.54e-13; two digits.
    """
    found = at("dark_photon", "mass=20 MeV", "eps=1e-3")
    assert found.verdict["by"] == ["na48_2_2015"]
    assert row(found, "na48_2_2015")["factor"] == pytest.approx(1.35, rel=0.01)
    assert row(found, "moment_e")["factor"] == pytest.approx(0.87, rel=0.01)
    assert row(found, "moment_mu")["excluded"] is False
    assert row(found, "mu3e_2015_projection")["excluded"]
    assert found.derived["ctau_m"] == pytest.approx(4.06e-6, rel=2e-3)
    assert found.verdict["sentence"] == (
        "excluded by 1 bound: NA48/2 (the coupling is too large by a factor 1.3)"
    )


def test_dark_photon_between_dumps_and_colliders_is_allowed():
    """1e-4 at 40 MeV over NA48/2's 8.7e-4 (between 7.0e-4 and 9.1e-4): 0.115."""
    found = at("dark_photon", "mass=40 MeV", "eps=1e-4")
    assert found.verdict["answer"] == "allowed"
    assert row(found, "na48_2_2015")["factor"] == pytest.approx(0.115, rel=0.02)


def test_the_level_of_confidence_moves_the_limit():
    """Gaussian: the rate by 1.645 / 1.282, eps by the root: 1.133."""
    published = row(at("dark_photon", "mass=30 MeV", "eps=1e-3"), "na48_2_2015")
    moved = row(at("dark_photon", "mass=30 MeV", "eps=1e-3", cl=0.95), "na48_2_2015")
    assert moved["limit"] / published["limit"] == pytest.approx(1.133, rel=1e-3)


def test_pseudoscalar_is_judged_by_recast_dumps_and_by_na64_itself():
    found = at("lepton_scalar", "mass=10 MeV", "g_p_e=2e-5")
    assert "e141_1987_recast_pseudoscalar" in found.verdict["by"]
    found = at("lepton_scalar", "mass=16.8 MeV", "g_p_e=8e-5")
    assert found.verdict["by"] == ["na64_2021_pseudoscalar"]
    scalar = at("lepton_scalar", "mass=16.8 MeV", "g_s_e=8e-5")
    assert scalar.verdict["by"] == ["na64_2020_recast_scalar"]


def test_muon_coupling_is_judged_by_the_moment_and_the_supernova():
    """sqrt(85.5e-11 16 pi^2) = 3.7e-4 for light a; two digits."""
    found = at("lepton_scalar", "mass=2 MeV", "g_p_mu=1e-3")
    assert found.verdict["by"] == ["moment_mu_pseudoscalar"]
    limit = row(found, "moment_mu_pseudoscalar")["limit"]
    assert limit == pytest.approx(3.7e-4, rel=0.02)
    found = at("lepton_scalar", "mass=2 MeV", "g_p_mu=1e-6")
    assert found.verdict["by"] == ["sn1987a_2020"]
    assert found.derived["lifetime_s"] is None


def test_every_curve_is_in_one_list():
    found = at("dark_photon", "eps=1e-3")
    lists = (found.bounds, found.projections, found.silent)
    names = {x["name"] for rows in lists for x in rows}
    assert names == {*load_bounds(), "moment_e", "moment_mu"}


@pytest.mark.parametrize(
    ("name", "settings", "more", "said"),
    [
        ("dark_foton", [], {}, "unknown model 'dark_foton'; did you mean dark_photon"),
        ("dark_photon", ["model.eps=0"], {}, "all couplings are zero"),
        ("dark_photon", ["model.eps=11"], {}, "model.eps is 11; expected at most 10"),
        ("dark_photon", ["model.mass=-1 MeV"], {}, "model.mass is -1 MeV; expected"),
        ("dark_photon", ["model.mass=20"], {}, "model.mass = '20' has no unit"),
        ("lepton_scalar", ["model.g_e=1"], {}, "unknown key 'model.g_e'"),
        ("lepton_scalar", [], {}, "all couplings are zero"),
        ("dark_photon", [], {"cl": 95.0}, "--cl is 95; expected"),
    ],
)
def test_bad_input_is_one_sentence(name, settings, more, said):
    with pytest.raises(InputError, match=said) as caught:
        check_resonance(name, settings=settings, **more)
    assert "\n" not in str(caught.value)


def call(*words):
    return CliRunner().invoke(app, ["check", *words], env={"COLUMNS": "80"})


def test_json_has_the_keys_of_every_check():
    done = call("--model", "dark_photon", "--set", "model.eps=1e-3", "--json")
    found = json.loads(done.stdout)
    assert list(found) == [
        *("model", "pair", "derived", "bounds", "projections", "silent", "target"),
        "verdict",
    ]
    assert found["model"] == {"mass": 0.02, "eps": 0.001}
    assert found["bounds"][0]["factor_in_coupling"] > 1


def test_people_see_a_table_and_the_answer_last():
    done = call("--model", "dark_photon", "--set", "model.eps=1e-3")
    assert done.exit_code == 0
    assert "20 MeV" in done.stdout
    assert "f_a" not in done.stdout
    assert "\nverdict: excluded by 1 bound: NA48/2" in done.stdout
    assert max(map(len, done.stdout.splitlines())) <= 80


def test_a_pair_belongs_to_the_alp():
    done = call("--model", "dark_photon", "--pair", "tau-e")
    assert done.exit_code == 2
    assert "--pair tau-e is of lfv_alp; leave it out for dark_photon" in done.stderr
