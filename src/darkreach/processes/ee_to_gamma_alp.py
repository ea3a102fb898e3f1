"""e- e+ -> gamma a: a photon radiates an ALP."""

from jaxtyping import Array, Float

from darkreach.algebra.dirac import (
    Bar,
    Complex,
    Current,
    Polarisations,
    Spinor,
    amplitudes,
    antibars,
    photon,
    spinors,
    vector_current,
)
from darkreach.algebra.fields import field
from darkreach.algebra.kinematics import FourVector, Real
from darkreach.constants import E_CHARGE, M_E
from darkreach.models.photon_alp import PhotonAlp
from darkreach.pytree import pytree


@pytree
class EeToGammaAlp:
    """ALP-strahlung: sigma = alpha g^2 (1 - m_a^2/s)^3 / 24 (arXiv:1709.00009)."""

    model: PhotonAlp = PhotonAlp()
    incoming: tuple[str, ...] = ("e-", "e+")
    outgoing: tuple[str, ...] = ("gamma", "alp")
    chain: tuple[str, ...] = ("gamma", "alp")
    drawn: int = 0

    def masses(self, x: Float[Array, " d"]) -> tuple[tuple[Real, ...], Real]:
        """Outgoing masses [GeV] and weight; nothing is drawn."""
        return (0.0, self.model.mass), 1.0

    def amplitude(
        self,
        electron: FourVector,
        positron: FourVector,
        gamma: FourVector,
        alp: FourVector,
        *,
        polarisations: Polarisations = photon,
    ) -> tuple[tuple[tuple[Complex, ...], ...], ...]:
        """One event, by spin: [electron][positron][gamma]."""
        total = electron + positron
        size = E_CHARGE * self.model.g_agamma / total.mass_squared()
        back = FourVector(*(-c for c in gamma))
        radiated = [
            field(Current(*(Complex(c, 0 * c) for c in eps)), back, 1.0)
            for eps in polarisations(gamma)
        ]

        def line(bar: Bar, psi: Spinor) -> tuple[Complex, ...]:
            virtual = field(vector_current(bar, psi), total, size)
            return tuple(virtual.product(one) for one in radiated)

        return amplitudes(line, spinors(electron, M_E), antibars(positron, M_E))
