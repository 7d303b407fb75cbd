"""The explanation before and after the edits, drawn on one scale."""

from __future__ import annotations

import streamlit as st

from complex_lstm.figures.what_if import before_after_heatmaps
from complex_lstm.interpretation import METHODS, Explanation
from complex_lstm.ui.explaining import Explained, explain_both
from complex_lstm.ui.importance.choices import Choice, choose_method, chosen
from complex_lstm.ui.messages import caption, reading
from complex_lstm.ui.state import choose
from complex_lstm.ui.what_if.edits import Bench


def show_explanations(bench: Bench) -> None:
    """Draw one method's answer for the window as it was and as it is now, and the difference."""
    choice, method = _choose(bench)
    sides = Explained(bench.scene, bench.window.x_before), Explained(bench.scene, bench.window.x, done=bench.edits)
    if both := explain_both("what_if", sides, choice, method):
        _draw(bench, choice, *both)


def _choose(bench: Bench) -> tuple[Choice, str]:
    choice = chosen(bench.scene)
    left, right = st.columns(2)
    st.session_state["what_if_target"] = choice.output
    left.selectbox(
        "Explain the output",
        range(len(bench.scene.outputs)),
        format_func=bench.scene.outputs.__getitem__,
        key="what_if_target",
        on_change=lambda: choose(target=st.session_state["what_if_target"]),
    )
    with right:
        return choice, choose_method("what_if")


def _draw(bench: Bench, choice: Choice, before: Explanation, after: Explanation) -> None:
    scene, unit = bench.scene, choice.unit(bench.scene) if METHODS[before.method].signed else ""
    st.plotly_chart(
        before_after_heatmaps(
            scene.times, before.cells, after.cells, changed=bench.window.changed, features=scene.features, unit=unit, title=""
        ),
        key="what_if_explanations",
        alt=f"Importance of every cell by {METHODS[before.method].label} before the edits, after them, and the difference",
    )
    caption(
        method=METHODS[before.method].label,
        baseline=before.baseline,
        target=f"{choice.target(scene)}, {unit or 'no unit'}",
        steps=f"{after.attribution.effort}; {after.evaluations} evaluations each",
        device=after.device,
    )
    reading(
        "All three maps share one colour range; red raises the output against the baseline, blue lowers it, and dots are edited cells.",
        "A cell's importance can change although the cell did not: the model reads it beside the edited ones.",
    )
