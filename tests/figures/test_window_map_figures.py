"""The map of windows as a figure: every point is there, groups are bounded, and it can be taken along."""

import csv
import io
import json
import xml.etree.ElementTree as ET
from typing import Any

import numpy as np
import plotly.graph_objects as go
import pytest

from complex_lstm.figures.numbers import figure_csv
from complex_lstm.figures.svg import figure_svg
from complex_lstm.figures.window_map import Amounts, Groups, TintedRow, bounded_groups, tinted_rows, window_points
from tests.figures.test_figures import HOSTILE

SVG = "{http://www.w3.org/2000/svg}"
PLACES = np.array([[0, 0], [1, 2], [3, 1], [4, 4]], dtype=np.float32)


def drawn(colouring: Groups | Amounts, *, places: np.ndarray = PLACES, words: tuple[str, ...] = ("p", "q", "r", HOSTILE)) -> go.Figure:
    return window_points(
        places, colouring, numbers=10 * np.arange(len(places)), words=words, here=np.array([1.0, 2.0]), similar=places[2:4],
        axes=("one", "two"), title="map",
    )  # fmt: skip


GROUPS = bounded_groups([HOSTILE, "b", "", "b"], "class", first=HOSTILE)
ROWS = [
    TintedRow("kind 1", np.array([[0.0, 1], [2, 3], [1, 1]]), np.array([[0.5, -1], [0, 0], [0.25, 0.1]]), (HOSTILE, "b")),
    TintedRow("kind 2", np.ones((1, 1)), np.zeros((1, 1)), ("c",)),
]
FIGURES = {
    "groups": lambda: drawn(GROUPS),
    "amounts": lambda: drawn(Amounts(np.array([1.0, np.nan, 3, 4]), HOSTILE)),
    "rows": lambda: tinted_rows(ROWS, unit=HOSTILE, title=""),
}


@pytest.mark.parametrize("make", FIGURES.values(), ids=FIGURES)
def test_it_passes_plotlys_check_without_html_and_can_be_taken_along(make: Any) -> None:
    figure = make()

    assert json.loads(go.Figure(figure.to_dict()).to_json()) == json.loads(figure.to_json())
    assert HOSTILE.replace('"', '\\"') not in figure.to_json()
    assert ET.fromstring(figure_svg(figure)).tag == f"{SVG}svg"
    assert len(list(csv.DictReader(io.StringIO(figure_csv(figure))))) > 3


def test_groups_are_the_one_asked_for_then_the_largest_and_the_unknown_is_grey() -> None:
    assert GROUPS.names == (HOSTILE, "b", "not known") and GROUPS.of_point.tolist() == [0, 1, 2, 1] and GROUPS.grey == 1

    first, second, unknown, *_ = drawn(GROUPS).data

    assert [trace.customdata.tolist() for trace in (first, second, unknown)] == [[0], [10, 30], [20]]
    assert unknown.marker.color == "#999999" != first.marker.color != second.marker.color


def test_of_many_groups_twelve_are_named_and_told_apart() -> None:
    labels = [f"k{number:03d}" for number in range(200) for _ in range(1 + number % 3)] + [""]

    groups = bounded_groups(labels, "class", first="k000")
    figure = drawn(groups, places=np.zeros((len(labels), 2), dtype=np.float32), words=())

    assert groups.names[0] == "k000" and groups.names[-2:] == ("189 others", "not known") and len(groups.names) == 13
    assert np.bincount(groups.of_point).sum() == len(labels) and groups.grey == 2
    looks = [(trace.marker.color, trace.marker.symbol) for trace in figure.data[:11]]
    assert len(set(looks)) == 11 and "#999999" not in {colour for colour, _ in looks}
    assert sum(len(trace.x) for trace in figure.data[:13]) == len(labels)


def test_exactly_twelve_groups_are_all_named() -> None:
    assert bounded_groups([f"k{number:02d}" for number in range(12)], "class").names == tuple(f"k{number:02d}" for number in range(12))


def test_amounts_that_are_not_known_are_grey_and_a_constant_has_a_range() -> None:
    unknown, known, *_ = drawn(Amounts(np.array([2.0, np.nan, 2, 2]), "error")).data

    assert unknown.customdata.tolist() == [10] and known.marker.color.tolist() == [2, 2, 2]
    axis = drawn(Amounts(np.full(4, 2.0), "error")).layout.coloraxis
    assert axis.cmin < 2 < axis.cmax
    assert {trace.name for trace in drawn(Amounts(np.full(4, np.nan), "error")).data[:1]} == {"not known"}


def test_the_window_in_view_and_its_nearest_are_ringed_and_cannot_be_clicked() -> None:
    *_, nearest, here = drawn(GROUPS).data

    assert (nearest.name, nearest.x.tolist()) == ("nearest training windows", [3, 4]) and (here.x.tolist(), here.y.tolist()) == ([1], [2])
    assert here.customdata is None and nearest.customdata is None


@pytest.mark.parametrize(("count", "kind"), [(5000, "scatter"), (5001, "scattergl")])
def test_many_points_are_drawn_by_webgl(count: int, kind: str) -> None:
    figure = drawn(Groups(np.zeros(count, dtype=int), ("all",), "part"), places=np.zeros((count, 2), dtype=np.float32), words=())

    assert figure.data[0].type == kind and len(figure.data[0].x) == count


def test_the_drawing_has_each_point_and_open_markers_are_outlines() -> None:
    tree = ET.fromstring(figure_svg(drawn(GROUPS)))

    circles = tree.findall(f"{SVG}circle")
    assert len([one for one in circles if one.attrib["fill"] != "none"]) == 4
    assert len([one for one in circles if one.attrib["fill"] == "none"]) == 1  # the window in view
    assert len([one for one in tree.findall(f"{SVG}path") if one.attrib["d"].endswith("Z") and one.attrib["fill"] == "none"]) == 2


def test_each_window_is_tinted_by_its_own_strength() -> None:
    first, second, lone = tinted_rows(ROWS, unit="logit", title="").data

    assert first.marker.color.tolist() == [0.5, 0, 0.25] and second.marker.color.tolist() == pytest.approx([-1, 0, 0.1])
    assert first.y.tolist() == [0, 2, 1] and first.x.tolist() == [0, 50, 100] and first.customdata.tolist() == [0.5, 0, 0.25]
    assert lone.marker.color.tolist() == [0] and lone.x.tolist() == [0]
