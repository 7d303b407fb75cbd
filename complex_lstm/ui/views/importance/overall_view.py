"""One method over many windows: which features matter, when, and which windows differ from the others."""

from __future__ import annotations

from typing import Any

import numpy as np
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from complex_lstm.errors import ExplanationError
from complex_lstm.figures.global_importance import beeswarm, importance_over_time, mean_importance, unusual_windows
from complex_lstm.interpretation import METHODS
from complex_lstm.interpretation.global_importance import BINS, GlobalImportance, concatenate, evenly_spread, explain_windows
from complex_lstm.metrics import has_prediction
from complex_lstm.ui.compute import cache
from complex_lstm.ui.compute.jobs import Job
from complex_lstm.ui.compute.scene import Scene
from complex_lstm.ui.explaining.request import ExplanationSettings
from complex_lstm.ui.session.features import choose_features, of_features
from complex_lstm.ui.session.figures import show_figure
from complex_lstm.ui.session.messages import caption, reading
from complex_lstm.ui.session.progress import job_on_request
from complex_lstm.ui.session.state import clicked_points, follow
from complex_lstm.ui.side_by_side.scores import PARTS

RANGE = "windows from one to another"
UNUSUAL = 12
SIZES = (10, 25, 50, 100, 200, 400, 800)
FEW = 200
MOST_BYTES = 2**27  # what a job may hold of all its windows


def show_overall(scene: Scene, choice: ExplanationSettings) -> None:
    """Draw one method's explanations of the chosen windows, as far as they are computed."""
    first, second, third = st.columns([3, 4, 3], vertical_alignment="bottom")
    method = first.selectbox(
        "Method",
        [name for name in METHODS if name in choice.methods],
        format_func=lambda name: METHODS[name].label,
        key="importance_overall_method",
    )
    group, windows = _choose_group(scene, second)
    count = min(len(windows), most_kept(len(scene.features)))
    sizes = [size for size in SIZES if size < count] + [count]
    cap = f"At most {count:,}: more would not fit the {MOST_BYTES // 2**20} MB that one such job may hold" if count < len(windows) else None
    most = third.select_slider("How many, evenly spread", sizes, value=min(FEW, count), key="importance_overall_most", help=cap)
    windows = evenly_spread(windows, most)

    def run(job: Job[GlobalImportance]) -> GlobalImportance:
        parts: list[GlobalImportance] = list(job.earlier or [])
        job.skipped = len(parts)
        job.report_progress(len(parts), len(windows))
        predictions = cache.predictions(scene.keys, lambda done, total: job.check_stop())
        predicted = predictions.predicted[np.searchsorted(predictions.chosen, windows)]
        explained = np.flatnonzero(has_prediction(predicted))[job.skipped :]
        if not len(explained) and not parts:
            raise ExplanationError("None of these windows has a prediction: the model's output is not a finite number. Choose others.")
        left = windows[explained]
        outputs = predicted[explained].argmax(axis=1) if scene.is_classes else np.full(len(left), choice.output)
        for part in explain_windows(
            scene.model, scene.dataset, left, outputs, method, baseline=choice.baseline, reference=choice.reference,
            as_probability=choice.as_probability, device=scene.device, stop=job.must_stop,
        ):  # fmt: skip
            parts.append(part)
            job.partial = parts
            job.report_progress(len(parts), len(windows))
        return concatenate(parts)

    request_key = choice.request_key[1:] if scene.is_classes else choice.request_key  # of classes each window has its own output
    key: Any = (scene.keys, request_key, method, group, windows.tobytes())
    job = job_on_request("importance_overall", key, run, label=f"Explain {len(windows)} windows by {METHODS[method].label}")
    if not job:
        st.caption("The computation continues while this page is open. If you leave the page, it stops, and what is done is kept.")
        return
    found = job.result if job.state == "done" else concatenate(job.partial) if job.partial else None
    if found:
        _draw(scene, choice, method, group, found)


def most_kept(features: int) -> int:
    """Return of how many windows a job may hold the importance: of each its features, their bins of time, and their means, in 8 bytes."""
    return max(FEW, MOST_BYTES // (8 * features * (BINS + 2)))


def _choose_group(scene: Scene, place: DeltaGenerator) -> tuple[str, np.ndarray]:
    """Draw the choice of a group of windows; return its name and its windows."""
    parts = [f"{part} part" for part in PARTS if part != "this file" and len(scene.dataset.windows.of_part(part))]
    classes = [f"class {name}" for name in scene.outputs] if scene.is_classes else []
    groups = ["all windows", *parts, f"series {_series(scene)}", *classes, RANGE]
    group = place.selectbox("Windows", groups, key="importance_overall_group")
    if group != RANGE:
        return group, _windows(scene, group)
    last = len(scene.dataset.windows) - 1
    first, final = st.slider("From window, to window", 0, last, (0, last), key="importance_overall_range")
    return group, np.arange(first, final + 1)


def _series(scene: Scene) -> str:
    return scene.dataset.series[int(scene.dataset.windows.series[scene.number])].name


def _windows(scene: Scene, group: str) -> np.ndarray:
    """Return the windows of a group. Those of a class are labelled with it, or predicted as it where no label is known."""
    windows = scene.dataset.windows
    if group == "all windows":
        return np.arange(len(windows))
    if group == f"series {_series(scene)}":
        return np.flatnonzero(windows.series == windows.series[scene.number])
    if group.endswith(" part") and len(windows.of_part(group.removesuffix(" part"))):
        return windows.of_part(group.removesuffix(" part"))
    name = group.removeprefix("class ")
    labelled = np.flatnonzero(windows.label == name)
    if len(labelled):
        return labelled
    values = cache.predictions(scene.keys).predicted
    predicted = np.flatnonzero((values.argmax(axis=1) == scene.outputs.index(name)) & has_prediction(values))
    return predicted if len(predicted) else np.arange(len(windows))


def _draw(scene: Scene, choice: ExplanationSettings, method: str, group: str, found: GlobalImportance) -> None:
    unit = choice.unit(scene) if METHODS[method].signed else "no unit"
    order = np.argsort(-np.abs(found.features).mean(axis=0), kind="stable").tolist()
    shown = choose_features(
        scene.features, "importance_overall_rows", order, first=f"most important on average, by {METHODS[method].label}"
    )
    features = of_features(scene.features, shown)
    show_figure(
        mean_importance(found.features[:, shown], features=features, unit=unit, title="Mean importance, with its spread over the windows"),
        key="importance_overall_mean",
        alt="Mean importance of every feature with its spread",
    )
    left, right = st.columns(2)
    show_figure(
        place=left,
        figure=importance_over_time(
            np.abs(found.over_time).mean(axis=0)[:, shown], features=features, unit=unit, title="When in the window"
        ),
        key="importance_overall_time",
        alt="Mean importance of every feature by relative time",
    )
    with right:
        _draw_unusual(found)
    event = show_figure(
        beeswarm(
            found.features[:, shown],
            found.values[:, shown],
            found.windows,
            features=features,
            unit=unit,
            title="Every window: click a dot to open it",
        ),
        key="importance_overall_swarm",
        on_select="rerun",
        selection_mode="points",
        alt="Importance of every feature in every window",
    )
    follow("importance_overall_swarm", clicked_points(event))
    target = "the predicted class of each window" if scene.is_classes else choice.target(scene)
    caption(
        method=METHODS[method].label,
        baseline=choice.baseline_name(scene),
        target=f"{'probability of ' if choice.as_probability else ''}{target}, {unit}",
        windows=f"{len(found.windows)} of {group}",
        steps=f"time in {BINS} parts of each window",
        device=scene.device_name,
    )
    reading(
        "A bar is the mean absolute importance over the windows, its whisker goes from the 10th to the 90th percentile, the marker is the "
        "signed mean: a long bar with a marker at zero raises some outputs and lowers others.",
        "A mean over many windows, by one method, may name another feature than the headline of a single window does: windows behave "
        "differently. Look at the single ones, and at those that differ most.",
    )


def _draw_unusual(found: GlobalImportance) -> None:
    distances = found.distances
    first = np.argsort(-distances)[:UNUSUAL]
    event = show_figure(
        unusual_windows(distances[first], found.windows[first], title="Most unlike the mean: click to open"),
        key="importance_overall_unusual",
        on_select="rerun",
        selection_mode="points",
        alt="The windows whose explanations differ most from the mean",
    )
    follow("importance_overall_unusual", clicked_points(event))
