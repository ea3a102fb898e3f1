"""The command line: what it prints, and one sentence for every wrong input."""

import json
import os
import signal
import subprocess
import sys
import time

from pathlib import Path

import pytest

from typer.testing import CliRunner

from darkreach.cli import app
from darkreach.sampling.integrate import Estimate
from darkreach.study import cache, rates, results

MAIN = "from darkreach.cli import main; main()"
ALP = ("rate", "mu_to_e_alp", "--set", "model.c_v=1")
PLUGIN = ("--plugin", "fake_search")
STUDY = """\
[search]
use = "fake_search:FakeSearch"

[reach]
masses = "0, 10, 20 MeV"
"""


@pytest.fixture(autouse=True)
def apart(monkeypatch, tmp_path):
    """An empty folder to run in, no compilation cache, no version control."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(cache, "keep_compilations", lambda: None)
    monkeypatch.setattr(results, "_git", lambda *words: None)


@pytest.fixture
def fake(monkeypatch, tmp_path):
    """The fake search as a plugin, and `fake.toml`, a study of it."""
    monkeypatch.syspath_prepend(str(Path(__file__).parent / "study"))
    monkeypatch.delitem(sys.modules, "fake_search", raising=False)
    (tmp_path / "fake.toml").write_text(STUDY)
    import fake_search

    yield fake_search
    sys.modules.pop("fake_search", None)


@pytest.fixture
def plain_figure(monkeypatch):
    """A figure that costs nothing."""
    plot = type(sys)("darkreach.outputs.plot")
    plot.reach_figure = lambda reach, bounds, path: path.write_bytes(b"figure")
    monkeypatch.setitem(sys.modules, plot.__name__, plot)


def call(*words):
    return CliRunner().invoke(app, list(words))


def python(code, *words, **more):
    return subprocess.Popen(
        [sys.executable, "-c", code, *words],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        **more,
    )


def is_one_sentence(text):
    start, *rest = text.splitlines()
    return start.startswith("darkreach: ") and not rest and "Traceback" not in text


def refused(done, said):
    assert done.exit_code == 2, done.output
    assert done.stdout == ""
    assert is_one_sentence(done.stderr)
    assert said in done.stderr


@pytest.mark.parametrize("words", [["--help"], ["rate", "--help"], ["list"]])
def test_jax_is_not_loaded_before_it_is_needed(words):
    code = (
        "import sys\nfrom darkreach.cli import main\n"
        "try:\n    main()\nexcept SystemExit as end:\n    assert not end.code\n"
        "heavy = {'jax', 'numpy', 'matplotlib', 'scipy'} & set(sys.modules)\n"
        "print(heavy, file=sys.stderr)"
    )
    out, err = python(code, *words).communicate(timeout=60)
    assert out and err == "set()\n"


def test_list_names_what_there_is():
    text = call("list").stdout
    assert text.startswith("models:\n  dark_photon    A dark photon")
    assert "\n  lfv_alp        An axion-like" in text
    found = json.loads(call("list", "--json").stdout)
    assert {"mu_to_e_alp", "mu_to_e_nu_nu_gamma"} <= set(found["processes"])
    assert "twist_2015_isotropic" in found["bounds"]
    assert list(json.loads(call("list", "models", "--json").stdout)) == ["models"]


def test_rate_prints_json(tmp_path):
    """As a user calls it: nothing on stderr, not even a warning of the cache."""
    environment = {**os.environ, "XDG_CACHE_HOME": str(tmp_path / "cache")}
    out, err = python(MAIN, *ALP, "--json", env=environment).communicate(timeout=120)
    assert err == ""
    found = json.loads(out)
    assert list(found) == [
        "process",
        "width_GeV",
        "branching_ratio",
        "relative_error",
        "evaluations",
        "seconds",
    ]
    assert found["process"] == "mu_to_e_alp"
    assert 0 < found["relative_error"] < 1e-3
    rounding = 0.0005 / 1.958
    assert found["branching_ratio"] == pytest.approx(
        1.958e-5, rel=rounding + 4 * found["relative_error"]
    )
    width = found["branching_ratio"] * 2.99598e-19  # hbar / (2.19698 us)
    assert found["width_GeV"] == pytest.approx(width, rel=1e-5)
    again = json.loads(call(*ALP, "--seed", "1", "--json").stdout)
    assert {**found, "seconds": 0} == {**again, "seconds": 0}


def test_rate_prints_a_table_for_people(monkeypatch):
    found = rates.Rate(
        process="mu_to_e_alp",
        width_GeV=5.866e-24,
        branching_ratio=1.958e-5,
        relative_error=2e-3,
        evaluations=1000,
        seconds=2.0,
    )
    monkeypatch.setattr(rates, "rate", lambda name, **more: found)
    shown = call(*ALP).stdout
    assert "1.95800e-05" in shown
    assert "not reached" in shown


WRONG = [
    (("rate", "mu_to_e_alf"), "did you mean mu_to_e_alp"),
    ((*ALP, "--min", "E_pi=1 MeV"), "unknown observable 'E_pi'"),
    ((*ALP, "--min", "E_e=-1 MeV"), "must not be below zero"),
    ((*ALP, "--min", "E_e=10 Mev"), "did you mean MeV?"),
    ((*ALP, "--set", "model.mass=10 Mev"), "did you mean MeV?"),
    ((*ALP, "--min", "E_e=10"), "has no unit"),
    ((*ALP, "--min", "E_e=10 mm"), "is a quantity of length"),
    ((*ALP, "--min", "E_gamma=10 MeV"), "E_gamma"),
    ((*ALP, "--min", "E_e=30 MeV", "--max", "E_e=20 MeV"), "nothing is left"),
    ((*ALP, "--min", "E_e"), "expected NAME=VALUE"),
    ((*ALP, "--set", "model.mass=106 MeV"), "must be below 105.147 MeV"),
    ((*ALP, "--set", "model.mass=-1 MeV"), "expected a value zero or more"),
    ((*ALP, "--set", "model.mass=nan MeV"), "model.mass"),
    ((*ALP, "--set", "model.f=0 GeV"), "expected a value positive"),
    ((*ALP, "--set", "model.c_a=x"), "is not a number"),
    ((*ALP, "--set", "model.mas=1 MeV"), "did you mean mass?"),
    ((*ALP, "--polarisation", "1.5"), "expected a number from -1 to 1"),
    ((*ALP, "--polarisation", "nan"), "expected a number from -1 to 1"),
    ((*ALP, "--precision", "0"), "expected a number from 1e-7 to 0.1"),
    ((*ALP, "--model", "DarkPhoton"), "unknown model of mu_to_e_alp"),
    (("rate", "mu_to_e_alp"), "the couplings are zero"),
    (("rate", "mu_to_e_nu_nu_gamma"), "diverges for soft photons"),
    (("rate", "mu_to_e_alp_gamma", "--set", "model.c_v=1"), "smallest photon energy"),
    (("list", "searchs"), "did you mean searches"),
    (("reach", "meg3"), "unknown search"),
    (("reach", "meg2_mu_e_alp_gamma", "--masses", "110 MeV"), "must be below"),
    (("reach", "meg2_mu_e_alp_gamma", "--masses", "10 Mev"), "did you mean MeV?"),
    (("reach", "meg2_mu_e_alp_gamma", "--cl", "2"), "confidence level"),
    (("run", "nothing.toml"), "there is no study file"),
    (("figures", "nothing"), "unknown study"),
    (("figures", "nothing", "--all"), "give one of them"),
    (("trigger", "meg3"), "unknown experiment"),
    (("cite", "nothing"), "unknown search or study"),
]


@pytest.mark.parametrize(("words", "said"), WRONG, ids=range(len(WRONG)))
def test_wrong_input_is_one_sentence(words, said, tmp_path):
    refused(call(*words), said)
    assert list(tmp_path.iterdir()) == []


def test_no_event_inside_the_cuts(monkeypatch):
    nothing = Estimate(0.0, 0.0, 1000)
    monkeypatch.setattr(rates, "integrate", lambda *args, **more: nothing)
    words = ("rate", "mu_to_e_nu_nu", "--min", "E_e=54 MeV")
    refused(call(*words), "the cuts leave no phase space")


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("[reach]", "[raech]", "unknown key 'raech'; did you mean reach?"),
        ("masses", "mases", "unknown key 'reach.mases'; did you mean masses?"),
        ("fake_search:FakeSearch", "os:system", "so it is refused"),
        ("MeV", "Mev", "did you mean MeV?"),
        ('"\n', "\n", "is not valid TOML"),
    ],
)
def test_a_wrong_study_is_one_sentence(fake, tmp_path, old, new, said):
    path = tmp_path / "fake.toml"
    path.write_text(path.read_text().replace(old, new))
    refused(call("run", "fake.toml", *PLUGIN), said)
    assert [p.name for p in tmp_path.iterdir()] == ["fake.toml"]


def test_a_plugin_has_to_be_allowed(fake, tmp_path):
    refused(call("run", "fake.toml"), "--plugin")
    assert [p.name for p in tmp_path.iterdir()] == ["fake.toml"]


@pytest.mark.parametrize("output", ["taken", "taken/below"])
def test_an_output_folder_that_cannot_be_written(fake, tmp_path, output):
    (tmp_path / "taken").write_text("mine")
    refused(call("run", "fake.toml", *PLUGIN, "-o", output), "cannot write to")
    assert (tmp_path / "taken").read_text() == "mine"
    assert fake.ASKED == []  # said before anything is computed
    assert {p.name for p in tmp_path.iterdir()} == {"fake.toml", "taken"}


@pytest.mark.usefixtures("plain_figure")
def test_an_interrupted_run_continues(fake, tmp_path):
    fake.FAILS[20] = KeyboardInterrupt()
    done = call("run", "fake.toml", *PLUGIN)
    assert (done.exit_code, done.stdout) == (130, "")
    assert is_one_sentence(done.stderr)
    folder = tmp_path / "results" / "fake"
    assert [p.name for p in folder.iterdir()] == ["points.jsonl"]
    fake.FAILS.clear()
    done = call("run", "fake.toml", *PLUGIN)
    assert done.exit_code == 0, done.output
    assert "2 points from before" in done.stdout
    found = json.loads(call("run", "fake.toml", *PLUGIN, "--json").stdout)
    assert found == json.loads((folder / "curve.json").read_text())
    assert fake.ASKED == [0, 10, 20]


def test_control_c_during_a_rate(tmp_path):
    store = tmp_path / "cache"
    words = ("rate", "mu_to_e_nu_nu", "--precision", "1e-7")
    environment = {**os.environ, "XDG_CACHE_HOME": str(store)}
    # a shell that runs the tests in the background passes on "ignore SIGINT"
    heed = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler); "
    running = python(heed + MAIN, *words, env=environment, cwd=tmp_path)
    try:
        until = time.monotonic() + 60
        while not any(store.rglob("*-cache")) and time.monotonic() < until:
            time.sleep(0.1)
        time.sleep(1)
        assert running.poll() is None
        running.send_signal(signal.SIGINT)
        out, err = running.communicate(timeout=60)
    finally:
        running.kill()
    assert (running.returncode, out) == (130, "")
    assert is_one_sentence(err)
    assert "interrupted" in err
    assert [p.name for p in tmp_path.iterdir()] == ["cache"]
