"""Ways on from every page: where its point is seen best, one's own data, a hand-out."""

from __future__ import annotations

import streamlit as st

from complex_lstm.samples import SAMPLES
from complex_lstm.ui.lesson import is_lesson
from complex_lstm.ui.tour.arriving import PLANTED, PLANTED_WINDOW, open_planted, open_where_it_shows, way_to
from complex_lstm.ui.tour.chapter import Chapter
from complex_lstm.ui.tour.handout import hand_out
from complex_lstm.ui.tour.window import TourWindow
from complex_lstm.ui.uploads import upload_data, upload_model


def show_ways(chapter: Chapter, window: TourWindow) -> None:
    """Draw the ways on."""
    with st.container(horizontal=True, key="tour_ways"):
        if chapter.sample and not _is_shown_best(chapter, window):
            title = SAMPLES[chapter.sample].title
            st.button(f"See it best: {title}", key="tour_best", on_click=open_where_it_shows, args=(chapter.sample,))
        if not is_lesson():
            with st.popover("Use my data here", key="tour_own_data"):
                bring_own()
                st.button("Back to the planted window", key="tour_planted", on_click=open_planted)
        st.download_button(
            "Hand-out (HTML)", lambda: hand_out(window).encode(), "tour.html", "text/html", key="tour_hand_out", on_click="ignore"
        )


def bring_own() -> None:
    """Draw the boxes for a file and a model of one's own; the tour stays at its page."""
    st.markdown("Data, model and window stand in the sidebar: whatever is chosen there, this page shows at once. Or bring your own:")
    upload_data("tour_upload_data")
    upload_model("tour_upload_model")
    way_to("data", "Look at the data and confirm its columns")
    way_to("train", "Train a model on it")
    st.caption("The tour waits at this page: “Guided tour” in the menu, or the link in the sidebar, leads back to it.")


def _is_shown_best(chapter: Chapter, window: TourWindow) -> bool:
    """Return whether the window is where the page's point is seen best; of the planted sample it is a certain one."""
    return window.scene.keys[0] == chapter.sample and (chapter.sample != PLANTED or window.scene.number == PLANTED_WINDOW)
