"""The figure of the model against simple models: dots, intervals and verdicts are the numbers that went in."""

import numpy as np
import pytest

from complex_lstm.figures.numbers import figure_csv
from complex_lstm.figures.simple_models import difference_dots
from complex_lstm.figures.svg import figure_svg

HOSTILE = '<a href="http://x">$a$</a>'
NAMES = ("repeating the last value", "ridge", "gradient boosting", HOSTILE)
VALUES, LOW, HIGH = np.array([-24.0, 3.9, 1.0, np.inf]), np.array([-31.0, 1.0, -2.0, np.nan]), np.array([-16.0, 6.7, 4.0, np.nan])


def dots(*, higher_is_better: bool = False, values: np.ndarray = VALUES):  # type: ignore[no-untyped-def]
    return difference_dots(
        values,
        LOW,
        HIGH,
        names=NAMES,
        measure="error",
        unit="%",
        higher_is_better=higher_is_better,
        title="The model against simple models",
    )


def test_each_dot_has_the_verdict_of_its_interval() -> None:
    intervals, better, worse, neither = dots().data

    assert list(better.y) == [NAMES[0]] and np.allclose(better.x, [-24]) and better.name == "the model is better"
    assert list(worse.y) == ["ridge"] and np.allclose(worse.x, [3.9]) and worse.name == "the simple model is better"
    assert list(neither.y) == ["gradient boosting"] and neither.name == "no difference shown"
    assert np.allclose(intervals.x, [-31, -16, np.nan, 1, 6.7, np.nan, -2, 4, np.nan], equal_nan=True)


def test_of_accuracies_the_right_side_is_the_models() -> None:
    _, better, worse, _ = dots(higher_is_better=True).data

    assert list(better.y) == ["ridge"] and list(worse.y) == [NAMES[0]]


def test_a_difference_without_an_interval_is_no_verdict_and_one_that_is_not_finite_has_no_dot() -> None:
    *_, neither = dots(values=np.array([np.nan, 3.9, 1.0, -7.0])).data
    assert list(neither.y) == ["gradient boosting", '&lt;a href="http://x"&gt;$a$&lt;/a&gt;']

    figure = difference_dots(
        np.full(1, np.nan), np.full(1, np.nan), np.full(1, np.nan), names=("ridge",), measure="m", unit="", higher_is_better=True, title=""
    )
    assert all(not len(trace.x) for trace in figure.data) and figure.layout.xaxis.range == (-1.0, 1.0)


def test_the_line_of_no_difference_is_within_the_axis_and_the_first_row_is_on_top() -> None:
    figure = dots()

    low, high = figure.layout.xaxis.range
    assert low < -31 and high > 6.7 and [shape.x0 for shape in figure.layout.shapes] == [0]
    assert figure.layout.yaxis.categoryarray[-1] == NAMES[0]


@pytest.mark.parametrize("make", [figure_csv, figure_svg])
def test_it_can_be_taken_along(make) -> None:  # type: ignore[no-untyped-def]
    made = make(dots())

    assert "ridge" in made and "3.9" in made if make is figure_csv else "<svg" in made


def test_no_name_reaches_plotly_as_html() -> None:
    assert HOSTILE.replace('"', '\\"') not in dots().to_json()
