"""Below the map of explanations: one window for each kind of explanation."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pandas as pd
import streamlit as st

from complex_lstm.figures.window_map import TintedRow, tinted_rows
from complex_lstm.interpretation import METHODS
from complex_lstm.interpretation.landmarks import CLEAR, DRAWS, STABLE, Landmark, Landmarks
from complex_lstm.ui.compute.scene import Scene
from complex_lstm.ui.session.figures import show_figure
from complex_lstm.ui.session.messages import caption, plain, reading
from complex_lstm.ui.session.scene import unit_of
from complex_lstm.ui.session.state import follow
from complex_lstm.ui.views.check.map_jobs import ExplainedLandmark, MapSettings, WindowMap, landmarks

PICTURED = 3  # features of each landmark: those that matter most in it


def show_landmarks(scene: Scene, settings: MapSettings, found: WindowMap) -> None:
    """Draw the window that stands for each kind of explanation, tinted, and for how many it stands."""
    st.header("Kinds of explanation")
    made = landmarks(scene, settings, found)
    if made is None:
        return
    kinds, pictured = made
    if not kinds.kinds:
        st.info("There are fewer than four different explanations here, which are no kinds.", icon="🤷")
        return
    if not kinds.is_clear:
        st.warning(
            f"The kinds run into each other (silhouette {kinds.silhouette:.2f}, where {CLEAR} is little and 1 the best): read them as "
            f"regions of the map, not as groups that stand apart.",
            icon="🌫️",
        )
    frame = _table(scene, found, kinds)
    key = f"map_kinds_{found.tag}"
    picked = st.dataframe(
        frame, key=key, on_select="rerun", selection_mode="single-row", hide_index=True, alt="One row for each kind of explanation",
        column_config={
            "share": st.column_config.NumberColumn(format="%.0f%%"),
            "mean error": st.column_config.NumberColumn(format="%.3f"),
            "stability": st.column_config.NumberColumn(format="%.2f"),
        },
    )  # fmt: skip
    numbers = [int(found.mapped.chosen[one.place]) for one in kinds.kinds]
    follow(key, [numbers[row] for row in picked["selection"]["rows"] if row < len(numbers)])
    unstable = [number for number, one in enumerate(kinds.kinds, 1) if one.is_unstable]
    if unstable:
        which = ", ".join(map(str, unstable))
        st.warning(f"Unstable: kind {which}. Other draws of the windows make other groups there, so do not rely on it.", icon="🎲")
    _draw(scene, settings, kinds, pictured, numbers)


def _table(scene: Scene, found: WindowMap, kinds: Landmarks) -> pd.DataFrame:
    rows = [_row(scene, found, number, one) for number, one in enumerate(kinds.kinds, 1)]
    return pd.DataFrame(rows)


def _row(scene: Scene, found: WindowMap, number: int, one: Landmark) -> dict[str, object]:
    mapped, errors = found.mapped, found.errors[one.members]
    row: dict[str, object] = {
        "kind": number,
        "window": int(mapped.chosen[one.place]),
        "share": 100 * len(one.members) / len(mapped.chosen),
        "windows": len(one.members),
        "mean error": float(np.nanmean(errors)) if np.isfinite(errors).any() else np.nan,
    }
    if scene.is_classes:
        named = Counter(str(label) for label in mapped.dataset.windows.label[mapped.chosen[one.members]] if label)
        predicted = Counter(scene.outputs[at] for at in mapped.predictions.predicted[one.members].argmax(axis=1).tolist())
        row |= {"commonest class": _commonest(named), "commonest prediction": _commonest(predicted)}
    return row | {"stability": one.stability}


def _commonest(counted: Counter[str]) -> str:
    if not counted:
        return "not known"
    name, count = counted.most_common(1)[0]
    return f"{name} ({count / counted.total():.0%})"


def _draw(scene: Scene, settings: MapSettings, kinds: Landmarks, pictured: list[ExplainedLandmark], numbers: list[int]) -> None:
    rows = []
    for number, (one, window) in enumerate(zip(pictured, numbers, strict=True), 1):
        first = np.argsort(-np.abs(one.cells).sum(axis=0), kind="stable")[:PICTURED]
        names = tuple(scene.features[at] for at in first)
        rows.append(TintedRow(f"kind {number}, window {window}", one.inputs[:, first].astype(float), one.cells[:, first], names))
    show_figure(
        tinted_rows(
            rows,
            unit=unit_of(scene, settings.output),
            title=f"The window that stands for each kind, and what matters in it by {METHODS[settings.explainer].label}",
        ),
        key="map_landmarks",
        alt="For each kind of explanation the series of one window, coloured by attribution",
    )
    caption(
        method=f"k-means of the explanations by {METHODS[settings.explainer].label}, {len(kinds.kinds)} kinds: of 3 to 8 the number "
        f"with the largest silhouette ({kinds.silhouette:.2f})",
        drawn=f"the window nearest the mean of its kind, its {PICTURED} most important features by the same method, in standard deviations",
        stability=f"adjusted Rand index against the kinds of {DRAWS} other draws of series or days; under {STABLE} a kind is unstable",
    )
    reading(
        "A row is one window that stands for its kind. Orange steps raise the explained output, blue ones lower it, grey ones do neither; "
        "the table says for what share of the windows it stands, and how wrong the model is in them. A row of the table opens its window.",
        "Kinds are made by a grouping that always finds some: mind the silhouette and the stability. A kind is of explanations, by one "
        f"method, and its cause may be the method's. {plain(METHODS[settings.explainer].label)} {METHODS[settings.explainer].misleads}.",
    )
