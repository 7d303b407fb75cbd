"""Where the visitor is on the tour: the window, the page, and the cell that is shown; and how to open other data there."""

from __future__ import annotations

import math

import numpy as np
import streamlit as st

from complex_lstm.model.network import MOST_HELD_STEPS
from complex_lstm.ui.compute import cache
from complex_lstm.ui.compute.scene import Scene
from complex_lstm.ui.explaining.request import chosen
from complex_lstm.ui.session.messages import plain
from complex_lstm.ui.session.scene import end_unreadable, known_cells, open_scene, page, show_misfit
from complex_lstm.ui.session.state import choose, current, end_page
from complex_lstm.ui.session.uploads import upload_data, upload_model
from complex_lstm.ui.views.tour.canvas import TourView
from complex_lstm.ui.views.tour.chapter import Chapter, StartCell
from complex_lstm.ui.views.tour.chapters import CHAPTERS
from complex_lstm.ui.views.tour.sheets import list_boxes
from complex_lstm.ui.views.tour.window import TourWindow

PLANTED = "planted_order"
PLANTED_WINDOW = 121  # of the test part: the model is right, and each failure of the last pages can be seen
MOST_SHEET_VALUES, SHEETS = 2_000_000, 10  # values of the box that is open, 8 MB; sheets of a BiLSTM block
NOWHERE = {"box": None, "sheet": None, "row": None, "column": None}


def open_window() -> TourWindow:
    """Return the window of the selection. Where nothing is open the tour starts on a window whose right answer is known.

    Data without a model ends the page after the choices that the visitor has.
    """
    if not current().opened.data:
        open_planted()
        st.rerun()  # the bar was drawn before there was anything to choose from
    opened = current().opened
    if not cache.is_readable(opened.data) or not opened.model or not cache.fits(opened.data, opened.model, opened.setup):
        st.button("Take the tour on the planted window instead", key="tour_planted_instead", on_click=open_planted)
        _request_model()
    scene = open_scene()
    if words := _too_long(scene):
        st.info(words, icon="📏")
        st.button("Take the tour on the planted window instead", key="tour_planted_for_long", on_click=open_planted)
        end_page()
    return window_of(scene)


def _too_long(scene: Scene) -> str:
    """Return that a window has too many steps for the tour's sheets, "" where it has not."""
    config = scene.model.config
    of_heads, of_states = math.isqrt(MOST_SHEET_VALUES // config.num_heads), MOST_SHEET_VALUES // (SHEETS * config.hidden_dim)
    most = min(MOST_HELD_STEPS, of_heads, of_states)
    steps = len(scene.times)
    if steps <= most:
        return ""
    return (
        f"The tour shows every value of a window, and recomputes any of them: with this model that goes up to {most:,} steps, and this "
        f"window has {steps:,}. Explain, Experiment and Check take it."
    )


def window_of(scene: Scene) -> TourWindow:
    """Return a scene's window as the tour shows it."""
    known = known_cells(scene)
    unknown = np.zeros((0, len(scene.features)), dtype=bool)
    return TourWindow(scene, cache.window_trace(scene.keys, scene.number), chosen(scene), unknown if known is None else known)


def _request_model() -> None:
    """Say that the data has no model that fits and what to do, and end the page."""
    if not cache.is_readable(current().opened.data):
        with st.container(border=True, key="tour_own_data"):
            upload_own()
        end_unreadable(current())
    name = plain(cache.table(current().opened.data).name)
    st.info(
        f"No model that fits {name} is open. Choose one in the bar above, load a checkpoint, or train a small one on the Train page "
        f"(it takes minutes). There “Use this model” opens it, and the bar leads back to page {current().tour.page or 1} of the tour.",
        icon="🧠",
    )
    if current().opened.model:
        show_misfit(current())
    with st.container(border=True, key="tour_own_data"):
        upload_own()
    end_page()


def upload_own() -> None:
    """Draw the uploads for the visitor's own file and model, and the links to the pages that prepare them."""
    upload_data("tour_upload_data")
    upload_model("tour_upload_model")
    st.page_link(page("data"), label="Check the data and its columns")
    st.page_link(page("train"), label="Train a model on it")
    st.caption("The tour stays at this page: “Guided tour” in the menu, or the link in the bar, leads back to it.")


def open_planted() -> None:
    """Open the window that the tour starts on."""
    choose(data=PLANTED, model=PLANTED, setup="", window=PLANTED_WINDOW, **NOWHERE)


def open_best_sample(sample: str) -> None:
    """Open the sample that shows a page's point best; of the planted one the window that the tour starts on."""
    choose(data=sample, model=sample, setup="", window=PLANTED_WINDOW if sample == PLANTED else None, **NOWHERE)


def page_number() -> int:
    """Return the page of the tour, from 1; a number in the link that does not exist becomes the nearest."""
    return min(max(current().tour.page or 1, 1), len(CHAPTERS))


def turn_to(number: int) -> None:
    """Go to a page of the tour, and to the cell that it starts with."""
    choose(tour=number, **NOWHERE)


def first_view(chapter: Chapter, window: TourWindow, *, ready: bool) -> TourView:
    """Return the cell that a page starts with; the series, where what the page needs is missing or not yet computed."""
    start = chapter.start(window) if ready else StartCell("Series")
    number = [box.name for box in list_boxes(window)].index(start.box)
    return TourView(number, start.sheet, start.row, start.column)


def chosen_view(first: TourView) -> TourView:
    """Return the cell that the link names, else the one that the page starts with."""
    chosen = current().tour
    if chosen.box is None:
        return first
    return TourView(chosen.box, chosen.sheet or 0, chosen.row or 0, chosen.column or 0)


def keep_view(view: TourView, first: TourView) -> None:
    """Keep in the selection what the picture shows; the cell that the page starts with needs no place in the link."""
    choose(**(NOWHERE if view == first else vars(view)))
