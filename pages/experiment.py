"""Experiment: edit the window, switch parts of the model, or compare two sides, and see what follows."""

import streamlit as st

from complex_lstm.ui.session.scene import open_scene
from complex_lstm.ui.session.state import choose, current
from complex_lstm.ui.views.bench.page import show_switches
from complex_lstm.ui.views.compare.page import show_side_by_side
from complex_lstm.ui.views.model_card import show_model_card
from complex_lstm.ui.views.what_if.page import show_edits

TOOLS = {"edit": ("Edit the window", show_edits), "switch": ("Switch parts", show_switches), "compare": ("Side by side", show_side_by_side)}


def take_tool() -> None:
    choose(focus=st.session_state["experiment_tool"], view="")


scene = open_scene(show_model_card)
tool = current().focus if current().focus in TOOLS else "edit"
st.session_state["experiment_tool"] = tool
st.segmented_control(
    "Tool",
    list(TOOLS),
    format_func=lambda name: TOOLS[name][0],
    key="experiment_tool",
    on_change=take_tool,
    required=True,
    label_visibility="collapsed",
)
TOOLS[tool][1](scene)
