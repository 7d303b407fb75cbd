"""Ways on from every page: where its point is seen best, one's own data, a hand-out."""

from __future__ import annotations

import streamlit as st

from complex_lstm.samples import SAMPLES
from complex_lstm.ui.lesson import is_lesson
from complex_lstm.ui.tour.arriving import PLANTED, PLANTED_WINDOW, open_planted, open_where_it_shows
from complex_lstm.ui.tour.chapter import Chapter
from complex_lstm.ui.tour.handout import hand_out
from complex_lstm.ui.tour.own_data import bring_own
from complex_lstm.ui.tour.window import TourWindow


def show_ways(chapter: Chapter, window: TourWindow) -> None:
    """Draw the ways on."""
    with st.container(horizontal=True, key="tour_ways"):
        if chapter.sample and not _is_shown_best(chapter, window):
            title = SAMPLES[chapter.sample].title
            st.button(f"See it best: {title}", key="tour_best", on_click=open_where_it_shows, args=(chapter.sample,))
        if not is_lesson():
            with st.popover("Use my data here", key="tour_own_data"):
                st.markdown("Whatever is chosen in the sidebar, this page shows at once. Or bring your own:")
                bring_own()
                st.button("Back to the planted window", key="tour_planted", on_click=open_planted)
        st.download_button(
            "Hand-out (HTML)", lambda: hand_out(window).encode(), "tour.html", "text/html", key="tour_hand_out", on_click="ignore"
        )


def _is_shown_best(chapter: Chapter, window: TourWindow) -> bool:
    """Return whether the window is where the page's point is seen best; of the planted sample it is a certain one."""
    return window.scene.keys[0] == chapter.sample and (chapter.sample != PLANTED or window.scene.number == PLANTED_WINDOW)
