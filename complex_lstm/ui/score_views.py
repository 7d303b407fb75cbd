"""The whole data set's predictions: scores and pictures, for classes and for values."""

from __future__ import annotations

import numpy as np
import streamlit as st

from complex_lstm.data import times_at
from complex_lstm.figures.predictions import class_score_bars, confusion_heatmap, forecast_lines, residual_histogram
from complex_lstm.inference import Predictions
from complex_lstm.scores import ClassScores, ValueScores, score
from complex_lstm.ui import cache
from complex_lstm.ui.cache import Scene
from complex_lstm.ui.clicks import clicked_points, follow
from complex_lstm.ui.messages import plain

PARTS = ("test", "validation", "training", "new")


def show_scores(scene: Scene) -> None:
    """Draw how good the predictions of one part are. Only that part is predicted for it, so that it is there at once."""
    present = [part for part in PARTS if len(scene.dataset.windows.of_part(part))]
    label = {"test": "test: not used in training", "validation": "validation: picked the epoch", "new": "new to the model"}
    part = st.segmented_control(
        "Part", present, default=present[0], required=True, key="predict_part", format_func=lambda name: label.get(name, name)
    )
    said = cache.part_predictions(scene.keys, str(part))
    result = score(scene.dataset, said.chosen, said.predicted)
    if isinstance(result, ClassScores):
        draw_class_scores(result, scene.outputs, page="predict")
    elif isinstance(result, ValueScores):
        _show_values(scene, said, result)
    else:
        st.info("The file has no answers for these windows, so they cannot be scored.", icon="🤷")


def headline(result: ClassScores | ValueScores | None) -> str:
    """Return a score in one number with its name."""
    if isinstance(result, ClassScores):
        return f"accuracy {result.accuracy:.3f} on {result.windows:,} windows"
    if isinstance(result, ValueScores):
        return f"squared error {result.squared_error.mean():.4f}, in variances of the targets, on {result.windows:,} windows"
    return "no answers to score by"


def draw_class_scores(result: ClassScores, classes: tuple[str, ...], *, page: str) -> None:
    """Draw the scores of classes: in all, the confusion matrix, and each class's recall and precision."""
    first, second, third = st.columns(3)
    first.metric("accuracy", f"{result.accuracy:.3f}")
    second.metric("commonest class alone", f"{result.largest:.3f}")
    third.metric("windows scored", f"{result.windows:,}")
    left, right = st.columns(2)
    left.plotly_chart(
        confusion_heatmap(result.confusion, classes=classes, title="Confusion matrix"),
        key=f"{page}_confusion",
        alt="Counts of windows by actual and predicted class",
    )
    right.plotly_chart(
        class_score_bars(result.recall, result.precision, classes=classes, title="Each class"),
        key=f"{page}_classes",
        alt="Recall and precision of each class",
    )


def draw_value_scores(result: ValueScores, targets: tuple[str, ...]) -> None:
    """Draw the error of each target beside that of repeating the last value."""
    for place, (column, name) in enumerate(zip(st.columns(len(targets)), targets, strict=True)):
        error, still = result.squared_error[place], result.persistence[place]
        less = 1 - error / still if still else 0.0
        column.metric(
            f"{plain(name)}: squared error, in variances of this part",
            f"{error:.4f}",
            f"{abs(less):.0%} {'less' if less >= 0 else 'more'} than repeating the last value ({still:.4f})",
            delta_color="green" if less >= 0 else "red",
            delta_arrow="off",
        )


def _show_values(scene: Scene, said: Predictions, result: ValueScores) -> None:
    draw_value_scores(result, scene.outputs)
    place = st.selectbox("Target", range(len(scene.outputs)), format_func=scene.outputs.__getitem__, key="predict_target")
    _show_forecast(scene, said, place)
    windows, (name, unit) = scene.dataset.windows, _named(scene, place)
    off = said.predicted[:, place] - windows.actual[said.chosen, place]
    still = windows.last[said.chosen, place] - windows.actual[said.chosen, place]
    known = ~np.isnan(off) & ~np.isnan(still)
    st.plotly_chart(
        residual_histogram(off[known], still[known], name=name, unit=unit, title="Errors beside repeating the last value"),
        key="predict_residuals",
        alt="Histogram of the errors of the model and of repeating the last value",
    )


def _show_forecast(scene: Scene, said: Predictions, place: int) -> None:
    """Draw the forecasts of the window's series, or of the part's first one; a click on a point chooses its window."""
    windows, (name, unit) = scene.dataset.windows, _named(scene, place)
    series = windows.series[said.chosen]
    shown = windows.series[scene.number] if (series == windows.series[scene.number]).any() else series[0]
    of_series = series == shown
    own = said.chosen[of_series]
    at = windows.start[own] + windows.length[own] - 1 + scene.dataset.window.horizon
    figure = forecast_lines(
        times_at(scene.dataset.series[int(shown)].times, at),
        windows.actual[own, place],
        said.predicted[of_series, place],
        windows=own,
        chosen=scene.number,
        name=name,
        unit=unit,
        title="Predicted and actual over time: click a point to choose its window",
    )
    event = st.plotly_chart(
        figure, key="predict_forecast", on_select="rerun", selection_mode="points", alt="Predicted and actual values over time"
    )
    follow("predict_forecast", clicked_points(event))


def _named(scene: Scene, place: int) -> tuple[str, str]:
    name = scene.outputs[place]
    return name, scene.dataset.schema.unit(name)
