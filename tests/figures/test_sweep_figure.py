"""The figure of a sweep: a dot a seed, the mean where it is, and the base's band through all panels."""

from dataclasses import replace

import numpy as np

from complex_lstm.figures.training import SettingScores, mean_and_deviation, sweep_dots

HOSTILE = '<a href="http://x">$a$</a>'
HIDDEN = SettingScores("Hidden channels", "robust", ("32", "64", "128"), 1, np.array([[0.5, 0.7], [0.8, 1.0], [0.6, np.nan]]))
DROPOUT = SettingScores("Dropout", "matters", ("0.1", "0.3"), 1, np.array([[0.2, 0.2], [0.8, 1.0]]))


def test_each_seed_has_a_dot_and_each_value_its_mean_and_deviation() -> None:
    dots, means, *_ = sweep_dots((HIDDEN, DROPOUT), seeds=(4, 5), measure="accuracy", higher_is_better=True, title="").data

    assert list(dots.y) == ["32", "32", "64 (base)", "64 (base)", "128", "128"] and list(dots.customdata) == [4, 5, 4, 5, 4, 5]
    assert np.allclose(dots.x, [0.5, 0.7, 0.8, 1.0, 0.6, np.nan], equal_nan=True)
    assert np.allclose(means.x, [0.6, 0.9, 0.6])
    assert np.allclose(means.error_x.array, [np.sqrt(0.02), np.sqrt(0.02), 0.0])  # of one seed there is no spread


def test_settings_share_one_axis_and_the_base_runs_through_all_of_them() -> None:
    figure = sweep_dots((HIDDEN, DROPOUT), seeds=(0, 1), measure="accuracy", higher_is_better=True, title="")

    assert figure.layout.xaxis.matches == "x2" and figure.layout.xaxis2.title.text == "accuracy: higher is better →"
    lines = [shape for shape in figure.layout.shapes if shape.type == "line"]
    bands = [shape for shape in figure.layout.shapes if shape.type == "rect"]
    assert len(lines) == len(bands) == 2 and np.allclose([line.x0 for line in lines], 0.9)
    assert np.allclose([(band.x0, band.x1) for band in bands], (0.9 - np.sqrt(0.02), 0.9 + np.sqrt(0.02)))


def test_a_sweep_that_has_just_begun_has_its_numbers_on_a_number_axis() -> None:
    """Plotly took the axis for one of words where most trials had no score yet, and drew the base's line elsewhere."""
    begun = replace(HIDDEN, scores=np.array([[np.nan], [0.8], [np.nan]]))

    figure = sweep_dots((begun,), seeds=(0,), measure="loss", higher_is_better=False, title="")

    assert figure.layout.xaxis.type == "linear" and figure.layout.xaxis.title.text == "loss: ← lower is better"
    assert [shape.type for shape in figure.layout.shapes] == ["line"]


def test_a_base_without_a_score_has_no_line() -> None:
    without = replace(HIDDEN, scores=np.array([[0.5, 0.7], [np.nan, np.nan], [0.6, 0.6]]))

    assert not sweep_dots((without,), seeds=(0, 1), measure="loss", higher_is_better=False, title="").layout.shapes


def test_means_leave_out_what_is_not_there() -> None:
    means, deviations = mean_and_deviation(np.array([[1.0, np.nan, 3.0], [np.nan, np.nan, np.nan]]))

    assert np.allclose(means, [2.0, np.nan], equal_nan=True) and np.allclose(deviations, [np.sqrt(2), 0.0])


def test_no_word_reaches_plotly_as_html() -> None:
    hostile = SettingScores(HOSTILE, HOSTILE, (HOSTILE, "b"), 0, np.array([[0.1], [0.2]]))

    figure = sweep_dots((hostile,), seeds=(0,), measure=HOSTILE, higher_is_better=False, title="")

    assert HOSTILE.replace('"', '\\"') not in figure.to_json()
