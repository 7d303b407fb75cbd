"""Beside the map: the training windows that are most like the window in view, and what their answers are."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import streamlit as st

from complex_lstm.data.units import digits
from complex_lstm.interpretation.similar_windows import FAR, SAMPLED, Similar
from complex_lstm.ui.compute.scene import Scene
from complex_lstm.ui.session.listing import nearest_listed
from complex_lstm.ui.session.messages import decimals, plain
from complex_lstm.ui.session.scene import describe_window, predicted_values, target_of
from complex_lstm.ui.session.state import follow
from complex_lstm.ui.views.check.map_jobs import WindowMap


def show_similar(scene: Scene, found: WindowMap, similar: Similar | None) -> None:
    """Draw the nearest known windows with their answers, predictions and distances. A row opens its window."""
    name = found.known.name
    st.subheader(f"Nearest {name}")
    if similar is None:
        st.info(f"Window {scene.number} has no prediction, so it has no place in the map.", icon="♾️")
        return
    st.markdown(f"**Window {scene.number}**, {describe_window(scene)}: {_own(scene)}.")
    if not len(similar.places):
        st.info(f"There are no {name} without steps in common with this one.", icon="🤷")
        return
    _say_how_far(found, similar)
    frame = _table(scene, found, similar)
    key = f"map_similar_{scene.number}_{found.tag}"
    nearer = f"share of {name} whose own nearest window is nearer than that"
    formats: dict[str, Any] = {
        "distance": st.column_config.NumberColumn(format="%.3f"),
        "nearer": st.column_config.NumberColumn(format="%.0f%%", help=nearer),
    }
    if not scene.is_classes:
        formats |= dict.fromkeys(("answer", "predicted"), st.column_config.NumberColumn(format=f"%.{decimals(scene, target_of(scene))}f"))
    picked = st.dataframe(
        frame, key=key, hide_index=True, on_select="rerun", selection_mode="single-row", alt=f"The {len(frame)} nearest {name}",
        column_config=formats,
    )  # fmt: skip
    chosen = found.mapped.chosen[similar.places]
    rows = [row for row in picked["selection"]["rows"] if row < len(chosen)]
    nearest, _ = nearest_listed(found.mapped.dataset.windows, chosen[rows], scene.dataset.windows)
    follow(key, nearest.tolist())
    st.caption(f"{_distance_words(found)} Windows that share steps with it, itself too, are left out.{_unknown_words(scene, found)}")


def _own(scene: Scene) -> str:
    """Return what is predicted for the window in view, and its answer, in words."""
    windows, output = scene.dataset.windows, target_of(scene)
    values = predicted_values(scene)
    if scene.is_classes:
        answer = str(windows.label[scene.number])
        return f"predicted {plain(scene.outputs[int(values.argmax())])}, answer {plain(answer or 'not known')}"
    actual, unit = float(windows.actual[scene.number, output]), plain(scene.dataset.schema.unit(scene.outputs[output]))
    answer = digits(actual) if np.isfinite(actual) else "not known"
    return f"{plain(scene.outputs[output])} predicted {digits(float(values[output]))}, answer {answer} {unit}".rstrip()


def _say_how_far(found: WindowMap, similar: Similar) -> None:
    """Say how far the nearest is beside how far windows usually are from theirs."""
    name, usual, nearest = found.known.name, found.known.usual, digits(float(similar.distances[0]))
    if not len(usual):
        st.markdown(f"The nearest is at a distance of {nearest}.")
        return
    middle = f"median {digits(float(np.median(usual)))}"
    if not similar.is_far:
        st.markdown(f"The nearest is at a distance of **{nearest}**; {similar.nearer[0]:.0%} of the {name} have a nearer one ({middle}).")
        return
    what = "everything in training" if found.known.of_training else "every other window of this file"
    then = " The model was shown nothing close to it." if found.known.of_training else ""
    words = f"its nearest is at a distance of {nearest}, further than {FAR:.0%} of the {name} have theirs ({middle})"
    st.warning(f"**Far from {what}**: {words}.{then}", icon="🧭")


def _table(scene: Scene, found: WindowMap, similar: Similar) -> pd.DataFrame:
    dataset, predictions = found.mapped.dataset, found.mapped.predictions
    chosen, output = found.mapped.chosen[similar.places], target_of(scene)
    predicted = predictions.predicted[similar.places]
    starts = zip(dataset.windows.series[chosen].tolist(), dataset.windows.start[chosen].tolist(), strict=True)
    if scene.is_classes:
        answer, said = dataset.windows.label[chosen], np.array(scene.outputs, dtype=object)[predicted.argmax(axis=1)]
    else:
        answer, said = dataset.windows.actual[chosen, output], predicted[:, output]
    columns = {
        "answer": answer,
        "predicted": said,
        "distance": similar.distances,
        "nearer": 100 * similar.nearer,
        "series": [dataset.series[number].name for number in dataset.windows.series[chosen]],
        "from": [dataset.series[series].labels_at(slice(start, start + 1))[0] for series, start in starts],
    }
    return pd.DataFrame(columns if len(dataset.series) > 1 else {name: one for name, one in columns.items() if name != "series"})


def _distance_words(found: WindowMap) -> str:
    sampled = len(found.known.usual)
    of = f", measured on {sampled} of them, evenly spread" if sampled >= SAMPLED else ""
    pooled, explained = "root mean square of all compared numbers, in standard deviations", "0 for the same explanation, 2 for the opposite"
    what = pooled if found.is_pooled else explained
    return f"Distance: {what}. Nearer: the share of {found.known.name} with a nearest window nearer than that{of}."


def _unknown_words(scene: Scene, found: WindowMap) -> str:
    """Return why the windows are not those that the model was trained on, where they are not."""
    if found.known.of_training:
        return ""
    if len(scene.dataset.windows.of_part("this file")):
        return " Which windows the model was trained on is not known, so they are of this file."
    return " The model was trained on another file, so they are of this one."
