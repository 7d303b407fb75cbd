"""The outputs of both sides: the prediction, and the ensemble heads."""

from __future__ import annotations

from functools import partial

import numpy as np
import pandas as pd
import streamlit as st
from pandas.io.formats.style import Styler

from complex_lstm.figures.side_by_side import side_by_side_bars
from complex_lstm.ui.compute.scene import Scene
from complex_lstm.ui.session.features import of_features
from complex_lstm.ui.session.figures import show_figure
from complex_lstm.ui.session.many_columns import listed
from complex_lstm.ui.session.messages import caption, change, plain, reading, shown
from complex_lstm.ui.session.outputs import choose_outputs
from complex_lstm.ui.session.scene import target_of
from complex_lstm.ui.side_by_side.pair import Pair, Side

MOST_ACTUAL = 4  # true values in a caption


def show_prediction(page: str, pair: Pair) -> None:
    """Draw both predictions: probabilities of the classes, or values in the units of the file."""
    if not comparable(pair):
        return
    scene, before, after = pair.first.scene, pair.first.predicted, pair.second.predicted
    rows = _choose_outputs(f"{page}_outputs", pair)
    names = of_features(scene.outputs, rows)
    if scene.is_classes:
        chart = side_by_side_bars(
            before[None, rows], after[None, rows], names=names, groups=("probability",), labels=pair.labels, axis="probability", title=""
        )
        show_figure(chart, key=f"{page}_prediction", alt="The probability of each class on both sides, and the difference")
        first, second = (scene.outputs[int(one.argmax())] for one in (before, after))
        same = "the same class" if first == second else "another class"
        st.markdown(f"Predicted class: **{plain(first)}** on the left, **{plain(second)}** on the right, {same}.")
    else:
        _show_values(page, pair, rows)
    learned = "change since the last step" if scene.dataset.window.as_change else "value"
    model_scale = "" if scene.is_classes else f"each target's {learned}, in standard deviations from {scene.dataset.whose} mean"
    sides = (pair.first, pair.second) if pair.kind == "window" else (pair.first,)
    caption(**pair.facts, actual=" and ".join(dict.fromkeys(map(_actual, sides))), model_scale=model_scale)
    reading(
        "Left and right are on one scale; the difference is right minus left.",
        "A probability near 0 or 1 hardly changes even when the logits do: see the ensemble heads, whose outputs come before the softmax."
        if scene.is_classes
        else "Each target has its own unit: a large difference for one target is a small one for another.",
    )


def _choose_outputs(key: str, pair: Pair) -> list[int]:
    """Return the outputs to draw: all, or of many the explained one and those that differ most, unless the visitor chooses others."""
    scene = pair.second.scene
    if scene.is_classes:
        differ = np.abs(pair.second.predicted - pair.first.predicted)
    else:
        differ = np.abs(pair.second.trace.prediction[0].numpy() - pair.first.trace.prediction[0].numpy())
    order = np.argsort(-differ, kind="stable").tolist()
    return choose_outputs(scene, key, order, first="explained one and those that differ most", always=[target_of(scene)])


def _show_values(page: str, pair: Pair, rows: list[int]) -> None:
    scene = pair.first.scene
    outputs = [side.trace.prediction.numpy()[:, rows] for side in (pair.first, pair.second)]
    figure = side_by_side_bars(
        *outputs,
        names=of_features(scene.outputs, rows),
        groups=("output",),
        labels=pair.labels,
        axis="output (model's scale)",
        title="",
    )
    show_figure(figure, key=f"{page}_prediction", alt="The prediction of each target on both sides, and the difference")
    left, right = pair.first.predicted, pair.second.predicted
    units = [scene.dataset.schema.unit(name) for name in scene.outputs]
    frame = pd.DataFrame({"target": scene.outputs, "unit": units, "left": left, "right": right, "difference": right - left})
    if pair.kind != "window":  # two windows also differ in level, which the spread of changes does not measure
        spread = np.array(scene.dataset.scaling.target_std)
        frame[f"in standard deviations of {'its change' if scene.dataset.window.as_change else 'the target'}"] = (right - left) / spread
    st.dataframe(_in_digits(scene, frame), hide_index=True, key=f"{page}_values", alt="Predicted values on both sides")


def _in_digits(scene: Scene, frame: pd.DataFrame) -> Styler:
    """Return the table with the digits of each target's unit, the same for left, right and difference."""
    table = frame.style.format(partial(change, places=3), subset=list(frame.columns[5:]))
    for row in range(len(frame)):
        table.format(partial(shown, scene, row), subset=pd.IndexSlice[row, ["left", "right"]])
        table.format(partial(shown, scene, row, sign=True), subset=pd.IndexSlice[row, ["difference"]])
    return table


def show_heads(page: str, pair: Pair) -> None:
    """Draw the output of each ensemble head, and the combined output, on the model's own scale."""
    if not comparable(pair):
        return
    both = [
        np.concatenate([side.trace.ensemble_head_outputs[0].numpy(), side.trace.prediction.numpy()]) for side in (pair.first, pair.second)
    ]
    groups = (*(f"ensemble head {number + 1}" for number in range(len(both[0]) - 1)), "combined")
    rows = _choose_outputs(f"{page}_head_outputs", pair)
    figure = side_by_side_bars(
        both[0][:, rows],
        both[1][:, rows],
        names=of_features(pair.first.scene.outputs, rows),
        groups=groups,
        labels=pair.labels,
        axis="output (model's scale)",
        title="",
    )
    show_figure(figure, key=f"{page}_heads", alt="The output of each ensemble head on both sides, and the difference")
    caption(**pair.facts, unit="logits" if pair.first.scene.is_classes else "the model's scaled output")
    reading(
        "One bar for each ensemble head and output, and for the combined output; a head whose bars are equal is not affected.",
        "Only the combined output was trained: heads can change in opposite directions and leave it as it is.",
    )


def _actual(side: Side) -> str:
    """Return the true class or the true values of a side's window, "unknown" where the file has none."""
    scene, windows = side.scene, side.scene.dataset.windows
    if scene.is_classes:
        return str(windows.label[scene.number]) or "unknown"
    actual = windows.actual[scene.number]
    values = ("unknown" if np.isnan(one) else shown(scene, place, one) for place, one in enumerate(actual))
    return listed([f"{name} {one}" for name, one in zip(scene.outputs, values, strict=True)], MOST_ACTUAL)


def comparable(pair: Pair) -> bool:
    """Return whether both sides have the same outputs; if not, draw a message."""
    if not pair.same_outputs:
        left, right = (listed(side.scene.outputs) for side in (pair.first, pair.second))
        st.info(
            f"The two models predict different things ({plain(left)} and {plain(right)}), so their outputs cannot be subtracted.", icon="🤷"
        )
    return pair.same_outputs
