"""Points in the plane of ALPs with photons that are known by hand."""

import math

import numpy as np
import pytest

from reference import reference
from scipy.integrate import quad

from darkreach.constants import ALPHA, E_CHARGE
from darkreach.curves.axes import PHOTON_PAIRS, PHOTON_TO_DARK, PHOTONS_OUTSIDE
from darkreach.curves.curve import ended, interpolate
from darkreach.curves.exclusion import excludes
from darkreach.curves.photons import excludes_photon_alp, needs_lifetime
from darkreach.curves.text import load_bounds
from darkreach.models.lfv_alp import LfvAlp
from darkreach.models.photon_alp import PhotonAlp
from darkreach.units import GeV, MeV, eV, mm, s

BOUNDS = load_bounds()


def excluding(model):
    """Names of the published bounds that exclude a point."""
    judged = {n: excludes_photon_alp(c, model) for n, c in BOUNDS.items()}
    return {n for n, v in judged.items() if v.excluded and BOUNDS[n].kind == "bound"}


def alp(mass, g, **more):
    return PhotonAlp(mass=mass * MeV, g_agamma=g / GeV, **more)


DARK = {"y_chi": 0.1}


@pytest.mark.parametrize(
    ("mass", "g", "names"),
    [
        # BESIII has 2.8e-4, Belle II 8e-4, GlueX 1.6e-3
        (300, 1e-3, {"besiii_2024_photons_light", "belle2_2020_photons"}),
        (300, 1e-5, set()),  # what Belle II looks for
        (300, 1e-6, {"e137_1988_photons"}),  # 1.4e-7 to 1.4e-6
        (50, 1e-5, {"e137_1988_photons", "charm_1985_photons", "nucal_1991_photons"}),
        (25, 2e-4, {"e137_1988_photons", "charm_1985_photons", "nucal_1991_photons",
                    "babar_2017_long_lived"}),  # NA64 from 2.3e-4
        (50, 1e-8, {"sn1987a_2022_photons"}),
        (100, 1e-11, {"sn1987a_2023_gamma_rays", "cosmology_2020_photons"}),
        (6700, 5e-4, {"cms_2019_photons", "atlas_2021_photons"}),
    ],
)  # fmt: skip
def test_visible(mass, g, names):
    assert excluding(alp(mass, g)) == names


@pytest.mark.parametrize(
    ("mass", "g", "names"),
    [
        # BaBar has 1.7e-4, Belle 6e-4, BESIII 1.1e-3
        (300, 5e-4, {"babar_2017_invisible"}),
        (300, 2e-3, {"babar_2017_invisible", "belle_2019_invisible",
                     "besiii_2020_invisible"}),
        (300, 1e-4, set()),
        (50, 1e-5, set()),  # it does not reach the detectors of the dumps
        (6000, 1e-3, {"babar_2017_invisible"}),
    ],
)  # fmt: skip
def test_invisible(mass, g, names):
    assert excluding(alp(mass, g, **DARK)) == names


def test_a_fraction_of_the_decays_counts():
    """Widths of g^2 m^2 / 4 and y^2 for photons and dark matter, over 16 pi / m.

    Equal for y = g m / 2: half the rate, and g over the root of 2; rounding only.
    """
    half = alp(300, 1e-3, y_chi=1e-3 * 0.3 / 2)
    visible, invisible = BOUNDS["belle2_2020_photons"], BOUNDS["babar_2017_invisible"]
    for curve in (visible, invisible):
        found = excludes_photon_alp(curve, half)
        assert found.value * GeV == pytest.approx(1e-3 / math.sqrt(2))
        limit = float(interpolate(curve, 300 * MeV))
        assert found.factor == pytest.approx(1e-3 / GeV / math.sqrt(2) / limit)
    reason = excludes_photon_alp(BOUNDS["e137_1988_photons"], half).reason
    assert reason == "a has other decays than a -> gamma gamma"


def test_reasons():
    judge = excludes_photon_alp
    point = alp(300, 1e-3)
    assert judge(BOUNDS["jodidio_1986"], point).reason.startswith("another process")
    assert judge(BOUNDS["delphi_2005_invisible"], point).reason == (
        "for information only"
    )
    reason = judge(BOUNDS["babar_2017_invisible"], point).reason
    assert reason == "a does not decay as in a -> chi chi"
    reason = judge(BOUNDS["belle2_2020_photons"], alp(100, 1e-3)).reason
    assert reason.startswith("another mass: it holds from 198 to 9520 MeV")
    assert judge(BOUNDS["e137_1988_photons"], point).reason.startswith("beyond its end")
    reason = judge(BOUNDS["lep_2016_photons"], alp(300, 0.0)).reason
    assert reason == "the model does not have this coupling"
    turned = judge(BOUNDS["lep_2016_photons"], alp(300, -1e-2))
    assert turned.excluded


def test_cosmology_excludes_what_lives_long():
    """Below its line, on a condition; 1e-10 / GeV at 266 MeV."""
    curve = BOUNDS["cosmology_2020_photons"]
    assert curve.condition
    assert needs_lifetime(curve)
    found = excludes_photon_alp(curve, alp(266, 5e-11))
    assert found.factor == pytest.approx(2.0)
    assert not excludes_photon_alp(curve, alp(266, 2e-10)).excluded
    # nucleosynthesis: 0.2 s at 1 GeV to hours at 300 keV
    times = [
        float(PhotonAlp(mass=m, g_agamma=g).lifetime()) / s
        for m, g in zip(curve.mass, curve.value, strict=True)
    ]
    assert 0.1 < min(times) < 1
    assert max(times) < 1e4


def test_alps_of_leptons_are_not_judged_by_curves_of_photons_alone():
    """Their loops make other decays; they keep to what holds for any of those."""
    for name, curve in BOUNDS.items():
        if curve.convention in (PHOTON_PAIRS, PHOTONS_OUTSIDE, PHOTON_TO_DARK):
            found = excludes(curve, LfvAlp(mass=20 * MeV, f=1 * GeV, anomaly=1.0))
            assert not found.excluded, name


def test_light_invisible_alps_are_those_of_the_recast():
    """1.66e-4 / GeV (1709.00009); 3 % from two digits.

    The other way: eps of 9.5e-4 with the cross sections of gamma A' and gamma a for
    massless bosons within |cos theta| < 0.6, by quadrature.
    """
    square = (10.58 * GeV) ** 2
    photon = quad(lambda c: (1 + c**2) / (1 - c**2), -0.6, 0.6)[0]
    photon *= E_CHARGE**4 / (8 * math.pi * square)
    pseudo = ALPHA / 24 * 3 / 8 * quad(lambda c: 1 + c**2, -0.6, 0.6)[0]
    expected = 9.5e-4 * math.sqrt(photon / pseudo)
    assert expected * GeV == pytest.approx(1.66e-4, rel=0.01)
    for name in ("babar_2017_invisible", "babar_2017_long_lived"):
        assert BOUNDS[name].value[0] == pytest.approx(expected, rel=0.03)


def test_resonant_decays_are_their_cross_sections():
    """sigma(gamma a) / sigma(mu mu) = g^2 m_V^2 / (32 pi alpha) at s = m_V^2.

    With alpha g^2 / 24 and 4 pi alpha^2 / (3 s); BR of 1.07e-6 over 2.38 %, two digits.
    """
    mass = 9.4604 * GeV
    point = 4 * math.pi * ALPHA**2 / (3 * mass**2)
    g = math.sqrt(1.07e-6 / 0.0238 * point / (ALPHA / 24))
    assert BOUNDS["belle_2019_invisible"].value[0] == pytest.approx(g, rel=0.02)
    mass = 3.0969 * GeV
    point = 4 * math.pi * ALPHA**2 / (3 * mass**2)
    g = math.sqrt(7.0e-7 / 0.05971 * point / (ALPHA / 24))
    assert BOUNDS["besiii_2020_invisible"].value[0] == pytest.approx(g, rel=0.02)


def test_merged_photons_at_lep_come_from_inside():
    """40 MeV and 1.28e-3 / GeV at 104 GeV: mean path of 1 m; 10 % of the boost."""
    curve = BOUNDS["opal_2017_photons"]
    low, g = curve.validity[0], curve.value[0]
    path = 104 * GeV / low * float(PhotonAlp(mass=low, g_agamma=g).ctau()) / mm
    assert path == pytest.approx(1000, rel=0.1)


def test_projection_is_that_of_the_cross_section():
    """(1 - m^2 / s)^3: 115 fb at 1 and 9.3 fb at 8 GeV (1709.00009); two digits."""
    curve = BOUNDS["belle2_2017_invisible_projection"]
    one, eight = (float(interpolate(curve, x * GeV)) for x in (1, 8))
    assert eight / one == pytest.approx(math.sqrt(115 / 9.3), rel=0.05)


REGIONS = {
    "e137_1988_photons": ("foresee", "ALP-photon", "bounds_E137.txt"),
    "e141_1987_photons": ("foresee", "ALP-photon", "bounds_E141.txt"),
    "charm_1985_photons": ("foresee", "ALP-photon", "bounds_CHARM.txt"),
    "nucal_1991_photons": ("foresee", "ALP-photon", "bounds_NuCal.txt"),
    "belle2_2017_long_lived_projection": (
        *("foresee", "ALP-photon", "limits_BelleII_inv.txt"),
    ),
    "na64_2020_photons": ("axionlimits", "NA64.txt"),
    "babar_2017_long_lived": ("axionlimits", "BaBar.txt"),
}


@pytest.mark.parametrize("name", sorted(REGIONS))
def test_regions_are_those_of_the_collection(name):
    """25 % between few points, and the upper edge never higher than 1.25 times."""
    table = reference(*REGIONS[name])
    unit = eV if REGIONS[name][0] == "axionlimits" else GeV
    mass, g = table[:, 0] * unit, table[:, 1] / GeV
    curve, nose = BOUNDS[name], int(np.argmax(table[:, 0]))
    inside = (mass >= curve.validity[0]) & (mass <= 0.95 * curve.validity[1])
    below = inside & (np.arange(mass.size) < nose)
    ratio = interpolate(curve, mass[below]) / g[below]
    assert ratio == pytest.approx(1.0, rel=0.25)
    above = inside & (np.arange(mass.size) >= nose)
    ratio = ended(curve, mass[above]) / g[above]
    assert ratio.max() < 1.25
    assert np.median(ratio) == pytest.approx(1.0, abs=0.25)


LINES = {
    "belle2_2020_photons": ("foresee", "ALP-photon", "bounds_Belle2.txt"),
    "belle2_2017_photons_projection": (
        *("foresee", "ALP-photon", "limits_BelleII_3a.txt"),
    ),
    "besiii_2024_photons_light": ("foresee", "ALP-photon", "bounds_BESIII_2024.txt"),
    "besiii_2024_photons_heavy": ("foresee", "ALP-photon", "bounds_BESIII_2024.txt"),
    "lep_2016_photons": ("axionlimits", "LEP.txt"),
    "cms_2019_photons": ("axionlimits", "CMS_PbPb.txt"),
    "atlas_2021_photons": ("axionlimits", "ATLAS_PbPb.txt"),
}


@pytest.mark.parametrize("name", sorted(LINES))
def test_lines_are_those_of_the_collection(name):
    """Binned means of lines that wiggle: 10 % on average, a factor 2 at a point."""
    table = reference(*LINES[name])
    unit = eV if LINES[name][0] == "axionlimits" else GeV
    curve = BOUNDS[name]
    mass, g = table[:, 0] * unit, table[:, 1]
    low, high = curve.validity
    kept = (mass >= low) & (mass <= high) & (g < 0.02)
    ratio = np.log(interpolate(curve, mass[kept]) * GeV / g[kept])
    assert abs(np.median(ratio)) < 0.1
    assert abs(ratio).max() < math.log(2)
