"""What a figure can be taken along as: its numbers as CSV, and a drawing that needs no browser."""

import csv
import io
import re
import xml.etree.ElementTree as ET
from typing import Any

import numpy as np
import plotly.graph_objects as go
import pytest

from complex_lstm.figures.numbers import figure_csv
from complex_lstm.figures.series import series_lines
from complex_lstm.figures.svg import figure_svg
from tests.figures import test_explanation_figures, test_figures

EVERY = test_figures.ALL_FIGURES | test_explanation_figures.ALL_FIGURES
HOSTILE = test_figures.HOSTILE
SVG = "{http://www.w3.org/2000/svg}"


def rows(figure: go.Figure) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(figure_csv(figure))))


def test_each_point_of_each_line_is_a_row_with_its_panel() -> None:
    values = np.array([[1.5, -2.0], [np.nan, 4.0]])

    found = rows(series_lines(np.arange(2.0), values, names=("a, b", HOSTILE)))

    assert [tuple(one.values()) for one in found] == [
        ("1", "a, b", "0.0", "1.5", ""),
        ("1", "a, b", "1.0", "", ""),  # an empty cell is empty
        ("2", HOSTILE, "0.0", "-2.0", ""),  # a name is as in the file, without Plotly's escapes
        ("2", HOSTILE, "1.0", "4.0", ""),
    ]


def test_each_cell_of_a_heat_map_is_a_row() -> None:
    figure = go.Figure(go.Heatmap(z=np.array([[1, 2], [3, 4]]), x=["p", "q"], name="map"))

    assert [tuple(one.values()) for one in rows(figure)] == [
        ("1", "map", "p", "0", "1"),
        ("1", "map", "q", "0", "2"),
        ("1", "map", "p", "1", "3"),
        ("1", "map", "q", "1", "4"),
    ]


@pytest.mark.parametrize("make", EVERY.values(), ids=EVERY)
def test_every_figure_can_be_drawn_without_a_browser(make: Any) -> None:
    drawn = ET.fromstring(figure_svg(make()))

    assert drawn.tag == f"{SVG}svg" and len(drawn) > 3
    assert not re.search(r'["\s,MHVL]nan', ET.tostring(drawn, encoding="unicode"))


@pytest.mark.parametrize("make", EVERY.values(), ids=EVERY)
def test_every_figure_has_numbers(make: Any) -> None:
    assert len(rows(make())) > 1


def test_a_drawn_line_goes_through_its_values() -> None:
    figure = go.Figure(go.Scatter(x=[0, 1, 2], y=[0, 10, 5], mode="lines"), {"xaxis": {"range": [0, 2]}, "yaxis": {"range": [0, 10]}})

    line = ET.fromstring(figure_svg(figure)).find(f".//{SVG}polyline")

    assert line is not None
    (x0, y0), (x1, y1), (x2, y2) = (tuple(map(float, point.split(","))) for point in line.attrib["points"].split())
    assert x1 - x0 == pytest.approx(x2 - x1, abs=0.2)
    assert y0 - y1 == pytest.approx(2 * (y2 - y1), abs=0.2)  # down is plus: from 0 up to 10, and half of it back to 5


def test_a_line_breaks_where_a_value_is_missing() -> None:
    drawn = ET.fromstring(figure_svg(go.Figure(go.Scatter(x=[0, 1, 2, 3, 4], y=[1, 2, None, 3, 4], mode="lines"))))

    assert len(drawn.findall(f".//{SVG}polyline")) == 2


def test_names_in_a_drawing_are_text() -> None:
    drawn = figure_svg(series_lines(np.arange(2.0), np.ones((2, 1)), names=("<img src=x>",), title="<script>"))

    assert "<img" not in drawn and "<script" not in drawn
