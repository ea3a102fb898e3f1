"""What `darkreach list` says."""

import pytest

from darkreach.study.catalogue import catalogue, power_counting, use_of


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


def test_searches_are_those_that_can_be_run():
    """A ready object or a class of its own; shared parts are not listed."""
    found = catalogue("searches")
    assert {"twist_mu_e_alp", "belle2_tau_l_alp", "meg2_mu_e_alp_gamma"} <= set(found)
    assert not {"pairs", "positrons", "search", "templates"} & set(found)
    use = "darkreach.searches.twist_mu_e_alp:SEARCH"
    assert use_of("searches", "twist_mu_e_alp") == use
