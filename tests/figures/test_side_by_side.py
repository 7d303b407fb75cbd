"""Two sides on one scale with their difference."""

from functools import partial

import numpy as np
import plotly.graph_objects as go

from complex_lstm.figures.side_by_side import (
    MOST_CELLS,
    ColourScale,
    SideLabels,
    block_size,
    side_by_side_bars,
    side_by_side_lines,
    side_by_side_maps,
)

LABELS = SideLabels("as it is", "<b>switched</b>")
SCALE = ColourScale(0.0, 4.0, "Viridis", "weight")


def maps(first: np.ndarray, second: np.ndarray, difference: np.ndarray) -> go.Figure:
    return side_by_side_maps(first, second, difference, labels=LABELS, scale=SCALE, x="key", y="query", title="")


def test_maps_share_one_scale_and_the_difference_is_centred_on_zero() -> None:
    first, second = np.array([[1.0, 2.0], [3.0, 4.0]]), np.array([[1.0, 0.0], [3.0, 1.0]])

    left, right, difference = maps(first, second, second - first).data

    assert [(one.zmin, one.zmax) for one in (left, right)] == [(0, 4), (0, 4)]
    assert (difference.zmin, difference.zmax) == (-3, 3) and difference.z.tolist() == [[0, -2], [0, -3]]
    assert left.colorscale == right.colorscale != difference.colorscale


def test_no_difference_is_drawn_as_none() -> None:
    same = np.ones((2, 2))

    assert not maps(same, same, same - same).data[2].z.any()


def test_names_of_the_sides_are_plain_text() -> None:
    figure = maps(np.ones((2, 2)), np.ones((3, 3)), np.zeros((2, 2)))

    assert "&lt;b&gt;switched&lt;/b&gt;" in [one.text for one in figure.layout.annotations]


def test_a_long_map_is_drawn_as_means_of_blocks_with_a_shorter_one_at_its_end() -> None:
    rows = np.arange(2 * MOST_CELLS + 1.0)
    values = np.repeat(rows[:, None], 2, axis=1)

    drawn = maps(values, values, values * 0).data[0]

    # 513 rows in blocks of 3: 0, 1, 2 have the mean 1; the last is 510, 511, 512
    assert block_size(len(rows)) == 3 and drawn.z.shape == (171, 2)
    assert drawn.z[0].tolist() == [1, 1] and drawn.z[-1, 0] == 511 and drawn.y[-1] == 510


def test_lines_of_a_row_share_a_range_and_unequal_ones_a_time_axis() -> None:
    first, second = np.array([[0.0, 10.0]]), np.array([[5.0, 6.0, 20.0]])
    steps = (np.arange(2), np.arange(3), np.arange(2))

    figure = side_by_side_lines(first, second, second[:, :2] - first, steps=steps, names=("<i>x</i>",), labels=LABELS, title="")

    assert figure.layout.yaxis.range == figure.layout.yaxis2.range and figure.layout.yaxis.range[1] >= 20
    assert figure.layout.yaxis3.range[0] == -figure.layout.yaxis3.range[1] and figure.data[2].y.tolist() == [5, -4]
    assert {figure.layout[name].range for name in ("xaxis", "xaxis2", "xaxis3")} == {(0, 2)}
    assert "&lt;i&gt;x" in figure.data[0].hovertemplate


def test_bars_share_a_range_that_holds_zero() -> None:
    first, second = np.array([[2.0, 3.0], [-1.0, 0.0]]), np.array([[2.5, 3.0], [4.0, 0.0]])

    figure = side_by_side_bars(first, second, names=("a", "b"), groups=("one", "two"), labels=LABELS, axis="logit", title="")

    assert len(figure.data) == 6 and figure.data[4].x.tolist() == [0.5, 0] and figure.data[5].x.tolist() == [5, 0]
    low, high = figure.layout.xaxis.range
    assert figure.layout.xaxis2.range == (low, high) and low < -1 and high > 4
    assert figure.layout.xaxis3.range[0] == -figure.layout.xaxis3.range[1]
    assert {axis.exponentformat for axis in figure.select_xaxes()} == {"power"}


def test_where_nothing_differs_the_third_column_says_so() -> None:
    same = np.array([[2.0, 3.0]])
    bars = partial(side_by_side_bars, names=("a", "b"), groups=("one",), labels=LABELS, axis="logit", title="")

    for figure, says in (
        (bars(same, same), True), (bars(same, same + 1), False), (maps(same, same, same - same), True), (maps(same, same, same), False),
    ):  # fmt: skip
        assert ("no difference" in [one.text for one in figure.layout.annotations]) == says


def test_rows_of_lines_have_their_units_as_plain_text() -> None:
    rows, steps = np.ones((2, 3)), (np.arange(3),) * 3

    figure = side_by_side_lines(rows, rows, rows * 0, steps=steps, names=("temp", "p"), labels=LABELS, title="", units=("<°F>", ""))

    assert (figure.layout.yaxis.title.text, figure.layout.yaxis4.title.text) == ("temp<br>&lt;°F&gt;", "p")
