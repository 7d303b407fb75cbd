"""Experiment: edit the window, switch parts of the model, or compare two sides, with before and after beside each other."""

import streamlit as st

from complex_lstm.ui.session.scene import open_scene
from complex_lstm.ui.session.state import choose, current
from complex_lstm.ui.side_by_side.pair import changed
from complex_lstm.ui.views.bench import page as bench
from complex_lstm.ui.views.compare.page import show_side_by_side
from complex_lstm.ui.views.experiment.workbench import Tool, show_workbench
from complex_lstm.ui.views.model_card import show_model_card
from complex_lstm.ui.views.what_if import page as what_if

TOOLS = {"edit": "Edit", "switch": "Switch", "compare": "Side by side"}
WORKBENCHES = {
    "edit": (Tool(what_if.draw_edit_rail, what_if.PANES, what_if.take_edit, what_if.dragged_edit), what_if.show_edit_details),
    "switch": (Tool(bench.draw_switch_rail, bench.PANES), bench.show_switch_details),
}


def take_tool() -> None:
    choose(focus=st.session_state["experiment_tool"])


def draw_chooser() -> None:
    """Draw the choice of the tool."""
    st.session_state["experiment_tool"] = tool
    st.segmented_control(
        "Tool",
        list(TOOLS),
        format_func=TOOLS.__getitem__,
        key="experiment_tool",
        on_change=take_tool,
        required=True,
        label_visibility="collapsed",
    )


scene = open_scene(show_model_card)
tool = current().focus if current().focus in TOOLS else "edit"
if tool in WORKBENCHES:
    workbench, show_details = WORKBENCHES[tool]
    view, setting = show_workbench(scene, workbench, draw_chooser)
    if changed(view, setting).second.has_prediction:
        show_details(view, setting)
else:
    show_side_by_side(scene, draw_chooser)
