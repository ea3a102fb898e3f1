"""Planes of resonances at Mu3e: what is drawn, and where names are written."""

import csv

from dataclasses import replace

import numpy as np
import pytest

from darkreach.curves.curve import interpolate
from darkreach.curves.text import load_bound, load_bounds
from darkreach.outputs import mu3e_planes
from darkreach.outputs.mu3e_planes import mixing_bounds
from darkreach.outputs.planes import regions
from darkreach.outputs.planes_plot import HEIGHT, ROWS, Plane, names
from darkreach.study.citations import citations
from darkreach.units import GeV, MeV, keV

MIXING = "L = -(eps/2) F'_mn F^mn"


def read(path):
    with path.open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


def plane(*labels, **more):
    shown = [load_bound(name) for name in labels]
    given = {"regions": regions(shown, top=1e-2), "reaches": (), "x": "", "y": ""}
    given |= {"mass": (1.0, 1000.0), "coupling": (1e-8, 1e-2), "title": ""}
    return Plane(**{**given, **more})


def test_regions_are_the_curves():
    """At the points of the files, which have two digits; rounding only."""
    (region,) = regions([load_bound("e137_1988")], top=1e-2)
    assert (region.label, region.firm) == ("E137", True)
    assert region.mass[[0, -1]] / MeV == pytest.approx([2, 410])
    at = np.argmin(abs(region.mass - 80 * MeV))
    assert (region.lower[at], region.upper[at]) == pytest.approx((7.8e-8, 3.7e-6))
    (region,) = regions([load_bound("na48_2_2015")], top=1e-2)
    np.testing.assert_array_equal(region.upper, 1e-2)
    (region,) = regions([load_bound("sn1987a_2020")], top=1e-1)
    assert region.mass[0] == 1 * keV  # a logarithmic axis has no mass 0
    assert region.lower == pytest.approx(6.7e-9)
    (region,) = regions([load_bound("sn1987a_2021_electrons")], top=1e-2)
    assert not region.firm


def test_no_bound_on_mixing_is_forgotten():
    found = {n: c for n, c in load_bounds().items() if c.convention == MIXING}
    assert set(mixing_bounds()) == {n for n, c in found.items() if c.kind == "bound"}


def test_what_is_drawn_is_cited_and_no_more():
    keys = [
        x.partition("{")[2].partition(",")[0] for x in citations("mu3e_dark_photon")
    ]
    assert {"NA482:2015wmo", "Fan:2022eto", "Echenard:2014lma"} <= set(keys)
    assert "Jodidio:1986mz" not in keys


def test_curves_of_another_plane_are_refused():
    with pytest.raises(ValueError, match="expected a line with one of"):
        regions([load_bound("jodidio_1986")], top=1e-2)


def test_names_lie_in_their_regions_and_do_not_overlap():
    shown = [n for n, c in load_bounds().items() if c.convention == MIXING]
    shown = [n for n in shown if n != "mu3e_2015_projection"]
    given = plane(*shown)
    found = names(given)
    assert {region.label for region in given.regions} == set(found)
    for region in given.regions:
        x, y = found[region.label]
        mass, coupling = 1e3**x * MeV, 1e-8 * 1e6**y
        lower, upper = (
            np.exp(np.interp(np.log(mass), np.log(region.mass), np.log(edge)))
            for edge in (region.lower, region.upper)
        )
        # half the height of a name: it may touch the edge
        beyond = 1e6 ** (HEIGHT / ROWS / 2)
        assert lower / beyond < coupling < upper * beyond
    places = list(found.items())
    for i, (first, a) in enumerate(places):
        for second, b in places[:i]:
            wide = 1.4 / 240 * (len(first) + len(second))
            apart = abs(a[0] - b[0]) > wide or abs(a[1] - b[1]) > 0.99 * HEIGHT / ROWS
            assert apart, (first, second)


def test_names_avoid_the_lines_of_reaches():
    """A line through the middle of a band: the name goes above or below it."""
    edges = {"mass": np.array([1.0, 1000.0]) * MeV, "validity": (1 * MeV, 1 * GeV)}
    band = replace(
        load_bound("na48_2_2015"),
        value=np.full(2, 1e-7),
        until=np.full(2, 1e-3),
        **edges,
    )
    line = replace(band, value=np.full(2, 1e-5), until=None)
    given = plane(regions=regions([band], top=1e-2), reaches=(line,))
    _, height = names(given)["NA48/2"]
    assert abs(height - 0.5) > HEIGHT / ROWS / 2


def test_dark_photon_plane(tmp_path):
    reach = replace(
        load_bound("mu3e_2015_projection"),
        kind="reach",
        label="ours",
        band=None,
    )
    files = mu3e_planes.dark_photon(tmp_path, reaches=(reach,), fast=True)
    assert [f.suffix for f in files] == [".png", ".pdf", ".csv"]
    assert all(f.stat().st_size > 0 for f in files)
    rows = read(files[-1])
    assert {"NA48/2", "E137", "(g-2)_e", "(g-2)_mu", "ours"} <= {
        r["line"] for r in rows
    }
    (best,) = (float(r["coupling"]) for r in rows if r["line"] == "ours"
               and r["mass_GeV"] == "0.03")  # fmt: skip
    assert best == pytest.approx(float(interpolate(reach, 30 * MeV)), rel=1e-5)


@pytest.mark.parametrize("parity", ["scalar", "pseudoscalar"])
def test_planes_of_scalars(tmp_path, parity):
    files = mu3e_planes.g_ee(tmp_path, parity=parity, fast=True)
    shown = {r["line"] for r in read(files[-1])}
    assert {"E137", "E141", "E774", "KEK", "NA64", "Orsay", "(g-2)_e"} <= shown
    assert ("SN 1987A" in shown) == (parity == "pseudoscalar")
    files = mu3e_planes.g_mumu(tmp_path, parity=parity, fast=True)
    shown = {r["line"] for r in read(files[-1])}
    assert ("SN 1987A, muons" in shown) == (parity == "pseudoscalar")


def test_the_same_figure_gives_the_same_bytes(tmp_path):
    first = [p.read_bytes() for p in mu3e_planes.g_mumu(tmp_path, fast=True)]
    again = [p.read_bytes() for p in mu3e_planes.g_mumu(tmp_path, fast=True)]
    assert first == again
