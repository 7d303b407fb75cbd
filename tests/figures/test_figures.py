"""Figures: the numbers that went in stand in them, names stay names, and colours mean what they say."""

import numpy as np
import plotly.graph_objects as go
import pytest

from complex_lstm.figures.attention import head_summary_heatmaps, received_lines
from complex_lstm.figures.gate import gate_heatmap, gate_histogram, gate_over_series, scale_lines, stage_share_bars
from complex_lstm.figures.importance import importance_bars
from complex_lstm.figures.predictions import (
    class_score_bars,
    confusion_heatmap,
    disagreement_scatter,
    ensemble_head_bars,
    forecast_lines,
    probability_bars,
    residual_histogram,
    sensitivity_heatmaps,
)
from complex_lstm.figures.series import Band, drawn_steps, series_lines
from complex_lstm.figures.theme import Mark, axis_times, largest, text, with_unit
from complex_lstm.figures.tour import baseline_bars, removal_bars, removal_of_steps_bars

HOSTILE = '<a href="http://x">$a$</a>'
ESCAPED = '&lt;a href="http://x"&gt;$a$&lt;/a&gt;'
DAYS = np.arange("2024-01-01", "2024-01-05", dtype="datetime64[D]").astype("datetime64[ms]")
STEPS = np.arange(4.0)
TWO = np.array([[1.0, -2.0], [3.0, 4.0], [5.0, 0.5], [0.0, 0.0]])  # (time, feature), or any other four by two


ALL_FIGURES = {
    "removal": lambda: removal_bars(TWO[:2]),
    "missed": lambda: removal_of_steps_bars(DAYS, TWO[:, 0], TWO[:, 1], TWO[:, 1], length=2, marked=1),
    "baselines": lambda: baseline_bars(TWO[0], TWO[1], names=(HOSTILE, "b"), labels=("zero", "mean")),
    "summary": lambda: head_summary_heatmaps(TWO[:2], TWO[:2], TWO[:2], steps=4, title=""),
    "received": lambda: received_lines(DAYS, TWO.T, marks=(Mark(1, "query", "#000"),), title=""),
    "members": lambda: ensemble_head_bars(TWO[:3], TWO[3], outputs=(HOSTILE, "b"), title=""),
    "disagreement": lambda: disagreement_scatter(np.arange(4), STEPS, labels=[HOSTILE] * 4, chosen=2, title=""),
    "sensitivity": lambda: sensitivity_heatmaps(np.ones((2, 3, 2)), outputs=(HOSTILE, "b"), title=""),
    "gate": lambda: gate_heatmap(DAYS, TWO / 5, by_mean=True, title=""),
    "gate mean": lambda: gate_over_series(DAYS, TWO / 5, STEPS, name=HOSTILE, title=""),
    "gate histogram": lambda: gate_histogram(TWO / 5, title=""),
    "stage shares": lambda: stage_share_bars(DAYS, TWO / 5, title=""),
    "scales": lambda: scale_lines(DAYS, (TWO, TWO[:, :1]), (TWO, TWO[:, :1]), kernels=((3, 5), (3, 9)), title=""),
    "importance": lambda: importance_bars(TWO, methods=tuple("mnop"), features=(HOSTILE, "b"), unit=HOSTILE, title=""),
    "forecast": lambda: forecast_lines(DAYS, STEPS, STEPS, windows=np.arange(4), chosen=1, name=HOSTILE, unit=HOSTILE, title=""),
    "residuals": lambda: residual_histogram(STEPS, STEPS, name=HOSTILE, unit=HOSTILE, title=""),
    "confusion": lambda: confusion_heatmap(np.eye(2, dtype=int), classes=(HOSTILE, "b"), title=""),
    "class scores": lambda: class_score_bars(TWO[0], TWO[1], classes=(HOSTILE, "b"), title=""),
    "probabilities": lambda: probability_bars(np.array([0.2, 0.8]), classes=(HOSTILE, "b"), actual=HOSTILE, title=""),
    "series": lambda: series_lines(DAYS, TWO, names=(HOSTILE, "b"), units=(HOSTILE, "")),
}


@pytest.mark.parametrize("make", ALL_FIGURES.values(), ids=ALL_FIGURES)
def test_no_name_reaches_plotly_as_html(make: object) -> None:
    figure = make()  # type: ignore[operator]

    assert isinstance(figure, go.Figure) and figure.layout.height
    assert HOSTILE.replace('"', '\\"') not in figure.to_json()


def test_names_are_escaped_letter_by_letter() -> None:
    assert text(HOSTILE) == ESCAPED
    assert with_unit("temp", "°C") == "temp (°C)"
    assert with_unit("temp (°C)", "°C") == "temp (°C)"
    assert with_unit("temp", "") == "temp"


def test_dates_are_text_and_numbers_stay_numbers() -> None:
    assert axis_times(DAYS)[0] == "2024-01-01T00:00:00.000"
    assert axis_times(STEPS) is STEPS


def test_a_colour_range_is_never_empty() -> None:
    assert largest(TWO) == 5
    assert largest(np.zeros(3)) == 1 and largest(np.zeros(0)) == 1


def test_features_stand_in_the_order_of_the_first_method() -> None:
    bars = importance_bars(np.array([[1.0, -3.0], [5.0, 2.0]]), methods=("m", "n"), features=("a", "b"), unit="K", title="").data

    assert [list(one.x) for one in bars] == [["b", "a"], ["b", "a"]]
    assert [list(one.y) for one in bars] == [[-3, 1], [2, 5]]


def test_gate_rows_are_ordered_by_their_mean_and_keep_their_channel() -> None:
    gate = np.array([[0.9, 0.1, 0.5]] * 4)

    heat = gate_heatmap(DAYS, gate, by_mean=True, title="").data[0]

    assert np.allclose(heat.z[:, 0], [0.1, 0.5, 0.9]) and list(heat.y) == ["1", "2", "0"]
    assert (heat.zmin, heat.zmax) == (0, 1)


def test_the_gate_histogram_counts_every_cell_once() -> None:
    bars = gate_histogram(np.array([[0.0, 1.0], [0.51, 0.51]]), title="").data[0]

    assert bars.y.sum() == 4 and bars.y[0] == bars.y[-1] == 1 and bars.y[25] == 2


def test_the_shares_of_both_stages_sum_to_one() -> None:
    first, second = stage_share_bars(DAYS, np.array([[0.9, 0.1], [0.9, 0.9], [0.1, 0.1], [0.5, 0.5]]), title="").data

    assert list(first.y) == [0.5, 1, 0, 0]
    assert np.allclose(first.y + second.y, 1)


def test_the_confusion_matrix_shows_counts_and_colours_shares_of_the_row() -> None:
    heat = confusion_heatmap(np.array([[3, 1], [0, 0]]), classes=("a", "b"), title="").data[0]

    assert heat.text.tolist() == [[3, 1], [0, 0]]
    assert heat.z.tolist() == [[0.75, 0.25], [0, 0]]  # a class that does not occur divides by nothing


def test_empty_cells_break_the_line_and_are_ticked_below_it() -> None:
    values = np.array([[1.0], [np.nan], [3.0], [2.0]])

    line, ticks = series_lines(DAYS, values, names=("a",), empty=np.isnan(values)).data

    assert np.isnan(line.y[1]) and not line.connectgaps
    assert list(ticks.x) == ["2024-01-02T00:00:00.000"] and list(ticks.y) == [1]


def test_a_long_series_is_thinned_and_keeps_its_peaks() -> None:
    values = np.zeros((100_000, 1))
    values[[12_345, 67_890]] = [[9.0], [-9.0]]

    line = series_lines(np.arange(100_000.0), values, names=("a",)).data[0]

    assert len(line.y) <= 1500 and line.y.max() == 9 and line.y.min() == -9
    assert line.x[0] == 0 and line.x[-1] == 99_999


def test_bands_and_marks_stand_at_their_times() -> None:
    figure = series_lines(DAYS, TWO, names=("a", "b"), bands=(Band(0, 2, "training", "red"),), marks=(Mark(3, "key", "blue"),))

    band, mark = figure.layout.shapes
    assert (band.x0, band.x1) == ("2024-01-01T00:00:00.000", "2024-01-02T00:00:00.000")
    assert mark.x0 == mark.x1 == "2024-01-04T00:00:00.000"


def test_the_chosen_window_is_ringed_in_the_forecast() -> None:
    windows = np.array([7, 8, 9, 10])

    _, predicted, ring = forecast_lines(DAYS, STEPS, STEPS + 10, windows=windows, chosen=2, name="a", unit="", title="").data

    assert list(predicted.customdata) == [7, 8, 9, 10]
    assert list(ring.x) == ["2024-01-03T00:00:00.000"] and list(ring.y) == [12]
    assert ring.hoverinfo == "skip"  # else a click on it would count as a click on the first window


def test_a_long_line_breaks_where_most_cells_between_two_of_its_points_are_empty() -> None:
    values = np.sin(np.arange(100_000.0) / 700)
    values[40_000:60_000] = np.nan
    values[[5, 7]] = np.nan  # alone they are ticks, and no break of a line of a hundred thousand steps

    kept = drawn_steps(values)

    assert len(kept) <= 1500 and (np.diff(kept) > 0).all() and kept[0] == 0 and kept[-1] == 99_999
    assert np.isnan(values[kept]).sum() >= 1 and set(kept[np.isnan(values[kept])]) <= {5, 7, *range(40_000, 60_000)}
    assert drawn_steps(np.full(3000, np.nan)).tolist() == [0, 2999] and len(drawn_steps(values[:1500])) == 1500
