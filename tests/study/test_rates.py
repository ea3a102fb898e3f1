"""Which process and which model a user means; nothing is sampled."""

import pytest

from darkreach.models.dark_photon import DarkPhoton
from darkreach.models.lepton_scalar import LeptonScalar
from darkreach.study.rates import made_process
from darkreach.study.values import InputError
from darkreach.units import MeV

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
