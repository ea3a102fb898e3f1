"""One-loop moments against limits, the massive-photon kernel and adaptive integrals."""

import math

import jax
import jax.numpy as jnp
import pytest

from scipy.integrate import quad

from darkreach.algebra.bosons import lifetime, scalar_moment, vector_moment
from darkreach.constants import HBAR, M_E, M_MU
from darkreach.units import GeV, MeV

NONE_V = {"g_v": 0.0, "g_a": 0.0}
NONE_S = {"g_s": 0.0, "g_p": 0.0}


def moment(name, mass, lepton):
    """8 pi^2 a_l for a unit coupling with this name."""
    if name in NONE_V:
        found = vector_moment(mass, lepton, **{**NONE_V, name: 1.0})
    else:
        found = scalar_moment(mass, lepton, **{**NONE_S, name: 1.0})
    return 8 * math.pi**2 * float(found)


def kernel(s):
    """K(s) of a photon with mass^2 s > 4, in lepton masses (arXiv:0902.3360, 4.1)."""
    beta = math.sqrt(1 - 4 / s)
    x = (1 - beta) / (1 + beta)
    return (
        x**2 / 2 * (2 - x**2)
        + (1 + x**2) * (1 + x) ** 2 / x**2 * (math.log1p(x) - x + x**2 / 2)
        + (1 + x) / (1 - x) * x**2 * math.log(x)
    )


@pytest.mark.parametrize("ratio", [2.5, 4.0, 10.0, 30.0])
def test_vector_is_the_massive_photon_kernel(ratio):
    """a = alpha K / pi, so 8 pi^2 a / g^2 = 2 K.

    1e-7: for heavy photons the closed form cancels to x^3, 1e-9 at 30.
    """
    expected = 2 * kernel(ratio**2)
    assert moment("g_v", ratio * M_MU, M_MU) == pytest.approx(expected, rel=1e-7)


@pytest.mark.parametrize(
    ("name", "limit"),
    # Schwinger; Jackiw and Weinberg, PRD 5, 2396 (1972): 3/2 and -1/2
    [("g_v", 1.0), ("g_s", 1.5), ("g_p", -0.5)],
)
def test_light_bosons(name, limit):
    # 1e-4: corrections are pi m / m_l at most, with m / m_l = 1e-5
    assert moment(name, 1e-5 * M_MU, M_MU) == pytest.approx(limit, rel=1e-4)


def test_light_axial_vector_is_its_goldstone_boson():
    """g_P = 2 m_l g_A / m_X; the rest is m_X / m_l smaller: 3e-3 and its logarithm."""
    mass = 1e-3 * M_MU
    goldstone = (2 * M_MU / mass) ** 2 * moment("g_p", mass, M_MU)
    assert moment("g_a", mass, M_MU) == pytest.approx(goldstone, rel=1e-4)


@pytest.mark.parametrize(
    ("name", "limit"),
    [
        # arXiv:0902.3360, section 7.2: leading terms in 1 / r, with L = ln r
        ("g_v", lambda log: 2 / 3 + 0 * log),
        ("g_a", lambda log: -10 / 3 + 0 * log),
        ("g_s", lambda log: log - 7 / 6),
        ("g_p", lambda log: -(log - 11 / 6)),
    ],
)
def test_heavy_bosons(name, limit):
    """Next terms are r^-1 ln r smaller: 1e-4 covers ten times that at r = 1e6."""
    r = 1e6
    found = moment(name, math.sqrt(r) * M_E, M_E) * r
    assert found == pytest.approx(limit(math.log(r)), rel=1e-4)


@pytest.mark.parametrize("mass", [1 * MeV, 17 * MeV, 100 * MeV, 1 * GeV])
@pytest.mark.parametrize("lepton", [M_E, M_MU])
def test_sums_are_the_integrals(mass, lepton):
    r = (mass / lepton) ** 2
    numerators = {
        "g_v": lambda x: 2 * x * x * (1 - x),
        "g_a": lambda x: 2 * x * (1 - x) * (x - 4) - 4 * x**3 / r,
        "g_s": lambda x: x * x * (2 - x),
        "g_p": lambda x: -(x**3),
    }
    edges = sorted({min(math.sqrt(r), 0.5), 1 - min(1 / r, 0.4)})
    for name, numerator in numerators.items():
        expected, _ = quad(
            lambda x, f=numerator: f(x) / (x * x + (1 - x) * r),
            *(0.0, 1.0),
            points=edges,
            epsrel=1e-11,
            epsabs=0.0,
            limit=400,
        )
        # 1e-8: a hundredth of what the models promise
        assert moment(name, mass, lepton) == pytest.approx(expected, rel=1e-8)


def test_massless_bosons_and_closed_decays_are_finite():
    assert moment("g_v", 0.0, M_MU) == pytest.approx(1.0, rel=1e-8)
    assert math.isfinite(moment("g_a", 0.0, M_MU))
    assert float(lifetime(0.0)) == math.inf
    assert float(lifetime(2.0)) == HBAR / 2
    widths = jnp.array([0.0, 1.0])
    assert jnp.isfinite(jax.vmap(jax.grad(lambda w: 1 / lifetime(w)))(widths)[1])
