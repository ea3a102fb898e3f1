"""One input at another value."""

from darkreach.experiments.mu3e import Mu3e
from darkreach.outputs.changes import changed
from darkreach.searches.mu3e_three_tracks_alp import Mu3eThreeTracksAlp


def test_an_inner_value_is_replaced_and_all_else_kept():
    search = Mu3eThreeTracksAlp()
    other = changed(search, "experiment.tracker.layer_thickness", 0.5)
    assert other.experiment.tracker.layer_thickness == 0.5
    assert other.experiment.tracker.radii == search.experiment.tracker.radii
    assert search.experiment == Mu3e()
    back = search.experiment.tracker.layer_thickness
    assert changed(other, "experiment.tracker.layer_thickness", back) == search
