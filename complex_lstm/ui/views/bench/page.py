"""The tool that switches parts of the model: its rail, and the details of what that does to this window and to many."""

from __future__ import annotations

import streamlit as st

from complex_lstm.ui.components.overview import Pane
from complex_lstm.ui.edits.session import EditedView
from complex_lstm.ui.interventions.resolve import Setting
from complex_lstm.ui.session.state import choose_view
from complex_lstm.ui.side_by_side.effects import show_switched_score
from complex_lstm.ui.side_by_side.inner_views import show_attention, show_gate
from complex_lstm.ui.side_by_side.output_views import show_heads, show_prediction
from complex_lstm.ui.side_by_side.pair import changed
from complex_lstm.ui.views.bench.components_view import show_components
from complex_lstm.ui.views.bench.panel import draw_panel, show_change

OF_WINDOW = {
    "": ("Prediction", (show_prediction, show_change)),
    "heads": ("Ensemble heads", (show_heads,)),
    "gate": ("Gate", (show_gate,)),
    "attention": ("Attention", (show_attention,)),
}
OF_MANY = {"score": ("Score", show_switched_score), "components": ("Every component", show_components)}
PANES: dict[Pane, str] = {"importance": "", "prediction": "", "gate": "gate", "attention": "attention", "heads": "heads"}
VIEWS = {name: label for name, (label, _) in (OF_WINDOW | OF_MANY).items()}


def draw_switch_rail(view: EditedView, setting: Setting) -> None:
    """Draw the switches, a group for each part of the model."""
    with st.container(key="bench_panel", gap="xsmall"):
        draw_panel(view.scene, setting)
    st.caption("All switches act together, in the order of the forward pass. The model itself is never changed.")


def show_switch_details(view: EditedView, setting: Setting) -> None:
    """Draw the chosen detail of what follows from the switches."""
    name = choose_view("bench", VIEWS)
    with st.container(key="view-bench"):
        if name in OF_MANY:
            if view.edits:
                st.caption("The edits belong to this window alone: over many windows only the switches act.")
            OF_MANY[name][1](view.scene, setting)
        else:
            pair = changed(view, setting)
            for show in OF_WINDOW[name][1]:
                show("bench", pair)
