"""Where the tour stands: its page, its window, and the cell that is looked at.

One's own data and model on the tour, which stays at its page meanwhile.
"""

from __future__ import annotations

import numpy as np
import streamlit as st

from complex_lstm.ui.compute import cache
from complex_lstm.ui.compute.cache import Scene
from complex_lstm.ui.session.messages import plain
from complex_lstm.ui.session.scene import known_cells, open_scene, page, target_of
from complex_lstm.ui.session.state import choose, current, end_page
from complex_lstm.ui.session.uploads import upload_data, upload_model
from complex_lstm.ui.views.tour.boxes import box_number
from complex_lstm.ui.views.tour.canvas import TourView
from complex_lstm.ui.views.tour.chapter import Chapter, Look
from complex_lstm.ui.views.tour.chapters import CHAPTERS
from complex_lstm.ui.views.tour.window import TourWindow


def bring_own() -> None:
    """Draw the boxes for a file and a model of one's own, and the pages that prepare them."""
    upload_data("tour_upload_data")
    upload_model("tour_upload_model")
    st.page_link(page("data"), label="Look at the data and confirm its columns")
    st.page_link(page("train"), label="Train a model on it")
    st.caption("The tour waits at this page: “Guided tour” in the menu, or the link in the sidebar, leads back to it.")


def ask_for_a_model() -> None:
    """Say that the data has no model yet and what to do, and end the run."""
    name = plain(cache.table(current().opened.data).name)
    st.info(
        f"No model is open for {name}. Choose one in the sidebar if it has any, bring a checkpoint, or train a small one on the Train page "
        f"(minutes): there “Use this model” opens it, and page {current().tour.page or 1} of the tour is where you left it.",
        icon="🧠",
    )
    with st.container(border=True, key="tour_own_data"):
        bring_own()
    end_page()


PLANTED = "planted_order"
PLANTED_WINDOW = 121  # of the test part: the model is right, and each failure of the last pages can be seen
NOWHERE = {"box": None, "sheet": None, "row": None, "column": None}


def open_window() -> TourWindow:
    """Return the window of the selection. Where nothing is open the tour starts on a window whose right answer is known."""
    if not current().opened.data:
        open_planted()
        st.rerun()  # the sidebar was drawn before there was anything to choose from
    if not current().opened.model:
        st.button("Take the tour on the planted window meanwhile", key="tour_planted_instead", on_click=open_planted)
        ask_for_a_model()
    return window_of(open_scene())


def window_of(scene: Scene) -> TourWindow:
    """Return what the tour shows of a scene."""
    known = known_cells(scene)
    nobody_knows = np.zeros((0, len(scene.features)), dtype=bool)
    return TourWindow(scene, cache.window_trace(scene.keys, scene.number), target_of(scene), nobody_knows if known is None else known)


def open_planted() -> None:
    """Open the window that the tour starts on."""
    choose(data=PLANTED, model=PLANTED, setup="", window=PLANTED_WINDOW, **NOWHERE)


def open_where_it_shows(sample: str) -> None:
    """Open the sample on which a page's point is seen best; of the planted one the window that the tour starts on."""
    choose(data=sample, model=sample, setup="", window=PLANTED_WINDOW if sample == PLANTED else None, **NOWHERE)


def page_number() -> int:
    """Return the page of the tour, from 1: that of the link if there is one by this number."""
    return min(max(current().tour.page or 1, 1), len(CHAPTERS))


def turn_to(number: int) -> None:
    """Go to a page of the tour, and to what it is about."""
    choose(tour=number, **NOWHERE)


def first_view(chapter: Chapter, window: TourWindow, *, ready: bool) -> TourView:
    """Return the cell that a page begins with; the series, where what the page is about is lacking or not yet computed."""
    look = chapter.look(window) if ready else Look("Series")
    return TourView(box_number(window, look.box), look.sheet, look.row, look.column)


def chosen_view(first: TourView) -> TourView:
    """Return the cell that the link asks for, else the page's own."""
    chosen = current().tour
    if chosen.box is None:
        return first
    return TourView(chosen.box, chosen.sheet or 0, chosen.row or 0, chosen.column or 0)


def keep_view(view: TourView, first: TourView) -> None:
    """Take what the picture shows into the selection; a page's own cell needs no place in the link."""
    choose(**(NOWHERE if view == first else vars(view)))
