"""Ways on from every page: where its point is seen best, one's own data, a hand-out.

From a box of the tour to the switch of the bench that takes it away.
"""

from __future__ import annotations

from functools import partial

import streamlit as st

from complex_lstm.model.interventions import (
    DropPositions,
    ForceGate,
    SilenceAttention,
    SilenceEnsembleHead,
    SilenceHead,
    SilencePooled,
    SilenceScale,
    SkipBlock,
)
from complex_lstm.samples import SAMPLES
from complex_lstm.ui.interventions.labels import switch_words
from complex_lstm.ui.interventions.link import Switch, as_text
from complex_lstm.ui.session.lesson_link import is_lesson
from complex_lstm.ui.session.scene import page
from complex_lstm.ui.session.state import choose
from complex_lstm.ui.session.widgets import pressed
from complex_lstm.ui.views.tour.arriving import PLANTED, PLANTED_WINDOW, bring_own, open_planted, open_where_it_shows
from complex_lstm.ui.views.tour.boxes import list_boxes
from complex_lstm.ui.views.tour.canvas import TourView
from complex_lstm.ui.views.tour.chapter import Chapter
from complex_lstm.ui.views.tour.handout import hand_out
from complex_lstm.ui.views.tour.window import TourWindow

POOLED = (SilencePooled("mean"), SilencePooled("max"), SilencePooled("last"))


def switch_of(window: TourWindow, name: str, view: TourView) -> Switch | None:
    """Return the switch for what is looked at: of a box by its name, in one of its sheets or rows. None where there is none.

    Of a convolution stage it is the kernel of the sheet, of attention the head, of the last boxes the row.
    """
    kind, _, number = name.rpartition(" ")
    match kind:
        case "Convolution":
            return SilenceScale(int(number), view.sheet - 1) if view.sheet else None
        case "BiLSTM":
            return SkipBlock(int(number) - 1)
        case "Attention":
            is_head = view.sheet < window.model.config.num_heads
            return SilenceHead(int(number) - 1, view.sheet) if is_head else SilenceAttention(int(number) - 1)
    match name:
        case "+ position":
            return DropPositions()
        case "Fusion gate":
            return ForceGate(0.5)
        case "Mean | max | last":
            return POOLED[view.row]
        case "Three heads":
            return SilenceEnsembleHead(view.row)
    return None


def show_ways(chapter: Chapter, window: TourWindow, view: TourView) -> None:
    """Draw the ways on."""
    with st.container(horizontal=True, key="tour_ways"):
        if chapter.sample and not _is_shown_best(chapter, window):
            title = SAMPLES[chapter.sample].title
            st.button(f"See it best: {title}", key="tour_best", on_click=open_where_it_shows, args=(chapter.sample,))
        if not is_lesson():
            _offer_bench(window, view)
            with st.popover("Use my data here", key="tour_own_data"):
                st.markdown("Whatever is chosen in the sidebar, this page shows at once. Or bring your own:")
                bring_own()
                st.button("Back to the planted window", key="tour_planted", on_click=open_planted)
        _offer_hand_out("Hand-out (HTML)", "tour_hand_out", window, answers=True)
        _offer_hand_out("without the answers", "tour_hand_out_bare", window, answers=False)


def _offer_bench(window: TourWindow, view: TourView) -> None:
    """Draw the way to the bench, with what is looked at switched there."""
    switch = switch_of(window, list_boxes(window)[view.box].name, view)
    if switch and pressed(f"On the bench: {switch_words(switch, window.model.config)}", key="tour_bench"):
        choose(off=as_text((switch,)), view="")
        st.switch_page(page("bench"))


def _offer_hand_out(label: str, key: str, window: TourWindow, *, answers: bool) -> None:
    """Draw the button for a hand-out, which is only made when it is fetched."""
    made = partial(hand_out, window, answers=answers)
    st.download_button(label, lambda: made().encode(), "tour.html", "text/html", key=key, on_click="ignore")


def _is_shown_best(chapter: Chapter, window: TourWindow) -> bool:
    """Return whether the window is where the page's point is seen best; of the planted sample it is a certain one."""
    return window.scene.keys[0] == chapter.sample and (chapter.sample != PLANTED or window.scene.number == PLANTED_WINDOW)
