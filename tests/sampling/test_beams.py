import jax.numpy as jnp
import numpy as np

from darkreach.constants import M_MU
from darkreach.sampling.beams import at_rest


def test_particle_at_rest():
    (p,), rho, flux = at_rest(M_MU, (0.0, 0.0, -0.86))(jnp.zeros(0))
    np.testing.assert_array_equal(p.array(), [M_MU, 0, 0, 0])
    assert float(flux) == 1 / (2 * M_MU)
    # spin up with probability (1 + P_z) / 2
    np.testing.assert_allclose(np.diag(rho).real, [0.07, 0.93], rtol=1e-13)


def test_unpolarised_by_default():
    _, rho, _ = at_rest(M_MU)(jnp.zeros(0))
    np.testing.assert_array_equal(rho, np.eye(2) / 2)
