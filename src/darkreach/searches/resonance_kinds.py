"""How many signal events tell one kind of resonance from another."""

from typing import Final, NamedTuple

import numpy as np

from jaxtyping import Float
from scipy import optimize

from darkreach.experiments.mu3e import Mu3e
from darkreach.models.lepton_scalar import LeptonScalar
from darkreach.models.lepton_vector import LeptonVector
from darkreach.processes.emission import Resonance
from darkreach.searches.resonance_angles import background_square, signal_square
from darkreach.searches.resonance_cells import FEWEST, cells_between, log_ratio
from darkreach.searches.resonance_samples import Host, Sample

DECAY: Final = 1e-4  # to electrons, next to a coupling to muons of 1
KINDS: Final[dict[str, Resonance]] = {
    "V": LeptonVector(g_v_e=1.0, g_v_mu=1.0),
    "A": LeptonVector(g_a_e=1.0, g_a_mu=1.0),
    "S(e)": LeptonScalar(g_s_e=1.0),
    "P(e)": LeptonScalar(g_p_e=1.0),
    "S(mu)": LeptonScalar(g_s_mu=1.0, g_s_e=DECAY),
    "P(mu)": LeptonScalar(g_p_mu=1.0, g_p_e=DECAY),
}
SHAPE: Final = (8, 6)  # bins of the ratio of two signals, and of one to the background
MOST: Final = 1e9  # signal events that no experiment will have


def events_to_tell(
    background: Host, one: Host, other: Host, *, deviations: float = 2.0
) -> float:
    """Signal events of kind `one` at which kind `other` is excluded; inf if never.

    Median of the likelihood ratio, from Asimov data, with the strength of the other
    kind free and the background known (Cowan et al., arXiv:1007.1727).

    Args:
        background: expected events in the cells.
        one: shares of the true kind in the cells.
        other: shares of the kind to be excluded.
        deviations: standard deviations of the exclusion.
    """

    def excess(log_events: float) -> float:
        data = background + np.exp(log_events) * one

        def distance(factor: float) -> float:
            expected = background + factor * np.exp(log_events) * other
            ok = expected > 0
            wrong = data[~ok].sum()
            d, e = data[ok], expected[ok]
            logs = np.where(d > 0, d * np.log(np.where(d > 0, d, 1.0) / e), 0.0)
            return float(2 * (e - d + logs).sum() + 1e3 * wrong)

        found = optimize.minimize_scalar(distance, bounds=(0, 10), method="bounded")
        return float(found.fun) - deviations**2

    low, high = np.log(0.1), np.log(MOST)
    if excess(high) < 0:
        return float("inf")
    if excess(low) > 0:
        return float(np.exp(low))
    return float(np.exp(optimize.brentq(excess, low, high, xtol=1e-4)))


class Squares(NamedTuple):
    """Candidates at the peak: weights and squared amplitudes by kind.

    Attributes:
        weight: of each event.
        background: |M|^2 of the background.
        signal: |M|^2 of each kind of signal, up to one factor a kind.
    """

    weight: Host
    background: Host
    signal: dict[str, Host]


def squares(
    sample: Sample, *, resolution: float, experiment: Mu3e, kinds: dict[str, Resonance]
) -> Squares:
    """Squared amplitudes of all kinds for the candidates at the peak.

    Args:
        sample: candidates.
        resolution: of the mass [GeV].
        experiment: its beam has the polarisation.
        kinds: models of the signals, by name.
    """
    spin = experiment.beam().polarisation
    core = sample.kept(sample.peak(resolution))
    return Squares(
        core.weight,
        background_square(core.tracks, polarisation=spin),
        {
            name: signal_square(
                model, core.tracks, polarisation=spin, width=2 * resolution
            )
            for name, model in kinds.items()
        },
    )


def separation(
    background: Squares, signals: dict[str, Squares], *, deviations: float = 2.0
) -> dict[tuple[str, str], float]:
    """Signal events at the peak at which (true kind, other kind) are told apart.

    Cells are bins of the ratio of both signals and of the true one to the background:
    exact squared amplitudes at reconstructed momenta.

    Args:
        background: in the run; its weights are events.
        signals: samples of each kind.
        deviations: standard deviations of the exclusion of the other kind.
    """
    found = {}
    for true, one in signals.items():
        for other in signals:
            if true != other:
                found[true, other] = events_to_tell(
                    *_shares(background, one, true, other), deviations=deviations
                )
    return found


def _shares(
    background: Squares, one: Squares, true: str, other: str
) -> tuple[Host, Host, Host]:
    """Background, the true kind and the other one in cells where all are known.

    The other kind is the true one's sample with other weights: two samples would differ
    by chance where two kinds do not.
    """

    def observables(s: Squares) -> Float[np.ndarray, "2 _"]:
        ratios = [
            log_ratio(s.signal[true], below)
            for below in (s.signal[other], s.background)
        ]
        rows: np.ndarray = np.clip(np.stack(ratios), -1e3, 1e3)
        return rows

    good = (one.signal[true] > 0) & (one.signal[other] > 0)
    quotient = one.signal[other] / np.where(good, one.signal[true], 1.0)
    weights = [np.where(good, w, 0.0) for w in (one.weight, one.weight * quotient)]
    values = observables(one)
    cells = cells_between((values, weights[0]), (values, weights[1]), shape=SHAPE)

    def filled(v: Float[np.ndarray, "2 _"], weight: Host) -> Host:
        return np.bincount(cells.place(v), weight, cells.number())

    below = observables(background)
    counts = filled(below, background.weight)
    squares_of = filled(below, background.weight**2)
    known = counts**2 > FEWEST * squares_of
    first, second = (filled(values, w)[known] / w.sum() for w in weights)
    return counts[known], first, second
