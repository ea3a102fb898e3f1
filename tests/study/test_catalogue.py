"""What `darkreach list` says."""

import pytest

from darkreach.study.catalogue import catalogue, power_counting


@pytest.mark.parametrize(
    ("dimension", "words"),
    [
        # (c / Lambda^(D - 4))^2 s^(D - 5), the rule of the talk on dark-sector portals
        (4, "dimension 4, sigma ~ s^-1"),
        (5, "dimension 5, sigma ~ s^0 / f^2"),
        (6, "dimension 6, sigma ~ s^1 / f^4"),
    ],
)
def test_power_counting_is_dimensional_analysis(dimension, words):
    assert power_counting(dimension, "f") == words


def test_every_model_says_how_its_rates_grow():
    for about in catalogue("models").values():
        assert "dimension" in about
        assert "sigma ~ s^" in about


def test_targets_are_listed():
    assert {"freeze_in", "photon_lifetime"} <= set(catalogue("targets"))
