"""Which process and which model a user means; nothing is sampled."""

import pytest

from darkreach.models.dark_photon import DarkPhoton
from darkreach.models.lepton_scalar import LeptonScalar
from darkreach.study.rates import made_beam, made_cuts, made_process
from darkreach.study.values import InputError
from darkreach.units import GeV, MeV

X = "mu_to_e_nu_nu_x"
ON = ["model.g_p_e=1e-3"]


def test_the_model_is_the_first_unless_named():
    assert isinstance(made_process(X, [], None).model, DarkPhoton)
    made = made_process(X, [*ON, "model.mass=30 MeV"], "LeptonScalar").model
    assert isinstance(made, LeptonScalar)
    assert (made.g_p_e, made.mass) == (1e-3, pytest.approx(30 * MeV))
    assert isinstance(made_process(X, ON, "lepton_scalar").model, LeptonScalar)


@pytest.mark.parametrize(
    ("name", "settings", "model", "message"),
    [
        (X, [], "LeptonScalr", "did you mean LeptonScalar"),
        (X, [], "LeptonScalar", "couplings are zero"),
        (X, ["model.mass=0 MeV"], None, "diverges for soft X"),
        (X, ["model.mass=106 MeV"], None, "must be below 105.147 MeV"),
        (X + "_to_ee", ["model.mass=1 MeV"], None, "between 1.022 MeV"),
        (X + "_to_ee", ["model.mass=105.4 MeV"], None, "and 105.147 MeV"),
        ("mu_to_3e_nu_nu", [], "DarkPhoton", "has no model"),
        ("mu_to_3e_alp", [], "DarkPhoton", "unknown model"),
    ],
)
def test_what_does_not_fit_is_named(name, settings, model, message):
    with pytest.raises(InputError, match=message):
        made_process(name, settings, model)


RESONANCE = "ee_to_ee_alp_to_gamma_gamma"


@pytest.mark.parametrize(
    "name", ["ee_to_ee_gamma", "ee_to_3gamma", "ee_to_ee_gamma_gamma"]
)
def test_radiated_photons_need_a_smallest_energy(name):
    process = made_process(name, [], None)
    with pytest.raises(InputError, match="diverges for soft photons"):
        made_cuts(["theta_gamma=17 deg"], [], process)
    (cut,) = made_cuts(["E_gamma=10 MeV"], [], process)
    assert cut.minimum == pytest.approx(10 * MeV)


@pytest.mark.parametrize("name", [RESONANCE, "ee_to_gamma_gamma", "ee_to_gamma_alp"])
def test_photons_of_a_resonance_and_of_two_bodies_do_not(name):
    assert made_cuts([], [], made_process(name, [], None)) == ()


@pytest.mark.parametrize("mass", ["-1 GeV", "0 GeV", "11 GeV"])
def test_a_closed_resonance_is_named(mass):
    process = made_process(RESONANCE, [f"model.mass={mass}"], None)
    # twice the root of 7 GeV x 4 GeV, less two electrons
    with pytest.raises(InputError, match=r"between 0 GeV and 10\.582 GeV"):
        made_beam("belle2", process, RESONANCE, 0.0)
    narrow = made_process(RESONANCE, ["model.mass=10.5 GeV"], None)
    assert made_beam("belle2", narrow, RESONANCE, 0.0).energy() > 10.5 * GeV
