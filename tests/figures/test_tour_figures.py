"""The failures of the tour, each figure with the numbers that were given to it."""

import numpy as np
import pytest

from complex_lstm.figures.theme import KEY
from complex_lstm.figures.tour import attention_and_loss_bars, baseline_bars, removal_bars

HOSTILE, ESCAPED = "<b>temp</b>", "&lt;b&gt;temp&lt;/b&gt;"


def test_a_bar_a_head_says_how_far_the_prediction_moves_without_it() -> None:
    figure = removal_bars(np.array([[0.1, 0.2], [0.0, 0.4]]))

    assert [bars.y.tolist() for bars in figure.data] == [pytest.approx([0.1, 0.2]), pytest.approx([0, 0.4])]
    assert list(figure.data[1].x) == ["layer 2, head 1", "layer 2, head 2"] and figure.data[0].name == "attention layer 1"
    assert figure.data[0].marker.color != figure.data[1].marker.color
    assert figure.layout.yaxis.title.text == "prediction moves by (model's scale)"


def test_what_is_looked_at_stands_above_what_is_needed_on_one_time_axis_with_the_step_marked() -> None:
    days = np.array(["2024-01-01", "2024-01-02", "2024-01-03"], dtype="datetime64[ns]")

    figure = attention_and_loss_bars(days, np.array([1.0, 3.0, 2.0]), np.array([0.5, 0.0, -0.5]), marked=1)

    above, below = figure.data
    assert above.y.tolist() == [1, 3, 2] and below.y.tolist() == [0.5, 0, -0.5] and list(above.x) == list(below.x)
    assert (figure.layout.yaxis.title.text, figure.layout.yaxis2.title.text) == ("attention received", "lost without the step")
    assert figure.layout.xaxis.matches == "x2" and figure.layout.shapes[0].x0 == above.x[1] and figure.layout.shapes[0].line.color == KEY
    assert figure.layout.annotations[0].text == "step 1"


def test_two_baselines_are_compared_as_shares() -> None:
    figure = baseline_bars(np.array([1.0, -3.0]), np.array([0.0, 2.0]), names=(HOSTILE, "b"), labels=("zero", "mean"))

    assert [list(one.y) for one in figure.data] == [[0.25, 0.75], [0, 1]] and [one.name for one in figure.data] == ["zero", "mean"]
    assert list(figure.data[0].x) == [ESCAPED, "b"] and figure.data[0].marker.color != figure.data[1].marker.color
    assert figure.layout.yaxis.title.text == "share of all importance" and figure.layout.yaxis.tickformat == ".0%"
