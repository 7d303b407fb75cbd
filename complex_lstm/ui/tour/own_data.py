"""One's own data and model on the tour, which stays at its page meanwhile."""

from __future__ import annotations

import streamlit as st

from complex_lstm.ui import cache
from complex_lstm.ui.messages import plain
from complex_lstm.ui.scene import page
from complex_lstm.ui.state import current, end_page
from complex_lstm.ui.uploads import upload_data, upload_model


def bring_own() -> None:
    """Draw the boxes for a file and a model of one's own, and the pages that prepare them."""
    upload_data("tour_upload_data")
    upload_model("tour_upload_model")
    st.page_link(page("data"), label="Look at the data and confirm its columns")
    st.page_link(page("train"), label="Train a model on it")
    st.caption("The tour waits at this page: “Guided tour” in the menu, or the link in the sidebar, leads back to it.")


def ask_for_a_model() -> None:
    """Say that the data has no model yet and what to do, and end the run."""
    name = plain(cache.table(current().data).name)
    st.info(
        f"No model is open for {name}. Choose one in the sidebar if it has any, bring a checkpoint, or train a small one on the Train page "
        f"(minutes): there “Use this model” opens it, and page {current().tour or 1} of the tour is where you left it.",
        icon="🧠",
    )
    with st.container(border=True, key="tour_own_data"):
        bring_own()
    end_page()
