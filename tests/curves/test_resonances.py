"""Points in the planes of dark photons and scalars that are known by hand."""

import pytest

from darkreach.curves.dumps import DUMPS, recast
from darkreach.curves.exclusion import excludes
from darkreach.curves.moments import moment_bound
from darkreach.curves.resonances import excludes_resonance
from darkreach.curves.text import load_bounds
from darkreach.models.dark_photon import DarkPhoton
from darkreach.models.lepton_scalar import LeptonScalar
from darkreach.models.lfv_alp import LfvAlp
from darkreach.units import GeV, MeV, keV

BOUNDS = load_bounds()


def excluding(model):
    """Names of the published bounds that exclude a point."""
    judged = {n: excludes_resonance(c, model) for n, c in BOUNDS.items()}
    return {n for n, v in judged.items() if v.excluded and BOUNDS[n].kind == "bound"}


@pytest.mark.parametrize(
    ("mass", "eps", "names"),
    [
        (20, 1e-3, {"na48_2_2015"}),  # 7.4e-4; NA64 ends at 4.8e-4
        (16.7, 3e-4, {"na64_2020"}),  # 1.1e-4 to 6.8e-4, E141 ends at 1.9e-4
        (40, 1e-4, set()),  # between the dumps and NA48/2: where Mu3e looks
        (40, 1e-6, {"e137_1988", "nucal_1991", "charm_1985"}),  # Orsay from 1.4e-6
        (40, 1e-9, set()),
        (300, 1e-3, {"babar_2014"}),
    ],
)
def test_dark_photons(mass, eps, names):
    assert excluding(DarkPhoton(mass=mass * MeV, eps=eps)) == names


def test_factor_is_in_the_coupling():
    """NA48/2 has 7e-4 at 30 MeV; exact."""
    found = excludes_resonance(
        BOUNDS["na48_2_2015"], DarkPhoton(mass=30 * MeV, eps=1.4e-3)
    )
    assert found.factor == pytest.approx(2.0)
    assert (found.value, found.limit) == pytest.approx((1.4e-3, 7e-4))
    turned = DarkPhoton(mass=30 * MeV, eps=-1.4e-3)
    assert excludes_resonance(BOUNDS["na48_2_2015"], turned).factor == pytest.approx(2)


def test_scalars_and_pseudoscalars_have_curves_of_their_own():
    region = recast(BOUNDS["e137_1988"], DUMPS["e137_1988"])
    pseudo = LeptonScalar(mass=40 * MeV, g_p_e=1e-6)
    assert excludes_resonance(region, pseudo).excluded
    scalar = LeptonScalar(mass=40 * MeV, g_s_e=1e-6)
    assert "does not have" in excludes_resonance(region, scalar).reason
    both = LeptonScalar(mass=40 * MeV, g_s_e=1e-6, g_p_e=1e-6)
    assert "another parity" in excludes_resonance(region, both).reason
    other = recast(BOUNDS["e137_1988"], DUMPS["e137_1988"], parity="scalar")
    assert excludes_resonance(other, scalar).excluded
    muons = moment_bound("scalar", "mu")
    assert excludes_resonance(muons, LeptonScalar(g_s_mu=1e-2)).excluded
    assert not excludes_resonance(muons, LeptonScalar(g_s_mu=1e-4)).excluded


def test_reasons():
    judge = excludes_resonance
    na48, sn = BOUNDS["na48_2_2015"], BOUNDS["sn1987a_2021_electrons"]
    light, scalar = DarkPhoton(mass=1 * keV), LeptonScalar(mass=20 * MeV, g_p_e=1e-9)
    assert judge(na48, light).reason.startswith("another mass: it holds from 9 to 118")
    assert judge(na48, scalar).reason.startswith("another process: L = -(eps/2)")
    assert judge(sn, scalar).reason == "for information only"
    assert "another process" in judge(BOUNDS["jodidio_1986"], light).reason
    fast = DarkPhoton(mass=20 * MeV, eps=1e-2)
    assert judge(BOUNDS["na64_2020"], fast).reason.startswith("beyond its end")
    region = recast(BOUNDS["e137_1988"], DUMPS["e137_1988"])
    muons = LeptonScalar(mass=250 * MeV, g_p_e=1e-7, g_p_mu=1e-3)
    assert "other decays" in judge(region, muons).reason


def test_an_alp_is_a_pseudoscalar_while_it_decays_to_electrons():
    """g_ae = 5.11e-4 / 7 = 7.3e-5 at 16.7 MeV: between 6.4e-5 and 9.7e-5 of NA64."""
    curve = BOUNDS["na64_2021_pseudoscalar"]
    alp = LfvAlp(mass=16.7 * MeV, f=7 * GeV, c_ee=1.0)
    pseudo = LeptonScalar(mass=16.7 * MeV, g_p_e=5.11e-4 / 7)
    for found in (excludes(curve, alp), excludes_resonance(curve, pseudo)):
        # three digits of the electron mass
        assert found.factor == pytest.approx(7.3e-5 / 6.36e-5, rel=1e-3)
    photons = LfvAlp(mass=16.7 * MeV, f=7 * GeV, c_ee=1.0, anomaly=1e4)
    assert excludes(curve, photons).reason == "a has other decays than a -> e e"
