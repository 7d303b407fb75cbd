"""A value that a page has replaced and that the browser reports once more is no change by the visitor; any other value is."""

import pytest
from streamlit.testing.v1 import AppTest

from complex_lstm.ui.session import mirrored
from tests.pages.conftest import PATIENCE


def page() -> None:
    import streamlit as st

    from complex_lstm.ui.session.mirrored import mirrored

    def take() -> None:
        st.session_state["chosen"] = st.session_state["number"]

    st.button("Next", key="next", on_click=lambda: st.session_state.update(chosen=st.session_state["chosen"] + 1))
    chosen = st.session_state.setdefault("chosen", 5)
    st.number_input("Number", 0, 100, **mirrored("number", chosen, take))


def chosen_after(value: int) -> tuple[int, int]:
    """Return what is chosen and what the widget shows where the page has gone from 5 to 6 and the browser then reports a value."""
    app = AppTest.from_function(page, default_timeout=PATIENCE).run()
    app.button(key="next").click().run()
    assert app.number_input(key="number").value == 6
    app.number_input(key="number").set_value(value).run()
    assert not app.exception
    return app.session_state["chosen"], app.number_input(key="number").value


@pytest.mark.parametrize(("value", "seconds", "found"), [(5, 1e9, 6), (5, 0.0, 5), (7, 1e9, 7), (0, 1e9, 0)])
def test_only_the_value_before_counts_as_late_and_only_for_a_while(
    monkeypatch: pytest.MonkeyPatch, value: int, seconds: float, found: int
) -> None:
    monkeypatch.setattr(mirrored, "LATE_CLICK", seconds)
    assert chosen_after(value) == (found, found)
