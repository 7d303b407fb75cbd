"""What every page offers below the picture: the sample that shows its point, the page Experiment, the visitor's own data, a hand-out."""

from __future__ import annotations

from functools import partial

import streamlit as st

from complex_lstm.languages import _, spoken
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
from complex_lstm.ui.compute.visitor import as_now
from complex_lstm.ui.interventions.labels import switch_label
from complex_lstm.ui.interventions.link import Switch, as_text
from complex_lstm.ui.session.progress import pressed
from complex_lstm.ui.session.scene import page
from complex_lstm.ui.session.state import choose, current, is_lesson
from complex_lstm.ui.views.tour.canvas import TourView
from complex_lstm.ui.views.tour.chapter import Chapter
from complex_lstm.ui.views.tour.handout import hand_out
from complex_lstm.ui.views.tour.position import PLANTED, PLANTED_WINDOW, open_best_sample, open_planted, upload_own
from complex_lstm.ui.views.tour.sheets import list_boxes
from complex_lstm.ui.views.tour.take_away import fits_one_file, offline_tour
from complex_lstm.ui.views.tour.window import TourWindow

POOLED = (SilencePooled("mean"), SilencePooled("max"), SilencePooled("last"))


def switch_of(window: TourWindow, name: str, view: TourView) -> Switch | None:
    """Return the switch in Experiment for the shown part: a box by its name, and one of its sheets or rows. None if it has none.

    For a convolution stage it is the kernel of the sheet, for attention the head, for the boxes after pooling the row.
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
        case "Ensemble heads":
            return SilenceEnsembleHead(view.row)
    return None


def show_actions(chapter: Chapter, window: TourWindow, view: TourView) -> None:
    """Draw the buttons."""
    with st.container(horizontal=True, key="tour_ways"):
        is_best = window.scene.keys[0] == chapter.sample and (chapter.sample != PLANTED or window.scene.number == PLANTED_WINDOW)
        if chapter.sample and not is_best:
            title = SAMPLES[chapter.sample].title
            st.button(_("See it best: {sample}", sample=title), key="tour_best", on_click=open_best_sample, args=(chapter.sample,))
        if not is_lesson():
            switch = switch_of(window, list_boxes(window)[view.box].name, view)
            label = _("Switch off in Experiment: {switch}", switch=switch_label(switch, window.model.config)) if switch else ""
            if switch and pressed(label, key="tour_bench"):
                choose(focus="switch", off=as_text((switch,)), view="")
                st.switch_page(page("experiment"))
            with st.popover(_("Use my data here"), key="tour_own_data"):
                st.markdown(_("This page shows the data and model chosen in the bar above. Or bring your own:"))
                upload_own()
                st.button(_("Back to the planted window"), key="tour_planted", on_click=open_planted)
        with_answers = () if is_lesson() else ((_("Teacher's hand-out, with answers"), "tour_hand_out", True),)
        for label, key, answers in (*with_answers, (_("Hand-out (HTML)"), "tour_hand_out_bare", False)):
            make = as_now(
                partial(hand_out, window, answers=answers, route=current().tour.route, language=spoken().code)
            )  # only called when it is downloaded
            st.download_button(label, make, "tour.html", "text/html", key=key, on_click="ignore")
        if not is_lesson():
            _offer_offline(window)


def _offer_offline(window: TourWindow) -> None:
    """Draw the button for the tour as one file. In a lesson there is none, because the answers are in it."""
    fits = fits_one_file(window)
    help_ = (
        _(
            "Picture, pages and questions of this window in one HTML file that works offline: for a slide or a learning platform. The "
            "answers are in it, hidden until they are asked for."
        )
        if fits
        else _(
            "This window has {steps:,} steps of {channels} channels: too many for one file. Take a shorter window.",
            steps=window.steps,
            channels=window.channels,
        )
    )
    make = as_now(partial(offline_tour, window, route=current().tour.route, language=spoken().code))
    st.download_button(
        _("Tour to take along (HTML)"),
        make,
        "tour_offline.html",
        "text/html",
        key="tour_offline",
        on_click="ignore",
        disabled=not fits,
        help=help_,
    )
