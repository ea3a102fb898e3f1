"""An ALP and an internal conversion against dense matrices, and its limits."""

import diagrams
import jax.numpy as jnp
import numpy as np
import pytest

from catalogue import points, vectors

from darkreach.constants import E_CHARGE, M_E, M_MU
from darkreach.models.lfv_alp import LfvAlp
from darkreach.processes.mu_to_3e_alp import MuTo3eAlp
from darkreach.processes.mu_to_e_alp_gamma import MuToEAlpGamma
from darkreach.processes.process import squared_amplitude
from darkreach.units import GeV, MeV

# Seconds to compile; mu_to_3e_nu_nu has the same diagrams and runs always.
pytestmark = pytest.mark.slow


@pytest.mark.parametrize("spin", [(0.0, 0.0, 0.0), (0.3, -0.5, 0.7)])
@pytest.mark.parametrize(
    "couplings",
    # all complex: a real coupling compiles anew
    [(1 + 0j, 0j), (0j, 1 + 0j), (0.7 + 0.2j, 0.4 - 0.6j)],
)
def test_four_diagrams(couplings, spin, key):
    c_v, c_a = couplings
    process = MuTo3eAlp(model=LfvAlp(mass=20 * MeV, f=1e9 * GeV, c_v=c_v, c_a=c_a))
    p = points(process, key)
    own = squared_amplitude(process, p, jnp.asarray(spin))[:6]
    for row, value in zip(np.asarray(p), own, strict=False):
        sides = diagrams.conversion_legs(diagrams.photon(), row[:4])
        vertex = diagrams.derivative(process.model, row[4])
        rho = diagrams.density(row[0], spin)
        expected = diagrams.vertex_squared(sides, vertex, rho)
        # 1e-9: collinear pairs lose (E / m_e)^2 ~ 1e4 of the digits of a propagator
        assert float(value) == pytest.approx(expected, rel=1e-9)


def test_chirality_flips_with_the_electron_mass_only(key):
    """V and A differ by the masses: (C_V, C_A) = (1, 0) and (0, 1) within a few m_e."""
    found = [
        squared_amplitude(process, points(process, key))
        for process in (
            MuTo3eAlp(model=LfvAlp(f=1.0 * GeV, c_v=v, c_a=a))
            for v, a in ((1 + 0j, 0j), (0j, 1 + 0j))
        )
    ]
    # two-body widths: [(m_mu + m_e) / (m_mu - m_e)]^2 = 1.02 at m_a = 0, and below it
    # in the middle of the spectrum; soft electrons reach some m_e / E
    assert np.median(np.abs(found[1] / found[0] - 1)) < 0.1


def test_a_light_pair_is_a_photon():
    """Summed over the pair's plane, |M|^2 -> that of a real photon times its splitting.

    2 e^2 / k^2 (1 + 2 m_e^2 / k^2) 2/3 k^2 of a vector's decay, averaged over angles:
    sum |M|^2 -> |M_gamma|^2 e^2 (4/3) (k^2 + 2 m_e^2) / k^4.
    """
    model = LfvAlp(f=1.0 * GeV, c_v=1 + 0j, c_a=0j, mass=20 * MeV)
    direction = np.array([0.48, 0.36, 0.8])
    mass = 2.5 * M_E
    e = np.array([0.0, 0.0, -20 * MeV])
    e = np.array([np.hypot(20 * MeV, M_E), *e])
    # energy of the (nearly real) photon from the mass of the ALP
    low, high = 1 * MeV, 60 * MeV
    for _ in range(200):
        energy = (low + high) / 2
        k = np.array([energy, *(np.sqrt(energy**2 - mass**2) * direction)])
        a = np.array([M_MU, 0, 0, 0]) - e - k
        squared = a[0] ** 2 - a[1:] @ a[1:]
        low, high = (energy, high) if squared > model.mass**2 else (low, energy)
    mu = np.array([M_MU, 0, 0, 0])
    total, rows = 0.0, []
    nodes, weights = np.polynomial.legendre.leggauss(8)
    gamma, boost = k[0] / mass, np.sqrt(k[0] ** 2 - mass**2) / mass
    axis = direction
    side = np.cross(axis, [0, 0, 1])
    side /= np.linalg.norm(side)
    other = np.cross(axis, side)
    p = np.sqrt(mass**2 / 4 - M_E**2)
    for cos in nodes:
        sin = np.sqrt(1 - cos**2)
        for phi in 2 * np.pi * np.arange(8) / 8:
            across = p * sin * (np.cos(phi) * side + np.sin(phi) * other)
            pair = []
            for sign in (1, -1):
                along = gamma * sign * p * cos + boost * mass / 2
                spread = gamma * mass / 2 + boost * sign * p * cos
                pair.append(np.array([spread, *(along * axis + sign * across)]))
            rows.append(np.stack([mu, pair[0], e, pair[1], a]))
    process = MuTo3eAlp(model=model)
    full = np.tile(rows, (2, 1, 1))[:100]  # the shape that is compiled already
    values = np.asarray(squared_amplitude(process, jnp.asarray(full)))[:64]
    total = float(values @ np.repeat(weights / 2, 8) / 8)
    photon = np.sqrt(k[0] ** 2 - mass**2)
    real = np.array([photon, *(photon * direction)])
    rest = mu - e - real
    plain = float(
        squared_amplitude(
            MuToEAlpGamma(model=model), jnp.asarray(np.stack([mu, e, rest, real]))
        )
    )
    expected = plain * E_CHARGE**2 * 4 / 3 * (mass**2 + 2 * M_E**2) / mass**4
    # virtuality and exchange: k^2 / E^2 ~ 4e-4, and sqrt of it in the interference
    assert total == pytest.approx(expected, rel=2e-2)


def test_momenta_and_masses(key):
    process = MuTo3eAlp(model=LfvAlp(mass=20 * MeV, c_v=1.0))
    *_, alp = vectors(points(process, key))
    np.testing.assert_allclose(
        np.sqrt(alp.mass_squared()), 20 * MeV, rtol=1e-10
    )  # E^2 - p^2 with E of the order of m
