"""The tour's picture as Python knows it: what it sends, what it refuses, and which cell it reports."""

import json
import struct
from typing import Any

import numpy as np
import pytest

from complex_lstm.errors import ShapeError
from complex_lstm.ui.components.shared import Agreement, ViewReport
from complex_lstm.ui.views.tour.canvas import within
from complex_lstm.ui.views.tour.canvas.payload import THUMBNAIL_COLUMNS, Picture, TourView, _pooled, encode, read_report
from complex_lstm.ui.views.tour.sheets import Sheet, list_boxes
from tests.ui.toured import planted

WIDE = Sheet("wide", np.zeros((2, 300), np.float32), "channel")


def picture(opened: int) -> Picture:
    window = planted()
    boxes = list_boxes(window)
    return Picture(boxes, opened, boxes[opened].open(), window.times, window.known)


def decoded(sent: bytes) -> tuple[dict[str, Any], np.ndarray]:
    """Read a message as the browser does."""
    (length,) = struct.unpack_from("<I", sent)
    return json.loads(sent[4 : 4 + length]), np.frombuffer(sent[4 + length :], "<f4")


def test_the_browser_gets_all_thumbnails_then_the_opened_sheets_then_the_known_cells() -> None:
    shown = TourView(box=5, row=1, column=2)

    header, values = decoded(encode(picture(5), agreement=Agreement(shown, 3, shown, None), veiled=True, file_name="tour"))

    window = planted()
    sizes = [one["height"] * one["width"] for one in (*header["boxes"], *header["sheets"])]
    assert len(values) == sum(sizes) + window.known.size
    gate = values[sum(sizes[: len(header["boxes"])]) :][: sizes[len(header["boxes"])]]
    assert np.array_equal(gate.reshape(32, 50), window.trace.gate[0].numpy().T)
    assert np.array_equal(values[sum(sizes) :].reshape(50, 9) > 0, window.known)
    assert header["veiled"] and header["order"] == {"number": 3, "view": {"box": 5, "sheet": 0, "row": 1, "column": 2}}
    assert [box["name"] for box in header["boxes"]][:2] == ["Series", "Projection"] and header["known"] == 50


def test_another_opened_box_is_another_token_and_the_same_box_is_not() -> None:
    assert picture(1).token == picture(1).token != picture(2).token


def test_a_thumbnail_keeps_a_lone_peak_of_either_sign() -> None:
    values = WIDE.values.copy()
    values[0, 150], values[1, 299] = 5, -7
    pooled = _pooled(Sheet("wide", values, "channel")).values

    assert pooled.shape == (2, THUMBNAIL_COLUMNS)
    assert pooled.max() == 5 and pooled.min() == -7 and pooled[1, -1] == -7


def test_a_sheet_of_other_steps_is_refused() -> None:
    window = planted()

    with pytest.raises(ShapeError, match="The sheet 'wide' has 300 steps, expected 50"):
        Picture(list_boxes(window), 1, (WIDE,), window.times, window.known)
    with pytest.raises(ShapeError, match="Box 99 of 16 is opened with 1 sheets"):
        Picture(list_boxes(window), 99, (WIDE,), window.times, window.known)


def test_a_cell_that_is_not_there_gives_way_to_the_nearest() -> None:
    assert within(TourView(box=3, sheet=9, row=40, column=400), 3, (WIDE,)) == TourView(box=3, sheet=0, row=1, column=299)


def test_a_report_is_read_as_the_browser_tells_it() -> None:
    assert read_report(None) is None and read_report({"view": None}) is None
    told = {"view": {"box": 2, "sheet": 1, "row": 4, "column": 7, "stamp": 11}}
    assert read_report(told) == ViewReport(TourView(2, 1, 4, 7), stamp=11)
