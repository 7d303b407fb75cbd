"""What is selected in one map of windows is not taken for a selection in the next, which is drawn in the same chart."""

from streamlit.testing.v1 import AppTest

from tests.pages.conftest import PATIENCE


def selected(*runs: tuple[str, list[int]]) -> list[list[int]]:
    """Return what counts as selected in each of several runs, of which the chart reports a map and its selected places."""

    def script(runs: list[tuple[str, list[int]]]) -> None:
        import numpy as np
        import streamlit as st

        from complex_lstm.ui.views.check.window_map import selected_here

        st.session_state["found"] = [selected_here(key, np.array(places, dtype=int)).tolist() for key, places in runs]

    app = AppTest.from_function(script, default_timeout=PATIENCE, kwargs={"runs": list(runs)}).run()
    assert not app.exception
    return list(app.session_state["found"])


def test_a_selection_counts_as_long_as_its_map_is_drawn() -> None:
    assert selected(("a", []), ("a", [3]), ("a", [3]), ("a", [4, 5])) == [[], [3], [3], [4, 5]]


def test_the_selection_of_another_map_is_not_taken_over_and_a_new_one_counts() -> None:
    assert selected(("a", [3]), ("b", [3]), ("b", [3]), ("b", [7]), ("b", [3])) == [[3], [], [], [7], [3]]
    assert selected(("a", [3]), ("b", []), ("b", [3])) == [[3], [], [3]]
