"""One method over many windows: which features matter, when, and which windows differ from the others."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import streamlit as st
from jaxtyping import Float
from streamlit.delta_generator import DeltaGenerator

from complex_lstm.errors import ExplanationError
from complex_lstm.figures.global_importance import beeswarm, importance_over_time, mean_importance, unusual_windows
from complex_lstm.inference import predict
from complex_lstm.interpretation import METHODS
from complex_lstm.interpretation.global_importance import (
    BINS,
    GlobalImportance,
    concatenate,
    evenly_spread,
    explain_windows,
    sampling_error,
)
from complex_lstm.metrics import has_prediction
from complex_lstm.ui.compute import cache
from complex_lstm.ui.compute.jobs import Job, wait_briefly
from complex_lstm.ui.compute.scene import Scene
from complex_lstm.ui.explaining.request import ExplanationSettings
from complex_lstm.ui.session.features import choose_features, of_features
from complex_lstm.ui.session.figures import show_figure
from complex_lstm.ui.session.listing import choose_how_many, how_many, in_full, most_drawn, nearest_listed, unthinned
from complex_lstm.ui.session.messages import caption, plain, reading
from complex_lstm.ui.session.page_jobs import is_awaited, request_job
from complex_lstm.ui.session.progress import job_on_request, rerun_when_done
from complex_lstm.ui.session.state import clicked_points, follow
from complex_lstm.ui.side_by_side.scores import PARTS

RANGE = "windows from one to another"
UNUSUAL = 12
AT_ONCE = 512  # windows that are predicted before they are explained
FEWEST = 200  # windows that there is always room for
MOST_DRAWN = 3000  # windows in the figure of single ones
MOST_BYTES = 2**27  # what a job may hold of all its windows


def show_overall(scene: Scene, choice: ExplanationSettings) -> None:
    """Draw one method's explanations of the chosen windows, of all that the model's stride gives unless fewer are asked for."""
    listed, scene = scene, unthinned(scene)
    choice = replace(choice, reference=int(in_full(listed, scene, np.array([choice.reference]))[0]))
    first, second, third = st.columns([3, 4, 3], vertical_alignment="bottom")
    method = first.selectbox(
        "Method",
        [name for name in METHODS if name in choice.methods],
        format_func=lambda name: METHODS[name].label,
        key="importance_overall_method",
    )
    group, of_group = _choose_group(scene, second)
    if of_group is None:
        return
    most = most_kept(len(scene.features))
    cap = f"At most {most:,}: more would not fit the {MOST_BYTES // 2**20} MB that one such job may hold" if most < len(of_group) else ""
    windows = choose_how_many(of_group, "importance_overall", third, most=most, why=cap)

    def run(job: Job[GlobalImportance]) -> GlobalImportance:
        parts: list[GlobalImportance] = list(job.earlier or [])
        job.skipped = len(parts)
        job.report_progress(len(parts), len(windows))
        left = windows[windows > parts[-1].windows[-1]] if parts else windows
        for first in range(0, len(left), AT_ONCE):  # the first are drawn before the last are predicted
            some = left[first : first + AT_ONCE]
            predicted = predict(scene.model, scene.dataset, some, device=scene.device, stop=job.must_stop).predicted
            explained = np.flatnonzero(has_prediction(predicted))
            outputs = predicted[explained].argmax(axis=1) if scene.is_classes else np.full(len(explained), choice.output)
            for part in explain_windows(
                scene.model, scene.dataset, some[explained], outputs, method, baseline=choice.baseline, reference=choice.reference,
                as_probability=choice.as_probability, device=scene.device, stop=job.must_stop,
            ):  # fmt: skip
                parts.append(part)
                job.partial = parts
                job.report_progress(len(parts), len(windows))
        if not parts:
            raise ExplanationError("None of these windows has a prediction: the model's output is not a finite number. Choose others.")
        return concatenate(parts)

    request_key = choice.request_key[1:] if scene.is_classes else choice.request_key  # of classes each window has its own output
    key: Any = (scene.keys, request_key, method, group, windows.tobytes())
    job = job_on_request("importance_overall", key, run, label=f"Explain {len(windows):,} windows by {METHODS[method].label}")
    if not job:
        st.caption("The computation continues while this page is open. If you leave the page, it stops, and what is done is kept.")
        return
    found = job.result if job.state == "done" else concatenate(job.partial) if job.partial else None
    if found:
        _draw(listed, scene, choice, method, (group, len(of_group)), found)


def most_kept(features: int) -> int:
    """Return of how many windows a job may hold the importance: of each its features, their bins of time, and their means, in 8 bytes."""
    return max(FEWEST, MOST_BYTES // (8 * features * (BINS + 2)))


def _choose_group(scene: Scene, place: DeltaGenerator) -> tuple[str, np.ndarray | None]:
    """Draw the choice of a group of windows; return its name and its windows, None while they are being looked for."""
    parts = [f"{part} part" for part in PARTS if part != "this file" and len(scene.dataset.windows.of_part(part))]
    classes = [f"class {name}" for name in scene.outputs] if scene.is_classes else []
    groups = ["all windows", *parts, f"series {_series(scene)}", *classes, RANGE]
    group = place.selectbox("Windows", groups, key="importance_overall_group")
    if group != RANGE:
        return _windows(scene, group)
    last = len(scene.dataset.windows) - 1
    first, final = st.slider("From window, to window", 0, last, (0, last), key="importance_overall_range")
    return group, np.arange(first, final + 1)


def _series(scene: Scene) -> str:
    return scene.dataset.series[int(scene.dataset.windows.series[scene.number])].name


def _windows(scene: Scene, group: str) -> tuple[str, np.ndarray | None]:
    """Return what a group is called, and its windows. Those of a class are labelled with it.

    Where no label is known they are those that are predicted as it, None while all windows are being predicted, which is drawn.
    """
    windows = scene.dataset.windows
    if group == "all windows":
        return group, np.arange(len(windows))
    if group == f"series {_series(scene)}":
        return group, np.flatnonzero(windows.series == windows.series[scene.number])
    if group.endswith(" part") and len(windows.of_part(group.removesuffix(" part"))):
        return group, windows.of_part(group.removesuffix(" part"))
    name = group.removeprefix("class ")
    labelled = np.flatnonzero(windows.label == name)
    if len(labelled):
        return group, labelled
    values = _predicted(scene)
    if values is None:
        return group, None
    predicted = np.flatnonzero((values.argmax(axis=1) == scene.outputs.index(name)) & has_prediction(values))
    if not len(predicted):
        return f"all windows, none of which is known or predicted as {group}", np.arange(len(windows))
    return f"{group}, as predicted", predicted


def _predicted(scene: Scene) -> np.ndarray | None:
    """Return the predictions for all windows, None while they are under way or where they failed, which is drawn."""

    def run(job: Job[Any]) -> np.ndarray:
        return cache.predictions(scene.keys, job.report_progress, job.must_stop).predicted

    job = request_job(("predicted_windows", scene.keys), run)
    wait_briefly([job])
    if job.error_message:
        st.error(plain(job.error_message), icon="⚠️")
    elif is_awaited(job):
        st.caption("All windows are being predicted, to find those that are predicted as this class.")
        rerun_when_done(job)
    return job.result if job.state == "done" else None


def _draw(listed: Scene, scene: Scene, choice: ExplanationSettings, method: str, group: tuple[str, int], found: GlobalImportance) -> None:
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
        _draw_unusual(listed, scene, found)
    drawn = _draw_single(listed, scene, found, shown, unit)
    target = "the predicted class of each window" if scene.is_classes else choice.target(scene)
    caption(
        method=METHODS[method].label,
        baseline=choice.baseline_name(scene),
        target=f"{'probability of ' if choice.as_probability else ''}{target}, {unit}",
        windows=how_many(len(found.windows), group[1], group[0]),
        interval=_interval(np.abs(found.features[:, shown]), group[1]),
        numbers="among all windows; a click opens the nearest one that the bar lists" if scene.keys != listed.keys else "",
        dots=f"{drawn:,} of these windows, evenly spread" if drawn < len(found.windows) else "",
        steps=f"time in {BINS} parts of each window",
        device=scene.device_name,
    )
    reading(
        "A bar is the mean absolute importance over the windows, its whisker goes from the 10th to the 90th percentile, the marker is the "
        "signed mean: a long bar with a marker at zero raises some outputs and lowers others.",
        "A mean over many windows, by one method, may name another feature than the headline of a single window does: windows behave "
        "differently. Look at the single ones, and at those that differ most.",
    )


def _draw_single(listed: Scene, scene: Scene, found: GlobalImportance, shown: list[int], unit: str) -> int:
    """Draw the windows one by one, of very many some, evenly spread; return how many are drawn."""
    most = most_drawn(len(found.windows), MOST_DRAWN, "importance_overall", points=max(1, len(shown)))
    drawn = evenly_spread(np.arange(len(found.windows)), most) if len(found.windows) > most else np.arange(len(found.windows))
    event = show_figure(
        beeswarm(
            found.features[drawn][:, shown],
            found.values[drawn][:, shown],
            found.windows[drawn],
            features=of_features(scene.features, shown),
            unit=unit,
            title="Every window: click a dot to open it" if len(drawn) == len(found.windows) else "Single windows: click a dot to open it",
        ),
        key="importance_overall_swarm",
        on_select="rerun",
        selection_mode="points",
        alt="Importance of every feature in every window",
    )
    _open(listed, scene, "importance_overall_swarm", event)
    return len(drawn)


def _interval(sizes: Float[np.ndarray, "window feature"], total: int) -> str:
    """Return in words how surely the mean importances are known from a sample, "" where it is no sample."""
    if len(sizes) == total:
        return ""
    return f"95% of the mean over all {total:,}: at most ± {sampling_error(sizes, total).max(initial=0):.2g} for any feature"


def _open(listed: Scene, scene: Scene, widget: str, event: Any) -> None:
    """Open the window that was clicked, or the listed one that is nearest to it."""
    follow(widget, nearest_listed(scene.dataset.windows, np.array(clicked_points(event), dtype=int), listed.dataset.windows)[0].tolist())


def _draw_unusual(listed: Scene, scene: Scene, found: GlobalImportance) -> None:
    distances = found.distances
    first = np.argsort(-distances)[:UNUSUAL]
    event = show_figure(
        unusual_windows(distances[first], found.windows[first], title="Most unlike the mean: click to open"),
        key="importance_overall_unusual",
        on_select="rerun",
        selection_mode="points",
        alt="The windows whose explanations differ most from the mean",
    )
    _open(listed, scene, "importance_overall_unusual", event)
