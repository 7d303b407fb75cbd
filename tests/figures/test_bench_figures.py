"""The figures of the bench: where a change shows, and what each component contributes."""

import numpy as np
import pytest

from complex_lstm.figures.changes import change_bars, contribution_bars

HOSTILE = "<b>box</b>"


def test_every_box_has_the_bar_that_was_given_from_the_first_of_the_walk_at_the_top() -> None:
    figure = change_bars(np.array([0.0, 0.5, 0.25]), sites=(HOSTILE, "b", "c"), title="where")
    (bars,) = figure.data

    assert bars.x.tolist() == [0, 0.5, 0.25] and list(bars.y) == ["&lt;b&gt;box&lt;/b&gt;", "b", "c"] and bars.orientation == "h"
    assert figure.layout.yaxis.autorange == "reversed" and figure.layout.xaxis.title.text == "mean |change| / mean |before|"
    assert figure.layout.xaxis.range[0] == 0 and figure.layout.xaxis.range[1] > 0.5 and figure.layout.title.text == "where"


def test_the_first_box_that_moves_stands_out_and_a_box_that_was_zero_says_so() -> None:
    (bars,) = change_bars(np.array([0.0, 0.5, np.inf, 0.25]), sites=("a", "b", "c", "d"), title="").data

    assert [colour == bars.marker.color[1] for colour in bars.marker.color] == [False, True, False, False]
    assert bars.x.tolist() == [0, 0.5, 0.5, 0.25] and bars.text == ("", "first", "was zero", "")


def test_nothing_moved_has_no_first() -> None:
    (bars,) = change_bars(np.zeros(3), sites=("a", "b", "c"), title="").data

    assert not any(bars.text) and len(set(bars.marker.color)) == 1


@pytest.mark.parametrize(("by_size", "order"), [(False, ("c", "b", "a")), (True, ("a", "c", "b"))])
def test_contributions_stand_in_the_order_of_the_walk_or_of_their_size(by_size: bool, order: tuple[str, ...]) -> None:
    figure = contribution_bars(
        np.array([0.1, 0.9, -0.5]), np.array([0.01, np.nan, 0.02]), components=("a", "b", "c"), parts=("x", "y", "x"), axis="change",
        by_size=by_size, title="",
    )  # fmt: skip

    assert figure.layout.yaxis.categoryarray == order and figure.layout.xaxis.title.text == "change"  # from below
    bars = {trace.name: dict(zip(trace.y, zip(trace.x, trace.error_x.array, strict=True), strict=True)) for trace in figure.data}
    assert set(bars["x"]) == {"a", "c"} and bars["y"]["b"] == pytest.approx((0.9, 0)) and bars["x"]["c"] == pytest.approx((-0.5, 0.02))


def test_a_part_has_one_colour_and_hostile_names_are_plain_text() -> None:
    figure = contribution_bars(
        np.ones(3), np.zeros(3), components=(HOSTILE, "b", "c"), parts=("x", HOSTILE, "x"), axis="", by_size=False, title=""
    )

    assert [trace.name for trace in figure.data] == ["x", "&lt;b&gt;box&lt;/b&gt;"] and figure.data[0].y[0] == "&lt;b&gt;box&lt;/b&gt;"
    assert figure.data[0].marker.color != figure.data[1].marker.color
