"""`darkreach check --model photon_alp`: points that are known by hand."""

import json

import pytest

from typer.testing import CliRunner

from darkreach.cli import app
from darkreach.curves.text import load_bounds
from darkreach.study.check_resonance import check_resonance
from darkreach.study.values import InputError


def at(*settings, **more):
    return check_resonance(
        "photon_alp", settings=[f"model.{x}" for x in settings], **more
    )


def row(found, name):
    (only,) = (x for x in found.bounds + found.projections if x["name"] == name)
    return only


def test_visible_alp():
    """E137 from 1.4e-7 to 1.4e-6 at 300 MeV: a factor 7 at 1e-6, two digits."""
    found = at("mass=300 MeV", "g_agamma=1e-6 /GeV")
    assert found.verdict["by"] == ["e137_1988_photons"]
    assert row(found, "e137_1988_photons")["factor"] == pytest.approx(7.1, rel=0.03)
    assert found.derived["photon_fraction"] == 1.0
    # c tau of 3.97 mm at 100 MeV and 1e-4 / GeV, with m^-3 and g^-2
    assert found.derived["ctau_m"] == pytest.approx(3.967e-3 / 27 * 1e4, rel=1e-3)


def test_invisible_alp():
    """BaBar has 1.7e-4 at 300 MeV, Belle II's projection 9e-6; two digits."""
    found = at("mass=300 MeV", "g_agamma=3.4e-4 /GeV", "m_chi=100 MeV", "y_chi=0.1")
    assert found.verdict["by"] == ["babar_2017_invisible"]
    assert row(found, "babar_2017_invisible")["factor"] == pytest.approx(2, rel=0.01)
    projected = row(found, "belle2_2017_invisible_projection")
    assert projected["factor"] == pytest.approx(38, rel=0.02)
    assert found.derived["dark_fraction"] == pytest.approx(1.0, abs=1e-6)
    silent = {x["name"]: x["reason"] for x in found.silent}
    assert silent["e137_1988_photons"] == "a has other decays than a -> gamma gamma"


def test_closed_dark_matter_leaves_a_visible():
    found = at("mass=300 MeV", "g_agamma=1e-6 /GeV", "m_chi=200 MeV", "y_chi=0.1")
    assert found.verdict["by"] == ["e137_1988_photons"]


def test_half_visible_alp_is_judged_by_both():
    """y = g m / 2 for Majorana fermions: 1e-3 over the root of 2 on every axis."""
    found = at("mass=300 MeV", "g_agamma=1e-3 /GeV", "y_chi=1.5e-4")
    for name in ("babar_2017_invisible", "besiii_2024_photons_light"):
        assert row(found, name)["value"] == pytest.approx(7.07e-4, rel=1e-3)
    dirac = at("mass=300 MeV", "g_agamma=1e-3 /GeV", "y_chi=1.5e-4", "majorana=false")
    assert dirac.derived["dark_fraction"] == pytest.approx(2 / 3)


def test_cosmology_is_a_condition():
    found = at("mass=500 MeV", "g_agamma=1e-11 /GeV")
    assert found.verdict["answer"] == "conditional"
    assert "equilibrium in the early universe" in found.verdict["sentence"]


def test_every_curve_is_in_one_list_and_levels_move():
    found = at("mass=300 MeV", "g_agamma=1e-3 /GeV")
    lists = (found.bounds, found.projections, found.silent)
    assert {x["name"] for rows in lists for x in rows} == set(load_bounds())
    moved = at("mass=300 MeV", "g_agamma=1e-3 /GeV", cl=0.90)
    before, after = (row(x, "opal_2017_photons")["limit"] for x in (found, moved))
    # Gaussian: the rate by 1.645 / 1.282, g by the root
    assert before / after == pytest.approx(1.133, rel=1e-3)


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        (["g_agamma=0 /GeV"], 'set some, such as --set "model.g_agamma=1e-4 /GeV"'),
        (["g_agamma=11 /GeV"], "model.g_agamma is 11 /GeV; expected at most 10 /GeV"),
        (["y_chi=20"], "model.y_chi is 20; expected at most 10"),
        (["m_chi=-1 MeV"], "model.m_chi is -1 MeV; expected 0 to"),
        (["g_agamma=1e-3"], "model.g_agamma"),
        (["g_ae=1"], "unknown key 'model.g_ae'"),
    ],
)
def test_bad_input_is_one_sentence(settings, said):
    with pytest.raises(InputError, match=said) as caught:
        at(*settings)
    assert "\n" not in str(caught.value)


def call(*words):
    words = ("check", "--model", "photon_alp", *words)
    return CliRunner().invoke(app, words, env={"COLUMNS": "80"})


def test_json_is_in_gev():
    done = call("--set", "model.g_agamma=1e-6 /MeV", "--json")
    found = json.loads(done.stdout)["model"]
    assert found == pytest.approx(
        {"mass": 1.0, "g_agamma": 1e-3, "m_chi": 0.0, "y_chi": 0.0, "majorana": True}
    )


def test_people_see_units_and_the_answer_last():
    done = call("--set", "model.mass=300 MeV", "--set", "model.y_chi=0.1")
    assert done.exit_code == 0
    assert "0.001 /GeV" in done.stdout
    assert "true" in done.stdout
    assert "\nverdict: excluded by 2 bounds, the strongest: BaBar" in done.stdout
    assert max(map(len, done.stdout.splitlines())) <= 80
