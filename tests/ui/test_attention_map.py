"""What the attention canvas sends: exact weights of short windows, bytes of long ones, and never more than a few MB."""

import json
import struct
from dataclasses import replace

import numpy as np
import pytest

from complex_lstm.errors import ShapeError
from complex_lstm.ui.components.attention_map.payload import (
    MOST_EXACT_BYTES,
    MOST_SERIES_VALUES,
    AttentionView,
    Content,
    as_bytes,
    encode,
    thinned_series,
    tile_side,
)
from complex_lstm.ui.components.shared import Agreement

AT_FIRST = Agreement(AttentionView(), 0, AttentionView(), None)


def content(side: int, *, heads: int = 8, square: int = 1, features: int = 1) -> Content:
    weights = np.random.default_rng(0).random((2, heads, side, side), dtype=np.float32)
    steps = side * square
    series = np.zeros((steps, features), np.float32)
    names, times = tuple(f"f{one}" for one in range(features)), tuple(f"2024-01-01 {step}" for step in range(steps))
    return Content(weights, weights.mean(axis=1), weights[0, 0], series, names, times, square)


def sent(one: Content) -> tuple[dict, bytes]:
    data = encode(one, agreement=AT_FIRST, file_name="x")
    (length,) = struct.unpack_from("<I", data)
    return json.loads(data[4 : 4 + length]), data[4 + length :]


def test_a_short_window_sends_its_weights_exactly() -> None:
    one = content(6)

    header, body = sent(one)

    values = np.frombuffer(body, "<f4")[6:]  # after the series
    assert header["isExact"] and np.array_equal(values.reshape(-1, 6, 6), one.maps)
    assert values.reshape(-1, 6, 6)[16] == pytest.approx(one.attention[0].mean(axis=0))


def test_a_long_window_sends_each_map_in_bytes_of_its_own_largest() -> None:
    one = content(300)

    header, body = sent(one)

    found = np.frombuffer(body[300 * 4 :], np.uint8).reshape(-1, 300, 300)
    assert not header["isExact"] and header["tops"] == one.maps.max(axis=(1, 2)).tolist()
    for values, exact, top in zip(found, one.maps, header["tops"], strict=True):
        assert np.abs(values * (top / 255) - exact).max() <= top / 509


@pytest.mark.parametrize(("side", "square", "features"), [(512, 1, 9), (512, 4, 9), (512, 40, 9), (512, 2, 1000)])
def test_no_window_sends_more_than_eight_megabytes(side: int, square: int, features: int) -> None:
    assert len(encode(content(side, square=square, features=features), agreement=AT_FIRST, file_name="x")) < 8e6


def test_the_exact_weights_are_bounded_too() -> None:
    side = int((MOST_EXACT_BYTES / 4 / 16) ** 0.5)

    assert content(side).is_exact and not content(side + 1).is_exact
    assert not replace(content(8, square=2)).is_exact


def test_a_head_of_zeros_is_zeros() -> None:
    assert not as_bytes(np.zeros((1, 3, 3), np.float32)).any()


def test_a_long_series_is_sent_as_its_smallest_and_largest_values() -> None:
    series = np.random.default_rng(0).standard_normal((MOST_SERIES_VALUES, 2)).astype(np.float32)
    series[7, 0], series[100:2000, 1] = 50, np.nan

    found = thinned_series(series)

    assert found.shape == (2048, 2) and found.size <= MOST_SERIES_VALUES
    assert np.fmax.reduce(found[:, 0]) == 50 and np.fmin.reduce(found[:, 1]) == np.fmin.reduce(series[:, 1])
    assert np.isnan(found[2, 1]) and np.array_equal(thinned_series(series[:9]), series[:9])


def test_a_tile_holds_whole_squares() -> None:
    assert [tile_side(square) for square in (1, 3, 40, 300)] == [256, 255, 240, 300]


def test_maps_that_do_not_fit_the_steps_are_refused() -> None:
    with pytest.raises(ShapeError, match=r"The attention has shape \(4, 4\), expected \(3, 3\): 6 steps"):
        replace(content(4), times=tuple("012345"), series=np.zeros((6, 1), np.float32), square=2)
