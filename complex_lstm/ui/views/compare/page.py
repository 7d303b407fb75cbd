"""Two windows, two checkpoints, or one window before and after switches or edits, on one scale, with their difference."""

from __future__ import annotations

import streamlit as st

from complex_lstm.ui.compute.cache import Scene
from complex_lstm.ui.session.messages import plain
from complex_lstm.ui.session.scene import describe_window
from complex_lstm.ui.session.state import choose_view
from complex_lstm.ui.side_by_side.effects import show_all_windows
from complex_lstm.ui.side_by_side.inner_views import show_attention, show_gate, show_inside, show_series
from complex_lstm.ui.side_by_side.output_views import show_heads, show_prediction
from complex_lstm.ui.views.compare.choices import draw_choice
from complex_lstm.ui.views.compare.importance_view import show_importance

VIEWS = {
    "": ("Prediction", show_prediction),
    "series": ("Series", show_series),
    "attention": ("Attention", show_attention),
    "gate": ("Fusion gate", show_gate),
    "heads": ("Ensemble heads", show_heads),
    "importance": ("Feature importance", show_importance),
    "inside": ("Any site", show_inside),
    "score": ("All windows", show_all_windows),
}


def show_side_by_side(scene: Scene) -> None:
    """Draw the choice of the other side, and both sides with their difference."""
    pair = draw_choice(scene)

    without = [side for side in (pair.first, pair.second) if not side.has_prediction]
    view = choose_view("compare", {name: label for name, (label, _) in VIEWS.items()})
    with st.container(key="view-compare"):
        for place, side in zip(st.columns(2), (pair.first, pair.second), strict=True):
            number = "" if pair.kind == "window" else f", window {side.scene.number}"
            place.markdown(f"**{plain(side.name)}**{number}: {describe_window(side.scene)}")
        if without:
            st.error(
                f"{plain(without[0].name)}, window {without[0].scene.number}, has no prediction: the model's output is not a finite number "
                f"there. Choose another side.",
                icon="♾️",
            )
            return
        VIEWS[view][1]("compare", pair)
