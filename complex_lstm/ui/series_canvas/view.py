"""What the visitor brushed, drew or dragged, and how the browser reports it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from complex_lstm.interpretation.edits import Draw, Point, Segment, Shift
from complex_lstm.ui.canvas import Report


def read_report(state: Mapping[str, Any] | None) -> Report[Segment] | None:
    """Return the brushed segment in the component's state, or None before the visitor's first stroke."""
    told = None if state is None else state.get("view")
    if told is None:
        return None
    segment = told["segment"]
    return Report(Segment(segment["first"], segment["last"], tuple(segment["features"])), told["stamp"])


def read_edit(state: Mapping[str, Any] | None) -> Draw | Shift | None:
    """Return the path or the shift in the component's state, or None where the last report was of a brushed segment."""
    told = None if state is None else state.get("view")
    if told is None:
        return None
    if told["shift"] is not None:
        segment = told["segment"]
        return Shift(Segment(segment["first"], segment["last"], tuple(segment["features"])), float(told["shift"]))
    if told["path"] is None:
        return None
    points = tuple(Point(int(step), float(value)) for step, value in told["path"]["points"])
    return Draw(Segment(points[0].step, points[-1].step, (told["path"]["feature"],)), points)
