"""e- e+ -> e- e+ a with a -> gamma gamma: a narrow resonance of two photons."""

from typing import Any

import jax.numpy as jnp

from jaxtyping import Array, Float

from darkreach.algebra.dirac import Complex, Current, Polarisations, photon
from darkreach.algebra.fields import field
from darkreach.algebra.kinematics import FourVector, Real
from darkreach.constants import M_E
from darkreach.models.photon_alp import PhotonAlp
from darkreach.processes.ee_to_ee_alp import EeToEeAlp
from darkreach.pytree import pytree


@pytree
class EeToEeAlpToGammaGamma:
    """Production times decay at the peak of the line (arXiv:2307.06369).

    Both photons have together the mass of a, and the line is integrated: for a spin of
    0 this is exact up to the width over the mass, 5e-9 at 1e-3/GeV and 1 GeV.
    """

    model: PhotonAlp = PhotonAlp()
    incoming: tuple[str, ...] = ("e-", "e+")
    outgoing: tuple[str, ...] = ("e-", "e+", "gamma1", "gamma2")
    chain: tuple[str, ...] = ("e-", "e+", "gamma1", "gamma2")
    drawn: int = 0

    def masses(self, x: Float[Array, " d"]) -> tuple[tuple[Real, ...], Real]:
        """Outgoing masses [GeV] and weight; nothing is drawn."""
        return (M_E, M_E, 0.0, 0.0), 1.0

    def pair_mass(self, x: Real, low: Real, high: Real) -> tuple[Real, Real]:
        """Mass of a [GeV], and m Gamma / 2 [GeV^2]: its line over the height, / 2 pi.

        The integral of (m Gamma)^2 / ((s - m^2)^2 + (m Gamma)^2) is pi m Gamma.
        """
        mass = jnp.asarray(self.model.mass)
        open_ = (low < mass) & (mass < high)
        area = mass * self.model.width() / 2
        return jnp.clip(mass, low, high), jnp.where(open_, area, 0.0)

    def pole(self, k: FourVector) -> Real:
        """The same for both photons, so that each order counts with 1/2."""
        return 1.0

    def amplitude(
        self, *momenta: FourVector, polarisations: Polarisations = photon
    ) -> tuple[Any, ...]:
        """One event at the peak of the line, without the phase i of the propagator.

        By spin: [e-][e+][outgoing e-][outgoing e+][gamma1][gamma2].
        """
        electron, positron, scattered, other, one, two = momenta
        height = self.model.g_agamma / (self.model.mass * self.model.width())
        made = EeToEeAlp(model=self.model).amplitude(
            electron, positron, scattered, other, one + two
        )
        fields = [
            [
                field(Current(*(Complex(c, 0 * c) for c in eps)), k, 1.0)
                for eps in polarisations(k)
            ]
            for k in (one, two)
        ]
        decays = tuple(
            tuple(a.product(b) * height for b in fields[1]) for a in fields[0]
        )

        def decayed(part: Any) -> Any:
            if isinstance(part, Complex):
                return tuple(tuple(part * b for b in row) for row in decays)
            return tuple(decayed(p) for p in part)

        return tuple(decayed(p) for p in made)
