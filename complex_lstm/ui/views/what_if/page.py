"""The tool that edits the window: its rail, and the details of what follows from the edits."""

from __future__ import annotations

import streamlit as st

from complex_lstm.interpretation.edits import Edit
from complex_lstm.ui.components.overview import Pane
from complex_lstm.ui.components.series_editor import made_edit, moving_edit, series_canvas
from complex_lstm.ui.compute.scene import Scene
from complex_lstm.ui.edits.session import EditedView, add, brush, brushed_segment
from complex_lstm.ui.interventions.resolve import Setting
from complex_lstm.ui.session.features import show_derived
from complex_lstm.ui.session.figures import file_name
from complex_lstm.ui.session.scene import scaling_note
from complex_lstm.ui.session.state import choose_view
from complex_lstm.ui.side_by_side.inner_views import show_attention, show_gate
from complex_lstm.ui.side_by_side.output_views import show_heads
from complex_lstm.ui.side_by_side.pair import changed
from complex_lstm.ui.views.what_if.effect import show_effect, show_explanations
from complex_lstm.ui.views.what_if.search import show_search
from complex_lstm.ui.views.what_if.tools import choose_rows, draw_tools

CANVAS = "what_if_canvas"
OF_EDITS = {
    "": ("Effect", show_effect),
    "explanation": ("Explanation", show_explanations),
    "flip": ("Smallest change that flips the prediction", show_search),
}
OF_SIDES = {"heads": ("Ensemble heads", show_heads), "gate": ("Gate", show_gate), "attention": ("Attention", show_attention)}
VIEWS = {name: label for name, (label, _) in (OF_EDITS | OF_SIDES).items()}
PANES: dict[Pane, str] = {"importance": "explanation", "prediction": "", "gate": "gate", "attention": "attention", "heads": "heads"}


def take_edit(scene: Scene) -> None:
    """Add what the visitor has drawn or dragged since the last run: call it before anything is drawn."""
    if edit := made_edit(CANVAS):
        add(scene, edit)


def dragged_edit() -> Edit | None:
    """Return what the visitor is drawing or dragging at this moment."""
    return moving_edit(CANVAS)


def draw_edit_rail(view: EditedView, setting: Setting) -> None:
    """Draw the series to edit, the tools, and the list of edits."""
    scene = view.scene
    segment = series_canvas(
        view.window.before,
        view.window.after,
        shown=choose_rows(scene),
        features=scene.features,
        units=scene.dataset.schema.feature_units,
        times=scene.time_labels,
        segment=brushed_segment(scene),
        file_name=file_name("what_if", scene.number),
        component_key=CANVAS,
    )
    brush(segment)
    draw_tools(scene, segment)
    st.caption("  \n".join(filter(None, ("Series in the file's units, empty cells filled as the model sees them.", scaling_note(scene)))))
    show_derived(scene, "An edit of a column leaves them as they are: edit them too where they would follow from it.")


def show_edit_details(view: EditedView, setting: Setting) -> None:
    """Draw the chosen detail of what follows from the edits."""
    name = choose_view("what_if", VIEWS)
    with st.container(key="view-what-if"):
        if name in OF_EDITS:
            OF_EDITS[name][1](view)
        else:
            OF_SIDES[name][1]("what_if", changed(view, setting))
