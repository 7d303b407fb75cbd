"""The data of the tour's picture, its message to the browser, and the browser's report of the chosen cell.

The message is a header, then the thumbnails of all boxes, the sheets of the opened box, the known cells, and the LSTM cells if shown.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
from jaxtyping import Bool

from complex_lstm.errors import ShapeError
from complex_lstm.figures.theme import GATE, KEY, PALETTE, QUERY, SEQUENTIAL, SIGNED
from complex_lstm.languages import _
from complex_lstm.ui.components.shared import Agreement, ViewReport, float32, message, packed_palette, token_of
from complex_lstm.ui.views.tour.cell import OpenCell
from complex_lstm.ui.views.tour.outlines import Outline
from complex_lstm.ui.views.tour.sheets import Sheet, TourBox

THUMBNAIL_ROWS, THUMBNAIL_COLUMNS = 48, 128  # more could not be distinguished on a thumbnail
_PALETTES = {"signed": packed_palette(SIGNED), "share": packed_palette(GATE), "weight": packed_palette(SEQUENTIAL)}


@dataclass(frozen=True)
class TourView:
    """One cell of one sheet of one box. All count from 0; over time the column is the step."""

    box: int
    sheet: int = 0
    row: int = 0
    column: int = 0


def read_report(state: Mapping[str, Any] | None) -> ViewReport[TourView] | None:
    """Return the report in the component's state, or None before the visitor's first click."""
    reported = None if state is None else state.get("view")
    if reported is None:
        return None
    return ViewReport(view=TourView(reported["box"], reported["sheet"], reported["row"], reported["column"]), stamp=reported["stamp"])


@dataclass(frozen=True)
class Picture:
    """All boxes, the sheets of the opened one, the window's times, the cells where they are shown, and the window's token.

    `known` has no step where the deciding cells are not known.
    """

    boxes: tuple[TourBox, ...]
    opened: int
    sheets: tuple[Sheet, ...]
    times: tuple[str, ...]
    known: Bool[np.ndarray, "known_time feature"]
    cell: OpenCell | None = None
    window: str = ""

    def __post_init__(self) -> None:
        if not 0 <= self.opened < len(self.boxes) or not self.sheets:
            raise ShapeError(
                f"Box {self.opened} of {len(self.boxes)} is opened with {len(self.sheets)} sheets, expected one of them, with sheets."
            )
        for sheet in self.sheets:
            if sheet.across in ("time", "key") and sheet.values.shape[1] != len(self.times):
                raise ShapeError(
                    f"The sheet {sheet.label!r} has {sheet.values.shape[1]} steps, expected {len(self.times)}, one for each time."
                )

    @cached_property
    def arrays(self) -> tuple[np.ndarray, ...]:
        """The arrays in the order of the message."""
        thumbnails = [_pooled(box.thumbnail).values for box in self.boxes]
        cell = self.cell.arrays if self.cell else ()
        return tuple(float32(values) for values in (*thumbnails, *(sheet.values for sheet in self.sheets), self.known, *cell))

    @cached_property
    def token(self) -> str:
        """A hash of all that is drawn: the same token means that nothing has to be decoded again."""
        sheets = [_described(sheet) for sheet in self.sheets]
        cell = self.cell.header if self.cell else None
        return token_of(
            [self.opened, [_face(box) for box in self.boxes], sheets, self.times, len(self.known), cell, self.window], self.arrays
        )


def encode(picture: Picture, *, agreement: Agreement[TourView], veiled: bool, outlines: tuple[Outline, ...] = (), file_name: str) -> bytes:
    """Return the message to the browser."""
    header = {
        "token": picture.token,
        "boxes": [_face(box) for box in picture.boxes],
        "opened": picture.opened,
        "sheets": [_described(sheet) for sheet in picture.sheets],
        "times": picture.times,
        "known": len(picture.known),
        "cell": picture.cell.header if picture.cell else None,
        "window": picture.window,
        "order": {"number": agreement.number, "view": agreement.order},
        "palettes": _PALETTES,
        "lines": PALETTE,
        "veiled": veiled,
        "outlines": [outline.header(picture.boxes) for outline in outlines],
        "file": file_name,
        "colours": {"forward": QUERY, "backward": KEY},
    }
    return message(header, picture.arrays)


def _face(box: TourBox) -> dict[str, Any]:
    names = {"name": box.name, "title": box.title, "does": box.does}
    return {**names, "shape": box.shape, "parameters": box.parameters, **_described(_pooled(box.thumbnail))}


def _described(sheet: Sheet) -> dict[str, Any]:
    """Return all of a sheet but its values."""
    height, width = sheet.values.shape
    low, mean, high = (float(part) for part in (sheet.values.min(), sheet.values.mean(), sheet.values.max()))
    return {
        "label": sheet.label,
        "height": height,
        "width": width,
        "rows": sheet.rows,
        "across": sheet.across,
        "axes": {"rows": _(sheet.rows), "across": _(sheet.across)},
        "reads": sheet.reads,
        "colours": sheet.colours,
        "top": sheet.top,
        "low": low,
        "mean": mean,
        "high": high,
        "zeros": float((sheet.values == 0).mean()),
        "names": sheet.names,
        "columns": sheet.columns,
        "reading": sheet.reading,
        "comesFirst": sheet.comes_first,
    }


def _pooled(sheet: Sheet) -> Sheet:
    """Return a sheet small enough for a thumbnail. Where cells are merged, the one farthest from zero is kept."""
    values = sheet.values
    for axis, most in enumerate((THUMBNAIL_ROWS, THUMBNAIL_COLUMNS)):
        if values.shape[axis] > most:
            starts = np.linspace(0, values.shape[axis], most, endpoint=False).astype(int)
            high, low = np.maximum.reduceat(values, starts, axis), np.minimum.reduceat(values, starts, axis)
            values = np.where(high >= -low, high, low)
    return replace(sheet, values=values)
