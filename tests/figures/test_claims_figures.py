"""Figures of the claims: the numbers stand in them, logarithms have no place for zero, and what is not claimed is not drawn."""

import numpy as np

from complex_lstm.figures.claims import (
    crossing_bars,
    gradient_at_sites,
    growth_lines,
    learning_dots,
    parameter_bars,
    part_time_bars,
)

HOSTILE = '<a href="http://x">$a$</a>'
SIZES = np.array([24.0, 48.0, 96.0])


def test_the_claimed_bars_stand_beside_the_counted_and_only_where_there_is_a_claim() -> None:
    counted, claimed = np.array([13_234_957, 131_328]), np.array([2.8e6, np.nan])

    figure = parameter_bars(("The whole", "Gate"), counted, None, claimed, title="")

    at_document, said = figure.data
    assert (at_document.name, said.name) == ("counted at full size", "claimed")
    assert np.allclose(at_document.x, [13.234957, 0.131328]) and list(at_document.text) == ["13,234,957", "131,328"]
    assert np.isclose(said.x[0], 2.8) and np.isnan(said.x[1]) and list(said.text) == ["2,800,000", ""]


def test_the_open_model_has_bars_of_its_own() -> None:
    figure = parameter_bars(("The whole",), np.array([20]), np.array([10]), np.array([np.nan]), title="")

    assert [one.name for one in figure.data] == ["counted at full size", "counted, this model", "claimed"]


def test_growth_is_drawn_with_both_axes_logarithmic_and_its_slopes_in_the_legend() -> None:
    seconds = np.stack([0.001 * SIZES, [0.0, 1.0, 2.0], 0.01 * SIZES], axis=1)

    figure = growth_lines(
        SIZES, seconds, parts=("a", "b", "whole"), slopes=("1.00 ± 0.00", "2.00", "1.00"), own=48, x="time steps", title=""
    )

    first, second, whole = figure.data
    assert figure.layout.xaxis.type == figure.layout.yaxis.type == "log"
    assert first.name == "a: 1.00 ± 0.00" and np.allclose(first.y, SIZES) and np.allclose(first.x, SIZES)  # milliseconds
    assert np.isnan(second.y[0]) and np.allclose(second.y[1:], [1000, 2000])
    assert whole.line.width > first.line.width
    assert figure.layout.shapes[0].x0 == 48 and list(figure.layout.xaxis.ticktext) == ["24", "48", "96"]


def test_parts_are_drawn_with_their_medians_middle_halves_and_shares() -> None:
    passes = np.array([[0.001, 0.006], [0.002, 0.006], [0.003, 0.006], [0.004, 0.006], [0.010, 0.006]])

    bars, words = part_time_bars(passes, parts=("a", "b"), title="").data

    assert np.allclose(bars.x, [3, 6]) and np.allclose(bars.error_x.array, [1, 0]) and np.allclose(bars.error_x.arrayminus, [1, 0])
    assert [word.strip() for word in words.text] == ["33%", "67%"] and np.allclose(words.x, [4, 6])


def test_a_gradient_of_zero_breaks_the_line_and_many_windows_make_a_band() -> None:
    many = np.tile(np.arange(1.0, 12.0), (2, 1))

    figure = gradient_at_sites(("a", "b"), np.array([0.0, 2.0]), many, title="")
    alone = gradient_at_sites(("a", "b"), np.array([1.0, 2.0]), None, title="")

    high, low, middle, own = figure.data
    assert np.allclose([low.y, middle.y, high.y], [[2, 2], [6, 6], [10, 10]]) and low.fill == "tonexty"
    assert np.isnan(own.y[0]) and own.y[1] == 2 and figure.layout.yaxis.type == "log"
    assert [one.name for one in alone.data] == ["this window"]


def test_a_window_without_a_gradient_is_no_part_of_the_band() -> None:
    high, low, middle, _ = gradient_at_sites(("a",), np.array([1.0]), np.array([[0.0, 3.0, 3.0]]), title="").data

    assert (low.y[0], middle.y[0], high.y[0]) == (3, 3, 3)


def test_each_block_has_a_bar_for_its_residual_and_one_for_its_layers() -> None:
    residual, layers = crossing_bars(("a", "b"), np.array([0.9, 1.0]), np.array([0.1, 0.4]), title="").data

    assert np.allclose(residual.y, [0.9, 1.0]) and np.allclose(layers.y, [0.1, 0.4]) and layers.marker.pattern.shape == "/"


def test_the_first_part_stands_at_the_top_and_one_that_learns_nothing_has_no_dot() -> None:
    figure = learning_dots(("input", "output"), np.array([0.0, 0.5]), title="")

    assert np.isnan(figure.data[0].x[0]) and figure.data[0].x[1] == 0.5
    assert list(figure.layout.yaxis.categoryarray) == ["output", "input"]


def test_no_name_reaches_plotly_as_html() -> None:
    one = np.array([1.0])
    for figure in (
        parameter_bars((HOSTILE,), np.array([1]), None, one, title=""),
        growth_lines(SIZES, SIZES[:, None], parts=(HOSTILE,), slopes=(HOSTILE,), own=24, x=HOSTILE, title=""),
        part_time_bars(one[:, None], parts=(HOSTILE,), title=""),
        gradient_at_sites((HOSTILE,), one, one[:, None], title=""),
        crossing_bars((HOSTILE,), one, one, title=""),
        learning_dots((HOSTILE,), one, title=""),
    ):
        assert figure.layout.height and HOSTILE.replace('"', '\\"') not in figure.to_json()
