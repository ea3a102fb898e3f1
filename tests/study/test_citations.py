"""BibTeX of modules, found in their text: no module is run."""

import pytest

from darkreach.models import lfv_alp
from darkreach.study.citations import citations
from darkreach.study.values import InputError

BROKEN = "raise RuntimeError('this module must not be run')\n"


def cited(path):
    return [entry.partition("{")[2].partition(",")[0] for entry in citations(str(path))]


@pytest.fixture
def written(tmp_path, monkeypatch):
    """Write a plugin's text, and a study that uses it; the path of the study."""
    monkeypatch.syspath_prepend(str(tmp_path))

    def write(text, *, name="darkreach_cited"):
        (tmp_path / f"{name}.py").write_text(BROKEN + text)
        path = tmp_path / "a.toml"
        path.write_text(f'[search]\nuse = "{name}:Search"\n')
        return path

    return write


def test_a_search_cites_its_own_module(fake, study_file):
    assert {"Another:2023", "Fake:2024"} <= set(cited(study_file))
    assert "@misc{Fake:2024,\n  title = {Fake}\n}" in citations(str(study_file))


def test_a_search_cites_what_it_imports(written):
    path = written("from darkreach.models.lfv_alp import LfvAlp\n")
    assert cited(path) == ["Bauer:2017ris", "Calibbi:2020jvd", "Panci:2022wlc"]
    assert set(citations(str(path))) == set(lfv_alp.BIBTEX)


def test_our_search_cites_its_model_and_its_bounds():
    found = cited("meg2_mu_e_alp_gamma")
    assert {"Calibbi:2020jvd", "TWIST:2014ymv"} <= set(found)
    assert found == sorted(set(found))


def test_a_bound_cites_its_papers():
    assert cited("red_giants_2020") == ["Capozzi:2020cbu"]
    assert cited("comptel_2013") == ["Essig:2013goa", "Sun:2023acy"]


def test_a_figure_with_all_bounds_cites_them():
    """Those that may exclude: not what is for information alone."""
    found = cited("lfv_plane")
    assert {"Capozzi:2020cbu", "Foster:2021ngm", "Jodidio:1986mz"} <= set(found)
    assert "MillerBertolami:2014rka" not in found


def test_a_bound_that_a_module_loads_by_name_is_cited(written):
    path = written("", name="darkreach_cited")
    assert cited(path) == []
    path.write_text('[search]\nuse = "darkreach.searches.crystal_box:recast"\n')
    assert "Bolton:1988af" in cited(path)


def test_an_unknown_name_suggests_bounds_as_well():
    with pytest.raises(InputError, match="did you mean jodidio_1986"):
        citations("jodido_1986")


@pytest.mark.parametrize(
    "text",
    [
        'BIBTEX = "@misc{b,}\\n@misc{a,}"',
        'from typing import Final\nBIBTEX: Final = ("@misc{a,}", "@misc{b,}")',
        'BIBTEX = ["@misc{b,}", "@misc{a,}", "@misc{b,}"]',
    ],
)
def test_forms_of_the_constant(written, text):
    assert citations(str(written(text))) == ["@misc{a,}", "@misc{b,}"]


@pytest.mark.parametrize("text", ["BIBTEX = 3", "BIBTEX = make()", "BIBTEX = (1,)"])
def test_a_constant_that_is_no_text_is_refused(written, text):
    with pytest.raises(InputError, match="BIBTEX cannot be read"):
        citations(str(written(text)))


def test_an_entry_of_a_bound_is_not_repeated(written):
    path = written("from darkreach.models.lfv_alp import LfvAlp\n")
    path.write_text(path.read_text() + '[reach]\nbounds = ["jodidio_1986_v_plus_a"]\n')
    assert cited(path).count("Calibbi:2020jvd") == 1


@pytest.mark.parametrize("use", ["darkreach_nowhere:X", ":X", "sys:X", "__main__:X"])
def test_a_module_that_is_no_plugin_cites_nothing(tmp_path, use):
    path = tmp_path / "a.toml"
    path.write_text(f'[search]\nuse = "{use}"\n')
    assert citations(str(path)) == []


def test_a_module_of_a_package_is_found_without_running_it(written, tmp_path):
    package = tmp_path / "darkreach_package"
    package.mkdir()
    (package / "__init__.py").write_text(BROKEN)
    path = written('BIBTEX = "@misc{a,}"', name="darkreach_package/inner")
    path.write_text('[search]\nuse = "darkreach_package.inner:Search"\n')
    assert citations(str(path)) == ["@misc{a,}"]
