import numpy as np
import pytest

from catalogue import points

from darkreach import squared_amplitude
from darkreach.constants import ALPHA, HBAR_C
from darkreach.models.photon_alp import PhotonAlp
from darkreach.processes.ee_to_gamma_alp import EeToGammaAlp
from darkreach.sampling.beams import belle2
from darkreach.sampling.integrate import integrate
from darkreach.units import GeV, fb

S = float(belle2().energy()) ** 2


def process(mass):
    return EeToGammaAlp(model=PhotonAlp(mass=mass, g_agamma=1e-3 / GeV))


@pytest.mark.parametrize(
    # arXiv:1709.00009: alpha g^2 (1 - m^2/s)^3 / 24
    ("mass", "expected"),
    [(1e-3 * GeV, 118.4), (1 * GeV, 115.0), (5 * GeV, 55.0), (8 * GeV, 9.3)],
)
def test_total_cross_section(mass, expected, key):
    found = integrate(process(mass), belle2(), cuts=(), precision=1e-3, key=key)
    closed = ALPHA * 1e-6 / GeV**2 / 24 * (1 - mass**2 / S) ** 3
    # electron masses add of the order of m_e^2 / s = 2e-9
    assert abs(found.value / closed - 1) < 5 * found.error / found.value
    assert found.error < 1e-3 * found.value
    # the last digit of the numbers above
    assert closed * HBAR_C**2 / fb == pytest.approx(expected, rel=0.01)


def test_angular_distribution(key):
    p = points(process(2 * GeV), key, n=200)
    square = squared_amplitude(process(2 * GeV), p)
    cos = p[:, 2, 3] / p[:, 2, 0]
    flat = np.asarray(square) / (1 + np.asarray(cos) ** 2)
    # 1 + cos^2 of two transverse photons, up to m_e^2 / s; the constant from sigma
    np.testing.assert_allclose(flat, flat.mean(), rtol=1e-6)


def test_coupling_enters_squared(key):
    p = points(process(1 * GeV), key, n=5)
    half = EeToGammaAlp(model=PhotonAlp(mass=1 * GeV, g_agamma=0.5e-3 / GeV))
    ratio = squared_amplitude(half, p) / squared_amplitude(process(1 * GeV), p)
    np.testing.assert_allclose(ratio, 0.25, rtol=1e-14)
