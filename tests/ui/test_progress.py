"""A click on a button leads to what it says, once."""

from streamlit.testing.v1 import AppTest

from tests.pages.conftest import PATIENCE


def script() -> None:
    import streamlit as st

    from complex_lstm.ui.session.progress import pressed

    if st.session_state.pop("ends", False):
        st.rerun()  # somebody else's: what polls, say
    if pressed("Go", key="go"):
        st.session_state["went"] = st.session_state.get("went", 0) + 1


def test_a_click_whose_run_ends_before_the_button_counts_once() -> None:
    """Streamlit's own answer was lost with that run, and a training that somebody had started never began."""
    app = AppTest.from_function(script, default_timeout=PATIENCE).run()
    app.session_state["ends"] = True

    app.button(key="go").click().run()

    assert app.session_state["went"] == 1 and app.run().session_state["went"] == 1
