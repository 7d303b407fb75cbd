"""The tools: all edits as widgets, those that the mouse makes on the series and others; and the list of edits."""

from __future__ import annotations

import streamlit as st

from complex_lstm.errors import InterventionError
from complex_lstm.interpretation.edits import FILLINGS, Draw, Edit, Mask, Point, Scale, Segment, Shift, Smooth, Swap, label_filling
from complex_lstm.ui.compute.scene import Scene
from complex_lstm.ui.edits.link import describe, fits_link
from complex_lstm.ui.edits.session import TROUBLE, add, brush, brushed_segment, history_of, left_out, own_key, redo, reset, undo
from complex_lstm.ui.session.features import order_of_window
from complex_lstm.ui.session.messages import plain
from complex_lstm.ui.session.mirrored import mirrored

KINDS = ("Shift", "Scale", "Smooth", "Mask", "Draw", "Swap in")
WIDTHS = (3, 5, 7, 9, 13, 25)
ROWS = 12  # on the canvas, unless more are chosen
DRAW_AS = "step: value, separated by commas, such as 3: 20.5, 10: 25"


def choose_rows(scene: Scene) -> list[int]:
    """Return the features that get a row on the canvas. Up to `ROWS` of them are all shown; of more the most important by ablation,
    edited and brushed ones, or those that the visitor chooses.
    """
    every = range(len(scene.features))
    if len(every) <= ROWS:
        return list(every)
    important = sorted(order_of_window(scene)[:ROWS])
    with st.popover(f"The {ROWS} most important by ablation of {len(every)} features: choose rows", width="stretch"):
        shown = st.multiselect("Features to show", every, important, scene.features.__getitem__, key=own_key(scene, "rows"))
    edited = {feature for edit in history_of(scene).applied for feature in edit.segment.features}
    return sorted({*(shown or important), *edited, *brushed_segment(scene).features})


def draw_tools(scene: Scene, segment: Segment) -> None:
    """Draw the widgets that choose a segment and an edit, and the list of edits with undo and redo."""
    _choose_segment(scene, segment)
    left, right = st.columns(2, gap="xsmall", vertical_alignment="bottom")
    kind = left.selectbox("Edit", KINDS, key="what_if_kind", persist_state="session")
    with right:
        _draw_tool(kind, scene, segment)
    _draw_buttons(scene, segment)
    if trouble := st.session_state.pop(TROUBLE, ""):
        st.error(plain(trouble), icon="⚠️")
    for trouble in left_out(scene):
        st.warning(plain(trouble), icon="⚠️")
    _list_edits(scene)


def _draw_buttons(scene: Scene, segment: Segment) -> None:
    history = history_of(scene)
    with st.container(horizontal=True, gap="xsmall"):
        st.button("Apply", key="what_if_apply", on_click=_apply, args=(scene, segment), type="primary")
        st.button("Undo", key="what_if_undo", on_click=undo, args=(scene,), disabled=not history.position)
        st.button("Redo", key="what_if_redo", on_click=redo, args=(scene,), disabled=history.position == len(history.edits))
        st.button("Reset", key="what_if_reset", on_click=reset, args=(scene,), disabled=not history.edits)


def _choose_segment(scene: Scene, segment: Segment) -> None:
    last = len(scene.inputs) - 1
    left, right = st.columns(2, gap="xsmall")
    left.multiselect(
        "Features to edit",
        range(len(scene.features)),
        format_func=scene.features.__getitem__,
        **mirrored("what_if_features", list(segment.features), _take_segment, segment),
    )
    if not last:
        return
    right.slider("Steps to edit", 0, last, **mirrored("what_if_steps", (segment.first, segment.last), _take_segment, segment))


def _take_segment(before: Segment) -> None:
    first, last = st.session_state.get("what_if_steps", (before.first, before.last))
    brush(Segment(first, last, tuple(sorted(st.session_state["what_if_features"]))))


def _amount_key(scene: Scene, segment: Segment) -> str:
    """Return the key of the amount: one for each first feature, because each has its own unit and standard deviation."""
    return own_key(scene, f"amount_{segment.features[0] if segment.features else ''}")


def _draw_tool(kind: str, scene: Scene, segment: Segment) -> None:
    """Draw the widget for what an edit of this kind needs besides the segment."""
    match kind:
        case "Shift":
            _ask_amount(scene, segment)
        case "Scale":
            st.number_input(
                "Factor",
                value=2.0,
                step=0.5,
                key="what_if_factor",
                format="%.4g",
                persist_state="session",
                help="Scales the segment around its own mean.",
            )
        case "Smooth":
            st.select_slider("Width (steps)", WIDTHS, value=5, key="what_if_width", persist_state="session")
        case "Mask":
            whose = scene.dataset.whose
            st.selectbox(
                "With", list(FILLINGS), format_func=lambda name: label_filling(name, whose), key="what_if_filling", persist_state="session"
            )
        case "Draw":
            st.text_input(
                "Points (step: value)",
                key="what_if_points",
                placeholder="3: 20.5, 10: 25",
                persist_state="session",
                help=f"Write {DRAW_AS}.",
            )
        case "Swap in":
            last = len(scene.dataset.windows) - 1
            st.number_input(
                f"Window (0 to {last})",
                0,
                last,
                key=own_key(scene, "other"),
                persist_state="session",
                help="The same steps of another window take their place.",
            )


def _ask_amount(scene: Scene, segment: Segment) -> None:
    """Draw the box for the amount of a shift, in the units of the features, which begins at the first one's standard deviation."""
    spread = scene.dataset.scaling.feature_std[segment.features[0]] if segment.features else 1.0
    units = dict.fromkeys(scene.dataset.schema.unit(scene.features[number]) for number in segment.features)
    named = ", ".join(plain(unit) for unit in units if unit) or "the file's units"
    st.number_input(f"By ({named})", value=float(f"{spread:.2g}"), key=_amount_key(scene, segment), format="%.4g", persist_state="session")


def _make_edit(scene: Scene, segment: Segment) -> Edit:
    """Return the edit of the chosen kind with the values of its widget.

    Raises:
        InterventionError: the points of a path cannot be read.
    """
    state = st.session_state
    match state["what_if_kind"]:
        case "Shift":
            return Shift(segment, state[_amount_key(scene, segment)])
        case "Scale":
            return Scale(segment, state["what_if_factor"])
        case "Smooth":
            return Smooth(segment, state["what_if_width"])
        case "Mask":
            return Mask(segment, state["what_if_filling"])
        case "Draw":
            points = points_of(state["what_if_points"])
            return Draw(Segment(points[0].step, points[-1].step, segment.features), points)
        case _:
            return Swap(segment, state[own_key(scene, "other")])


def _apply(scene: Scene, segment: Segment) -> None:
    """Add the edit: a callback, where the session's state holds also a number that was typed without Enter."""
    try:
        edit = _make_edit(scene, segment)
    except InterventionError as error:
        st.session_state[TROUBLE] = str(error)
    else:
        add(scene, edit)


def points_of(text: str) -> tuple[Point, ...]:
    """Return the points of a typed path, in the order of their steps.

    Raises:
        InterventionError: a part is not a step and a value, or there is no part.
    """
    points = []
    for part in filter(None, map(str.strip, text.split(","))):
        step, _, value = part.partition(":")
        try:
            points.append(Point(int(step), float(value)))
        except ValueError as error:
            raise InterventionError(f"{part!r} is not a point of a path. Write {DRAW_AS}.") from error
    if not points:
        raise InterventionError(f"The path has no point. Write {DRAW_AS}, or draw it with the mouse.")
    return tuple(sorted(points, key=lambda point: point.step))


def _list_edits(scene: Scene) -> None:
    history = history_of(scene)
    lines = [f"{history.position} of {len(history.edits)} edits applied" if history.edits else "No edits yet: this is the original window."]
    for place, edit in enumerate(history.edits):
        words = f"{place + 1}\\. {plain(describe(edit, scene))}"
        lines.append(words if place < history.position else f":gray[{words} (undone)]")
    if not fits_link(history.applied):
        lines.append("These edits are too long for a link: a link to this page shows the window without them.")
    st.caption("  \n".join(lines))
