"""The importance canvas: every method's map of the same cells, side by side and linked to each other and to the series.

A component of its own because Plotly cannot mark a cell in several heat maps while the mouse moves. The browser paints;
Python sends the maps, more of them while they are computed, and the browser reports which cell the visitor pinned.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import streamlit as st
from jaxtyping import Bool, Float

from complex_lstm.ui.components.attribution_maps.payload import CellPin, Content, ImportanceView, Window, encode, read_report
from complex_lstm.ui.components.shared import agree, float32, mount_canvas

__all__ = ["CellPin", "importance_canvas"]

_SCRIPTS = ("content.js", "figure.js", "marks.js", "canvas.js")


def follow_pin(component_key: str) -> None:
    """Take up the cell that the visitor has pinned: call it before the page decides whether it draws the canvas at all.

    A click that is followed by another pane at once ends the run in which the canvas would have been told.
    """
    memory, report = f"{component_key}_agreement", read_report(st.session_state.get(component_key))
    before = st.session_state.get(memory)
    if before is not None and report is not None and report.stamp != before.last_stamp:
        st.session_state[memory] = replace(before, shown=report.view, last_stamp=report.stamp)


def importance_canvas(
    cells: Float[np.ndarray, "method time feature"],
    *,
    series: Float[np.ndarray, "time feature"],
    scaled: Float[np.ndarray, "time feature"],
    methods: Sequence[str],
    unsigned: Sequence[bool],
    features: Sequence[str],
    units: Sequence[str],
    unit: str,
    times: Sequence[str],
    truth: Bool[np.ndarray, "time feature"] | None = None,
    own_range: bool,
    file_name: str,
    component_key: str,
) -> CellPin | None:
    """Return the cell that the visitor pinned in this window, if any.

    `cells` are signed importance in `unit`. Methods share one colour range, or with `own_range` each is divided by its
    own largest cell; a method that is `unsigned` has another unit, so its map is always on its own range and its label
    says so. A method that is all NaN is an empty map: name those still to come and the page keeps its height.

    `series` is the window in the file's `units` (NaN where a cell is empty), from which values are read; `scaled` is
    what the model sees, drawn as lines. Cells of the `truth` are outlined in every map; None where it is not known.

    Names and times are drawn as plain text, whatever they hold. `file_name`, without its ending, names what is
    downloaded. The pin outlives new methods, another range and another page, but not another window.

    Raises:
        ShapeError: the arrays, names and times do not fit each other.
    """
    known = np.zeros((0, len(features))) if truth is None else truth
    window = Window(float32(series), float32(scaled), float32(known), tuple(features), tuple(units), tuple(times))
    content = Content(float32(cells), window, tuple(methods), tuple(unsigned), unit, own_range)
    memory = f"{component_key}_agreement"
    before = st.session_state.get(memory)
    agreement = agree(
        before,
        wanted=(before.shown if before else ImportanceView(window.token)).within(window.token),
        report=read_report(st.session_state.get(component_key)),
    )
    data = encode(content, agreement=agreement, file_name=file_name)
    mount_canvas(Path(__file__).parent, _SCRIPTS, key=component_key, data=data)
    st.session_state[memory] = agreement
    return agreement.shown.within(window.token).pin
