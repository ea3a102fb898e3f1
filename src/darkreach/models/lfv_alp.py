"""An axion-like particle with lepton-flavour-violating couplings (arXiv:2006.04795)."""

import math

from typing import Final, Literal

import jax.numpy as jnp

from jaxtyping import Array, Complex, Float

from darkreach.algebra.kinematics import breakup_momentum
from darkreach.constants import ALPHA, HBAR, M_E, M_MU, M_TAU, WIDTH_MU, WIDTH_TAU, C
from darkreach.pytree import pytree
from darkreach.units import GeV

Scalar = float | Float[Array, ""]
Coupling = complex | float | Float[Array, ""] | Complex[Array, ""]
Lepton = Literal["e", "mu", "tau"]
Pair = tuple[Lepton, Lepton]
LEPTON_MASS: Final = {"e": M_E, "mu": M_MU, "tau": M_TAU}
LEPTON_WIDTH: Final = {"mu": WIDTH_MU, "tau": WIDTH_TAU}  # measured total widths
# Dimension of the portal operator and the scale that divides it, for power counting.
PORTAL: Final = (5, "f")
BIBTEX: Final[tuple[str, ...]] = (
    """@article{Calibbi:2020jvd,
  author = {Calibbi, Lorenzo and Redigolo, Diego and Ziegler, Robert and Zupan, Jure},
  title = {Looking forward to lepton-flavor-violating {ALP}s},
  eprint = {2006.04795},
  archivePrefix = {arXiv},
  primaryClass = {hep-ph},
  year = {2020}
}""",
    """@article{Bauer:2017ris,
  author = {Bauer, Martin and Neubert, Matthias and Thamm, Andrea},
  title = {Collider Probes of Axion-Like Particles},
  eprint = {1708.00443},
  archivePrefix = {arXiv},
  primaryClass = {hep-ph},
  year = {2017}
}""",
    """@article{Panci:2022wlc,
  author = {Panci, Paolo and Redigolo, Diego and Schwetz, Thomas and Ziegler, Robert},
  title = {Axion dark matter from lepton flavor-violating decays},
  eprint = {2209.03371},
  archivePrefix = {arXiv},
  primaryClass = {hep-ph},
  year = {2023},
  doi = {10.1016/j.physletb.2023.137919}
}""",
)


@pytree
class LfvAlp:
    """L = d_mu a / (2 f) lbar_i gamma^mu (C^V_ij + C^A_ij gamma5) l_j + diagonal terms.

    The diagonal terms are d_mu a / (2 f) C^A_ii lbar_i gamma^mu gamma5 l_i
    (arXiv:2006.04795, eq. (1)). The process fixes the flavour pair of `c_v` and `c_a`.

    Attributes:
        mass: m_a [GeV].
        f: decay constant f_a [GeV], as it stands in the Lagrangian.
        c_v: flavour-violating vector coupling C^V, may be complex.
        c_a: flavour-violating axial coupling C^A, may be complex.
        c_ee: diagonal axial coupling of the electron.
        c_mumu: diagonal axial coupling of the muon.
        c_tautau: diagonal axial coupling of the tau.
        anomaly: electromagnetic anomaly coefficient E of a -> gamma gamma.
    """

    mass: Scalar = 0.0
    f: Scalar = 1e9 * GeV
    c_v: Coupling = 0.0
    c_a: Coupling = 0.0
    c_ee: Scalar = 0.0
    c_mumu: Scalar = 0.0
    c_tautau: Scalar = 0.0
    anomaly: Scalar = 0.0

    def effective_scale(self) -> Float[Array, ""]:
        """F = 2 f_a / sqrt(|C^V|^2 + |C^A|^2) [GeV]; infinite without coupling."""
        return effective_scale(self.f, c_v=self.c_v, c_a=self.c_a)

    def width_from(self, parent: Lepton, daughter: Lepton) -> Float[Array, ""]:
        """Gamma(parent -> daughter a) [GeV]; 0 above threshold.

        Tree level, all masses kept; arXiv:2006.04795, eq. (5), for massless daughters.
        """
        m1, m2 = LEPTON_MASS[parent], LEPTON_MASS[daughter]
        momentum = breakup_momentum(m1, m2, self.mass)
        sums = _currents_squared(m1, m2, self.mass, c_v=self.c_v, c_a=self.c_a)
        return momentum / (8 * math.pi * m1**2) * sums / (4 * self.f**2)

    def branching_ratio_from(
        self, parent: Lepton, daughter: Lepton
    ) -> Float[Array, ""]:
        """Gamma(parent -> daughter a) over the measured total width of the parent."""
        return self.width_from(parent, daughter) / LEPTON_WIDTH[parent]

    def width_to_leptons(self, first: Lepton, second: Lepton) -> Float[Array, ""]:
        """Gamma(a -> l- l'+) [GeV], equal to Gamma(a -> l+ l'-); 0 below threshold.

        The crossing of `width_from`: minus its squared amplitude, summed over both
        spins. For equal leptons, m_a m_l^2 C_ll^2 / (8 pi f^2) sqrt(1 - 4 m_l^2/m_a^2).
        """
        m1, m2 = LEPTON_MASS[first], LEPTON_MASS[second]
        mass = jnp.maximum(self.mass, m1 + m2)  # the momentum is 0 at threshold
        diagonal = {"e": self.c_ee, "mu": self.c_mumu, "tau": self.c_tautau}
        same = first == second
        c_v, c_a = (0.0, diagonal[first]) if same else (self.c_v, self.c_a)
        sums = -2 * _currents_squared(m1, m2, mass, c_v=c_v, c_a=c_a)
        momentum = breakup_momentum(mass, m1, m2)
        return momentum / (8 * math.pi * mass**2) * sums / (4 * self.f**2)

    def width_to_gamma_gamma(self) -> Float[Array, ""]:
        """Gamma(a -> gamma gamma) [GeV] with the charged-lepton loops.

        alpha^2 m_a^3 / (64 pi^3 f^2) |E + sum_i C_ii B(4 m_i^2 / m_a^2)|^2
        (arXiv:2209.03371; loop function of arXiv:1708.00443, eq. (16)); without anomaly
        and for light a the sum is -sum_i C_ii m_a^2 / (12 m_i^2).
        """
        loops = sum(
            (
                c * _loop(4 * LEPTON_MASS[lepton] ** 2, self.mass)
                for lepton, c in (
                    ("e", self.c_ee),
                    ("mu", self.c_mumu),
                    ("tau", self.c_tautau),
                )
            ),
            start=jnp.asarray(0j),
        )
        scale = ALPHA**2 * self.mass**3 / (64 * math.pi**3 * self.f**2)
        return jnp.asarray(scale * jnp.abs(self.anomaly + loops) ** 2)

    def width(self, *, pair: Pair = ("mu", "e")) -> Float[Array, ""]:
        """Total width of a [GeV]: gamma gamma and all open lepton pairs.

        `c_v` and `c_a` belong to one `pair`, which opens in both charge states.
        """
        same = [self.width_to_leptons(x, x) for x in ("e", "mu", "tau")]
        violating = 2 * self.width_to_leptons(*pair)
        return self.width_to_gamma_gamma() + sum(same) + violating

    def lifetime(self, *, pair: Pair = ("mu", "e")) -> Float[Array, ""]:
        """Mean proper lifetime [ns]; infinite where nothing is open."""
        width = self.width(pair=pair)
        return jnp.where(width > 0, HBAR / jnp.where(width > 0, width, 1.0), jnp.inf)

    def ctau(self, *, pair: Pair = ("mu", "e")) -> Float[Array, ""]:
        """Proper decay length c tau [mm]."""
        return C * self.lifetime(pair=pair)


def _currents_squared(
    m1: float, m2: float, mass: Scalar, *, c_v: Coupling, c_a: Coupling
) -> Float[Array, ""]:
    """|C^V|^2 (m1-m2)^2 [(m1+m2)^2 - m_a^2] + |C^A|^2 (the same with m2 -> -m2).

    4 f^2 times the squared amplitude of l1 -> l2 a, mean over the spins of l1 [GeV^4].
    """
    minus, plus, square = (m1 - m2) ** 2, (m1 + m2) ** 2, mass**2
    vector = jnp.abs(c_v) ** 2 * minus * (plus - square)
    axial = jnp.abs(c_a) ** 2 * plus * (minus - square)
    return jnp.asarray(vector + axial)


def _loop(four_m_squared: float, mass: Scalar) -> Complex[Array, ""]:
    """B(tau) = 1 - tau f(tau)^2 of a fermion with tau = 4 m^2 / m_a^2.

    f = arcsin(1/sqrt(tau)) for tau >= 1, pi/2 + (i/2) ln[(1+r)/(1-r)] with
    r = sqrt(1 - tau) below; a series for m_a << m, where the difference loses digits.
    """
    inverse = mass**2 / four_m_squared
    heavy = jnp.clip(inverse, 1e-12, 1.0)
    angle = jnp.arcsin(jnp.sqrt(heavy)) ** 2 / heavy
    series = -inverse / 3 - 8 * inverse**2 / 45
    light = jnp.maximum(inverse, 1.0)
    root = jnp.sqrt(1 - 1 / light)
    log = jnp.log(jnp.where(inverse > 1, (1 + root) / (1 - root), 1.0))
    cut = 1 - (math.pi / 2 + 0.5j * log) ** 2 / light
    below = jnp.where(inverse < 1e-4, series, 1 - angle)
    return jnp.where(inverse > 1, cut, below + 0j)


def effective_scale(f: Scalar, *, c_v: Coupling, c_a: Coupling) -> Float[Array, ""]:
    """F = 2 f_a / sqrt(|C^V|^2 + |C^A|^2) [GeV] from f_a [GeV]."""
    return 2 * f / jnp.sqrt(jnp.abs(c_v) ** 2 + jnp.abs(c_a) ** 2)


def asymmetry(model: LfvAlp) -> Float[Array, ""]:
    """A in dGamma/dcos(theta) ~ 1 + A P cos(theta) of mu+ -> e+ a.

    theta is between positron and mu+ spin; A = -2 Re(C^V C^A*) / (|C^V|^2 + |C^A|^2)
    (arXiv:2006.04795): +1 for V-A, like the Michel end point, -1 for V+A. The electron
    mass is neglected: it changes A by (m_e / m_mu)^2 / 2 for light a.
    """
    total = jnp.abs(model.c_v) ** 2 + jnp.abs(model.c_a) ** 2
    mixed = jnp.real(model.c_v * jnp.conj(model.c_a))
    return jnp.where(total > 0, -2 * mixed / jnp.where(total > 0, total, 1.0), 0.0)


def decay_constant(
    effective: Scalar, *, c_v: Coupling, c_a: Coupling
) -> Float[Array, ""]:
    """f_a = F sqrt(|C^V|^2 + |C^A|^2) / 2 [GeV]; inverts `effective_scale`."""
    return effective * jnp.sqrt(jnp.abs(c_v) ** 2 + jnp.abs(c_a) ** 2) / 2


def scale_from_branching_ratio(
    branching_ratio: Scalar,
    *,
    mass: Scalar,
    parent: Lepton = "mu",
    daughter: Lepton = "e",
    c_v: Coupling = 1.0,
    c_a: Coupling = 0.0,
) -> Float[Array, ""]:
    """F [GeV] at which BR(parent -> daughter a) takes this value; all masses kept.

    Args:
        branching_ratio: over the measured total width of the parent.
        mass: m_a [GeV].
        parent: the decaying lepton.
        daughter: the lepton it decays to.
        c_v: vector coupling; only the ratio to `c_a` matters.
        c_a: axial coupling.
    """
    unit = LfvAlp(mass=mass, c_v=c_v, c_a=c_a)
    reference = unit.branching_ratio_from(parent, daughter)
    return unit.effective_scale() * jnp.sqrt(reference / branching_ratio)
