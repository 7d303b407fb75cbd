"""Two windows, two checkpoints, or one window before and after switches or edits: both in one picture, and in detail their difference."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from complex_lstm.ui.components.overview import Pane, opened_pane
from complex_lstm.ui.compute.scene import Scene
from complex_lstm.ui.session.figures import file_name
from complex_lstm.ui.session.messages import plain
from complex_lstm.ui.session.scene import describe_window
from complex_lstm.ui.session.state import choose, choose_view
from complex_lstm.ui.side_by_side.effects import show_all_windows
from complex_lstm.ui.side_by_side.inner_views import show_attention, show_gate, show_inside, show_series
from complex_lstm.ui.side_by_side.output_views import show_heads, show_prediction
from complex_lstm.ui.side_by_side.picture import STYLE, draw_picture, rail_and_picture
from complex_lstm.ui.views.compare.choices import draw_choice
from complex_lstm.ui.views.compare.importance_view import show_importance

CANVAS = "compare_overview"
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
PANES: dict[Pane, str] = {"importance": "series", "prediction": "", "gate": "gate", "attention": "attention", "heads": "heads"}
HOW_TO_READ = (
    (
        "Dashed lines, rings and the upper rows are the left side, solid ones, dots and the lower rows the right one. Steps with the "
        "same number stand above each other; of two models those that end together."
    ),
    (
        "An event that comes one step later on one side looks like two differences, and heads and channels of models that were trained "
        "separately do not correspond."
    ),
)


def show_side_by_side(scene: Scene, draw_chooser: Callable[[], None]) -> None:
    """Draw the choice of the other side, both sides in one picture, and in detail both with their difference."""
    for key in (CANVAS, f"{CANVAS}_0", f"{CANVAS}_1"):
        if pane := opened_pane(key):
            choose(view=PANES[pane])
    st.html(STYLE)
    rail, picture = rail_and_picture()
    with rail:
        draw_chooser()
        pair = draw_choice(scene)
        for label, side in (("Left", pair.first), ("Right", pair.second)):
            number = "" if pair.kind == "window" else f", window {side.scene.number}"
            st.markdown(f"{label}: **{plain(side.name)}**{number}, {describe_window(side.scene)}")
    with picture:
        draw_picture(
            pair,
            f"**{plain(pair.first.name)}** on the left, **{plain(pair.second.name)}** on the right",
            component_key=CANVAS,
            file_name=file_name("side_by_side", scene.number),
            how_to_read=HOW_TO_READ,
        )
    if not (pair.first.has_prediction and pair.second.has_prediction):
        return
    view = choose_view("compare", {name: label for name, (label, _) in VIEWS.items()})
    with st.container(key="view-compare"):
        VIEWS[view][1]("compare", pair)
