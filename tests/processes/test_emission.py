"""What a boson from a charged lepton line must obey, whatever it is."""

import dataclasses

import catalogue
import dense
import diagrams
import jax
import jax.numpy as jnp
import numpy as np
import pytest

from catalogue import points, vectors

from darkreach.algebra import propagators
from darkreach.algebra.dirac import bars, left_current, spinors
from darkreach.constants import M_E, M_MU
from darkreach.models.dark_photon import DarkPhoton
from darkreach.models.lepton_scalar import LeptonScalar
from darkreach.models.lepton_vector import LeptonVector
from darkreach.processes.emission import ELECTROMAGNETIC, conversion, emission
from darkreach.processes.mu_to_3e_nu_nu import MuTo3eNuNu
from darkreach.processes.mu_to_e_nu_nu import MuToENuNu
from darkreach.processes.mu_to_e_nu_nu_x import MuToENuNuX
from darkreach.processes.process import squared_amplitude
from darkreach.units import MeV

SPIN = jnp.array([0.3, -0.5, 0.7])
ALL = LeptonVector(mass=20 * MeV, g_v_e=0.7, g_a_e=0.4, g_v_mu=-0.5, g_a_mu=0.3)


def complex_leaves(nested):
    """Real and imaginary parts of all leaves, next to each other, as complex rows."""
    parts = np.array([np.asarray(a) for a in jax.tree.leaves(nested)])
    return parts[::2] + 1j * parts[1::2]


def along(k):
    return (k,)


def test_a_virtual_photon_meets_a_conserved_current(key):
    """With k^a in place of the pair's current nothing is left, whatever k^2 is."""
    p = points(MuTo3eNuNu(), key)
    mu, one, two, third, _ = vectors(p)
    momenta = mu, two, one + third
    model = DarkPhoton(eps=1.0)
    size = complex_leaves(emission(model, momenta, vertex=left_current))
    gone = complex_leaves(
        emission(model, momenta, vertex=left_current, polarisations=along)
    )
    typical = np.linalg.norm(size, axis=0) * np.asarray(momenta[2].e)
    # a collinear pair loses (E / m_e)^2 ~ 1e4 of the digits of its propagator
    assert np.median(np.abs(gone).max(axis=0) / typical) < 1e-13
    assert (np.abs(gone).max(axis=0) / typical).max() < 1e-9


def test_the_gauge_of_the_photon_does_not_matter(key):
    """k^a k^b terms of any size in the propagator change nothing, for both pairs."""
    p = points(MuTo3eNuNu(), key, 20)
    found = [
        complex_leaves(
            conversion(
                ELECTROMAGNETIC._replace(inverse_square=gauge),
                propagators.photon,
                vectors(p)[:4],
                vertex=left_current,
            )
        )
        for gauge in (None, (1 * MeV) ** -2)
    ]
    largest = np.abs(found[0]).max()
    # 1e-11: up to (E / MeV)^2 ~ 1e3 times a rounding
    np.testing.assert_allclose(found[1], found[0], rtol=0, atol=1e-11 * largest)


def test_the_longitudinal_part_is_a_pseudoscalar_and_a_contact_current(key):
    """k_a J^a = (g_L^e - g_L^mu) J_0 + i J(phi with g_P = 2 m_l g_A), g_L = g_V - g_A.

    From kslash = (pslash - m) - (qslash - m) at each vertex; neutrinos do not couple.
    """
    mu, e, x, _ = vectors(points(MuToENuNuX(model=ALL), key))
    momenta = mu, e, x
    own = complex_leaves(
        emission(ALL, momenta, vertex=left_current, polarisations=along)
    )
    phi = LeptonScalar(
        mass=20 * MeV, g_p_e=2 * M_E * ALL.g_a_e, g_p_mu=2 * M_MU * ALL.g_a_mu
    )
    scalar = complex_leaves(emission(phi, momenta, vertex=left_current))
    plain = complex_leaves(
        [[left_current(b, u) for b in bars(e, M_E)] for u in spinors(mu, M_MU)]
    )
    broken = (ALL.g_v_e - ALL.g_a_e) - (ALL.g_v_mu - ALL.g_a_mu)
    expected = broken * plain + 1j * scalar
    # 1e-12: few roundings of the largest; the package leaves out one overall sign
    largest = np.abs(expected).max()
    np.testing.assert_allclose(own, expected, rtol=0, atol=1e-12 * largest)


def test_a_light_axial_vector_is_its_goldstone_boson(key):
    """m^2 |M|^2 -> that of g_P = 2 m_l g_A, where the left-handed couplings agree."""
    mass = 1e-3 * MeV
    axial = LeptonVector(mass=mass, g_a_e=0.3, g_a_mu=0.3)
    phi = LeptonScalar(mass=mass, g_p_e=2 * M_E * 0.3, g_p_mu=2 * M_MU * 0.3)
    p = points(MuToENuNuX(model=axial), key)
    vector, scalar = (
        squared_amplitude(MuToENuNuX(model=m), p, SPIN) for m in (axial, phi)
    )
    # transverse modes are left, of the order of (m / m_e)^2 = 4e-6 or m^2 / m_e E
    np.testing.assert_allclose(mass**2 * vector, scalar, rtol=1e-3)


def test_unequal_charges_leave_a_contact_current(key):
    """A charge that the neutrinos lack: m^2 |M|^2 -> g^2 |M(mu -> e nu nu)|^2."""
    mass = 1e-3 * MeV
    p = points(MuToENuNuX(model=LeptonVector(mass=mass, g_v_e=0.3)), key)
    own = squared_amplitude(
        MuToENuNuX(model=LeptonVector(mass=mass, g_v_e=0.3)), p, SPIN
    )
    plain = squared_amplitude(MuToENuNu(), p[:, jnp.array([0, 1, 3])], SPIN)
    np.testing.assert_allclose(mass**2 * own, 0.09 * plain, rtol=1e-3)


def test_a_dark_photon_is_the_photon_at_small_mass(key):
    """No 1 / m^2: the squared amplitude has a limit, even for soft and collinear X."""
    heavy, light = (
        MuToENuNuX(model=DarkPhoton(mass=m * MeV, eps=1.0)) for m in (1e-3, 1e-4)
    )
    p = points(light, key)
    # the same momenta for both: the mass enters through the polarisations only
    np.testing.assert_allclose(
        squared_amplitude(heavy, p), squared_amplitude(light, p), rtol=1e-3
    )


def test_a_dark_photon_is_a_vector_with_equal_charges(key):
    """Two sums over polarisations, with and without k^a k^b / m^2."""
    dark = DarkPhoton(mass=20 * MeV, eps=0.5)
    charge = float(dark._coupling())
    p = points(MuToENuNuX(model=dark), key)
    both = (
        squared_amplitude(MuToENuNuX(model=m), p, SPIN)
        for m in (dark, LeptonVector(mass=20 * MeV, g_v_e=charge, g_v_mu=charge))
    )
    # 1e-10: (E / m)^2 and a collinear propagator
    np.testing.assert_allclose(*both, rtol=1e-10)


def positive_muon(model, row):
    """|M|^2 of mu+ -> e+ nu nubar phi with v spinors: no use of C, P or T."""
    mu, e, k, q = row
    of_e, of_mu = diagrams.of_model(model).e[0], diagrams.of_model(model).mu[0]
    # v vbar of the mu+, with its own polarisation
    spin = dense.slash(np.array([0.0, *np.asarray(SPIN)]))
    rho = (dense.slash(mu) - M_MU * dense.UNIT) @ (dense.UNIT + dense.GAMMA5 @ spin) / 2
    out = diagrams.columns(e, M_E, anti=True)
    # the fermion flows against the momenta: from v_e, and into vbar_mu
    late = of_mu @ dense.propagator(k - mu, M_MU)
    early = dense.propagator(-e - k, M_E) @ of_e
    total = 0.0
    for nu, antinu, weight in dense.neutrino_pairs(q):
        left = diagrams.LEFT_CURRENT @ diagrams.columns(antinu, 0.0, anti=True)
        right = np.einsum("si,aij->saj", diagrams.rows(nu, 0.0), diagrams.LOWERED)
        # [mu's Dirac index][spin of antinu][spin of nu][spin of e]
        amplitude = diagrams.COUPLING * (
            np.einsum("ij,ajs,tak,kr->istr", late, left, right, out)
            + np.einsum("ais,taj,jk,kr->istr", left, right, early, out)
        )
        flat = amplitude.reshape(4, -1)
        # vbar A: the conjugate is Abar v, and the sum over spins is tr(rho A Abar)
        conjugate = flat.conj().T @ dense.GAMMA[0]
        closed = np.einsum("ij,jn,ni->", rho, flat, conjugate).real
        total += weight * closed
    return total


@pytest.mark.parametrize(
    "couplings",
    [
        {"g_s_e": 0.7, "g_p_e": 0.4, "g_s_mu": -0.5, "g_p_mu": 0.3},
        {"g_s_e": 0.7, "g_p_mu": 1.0},
    ],
)
def test_the_positive_muon_directly(couplings, key):
    """CP-violating couplings: the T-odd terms of the mu+ have the right sign too."""
    model = LeptonScalar(mass=20 * MeV, **couplings)
    p = points(MuToENuNuX(model=model), key)
    own = np.asarray(squared_amplitude(MuToENuNuX(model=model), p, SPIN))
    flipped = dataclasses.replace(
        model, **{k: -v for k, v in couplings.items() if k.startswith("g_p")}
    )
    other = np.asarray(squared_amplitude(MuToENuNuX(model=flipped), p, SPIN))
    # where the sign of a T-odd term matters most
    telling = np.argsort(np.abs(own / other - 1))[-3:]
    assert abs(own / other - 1)[telling].min() > 1e-2
    for i in telling:
        expected = positive_muon(model, np.asarray(p[i]))
        assert own[i] == pytest.approx(expected, rel=1e-10)


def test_dense_emission_of_a_virtual_boson_is_gauge_invariant(key):
    """The judge is judged: its own photon propagator in two gauges."""
    row = np.asarray(points(catalogue.instance("mu_to_3e_nu_nu"), key)[0])
    rho = diagrams.density(row[0], np.asarray(SPIN))
    plain, other = (
        diagrams.weak_squared(
            diagrams.conversion_legs(diagrams.photon(extra), row[:4]), row[4], rho
        )
        for extra in (0.0, 3.0)
    )
    assert other == pytest.approx(plain, rel=1e-9)
