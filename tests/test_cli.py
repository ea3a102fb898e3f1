"""The command line: what it prints, and one sentence for every bad input."""

import json
import os
import signal
import subprocess
import sys
import time

import numpy as np
import pytest

from typer.testing import CliRunner

from darkreach.cli import app
from darkreach.constants import G_F, M_E, M_MU, WIDTH_MU
from darkreach.models.lfv_alp import LfvAlp
from darkreach.study import cache
from darkreach.units import GeV, MeV

MAIN = [sys.executable, "-c", "from darkreach.cli import main; main()"]
SOFT = ["rate", "mu_to_e_nu_nu_gamma"]
HARD = [*SOFT, "--min", "E_gamma=10 MeV"]
ALP = ["rate", "mu_to_e_alp", "--set", "model.c_v=1"]


@pytest.fixture(autouse=True)
def _no_cache(monkeypatch):
    """In-process commands must not redirect the compilation cache of the suite."""
    monkeypatch.setattr(cache, "keep_compilations", lambda: None)


def run(*words):
    return CliRunner().invoke(app, list(words))


def rate(*words):
    result = run("rate", *words, "--json")
    assert result.exit_code == 0, result.stderr
    return json.loads(result.stdout)


def test_help_names_every_command():
    text = run("--help").stdout
    for name in ("list", "rate", "reach", "run", "figures", "trigger", "cite"):
        assert f"  {name} " in text


def test_list_finds_files_by_their_names():
    found = json.loads(run("list", "--json").stdout)
    assert "mu_to_e_nu_nu_gamma" in found["processes"]
    assert "process" not in found["processes"]
    assert "lfv_alp" in found["models"]
    assert "meg2" in found["experiments"]
    assert "search" not in found["searches"]
    assert "jodidio_1986" in found["bounds"]
    assert "radiative" in run("list", "processes").stdout


def test_rate_json_has_exactly_the_promised_fields():
    found = rate("mu_to_e_nu_nu", "--precision", "1e-3")
    assert list(found) == [
        "process",
        "width_GeV",
        "branching_ratio",
        "relative_error",
        "evaluations",
        "seconds",
    ]
    assert found["relative_error"] < 1e-3
    x = (M_E / M_MU) ** 2
    closed = G_F**2 * M_MU**5 / (192 * np.pi**3)
    closed *= 1 - 8 * x + 8 * x**3 - x**4 - 12 * x**2 * np.log(x)
    tolerance = 5 * found["relative_error"]  # five standard deviations
    assert abs(found["width_GeV"] * GeV / closed - 1) < tolerance
    assert abs(found["branching_ratio"] * WIDTH_MU / closed - 1) < tolerance


def test_rate_takes_a_model_a_mass_and_complex_couplings():
    found = rate(
        "mu_to_e_alp",
        *("--set", "model.mass=20 MeV", "--set", "model.f=2e9 GeV"),
        *("--set", "model.c_v=1", "--set", "model.c_a=0.5+0.5j"),
        *("--model", "lfv_alp", "--polarisation", "-0.86"),
    )
    model = LfvAlp(mass=20 * MeV, f=2e9 * GeV, c_v=1.0, c_a=0.5 + 0.5j)
    expected = float(model.branching_ratio_from("mu", "e"))
    assert abs(found["branching_ratio"] / expected - 1) < 5 * found["relative_error"]


def test_the_same_seed_gives_the_same_number_and_another_one_agrees():
    first, again = (rate(*HARD[1:], "--precision", "1e-2") for _ in range(2))
    other = rate(*HARD[1:], "--precision", "1e-2", "--seed", "2")
    assert first["width_GeV"] == again["width_GeV"] != other["width_GeV"]
    combined = np.hypot(first["relative_error"], other["relative_error"])
    assert abs(first["width_GeV"] / other["width_GeV"] - 1) < 5 * combined


def test_people_see_the_precision_and_the_speed():
    result = run(*ALP, "--precision", "1e-2")
    assert "relative error" in result.stdout
    assert "events/s" in result.stdout


BAD = {
    "unknown process": (["rate", "mu_to_e_nu_nu_gama"], "did you mean mu_to_e_nu_nu_g"),
    "no photon threshold": (SOFT, "E_gamma"),
    "zero photon threshold": ([*SOFT, "--min", "E_gamma=0"], "soft photons"),
    "below zero": ([*SOFT, "--min", "E_gamma=-1 MeV"], "below zero"),
    "unit": ([*SOFT, "--min", "E_gamma=10 Mev"], "did you mean MeV?"),
    "no unit": ([*SOFT, "--min", "E_gamma=10"], "has no unit"),
    "wrong dimension": ([*SOFT, "--min", "E_gamma=10 mm"], "length"),
    "not a number": ([*SOFT, "--min", "E_gamma=ten MeV"], "not a quantity"),
    "no value": ([*SOFT, "--min", "E_gamma"], "NAME=VALUE"),
    "unknown observable": ([*HARD, "--max", "E_gama=1 MeV"], "did you mean E_gamma"),
    "foreign observable": ([*ALP, "--min", "E_gamma=1 MeV"], "needs a particle"),
    "empty range": ([*HARD, "--max", "E_gamma=5 MeV"], "--max E_gamma"),
    "no phase space": ([*SOFT, "--min", "E_gamma=60 MeV"], "no phase space"),
    "heavy": ([*ALP, "--set", "model.mass=120 MeV"], "must be below 105.147 MeV"),
    "negative mass": ([*ALP, "--set", "model.mass=-1 MeV"], "zero or more"),
    "mass without unit": ([*ALP, "--set", "model.mass=20"], "has no unit"),
    "no decay constant": ([*ALP, "--set", "model.f=0 GeV"], "positive"),
    "no couplings": (["rate", "mu_to_e_alp"], "model.c_v or model.c_a"),
    "misspelt field": ([*ALP, "--set", "model.mas=2 MeV"], "did you mean mass"),
    "structure": ([*ALP, "--set", "outgoing=x"], "unknown key"),
    "table": ([*ALP, "--set", "model=x"], "values of its own"),
    "coupling": ([*ALP, "--set", "model.c_a=x"], "not a number"),
    "other model": ([*ALP, "--model", "DarkPhoton"], "LfvAlp"),
    "no model": (["rate", "mu_to_e_nu_nu", "--model", "LfvAlp"], "has no model"),
    "polarisation": ([*ALP, "--polarisation", "1.5"], "from -1 to 1"),
    "precision": ([*ALP, "--precision", "0"], "1e-7 to 0.1"),
    "kind": (["list", "bonds"], "did you mean bounds"),
    "search": (["reach", "meg2_mu_e_alp_gama"], "did you mean meg2_mu_e_alp_gamma"),
    "study": (["run", "nothing.toml"], "no study file"),
    "figure": (["figures", "x", "--all"], "--all"),
    "experiment": (["trigger", "meg3"], "did you mean meg2"),
    "trigger setting": (["trigger", "meg2", "--set", "muon_rat=1 Hz"], "muon_rate"),
    "cite": (["cite", "nothing"], "unknown search or study"),
    "massive search": (
        ["reach", "meg2_mu_e_alp_gamma", "--masses", "0, 200 MeV"],
        "must be below",
    ),
    "level": (["reach", "meg2_mu_e_alp_gamma", "--cl", "95"], "such as 0.9"),
    "method": (["reach", "meg2_mu_e_alp_gamma", "--method", "cls"], "mean CLs?"),
    "search setting": (
        ["reach", "meg2_mu_e_alp_gamma", "--set", "experiment.muon_rate=2e6 MeV"],
        "rate",
    ),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_input_is_one_sentence_and_exit_code_2(name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    words, expected = BAD[name]
    result = run(*words)
    assert result.exit_code == 2, result.output
    assert expected in result.stderr
    assert result.stderr.startswith("darkreach: ")
    assert len(result.stderr.strip().splitlines()) == 1
    assert result.stdout == ""
    assert list(tmp_path.iterdir()) == []


def test_an_unknown_option_is_exit_code_2_too():
    result = run("rate", "mu_to_e_nu_nu", "--presicion", "1e-3")
    assert result.exit_code == 2
    assert "--presicion" in result.stderr


def test_a_folder_that_cannot_be_written_is_said_before_the_work(tmp_path):
    (tmp_path / "file").write_text("in the way")
    words = ["reach", "meg2_mu_e_alp_gamma", "-o", str(tmp_path / "file" / "x")]
    start = time.perf_counter()
    result = run(*words)
    assert result.exit_code == 2
    assert "cannot write to" in result.stderr
    assert time.perf_counter() - start < 5  # the reach itself takes far longer


def test_a_bug_of_a_library_keeps_its_traceback(monkeypatch):
    def broken(kind):
        return np.ones(2) + np.ones(3)

    monkeypatch.setattr("darkreach.study.catalogue.catalogue", broken)
    result = run("list", "models")
    # raised in this test, which is not part of the package
    assert isinstance(result.exception, ValueError)


def environment(tmp_path):
    return {**os.environ, "XDG_CACHE_HOME": str(tmp_path / "cache")}


def test_control_c_ends_with_a_sentence_and_130(tmp_path):
    words = [*MAIN, "rate", "mu_to_e_nu_nu", "--precision", "1e-7"]
    started = subprocess.Popen(
        words,
        cwd=tmp_path,
        env=environment(tmp_path),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    time.sleep(4)  # in the middle: the whole would take half an hour
    started.send_signal(signal.SIGINT)
    out, err = started.communicate(timeout=60)
    assert started.returncode == 130
    assert out == ""
    assert err.startswith("darkreach: interrupted")
    assert len(err.strip().splitlines()) == 1
    assert [path.name for path in tmp_path.iterdir()] == ["cache"]


def test_compiled_code_is_kept_in_the_users_cache(tmp_path):
    words = [*MAIN, *ALP, "--precision", "1e-2", "--json"]
    subprocess.run(
        words, env=environment(tmp_path), check=True, capture_output=True, cwd=tmp_path
    )
    assert list((tmp_path / "cache" / "darkreach").iterdir())
