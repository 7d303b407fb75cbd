"""Guided tour: the whole model in one picture of real numbers, page by page through its architecture."""

import streamlit as st

from complex_lstm.ui.session.labels import describe_window
from complex_lstm.ui.session.messages import caption, reading
from complex_lstm.ui.views.tour.arithmetic import work_out_cell
from complex_lstm.ui.views.tour.arriving import chosen_view, first_view, keep_view, open_window, page_number
from complex_lstm.ui.views.tour.canvas import tour_canvas
from complex_lstm.ui.views.tour.chapters import CHAPTERS
from complex_lstm.ui.views.tour.explaining import show_arithmetic, show_exhibits, show_formula_and_code
from complex_lstm.ui.views.tour.handout import show_reading
from complex_lstm.ui.views.tour.sharing import show_ways
from complex_lstm.ui.views.tour.showing import begin, show_chapter, show_progress, show_turning

st.title("Guided tour")
window = open_window()
chapter = CHAPTERS[page_number() - 1]
begin(chapter, window)
ready = chapter.is_ready(window)
first = first_view(chapter, window, ready=ready)

room = show_turning()
show_chapter(chapter, window, ready=ready)
show_progress(room, window)
with st.container(key="view-tour"):
    st.markdown(f"##### Window {window.scene.number}: {describe_window(window.scene)}")
    view, sheet = tour_canvas(window, view=chosen_view(first), component_key="tour_canvas")
    keep_view(view, first)
    caption(
        method="one traced forward pass in eval mode",
        parameters=f"{sum(value.numel() for value in window.model.parameters()):,} in all",
        device=window.scene.device_name,
    )
    if ready:
        show_exhibits(chapter, window)
    reading(
        "Boxes stand in the order of the walk, and time runs from left to right in each that has it; open a box, move, and choose a cell.",
        "Channels have no order and no names: what stands beside what in a picture means nothing.",
    )
show_ways(chapter, window, view)
show_arithmetic(work_out_cell(window, sheet, view.row, view.column))
show_formula_and_code(chapter, window)
show_reading(window)
