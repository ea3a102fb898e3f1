"""Widths against amplitudes and another model, decay length against one by hand."""

import math

import dense
import jax
import jax.numpy as jnp
import numpy as np
import pytest

from darkreach.algebra.bosons import scalar_width
from darkreach.constants import ALPHA, M_MU
from darkreach.models.lfv_alp import LfvAlp
from darkreach.models.photon_alp import PhotonAlp
from darkreach.units import GeV, MeV, mm


def levi_civita():
    """eps^{abcd} with eps^{0123} = -1, from determinants of permutations."""
    found = np.zeros((4, 4, 4, 4))
    for index in np.ndindex(4, 4, 4, 4):
        found[index] = -np.linalg.det(np.eye(4)[list(index)])
    return found


def test_width_to_photons_is_that_of_the_vertex():
    """-(g/4) F Ftilde gives g eps^{abcd} eps1_a eps2_b k1_c k2_d.

    Summed over linear polarisations of back-to-back photons, times 1/2 for equal ones
    and 1 / (16 pi m_a) of two massless particles. Rounding only.
    """
    m, g = 0.7 * GeV, 3e-4 / GeV
    k1, k2 = np.array([1, 0, 0, 1]) * m / 2, np.array([1, 0, 0, -1]) * m / 2
    linear = np.eye(4)[1:3]
    vertex = g * np.einsum("abcd,ia,jb,c,d->ij", levi_civita(), linear, linear, k1, k2)
    expected = np.sum(vertex**2) / 2 / (16 * math.pi * m)
    found = float(PhotonAlp(mass=m, g_agamma=g).width_to_photons())
    assert found == pytest.approx(expected, rel=1e-12)


def test_width_to_photons_is_that_of_the_anomaly():
    """g = alpha E / (pi f) without loops of leptons; the other model, rounding only."""
    other = LfvAlp(mass=2 * GeV, f=50 * GeV, anomaly=1.3)
    g = ALPHA / math.pi * 1.3 / (50 * GeV)
    found = float(PhotonAlp(mass=2 * GeV, g_agamma=g).width_to_photons())
    assert found == pytest.approx(float(other.width_to_gamma_gamma()), rel=1e-12)


def test_decay_length():
    """physics: 4 mm at 100 MeV and 4 um at 1 GeV for 1e-4 / GeV; by hand 3.967 mm.

    hbar c 64 pi / (g^2 m^4) with 1.97327e-13 GeV mm, four digits.
    """
    for mass, expected in ((100 * MeV, 3.967), (1 * GeV, 3.967e-3)):
        # c tau goes with the inverse cube of the mass
        found = PhotonAlp(mass=mass, g_agamma=1e-4 / GeV).ctau()
        assert float(found) / mm == pytest.approx(expected, rel=1e-3)


def test_width_to_dark_matter_is_that_of_traces():
    """i y a chibar gamma5 chi: y^2 tr[(p1 + m) g5 (p2 - m) (-g5)], p / (8 pi m_a^2)."""
    m, chi, y = 1 * GeV, 0.3 * GeV, 0.2
    p = math.sqrt(m**2 / 4 - chi**2)
    first, second = np.array([m / 2, 0, 0, p]), np.array([m / 2, 0, 0, -p])
    vertex = 1j * y * dense.GAMMA5
    squared = np.trace(
        (dense.slash(first) + chi * dense.UNIT)
        @ vertex
        @ (dense.slash(second) - chi * dense.UNIT)
        @ dense.adjoint(vertex)
    ).real
    expected = squared * p / (8 * math.pi * m**2)
    dirac = PhotonAlp(mass=m, m_chi=chi, y_chi=y, majorana=False)
    # 1e-10: the difference of squares in p keeps that many digits
    assert float(dirac.width_to_dark()) == pytest.approx(expected, rel=1e-10)
    # vertex of (i y / 2) a chibar gamma5 chi is the same; equal particles halve it
    majorana = PhotonAlp(mass=m, m_chi=chi, y_chi=y)
    assert float(majorana.width_to_dark()) == pytest.approx(expected / 2, rel=1e-10)


def test_dirac_width_is_that_of_a_lepton():
    """The pseudoscalar of `algebra.bosons`, whose widths have tests of their own."""
    model = PhotonAlp(mass=0.5 * GeV, m_chi=M_MU, y_chi=1e-3, majorana=False)
    expected = float(scalar_width(0.5 * GeV, M_MU, g_s=0.0, g_p=1e-3))
    assert float(model.width_to_dark()) == pytest.approx(expected, rel=1e-12)


def test_branching_ratios():
    """By hand: photons 0.01 / 64 and dark matter y^2 / 16 of m_a / pi; exact."""
    mixed = PhotonAlp(mass=1 * GeV, g_agamma=0.1 / GeV, y_chi=0.05)
    assert float(mixed.branching_to_photons()) == pytest.approx(0.5)
    assert float(mixed.width()) == pytest.approx(2 * float(mixed.width_to_photons()))
    closed = PhotonAlp(mass=1 * GeV, m_chi=0.6 * GeV, y_chi=1.0)
    assert float(closed.branching_to_photons()) == 1.0
    invisible = PhotonAlp(mass=1 * GeV, g_agamma=0.0, y_chi=1.0)
    assert float(invisible.branching_to_photons()) == 0.0


def test_massless_and_uncoupled_ones_are_stable_and_finite_for_tracers():
    masses = jnp.array([0.0, 0.1, 0.2, 3.0]) * GeV

    def all_of(m, chi, y):
        model = PhotonAlp(mass=m, g_agamma=1e-3 / GeV, m_chi=chi, y_chi=y)
        return model.width(), model.branching_to_photons(), model.width_to_dark()

    chi, y = jnp.asarray(0.1 * GeV), jnp.asarray(1e-2)
    found = jax.jit(jax.vmap(all_of, in_axes=(0, None, None)))(masses, chi, y)
    assert all(bool(jnp.all(jnp.isfinite(x))) for x in found)
    assert bool(jnp.all(found[2][:3] == 0.0))
    assert float(found[2][3]) > 0
    assert float(PhotonAlp(mass=0.0).lifetime()) == math.inf
    assert float(PhotonAlp(mass=0.0, y_chi=1.0, m_chi=0.0).width_to_dark()) == 0.0
    slope = jax.grad(lambda m: PhotonAlp(mass=m, y_chi=0.1).width())(1.0 * GeV)
    assert math.isfinite(float(slope))
