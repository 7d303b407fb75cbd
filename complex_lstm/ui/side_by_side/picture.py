"""The linked panes of two sides in one picture, which stay in view beside the controls that change a side.

The tint is by the method that is chosen on Explain. One that is a single pass follows whatever moves; a slower one is computed in the
background once the sides rest, and while they move the picture keeps the tint of before and says so.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from complex_lstm.errors import ComplexLSTMError
from complex_lstm.interpretation import METHODS, Explanation
from complex_lstm.ui.components.overview import overview_canvas
from complex_lstm.ui.compute import cache
from complex_lstm.ui.compute.jobs import wait_briefly
from complex_lstm.ui.explaining.request import ExplanationSettings, choose_tint, chosen, chosen_method
from complex_lstm.ui.explaining.two_sides import ExplainedSides, request_both
from complex_lstm.ui.session.messages import caption, plain, reading, shown
from complex_lstm.ui.session.scene import target_of
from complex_lstm.ui.side_by_side.overview import ALL_ROWS, MOST_ROWS, overview_content, pair_content
from complex_lstm.ui.side_by_side.pair import Pair, Side

ONE_PASS = ("input_x_gradient", "saliency", "attention_rollout")  # 5 to 40 ms at the samples' sizes: they keep up with the mouse
MOST_OUTPUTS = 4  # in the line above the picture

# The picture stays in view while the rail scrolls, unless both stand below each other. Without a transition the groups of switches
# have the colours of another theme at once, and never a contrast in between.
STYLE = """<style>
@media (min-width: 900px) {
  [data-testid="stColumn"]:has(.st-key-view-experiment) { position: sticky; top: 2.6rem; align-self: flex-start; }
}
.st-key-experiment_rail :is(details, summary, summary *) { transition: none !important; }
.st-key-view-experiment [data-testid="stMarkdown"] p { margin-bottom: 1rem; font-size: 0.95rem; line-height: 1.35; }
</style>"""


def rail_and_picture() -> tuple[DeltaGenerator, DeltaGenerator]:
    """Return the places of the controls on the left, and of the picture on the right."""
    left, right = st.columns([1, 2], gap="small")
    picture = right.container(key="view-experiment", gap="xsmall")
    return left.container(key="experiment_rail", gap="xsmall"), picture


def draw_picture(
    pair: Pair,
    words: str,
    *,
    component_key: str,
    file_name: str,
    how_to_read: tuple[str, str],
    at_rest: Pair | None = None,
    first_rows: Sequence[int] = (),
) -> None:
    """Draw both predictions in a line, the linked panes of both sides, and the choice of the tint.

    `at_rest` is the pair before what moves at the moment, None where nothing does. `first_rows` are the features to draw in any
    case, where there are too many for all.
    """
    if not (pair.first.has_prediction and pair.second.has_prediction):
        _show_no_prediction(pair, words)
        return
    st.markdown(f"{words}  \n{outcome(pair)}")
    picture, below = st.container(gap="xsmall"), st.container(gap="xsmall")
    choice, method = chosen(pair.second.scene), chosen_method()
    asked = None if method in ONE_PASS else _request_at_rest(at_rest or pair, choice, method)
    with below:
        both = asked.results if asked else _explain_now(pair, choice, method, is_kept=at_rest is None)
    note = ", as before this drag" if asked and at_rest else ""
    unit = choice.unit(pair.second.scene)
    with picture:
        if pair.same_outputs and {*pair.first.scene.features} & {*pair.second.scene.features}:  # one picture can hold both sides
            rows = _rows(pair.second, first_rows, both and both[0])
            content = pair_content(pair, explanation=both and both[1], method=method, unit=unit, note=note, rows=rows)
            overview_canvas(content, file_name=file_name, component_key=component_key)
        else:
            for place, side in enumerate((pair.first, pair.second)):
                st.markdown(f"**{plain(side.name)}**")
                content = overview_content(side, explanation=both and both[place], method=method, unit=unit)
                overview_canvas(content, file_name=f"{file_name}_{place}", component_key=f"{component_key}_{place}")
    with below:
        if asked:
            asked.show_progress()
        _choose_tint(pair, choice, method, how_to_read)
    if asked and not both:
        wait_briefly(asked.requested)  # the panes are on the screen meanwhile
        if asked.results:
            st.rerun()


def _show_no_prediction(pair: Pair, words: str) -> None:
    """Say which side has no prediction, and what to do."""
    st.markdown(words)
    side = pair.second if pair.first.has_prediction else pair.first
    if pair.is_before_and_after:
        where, remedy = "With these changes", "Undo the last one, or make it smaller."
    else:
        where, remedy = f"For {plain(side.name)}, window {side.scene.number},", "Choose another side."
    st.error(f"{where} the model's output is not a finite number, so there is no prediction. {remedy}", icon="♾️")


def _choose_tint(pair: Pair, choice: ExplanationSettings, method: str, how_to_read: tuple[str, str]) -> None:
    """Draw the choice of the tint, what the present one is, and how to read the picture."""
    scene = pair.second.scene
    choose_tint(scene, "experiment")
    with st.container(horizontal=True, vertical_alignment="center"):
        of = "the window as it is now" if pair.is_before_and_after else "the right side"
        slow = "" if method in ONE_PASS else "; too slow to follow the mouse, computed when it rests"
        caption(tint=f"{METHODS[method].label}, of {of}{slow}", target=choice.target(scene), device=scene.device_name)
        reading(*how_to_read)


def _request_at_rest(pair: Pair, choice: ExplanationSettings, method: str) -> ExplainedSides:
    """Request the explanations of both sides by a method that takes its time.

    A change waits for them a moment, else it would take the tint away and bring it back. Two windows or models are drawn without.
    """
    asked = request_both("experiment", (pair.first.explained, pair.second.explained), choice, method)
    if pair.is_before_and_after:
        wait_briefly(asked.requested)
    return asked


def _explain_now(pair: Pair, choice: ExplanationSettings, method: str, *, is_kept: bool) -> tuple[Explanation, Explanation] | None:
    """Return the explanations of both sides by a method that takes an instant."""

    def explain(side: Side) -> Explanation:
        if not is_kept and side is pair.second:
            return side.explained.explain(choice, method)
        return cache.remember("tint", side.explained.key(choice, method), lambda: side.explained.explain(choice, method), most=256)

    try:
        return explain(pair.first), explain(pair.second)
    except ComplexLSTMError as error:
        st.warning(plain(str(error)), icon="⚠️")
        return None


def _rows(side: Side, first_rows: Sequence[int], before: Explanation | None) -> list[int]:
    """Return the features to draw. Of many these are the given ones, then the most important ones of the first side.

    They do not depend on what moves, so that no row moves away under the mouse.
    """
    count = len(side.scene.features)
    if count <= ALL_ROWS:
        return list(range(count))
    known = before is not None and before.cells.shape[1] == count
    important = np.argsort(-np.abs(before.features), kind="stable").tolist() if known and before else range(count)
    return list(dict.fromkeys([*first_rows, *important]))[:MOST_ROWS]


def outcome(pair: Pair) -> str:
    """Return the prediction of both sides in one line."""
    scene, before, after = pair.second.scene, pair.first.predicted, pair.second.predicted
    is_before = pair.is_before_and_after
    if not pair.same_outputs:
        left, right = (", ".join(side.scene.outputs[:MOST_OUTPUTS]) for side in (pair.first, pair.second))
        return f"The two models predict different things: {plain(left)}, and {plain(right)}."
    if scene.is_classes:
        likely, now = int(before.argmax()), int(after.argmax())
        earlier = "before" if is_before else "left"
        same = f"{earlier} {before[now]:.1%}" if likely == now else f"{earlier} {plain(scene.outputs[likely])} {before[likely]:.1%}"
        return f"Predicted: **{plain(scene.outputs[now])}** {after[now]:.1%}, {same}"
    lines = []
    for place in _named_outputs(pair):
        name = scene.outputs[place]
        unit, value, was = scene.dataset.schema.unit(name), float(after[place]), float(before[place])
        moved = f" ({plain(shown(scene, place, value - was, sign=True))})" if pair.second.changes or not is_before else ""
        lines.append(f"{plain(name)} **{shown(scene, place, value)}** {plain(unit)}{moved}")
    more = f" · and {len(scene.outputs) - MOST_OUTPUTS} more" if len(scene.outputs) > MOST_OUTPUTS else ""
    label = "Predicted: " if is_before else "Right (and right minus left): "
    return label + " · ".join(lines) + more


def _named_outputs(pair: Pair) -> list[int]:
    """Return the targets that the line names: all, or of many the explained one and those that differ most, in their own order."""
    scene, (before, after) = pair.second.scene, (side.trace.prediction[0].numpy() for side in (pair.first, pair.second))
    differ = np.argsort(-np.abs(after - before), kind="stable").tolist()
    return sorted(list(dict.fromkeys([target_of(scene), *differ]))[:MOST_OUTPUTS])
