"""The scores of a part's predictions, in numbers and figures, for classes and for values."""

from __future__ import annotations

import numpy as np
import pandas as pd
import streamlit as st

from complex_lstm.data.units import digits
from complex_lstm.figures.predictions import class_score_bars, confusion_heatmap
from complex_lstm.metrics import ClassScores, ValueScores
from complex_lstm.ui.session.features import choose_features, of_features
from complex_lstm.ui.session.figures import show_figure
from complex_lstm.ui.session.messages import plain

MOST_METRICS = 4  # targets beside each other
TABLE_HEIGHT = 320
PARTS = ("test", "validation", "training", "new", "this file")


def headline(result: ClassScores | ValueScores | None) -> str:
    """Return the accuracy, or R², with its name and the number of windows."""
    if isinstance(result, ClassScores):
        return f"accuracy {result.accuracy:.3f} on {result.windows:,} windows"
    if isinstance(result, ValueScores):
        known = result.r2[~np.isnan(result.r2)]
        of = "" if len(result.r2) == 1 else ", the mean over the targets"
        return f"R² {_r2(float(known.mean()) if len(known) else np.nan)}{of}, on {result.windows:,} windows"
    return "no true values to score against"


def draw_class_scores(result: ClassScores, classes: tuple[str, ...], *, page: str) -> None:
    """Draw the accuracy, the confusion matrix, and each class's recall and precision; of many classes those most often confused first."""
    first, second, third = st.columns(3)
    first.metric("accuracy", f"{result.accuracy:.3f}")
    second.metric("always the most frequent class", f"{result.largest:.3f}")
    third.metric("windows scored", f"{result.windows:,}")
    wrong = result.confusion.sum(axis=0) + result.confusion.sum(axis=1) - 2 * result.confusion.diagonal()
    order = np.argsort(-wrong, kind="stable").tolist()
    shown = choose_features(classes, f"{page}_classes", order, first="most often confused", what="classes")
    names, drawn = of_features(classes, shown), result.confusion[np.ix_(shown, shown)]
    left, right = st.columns(2)
    show_figure(
        place=left,
        figure=confusion_heatmap(drawn, classes=names, of_class=result.confusion.sum(axis=1)[shown], title="Confusion matrix"),
        key=f"{page}_confusion",
        alt="Counts of windows by actual and predicted class",
    )
    show_figure(
        place=right,
        figure=class_score_bars(result.recall[shown], result.precision[shown], classes=names, title="Each class"),
        key=f"{page}_classes",
        alt="Recall and precision of each class",
    )
    if elsewhere := int(result.confusion[shown].sum() - drawn.sum()):
        st.caption(f"{elsewhere:,} windows of the classes drawn are predicted as a class that is not drawn; shares and scores count them.")


def draw_value_scores(result: ValueScores, targets: tuple[str, ...], units: tuple[str, ...]) -> None:
    """Draw R² and the mean absolute error of each target, and those of repeating the last value; of many targets in a table."""
    if len(targets) > MOST_METRICS:
        _draw_table(result, targets, units)
        return
    for place, (column, name, unit) in enumerate(zip(st.columns(len(targets)), targets, units, strict=True)):
        error, unchanged = result.squared_error[place], result.persistence[place]
        details = (
            "R² is 1 for perfect predictions and 0 for always predicting the mean of this part. "
            f"Squared error, in variances of this part: {error:.4f} (repeating the last value {unchanged:.4f})."
        )
        r2, of_last = (_r2(float(one[place])) for one in (result.r2, result.persistence_r2))
        column.metric(f"{plain(name)}: R²", r2, f"repeating the last value {of_last}", help=details, delta_color="off", delta_arrow="off")
        mae, mae_of_last = result.mae[place], result.persistence_mae[place]
        gain = 1 - mae / mae_of_last if mae_of_last else 0.0
        column.metric(
            f"{plain(name)}: mean absolute error",
            plain(_with_unit(mae, unit)),
            f"{abs(gain):.0%} {'less' if gain >= 0 else 'more'} than repeating the last value ({plain(_with_unit(mae_of_last, unit))})",
            delta_color="green" if gain >= 0 else "red",
            delta_arrow="off",
        )


def _draw_table(result: ValueScores, targets: tuple[str, ...], units: tuple[str, ...]) -> None:
    """Draw the scores of many targets, a row each, those first that gain least over repeating the last value."""
    gain = 1 - np.divide(result.mae, result.persistence_mae, out=np.ones(len(targets)), where=result.persistence_mae > 0)
    columns: dict[str, object] = {
        "target": targets,
        "unit": units,
        "R²": result.r2,
        "R², repeating the last value": result.persistence_r2,
        "mean absolute error": result.mae,
        "error, repeating the last value": result.persistence_mae,
        "error less by": gain,
    }
    frame = pd.DataFrame(columns).iloc[np.argsort(gain, kind="stable")]
    for column, write in zip(list(frame.columns)[2:], (_r2, _r2, digits, digits, "{:.0%}".format), strict=True):
        frame[column] = frame[column].map(write)
    st.dataframe(frame, hide_index=True, height=TABLE_HEIGHT, alt="The scores of each target, a row each")
    st.caption(
        f"All {len(targets)} targets, those first that gain least. A click on a column's head sorts by it, and the table's magnifier "
        f"finds a name. R² is 1 for perfect predictions and 0 for always predicting the mean of this part."
    )


def _r2(value: float) -> str:
    return "undefined" if np.isnan(value) else f"{value:.3f}"  # undefined for a target that never changes


def _with_unit(value: float, unit: str) -> str:
    return f"{digits(value)} {unit}".rstrip()
