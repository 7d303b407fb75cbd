"""How much an explanation depends on the baseline; and why some well-known methods are not offered.

The failures of these methods are computed on the open window.
"""

from __future__ import annotations

from typing import Any, cast

import numpy as np
import streamlit as st

from complex_lstm.figures.importance import baseline_band
from complex_lstm.interpretation import BASELINES, METHODS, Baseline, Explanation, explain
from complex_lstm.interpretation.unsupported import UnsupportedMethod, unsupported_methods
from complex_lstm.ui.compute.jobs import Job, wait_briefly
from complex_lstm.ui.compute.processes import computed
from complex_lstm.ui.compute.scene import Scene
from complex_lstm.ui.explaining.request import ExplanationSettings
from complex_lstm.ui.session.features import choose_features, of_features
from complex_lstm.ui.session.figures import show_figure
from complex_lstm.ui.session.messages import caption, plain, reading
from complex_lstm.ui.session.page_jobs import request_job
from complex_lstm.ui.session.progress import compute_each, job_on_request


def show_baselines(scene: Scene, choice: ExplanationSettings) -> None:
    """Draw one method's importance of each feature against all baselines."""
    suitable = [name for name in METHODS if METHODS[name].against == "baseline" and METHODS[name].signed]
    method = st.selectbox("Method", suitable, format_func=lambda name: METHODS[name].label, key="importance_baseline_method")

    def against(baseline: str, job: Job[dict[str, Explanation]]) -> Explanation:
        request = choice.request(scene, baseline=cast(Baseline, baseline))
        return computed(explain, scene.model, request, method, device=scene.device, stop=job.must_stop)

    key: Any = (scene.keys, scene.number, choice.output, choice.as_probability, choice.reference, method)
    job = job_on_request(
        "importance_baselines",
        key,
        compute_each(BASELINES, against),
        label=f"Explain by {METHODS[method].label} against all {len(BASELINES)} baselines",
    )
    found: dict[str, Explanation] = (job.latest if job else None) or {}
    if found:
        _draw(scene, choice, method, found)


def _draw(scene: Scene, choice: ExplanationSettings, method: str, found: dict[str, Explanation]) -> None:
    names = tuple(one.baseline for one in found.values())
    importance = np.stack([one.features for one in found.values()])
    order = np.argsort(-np.abs(importance).max(axis=0), kind="stable").tolist()
    shown = choose_features(
        scene.features, "importance_band", order, first=f"most important by {METHODS[method].label} against any baseline"
    )
    show_figure(
        baseline_band(
            importance[:, shown],
            baselines=names,
            chosen=list(found).index(choice.baseline) if choice.baseline in found else 0,
            features=of_features(scene.features, shown),
            unit=choice.unit(scene),
            title="",
        ),
        key="importance_band",
        alt=f"The importance of {len(shown)} of {len(scene.features)} features by {METHODS[method].label} against each baseline",
    )
    caption(
        method=METHODS[method].label,
        baseline="; ".join(names),
        target=f"{choice.target(scene)}, {choice.unit(scene)}",
        device=next(iter(found.values())).device,
    )
    st.markdown(f"By {METHODS[method].label} alone: {_describe_stability(scene, importance)}")
    reading(
        "A feature whose band stays on one side of zero and does not overlap the others' is important against every baseline here.",
        "The baselines are not a random sample: a narrow band means that these agree, not that they are right.",
    )


def _describe_stability(scene: Scene, features: np.ndarray) -> str:
    """Return which feature is the largest against how many baselines, and how many features keep their sign."""
    leaders = [scene.features[place] for place in np.abs(features).argmax(axis=1)]
    counts = {name: leaders.count(name) for name in dict.fromkeys(leaders)}
    steady = int((np.abs(np.sign(features).sum(axis=0)) == len(features)).sum())
    words = ", ".join(f"**{plain(name)}** against {count}" for name, count in counts.items())
    return f"the largest of all features is {words} of {len(features)} baselines. {steady} of {features.shape[1]} features keep their sign."


def show_unsupported_methods(scene: Scene, choice: ExplanationSettings) -> None:
    """Draw for each method what it claims, what it does on this window, and why."""

    def run(job: Job[tuple[UnsupportedMethod, ...]]) -> tuple[UnsupportedMethod, ...]:
        return computed(unsupported_methods, choice.forward_function(scene, job.must_stop))

    key: Any = ("unsupported_methods", choice.window_key(scene))
    job = request_job(key, run)
    with st.spinner("Running these methods on a copy of the model"):
        while job.is_under_way:
            wait_briefly([job])
            st.empty()  # where a click ends this run
    for one in job.result:
        with st.container(border=True):
            st.markdown(f"**{one.label}** promises {plain(one.promise)}.")
            st.markdown(f"On this window {plain(one.measured)}.")
            st.caption(f"Why: {plain(one.reason)}. Source: {plain(one.source)}.")
    caption(
        method="Captum 0.9, each on a copy of the model",
        baseline=choice.baseline_name(scene),
        target=f"{choice.target(scene)}, {choice.unit(scene)}",
        device=scene.device_name,
    )
    reading(
        "Each box has what a method promises and what it does on the open window: where a promise fails, its map is not an explanation.",
        "This holds for this architecture: on networks of plain ReLU layers the same methods can be right.",
    )
