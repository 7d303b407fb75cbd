"""The series canvas: a window's series, on which the visitor selects a segment, drags it, or draws new values with the mouse.

A component of its own because Plotly reports no path and no box over several rows. The browser paints; Python sends
the series before and after the edits; the browser reports what was brushed, drawn or dragged, and, while the mouse is down,
what it draws or drags at the moment.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import streamlit as st
from jaxtyping import Float

from complex_lstm.interpretation.edits import Draw, Segment, Shift
from complex_lstm.ui.components.series_editor.payload import Content, encode, is_preview, read_edit, read_report
from complex_lstm.ui.components.shared import agree, float32, mount_canvas

__all__ = ["made_edit", "moving_edit", "series_canvas"]

_SCRIPTS = ("content.js", "figure.js", "canvas.js")


def made_edit(component_key: str) -> Draw | Shift | None:
    """Return the edit that the visitor has drawn or dragged since the last call, None if there is none.

    Call it before the series is drawn, so that the same run of the page shows the result.
    """
    state, memory = st.session_state.get(component_key), f"{component_key}_edit"
    report = read_report(state)
    if report is None or is_preview(state) or report.stamp == st.session_state.get(memory):
        return None
    st.session_state[memory] = report.stamp
    return read_edit(state)


def moving_edit(component_key: str) -> Draw | Shift | None:
    """Return what the visitor is drawing or dragging at this moment, as the edit that it would be on release; None where nothing moves."""
    state = st.session_state.get(component_key)
    return read_edit(state) if is_preview(state) else None


def series_canvas(
    before: Float[np.ndarray, "time feature"],
    after: Float[np.ndarray, "time feature"],
    *,
    shown: Sequence[int],
    features: Sequence[str],
    units: Sequence[str],
    times: Sequence[str],
    segment: Segment,
    file_name: str,
    component_key: str,
) -> Segment:
    """Return the segment that is brushed now: `segment`, or what the visitor brushed in the canvas since.

    Pass the returned segment back in the next run; any other is shown in place of what the visitor had brushed. `shown` are the
    numbers of the features that get a row; `features` and `units` are those of all. Values are in the file's units, and
    names and times are drawn as plain text, whatever they hold. `made_edit` returns what is
    drawn or dragged.

    Raises:
        ShapeError: the arrays, names and times do not fit each other.
    """
    rows = list(shown)
    content = Content(
        float32(before[:, rows]),
        float32(after[:, rows]),
        tuple(rows),
        tuple(features[row] for row in rows),
        tuple(units[row] for row in rows) if units else ("",) * len(rows),
        tuple(times),
    )
    state, memory = st.session_state.get(component_key), f"{component_key}_agreement"
    report = read_report(state)
    agreement = agree(st.session_state.get(memory), wanted=segment, report=report)
    answered = report.stamp if report is not None and is_preview(state) else 0
    data = encode(content, agreement=agreement, file_name=file_name, answered=answered)
    mount_canvas(Path(__file__).parent, _SCRIPTS, key=component_key, data=data)
    st.session_state[memory] = agreement
    return agreement.shown
