"""`darkreach check`: points of parameter space whose answers are known by hand.

The numbers in the comments use BR(mu -> e a) = 7.833e-5 (1e9 GeV / F)^2 (1 - x)^2 and
BR(tau -> l a) = 4.922e-4 (1e7 GeV / F)^2 (1 - x)^2 with x = m_a^2 / m_l^2, which leave
out the mass of the lighter lepton; F = 2 f / sqrt(|C^V|^2 + |C^A|^2) and
g = C m / f. Two or three digits, so that they agree to 1 %.
"""

import json
import re

import pytest

from typer.testing import CliRunner

from darkreach.cli import app
from darkreach.study import check as module
from darkreach.study.answers import times, verdict
from darkreach.study.check import check
from darkreach.study.values import InputError
from darkreach.units import GeV

CHIRAL = ("c_v=1", "c_a=-1")


@pytest.fixture(autouse=True)
def fake_freeze_in(monkeypatch):
    """Omega h^2 = 0.12 at F = 1e9 GeV, for any mass: the real one has its own tests."""

    class Fake:
        @staticmethod
        def abundance(model, *, pair):
            return 0.12 * (1e9 * GeV / float(model.effective_scale())) ** 2

        @staticmethod
        def thermal_abundance(mass, *, pair):
            return 0.12 * mass / (28e-9 * GeV)

        @staticmethod
        def effective_scale_of_target(mass, *, pair, c_v, c_a):
            return 1e9 * GeV

        @staticmethod
        def warm_dark_matter_mass(pair):
            return 1.3e-5 * GeV

    monkeypatch.setattr(module, "freeze_in", Fake)


def at(*settings, **more):
    return check(settings=[f"model.{text}" for text in settings], **more)


def row(found, name):
    (only,) = (x for x in found.bounds + found.projections if x["name"] == name)
    return only


def test_vector_is_excluded_by_jodidio():
    """F = 2e9: BR = 1.958e-5. Jodidio 2.6e-6: 7.53. Balke 1.4e-5: 1.40.

    TWIST for a massless a 2.1e-5: 0.93, so it allows the point. In f_a Jodidio's factor
    is sqrt(7.53) = 2.74.
    """
    found = at("mass=1 MeV", "f=1e9 GeV", "c_v=1")
    assert found.verdict["by"] == ["jodidio_1986", "balke_1988"]
    assert row(found, "jodidio_1986")["factor"] == pytest.approx(7.53, rel=0.01)
    assert row(found, "jodidio_1986")["factor_in_f"] == pytest.approx(2.74, rel=0.01)
    assert row(found, "balke_1988")["factor"] == pytest.approx(1.40, rel=0.01)
    massless = row(found, "twist_2015_isotropic_massless")
    assert massless["factor"] == pytest.approx(0.932, rel=0.01)
    assert found.verdict["sentence"] == (
        "excluded by 2 bounds, the strongest: Jodidio et al. "
        "(f_a is too small by a factor 2.7)"
    )


def test_the_level_of_confidence_moves_the_limit():
    """Jodidio is Gaussian: 2.6e-6 * 1.645 / 1.282 = 3.336e-6, 1.958e-5 is 5.87 of it.

    Balke becomes 1.796e-5: 1.09.
    """
    found = at("mass=1 MeV", "f=1e9 GeV", "c_v=1", cl=0.95)
    assert row(found, "jodidio_1986")["limit"] == pytest.approx(3.336e-6, rel=1e-3)
    assert row(found, "jodidio_1986")["factor"] == pytest.approx(5.87, rel=0.01)
    assert row(found, "balke_1988")["factor"] == pytest.approx(1.09, rel=0.01)
    assert {x["cl"] for x in found.bounds} == {0.95, None}  # none for SN 1987A


def test_left_handed_point_is_allowed():
    """F = sqrt(2) 1e9: BR = 3.917e-5, TWIST for V-A 5.8e-5: 0.675.

    SN 1987A needs F < 1.4e8, and Crystal Box's 2.285e-4 of vectors is 0.171. Jodidio
    and all isotropic limits are silent.
    """
    found = at("mass=1 MeV", "f=1e9 GeV", *CHIRAL)
    assert {x["name"] for x in found.bounds} == {
        "twist_2015_v_minus_a",
        "twist_2015_any_light",
        "sn1987a_2020_mu_e",
        "crystal_box_1988",
    }
    assert row(found, "twist_2015_v_minus_a")["factor"] == pytest.approx(
        0.675, rel=0.01
    )
    assert found.verdict["answer"] == "allowed"
    assert found.verdict["sentence"].startswith("allowed by all 4 bounds that judge it")
    reasons = {x["name"]: x["reason"] for x in found.silent}
    assert reasons["jodidio_1986"] == (
        "another chirality: it holds for isotropic, the coupling is V-A"
    )


def test_left_handed_point_is_excluded_by_twist_alone():
    """F = 1.131e9: BR = 6.12e-5 over 5.8e-5 is 1.055."""
    found = at("mass=1 MeV", "f=8e8 GeV", *CHIRAL)
    assert found.verdict["by"] == ["twist_2015_any_light", "twist_2015_v_minus_a"]
    assert "(f_a is too small by a factor 1.03)" in found.verdict["sentence"]
    assert row(found, "twist_2015_v_minus_a")["factor"] == pytest.approx(
        1.055, rel=0.01
    )


def test_massive_vector_is_excluded_by_twist():
    """20 MeV: BR = 1.958e-5 (1 - 0.0358)^2 = 1.820e-5.

    TWIST between 1.24e-5 at 18 and 1.11e-5 at 22 MeV: about 1.17e-5, so 1.55. Bryman
    and Clifford 3e-4: 0.061. TWIST for any coupling 1e-5: 1.82.
    """
    found = at("mass=20 MeV", "f=1e9 GeV", "c_v=1")
    assert found.verdict["by"] == ["twist_2015_any", "twist_2015_isotropic"]
    assert row(found, "twist_2015_any")["factor"] == pytest.approx(1.82, rel=0.01)
    assert row(found, "twist_2015_isotropic")["factor"] == pytest.approx(1.55, rel=0.01)
    assert row(found, "bryman_1986")["factor"] == pytest.approx(0.061, rel=0.02)


def test_heavier_vector_is_allowed_by_four():
    """60 MeV: BR = 1.958e-5 (1 - 0.3225)^2 = 8.99e-6.

    PIENU and TWIST for any coupling 1e-5: 0.899; TWIST, geometric mean of 1.22e-5 and
    9.9e-6: 0.818; Bryman and Clifford 3e-4: 0.030.
    """
    found = at("mass=60 MeV", "f=1e9 GeV", "c_v=1")
    factors = {x["name"]: x["factor"] for x in found.bounds}
    names = ["pienu_2020", "twist_2015_any", "twist_2015_isotropic", "bryman_1986"]
    assert list(factors) == names
    assert factors["pienu_2020"] == pytest.approx(0.899, rel=0.01)
    assert factors["twist_2015_isotropic"] == pytest.approx(0.818, rel=0.01)
    assert found.verdict["answer"] == "allowed"


def test_electron_coupling_is_judged_by_stars():
    """g_ae = 5.11e-4 / 3e9 = 1.703e-13.

    Red giants 1.3e-13: 1.310; 22 clusters 1.48e-13: 1.151; white dwarfs 1.68e-13:
    1.014.
    """
    found = at("mass=1 eV", "f=3e9 GeV", "c_ee=1")
    assert found.verdict["by"] == [
        "red_giants_2020",
        "red_giants_2020_clusters",
        "white_dwarfs_2026",
    ]
    assert row(found, "red_giants_2020")["factor"] == pytest.approx(1.310, rel=2e-3)
    assert row(found, "white_dwarfs_2026")["factor"] == pytest.approx(1.014, rel=2e-3)


def test_dark_matter_is_excluded_on_a_condition():
    """10 keV, C_ee = 1, f = 1e10: g_ae = 5.1e-14, 0.35 of red giants' 1.46e-13.

    g_agamma = alpha / (pi f) m^2 / (12 m_e^2) = 2.323e-13 * 3.19e-5 = 7.41e-18 / GeV,
    so tau = 64 pi hbar / (g^2 m^3) = 2.41e27 s; the limit is about 1.2e29 s: 49 times
    more, and 7.0 in f_a.
    """
    found = at("mass=10 keV", "f=1e10 GeV", "c_ee=1")
    xmm = row(found, "xmm_2021")
    assert xmm["value"] == pytest.approx(2.41e27, rel=0.01)
    # the table at 10 keV, by eye between 1.2e29 and 8e28
    assert xmm["factor"] == pytest.approx(47, rel=0.1)
    assert xmm["factor_in_f"] == pytest.approx(6.9, rel=0.05)
    assert row(found, "red_giants_2020")["factor"] == pytest.approx(0.35, rel=0.01)
    assert found.verdict["answer"] == "conditional"
    assert found.verdict["sentence"].startswith(
        "excluded only if a is all of the dark matter, by 1 bound: XMM-Newton"
    )


def test_tau_to_e_is_allowed():
    """F = 1e7: BR = 4.92e-4; Belle 6.4e-4: 0.769; Belle II 7.6e-4: 0.648."""
    found = at("f=5e6 GeV", "c_v=1", pair="tau-e")
    assert row(found, "belle_2025_tau_e")["factor"] == pytest.approx(0.769, rel=0.01)
    assert row(found, "belle2_2023_tau_e")["factor"] == pytest.approx(0.648, rel=0.01)
    # ARGUS 1995, 0.015 * 17.82 % = 2.67e-3
    assert row(found, "argus_1995_tau_e")["factor"] == pytest.approx(0.184, rel=0.01)
    assert found.verdict["answer"] == "allowed"
    assert len(found.bounds) == 5  # with ARGUS 1990 and BaBar
    assert "belle2_2020_tau_e_projection" in {x["name"] for x in found.projections}


def test_tau_to_mu_is_excluded():
    """The muon's mass takes (1 - 0.00354)^3: BR = 4.87e-4.

    Belle 3.5e-4: 1.391; Belle II 4.7e-4: 1.036.
    """
    found = at("f=5e6 GeV", "c_v=1", pair="tau-mu")
    assert found.verdict["by"] == ["belle_2025_tau_mu", "belle2_2023_tau_mu"]
    assert row(found, "belle_2025_tau_mu")["factor"] == pytest.approx(1.391, rel=0.01)


def test_muon_coupling_is_judged_by_the_supernova():
    """g_amu = 0.10566 / 1e7 = 1.057e-8 over 6.7e-9 is 1.577."""
    found = at("f=1e7 GeV", "c_mumu=1")
    assert found.verdict["by"] == ["sn1987a_2020"]
    assert row(found, "sn1987a_2020")["factor"] == pytest.approx(1.577, rel=2e-3)


def test_anomaly_is_judged_by_horizontal_branch_stars():
    """g_agamma = alpha / (pi f) = 2.323e-10 / GeV: 4.94 of 4.7e-11, 3.52 of 6.6e-11."""
    found = at("mass=1 eV", "f=1e7 GeV", "anomaly=1")
    factors = {x["name"]: x["factor"] for x in found.bounds if x["excluded"]}
    assert factors == pytest.approx(
        {"horizontal_branch_2022": 4.94, "horizontal_branch_2014": 3.52}, rel=2e-3
    )


def test_an_alp_that_decays_at_once_is_seen():
    """30 MeV, E = 1, f = 1 GeV: Gamma = alpha^2 m^3 / (64 pi^3) = 7.25e-13 GeV.

    c tau = 0.27 mm, and 0.44 mm with p / m = 1.62: it never leaves the detector, so the
    invisible limits are silent, and MEG's is for information.
    """
    found = at("mass=30 MeV", "f=1 GeV", "c_v=1e-9", "anomaly=1")
    assert found.verdict["answer"] == "unjudged"
    reasons = {x["name"]: x["reason"] for x in found.silent}
    assert reasons["twist_2015_isotropic"] == "a decays inside the detector"
    assert reasons["sindrum_1986"].startswith("a does not decay as in")
    assert reasons["meg_2020"] == "for information only"


def test_pairs_of_electrons_are_seen_while_they_are_prompt():
    """20 MeV, C_ee = 1: Gamma = m_a m_e^2 / (8 pi f^2) = 2.078e-10 GeV at f = 1 GeV.

    tau = 6.582e-25 GeV s / Gamma = 3.17e-15 s (f / GeV)^2, so 3.2 fs at 1 GeV and
    5.1e-10 s at 400 GeV, beyond 3e-10 s. F = 2e9 GeV at f = 1 GeV and C^V = 1e-9:
    BR = 1.958e-5 (1 - 0.0358)^2 = 1.820e-5, over SINDRUM's 1e-10 1.82e5.
    """
    found = at("mass=20 MeV", "f=1 GeV", "c_v=1e-9", "c_ee=1")
    sindrum = row(found, "sindrum_1986")
    # the electron's mass is 5e-4 of the phase space of a -> e e
    assert sindrum["factor"] == pytest.approx(1.82e5, rel=0.01)
    assert found.derived["lifetime_s"] == pytest.approx(3.17e-15, rel=0.01)
    found = at("mass=20 MeV", "f=400 GeV", "c_v=1e-9", "c_ee=1")
    reasons = {x["name"]: x["reason"] for x in found.silent}
    assert reasons["sindrum_1986"] == "another lifetime: it holds up to 0.3 ns"


def test_crystal_box_judges_by_its_recast():
    """1.1e-9 over r = 4.81e-6 is 2.287e-4 for a massless vector; F = 2e8: 1.958e-3.

    1.958e-3 / 1.00196 over it is 8.55.
    """
    found = at("f=1e8 GeV", "c_v=1")
    assert row(found, "crystal_box_1988")["factor"] == pytest.approx(8.55, rel=0.01)
    reasons = {
        name: {x["name"]: x["reason"] for x in at(*words, **more).silent}
        for name, words, more in (
            ("heavy", ("mass=23.5 MeV", "c_v=1"), {}),
            ("tau", ("c_v=1",), {"pair": "tau-e"}),
            ("uncoupled", ("c_ee=1",), {}),
        )
    }
    name = "crystal_box_1988"
    assert reasons["heavy"][name] == "another mass: it holds from 0 to 23 MeV"
    assert reasons["tau"][name] == "another decay: mu -> e a"
    assert reasons["uncoupled"][name] == "the model does not have this coupling"


def test_more_than_the_total_width_is_excluded():
    """F = 2e6: BR = 7.833e-5 * 2.5e5 = 19.58, and c tau is too short for all others."""
    found = at("mass=30 MeV", "f=1 GeV", "c_v=1e-6", "anomaly=1")
    width = row(found, "total_width")
    # (1 - 0.0806)^2 for 30 MeV
    assert width["factor"] == pytest.approx(19.58 * 0.8453, rel=0.01)
    assert width["cl"] is None
    assert found.verdict["answer"] == "excluded"
    assert found.verdict["sentence"].endswith(
        "; mu -> e a is more than the measured total width"
    )


def test_mixed_couplings_are_judged():
    """C^A = C^V / 2: F = 2e9 / sqrt(1.25), BR = 1.958e-5 * 1.25 = 2.448e-5.

    TWIST at most 5.8e-5 over all asymmetries: 0.422.
    """
    found = at("mass=1 MeV", "c_v=1", "c_a=0.5")
    judged = row(found, "twist_2015_any_light")
    assert judged["factor"] == pytest.approx(0.422, rel=0.01)


def test_levels_that_nobody_claimed_are_none():
    found = at("f=1e7 GeV", "c_mumu=1", cl=0.9)
    assert row(found, "sn1987a_2020")["cl"] is None
    assert row(found, "sn1987a_2020")["limit"] == pytest.approx(6.7e-9)


def test_every_curve_is_in_one_list():
    found = at("mass=1 MeV", "c_v=1")
    lists = (found.bounds, found.projections, found.silent)
    names = [x["name"] for rows in lists for x in rows]
    assert sorted(names) == sorted(module.load_bounds())


def test_nothing_judges_a_heavy_alp():
    found = at("mass=50 GeV", "c_v=1")
    assert found.verdict["answer"] == "unjudged"
    assert found.verdict["sentence"].startswith(
        "no bound judges this point: mu -> e a is closed above 105.1 MeV ("
    )


def test_conditional_bounds_are_counted_apart():
    always = {
        "label": "A",
        "name": "a",
        "excluded": True,
        "condition": "",
        "factor_in_f": 2.0,
    }
    assuming = {**always, "name": "b", "condition": "c", "factor_in_f": 3.0}
    assert verdict([assuming, always])["sentence"] == (
        "excluded by 1 bound: A (f_a is too small by a factor 2); by 1 more if c"
    )


def test_factors_near_one_have_three_digits():
    given = {1.0549: "1.05", 0.9349: "0.935", 1.0: "1.00", 0.042: "0.042"}
    given |= {602.4: "602", 33.0: "33", 1.234: "1.2", 4.1e6: "4.1e+06"}
    assert {x: times(x) for x in given} == given


def test_what_thermalises_makes_no_more_than_equilibrium():
    """F = 2e6: the fake makes 2.5e5 times the dark matter, equilibrium m / 28 eV of it.

    Below 28 eV no F makes all of it.
    """
    found = at("mass=1 keV", "f=1e6 GeV", "c_v=1").target
    assert found["ratio"] == pytest.approx(1000 / 28)
    assert found["answer"] == "overshoots"
    assert found["sentence"].endswith(
        "makes about 35.7 times the dark matter, as a thermalises"
    )
    found = at("mass=7 eV", "f=1e6 GeV", "c_v=1").target
    assert (found["answer"], found["target_F_GeV"]) == ("misses", None)
    assert "makes about 0.25 of the dark matter" in found["sentence"]


@pytest.mark.parametrize(
    ("f", "answer", "words"),
    [
        ("5e8 GeV", "meets", "makes 1.00 of the dark matter, but too warm below 13"),
        ("1e8 GeV", "overshoots", "makes 25 times the dark matter"),
        ("5e9 GeV", "misses", "makes 0.01 of the dark matter"),
    ],
)
def test_target(f, answer, words):
    """The fake target is F = 1e9 GeV, f = 5e8 GeV; the abundance goes like 1 / f^2."""
    found = at("mass=10 keV", f"f={f}", "c_v=1")
    assert found.target["answer"] == answer
    assert words in found.target["sentence"]
    assert found.target["target_F_GeV"] == pytest.approx(1e9)


@pytest.mark.parametrize(
    ("settings", "why"),
    [
        (("mass=10 keV", "c_ee=1"), "makes no massive a"),
        (("c_v=1",), "makes no massive a"),
        (("mass=20 MeV", "c_v=1", "c_ee=1"), "decays before today"),
    ],
)
def test_no_target(settings, why):
    found = at(*settings)
    assert found.target["answer"] == "none"
    assert why in found.target["sentence"]


@pytest.mark.parametrize(
    ("settings", "more", "said"),
    [
        (["mass=10 keV"], {}, "did you mean model.mass"),
        (["model.mass=10"], {}, "has no unit"),
        (["model.c_v=x"], {}, "not a number"),
        (["model.f=0 GeV", "model.c_v=1"], {}, "model.f is 0 GeV; expected"),
        (["model.mass=-1 MeV", "model.c_v=1"], {}, "model.mass is -1 MeV"),
        (["model.f=1e9", "model.c_v=1"], {}, "expected energy, such as '1e9 GeV'"),
        (["model.c_ee=1j"], {}, "expected a real number such as '1'"),
        (["model.c_v=1"], {"pair": "e-mu"}, r"pair 'e-mu'; did you mean mu-e\?"),
        (["model.c_v=1e12"], {}, r"model.c_v is 1e\+12; expected"),
        ([], {}, "all couplings are zero"),
        (["model.c_v=1"], {"pair": "mu-tau"}, "unknown pair 'mu-tau'"),
        (["model.c_v=1"], {"cl": 95.0}, "--cl is 95; expected"),
    ],
)
def test_bad_input_is_one_sentence(settings, more, said):
    with pytest.raises(InputError, match=said) as caught:
        check(settings=settings, **more)
    assert "\n" not in str(caught.value)


def call(*words):
    return CliRunner().invoke(app, ["check", *words], env={"COLUMNS": "80"})


def test_json_has_the_promised_keys():
    done = call("--set", "model.c_v=1+1j", "--json")
    found = json.loads(done.stdout)
    assert list(found) == [
        *("model", "pair", "derived", "bounds", "projections", "silent", "target"),
        "verdict",
    ]
    assert found["model"]["c_v"] == "1+1j"
    assert found["derived"]["ctau_m"] is None  # nothing is open for a massless a
    # F = 2e9 GeV / sqrt(2)
    assert found["derived"]["F_GeV"] == pytest.approx(1.414e9, rel=1e-3)
    assert found["derived"]["F_GeV"] == float(f"{2e9 / 2**0.5:.12g}")


def test_people_see_a_table_with_units_and_the_answer_last():
    done = call("--set", "model.mass=10 keV", "--set", "model.c_ee=1")
    assert done.exit_code == 0
    assert "10 keV" in done.stdout
    assert "[1/GeV]" in done.stdout
    assert "* only if a is all of the dark matter" in done.stdout
    assert " - " in call("--set", "model.c_mumu=1").stdout  # a level nobody claimed
    assert done.stdout.splitlines()[-2].startswith("verdict: excluded by")
    assert max(map(len, done.stdout.splitlines())) <= 80


def test_words_that_do_not_fit_end_with_code_2():
    done = call("--set", "model.mas=1 keV")
    assert done.exit_code == 2
    assert done.stderr.startswith("darkreach: unknown key of --set 'model.mas'")
    assert len(done.stderr.splitlines()) == 1


def test_help_names_the_keys_and_an_example():
    done = call("--help")
    words = " ".join(done.stdout.split())
    for key in ("mass", "f", "c_v", "c_a", "c_ee", "c_mumu", "c_tautau", "anomaly"):
        assert re.search(rf"model\.{key}[ ,]", words)
    assert "bring all limits to this level, such as 0.95" in words.lower()
    assert "--set model.c_v=1 --set model.c_a=-1 --pair mu-e --cl 0.95" in words


def test_projections_are_in_reach():
    """F = 2e9 GeV is below the 6e9 GeV of Mu3e."""
    text = call("--set", "model.mass=1 MeV", "--set", "model.c_v=1").stdout
    assert "in reach" in text


def test_bounds_are_listed_without_their_sources():
    text = CliRunner().invoke(app, ["list", "bounds"]).stdout
    assert max(map(len, text.splitlines())) <= 100
    assert "jodidio_1986 " in text
    assert "Phys. Rev." not in text
    listed = CliRunner().invoke(app, ["list", "bounds", "--json"]).stdout
    assert "Phys. Rev." in json.loads(listed)["bounds"]["jodidio_1986"]
