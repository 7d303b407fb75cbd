"""Figures of explanations: the numbers that went in stand in them, what cannot be compared says so, and a method keeps its look."""

from collections.abc import Callable

import numpy as np
import plotly.graph_objects as go
import pytest

from complex_lstm.figures.attention import conductance_heatmap, step_share_lines
from complex_lstm.figures.changes import before_after_heatmaps
from complex_lstm.figures.faithfulness import cascade_lines, chance_dots, deletion_insertion_curves, infidelity_dots
from complex_lstm.figures.global_importance import beeswarm, importance_over_time, mean_importance, unusual_windows
from complex_lstm.figures.importance import agreement_heatmap, baseline_band, cell_heatmap, difference_heatmap, importance_bars
from complex_lstm.figures.theme import KNOWN_METHODS, LOWEST_ROW, METHOD_STYLES, method_styles, shares
from complex_lstm.interpretation import METHODS

NAN = np.nan
HOSTILE = '<a href="http://x">$a$</a>'
DAYS = np.arange("2024-01-01", "2024-01-05", dtype="datetime64[D]").astype("datetime64[ms]")
TWO = np.array([[1.0, -2.0], [3.0, 4.0], [5.0, 0.5], [0.0, 0.0]])  # (time, feature), or any other four by two
NAMES = (HOSTILE, "b")

ALL_FIGURES = {
    "agreement": lambda: agreement_heatmap(TWO[:2], TWO[:2] * NAN, methods=NAMES, measure=HOSTILE, lowest=-1.0, title=""),
    "difference": lambda: difference_heatmap(DAYS, TWO, TWO, methods=NAMES, features=NAMES, title=""),
    "baselines": lambda: baseline_band(TWO[:2], baselines=NAMES, chosen=0, features=NAMES, unit=HOSTILE, title=""),
    "curves": lambda: deletion_insertion_curves(np.linspace(0, 1, 4), TWO.T, TWO.T, TWO.T, TWO.T, methods=NAMES, unit=HOSTILE, title=""),
    "chance": lambda: chance_dots(TWO[0], TWO[:, 0], methods=NAMES, name=HOSTILE, unit=HOSTILE, higher_is_better=True, title=""),
    "infidelity": lambda: infidelity_dots(np.array([0.5, NAN]), TWO.T, methods=NAMES, title=""),
    "cascade": lambda: cascade_lines(NAMES, TWO[:2], methods=NAMES, title=""),
    "steps": lambda: step_share_lines(DAYS, TWO[:, 0], TWO.T, methods=NAMES, title=""),
    "conductance": lambda: conductance_heatmap(DAYS, TWO.T, blocks=NAMES, unit=HOSTILE, title=""),
    "mean": lambda: mean_importance(TWO, features=NAMES, unit=HOSTILE, title=""),
    "over time": lambda: importance_over_time(TWO, features=NAMES, unit=HOSTILE, title=""),
    "swarm": lambda: beeswarm(TWO, TWO, np.arange(4), features=NAMES, unit=HOSTILE, title=""),
    "unusual": lambda: unusual_windows(TWO[:, 0], np.arange(4), title=""),
}


@pytest.mark.parametrize("make", ALL_FIGURES.values(), ids=ALL_FIGURES)
def test_no_name_reaches_plotly_as_html(make: Callable[[], go.Figure]) -> None:
    figure = make()

    assert figure.layout.height
    assert HOSTILE.replace('"', '\\"') not in figure.to_json()


def test_every_method_has_a_look_of_its_own() -> None:
    labels = tuple(method.label for method in METHODS.values())

    assert len(set(method_styles(labels))) == len(labels)
    assert len(set(METHOD_STYLES)) == len({style.symbol for style in METHOD_STYLES}) == 18
    assert (
        len({(style.colour, style.dash) for style in METHOD_STYLES}) == len({(style.colour, style.hatch) for style in METHOD_STYLES}) == 18
    )


def test_a_method_keeps_its_look_where_others_are_left_out() -> None:
    known, stranger = method_styles(("Shapley", "stranger"))

    assert known == method_styles(KNOWN_METHODS)[2]
    assert stranger != known
    many = method_styles((*KNOWN_METHODS, *"abcdef"))
    assert len(many) == 19 and len(set(many)) == 18  # the last one repeats a look rather than failing


def test_a_method_that_the_figures_do_not_know_has_one_look_in_all_of_them() -> None:
    (alone,), (_, beside_one), beside_all = (
        method_styles(("new",)),
        method_styles(("Ablation", "new")),
        method_styles((*KNOWN_METHODS, "new")),
    )

    assert alone == beside_one == beside_all[-1] and alone not in method_styles(KNOWN_METHODS)


def test_bars_lines_and_dots_of_a_method_share_a_colour() -> None:
    bars = importance_bars(TWO[:1], methods=("Saliency",), features=("a", "b"), unit="K", title="").data[0]
    line = step_share_lines(DAYS, TWO[:, 0], TWO.T[:1], methods=("Saliency",), title="").data[1]
    dots = infidelity_dots(np.array([0.5]), np.ones((1, 2)), methods=("Saliency",), title="").data[1]

    assert bars.marker.color == line.line.color == dots.marker.color[0]
    assert (bars.marker.pattern.shape, line.line.dash) == ("/", "dash")


def test_shares_are_of_the_sum_of_sizes() -> None:
    assert shares(np.array([1.0, -3.0])).tolist() == [0.25, 0.75]
    assert shares(np.zeros(2)).tolist() == [0, 0]


def test_methods_that_cannot_be_compared_have_a_dash() -> None:
    by_cell = np.array([[1.0, NAN], [NAN, NAN]])

    features, no_dash, cells, dash = agreement_heatmap(
        np.eye(2), by_cell, methods=("m", "n"), measure="Spearman", lowest=-1.0, title=""
    ).data

    assert np.array_equal(features.z, np.eye(2)) and np.array_equal(cells.z, by_cell, equal_nan=True)
    assert len(no_dash.x) == 0
    assert list(zip(dash.y, dash.x, strict=True)) == [("m", "n"), ("n", "m"), ("n", "n")]
    assert dash.text == "–" and "cannot be compared" in dash.hovertemplate


@pytest.mark.parametrize("lowest", [-1.0, 0.0])
def test_agreement_is_coloured_over_its_whole_range_and_red_where_complete(lowest: float) -> None:
    heat = agreement_heatmap(np.eye(2), np.eye(2), methods=("m", "n"), measure="", lowest=lowest, title="").data[0]

    assert (heat.zmin, heat.zmax) == (lowest, 1)
    assert heat.colorscale[-1] == (1.0, "#B2182B")


def test_the_difference_is_that_of_the_shares_with_red_for_the_first() -> None:
    first, second = np.array([[1.0, -3.0]]), np.array([[50.0, 50.0]])  # shares 25 and 75%, and 50 and 50%

    heat = difference_heatmap(np.arange(1.0), first, second, methods=("m", "n"), features=("a", "b"), title="").data[0]

    assert heat.z.tolist() == [[-25], [25]]
    assert (heat.zmin, heat.zmax) == (-25, 25)
    assert heat.customdata.tolist() == [[[25, 50]], [[75, 50]]]
    assert "more to<br>n" in heat.colorbar.ticktext[0] and "more to<br>m" in heat.colorbar.ticktext[2]


def test_the_shares_of_the_features_that_are_drawn_are_of_all_features() -> None:
    first, second = np.array([[1.0, -3.0]]), np.array([[50.0, 50.0]])

    heat = difference_heatmap(np.arange(1.0), first, second, methods=("m", "n"), features=("a", "b"), title="", shown=[1]).data[0]

    assert heat.z.tolist() == [[25]] and list(heat.y) == ["b"]


MANY = tuple(f"f{number}" for number in range(200))
CELLS = np.random.default_rng(0).standard_normal((5, len(MANY)))
HIGH = {
    "cells": lambda: cell_heatmap(np.arange(5.0), CELLS, features=MANY, unit="", signed=True, title=""),
    "difference": lambda: difference_heatmap(np.arange(5.0), CELLS, CELLS, methods=NAMES, features=MANY, title=""),
    "band": lambda: baseline_band(CELLS, baselines=tuple("abcde"), chosen=0, features=MANY, unit="", title=""),
    "mean": lambda: mean_importance(CELLS, features=MANY, unit="", title=""),
    "over time": lambda: importance_over_time(np.abs(CELLS), features=MANY, unit="", title=""),
    "swarm": lambda: beeswarm(CELLS, CELLS, np.arange(5), features=MANY, unit="", title=""),
    "before and after": lambda: before_after_heatmaps(np.arange(5.0), CELLS, CELLS, changed=CELLS > 9, features=MANY, unit="", title=""),
}


@pytest.mark.parametrize("make", HIGH.values(), ids=HIGH)
def test_no_figure_of_many_features_grows_without_end(make: Callable[[], go.Figure]) -> None:
    """Heat maps of 300 features were once 6,700 pixels high, and a stack of 200 series 16,000."""
    assert make().layout.height <= LOWEST_ROW * len(MANY) + 200


def test_the_band_reaches_from_the_lowest_to_the_highest_baseline_and_the_chosen_is_large() -> None:
    importance = np.array([[1.0, -3.0], [2.0, -1.0], [-1.0, 0.0]])

    band, *others, chosen = baseline_band(
        importance, baselines=("zero", "mean", "line"), chosen=0, features=("a", "b"), unit="K", title=""
    ).data

    assert list(band.y) == ["b", "a"]  # of the chosen baseline -3 is larger than 1
    assert band.base.tolist() == [-3, -1] and band.x.tolist() == [3, 3]
    assert chosen.name == "zero (chosen)" and chosen.x.tolist() == [-3, 1]
    assert [(one.name, one.x.tolist()) for one in others] == [("mean", [-1, 2]), ("line", [0, -1])]
    assert chosen.marker.size > max(one.marker.size for one in others)
    assert len({one.marker.symbol for one in (chosen, *others)}) == 3


def test_curves_stand_on_the_spread_of_the_random_rankings() -> None:
    at, random = np.array([0.0, 0.5, 1.0]), np.array([[5.0, 4.0, 1.0], [5.0, 2.0, 1.0]])
    removed, put_back = np.array([[5.0, 1.5, 1.0]]), np.array([[1.0, 4.5, 5.0]])

    figure = deletion_insertion_curves(at, removed, put_back, random, random[:, ::-1], methods=("m",), unit="K", title="")

    high, low, mean, method, *_, inserted = figure.data
    assert high.y.tolist() == [5, 4, 1] and low.y.tolist() == [5, 2, 1] and mean.y.tolist() == [5, 3, 1]
    assert method.x.tolist() == [0, 50, 100]
    assert method.y.tolist() == [5, 1.5, 1] and inserted.y.tolist() == [1, 4.5, 5]


def test_each_name_stands_once_in_the_legend_of_both_panels() -> None:
    figure = ALL_FIGURES["curves"]()

    named = [trace.name for trace in figure.data if trace.showlegend]
    assert named == ["random rankings, lowest to highest", "random rankings, mean", '&lt;a href="http://x"&gt;$a$&lt;/a&gt;', "b"]


@pytest.mark.parametrize(("higher_is_better", "said"), [(True, "higher is more faithful →"), (False, "← lower is more faithful")])
def test_the_band_of_chance_holds_all_random_rankings_and_the_axis_says_what_is_faithful(higher_is_better: bool, said: str) -> None:
    figure = chance_dots(
        np.array([3.0, 1.0]),
        np.array([0.0, 1.0, 2.0]),
        methods=("m", "n"),
        name="loss",
        unit="K",
        higher_is_better=higher_is_better,
        title="",
    )

    (dots, random), (band, mean) = figure.data, figure.layout.shapes
    assert dots.x.tolist() == [3, 1] and random.x.tolist() == [0, 1, 2]
    assert (band.x0, band.x1, mean.x0) == (0, 2, 1)
    assert figure.layout.xaxis.title.text == f"loss (K): {said}"


def test_a_method_without_a_sign_has_words_for_infidelity() -> None:
    shuffled = np.array([[0.75, 1.0, 0.875], [NAN, NAN, NAN]])

    band, dots, words = infidelity_dots(np.array([0.25, NAN]), shuffled, methods=("m", "n"), title="").data

    assert (list(band.y), band.base.tolist(), band.x.tolist()) == (["m"], [0.75], [0.25])
    assert dots.x[0] == 0.25 and np.isnan(dots.x[1])
    assert list(words.y) == ["n"] and "no sign" in words.text


def test_infidelity_is_drawn_when_no_method_has_a_sign() -> None:
    band, _, words = infidelity_dots(np.full(2, NAN), np.full((2, 3), NAN), methods=("m", "n"), title="").data

    assert len(band.y) == 0 and list(words.y) == ["m", "n"]


def test_a_cascade_starts_at_the_trained_model_and_breaks_where_nothing_can_be_ranked() -> None:
    figure = cascade_lines(("output_heads", "input_proj"), np.array([[0.5, -0.5], [NAN, 0.25]]), methods=("m", "n"), title="")

    falling, broken = figure.data
    assert list(falling.x) == ["trained", "output_heads", "input_proj"] and falling.y.tolist() == [1, 0.5, -0.5]
    assert np.isnan(broken.y[1]) and not broken.connectgaps
    assert figure.layout.yaxis.range[0] < -0.5 and figure.layout.shapes[0].y0 == 0


def test_attention_and_importance_are_shares_of_their_own_sums() -> None:
    attention, method = step_share_lines(DAYS, np.array([0.1, 0.1, 0.2, 0.6]), np.array([[3.0, 0, 0, 1]]), methods=("m",), title="").data

    assert np.allclose(attention.y, [10, 10, 20, 60]) and np.allclose(method.y, [75, 0, 0, 25])
    assert attention.line.width > method.line.width


def test_blocks_stand_in_network_order_on_one_range_centred_on_zero() -> None:
    figure = conductance_heatmap(DAYS, TWO.T, blocks=("temp_conv1", "lstm_blocks.0"), unit="K", title="")

    heat = figure.data[0]
    assert list(heat.y) == ["temp_conv1", "lstm_blocks.0"] and figure.layout.yaxis.autorange == "reversed"
    assert np.array_equal(heat.z, TWO.T) and (heat.zmin, heat.zmax) == (-5, 5)


def test_mean_importance_is_of_sizes_and_its_sign_stands_beside_it() -> None:
    windows = np.stack([np.full(11, 1.0), np.arange(-5.0, 6.0)], axis=1)  # sizes of b: 0, twice 1 to 5; mean 30 / 11

    bars, whiskers, signed = mean_importance(windows, features=("a", "b"), unit="K", title="").data

    assert list(bars.y) == ["b", "a"] and np.allclose(bars.x, [30 / 11, 1])
    assert np.allclose(whiskers.x, [1, 5, NAN, 1, 1, NAN], equal_nan=True)  # the second and the second last of eleven
    assert np.allclose(signed.x, [0, 1])


def test_relative_time_runs_from_0_to_100_percent() -> None:
    figure = importance_over_time(np.array([[1.0, 2.0], [0.0, 4.0]]), features=("a", "b"), unit="K", title="")

    heat = figure.data[0]
    assert list(heat.y) == ["b", "a"] and heat.z.tolist() == [[2, 4], [1, 0]]
    assert heat.x.tolist() == [25, 75] and heat.customdata[0].tolist() == [[0, 50], [50, 100]]
    assert (heat.zmin, heat.zmax) == (0, 4)


def test_a_swarm_keeps_every_window_in_its_row_and_can_be_clicked() -> None:
    crowded = np.array([[1.0, 0.0], [1.0, 0.0], [1.0, 9.0], [2.0, 0.0]])  # three windows of the first feature in one place
    windows = np.array([7, 8, 9, 10])

    figure = beeswarm(crowded, -crowded, windows, features=("a", "b"), unit="K", title="")

    b, a = figure.data  # 9 / 4 is more than 5 / 4
    assert (a.name, a.x.tolist(), a.customdata.tolist(), a.marker.color.tolist()) == ("a", [1, 1, 1, 2], [7, 8, 9, 10], [-1, -1, -1, -2])
    assert len(set(a.y[:3])) == 3 and a.y[3] == 1
    assert np.abs(a.y - 1).max() < 0.5 and np.abs(b.y).max() < 0.5
    assert figure.layout.coloraxis.cmin == -figure.layout.coloraxis.cmax


def test_a_swarm_of_one_place_stays_in_its_row_and_is_the_same_each_time() -> None:
    same = np.zeros((1000, 1))

    first, second = (beeswarm(same, same, np.arange(1000), features=("a",), unit="", title="").data[0] for _ in range(2))

    assert np.abs(first.y).max() < 0.5 and len(np.unique(first.y)) == 1000
    assert np.array_equal(first.y, second.y)


@pytest.mark.parametrize(("windows", "kind"), [(100, "scatter"), (3000, "scattergl")])
def test_a_large_swarm_is_drawn_by_webgl(windows: int, kind: str) -> None:
    many = np.zeros((windows, 2))

    assert {trace.type for trace in beeswarm(many, many, np.arange(windows), features=("a", "b"), unit="", title="").data} == {kind}


def test_unusual_windows_stand_furthest_first_and_can_be_clicked() -> None:
    bars = unusual_windows(np.array([1.0, 3.0]), np.array([12, 40]), title="").data[0]

    assert (list(bars.x), bars.y.tolist(), bars.customdata.tolist()) == (["40", "12"], [3, 1], [40, 12])
