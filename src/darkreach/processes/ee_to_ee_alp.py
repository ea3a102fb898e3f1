"""e- e+ -> e- e+ a: two photons fuse, or one turns into a and a pair."""

from jaxtyping import Array, Float

from darkreach.algebra.dirac import (
    Complex,
    antibars,
    antispinors,
    bars,
    spinors,
    vector_current,
)
from darkreach.algebra.fields import field
from darkreach.algebra.kinematics import FourVector, Real, transfer_squared
from darkreach.constants import E_CHARGE, M_E
from darkreach.models.photon_alp import PhotonAlp
from darkreach.pytree import pytree


@pytree
class EeToEeAlp:
    """Photon fusion (t-channel) and e- e+ -> gamma* -> a gamma* (s-channel).

    The relative sign is that of the exchange of the incoming positron with the outgoing
    electron, as in Bhabha scattering (arXiv:2307.06369 for the process).
    """

    model: PhotonAlp = PhotonAlp()
    incoming: tuple[str, ...] = ("e-", "e+")
    outgoing: tuple[str, ...] = ("e-", "e+", "alp")
    chain: tuple[str, ...] = ("alp", "e-", "e+")
    channels: tuple[str, ...] = ("peripheral", "annihilation")
    drawn: int = 0

    def masses(self, x: Float[Array, " d"]) -> tuple[tuple[Real, ...], Real]:
        """Outgoing masses [GeV] and weight; nothing is drawn."""
        return (M_E, M_E, self.model.mass), 1.0

    def poles(self, *p: FourVector) -> tuple[Real, ...]:
        """Size of each channel: 1 / (t t') and 1 / (s s') [GeV^-4]."""
        t, other, s, pair = _virtualities(p)
        return 1 / (t * other), 1 / (s * pair)

    def amplitude(
        self,
        electron: FourVector,
        positron: FourVector,
        scattered: FourVector,
        other: FourVector,
        alp: FourVector,
        *,
        fusion: float = 1.0,
        annihilation: float = 1.0,
    ) -> tuple[tuple[tuple[tuple[Complex, ...], ...], ...], ...]:
        """One event, by spin: [electron][positron][scattered electron][positron].

        Args:
            electron: incoming [GeV].
            positron: incoming [GeV].
            scattered: outgoing electron [GeV].
            other: outgoing positron [GeV].
            alp: a [GeV].
            fusion: 0 leaves the t-channel out.
            annihilation: 0 leaves the s-channel out.
        """
        t, u, s, pair = _virtualities((electron, positron, scattered, other))
        size = E_CHARGE**2 * self.model.g_agamma
        lost, taken = electron - scattered, positron - other
        total, made = electron + positron, scattered + other
        left = FourVector(*(-c for c in made))
        u_in, vbar_in = spinors(electron, M_E), antibars(positron, M_E)
        ubar_out, v_out = bars(scattered, M_E), antispinors(other, M_E)
        first = [
            [field(vector_current(b, a), lost, size * fusion / t) for b in ubar_out]
            for a in u_in
        ]
        second = [
            [field(vector_current(b, a), taken, 1 / u) for a in v_out] for b in vbar_in
        ]
        whole = [
            [
                field(vector_current(b, a), total, -size * annihilation / s)
                for b in vbar_in
            ]
            for a in u_in
        ]
        half = [
            [field(vector_current(b, a), left, 1 / pair) for a in v_out]
            for b in ubar_out
        ]
        spins = range(2)
        return tuple(
            tuple(
                tuple(
                    tuple(
                        first[a][c].product(second[b][d])
                        + whole[a][b].product(half[c][d])
                        for d in spins
                    )
                    for c in spins
                )
                for b in spins
            )
            for a in spins
        )


def _virtualities(p: tuple[FourVector, ...]) -> tuple[Real, Real, Real, Real]:
    """t of the electron, of the positron, s, and the pair's mass squared [GeV^2]."""
    electron, positron, scattered, other = p[:4]
    t = transfer_squared(electron, scattered, mass=M_E)
    u = transfer_squared(positron, other, mass=M_E)
    s = (electron + positron).mass_squared()
    pair = 4 * M_E**2 - transfer_squared(scattered, other, mass=M_E)
    return t, u, s, pair
