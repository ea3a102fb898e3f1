"""Relic lines in g_agamma."""

import numpy as np
import pytest

from darkreach.cosmology.kinetic_decoupling import decoupled_abundance
from darkreach.cosmology.resonant_freeze_out import abundance, narrow_abundance
from darkreach.curves.curve import interpolate
from darkreach.curves.targets import resonant_freeze_out as target
from darkreach.models.photon_alp import PhotonAlp
from darkreach.units import GeV


def model(mass, g, **values):
    return PhotonAlp(mass=mass, m_chi=mass / 2.1, g_agamma=g, **values)


@pytest.mark.parametrize("majorana", [True, False])
def test_line_is_where_all_dark_matter_is_left(majorana):
    masses = np.array([0.1, 1.0]) * GeV
    curve = target.relic_line(masses, ratio=2.1, majorana=majorana)
    assert (curve.kind, curve.quantity) == ("target", "g_agamma")
    assert (curve.excludes, curve.method) == ("below", "none")
    assert curve.convention.endswith("m_chi = m_a / 2.1")
    assert "N_eff excludes m_chi below 5 to 10 MeV" in curve.notes
    assert "2307.06369" in curve.bibtex
    for mass, value in zip(masses.tolist(), curve.value.tolist(), strict=True):
        on = model(mass, value, y_chi=1.0, majorana=majorana)
        # the root of an equation
        assert narrow_abundance(on) == pytest.approx(0.12, rel=1e-5)
        under = model(mass, value / 2, y_chi=1.0, majorana=majorana)
        assert narrow_abundance(under) > 0.12
    # nearly flat in between; 2 %: 0.1 GeV to 1 GeV differ by 12 %
    middle = float(interpolate(curve, np.sqrt(0.1) * GeV))
    assert middle**2 == pytest.approx(float(np.prod(curve.value)), rel=0.02)


def test_lines_that_depend_on_y():
    mass = np.array([1.0]) * GeV
    whole = target.relic_line(mass, ratio=2.1, y_chi=0.5)
    assert "y = 0.5" in whole.notes
    on = model(1 * GeV, float(whole.value[0]), y_chi=0.5)
    # the root of an equation
    assert abundance(on) == pytest.approx(0.12, rel=1e-5)
    cold = target.decoupled_line(mass, ratio=2.1, y_chi=0.1)
    assert "a temperature of its own, y = 0.1" in cold.notes
    on = model(1 * GeV, float(cold.value[0]), y_chi=0.1)
    # the steps of an adaptive solver
    assert decoupled_abundance(on) == pytest.approx(0.12, rel=1e-3)
    assert cold.value[0] > 2 * whole.value[0]


def test_errors():
    for masses in (np.array([0.0]), np.array([])):
        with pytest.raises(ValueError, match="expected positive ones"):
            target.relic_line(masses, ratio=2.1)
    with pytest.raises(ValueError, match="a ratio above 2"):
        target.decoupled_line(np.array([1.0]) * GeV, ratio=2.0)
    with pytest.raises(ValueError, match="expected at most"):
        target.decoupled_line(np.array([1.0]) * GeV, ratio=2.3)
