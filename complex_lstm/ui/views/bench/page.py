"""Parts of the model switched off or replaced, and what that does to this window and to all."""

from __future__ import annotations

import streamlit as st

from complex_lstm.ui.compute.cache import Scene
from complex_lstm.ui.interventions.resolve import read_setting
from complex_lstm.ui.session.messages import reading
from complex_lstm.ui.session.scene import describe_window
from complex_lstm.ui.session.state import choose_view
from complex_lstm.ui.side_by_side.effects import show_switched_score
from complex_lstm.ui.side_by_side.inner_views import show_attention, show_gate
from complex_lstm.ui.side_by_side.output_views import show_heads, show_prediction
from complex_lstm.ui.side_by_side.pair import before_and_after
from complex_lstm.ui.views.bench.components_view import show_components
from complex_lstm.ui.views.bench.panel import draw_panel, show_change

OF_WINDOW = {
    "": ("Prediction", (show_prediction, show_change)),
    "heads": ("Ensemble heads", (show_heads,)),
    "gate": ("Gate", (show_gate,)),
    "attention": ("Attention", (show_attention,)),
}
OF_MANY = {"score": ("Score", show_switched_score), "components": ("Every component", show_components)}
VIEWS = {name: label for name, (label, _) in (OF_WINDOW | OF_MANY).items()}


def show_switches(scene: Scene) -> None:
    """Draw the switches, and the window before and after."""
    setting = read_setting(scene)
    st.markdown(
        "Switch parts of the model off, hold them at a value, or replace their values by those of another window. "
        "The model itself is never changed."
    )
    with st.container(border=True, key="bench_panel"):
        draw_panel(scene, setting)
    reading(
        "All switches act together, in the order of the forward pass; the views below show the window before and after.",
        "The model was trained with all its parts: with one switched off it may fail only because it was never trained that way.",
    )

    view = choose_view("bench", VIEWS)
    with st.container(key="view-bench"):
        if view in OF_MANY:
            OF_MANY[view][1](scene, setting)
        else:
            st.subheader(f"Window {scene.number}: {describe_window(scene)}")
            pair = before_and_after(scene, setting)
            for show in OF_WINDOW[view][1]:
                show("bench", pair)
