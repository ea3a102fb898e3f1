import jax.numpy as jnp
import numpy as np
import pytest

from darkreach.constants import M_MU
from darkreach.processes.mu_to_e_nu_nu import MuToENuNu
from darkreach.processes.process import Process, spin_density, squared_amplitude
from darkreach.sampling.beams import at_rest
from darkreach.sampling.generator import generate


def test_spin_density_is_hermitian_with_unit_trace():
    rho = np.asarray(spin_density(jnp.array([0.3, -0.4, 0.5])))
    pauli = np.array([[[0, 1], [1, 0]], [[0, -1j], [1j, 0]], [[1, 0], [0, -1]]])
    np.testing.assert_allclose(np.trace(rho), 1)
    np.testing.assert_array_equal(rho, rho.conj().T)
    # <sigma> is the polarisation
    np.testing.assert_allclose(
        [np.trace(rho @ s).real for s in pauli], [0.3, -0.4, 0.5], rtol=1e-15
    )


def test_leading_axes_are_events(key):
    p = generate(MuToENuNu(), at_rest(M_MU), 12, key).p
    mu = jnp.tile(jnp.array([[[M_MU, 0.0, 0.0, 0.0]]]), (12, 1, 1))
    full = jnp.concatenate([mu, p], axis=1)
    flat = squared_amplitude(MuToENuNu(), full)
    folded = squared_amplitude(MuToENuNu(), full.reshape(3, 4, 3, 4))
    np.testing.assert_array_equal(flat.reshape(3, 4), folded)
    # one event at a time may be compiled with other roundings
    np.testing.assert_allclose(
        squared_amplitude(MuToENuNu(), full[5]), flat[5], rtol=1e-13
    )


def test_process_is_a_protocol():
    assert isinstance(MuToENuNu(), Process)


def test_shapes_are_checked_with_a_sentence():
    with pytest.raises(ValueError, match=r"expected \(\.\.\., 3, 4\) for mu, e, inv"):
        squared_amplitude(MuToENuNu(), jnp.zeros((5, 4, 4)))
    with pytest.raises(ValueError, match="3 numbers of length at most 1"):
        squared_amplitude(MuToENuNu(), jnp.zeros((3, 4)), jnp.array([0.0, 1.0, 1.0]))
