"""Which inputs of the search for mu -> 3e a at Mu3e are changed, and to what."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from darkreach.experiments.mu3e import phase_2
from darkreach.searches.mu3e_three_tracks_alp import Mu3eThreeTracksAlp
from darkreach.searches.search import Method
from darkreach.units import Hz, MeV


@dataclass(frozen=True, kw_only=True)
class Row:
    """One line of the table.

    Attributes:
        name: what is changed.
        text: its value, with the default in brackets.
        values: by the path of the attribute; events are drawn again.
        sizes: factors of uncertainties by name; events are kept.
        systematics: whether uncertainties are profiled.
        cl: confidence level.
        method: of the limit.
        seed: added to the random seed.
    """

    name: str
    text: str
    values: Mapping[str, Any] = field(default_factory=dict)
    sizes: Mapping[str, float] = field(default_factory=dict)
    systematics: bool = True
    cl: float = 0.95
    method: Method = "CLs"
    seed: int = 0


def _one(path: str, value: Any, text: str) -> Row:
    return Row(name=path.rpartition(".")[2], text=text, values={path: value})


def _size(name: str, factor: float, text: str) -> Row:
    return Row(name=name, text=text, sizes={name: factor})


def _coupling(name: str, c_v: float, c_a: float) -> Row:
    both = {"signal.model.c_v": c_v, "signal.model.c_a": c_a}
    return Row(name="chirality", text=f"{name} (V)", values=both)


_TRACKER: Final = Mu3eThreeTracksAlp().experiment.tracker
_LAYER: Final = _TRACKER.layer_thickness
_WALL: Final = _TRACKER.target_thickness
_BARE: Final = "statistics alone"
ROWS: Final[tuple[Row, ...]] = (
    Row(name="default", text="all uncertainties, CLs 95 %"),
    Row(name=_BARE, text="CLs 95 %", systematics=False),
    Row(name=_BARE, text="1.645 sqrt(B)/S", systematics=False, method="Gaussian"),
    Row(name=_BARE, text="1.282 sqrt(B)/S", systematics=False, method="Gaussian",
        cl=0.9),
    _coupling("A", 0.0, 1.0),
    _coupling("V+A", 1.0, 1.0),
    _coupling("V-A", 1.0, -1.0),
    _size("momentum_scale", 0.0, "0 (1e-4)"),
    _size("momentum_scale", 0.1, "1e-5 (1e-4)"),
    _size("momentum_scale", 10.0, "1e-3 (1e-4)"),
    _size("resolution", 0.25, "0.5 % (2 %)"),
    _size("resolution", 2.5, "5 % (2 %)"),
    _size("background_norm", 3.0, "30 % (10 %)"),
    Row(name="background_slope", text="0 (2 %)",
        sizes={"mass_slope": 0.0, "energy_slope": 0.0, "angle_slope": 0.0}),
    Row(name="background_slope", text="5 % (2 %)",
        sizes={"mass_slope": 2.5, "energy_slope": 2.5, "angle_slope": 2.5}),
    _one("energy_rows", 1, "1 (4)"),
    _one("angle_rows", 1, "1 (4)"),
    _one("experiment.tracker.layer_thickness", 0.5 * _LAYER, "0.058 % (0.115 %)"),
    _one("experiment.tracker.layer_thickness", 2 * _LAYER, "0.23 % (0.115 %)"),
    _one("experiment.tracker.target_thickness", 0.5 * _WALL, "0.015 % (0.03 %)"),
    _one("experiment.tracker.target_thickness", 2 * _WALL, "0.06 % (0.03 %)"),
    _one("experiment.track_reconstruction", 0.9, "0.90 (0.95)"),
    _one("experiment.track_reconstruction", 1.0, "1 (0.95)"),
    _one("experiment.vertex_fit", 0.8, "0.80 (0.95)"),
    _one("experiment.vertex_fit", 1.0, "1 (0.95)"),
    _one("experiment.timing", 1.0, "1 (0.90)"),
    _one("experiment.tracks", "all", "all (long)"),
    _one("experiment.transverse_min", 15 * MeV, "15 MeV (none)"),
    _one("others", False, "none (accidentals, conversions)"),
    _one("experiment.muon_rate", 2e8 * Hz, "2e8/s (1e8/s), same muons"),
    Row(name="experiment", text="phase II (phase I)", values={"experiment": phase_2()}),
    _one("statistics", 2.0, "2 (1)"),
    Row(name="seed", text="another", seed=1),
)  # fmt: skip
