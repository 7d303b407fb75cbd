"""The window edited: its prediction, attention and explanation before and after, and what flips the prediction."""

from __future__ import annotations

import streamlit as st

from complex_lstm.data import time_labels
from complex_lstm.ui.components.series_editor import made_edit, series_canvas
from complex_lstm.ui.compute.cache import Scene
from complex_lstm.ui.edits.session import add, brush, brushed_segment, open_edited
from complex_lstm.ui.session.messages import caption, reading
from complex_lstm.ui.session.scene import describe_window, scaling_note
from complex_lstm.ui.views.what_if.effect import show_effect, show_explanations
from complex_lstm.ui.views.what_if.search import show_search
from complex_lstm.ui.views.what_if.tools import choose_rows, draw_tools

CANVAS = "what_if_canvas"


def show_edits(scene: Scene) -> None:
    """Draw the tools for edits, and what follows from them."""
    if edit := made_edit(CANVAS):
        add(scene, edit)
    view = open_edited(scene)

    with st.container(key="view-what-if"):
        st.subheader(f"Window {scene.number}: {describe_window(scene)}")
        segment = series_canvas(
            view.window.before,
            view.window.after,
            shown=choose_rows(scene),
            features=scene.features,
            units=scene.dataset.schema.feature_units,
            times=time_labels(scene.times),
            segment=brushed_segment(scene),
            file_name=f"what_if_window_{scene.number}",
            component_key=CANVAS,
        )
        brush(segment)
        draw_tools(scene, segment)
        caption(
            series="in the file's units, empty cells filled as the model sees them",
            edits="scaled with the model's own scaling, applied one after another",
            note=scaling_note(scene),
        )
        reading(
            "Brush a segment and drag it, or choose an edit and apply it: everything below follows. Undo and redo follow the list.",
            "Measurements depend on each other, and an edit changes one without the others: such a window may never occur.",
        )

    st.subheader("What the model makes of it")
    show_effect(view)

    st.subheader("How the explanation changes")
    show_explanations(view)

    st.subheader("Smallest change that flips the prediction")
    show_search(view)
