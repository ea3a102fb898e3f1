"""Values, experiments and searches from text, and rates held to closed forms."""

import jax
import numpy as np
import pytest

from darkreach.constants import G_F, M_E, M_MU, WIDTH_MU
from darkreach.experiments.meg2 import Meg2
from darkreach.models.lfv_alp import LfvAlp
from darkreach.processes.mu_to_e_alp import MuToEAlp
from darkreach.processes.mu_to_e_nu_nu_gamma import MuToENuNuGamma
from darkreach.sampling.beams import at_rest
from darkreach.sampling.generator import generate
from darkreach.sampling.integrate import integrate
from darkreach.sampling.observables import Cut
from darkreach.study.build import Origin, build, modified
from darkreach.study.citations import citations
from darkreach.study.load import prepared, search_study
from darkreach.study.rates import rate
from darkreach.study.run import draw
from darkreach.study.values import (
    InputError,
    assignment,
    complex_number,
    dimension,
    documented_units,
    listed,
    measure,
)
from darkreach.units import GeV, Hz, MeV, cm, mm, s

ORIGIN = Origin(source="study.toml")


def test_quantities_carry_their_units():
    assert measure("10 MeV", like="GeV") == 10 * MeV
    assert measure("0", like="GeV") == 0
    assert np.isclose(measure("900 MeV^2", like="GeV^2"), 900 * MeV**2)
    assert np.isclose(measure("2 /cm^2", like="1/mm^2"), 2 / cm**2)
    assert np.isclose(measure("3 /s", like="Hz"), 3 / s)
    assert measure("0.5") == 0.5
    assert measure("5 mm", like="mm") == 5 * mm


@pytest.mark.parametrize(
    ("text", "like", "said"),
    [
        ("10 Mev", "GeV", "did you mean MeV"),
        ("10", "GeV", "has no unit"),
        ("10 mm", "GeV", "length"),
        ("1 MeV", "", "plain number"),
        ("nan MeV", "GeV", "not finite"),
        ("MeV", "GeV", "not a quantity"),
    ],
)
def test_a_bad_quantity_says_what_is_wrong(text, like, said):
    with pytest.raises(InputError, match=said):
        measure(text, like=like)


def test_one_unit_at_the_end_holds_for_all():
    assert listed("0, 10, 20 MeV") == ["0 MeV", "10 MeV", "20 MeV"]
    assert listed("1 keV, 20 MeV") == ["1 keV", "20 MeV"]
    assert listed("a, b") == ["a", "b"]


def test_complex_numbers_and_assignments():
    assert complex_number("0.5+0.5j", what="c") == 0.5 + 0.5j
    assert complex_number("1", what="c") == 1.0
    assert assignment(" a.b = 1 = 2", option="--set") == ("a.b", "1 = 2")
    with pytest.raises(InputError, match="not finite"):
        complex_number("inf", what="c")
    with pytest.raises(InputError, match="NAME=VALUE"):
        assignment("a", option="--set")


def test_dimensions_of_units():
    assert dimension("MeV") == dimension("GeV") == "energy"
    assert dimension("1/ns") == dimension("kHz") == dimension("/s") == "rate"
    assert dimension("GeV^2") == "energy^2"
    assert dimension("percent") == ""


def test_units_of_attributes_come_from_the_docstring():
    assert documented_units(LfvAlp.__doc__) == {"mass": "GeV", "f": "GeV"}
    found = documented_units(Meg2.__doc__)
    assert found["muon_rate"] == "1/ns"
    assert found["electrons"] == "1/mm^2"
    assert "photon_resolution" not in found


def test_a_table_becomes_a_call_with_nested_tables():
    table = {
        "use": "darkreach.experiments.meg2:Meg2",
        "muon_rate": "2e6 Hz",
        "trigger": {"photon_threshold": "20 MeV", "direction_match": False},
    }
    made = build(table, "experiment", ORIGIN)
    assert isinstance(made, Meg2)
    assert np.isclose(made.muon_rate, 2e6 * Hz)
    assert made.trigger.photon_threshold == 20 * MeV
    assert made.trigger.direction_match is False
    assert made.trigger.time_window == Meg2().trigger.time_window


def test_a_misspelt_key_names_the_file_the_key_and_the_nearest():
    table = {
        "use": "darkreach.experiments.meg2:Meg2",
        "trigger": {"photon_treshold": 1},
    }
    with pytest.raises(InputError) as caught:
        build(table, "experiment", ORIGIN)
    text = str(caught.value)
    assert "study.toml" in text
    assert "experiment.trigger.photon_treshold" in text
    assert "did you mean photon_threshold" in text


@pytest.mark.parametrize(
    ("setting", "said"),
    [
        ({"muon_rate": "3 MeV"}, "rate"),
        ({"muon_rate": 3.0}, "no unit"),
        ({"muon_rate": True}, "expected a number"),
        ({"muon_rate": ["1 Hz"]}, "expected a number"),
        ({"muon_rate": {"x": 1}}, "plain value"),
        ({"trigger": {"direction_match": "maybe"}}, "true or false"),
        ({"trigger": 1}, "values of its own"),
    ],
)
def test_values_of_the_wrong_kind_are_refused(setting, said):
    with pytest.raises(InputError, match=said):
        modified(Meg2(), setting, "experiment", ORIGIN)


def test_the_study_of_a_search_takes_settings_relative_to_the_search():
    study = search_study(
        "meg2_mu_e_alp_gamma",
        settings=["experiment.muon_rate=2e6 Hz", "signal.model.c_a=1"],
        scan={"masses": "0, 10 MeV", "cl": 0.9},
    )
    search, scan = prepared(study)
    assert np.isclose(search.experiment.muon_rate, 2e6 * Hz)
    assert search.signal.model.c_a == 1
    assert np.allclose(scan.masses, [0, 10 * MeV])


@pytest.fixture
def plugin(tmp_path, monkeypatch):
    """A module of the user's with a function that writes what it was given."""
    (tmp_path / "painter.py").write_text(
        "def picture(*, output, seed, fast, progress, word: str = 'none'):\n"
        "    path = output / 'picture.txt'\n"
        "    path.write_text(f'{word} {seed} {fast}')\n"
        "    return [path]\n"
    )
    monkeypatch.syspath_prepend(str(tmp_path))
    return "painter"


def test_a_figure_is_drawn_by_the_function_that_its_study_names(plugin, tmp_path):
    path = tmp_path / "drawn.toml"
    path.write_text(f'[figure]\nuse = "{plugin}:picture"\nword = "hello"\n')
    (written,) = draw(str(path), tmp_path / "out", seed=3, fast=True, plugins=(plugin,))
    assert written == tmp_path / "out" / "drawn" / "picture.txt"
    assert written.read_text() == "hello 3 True"
    path.write_text(f'[figure]\nuse = "{plugin}:picture"\nwrod = "hello"\n')
    with pytest.raises(InputError, match="did you mean word"):
        draw(str(path), tmp_path / "out", plugins=(plugin,))


def test_the_rate_of_michel_decay_is_its_closed_form():
    found = rate("mu_to_e_nu_nu", settings=[], minima=[], maxima=[])
    x = (M_E / M_MU) ** 2
    closed = G_F**2 * M_MU**5 / (192 * np.pi**3)
    closed *= 1 - 8 * x + 8 * x**3 - x**4 - 12 * x**2 * np.log(x)
    assert found.relative_error < 1e-3
    tolerance = 5 * found.relative_error  # five standard deviations
    assert abs(found.width_GeV * GeV / closed - 1) < tolerance
    assert abs(found.branching_ratio * WIDTH_MU / closed - 1) < tolerance


def test_a_rate_takes_masses_complex_couplings_and_a_model():
    found = rate(
        "mu_to_e_alp",
        settings=["model.mass=20 MeV", "model.c_v=1", "model.c_a=0.5+0.5j"],
        minima=[],
        maxima=[],
        model="lfv_alp",
        polarisation=-0.86,
    )
    model = LfvAlp(mass=20 * MeV, c_v=1.0, c_a=0.5 + 0.5j)
    expected = float(model.branching_ratio_from("mu", "e"))
    assert abs(found.branching_ratio / expected - 1) < 5 * found.relative_error


def test_citations_come_from_the_bounds_of_a_study(tmp_path):
    path = tmp_path / "cited.toml"
    path.write_text('[reach]\nbounds = ["jodidio_1986", "jodidio_1986_v_plus_a"]\n')
    entries = citations(str(path))
    assert sum("Jodidio:1986mz" in entry for entry in entries) == 1
    assert all(entry.startswith("@") for entry in entries)


def test_an_integral_reaches_its_precision_and_its_error_is_honest():
    """Pulls of 12 seeds against the closed form: their spread is 1 within 5 sigma."""
    process = MuToEAlp(model=LfvAlp(c_v=1.0, c_a=-1.0))
    cuts = (Cut(observable="cos_e", minimum=0.3),)
    beam = at_rest(M_MU, (0.0, 0.0, 0.5))
    found = [
        integrate(process, beam, cuts=cuts, precision=1e-3, key=jax.random.key(i))
        for i in range(12)
    ]
    width = float(process.model.width_from("mu", "e"))
    # dGamma/dcos = (1 + a P cos) / 2 with a = 1 for V-A up to (m_e/m_mu)^2
    expected = width * (0.7 + 0.5 * (1 - 0.3**2) / 2) / 2
    assert all(e.error / e.value <= 1e-3 for e in found)
    pulls = np.array([(e.value - expected) / e.error for e in found])
    spread = np.sqrt((pulls**2).mean())
    assert abs(spread - 1) < 5 / np.sqrt(2 * len(pulls))


def test_an_integral_agrees_with_plain_events():
    cuts = (
        Cut(observable="E_gamma", minimum=10 * MeV),
        Cut(observable="theta_e_gamma", minimum=0.5),  # off the collinear peak
    )
    beam, process = at_rest(M_MU, (0.0, 0.0, -0.86)), MuToENuNuGamma()
    found = integrate(process, beam, cuts=cuts, precision=2e-3, key=jax.random.key(3))
    n = 1_000_000
    weights = generate(process, beam, n, jax.random.key(4), cuts=cuts).weight
    total, sigma = float(weights.sum()), float(weights.std()) * np.sqrt(n)
    assert sigma < 0.02 * total  # uniform sampling: the grid does far better
    assert abs(found.value - total) < 5 * np.hypot(sigma, found.error)
