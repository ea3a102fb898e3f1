"""Every published bound of the package, found by walking the folder."""

import os

from pathlib import Path

import numpy as np
import pytest

from pybtex.database import parse_string

from darkreach.curves.curve import interpolate, rescaled, to_effective_scale
from darkreach.curves.exclusion import excludes
from darkreach.curves.text import from_json, load_bound, load_bounds, to_json
from darkreach.models.lfv_alp import LfvAlp
from darkreach.units import GeV, MeV

BOUNDS = load_bounds()


@pytest.fixture(params=sorted(BOUNDS))
def name(request):
    return request.param


def test_source_names_the_original_paper(name):
    """A journal or arXiv reference, and a statement on where the number was seen."""
    curve = BOUNDS[name]
    assert any(word in curve.source for word in ("Phys. Rev.", "arXiv:"))
    assert any(word in curve.notes.lower() for word in ("seen", "recalled"))


def test_name_is_experiment_and_year(name):
    """The year is that of the BibTeX entry."""
    curve = BOUNDS[name]
    entry = parse_string(curve.bibtex, "bibtex").entries[curve.key]
    assert f"_{entry.fields['year']}" in name
    assert "author" in entry.persons
    assert entry.fields["title"]


def test_arxiv_ids_of_source_and_bibtex_agree(name):
    curve = BOUNDS[name]
    for entry in parse_string(curve.bibtex, "bibtex").entries.values():
        if "eprint" in entry.fields:
            assert f"arXiv:{entry.fields['eprint']}" in curve.source


def test_values_are_sensible_in_units(name):
    """Masses below the muon's and branching ratios below 1e-3, whatever the units."""
    curve = BOUNDS[name]
    assert curve.quantity == "BR"
    assert curve.cl == 0.90
    assert np.all((curve.mass >= 0) & (curve.mass < 105.2 * MeV))
    assert np.all((curve.value > 1e-14) & (curve.value < 1e-3))


def test_defined_inside_its_validity_and_nowhere_else(name):
    curve = BOUNDS[name]
    low, high = curve.validity
    assert np.all(np.isfinite(interpolate(curve, np.linspace(low, high, 50))))
    assert np.isnan(interpolate(curve, high + 1 * MeV))


def test_json_keeps_everything(name):
    curve = BOUNDS[name]
    again = from_json(to_json(curve))
    np.testing.assert_allclose(again.value, curve.value)
    assert again.bibtex == curve.bibtex


def test_unknown_bound_lists_the_known():
    with pytest.raises(ValueError, match="no bound 'jodido'; there are crystal_box"):
        load_bound("jodido")


@pytest.mark.parametrize(
    ("name", "published"),
    [
        ("jodidio_1986", 4.8e9),
        ("jodidio_1986_v_plus_a", 4.9e9),
        ("twist_2015_v_minus_a", 1.0e9),
    ],
)
def test_massless_scales_are_those_of_the_recast(name, published):
    """Table 1 of arXiv:2006.04795 at 95 % CL [recalled], two digits."""
    curve = to_effective_scale(rescaled(BOUNDS[name], cl=0.95))
    assert curve.value[0] / GeV == pytest.approx(published, rel=0.03)


def test_twist_table_has_the_published_average():
    """9e-6 in the PDG listing; one digit, so 5 %."""
    mass = np.linspace(13, 80, 2000) * MeV
    table = interpolate(BOUNDS["twist_2015_isotropic"], mass).mean()
    average = interpolate(BOUNDS["twist_2015_average"], mass).mean()
    assert table == pytest.approx(average, rel=0.05)


def test_twist_table_is_the_binned_digitisation():
    """Bin means to the two or three digits of the table."""
    folder = os.environ.get("DARKREACH_REFERENCE_DATA")
    if folder is None:
        pytest.skip("DARKREACH_REFERENCE_DATA names no folder")
    fine = np.loadtxt(Path(folder) / "alpaca" / "TWIST_muea.txt")
    curve = BOUNDS["twist_2015_isotropic"]
    for mass, value in list(zip(curve.mass / MeV, curve.value, strict=True))[1:-1]:
        inside = np.abs(1e3 * fine[:, 0] - mass) < 2
        assert fine[inside, 2].mean() == pytest.approx(value, rel=0.02)


def test_v_minus_a_is_not_judged_by_jodidio():
    """Its positrons go where V-A has none: only TWIST speaks."""
    model = LfvAlp(mass=1 * MeV, f=1e8 * GeV, c_v=1.0, c_a=-1.0)
    judging = {name for name, c in BOUNDS.items() if excludes(c, model).excluded}
    assert judging == {"twist_2015_v_minus_a"}


def test_v_plus_a_is_judged_by_its_own_file():
    model = LfvAlp(mass=1 * MeV, f=1e8 * GeV, c_v=1.0, c_a=1.0)
    judging = {name for name, c in BOUNDS.items() if excludes(c, model).excluded}
    assert judging == {"jodidio_1986_v_plus_a"}


def test_other_decays_never_exclude():
    model = LfvAlp(mass=1 * MeV, f=1 * GeV, c_v=1.0)
    for name in ("meg2_2025", "crystal_box_1988", "twist_2015_average"):
        assert not excludes(BOUNDS[name], model).excluded
