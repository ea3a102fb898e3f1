"""A light vector or scalar in muon decay against dense matrices."""

import catalogue
import dense
import diagrams
import jax.numpy as jnp
import numpy as np
import pytest

from catalogue import points

from darkreach.models.lepton_scalar import LeptonScalar
from darkreach.models.lepton_vector import LeptonVector
from darkreach.processes.mu_to_e_nu_nu_x import MuToENuNuX
from darkreach.processes.process import squared_amplitude
from darkreach.units import MeV

NAMES = [n for n in catalogue.variants() if n.startswith("mu_to_e_nu_nu_x-")]
SINGLE = [
    LeptonVector(mass=20 * MeV, g_a_e=1.0),
    LeptonVector(mass=20 * MeV, g_v_mu=1.0, g_a_mu=0.3),
    LeptonScalar(mass=20 * MeV, g_p_e=1.0),
    LeptonScalar(mass=20 * MeV, g_s_mu=1.0),
]


def waves(model, k):
    """What the boson's index meets: the square root of the sum over polarisations."""
    if isinstance(model, LeptonScalar):
        return np.ones((1, 1))
    total = -dense.METRIC + np.outer(k, k) / float(model.mass) ** 2
    sizes, directions = np.linalg.eigh(total)
    return (directions * np.sqrt(np.maximum(sizes, 0.0))).T


def check(process, spin, key, events):
    p = points(process, key)
    own = squared_amplitude(process, p, jnp.asarray(spin))[:events]
    for row, value in zip(np.asarray(p), own, strict=False):
        mu, e, k, q = row
        boson = diagrams.of_model(process.model)
        sides = diagrams.legs(boson, waves(process.model, k), mu, e, k)
        expected = diagrams.weak_squared(sides, q, diagrams.density(mu, spin))
        # 1e-9: as for a photon, less what the mass of X takes from the collinear pole
        assert float(value) == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize("spin", [(0.0, 0.0, 0.0), (0.3, -0.5, 0.7)])
@pytest.mark.parametrize("name", NAMES)
def test_two_diagrams_with_explicit_neutrinos(name, spin, key):
    check(catalogue.instance(name, 20 * MeV), spin, key, 6)


@pytest.mark.parametrize("model", SINGLE)
def test_one_coupling_at_a_time(model, key):
    check(MuToENuNuX(model=model), (0.3, -0.5, 0.7), key, 3)
