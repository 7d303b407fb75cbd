"""The failures of the tour, each figure with the numbers that were given to it."""

import numpy as np
import pytest

from complex_lstm.figures.theme import ACTUAL, KEY
from complex_lstm.figures.tour import GIVEN, RIGHT, answer_bars, baseline_bars, removal_bars, removal_of_steps_bars

HOSTILE, ESCAPED = "<b>temp</b>", "&lt;b&gt;temp&lt;/b&gt;"


def test_a_bar_a_head_says_how_far_the_prediction_moves_without_it() -> None:
    figure = removal_bars(np.array([[0.1, 0.2], [0.0, 0.4]]))

    assert [bars.y.tolist() for bars in figure.data] == [pytest.approx([0.1, 0.2]), pytest.approx([0, 0.4])]
    assert list(figure.data[1].x) == ["layer 2, head 1", "layer 2, head 2"] and figure.data[0].name == "attention layer 1"
    assert figure.data[0].marker.color != figure.data[1].marker.color
    assert figure.layout.yaxis.title.text == "prediction moves by (model's scale)"


def test_attention_stands_above_what_is_lost_alone_and_together_on_one_time_axis_and_both_losses_in_one_scale() -> None:
    days = np.array(["2024-01-01", "2024-01-02", "2024-01-03"], dtype="datetime64[ns]")

    figure = removal_of_steps_bars(
        days, np.array([1.0, 3.0, 2.0]), np.array([0.5, 0.0, -0.5]), np.array([2.0, 4.0, 3.0]), length=2, marked=1
    )

    above, alone, together = figure.data
    assert above.y.tolist() == [1, 3, 2] and alone.y.tolist() == [0.5, 0, -0.5] and together.y.tolist() == [2, 4, 3]
    assert list(above.x) == list(alone.x) == list(together.x) and together.name == "lost without 2 steps around it"
    layout = figure.layout
    assert (layout.yaxis.title.text, layout.yaxis2.title.text, layout.yaxis3.title.text) == ("attention", "alone", "together")
    assert layout.yaxis2.matches == "y3" and layout.yaxis.matches is None
    assert figure.layout.xaxis.matches == "x3" and figure.layout.shapes[0].x0 == above.x[1] and figure.layout.shapes[0].line.color == KEY
    assert figure.layout.annotations[0].text == "step 1"


def test_two_baselines_are_compared_as_shares() -> None:
    figure = baseline_bars(np.array([1.0, -3.0]), np.array([0.0, 2.0]), names=(HOSTILE, "b"), labels=("zero", "mean"))

    assert [list(one.y) for one in figure.data] == [[0.25, 0.75], [0, 1]] and [one.name for one in figure.data] == ["zero", "mean"]
    assert list(figure.data[0].x) == [ESCAPED, "b"] and figure.data[0].marker.color != figure.data[1].marker.color
    assert figure.layout.yaxis.title.text == "share of all importance" and figure.layout.yaxis.tickformat == ".0%"


def test_the_values_behind_a_question_are_bars_with_the_right_and_the_given_answer_in_their_colours() -> None:
    figure = answer_bars(np.array([1.0, 4.0, 2.0]), names=(HOSTILE, "b", "c"), title="size", given=(2.0,), right=(1.0,), is_level=False)

    found = [(one.name, one.marker.color, list(one.y), one.x.tolist()) for one in figure.data]
    assert found == [("", ACTUAL, [ESCAPED], [1]), ("right answer", RIGHT, ["b"], [4]), ("your answer", GIVEN, ["c"], [2])]
    assert figure.layout.xaxis.title.text == "size" and list(figure.layout.yaxis.categoryarray) == [ESCAPED, "b", "c"]


def test_an_answer_that_is_a_value_is_a_line_across_the_steps_and_none_is_marked_where_none_is_given() -> None:
    levels = answer_bars(np.array([1.0, 2.0, 6.0]), names=(), title="share", given=(5.0,), right=(3.0,), is_level=True)
    bare = answer_bars(np.array([1.0, 2.0, 6.0]), names=(), title="share", given=(), right=(), is_level=False)

    bars, right, given = levels.data
    assert (list(bars.x), bars.y.tolist()) == ([0, 1, 2], [1, 2, 6])
    assert [(list(one.x), one.y.tolist(), one.line.color) for one in (right, given)] == [([0, 2], [3, 3], RIGHT), ([0, 2], [5, 5], GIVEN)]
    assert [one.marker.color for one in bare.data] == [ACTUAL] and bare.layout.xaxis.title.text == "step"
