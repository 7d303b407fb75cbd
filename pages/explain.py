"""Explain: one window in linked panes, each of which opens large in its place."""

import streamlit as st

from complex_lstm.ui.components.attribution_maps import follow_pin
from complex_lstm.ui.session.scene import open_scene
from complex_lstm.ui.session.state import choose, current
from complex_lstm.ui.views.attention import show_attention
from complex_lstm.ui.views.explain.overview import follow_panes, show_overview
from complex_lstm.ui.views.gate import show_gate
from complex_lstm.ui.views.heads import show_heads
from complex_lstm.ui.views.importance.page import show_importance
from complex_lstm.ui.views.model_card import show_model_card
from complex_lstm.ui.views.predict import show_prediction

PANES = {
    "importance": ("Series and importance", show_importance),
    "prediction": ("Prediction", show_prediction),
    "gate": ("Fusion gate", show_gate),
    "attention": ("Attention heads", show_attention),
    "heads": ("Ensemble heads", show_heads),
}

follow_panes()
follow_pin("importance_canvas")
scene = open_scene(show_model_card)
if current().focus in PANES:
    title, show = PANES[current().focus]
    with st.container(horizontal=True, vertical_alignment="center", key="explain_head"):
        st.header(title, width="content", anchor=False)
        st.button("All panes", key="explain_back", icon="↩️", shortcut="escape", on_click=choose, kwargs={"focus": "", "view": ""})
    show(scene)
else:
    show_overview(scene)
