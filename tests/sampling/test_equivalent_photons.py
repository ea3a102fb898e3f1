import numpy as np
import pytest

from scipy.integrate import quad

from darkreach.constants import ALPHA, HBAR_C, M_E
from darkreach.models.photon_alp import PhotonAlp
from darkreach.sampling.equivalent_photons import fusion
from darkreach.units import GeV, fb

S = 112 * GeV**2
ALP = PhotonAlp(mass=1 * GeV, g_agamma=1e-3 / GeV)


@pytest.mark.parametrize(
    # the exact 1057 fb lies between the scales of the ALP and of the collision
    ("scale", "expected"),
    [(1 * GeV**2, 918.0), (S / 4, 1283.3), (S, 1452.9)],
)
def test_fusion_is_the_convolution_of_both_spectra(scale, expected):
    def photons(x):
        least = M_E**2 * x**2 / (1 - x)
        log = (1 + (1 - x) ** 2) / x * np.log(scale / least)
        return ALPHA / (2 * np.pi) * (log - 2 * M_E**2 * x * (1 / least - 1 / scale))

    tau = float(ALP.mass**2 / S)
    both = quad(
        lambda u: photons(np.exp(u)) * photons(tau * np.exp(-u)), np.log(tau), 0
    )
    found = float(fusion(ALP, S, highest=scale))
    prefactor = 8 * np.pi**2 * float(ALP.width_to_photons()) / (float(ALP.mass) * S)
    # the end points have integrable logarithms: 1e-4 of quad and of 200 nodes
    assert found == pytest.approx(prefactor * both[0], rel=3e-4)
    assert found * HBAR_C**2 / fb == pytest.approx(expected, rel=1e-3)
