"""One method's answers for two sides of a view, computed beside the page and returned when both are there."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import streamlit as st

from complex_lstm.interpretation import Explanation, explain
from complex_lstm.interpretation.forward import IntervenedModel
from complex_lstm.model.hooks import Intervention
from complex_lstm.ui.compute.cache import Scene
from complex_lstm.ui.compute.jobs import POLL, Job, JobFunction, job_queue, wait_briefly
from complex_lstm.ui.explaining.request import ExplanationSettings
from complex_lstm.ui.session.messages import plain
from complex_lstm.ui.session.page_jobs import is_awaited, pause_page, request_jobs
from complex_lstm.ui.session.progress import draw_progress, draw_resume


@dataclass(frozen=True)
class Explained:
    """A window as a model sees it, `x`, and what acts on the model; `done` tells what was done to either, nothing where it is empty."""

    scene: Scene
    x: np.ndarray
    interventions: tuple[Intervention, ...] = ()
    done: Hashable = ()

    def key(self, choice: ExplanationSettings, method: str) -> Hashable:
        return "explained", self.scene.keys, self.scene.number, self.done, choice.asked, method

    def run(self, choice: ExplanationSettings, method: str) -> JobFunction:
        """Return a run that explains the window, against the baseline of the window as it was."""
        model = IntervenedModel(self.scene.model, self.interventions) if self.interventions else self.scene.model

        def run(job: Job[Any]) -> Explanation:
            request = replace(choice.request(self.scene), x=self.x)
            return explain(model, request, method, device=self.scene.device, stop=job.must_stop)

        return run


def explain_both(
    page: str, sides: tuple[Explained, Explained], choice: ExplanationSettings, method: str
) -> tuple[Explanation, Explanation] | None:
    """Return the answers for both sides; before they are there draw how far they are, or why they are not coming."""
    runs = {side.key(choice, method): side.run(choice, method) for side in sides}
    jobs = [job for job in request_jobs(page, tuple(runs), runs).values() if job]
    wait_briefly(jobs)
    if trouble := next((job.error_message for job in jobs if job.error_message), ""):
        st.warning(plain(trouble), icon="⚠️")
    elif any(map(is_awaited, jobs)):
        _watch(page, list(runs))
    elif len(jobs) < len(runs) or any(job.state != "done" for job in jobs):
        draw_resume(page, "Stopped before the explanations were there.")
    else:
        return jobs[0].result, jobs[-1].result  # sides that are alike are one job
    return None


@st.fragment(run_every=POLL)
def _watch(page: str, keys: list[Hashable]) -> None:
    found = [job for job in map(job_queue().find, keys) if job]
    if not any(map(is_awaited, found)):
        st.rerun()
    done = sum(not job.is_under_way for job in found)
    words = f"Explaining: {done} of {len(found)} done"
    draw_progress(done / len(found), words, key=f"{page}_stop", stop=pause_page, args=(page, tuple(keys), keys))
