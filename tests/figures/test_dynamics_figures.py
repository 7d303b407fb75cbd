"""Figures over the steps of a run: what settles has a ring, what comes in late leaves its place empty, marks stand in all rows."""

import numpy as np

from complex_lstm.figures.dynamics import StepMark, gate_spread_heatmap, head_lines, mark_steps, score_lines, settling_lines

HOSTILE = '<a href="http://x">$a$</a>'
STEPS = np.array([0, 10, 40])


def test_a_layer_has_a_line_in_both_rows_and_a_ring_where_it_has_settled() -> None:
    late = STEPS[1:]
    pace = np.array([np.nan, 2.0, 0.5])

    figure = settling_lines(
        (STEPS, late), (np.array([0.4, 0.01, 0.0]), np.array([0.3, 0.0])), (pace, pace[:2]), settled=(10, None), title="",
    )  # fmt: skip

    first, below, ring, second, _ = figure.data
    assert (first.name, second.name) == ("layer 1", "layer 2") and first.yaxis != below.yaxis
    assert np.allclose(first.y, [0.4, 0.01, 0]) and np.isnan(below.y[0]) and np.allclose(second.x, [10, 40])
    assert list(ring.x) == [10] and np.allclose(ring.y, [0.01]) and ring.marker.symbol == "circle-open"


def test_heads_are_drawn_pair_by_pair_beside_unrelated_ones() -> None:
    distance, correlation = np.array([[1.4, 0.2], [1.2, 0.4], [1.0, 0.6]]), np.array([[0.1, 0.9], [0.2, 0.8], [0.3, np.nan]])

    figure = head_lines(STEPS, distance, correlation, pairs=((0, 1), (1, 2)), title="")

    assert [trace.name for trace in figure.data if trace.showlegend] == ["ensemble heads 1 and 2", "ensemble heads 2 and 3"]
    assert np.allclose(figure.data[2].y, distance[:, 1]) and np.allclose(figure.data[3].y, correlation[:, 1], equal_nan=True)
    assert figure.layout.shapes[0].y0 == np.sqrt(2)


def test_the_gate_is_a_map_of_its_values_under_their_mean_and_quantiles() -> None:
    shares = np.array([[0.5, 0.5], [0.25, 0.75], [0.0, 1.0]])

    figure = gate_spread_heatmap(STEPS, shares, shares, shares[:, 1], levels=(0.1, 0.9), title="")

    heat, low, high, mean = figure.data
    assert np.allclose(heat.z, shares.T) and np.allclose(heat.y, [0.25, 0.75]) and heat.zmax == 1
    assert (low.name, bool(high.showlegend), mean.name) == ("10, 90% lie below", False, "mean")
    assert np.allclose(mean.y, [0.5, 0.75, 1.0])


def test_a_class_that_is_never_seen_has_no_line() -> None:
    each = np.array([[0.1, np.nan, 0.5], [0.2, np.nan, 0.6], [0.3, np.nan, 0.7]])

    figure = score_lines(STEPS, each, np.array([1.1, 0.9, 0.4]), names=("a", "b", "c"), measure="recall", title="")

    assert [trace.name for trace in figure.data] == ["a", "c", "loss"]


def test_marks_stand_in_all_rows_each_on_a_level_of_its_own() -> None:
    figure = settling_lines((STEPS,), (np.ones(3),), (np.ones(3),), settled=(None,), title="")

    marked = mark_steps(figure, (StepMark(30, "kept", "#000000"), StepMark(2, "slider", "#111111")), last=40)

    assert [(shape.x0, shape.x1, shape.yref) for shape in marked.layout.shapes] == [(30, 30, "paper"), (2, 2, "paper")]
    kept, slider = marked.layout.annotations
    assert kept.yshift < slider.yshift and (kept.xanchor, slider.xanchor) == ("right", "left")
    assert marked.layout.xaxis.range[0] < 0 and marked.layout.xaxis.range[1] > 40


def test_no_name_reaches_plotly_as_html() -> None:
    scores = score_lines(STEPS, np.ones((3, 1)), np.ones(3), names=(HOSTILE,), measure=HOSTILE, title="")

    for figure in (scores, mark_steps(scores, (StepMark(1, HOSTILE, "#000000"),), last=40)):
        assert HOSTILE.replace('"', '\\"') not in figure.to_json()
