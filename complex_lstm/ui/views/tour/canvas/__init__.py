"""The picture of the tour: the whole model on one window, a time cursor through all boxes, and one box opened.

A component of its own so that moving the cursor paints in the browser, without a run of the page. Python sends
thumbnails of all boxes and the values of the opened one, and the browser reports which cell the visitor chose.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import streamlit as st

from complex_lstm.ui.components.shared import agree, mount_canvas
from complex_lstm.ui.views.tour.canvas.payload import Picture, TourView, encode, read_report
from complex_lstm.ui.views.tour.cell import open_cell, read_hold
from complex_lstm.ui.views.tour.outlines import Outline
from complex_lstm.ui.views.tour.sheets import Sheet, list_boxes
from complex_lstm.ui.views.tour.window import TourWindow

__all__ = ["SCRIPTS", "TourView", "tour_canvas"]

SCRIPTS = ("content.js", "boxes.js", "sheet.js", "outlines.js", "cell.js", "cell_view.js", "flow.js", "canvas.js")


def tour_canvas(
    window: TourWindow, *, view: TourView, veiled: bool, outlines: tuple[Outline, ...], file_name: str, component_key: str
) -> tuple[TourView, Sheet]:
    """Return the cell that is shown now, `view` or the one chosen in the picture since, and its sheet.

    Pass the returned view back in the next run; any other view is shown in place of the visitor's. A picture that
    is `veiled` has colours and no numbers. `outlines` are those of the answers. `file_name`, without its ending, begins the
    name of what is downloaded.
    """
    boxes, memory = list_boxes(window), f"{component_key}_agreement"
    state = st.session_state.get(component_key)
    report = read_report(state)
    agreement = agree(st.session_state.get(memory), wanted=view, report=report)
    number = min(agreement.shown.box, len(boxes) - 1)
    sheets = boxes[number].open()
    shown = within(agreement.shown, number, sheets)
    sheet, cell = sheets[shown.sheet], None
    if sheet.reading is not None and not veiled:
        cell = open_cell(window, sheet.place(0, 0).at[0], read_hold(state, window, number))
    picture = Picture(boxes, number, sheets, window.times, window.known, cell, window.token)
    data = encode(picture, agreement=agreement, veiled=veiled, outlines=outlines, file_name=file_name)
    mount_canvas(Path(__file__).parent, SCRIPTS, key=component_key, data=data)
    st.session_state[memory] = agreement
    return shown, sheet


def within(view: TourView, box: int, sheets: tuple[Sheet, ...]) -> TourView:
    """Return the nearest view that exists: a view may come from a link or from another window."""
    sheet = min(view.sheet, len(sheets) - 1)
    rows, columns = sheets[sheet].values.shape
    return replace(view, box=box, sheet=sheet, row=min(view.row, rows - 1), column=min(view.column, columns - 1))
