"""The data of the series editor, its message to the browser, and the browser's report of what was brushed, drawn or dragged.

The message is a header, then the series before and after the edits.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from jaxtyping import Float32

from complex_lstm.errors import ShapeError
from complex_lstm.figures.theme import PALETTE
from complex_lstm.interpretation.edits import Draw, Point, Segment, Shift
from complex_lstm.ui.components.shared import Agreement, ViewReport, message, token_of


@dataclass(frozen=True)
class Content:
    """The rows that are shown: their series before and after the edits, and which of the window's features they are."""

    before: Float32[np.ndarray, "time row"]
    after: Float32[np.ndarray, "time row"]
    numbers: tuple[int, ...]
    features: tuple[str, ...]
    units: tuple[str, ...]
    times: tuple[str, ...]

    def __post_init__(self) -> None:
        steps, rows = len(self.times), len(self.numbers)
        if steps == 0 or rows == 0:
            raise ShapeError(f"The window has {steps} times and {rows} rows, expected one or more of each.")
        for name, found, expected in (
            ("series before", self.before.shape, (steps, rows)),
            ("series after", self.after.shape, (steps, rows)),
            ("names", (len(self.features),), (rows,)),
            ("units", (len(self.units),), (rows,)),
        ):
            if found != expected:
                raise ShapeError(f"The shape of the {name} is {found}, expected {expected}: {steps} times and {rows} rows.")

    @property
    def token(self) -> str:
        """Return a hash of all that is drawn: the same token means that nothing has to be decoded again."""
        return token_of([self.numbers, self.features, self.units, self.times], [self.before, self.after])


def encode(content: Content, *, agreement: Agreement[Segment], file_name: str, answered: int = 0) -> bytes:
    """Return the message to the browser. `answered` is the stamp of the preview that the page has followed: only then comes the next."""
    header: dict[str, Any] = {
        "token": content.token,
        "numbers": content.numbers,
        "features": content.features,
        "units": content.units,
        "times": content.times,
        "colours": [PALETTE[number % len(PALETTE)] for number in content.numbers],
        "order": {"number": agreement.number, "segment": agreement.order},
        "file": file_name,
        "answered": answered,
    }
    return message(header, (content.before, content.after))


def read_report(state: Mapping[str, Any] | None) -> ViewReport[Segment] | None:
    """Return the brushed segment in the component's state, or None before the visitor's first stroke."""
    reported = None if state is None else state.get("view")
    if reported is None:
        return None
    segment = reported["segment"]
    return ViewReport(Segment(segment["first"], segment["last"], tuple(segment["features"])), reported["stamp"])


def is_preview(state: Mapping[str, Any] | None) -> bool:
    """Return whether the last report is of a drag that goes on, and no edit yet."""
    reported = None if state is None else state.get("view")
    return bool(reported and reported.get("isPreview"))


def read_edit(state: Mapping[str, Any] | None) -> Draw | Shift | None:
    """Return the path or the shift in the component's state, or None where the last report was of a brushed segment."""
    reported = None if state is None else state.get("view")
    if reported is None:
        return None
    if reported["shift"] is not None:
        segment = reported["segment"]
        return Shift(Segment(segment["first"], segment["last"], tuple(segment["features"])), float(reported["shift"]))
    if reported["path"] is None:
        return None
    points = tuple(Point(int(step), float(value)) for step, value in reported["path"]["points"])
    return Draw(Segment(points[0].step, points[-1].step, (reported["path"]["feature"],)), points)
