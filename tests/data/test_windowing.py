"""Where windows stand, and what is in them."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from complex_lstm.config import WindowConfig
from complex_lstm.data.series import make_series
from complex_lstm.data.splitting import Span
from complex_lstm.data.windowing import Windows, make_windows
from complex_lstm.errors import ConfigError, DataError
from tests.data.tables import CLASSES, VALUES, counting

WHOLE_A, WHOLE_B = Span(0, 0, 7, "training"), Span(1, 0, 4, "test")


def windows_of(spans: tuple[Span, ...], config: WindowConfig, *, forecasts: bool = False, lengths: tuple[int, int] = (7, 4)) -> Windows:
    """Return windows over series a and b whose scaled feature counts all rows from 0: a is 0..6, b is 7..10."""
    table = counting(dict(zip("ab", lengths, strict=True)))
    rows = np.arange(sum(lengths), dtype=np.float32)[:, None]
    carried = 100.0 + rows.astype(float) if forecasts else np.zeros((len(rows), 0))
    return make_windows(make_series(table, VALUES if forecasts else CLASSES), rows, carried, spans, config, forecasts=forecasts)


def cells(windows: Windows) -> list[list[float]]:
    return windows.inputs(np.arange(len(windows)))[..., 0].tolist()


def test_windows_step_by_the_stride_and_never_leave_their_series() -> None:
    windows = windows_of((WHOLE_A, WHOLE_B), WindowConfig(length=3, stride=2))

    assert cells(windows) == [[0, 1, 2], [2, 3, 4], [4, 5, 6], [7, 8, 9]]
    assert windows.series.tolist() == [0, 0, 0, 1] and windows.start.tolist() == [0, 2, 4, 0]
    assert windows.part.tolist() == ["training"] * 3 + ["test"]


def test_windows_never_cross_the_border_of_a_part() -> None:
    windows = windows_of((Span(0, 0, 4, "training"), Span(0, 4, 7, "test")), WindowConfig(length=3))

    assert cells(windows) == [[0, 1, 2], [1, 2, 3], [4, 5, 6]]
    assert windows.of_part("test").tolist() == [2] and windows.of_part("validation").tolist() == []


def test_a_forecast_is_the_value_after_the_horizon() -> None:
    windows = windows_of((WHOLE_A, WHOLE_B), WindowConfig(length=2, horizon=3), forecasts=True)

    assert cells(windows) == [[0, 1], [1, 2], [2, 3]]  # in b a window of 2 and 3 ahead do not fit
    assert windows.last[:, 0].tolist() == [101, 102, 103]
    assert windows.actual[:, 0].tolist() == [104, 105, 106]


def test_what_is_forecast_lies_in_the_part_of_its_window() -> None:
    windows = windows_of((Span(0, 0, 4, "training"), Span(0, 4, 7, "test")), WindowConfig(length=2), forecasts=True)

    assert cells(windows) == [[0, 1], [1, 2], [4, 5]]
    assert windows.actual[:, 0].tolist() == [102, 103, 106]


def test_the_class_of_a_window_is_that_of_its_last_step() -> None:
    windows = windows_of((WHOLE_A, WHOLE_B), WindowConfig(length=4, stride=3))

    assert windows.label.tolist() == ["a", "a", "b"]
    assert windows.actual.shape == (3, 0)


def test_whole_series_are_windows_of_their_own_length() -> None:
    windows = windows_of((WHOLE_A, WHOLE_B), WindowConfig(length=50, whole_series=True))

    assert windows.length.tolist() == [7, 4]
    assert cells(windows) == [[0, 1, 2, 3, 4, 5, 6], [7, 8, 9, 10, 0, 0, 0]]
    assert windows.inputs(np.array([1]))[0, :, 0].tolist() == [7, 8, 9, 10]


def test_inputs_come_in_the_order_asked_for() -> None:
    windows = windows_of((WHOLE_A, WHOLE_B), WindowConfig(length=3))  # five of series a, then two of b

    found = windows.inputs(np.array([5, 0, 0]))

    assert found[..., 0].tolist() == [[7, 8, 9], [0, 1, 2], [0, 1, 2]]
    assert found.dtype == np.float32 and found.shape == (3, 3, 1)


def test_fewer_rows_than_a_window_are_told() -> None:
    with pytest.raises(DataError, match="No window fits: a window of 8 steps needs 8 rows, the longest stretch has 7. "
                                        "Choose a window of at most 7 steps, or add rows"):  # fmt: skip
        windows_of((WHOLE_A, WHOLE_B), WindowConfig(length=8))

    with pytest.raises(DataError, match="a window of 6 steps and 2 ahead needs 8 rows, .* at most 5 steps"):
        windows_of((WHOLE_A, WHOLE_B), WindowConfig(length=6, horizon=2), forecasts=True)


@pytest.mark.parametrize("name", ["length", "stride", "horizon"])
def test_a_window_of_no_steps_is_told(name: str) -> None:
    with pytest.raises(ConfigError, match=f"The window's {name} is 0, expected 1 or more time steps"):
        WindowConfig(**{name: 0})


@settings(max_examples=40)
@given(st.integers(1, 9), st.integers(1, 5), st.integers(1, 4), st.integers(9, 25), st.integers(9, 25), st.integers(0, 9), st.booleans())
def test_no_window_crosses_a_border(length: int, stride: int, horizon: int, a: int, b: int, cut: int, forecasts: bool) -> None:
    spans = (Span(0, 0, cut, "training"), Span(0, cut, a, "test"), Span(1, 0, b, "validation"))
    config = WindowConfig(length=length, stride=stride, horizon=horizon)
    ahead = horizon if forecasts else 0
    if all(span.stop - span.start < length + ahead for span in spans):
        return

    windows = windows_of(spans, config, forecasts=forecasts, lengths=(a, b))

    borders = {span.part: span for span in spans}
    for start, series, part, row in zip(windows.start, windows.series, windows.part, cells(windows), strict=True):
        span = borders[part]
        assert span.series == series and span.start <= start and start + length + ahead <= span.stop
        assert row == list(range(a * series + start, a * series + start + length))
    assert len(windows) == sum(max(0, -(-(s.stop - s.start - length - ahead + 1) // stride)) for s in spans)


def test_new_data_is_forecast_past_its_end_with_the_answer_unknown() -> None:
    windows = windows_of((Span(0, 0, 7, "new"), Span(1, 0, 4, "new")), WindowConfig(length=3, horizon=2, stride=4), forecasts=True)

    assert cells(windows) == [[0, 1, 2], [4, 5, 6], [7, 8, 9]]
    assert np.isnan(windows.actual[:, 0]).tolist() == [False, True, True]
    assert windows.last[:, 0].tolist() == [102, 106, 109]
