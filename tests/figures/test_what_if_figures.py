"""Figures of before and after: the numbers that went in, one range for what is compared, names as names."""

import numpy as np
import plotly.graph_objects as go
import pytest

from complex_lstm.figures.changes import before_after_heatmaps, change_lines, probability_change_bars

HOSTILE = '<a href="http://x">$a$</a>'
DAYS = np.arange("2024-01-01", "2024-01-04", dtype="datetime64[D]").astype("datetime64[ms]")
BEFORE = np.array([[1.0, -2.0], [3.0, 0.5], [0.0, 0.0]])  # (time, feature)
AFTER = np.array([[1.0, -2.0], [-4.0, 0.5], [0.0, 1.0]])
NAMES = (HOSTILE, "b")


def heatmaps() -> go.Figure:
    return before_after_heatmaps(DAYS, BEFORE, AFTER, changed=BEFORE != AFTER, features=NAMES, unit=HOSTILE, title="")


def lines() -> go.Figure:
    return change_lines(DAYS, BEFORE, AFTER, names=NAMES, units=(HOSTILE, ""), title="")


def bars() -> go.Figure:
    return probability_change_bars(np.array([0.9, 0.1]), np.array([0.25, 0.75]), classes=NAMES, title="")


@pytest.mark.parametrize("make", [heatmaps, lines, bars])
def test_no_name_reaches_plotly_as_html(make: object) -> None:
    assert HOSTILE.replace('"', '\\"') not in make().to_json()  # type: ignore[operator]


def test_before_after_and_difference_share_one_range_centred_on_zero() -> None:
    before, after, difference = (trace for trace in heatmaps().data if isinstance(trace, go.Heatmap))

    assert np.array_equal(before.z, BEFORE.T) and np.array_equal(after.z, AFTER.T)
    assert difference.z[0].tolist() == [0, -7, 0] and difference.z[1].tolist() == [0, 0, 1]
    assert {(one.zmin, one.zmax) for one in (before, after, difference)} == {(-7, 7)}


def test_dots_stand_on_the_edited_cells_of_what_comes_after() -> None:
    dots = [trace for trace in heatmaps().data if isinstance(trace, go.Scatter)]

    assert len(dots) == 2
    assert [one[:10] for one in dots[0].x] == ["2024-01-02", "2024-01-03"] and dots[0].y[1] == "b"


def test_a_changed_cell_has_a_marker_and_every_other_has_none() -> None:
    was, now, _, second = lines().data

    assert list(was.y) == [1, 3, 0] and list(now.y) == [1, -4, 0]
    assert list(now.marker.size) == [0, 6, 0] and list(second.marker.size) == [0, 0, 6]
    assert [trace.showlegend for trace in lines().data] == [True, True, False, False]


def test_each_class_has_its_probability_before_and_after() -> None:
    before, after = bars().data

    assert (before.name, after.name) == ("before", "after")
    assert np.allclose(before.x, [0.9, 0.1]) and np.allclose(after.x, [0.25, 0.75])
