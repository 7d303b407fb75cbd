"""The search for a counterfactual, a small change that flips the prediction: the request, the search, and its result over the series."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from typing import Any

import numpy as np
import streamlit as st

from complex_lstm.data.units import digits
from complex_lstm.figures.changes import change_lines
from complex_lstm.interpretation.counterfactual import (
    SEARCH_METHODS,
    Counterfactual,
    Goal,
    NotFound,
    Search,
    SearchMethodName,
    find_counterfactual,
    to_class,
    to_value,
)
from complex_lstm.interpretation.forward import IntervenedModel
from complex_lstm.ui.compute.jobs import Job
from complex_lstm.ui.compute.processes import computed
from complex_lstm.ui.compute.scene import Scene
from complex_lstm.ui.edits.session import EditedView, add, brushed_segment, edited_with, own_key
from complex_lstm.ui.explaining.further_measures import known_windows
from complex_lstm.ui.session.features import choose_features, of_features
from complex_lstm.ui.session.figures import show_figure
from complex_lstm.ui.session.many_columns import choose_columns
from complex_lstm.ui.session.messages import caption, duration, plain, reading
from complex_lstm.ui.session.progress import job_on_request
from complex_lstm.ui.session.scene import target_of
from complex_lstm.ui.views.what_if.effect import distance_sentence, predictions_of, setting_words
from complex_lstm.ui.views.what_if.search_table import show_qualities


def show_nothing(nothing: NotFound, words: str) -> None:
    """Write that nothing was found, and what that does not mean."""
    st.info(
        f"{SEARCH_METHODS[nothing.method].label} found no change {plain(words)}, in {nothing.evaluations:,} evaluations and "
        f"{duration(nothing.seconds)}. One may still exist: let more features or steps change, try another method, or a smaller "
        "change of the prediction.",
        icon="🔍",
    )


def show_found(view: EditedView, found: Counterfactual, words: str) -> None:
    """Draw the change over the series, what the model then predicts, and how large and how plausible it is."""
    scene, edit = view.scene, found.as_edit(view.scene.dataset.scaling)
    tried = edited_with(scene, (*view.edits, edit), view.interventions, view.switches)
    st.markdown(f"**Found: {_outcome(view, tried)}.**")
    _draw_sizes(found)
    st.markdown(distance_sentence(scene, tried.window.x))
    _draw_change(view, tried)
    st.button("Use as edit", key="what_if_use", on_click=add, args=(scene, edit), type="primary")
    caption(
        method=found.origin,
        target=words,
        switches=setting_words(view),
        steps=f"{found.evaluations:,} evaluations",
        device=found.device,
        time=f"{found.seconds:.1f} s when computed",
        check="predicted again by a plain forward pass of the changed window",
    )
    reading(
        "Grey is the window before this change, orange after it, and markers are the changed cells: they flip the prediction.",
        "It is the smallest change that this search found, not the smallest of all, and one of many: unchanged cells may "
        "matter as much. A change far from all windows of the data is a fact about the model, not about real data.",
    )


def _outcome(view: EditedView, tried: EditedView) -> str:
    """Return the new prediction in words, from a plain forward pass of the changed window."""
    scene, before, after = view.scene, predictions_of(view)[1], predictions_of(tried)[1]
    if scene.is_classes:
        was, now = int(before.argmax()), int(after.argmax())
        return f"{plain(scene.outputs[now])} ({after[now]:.1%}) instead of {plain(scene.outputs[was])}, which falls to {after[was]:.1%}"
    place = target_of(scene)
    name, unit = scene.outputs[place], scene.dataset.schema.unit(scene.outputs[place])
    return plain(
        f"{name} {digits(after[place])} {unit} instead of {digits(before[place])}, a difference of {after[place] - before[place]:+.3g}"
    )


def _draw_sizes(found: Counterfactual) -> None:
    changed = found.changed
    features = int(changed.any(axis=0).sum())
    for column, (label, value) in zip(
        st.columns(4),
        (
            ("Summed change", f"{found.size:.2f} std"),
            ("Cells changed", f"{changed.sum()} of {changed.size}"),
            ("Longest stretch", f"{found.longest} step{'s' if found.longest > 1 else ''}"),
            ("Features changed", f"{features} of {changed.shape[1]}"),
        ),
        strict=True,
    ):
        column.metric(label, value)


def _draw_change(view: EditedView, tried: EditedView) -> None:
    scene, before, after = view.scene, view.window.after, tried.window.after
    rows = np.flatnonzero((before != after).any(axis=0)).tolist()
    changes = np.abs(tried.window.x - view.window.x).sum(axis=0)
    order = np.argsort(-changes[rows], kind="stable").tolist()
    rows = [rows[place] for place in choose_features(of_features(scene.features, rows), "what_if_change", order, first="most changed")]
    show_figure(
        change_lines(
            scene.times,
            before[:, rows],
            after[:, rows],
            names=tuple(scene.features[row] for row in rows),
            units=tuple(scene.dataset.schema.unit(scene.features[row]) for row in rows),
            title="",
        ),
        key="what_if_change",
        alt=f"{len(rows)} changed features over time, before and after the change that was found",
    )


EVERYWHERE, BRUSHED = "the whole window", "the brushed steps"


@dataclass(frozen=True)
class CounterfactualRequest:
    """A request: the goal, the cells that may change, the search method, and the goal in words."""

    search: Search
    method: SearchMethodName
    words: str

    @property
    def key(self) -> Hashable:
        return self.search.goal, self.search.allowed.tobytes(), self.method


def show_search(view: EditedView) -> None:
    """Draw the choices, the button that starts the search, and what was found."""
    request = _draw_request(view)

    def run(job: Job[Any]) -> Counterfactual | NotFound:
        hood = known_windows(view.scene.keys, view.scene.number)
        return computed(
            find_counterfactual,
            IntervenedModel(view.scene.model, view.interventions) if view.interventions else view.scene.model,
            request.search,
            request.method,
            hood,
            device=view.scene.device,
            stop=job.must_stop,
            progress=job.report_progress,
        )

    job = job_on_request("what_if_search", (view.key, request.key), run, label=f"Find a small change {plain(request.words)}")
    method = SEARCH_METHODS[request.method]
    st.caption(f"{method.label} {method.sentence}; {method.misleads}. Source: {method.source}.")
    if job and not job.error_message and job.state == "done":
        if isinstance(job.result, NotFound):
            show_nothing(job.result, request.words)
        else:
            show_found(view, job.result, request.words)
    show_qualities(view, request.search, request.words)


def _draw_request(view: EditedView) -> CounterfactualRequest:
    scene = view.scene
    left, right = st.columns(2)
    with left:
        goal, words = _to_class(view) if scene.is_classes else _to_value(view)
        method = st.segmented_control(
            "By",
            list(SEARCH_METHODS),
            default="native_guide",
            format_func=lambda name: SEARCH_METHODS[name].label,
            key="what_if_way",
            required=True,
        )
    with right:
        allowed = _draw_allowed(scene)
    return CounterfactualRequest(Search(view.window.x, goal, allowed), method, words)


def _to_class(view: EditedView) -> tuple[Goal, str]:
    scene, outputs = view.scene, view.after.prediction[0].numpy()
    predicted, *others = np.argsort(-outputs, kind="stable").tolist()
    target = st.selectbox(
        f"To be predicted instead of {plain(scene.outputs[predicted])}",
        others,
        format_func=scene.outputs.__getitem__,
        key=own_key(scene, f"class_{predicted}"),
    )
    return to_class(target, outputs), f"to {scene.outputs[target]}"


def _to_value(view: EditedView) -> tuple[Goal, str]:
    scene = view.scene
    output = target_of(scene)
    name, spread = scene.outputs[output], scene.dataset.scaling.target_std[output]
    unit = scene.dataset.schema.unit(name)
    direction = st.segmented_control(
        f"The forecast of {plain(name)} is to", ("rise", "fall"), default="rise", key="what_if_direction", required=True
    )
    amount = st.number_input(
        f"By{f' ({plain(unit)})' if unit else ''}",
        min_value=float(f"{spread / 100:.1g}"),
        value=float(f"{spread / 2:.2g}"),
        key=own_key(scene, f"by_{output}"),
        format="%.4g",
    )
    goal = to_value(scene.dataset, view.window.x, view.after.prediction[0].numpy(), output, amount if direction == "rise" else -amount)
    return goal, f"to make {name} {direction} by {f'{amount:g} {unit}'.strip()}"


def _draw_allowed(scene: Scene) -> np.ndarray:
    """Return which cells may change."""
    names = {*choose_columns("Features that may change", scene.features, scene.features, own_key(scene, "free"))}
    features = [number for number, name in enumerate(scene.features) if name in names]
    where = st.segmented_control("At the steps of", (EVERYWHERE, BRUSHED), default=EVERYWHERE, key="what_if_where", required=True)
    segment = brushed_segment(scene)
    allowed = np.zeros(scene.inputs.shape, dtype=bool)
    steps = slice(segment.first, segment.last + 1) if where == BRUSHED else slice(None)
    allowed[steps, features] = True
    return allowed & ~_held(scene)


def _held(scene: Scene) -> np.ndarray:
    """Return the cell that must not change: the last value, to which the forecast change is added, if the visitor holds it."""
    held = np.zeros(scene.inputs.shape, dtype=bool)
    name = "" if scene.is_classes else scene.outputs[target_of(scene)]
    if name not in scene.features or not scene.dataset.window.as_change:
        return held
    held[-1, scene.features.index(name)] = st.checkbox(
        f"Hold the last value of {plain(name)}",
        value=True,
        key="what_if_hold",
        help="The forecast is this value plus the change that the model predicts, so that changing the value alone would be enough.",
    )
    return held
