"""Times of day of a file that names no date: no figure makes a date up for them."""

import re

import numpy as np
import pytest

from complex_lstm.data import time_labels
from complex_lstm.figures.numbers import figure_csv
from complex_lstm.figures.series import series_lines
from complex_lstm.figures.svg import figure_svg

MORNING = np.datetime64("1700-01-01T08:00")  # as times of day are kept


@pytest.mark.parametrize(
    ("steps", "first", "tick", "hover"), [(30, "08:00", "%H:%M", "%H:%M"), (300, "day 1 08:00", "day %-j %H:%M", "day %-j %H:%M")]
)
def test_axes_and_what_is_taken_along_have_times_of_day_alone(steps: int, first: str, tick: str, hover: str) -> None:
    times = MORNING + np.arange(steps) * np.timedelta64(10, "m")

    figure = series_lines(times, np.random.default_rng(0).standard_normal((steps, 2)), names=("a", "b"))

    assert [stop.value for stop in figure.layout.xaxis.tickformatstops][2] == tick and figure.layout.xaxis2.hoverformat == hover
    assert figure_csv(figure).splitlines()[1].split(",")[2] == first
    drawn = re.sub(r"<[^>]*>", " ", figure_svg(figure))
    assert "1700" not in drawn and f" {first} " in drawn


def test_dates_keep_their_year() -> None:
    times = np.datetime64("2024-01-01T08:00") + np.arange(30) * np.timedelta64(10, "m")

    figure = series_lines(times, np.zeros((30, 1)), names=("a",))

    assert not figure.layout.xaxis.tickformatstops and "2024-01-01" in figure_csv(figure)


def test_times_of_a_hundredth_second_differ_as_text() -> None:
    times = MORNING.astype("datetime64[ms]") + np.arange(3) * np.timedelta64(10, "ms")

    assert time_labels(times) == ["08:00:00.000", "08:00:00.010", "08:00:00.020"]
