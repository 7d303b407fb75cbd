"""Ways on from every page: one's own data, a lesson for a class, a hand-out, and the whole text as plain reading."""

from __future__ import annotations

import streamlit as st

from complex_lstm.samples import SAMPLES
from complex_lstm.ui.lesson import is_lesson, lesson_link
from complex_lstm.ui.tour.arriving import open_planted, open_where_it_shows, page_number, turn_to, way_to
from complex_lstm.ui.tour.chapter import Chapter, told
from complex_lstm.ui.tour.chapters import CHAPTERS
from complex_lstm.ui.tour.handout import hand_out
from complex_lstm.ui.tour.window import TourWindow


def show_ways(chapter: Chapter, window: TourWindow) -> None:
    """Draw the ways on."""
    with st.container(horizontal=True, key="tour_ways"):
        if chapter.sample and window.scene.keys[0] != chapter.sample:
            title = SAMPLES[chapter.sample].title
            st.button(f"See it best: {title}", key="tour_best", on_click=open_where_it_shows, args=(chapter.sample,))
        if not is_lesson():
            _offer_own_data()
            _offer_lesson()
        st.download_button(
            "Hand-out (HTML)", lambda: hand_out(window).encode(), "tour.html", "text/html", key="tour_hand_out", on_click="ignore"
        )


def _offer_own_data() -> None:
    with st.popover("Use my data here"):
        st.markdown("Data, model and window stand in the sidebar: whatever is chosen there, this page shows at once. Bring your own:")
        way_to("start", "Upload a CSV or a checkpoint")
        way_to("data", "Look at the data and confirm its columns")
        way_to("train", "Train a model on it")
        st.button("Back to the planted window", key="tour_planted", on_click=open_planted)


def _offer_lesson() -> None:
    with st.popover("For a class"):
        st.markdown(
            "This link opens this page of the tour on this window and this cell, without the controls beside it. It works wherever this "
            "installation can be reached; for data and models that were uploaded, only here."
        )
        st.code(lesson_link(), language=None, wrap_lines=True)
        st.markdown("`docs/arithmetic.ipynb` does the tour's arithmetic in a notebook.")


def show_reading(window: TourWindow) -> None:
    """Draw the whole text of the tour as plain reading, with a way to each page."""
    with st.expander("The whole tour as plain reading"):
        for number, chapter in enumerate(CHAPTERS, 1):
            st.markdown(
                f"**{number}. {chapter.title}**  \n{told(chapter.claim, window)}  \n*{told(chapter.task, window)}*  \n${chapter.formula}$"
            )
        st.selectbox(
            "Go to a page",
            range(1, len(CHAPTERS) + 1),
            index=page_number() - 1,
            format_func=lambda number: f"{number}. {CHAPTERS[number - 1].title}",
            key="tour_go_to",
            on_change=_go,
        )


def _go() -> None:
    turn_to(st.session_state["tour_go_to"])
