"""The rail of a tool, and beside it the window before and after in linked panes, which follow the mouse while it drags.

Both are one fragment: what moves in the rail draws the picture anew, and nothing else of the page. As soon as an edit or a switch
is set, the whole page follows.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass

import numpy as np
import streamlit as st

from complex_lstm.errors import ComplexLSTMError
from complex_lstm.interpretation import METHODS, Explanation
from complex_lstm.interpretation.edits import Edit
from complex_lstm.ui.components.overview import Pane, opened_pane, overview_canvas
from complex_lstm.ui.compute import cache
from complex_lstm.ui.compute.cache import Scene
from complex_lstm.ui.edits.link import describe
from complex_lstm.ui.edits.session import EditedView, brushed_segment, edited_with, history_of, open_edited
from complex_lstm.ui.explaining.request import ExplanationSettings, chosen
from complex_lstm.ui.interventions.resolve import Setting, read_setting
from complex_lstm.ui.session.messages import caption, errors_shown, plain, reading, shown
from complex_lstm.ui.session.state import choose, current
from complex_lstm.ui.side_by_side.overview import ALL_ROWS, MOST_ROWS, overview_content
from complex_lstm.ui.side_by_side.pair import Pair, Side, changed

CANVAS = "experiment_overview"
TINT = "input_x_gradient"  # one backward pass, 10 to 20 ms at the samples' sizes: it keeps up with the mouse
MOST_OUTPUTS = 4  # in the line above the picture
NO_OUTCOME = (
    "With these changes the model's output is not a finite number, so there is no prediction. Undo the last one, or make it smaller."
)

# The picture stays in view while the rail scrolls, unless both stand below each other. Without a transition the groups of switches
# have the colours of another theme at once, and never a contrast in between.
STYLE = """<style>
@media (min-width: 900px) {
  [data-testid="stColumn"]:has(.st-key-view-experiment) { position: sticky; top: 2.6rem; align-self: flex-start; }
}
.st-key-experiment_rail :is(details, summary, summary *) { transition: none !important; }
.st-key-view-experiment [data-testid="stMarkdownContainer"] p { margin-bottom: 1rem; font-size: 0.95rem; line-height: 1.35; }
</style>"""


@dataclass(frozen=True)
class Tool:
    """A tool of the rail.

    draw    draws the rail
    views   the detail view that each pane of the picture leads to
    take    takes up what the browser has reported, before anything is drawn
    moving  returns the edit that the visitor is dragging at this moment
    """

    draw: Callable[[EditedView, Setting], None]
    views: dict[Pane, str]
    take: Callable[[Scene], None] = lambda scene: None
    moving: Callable[[], Edit | None] = lambda: None


def show_workbench(scene: Scene, tool: Tool, draw_chooser: Callable[[], None]) -> tuple[EditedView, Setting]:
    """Draw the rail and the picture, and return the edited window and the switches, which act on it together."""
    tool.take(scene)
    setting = read_setting(scene)
    view = open_edited(scene, setting.interventions, setting.text)
    st.html(STYLE)
    _draw(scene, tool, draw_chooser, _state(scene))
    return view, setting


def _state(scene: Scene) -> Hashable:
    """Return what the rest of the page depends on."""
    return current(), history_of(scene)


@st.fragment
def _draw(scene: Scene, tool: Tool, draw_chooser: Callable[[], None], drawn: Hashable) -> None:
    with errors_shown():
        tool.take(scene)
        if (pane := opened_pane(CANVAS)) is not None:
            choose(view=tool.views.get(pane, ""))
        if _state(scene) != drawn:
            st.rerun()
        setting = read_setting(scene)
        view = edited_with(scene, history_of(scene).applied, setting.interventions, setting.text)
        left, right = st.columns([1, 2], gap="small")
        with right, st.container(key="view-experiment", gap="xsmall"):  # first: the browser sends its next report when the rail is there
            _draw_picture(view, setting, tool.moving())
        with left, st.container(key="experiment_rail", gap="xsmall"):
            draw_chooser()
            tool.draw(view, setting)


def _draw_picture(view: EditedView, setting: Setting, moving: Edit | None) -> None:
    now = _with_moving(view, setting, moving)
    is_moving = now is not view
    pair, choice = changed(now, setting), chosen(view.scene)
    if not pair.second.has_prediction:
        st.markdown(_acting(view, setting, moving if is_moving else None))
        st.error(NO_OUTCOME, icon="♾️")
        return
    explanation = _explain(pair.second, choice, is_kept=not is_moving)
    st.markdown(f"{_acting(view, setting, moving if is_moving else None)}  \n{_outcome(pair)}")
    overview_canvas(
        overview_content(
            pair.second,
            explanation=explanation,
            method=TINT,
            unit=choice.unit(view.scene),
            score=("ring, tick, dashed: as it was",),
            before=pair.first,
            rows=_rows(view, pair.first, choice),
        ),
        file_name=f"experiment_window_{view.scene.number}",
        component_key=CANVAS,
    )
    with st.container(horizontal=True, vertical_alignment="center"):
        caption(
            tint=f"{METHODS[TINT].label}, of the window as it is now",
            target=choice.target(view.scene),
            device=view.scene.device_name,
        )
        reading(
            "Dashed lines, rings and the upper rows are the window and the model as they were; solid lines, dots and the rows below them "
            "are as they are now. While the mouse drags, everything follows; it becomes an edit when the button is let go. With the "
            "keyboard in the series on the left: arrows move, Enter begins and ends a segment, + and - shift it, Escape gives up.",
            "Measurements depend on each other, and an edit changes one without the others; and the model was trained with all its parts. "
            "What follows from either may say more about the unfamiliar state than about real data.",
        )


def _with_moving(view: EditedView, setting: Setting, moving: Edit | None) -> EditedView:
    """Return the view with the edit that is being dragged; the view itself where there is none, or where it cannot be applied."""
    if moving is None:
        return view
    try:
        return edited_with(view.scene, (*view.edits, moving), setting.interventions, setting.text, kept=False)
    except ComplexLSTMError:
        return view  # on release the message says why


def _explain(side: Side, choice: ExplanationSettings, *, is_kept: bool) -> Explanation:
    if not is_kept:
        return side.explained.explain(choice, TINT)
    return cache.remember("tint", side.explained.key(choice, TINT), lambda: side.explained.explain(choice, TINT), most=256)


def _rows(view: EditedView, before: Side, choice: ExplanationSettings) -> list[int]:
    """Return the features to draw. Of many these are the edited and the brushed ones, then the most important ones before the edits.

    They do not depend on what is being dragged, so that no row moves away under the mouse.
    """
    count = len(view.scene.features)
    if count <= ALL_ROWS:
        return list(range(count))
    edited = [feature for edit in reversed(view.edits) for feature in edit.segment.features]
    important = np.argsort(-np.abs(_explain(before, choice, is_kept=True).features), kind="stable").tolist()
    return list(dict.fromkeys([*edited, *brushed_segment(view.scene).features, *important]))[:MOST_ROWS]


def _acting(view: EditedView, setting: Setting, moving: Edit | None) -> str:
    """Return in words which edits and switches act: all of them together."""
    words = [f"**Moving:** {plain(describe(moving, view.scene))}"] if moving else []
    if view.edits:
        last = plain(describe(view.edits[-1], view.scene))
        words.append(f"**Edited:** {last}" + (f", and {len(view.edits) - 1} more" if len(view.edits) > 1 else ""))
    if setting.switches:
        words.append(f"**Switched:** {plain(setting.words(view.scene))}")
    return " · ".join(words) or "Nothing is changed yet: before and after are the same."


def _outcome(pair: Pair) -> str:
    """Return the prediction before and after in one line."""
    scene, before, after = pair.first.scene, pair.first.predicted, pair.second.predicted
    if scene.is_classes:
        was, now = int(before.argmax()), int(after.argmax())
        same = f"before {before[now]:.1%}" if was == now else f"before {plain(scene.outputs[was])} {before[was]:.1%}"
        return f"Predicted: **{plain(scene.outputs[now])}** {after[now]:.1%}, {same}"
    lines = []
    for place, name in enumerate(scene.outputs[:MOST_OUTPUTS]):
        unit, value = scene.dataset.schema.unit(name), float(after[place])
        moved = f" ({plain(shown(scene, place, value - float(before[place]), sign=True))})" if pair.second.changes else ""
        lines.append(f"{plain(name)} **{shown(scene, place, value)}** {plain(unit)}{moved}")
    more = f" · and {len(scene.outputs) - MOST_OUTPUTS} more" if len(scene.outputs) > MOST_OUTPUTS else ""
    return "Predicted: " + " · ".join(lines) + more
