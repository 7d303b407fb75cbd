"""The figures of slices and of shifts: what they draw, that Plotly finds nothing wrong with them, and that they can be drawn as SVG."""

import json

import numpy as np
import plotly.graph_objects as go

from complex_lstm.figures.numbers import figure_csv
from complex_lstm.figures.slices import BEYOND, UNRANKED, WITHIN, share_curves, slice_dots
from complex_lstm.figures.svg import figure_svg

DIFFERENCE = np.array([[0.3, 0.1, 0.5], [0.1, -0.1, 0.3], [0.2, np.nan, np.nan]])


def dots(chosen: int | None = 1) -> go.Figure:
    return slice_dots(
        ["<b>a</b>", "b & c", "c"],
        DIFFERENCE,
        np.array([True, False, False]),
        links=["x: a", "x: b", "x: c"],
        x="x",
        title="t",
        chosen=chosen,
    )


def is_valid(figure: go.Figure) -> bool:
    return bool(json.loads(go.Figure(figure.to_dict()).to_json()) == json.loads(figure.to_json()))


def test_a_dot_is_coloured_by_what_chance_leaves_of_it_and_carries_its_link() -> None:
    figure = dots()
    kinds = {trace.name: trace for trace in figure.data}

    assert {BEYOND, WITHIN, UNRANKED, "95% interval", "chosen slice"} == set(kinds)
    assert list(kinds[BEYOND].customdata) == ["x: a"] and list(kinds[BEYOND].y) == ["1. &lt;b&gt;a&lt;/b&gt;"]
    assert np.allclose(np.array(kinds["95% interval"].x, dtype=float)[:2], [0.1, 0.5]) and kinds["chosen slice"].x[0] == 0.1
    assert is_valid(figure)


def test_names_are_those_of_the_file_in_svg_and_csv() -> None:
    assert "1. &lt;b&gt;a&lt;/b" in figure_svg(dots()) and "<b>" not in figure_svg(dots())
    assert "b & c" in figure_csv(dots(None)) and "chosen slice" not in figure_csv(dots(None))


def test_curves_are_steps_and_quantiles_are_points() -> None:
    levels, before, after = np.array([1.0, 2.0, 3.0]), np.array([0.2, 0.5, 1.0]), np.array([0.0, 0.1, 1.0])
    shared = {"name": "temp", "unit": "°F", "new": "test", "title": "t"}
    curves, points = (share_curves(levels, before, after, **shared, are_quantiles=is_few) for is_few in (False, True))  # type: ignore[arg-type]

    assert [trace.line.shape for trace in curves.data] == ["hv", "hv"] and [trace.mode for trace in points.data] == ["lines+markers"] * 2
    assert [trace.name for trace in curves.data] == ["training", "test"] and "temp (°F)" in figure_svg(points)
    assert is_valid(curves) and is_valid(points)
