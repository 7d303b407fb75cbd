"""Guided tour: the whole model in one picture of real numbers, page by page through its architecture."""

import streamlit as st

from complex_lstm.languages import _
from complex_lstm.ui.session.figures import file_name
from complex_lstm.ui.session.messages import caption, reading
from complex_lstm.ui.session.scene import describe_window
from complex_lstm.ui.session.state import current
from complex_lstm.ui.views.tour.actions import show_actions
from complex_lstm.ui.views.tour.arithmetic import derive_cell
from complex_lstm.ui.views.tour.canvas import tour_canvas
from complex_lstm.ui.views.tour.chapters import CHAPTERS
from complex_lstm.ui.views.tour.following import show_origins
from complex_lstm.ui.views.tour.handout import show_plain_text
from complex_lstm.ui.views.tour.page_parts import (
    STYLE,
    show_arithmetic,
    show_chapter,
    show_exhibits,
    show_formula_and_code,
    show_navigation,
    show_progress,
    show_slide,
    start_evidence,
)
from complex_lstm.ui.views.tour.position import chosen_view, first_view, keep_view, open_window, page_number
from complex_lstm.ui.views.tour.predictions import keep_predictions
from complex_lstm.ui.views.tour.questions import answer_outlines, is_veiled, show_pick
from complex_lstm.ui.views.tour.routes import choose_language, choose_route

window = open_window()
chapter = CHAPTERS[page_number() - 1]
start_evidence(chapter, window)
ready = chapter.is_ready(window)
first = first_view(chapter, window, ready=ready)

if current().present:
    show_slide(chapter, window)
    picture = st.container()
else:
    words, picture = st.columns([3, 5], gap="small")
    st.html(STYLE)
    with words, st.container(key="tour_words", gap="small"):
        beside = show_navigation()
        choose_language()
        choose_route()
        answer = show_chapter(chapter, window, ready=ready)
        show_progress(beside, window)
veiled = is_veiled(chapter, window, ready=ready)
with picture, st.container(key="view-tour"):
    st.html('<div id="picture" tabindex="-1"></div>')  # where the link at the head of the page leads
    name = file_name("tour", window.scene.number)
    outlines = answer_outlines(chapter, window, ready=ready)
    view, sheet = tour_canvas(
        window, view=chosen_view(first), veiled=veiled, outlines=outlines, file_name=name, component_key="tour_canvas"
    )
    keep_view(view, first)
    keep_predictions(window)
    caption(
        window=f"{window.scene.number}, {describe_window(window.scene, escaped=False)}",
        method=_("one traced forward pass in eval mode"),
        parameters=_("{count:,} in all", count=sum(value.numel() for value in window.model.parameters())),
        device=window.scene.device_name,
    )
    if ready and not veiled:
        show_exhibits(chapter, window)
    reading(
        _("The boxes are in the order of the forward pass. Where a box has a time axis, time runs from left to right."),
        _("Channels have no order and no names: that two rows are neighbours in a picture means nothing."),
        is_open=True,
    )
if not current().present:
    if veiled and ready:
        with answer:
            show_pick(chapter, window, view)
    show_actions(chapter, window, view)
    if veiled:
        st.markdown(f"### {_('The arithmetic of one value')}\n{_('It is written out when the question is answered.')}")
    else:
        derivation = derive_cell(window, sheet, view.row, view.column)
        show_arithmetic(derivation)
        show_origins(window, derivation, view)
    show_formula_and_code(chapter, window)
    show_plain_text(window)
