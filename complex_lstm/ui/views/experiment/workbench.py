"""The rail of a tool, and beside it the window before and after in linked panes, which follow the mouse while it drags.

Both are one fragment: what moves in the rail draws the picture anew, and nothing else of the page. As soon as an edit or a switch
is set, the whole page follows.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass

import streamlit as st

from complex_lstm.errors import ComplexLSTMError
from complex_lstm.interpretation.edits import Edit
from complex_lstm.ui.components.overview import Pane, opened_pane
from complex_lstm.ui.compute.scene import Scene
from complex_lstm.ui.edits.link import describe
from complex_lstm.ui.edits.session import EditedView, brushed_segment, edited_with, history_of, open_edited
from complex_lstm.ui.interventions.averages import draw_averaging, is_over_all
from complex_lstm.ui.interventions.resolve import Setting, read_setting
from complex_lstm.ui.session.figures import file_name
from complex_lstm.ui.session.messages import errors_shown, plain
from complex_lstm.ui.session.state import choose, current
from complex_lstm.ui.side_by_side.pair import changed
from complex_lstm.ui.side_by_side.picture import STYLE, draw_picture, rail_and_picture

CANVAS = "experiment_overview"
HOW_TO_READ = (
    (
        "Dashed lines, rings and the upper rows are the window and the model as they were; solid lines, dots and the rows below them "
        "are as they are now. While the mouse drags, everything follows but a tint that is too slow for it; it becomes an edit when the "
        "button is let go. With the keyboard in the series on the left: arrows move, Enter begins and ends a segment, + and - shift it, "
        "Escape gives up."
    ),
    (
        "Measurements depend on each other, and an edit changes one without the others; and the model was trained with all its parts. "
        "What follows from either may say more about the unfamiliar state than about real data."
    ),
)


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
        rail, picture = rail_and_picture()
        with picture:  # first: the browser sends its next report when the rail is there
            _draw_picture(view, setting, tool.moving())
        with rail:
            draw_chooser()
            if is_over_all():
                draw_averaging(scene.keys)
            tool.draw(view, setting)


def _draw_picture(view: EditedView, setting: Setting, moving: Edit | None) -> None:
    now = _with_moving(view, setting, moving)
    is_moving = now is not view
    edited = [feature for edit in reversed(view.edits) for feature in edit.segment.features]
    draw_picture(
        changed(now, setting),
        _acting(view, setting, moving if is_moving else None),
        component_key=CANVAS,
        file_name=file_name("experiment", view.scene.number),
        how_to_read=HOW_TO_READ,
        at_rest=changed(view, setting) if is_moving else None,
        first_rows=(*edited, *brushed_segment(view.scene).features),
    )


def _with_moving(view: EditedView, setting: Setting, moving: Edit | None) -> EditedView:
    """Return the view with the edit that is being dragged; the view itself where there is none, or where it cannot be applied."""
    if moving is None:
        return view
    try:
        return edited_with(view.scene, (*view.edits, moving), setting.interventions, setting.text, kept=False)
    except ComplexLSTMError:
        return view  # on release the message says why


def _acting(view: EditedView, setting: Setting, moving: Edit | None) -> str:
    """Return in words which edits and switches act: all of them together."""
    words = [f"**Moving:** {plain(describe(moving, view.scene))}"] if moving else []
    if view.edits:
        last = plain(describe(view.edits[-1], view.scene))
        words.append(f"**Edited:** {last}" + (f", and {len(view.edits) - 1} more" if len(view.edits) > 1 else ""))
    if setting.switches:
        words.append(f"**Switched:** {plain(setting.words(view.scene))}")
    return " · ".join(words) or "Nothing is changed yet: before and after are the same."
