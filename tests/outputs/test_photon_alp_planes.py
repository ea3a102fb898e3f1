"""Planes of ALPs with photons: what is drawn, in which units, and what is cited."""

import csv

from dataclasses import replace

import numpy as np
import pytest

from darkreach.curves.axes import PHOTON_PAIRS, PHOTON_TO_DARK, PHOTONS_OUTSIDE
from darkreach.curves.text import load_bound, load_bounds
from darkreach.outputs import photon_alp_planes
from darkreach.outputs.photon_alp_planes import (
    PER_GEV,
    invisible_bounds,
    visible_bounds,
)
from darkreach.outputs.planes import regions
from darkreach.outputs.planes_plot import HEIGHT, ROWS, Plane, names
from darkreach.searches.belle2_fusion_diphoton import Belle2FusionDiphoton
from darkreach.searches.belle2_fusion_invisible import Belle2FusionInvisible
from darkreach.searches.belle2_gamma_invisible import Belle2GammaInvisible
from darkreach.searches.belle2_three_gamma import Belle2ThreeGamma
from darkreach.searches.search import Point, curve_from_points
from darkreach.study.citations import citations
from darkreach.units import GeV, MeV


def read(path):
    with path.open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


def test_no_bound_is_forgotten():
    found = {n: c for n, c in load_bounds().items() if c.kind != "projection"}
    photons = (PHOTON_PAIRS, PHOTONS_OUTSIDE)
    assert set(visible_bounds()) == {
        n for n, c in found.items() if c.convention in photons
    }
    assert set(invisible_bounds()) == {
        n for n, c in found.items() if c.convention == PHOTON_TO_DARK
    }


def test_what_lives_too_long_is_excluded_below():
    """From the end of the axis to the line, which is 1e-10 at 266 MeV; exact."""
    shown = [load_bound("cosmology_2020_photons")]
    (region,) = regions(shown, top=0.1 * PER_GEV, bottom=1e-13 * PER_GEV)
    assert region.lower == pytest.approx(1e-13 / GeV)
    at = np.argmin(abs(region.mass - 266 * MeV))
    assert region.upper[at] * GeV == pytest.approx(1e-10)


def test_names_of_photon_planes_lie_in_their_regions():
    """Regions of one label share a name: BESIII has three, PrimEx two."""
    shown = list(visible_bounds().values())
    given = Plane(
        regions=regions(shown, top=0.1 * PER_GEV, bottom=1e-9 * PER_GEV),
        reaches=(load_bound("belle2_2017_invisible_projection"),),  # begins at 0
        mass=(1e-3, 10.0),
        coupling=(1e-9, 0.1),
        x="",
        y="",
        title="",
        unit=GeV,
        coupling_unit=PER_GEV,
    )
    found = names(given)
    assert {region.label for region in given.regions} == set(found)
    # half the height of a name: it may touch the edge
    beyond = 1e8 ** (HEIGHT / ROWS / 2)
    for label in set(found) - {"PrimEx"}:  # whose name is wider than its windows
        x, y = found[label]
        mass, coupling = 1e-3 * 1e4**x * GeV, 1e-9 * 1e8**y / GeV
        edges = [
            [
                np.exp(np.interp(np.log(mass), np.log(region.mass), np.log(edge)))
                for edge in (region.lower, region.upper)
            ]
            for region in given.regions
            if region.label == label
        ]
        assert any(a / beyond < coupling < b * beyond for a, b in edges), label


@pytest.mark.parametrize(
    ("draw", "shown", "hidden"),
    [
        (
            photon_alp_planes.visible,
            {"E137", "NuCal", "SN 1987A", "BaBar", "BESIII", "OPAL", "ours"},
            {"Belle, Upsilon"},
        ),
        (
            photon_alp_planes.invisible,
            {"BaBar", "NA64", "Belle, Upsilon", "LEP", "ours"},
            {"E137", "SN 1987A"},
        ),
    ],
)
def test_planes(tmp_path, draw, shown, hidden):
    projection = load_bound("belle2_2017_photons_projection")
    files = draw(tmp_path, reaches=(replace(projection, kind="reach", label="ours"),))
    assert [f.suffix for f in files] == [".png", ".pdf", ".csv"]
    assert all(f.stat().st_size > 0 for f in files)
    rows = read(files[-1])
    lines = {r["line"] for r in rows}
    assert shown <= lines
    assert not hidden & lines
    # in 1/GeV and GeV whatever the units: 4e-5 at 303 MeV, two digits
    (best,) = (float(r["coupling"]) for r in rows if r["line"] == "ours"
               and r["mass_GeV"] == "0.303")  # fmt: skip
    assert best == pytest.approx(4.0e-5, rel=1e-5)
    babar = min(float(r["coupling"]) for r in rows if r["line"] == "BaBar")
    assert 1e-4 < babar < 2e-4


def test_relic_lines_are_drawn(tmp_path):
    """2.8e-5 /GeV at 1 GeV for Majorana fermions, half of 5.8e-5 for Dirac ones.

    An integration of the Boltzmann equation elsewhere, two digits: 10 %.
    """
    rows = read(photon_alp_planes.invisible(tmp_path, ratios=(2.1,), fast=True)[-1])
    (found,) = (
        float(r["coupling"])
        for r in rows
        if r["line"].endswith("= 2.1") and r["mass_GeV"] == "1"
    )
    assert found == pytest.approx(5.8e-5 / 2, rel=0.1)


def drawn_with_a_stub(monkeypatch, draw, output, **options):
    """Files, and what was asked of `reach`, which gives 2e-5/GeV at all masses."""
    asked = []

    def reach(search, masses, *, seed, fast, progress):
        asked.append((search, masses, fast))
        progress(len(masses), len(masses))
        of = {"observed": 2e-5 / GeV, "median": 2e-5 / GeV, "mc_error": 3e-7 / GeV}
        band = tuple(np.array([1, 1.5, 2, 3, 4]) * 1e-5 / GeV)
        points = [Point(mass=m, band=band, **of) for m in masses]
        return curve_from_points(search, points, cl=0.95, method="CLs")

    monkeypatch.setattr(photon_alp_planes, "reach", reach)
    return draw(output, computed=True, **options), asked


@pytest.mark.parametrize(
    ("draw", "searches", "states"),
    [
        (
            photon_alp_planes.visible,
            (Belle2ThreeGamma, Belle2FusionDiphoton),
            (r"$3\gamma$", r"$e^+ e^- \gamma\gamma$"),
        ),
        (
            photon_alp_planes.invisible,
            (Belle2GammaInvisible, Belle2FusionInvisible),
            (r"$\gamma$ + nothing", "$e^+ e^-$ + nothing"),
        ),
    ],
)
def test_our_searches_are_drawn(monkeypatch, tmp_path, draw, searches, states):
    files, asked = drawn_with_a_stub(monkeypatch, draw, tmp_path, points=9)
    assert tuple(type(search) for search, *_ in asked) == searches
    for search, masses, fast in asked:
        known = search.masses()
        assert (len(masses), masses[0], masses[-1]) == (9, known[0], known[-1])
        assert set(masses) <= set(known)
        assert not fast
    labels = {f"this work, {state}, 50/ab, 95% CLs" for state in states}
    plane, reaches = read(files[-2]), read(files[-1])
    found = [r for r in plane if r["line"] in labels]
    assert len(found) == 18
    assert {(r["line"], r["coupling"]) for r in found} == {(x, "2e-05") for x in labels}
    assert {r["line"] for r in reaches} == labels
    assert [r["mass_GeV"] for r in reaches] == [r["mass_GeV"] for r in found]
    one = reaches[0]
    assert (one["lower"], one["upper"]) == ("1.5e-05", "3e-05")
    assert (one["mc_error"], one["fewer_events"]) == ("3e-07", "False")


@pytest.mark.parametrize(
    ("options", "masses"),
    [({"fast": True}, 4), ({"fewer_events": True}, 10), ({"points": 99}, 16)],
)
def test_how_much_is_computed(monkeypatch, tmp_path, options, masses):
    done = []

    def told(*steps):
        done.append(steps)

    monkeypatch.setattr(photon_alp_planes, "written", lambda *_: [])  # nothing is drawn
    options = {**options, "progress": told}
    draw = photon_alp_planes.visible
    files, asked = drawn_with_a_stub(monkeypatch, draw, tmp_path, **options)
    _, chosen, fast = asked[0]  # three photons, which know 16 masses
    assert len(chosen) == masses
    assert fast == ("points" not in options)
    assert {r["fewer_events"] for r in read(files[-1])} == {str(fast)}
    assert len(done) == 2
    assert all(before < total for before, total in done)


def test_a_line_needs_two_masses(tmp_path):
    with pytest.raises(ValueError, match="1 masses of a line; expected two at least"):
        photon_alp_planes.visible(tmp_path, computed=True, points=1)


def test_what_is_drawn_is_cited_and_no_more():
    def keys(study):
        found = citations(study)
        return {x.partition("{")[2].partition(",")[0] for x in found}

    seen, unseen = keys("belle2_plane_visible"), keys("belle2_plane_invisible")
    assert {"Dolan:2017osp", "Belle-II:2020jti", "Bjorken:1988as"} <= seen
    assert {"Dolan:2017osp", "BaBar:2017tiz", "Belle:2018pzt"} <= unseen
    assert "Jodidio:1986mz" not in seen | unseen
