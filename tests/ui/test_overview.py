"""The overview canvas and the strip of windows as Python knows them: what they send, and what they refuse."""

import json
import struct
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from complex_lstm.errors import ShapeError
from complex_lstm.ui.components.overview import Content, Line, Results
from complex_lstm.ui.components.overview.payload import THUMBNAIL, encode, thumbnails
from complex_lstm.ui.components.shared import float32
from complex_lstm.ui.components.window_scrubber import window_scrubber

STEPS, FEATURES = 5, 2
NOW = Results(
    (Line("<b>temp</b>", 1.5, float("nan"), 1.0, "temp 1.5 °F", "actual unknown"),),
    float32(np.ones((2, 4, STEPS, STEPS)) / STEPS),
    float32(np.linspace(0, 1, STEPS)),
    float32([[0.1], [0.2], [0.3]]),
    float32([0.25]),
)
CONTENT = Content(
    features=("a", "b"),
    units=("°F", ""),
    hidden_features=0,
    times=tuple("01234"),
    outputs=("<b>temp</b>",),
    is_classes=False,
    series=float32(np.arange(10).reshape(STEPS, FEATURES)),
    values=float32(np.arange(10, 20).reshape(STEPS, FEATURES)),
    tint=float32(np.full((STEPS, FEATURES), np.nan)),
    tint_name="Occlusion",
    tint_top=1.0,
    now=NOW,
)


def decoded(content: Content) -> tuple[dict[str, Any], np.ndarray]:
    """Read a message as the browser does: JSON has no NaN there."""
    sent = encode(content, file_name="window")
    (length,) = struct.unpack_from("<I", sent)

    def refuse(constant: str) -> None:
        raise AssertionError(f"{constant} is no JSON")

    return json.loads(sent[4 : 4 + length], parse_constant=refuse), np.frombuffer(sent[4 + length :], "<f4")


def test_the_browser_gets_series_values_tint_then_the_results() -> None:
    header, values = decoded(CONTENT)

    assert np.array_equal(values[:10], CONTENT.series.ravel()) and np.array_equal(values[10:20], CONTENT.values.ravel())
    assert np.isnan(values[20:30]).all()
    assert np.array_equal(values[30 + 2 * 4 * 25 :][:STEPS], NOW.gate)
    assert header["shapes"] == {"attention": [2, 4, STEPS, STEPS], "heads": [3, 1]}


def test_an_unknown_answer_is_null() -> None:
    header, _ = decoded(CONTENT)

    assert header["prediction"][0]["actual"] is None and header["prediction"][0]["name"] == "<b>temp</b>"


def test_results_as_they_were_follow_those_of_now() -> None:
    earlier = replace(NOW, gate=float32(np.zeros(STEPS)))

    header, values = decoded(replace(CONTENT, before=earlier, before_series=float32(np.ones((STEPS, FEATURES)))))

    assert header["before"][0]["predicted"] == 1.5 and header["hasEarlierSeries"] is True
    assert np.array_equal(values[-10:], np.ones(10))


def test_another_window_has_another_token() -> None:
    assert decoded(CONTENT)[0]["token"] != decoded(replace(CONTENT, series=CONTENT.series + 1))[0]["token"]


def test_arrays_of_another_window_are_refused() -> None:
    with pytest.raises(ShapeError, match=r"The shape of the tint is \(4, 2\), expected \(5, 2\)"):
        replace(CONTENT, tint=CONTENT.tint[1:])


def test_a_long_head_shows_the_largest_weight_of_each_square() -> None:
    attention = np.zeros((1, 1, 480, 480), dtype=np.float32)
    attention[0, 0, 473, 12] = 0.7  # in the last of 48 squares of ten steps down, and the second across

    small = thumbnails(attention)

    assert small.shape == (1, 1, THUMBNAIL, THUMBNAIL)
    assert small[0, 0, 47, 1] == np.float32(0.7) and small.sum() == np.float32(0.7)


def test_a_short_head_is_sent_whole() -> None:
    assert thumbnails(NOW.attention).shape == NOW.attention.shape


def test_the_strip_refuses_errors_of_other_windows() -> None:
    with pytest.raises(ShapeError, match="3 errors and 2 parts"):
        window_scrubber(
            np.zeros(3), np.array(["test", "test"]), chosen=0, error_name="", labels=[], file_name="windows", component_key="strip"
        )
