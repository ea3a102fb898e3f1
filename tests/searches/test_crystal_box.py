"""Crystal Box: published conversion, massless formula, event generator."""

import math

import jax
import numpy as np
import pytest

from darkreach.constants import ALPHA, M_MU
from darkreach.curves.curve import interpolate, rescaled, to_effective_scale
from darkreach.curves.text import load_bound
from darkreach.models.lfv_alp import LfvAlp
from darkreach.processes.mu_to_e_alp_gamma import MuToEAlpGamma
from darkreach.sampling.beams import at_rest
from darkreach.sampling.generator import generate, trained_grid
from darkreach.sampling.observables import Cut
from darkreach.searches import crystal_box
from darkreach.searches.crystal_box import (
    WIDE,
    Window,
    mass_end,
    radiative_fraction,
    recast,
)
from darkreach.units import GeV, MeV, deg

VECTOR, AXIAL = LfvAlp(c_v=1.0), LfvAlp(c_a=1.0)


def scales(window, **couplings):
    """F [GeV] of a massless ALP at 90 and 95 % CL."""
    curve = recast(LfvAlp(**couplings), [0.0], window=window)
    both = to_effective_scale(curve), to_effective_scale(rescaled(curve, cl=0.95))
    return [float(c.value[0] / GeV) for c in both]


@pytest.mark.parametrize(
    "couplings",
    [{"c_v": 1.0}, {"c_a": 1.0}, {"c_v": 1.0, "c_a": -1.0}, {"c_v": 1.0, "c_a": 1.0}],
)
def test_published_conversion(couplings):
    """F > 5.86e8 (90 %) and 5.17e8 GeV (95 %) within 2 %, for every chirality."""
    found = scales(Window(), **couplings)
    assert found == pytest.approx([5.86e8, 5.17e8], rel=0.02)


def test_the_other_window_does_not_reproduce_it():
    """9.46e8 and 8.35e8 GeV, three digits."""
    assert scales(WIDE, c_v=1.0) == pytest.approx([9.46e8, 8.35e8], rel=1e-3)


def massless(window):
    """(alpha/2 pi) int (1-x)(2-y-xy) / [y^2 (x+y-1)], no masses (arXiv:0902.0525)."""
    n = 4000
    x0, y0 = (2 * e / M_MU for e in (window.positron, window.photon))
    x = x0 + (1 - x0) * (np.arange(n) + 0.5) / n
    y = y0 + (1 - y0) * (np.arange(n) + 0.5) / n
    x, y = x[:, None], y[None, :]
    inside = 1 + (2 - 2 * x - 2 * y) / (x * y) <= math.cos(window.angle)
    density = (1 - x) * (2 - y - x * y) / (y**2 * (x + y - 1))
    area = (1 - x0) * (1 - y0) / n**2
    return ALPHA / (2 * math.pi) * (density * inside).sum() * area


@pytest.mark.parametrize("window", [Window(), WIDE])
def test_massless_formula(window):
    """The electron mass moves the edge of the window: 1 % remains."""
    expected = massless(window)
    for model in (VECTOR, AXIAL):
        assert radiative_fraction(model, window=window) == pytest.approx(
            expected, rel=0.01
        )


@pytest.mark.parametrize(
    ("mass", "window"), [(0.0, Window()), (15.0, Window()), (10.0, WIDE)]
)
def test_quadrature_agrees_with_the_generator(mass, window, key):
    """Other phase space, other integration: 5 sigma with sigma below 1 %."""
    model = LfvAlp(mass=mass * MeV, c_v=1.0, c_a=-1.0)
    process, beam = MuToEAlpGamma(model=model), at_rest(M_MU)
    cuts = (
        Cut(observable="E_e", minimum=window.positron),
        Cut(observable="E_gamma", minimum=window.photon),
        Cut(observable="theta_e_gamma", minimum=window.angle),
    )
    training, sampling = jax.random.split(key)
    grid = trained_grid(process, beam, training, cuts=cuts)
    weight = generate(process, beam, 2**18, sampling, cuts=cuts, grid=grid).weight
    unit = float(model.width_from("mu", "e"))
    found = float(weight.sum()) / unit
    sigma = float(weight.std()) * math.sqrt(len(weight)) / unit
    assert sigma < 0.01 * found
    assert abs(radiative_fraction(model, window=window) - found) < 5 * sigma


@pytest.mark.parametrize("mass", [0.0, 0.5, 12.0, 23.0])
@pytest.mark.parametrize("window", [Window(), WIDE], ids=["narrow", "wide"])
def test_nodes_are_enough(mass, window, monkeypatch):
    """Twice as many change nothing: 3e-4 where an angle cuts, 2e-5 where not."""
    model = LfvAlp(mass=mass * MeV, c_v=1.0)
    few = radiative_fraction(model, window=window)
    monkeypatch.setattr(crystal_box, "NODES", 2 * crystal_box.NODES)
    tolerance = 3e-4 if window.angle else 2e-5
    assert radiative_fraction(model, window=window) == pytest.approx(few, rel=tolerance)


def test_chirality_matters_only_through_the_electron_mass():
    vector, axial = radiative_fraction(VECTOR), radiative_fraction(AXIAL)
    for c_a in (1.0, -1.0):
        chiral = radiative_fraction(LfvAlp(c_v=1.0, c_a=c_a))
        assert chiral == pytest.approx((vector + axial) / 2, rel=1e-4)
    assert axial / vector - 1 == pytest.approx(0.005, abs=5e-4)


def test_the_scale_of_the_model_cancels():
    strong = radiative_fraction(LfvAlp(c_v=1.0, f=1 * GeV))
    assert strong == pytest.approx(radiative_fraction(VECTOR), rel=1e-12)


def test_kinematic_end():
    """Massless electron: m^2 - 2 m (E + k) + 4 E k; the electron mass adds 1e-4."""
    e, k, m = 43 * MeV, 38 * MeV, M_MU
    assert mass_end(Window()) == pytest.approx(
        math.sqrt(m**2 - 2 * m * (e + k) + 4 * e * k), rel=1e-3
    )
    end = mass_end(Window())
    below, above = (LfvAlp(mass=end * x, c_v=1.0) for x in (0.999, 1.001))
    assert radiative_fraction(below) > 0
    assert radiative_fraction(above) == 0
    with pytest.raises(ValueError, match=r"expected less than 24\.15 MeV"):
        recast(masses=[25 * MeV])


def test_the_energies_force_the_angle():
    """The window needs no angular cut: 145 degrees is met by itself."""
    assert radiative_fraction(VECTOR, window=Window(angle=145 * deg)) == pytest.approx(
        radiative_fraction(VECTOR), rel=1e-12
    )


def test_the_curve_says_what_it_is():
    curve = recast()
    published = load_bound("crystal_box_1988")
    assert curve.convention == "mu -> e a"
    assert "E_gamma > 38 MeV, E_e > 43 MeV" in published.convention
    assert published.validity[1] < mass_end(Window())
    assert (Window().positron, Window().photon) == (43 * MeV, 38 * MeV)
    assert curve.source == published.source
    assert curve.bibtex == published.bibtex
    assert np.all(np.diff(curve.value) > 0)
    assert np.isnan(interpolate(curve, 24 * MeV))
