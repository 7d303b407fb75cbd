"""From all windows to those that are listed: the same one where it is listed, else the nearest of its series."""

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from complex_lstm.ui.compute import cache
from complex_lstm.ui.compute.scene import Scene
from complex_lstm.ui.session.listing import how_many, nearest_listed, place_of, unthinned

FULL = cache.all_windows(("nyc_weather", "nyc_weather", "", 0))
LISTED = ("nyc_weather", "nyc_weather", "", 100)


def test_a_listed_window_is_itself_in_both_lists() -> None:
    full, listed = cache.dataset(*FULL).windows, cache.dataset(*LISTED).windows
    every = np.arange(len(full))

    for number in (0, len(listed) // 2, len(listed) - 1):
        place = place_of(full, every, listed, number)
        assert place is not None
        assert nearest_listed(full, np.array([place]), listed)[0].tolist() == [number]
        assert full.series[place] == listed.series[number] and full.start[place] == listed.start[number]


def test_one_that_is_not_listed_leads_to_the_nearest_of_its_series() -> None:
    full, listed = cache.dataset(*FULL).windows, cache.dataset(*LISTED).windows
    every = np.arange(len(full))

    nearest, same = nearest_listed(full, every, listed)

    assert same.sum() == len(listed)
    assert (full.series[every] == listed.series[nearest]).all()
    for window in range(0, len(full), 997):
        own = listed.series == full.series[window]
        apart = abs(int(listed.start[nearest[window]]) - int(full.start[window]))
        assert apart == np.abs(listed.start[own] - full.start[window]).min()


@pytest.mark.parametrize(("step", "expected"), [(0, 0), (49, 0), (50, 0), (51, 100), (100, 100)])
def test_of_two_as_near_the_earlier_is_taken(step: int, expected: int) -> None:
    full, listed = cache.dataset(*FULL).windows, cache.dataset(*LISTED).windows
    (window,) = np.nonzero((full.series == 0) & (full.start == step))[0]

    nearest, same = nearest_listed(full, np.array([window]), listed)

    assert listed.start[nearest[0]] == expected and same[0] == (step == expected)


def test_nothing_is_asked_and_nothing_is_found() -> None:
    full, listed = cache.dataset(*FULL).windows, cache.dataset(*LISTED).windows

    nearest, same = nearest_listed(full, np.zeros(0, dtype=int), listed)

    assert len(nearest) == len(same) == 0
    assert place_of(full, np.zeros(0, dtype=int), listed, 3) is None


def test_a_thinned_list_is_left_for_every_window_of_the_models_own_stride_and_the_open_one_stays() -> None:
    """Views over all windows took only those that the Data page listed."""
    thinned = Scene(LISTED, cache.dataset(*LISTED), cache.checkpoint("nyc_weather"), 7)

    whole = unthinned(thinned)

    assert len(whole.dataset.windows) == len(cache.dataset(*FULL).windows) > 10 * len(thinned.dataset.windows)
    assert whole.steps == thinned.steps and whole.series.name == thinned.series.name
    assert unthinned(whole) is whole


def test_a_caption_says_all_or_how_many_of_how_many() -> None:
    assert how_many(96, 96, "the test part") == "all 96 of the test part"
    assert how_many(50, 1960, "the test part") == "50 of the test part, evenly spread among 1,960"


@pytest.mark.parametrize(
    ("total", "offered", "drawn"),
    [(3000, "", 3000), (3001, "Draw all 3,001 windows", 3001), (80_000, "Draw 50,000 of the 80,000 windows, as many", 50_000)],
)
def test_a_figure_draws_some_windows_until_all_that_a_browser_takes_are_wanted(total: int, offered: str, drawn: int) -> None:
    def script(total: int) -> None:
        import streamlit as st

        from complex_lstm.ui.session.listing import most_drawn

        st.session_state["seen"] = most_drawn(total, 3000, "figure", points=2)

    app = AppTest.from_function(script, kwargs={"total": total}).run()
    assert app.session_state["seen"] == min(total, 3000) and len(app.toggle) == bool(offered)

    if offered:
        assert app.toggle(key="figure_all").label.startswith(offered)
        app.toggle(key="figure_all").set_value(True).run()
    assert not app.exception and app.session_state["seen"] == drawn
