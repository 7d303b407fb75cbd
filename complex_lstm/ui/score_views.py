"""The whole data set's predictions: scores and pictures, for classes and for values."""

from __future__ import annotations

import numpy as np
import streamlit as st

from complex_lstm.figures.predictions import class_score_bars, confusion_heatmap, forecast_lines, residual_histogram
from complex_lstm.inference import Predictions
from complex_lstm.training import ClassScores, ValueScores, score
from complex_lstm.ui.cache import Scene
from complex_lstm.ui.messages import plain
from complex_lstm.ui.state import choose

PARTS = ("test", "validation", "training", "new")


def show_scores(scene: Scene, said: Predictions) -> None:
    """Draw how good the predictions of one part are."""
    present = [part for part in PARTS if len(scene.dataset.windows.of_part(part))]
    label = {"test": "test: not used in training", "validation": "validation: picked the epoch", "new": "new to the model"}
    part = st.segmented_control("Part", present, default=present[0], required=True, key="predict_part",
                                format_func=lambda name: label.get(name, name))  # fmt: skip
    chosen = scene.dataset.windows.of_part(str(part))
    result = score(scene.dataset, chosen, said.predicted[chosen])
    if isinstance(result, ClassScores):
        _show_classes(scene, result)
    elif isinstance(result, ValueScores):
        _show_values(scene, said, chosen, result)
    else:
        st.info("The file has no answers for these windows, so they cannot be scored.", icon="🤷")


def _show_classes(scene: Scene, result: ClassScores) -> None:
    first, second, third = st.columns(3)
    first.metric("accuracy", f"{result.accuracy:.3f}")
    second.metric("commonest class alone", f"{result.largest:.3f}")
    third.metric("windows scored", f"{result.windows:,}")
    left, right = st.columns(2)
    left.plotly_chart(confusion_heatmap(result.confusion, classes=scene.outputs, title="Confusion matrix"), key="predict_confusion",
                      alt="Counts of windows by actual and predicted class")  # fmt: skip
    right.plotly_chart(
        class_score_bars(result.recall, result.precision, classes=scene.outputs, title="Each class"),
        key="predict_classes", alt="Recall and precision of each class",
    )  # fmt: skip


def _show_values(scene: Scene, said: Predictions, chosen: np.ndarray, result: ValueScores) -> None:
    for place, (column, name) in enumerate(zip(st.columns(len(scene.outputs)), scene.outputs, strict=True)):
        better = 1 - result.squared_error[place] / result.persistence[place] if result.persistence[place] else 0.0
        column.metric(f"{plain(name)}: squared error, in variances", f"{result.squared_error[place]:.4f}",
                      f"{better:+.0%} less than repeating the last value ({result.persistence[place]:.4f})",
                      delta_color="normal" if better >= 0 else "inverse", delta_arrow="off")  # fmt: skip
    place = st.selectbox("Target", range(len(scene.outputs)), format_func=scene.outputs.__getitem__, key="predict_target")
    windows = scene.dataset.windows
    own = chosen[windows.series[chosen] == windows.series[scene.number]]
    if not len(own):
        own = chosen[windows.series[chosen] == windows.series[chosen[0]]]
    _forecast(scene, said, own, place)
    off = said.predicted[chosen, place] - windows.actual[chosen, place]
    still = windows.last[chosen, place] - windows.actual[chosen, place]
    known = ~np.isnan(off) & ~np.isnan(still)
    name, unit = scene.outputs[place], scene.dataset.schema.unit(scene.outputs[place])
    st.plotly_chart(residual_histogram(off[known], still[known], name=name, unit=unit, title="Errors beside repeating the last value"),
                    key="predict_residuals", alt="Histogram of the errors of the model and of repeating the last value")  # fmt: skip


def _forecast(scene: Scene, said: Predictions, own: np.ndarray, place: int) -> None:
    """Draw one series' forecasts; a click on a point chooses its window."""
    windows = scene.dataset.windows
    series = scene.dataset.series[int(windows.series[own[0]])]
    at = windows.start[own] + windows.length[own] - 1 + scene.dataset.window.horizon
    here = np.nonzero(own == scene.number)[0]
    figure = forecast_lines(
        series.times[at], windows.actual[own, place], said.predicted[own, place], name=scene.outputs[place],
        unit=scene.dataset.schema.unit(scene.outputs[place]), chosen=int(here[0]) if len(here) else None,
        title="Predicted and actual over time: click a point to choose its window",
    )  # fmt: skip
    event = st.plotly_chart(figure, key=f"predict_forecast_{own[0]}_{place}", on_select="rerun", selection_mode="points",
                            alt="Predicted and actual values over time")  # fmt: skip
    follow_click(event, own)


def follow_click(event: object, windows: np.ndarray) -> None:
    """Choose the window whose point was clicked, once: the chart keeps reporting a click until the next one."""
    points = event["selection"]["points"] if event else []  # type: ignore[index]  # Plotly's state is a dictionary
    if not points:
        return
    clicked = int(windows[points[0]["point_index"]])
    if st.session_state.get("followed_click") != clicked:
        st.session_state["followed_click"] = clicked
        choose(window=clicked)
        st.rerun()
