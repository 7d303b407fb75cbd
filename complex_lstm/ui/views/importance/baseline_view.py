"""How much an answer depends on what stands for "nothing known".

Why some well-known methods are not offered: their failure, computed on the visitor's own window.
"""

from __future__ import annotations

from typing import Any, cast

import numpy as np
import streamlit as st

from complex_lstm.figures.importance import baseline_band
from complex_lstm.interpretation import BASELINES, METHODS, Baseline, Explanation, explain
from complex_lstm.interpretation.unsupported import UnsupportedMethod, unsupported_methods
from complex_lstm.ui.compute.cache import Scene
from complex_lstm.ui.compute.jobs import Job, wait_briefly
from complex_lstm.ui.explaining.request import ExplanationSettings
from complex_lstm.ui.session.messages import caption, plain, reading
from complex_lstm.ui.session.page_jobs import request_job
from complex_lstm.ui.session.progress import compute_each, job_on_request


def show_baselines(scene: Scene, choice: ExplanationSettings) -> None:
    """Draw one method's features over all baselines."""
    able = [name for name in METHODS if METHODS[name].against == "baseline" and METHODS[name].signed]
    method = st.selectbox("Method", able, format_func=lambda name: METHODS[name].label, key="importance_baseline_method")

    def against(baseline: str, job: Job[dict[str, Explanation]]) -> Explanation:
        request = choice.request(scene, baseline=cast(Baseline, baseline))
        return explain(scene.model, request, method, device=scene.device, stop=job.must_stop)

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
    st.plotly_chart(
        baseline_band(
            np.stack([one.features for one in found.values()]),
            baselines=names,
            chosen=list(found).index(choice.baseline) if choice.baseline in found else 0,
            features=scene.features,
            unit=choice.unit(scene),
            title="",
        ),
        key="importance_band",
        alt=f"Every feature's importance by {METHODS[method].label} over the baselines",
    )
    caption(
        method=METHODS[method].label,
        baseline="; ".join(names),
        target=f"{choice.target(scene)}, {choice.unit(scene)}",
        device=next(iter(found.values())).device,
    )
    _tell_stable(scene, np.stack([one.features for one in found.values()]))
    reading(
        "A feature whose band stays on one side of zero and does not reach its neighbours' is important whatever the baseline.",
        "The baselines are no sample of anything: a narrow band means that these agree, not that they are right.",
    )


def _tell_stable(scene: Scene, features: np.ndarray) -> None:
    """Say which feature leads against which baselines, and how many keep their sign."""
    leaders = [scene.features[place] for place in np.abs(features).argmax(axis=1)]
    counts = {name: leaders.count(name) for name in dict.fromkeys(leaders)}
    steady = int((np.abs(np.sign(features).sum(axis=0)) == len(features)).sum())
    words = ", ".join(f"**{plain(name)}** against {count}" for name, count in counts.items())
    st.markdown(f"Largest of all features: {words} of {len(features)} baselines. {steady} of {features.shape[1]} features keep their sign.")


def show_unfit(scene: Scene, choice: ExplanationSettings) -> None:
    """Draw each method's promise, what it did here, and why."""

    def run(job: Job[tuple[UnsupportedMethod, ...]]) -> tuple[UnsupportedMethod, ...]:
        return unsupported_methods(choice.ask(scene, job.must_stop))

    key: Any = ("unfit", choice.of_window(scene))
    job = request_job(key, run)
    with st.spinner("Trying them on a copy of the model"):
        while job.is_under_way:
            wait_briefly([job])
            st.empty()  # a click ends this run here
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
        "Each box says what a method promises and what it did on the open window: a promise that is not kept here is no explanation.",
        "These are statements about this architecture: on networks of plain ReLU layers the same methods can be right.",
    )
