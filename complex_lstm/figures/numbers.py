"""The numbers of a figure as a table, for people who want to draw it their own way."""

from __future__ import annotations

import csv
import html
import io
import re
from collections.abc import Iterator
from typing import Any

import numpy as np
import plotly.graph_objects as go

from complex_lstm.data import is_day_of_recording, time_labels
from complex_lstm.wording import spreadsheet_cell

COLUMNS = ("panel", "trace", "x", "y", "z")


def figure_csv(figure: go.Figure) -> str:
    """Return what a figure draws as CSV, one row a point, bar or cell: panel, name of the trace, x, y and, for a heat map, z.

    Panels count from 1 in the order of the traces. Names are as in the file, without the escapes that Plotly needs, and
    with an apostrophe where a spreadsheet would take one for a formula; a missing value is empty. Traces of text alone are left out.
    """
    written = io.StringIO()
    rows = csv.writer(written, lineterminator="\n")
    rows.writerow(COLUMNS)
    panels: dict[tuple[str, str], int] = {}
    for trace in (one.to_plotly_json() for one in figure.data):
        if trace.get("mode") == "text":
            continue
        panel = panels.setdefault((trace.get("xaxis", "x"), trace.get("yaxis", "y")), len(panels) + 1)
        rows.writerows((panel, spreadsheet_cell(name_of(trace)), *map(spreadsheet_cell, point)) for point in _points(trace))
    return written.getvalue()


def name_of(trace: dict[str, Any]) -> str:
    """Return the name of a trace as its file has it, "" for a trace without one."""
    return as_plain(trace.get("name") or "")


def as_plain(text: object) -> str:
    """Return a text of Plotly, which is HTML, as plain text in one line."""
    return html.unescape(re.sub(r"<[^<>]*>", " ", str(text))).strip()


def without_date(values: Any) -> Any:
    """Return the times of an axis as text where they are times of day, to which no file has given a date; others as they are."""
    if values is None or not len(values) or not isinstance(values[0], str) or not re.fullmatch(r"17\d\d-\d\d-\d\dT[\d:.]+", values[0]):
        return values
    times = np.array(values, dtype="datetime64[ms]")
    return time_labels(times) if is_day_of_recording(times) else values


def _points(trace: dict[str, Any]) -> Iterator[tuple[object, object, object]]:
    if trace.get("z") is None:
        x, y = without_date(trace.get("x")), trace.get("y")
        length = max((len(one) for one in (x, y) if one is not None), default=0)
        for at in range(length):
            yield _cell(x, at), _cell(y, at), ""
        return
    z = np.asarray(trace["z"])
    trace = trace | {"x": without_date(trace.get("x"))}
    for row in range(z.shape[0]):
        for column in range(z.shape[1]):
            x, y = (
                trace[axis] if trace.get(axis) is not None else range(length) for axis, length in (("x", z.shape[1]), ("y", z.shape[0]))
            )
            yield _cell(x, column), _cell(y, row), _cell(z[row], column)


def _cell(values: Any, at: int) -> object:
    value = None if values is None else values[at]
    if value is None or (isinstance(value, float | np.floating) and np.isnan(value)):
        return ""
    return as_plain(value) if isinstance(value, str) else str(value)
