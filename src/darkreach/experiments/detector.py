"""Parts of a detector: functions of one event, or of flat arrays of events."""

import math

from typing import Final

import jax
import jax.numpy as jnp

from jaxtyping import Array, Bool, Float

from darkreach.algebra.kinematics import FourVector, Real
from darkreach.constants import ALPHA, HBAR_C, M_E

Scalar = float | Float[Array, ""]

CLASSICAL_RADIUS: Final = ALPHA * HBAR_C / M_E  # of the electron [mm]


def turn_on(energy: Real, *, threshold: Scalar, width: Real) -> Float[Array, "..."]:
    """Probability to pass a threshold with Gaussian resolution: 1/2 in the middle.

    Args:
        energy: true energy [GeV].
        threshold: where half of the particles pass [GeV].
        width: Gaussian resolution of the threshold [GeV].
    """
    return 0.5 * (1 + jax.lax.erf((energy - threshold) / (math.sqrt(2) * width)))


def inside(
    p: FourVector, *, abs_cos: Scalar, azimuth: Scalar, half_width: Scalar
) -> Bool[Array, "..."]:
    """Whether a momentum points into a window in cos(theta) and azimuth.

    Args:
        p: momenta [GeV].
        abs_cos: largest |cos(theta)|.
        azimuth: centre of the window [rad].
        half_width: half its width [rad].
    """
    transverse = p.x * p.x + p.y * p.y
    along = p.x * jnp.cos(azimuth) + p.y * jnp.sin(azimuth)
    central = jnp.abs(p.z) <= abs_cos * p.momentum()
    return central & (along >= jnp.cos(half_width) * jnp.sqrt(transverse))


def smeared(
    p: FourVector,
    errors: Float[Array, "3 ..."],
    *,
    momentum: Real,
    theta: Real,
    phi: Real,
    mass: Scalar,
) -> FourVector:
    """A momentum with errors on |p| and on two angles.

    Both angular errors are applied across the direction of flight, in the plane tangent
    to it (exact to the third power of the error), so that the azimuthal one means the
    same at every polar angle.

    Args:
        p: true momentum [GeV].
        errors: of |p|, the polar and the azimuthal angle, in units of the resolution.
        momentum: resolution of |p| [GeV].
        theta: polar resolution [rad].
        phi: azimuthal resolution [rad].
        mass: of the particle [GeV]; sets the energy of the result.
    """
    across = jnp.maximum(jnp.sqrt(p.x * p.x + p.y * p.y), 1e-12 * p.e)
    length = jnp.sqrt(across * across + p.z * p.z)
    c, s = p.x / across, p.y / across  # of the azimuth
    cos, sin = p.z / length, across / length
    tilt, turn = theta * errors[1], phi * errors[2]
    outward = sin + tilt * cos
    new_length = jnp.maximum(length + momentum * errors[0], 0.0)
    scale = new_length / jnp.sqrt(1 + tilt * tilt + turn * turn)
    return FourVector(
        jnp.sqrt(new_length**2 + mass**2),
        scale * (c * outward - turn * s),
        scale * (s * outward + turn * c),
        scale * (cos - tilt * sin),
    )


def opening_angle(a: FourVector, b: FourVector) -> Float[Array, "..."]:
    """Angle between two momenta [rad]; precise near 0 and pi."""
    x, y, z = a.y * b.z - a.z * b.y, a.z * b.x - a.x * b.z, a.x * b.y - a.y * b.x
    return jnp.arctan2(jnp.sqrt(x * x + y * y + z * z), a.dot3(b))


def annihilation_density(energy: Real, photon: Real) -> Float[Array, "..."]:
    """d sigma / d k of e+ e- -> gamma gamma on an electron at rest [mm^2 / GeV].

    For either photon: k runs over the full range, so that the integral is twice the
    cross section. Heitler, The Quantum Theory of Radiation (1954), section 27; the form
    of GEANT 3.21, PHYS350-351. Zero outside the kinematic limits.

    Args:
        energy: total energy of the positron in flight [GeV].
        photon: energy k of one photon [GeV].
    """
    gamma = energy / M_E
    total = gamma + 1
    fraction = photon / (energy + M_E)
    slope = jnp.sqrt(jnp.maximum(gamma**2 - 1, 1e-12))
    lowest = 1 / (total + slope)
    allowed = (fraction > lowest) & (fraction < 1 - lowest)
    safe = jnp.where(allowed, fraction, 0.5)
    norm = math.pi * CLASSICAL_RADIUS**2 / (total * (gamma - 1))
    shape = total + 2 * gamma / total

    def side(x: Array) -> Array:
        return -1 + shape / x - 1 / x**2

    value = norm * (side(total * safe) + side(total * (1 - safe)))
    return jnp.where(allowed, value / M_E, 0.0)


def annihilation_cos(energy: Real, photon: Real) -> Float[Array, "..."]:
    """Cosine between the positron and an annihilation photon of energy k.

    From four-momentum conservation, (p + q - k)^2 = 0 with the electron q at rest.
    """
    momentum = jnp.sqrt(jnp.maximum(energy**2 - M_E**2, 1e-12 * M_E**2))
    cos = (energy + M_E - M_E * (energy + M_E) / photon) / momentum
    return jnp.clip(cos, -1.0, 1.0)


def annihilation_end(energy: Real) -> Real:
    """Largest photon energy [GeV] of an annihilation in flight; about E + m_e/2."""
    gamma = energy / M_E
    lowest = 1 / (gamma + 1 + jnp.sqrt(jnp.maximum(gamma**2 - 1, 1e-12)))
    return (energy + M_E) * (1 - lowest)


def bremsstrahlung_density(energy: Real, photon: Real) -> Float[Array, "..."]:
    """Photons of energy k per energy and radiation length [1 / GeV].

    (4/3 - 4/3 y + y^2) / k with y = k / E: complete screening, PDG 2024, Passage of
    Particles Through Matter, eq. (34.30). Zero above the kinetic energy.

    Args:
        energy: total energy of the positron [GeV].
        photon: energy k of the photon [GeV].
    """
    y = photon / energy
    value = (4 / 3 * (1 - y) + y * y) / photon
    return jnp.where(photon < energy - M_E, value, 0.0)


def double_cone(
    p: FourVector,
    x: Float[Array, "3 n"],
    *,
    radius: Scalar,
    length: Scalar,
    thickness: Real,
) -> tuple[Real, Real, Real]:
    """Where straight tracks cross the foil of a double cone: at birth, and once more.

    Tracks are born uniformly on the area of the foil; the body is convex, so that the
    line of each crosses it at one other point. Grazing incidence ends where the
    curvature of the foil ends it, at the path sqrt(8 radius thickness).

    Args:
        p: directions.
        x: unit-cube coordinates of the point of birth.
        radius: in the middle, z = 0 [mm].
        length: from tip to tip along z [mm].
        thickness: of the foil [mm].

    Returns:
        1/|cos| of the angle to the normal at birth and at the other crossing, and the
        path to the latter [mm], negative if it lies behind.
    """
    half, size = length / 2, p.momentum()
    k = radius / half
    dx, dy, dz = p.x / size, p.y / size, p.z / size
    r, side = radius * jnp.sqrt(x[0]), jnp.where(x[1] < 0.5, -1.0, 1.0)
    px, py = r * jnp.cos(2 * math.pi * x[2]), r * jnp.sin(2 * math.pi * x[2])
    pz = side * (half - r / k)

    def slope(path: Real, cone: Real) -> tuple[Real, Real]:
        """Half the derivative along the track of x^2 + y^2 - (k depth)^2; depth."""
        depth = half - cone * (pz + path * dz)
        transverse = (px + path * dx) * dx + (py + path * dy) * dy
        return transverse + k * k * depth * cone * dz, depth

    def inverse_cos(path: Real, cone: Real) -> Array:
        along, depth = slope(path, cone)
        hit = (depth > 0) & (depth < half)
        norm = k * jnp.sqrt(1 + k * k) * jnp.where(hit, depth, half)
        inverse = norm / jnp.maximum(jnp.abs(along), 1e-12 * norm)
        steepest = jnp.sqrt(8 * radius / thickness)
        return jnp.where(hit, jnp.minimum(inverse, steepest), 0.0)

    birth = jnp.zeros_like(r)
    own, _ = slope(birth, side)
    far, depth = slope(birth, -side)
    a = dx * dx + dy * dy - k * k * dz * dz
    root = far * far - a * (r * r - k * k * depth * depth)
    width = jnp.sqrt(jnp.maximum(root, 0.0))
    paths = jnp.stack([-2 * own / a, (-far - width) / a, (-far + width) / a])
    opposite = [jnp.where(root > 0, inverse_cos(s, -side), 0.0) for s in paths[1:]]
    other = jnp.stack([inverse_cos(paths[0], side), *opposite])
    path = jnp.where(other > 0, paths, 0.0).sum(axis=0)
    return inverse_cos(birth, side), other.sum(axis=0), path


def bhabha_density(energy: Real, electron: Real) -> Float[Array, "..."]:
    """d sigma / d E of e+ e- -> e+ e- on an electron at rest [mm^2 / GeV].

    Bhabha, Proc. Roy. Soc. A 154, 195 (1936), in the form of EGS and Geant4. Diverges
    for electrons at rest; zero outside the kinematic limits.

    Args:
        energy: total energy of the positron in flight [GeV].
        electron: total energy of the electron that is knocked out [GeV].
    """
    gamma = energy / M_E
    share = (electron - M_E) / (energy - M_E)
    allowed = (share > 0) & (share <= 1)
    x = jnp.where(allowed, share, 0.5)
    y = 1 / (gamma + 1)
    lowered = 1 - 2 * y
    b4 = lowered**3
    b3, b2, b1 = b4 + lowered**2, lowered * (3 + y * y), 2 - y * y
    rutherford = gamma**2 / (gamma**2 - 1) / x**2
    shape = rutherford - b1 / x + b2 - b3 * x + b4 * x * x
    norm = 2 * math.pi * CLASSICAL_RADIUS**2 / ((gamma - 1) ** 2 * M_E)
    return jnp.where(allowed, norm * shape, 0.0)


def bhabha_cos(energy: Real, outgoing: Real) -> Float[Array, "..."]:
    """Cosine between a positron and what it scatters into, on an electron at rest.

    From four-momentum conservation; the same for the positron and the electron.

    Args:
        energy: total energy of the positron in flight [GeV].
        outgoing: total energy of either outgoing particle [GeV].
    """
    kinetic = jnp.maximum(outgoing - M_E, 0.0)
    squared = (energy + M_E) / (energy - M_E) * kinetic / (kinetic + 2 * M_E)
    return jnp.sqrt(jnp.clip(squared, 0.0, 1.0))


def pair_density(
    photon: Real, positron: Real, *, charge: Scalar
) -> Float[Array, "..."]:
    """Positrons of energy E per energy and radiation length of a photon [1 / GeV].

    (1 - 4/3 x (1 - x)) / k with x = E / k is complete screening, PDG 2024, Passage of
    Particles Through Matter, section 34.4.5 [number recalled], whose integral is 7/9.
    Its logarithm is that of Butcher and Messel for incomplete screening (Nucl. Phys.
    20, 15 (1960), as in EGS and Geant4) [recalled]: 0.6 of it at 30 MeV in carbon.

    Args:
        photon: energy k of the photon [GeV].
        positron: total energy E of the positron [GeV].
        charge: atomic number of the matter.
    """
    x = positron / photon
    allowed = (x > 0) & (x < 1)
    both = jnp.where(allowed, x * (1 - x), 0.25)
    d = 136 / charge ** (1 / 3) * M_E / (photon * both)
    near = 20.867 - 3.242 * d + 0.625 * d * d
    phi = jnp.where(d < 1, near, 21.12 - 4.184 * jnp.log(d + 0.952))
    charges = 4 / 3 * jnp.log(charge)
    screened = jnp.maximum((phi - charges) / (20.867 - charges), 0.0)
    return jnp.where(allowed, screened * (1 - 4 / 3 * both) / photon, 0.0)


def mass_squared_variance(
    q: FourVector, p: FourVector, *, momentum: Real, theta: Real, phi: Real
) -> Float[Array, "..."]:
    """What the errors of one momentum do to the square of an invariant mass [GeV^4].

    To first order, with the errors as in `smeared`. It is the same for the missing mass
    of q = P - sum(p) and for the mass of q = sum(p): the sign of p in q is squared.

    Args:
        q: four-vector whose mass it is [GeV].
        p: momentum of the particle, part of q or missing from it [GeV].
        momentum: resolution of |p| [GeV].
        theta: polar resolution [rad].
        phi: azimuthal resolution, across the direction of flight [rad].
    """
    across = jnp.maximum(jnp.sqrt(p.x * p.x + p.y * p.y), 1e-12 * p.e)
    length = jnp.sqrt(across * across + p.z * p.z)
    flight = q.e * length / p.e - q.dot3(p) / length
    outward = (q.x * p.x + q.y * p.y) / across
    tilt = outward * p.z - q.z * across
    turn = (q.y * p.x - q.x * p.y) * length / across
    return 4 * ((flight * momentum) ** 2 + (tilt * theta) ** 2 + (turn * phi) ** 2)
