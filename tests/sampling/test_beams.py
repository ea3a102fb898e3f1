import math

import jax.numpy as jnp
import numpy as np
import pytest

from darkreach.algebra.kinematics import FourVector
from darkreach.constants import M_MU
from darkreach.sampling.beams import at_rest, belle2
from darkreach.units import GeV


def test_particle_at_rest():
    (p,), rho, flux = at_rest(M_MU, (0.0, 0.0, -0.86))(jnp.zeros(0))
    np.testing.assert_array_equal(p.array(), [M_MU, 0, 0, 0])
    assert float(flux) == 1 / (2 * M_MU)
    # spin up with probability (1 + P_z) / 2
    np.testing.assert_allclose(np.diag(rho).real, [0.07, 0.93], rtol=1e-13)


def test_unpolarised_by_default():
    _, rho, _ = at_rest(M_MU)(jnp.zeros(0))
    np.testing.assert_array_equal(rho, np.eye(2) / 2)


def test_belle2_is_seven_on_four():
    beam = belle2()
    # sqrt(4 * 7 * 4) GeV, electron masses add 1e-9
    assert float(beam.energy()) == pytest.approx(math.sqrt(112) * GeV, rel=1e-8)
    still = FourVector(beam.energy(), 0.0, 0.0, 0.0)
    moving = beam.to_laboratory(still)
    assert float(moving.z / moving.e) == pytest.approx(3 / 11, rel=1e-8)
    (electron, positron), _, _ = beam(jnp.zeros(0))
    for p, energy in ((electron, 7 * GeV), (positron, 4 * GeV)):
        assert float(beam.to_laboratory(p).e) == pytest.approx(energy, rel=1e-12)
    assert float(electron.z) > 0
