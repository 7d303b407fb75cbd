"""One method's explanations of two sides of a view: a window as it is and edited, or under switches, two windows, or two models.

They are computed in the background, and are there when both are done.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass, replace

import numpy as np
import streamlit as st
from torch import nn

from complex_lstm.errors import never_stop
from complex_lstm.interpretation import Explanation, ExplanationRequest, explain
from complex_lstm.interpretation.forward import IntervenedModel
from complex_lstm.model.hooks import Intervention
from complex_lstm.ui.compute.jobs import POLL, Job, JobFunction, job_queue, wait_briefly
from complex_lstm.ui.compute.processes import computed
from complex_lstm.ui.compute.scene import Scene
from complex_lstm.ui.explaining.comparison import explained
from complex_lstm.ui.explaining.request import ExplanationSettings
from complex_lstm.ui.session.messages import plain
from complex_lstm.ui.session.page_jobs import is_awaited, pause_page, request_jobs
from complex_lstm.ui.session.progress import draw_progress, draw_resume

SIDES = "explained_sides"  # what a stop pauses: two places of a page may show the same explanations


@dataclass(frozen=True)
class Explained:
    """One side of a view: a window as the model sees it, and the interventions on the model.

    `x` is scaled, (time, feature). `changes` are the edits of the window or the switches of the model, () for none: caches
    use them to tell two sides apart.
    """

    scene: Scene
    x: np.ndarray
    interventions: tuple[Intervention, ...] = ()
    changes: Hashable = ()

    @property
    def model(self) -> nn.Module:
        """The model under the side's interventions."""
        return IntervenedModel(self.scene.model, self.interventions) if self.interventions else self.scene.model

    def request(self, choice: ExplanationSettings) -> ExplanationRequest:
        """Return the request to explain the window, against the baseline of the unedited window."""
        return replace(choice.request(self.scene), x=self.x)

    def key(self, choice: ExplanationSettings, method: str) -> Hashable:
        return "explained", self.scene.keys, self.scene.number, self.changes, choice.request_key, method

    def job_function(self, choice: ExplanationSettings, method: str) -> JobFunction:
        """Return a job's function that explains the window, against the baseline of the unedited window."""
        return lambda job: self.explain(choice, method, job.must_stop)

    def explain(self, choice: ExplanationSettings, method: str, stop: Callable[[], bool] = never_stop) -> Explanation:
        """Return the explanation of the window now, against the baseline of the unedited window.

        That of a window as it is, in a model as it is, is the one that Explain shows: it is computed once for both.
        """
        if self.changes == ():
            return explained(self.scene, choice, method, stop)
        return computed(explain, self.model, self.request(choice), method, device=self.scene.device, stop=stop)


@dataclass(frozen=True)
class ExplainedSides:
    """The jobs that explain the sides of a view, by key; None where Stop came before the request. Two equal sides share one job."""

    page: str
    jobs: dict[Hashable, Job[Explanation] | None]

    @property
    def requested(self) -> list[Job[Explanation]]:
        return [job for job in self.jobs.values() if job]

    @property
    def results(self) -> tuple[Explanation, Explanation] | None:
        """The explanations of both sides, None until both are done."""
        done = [job for job in self.requested if job.state == "done"]
        return (done[0].result, done[-1].result) if len(done) == len(self.jobs) else None

    def show_progress(self) -> None:
        """Draw the progress, or why there will be no explanations; nothing where they are there. The page runs again when they are done."""
        if error := next((job.error_message for job in self.requested if job.error_message), ""):
            st.warning(plain(error), icon="⚠️")
        elif any(map(is_awaited, self.requested)):
            _watch(self.page, list(self.jobs))
        elif self.results is None:
            draw_resume(self.page, "Stopped before the explanations were there.", SIDES)


def request_both(page: str, sides: tuple[Explained, Explained], choice: ExplanationSettings, method: str) -> ExplainedSides:
    """Request the explanations of both sides, which are there at once where they are known."""
    runs = {side.key(choice, method): side.job_function(choice, method) for side in sides}
    return ExplainedSides(page, request_jobs(SIDES, tuple(runs), runs))


def explain_both(
    page: str, sides: tuple[Explained, Explained], choice: ExplanationSettings, method: str
) -> tuple[Explanation, Explanation] | None:
    """Return the explanations of both sides, after a short wait. Until both are done draw the progress, and return None."""
    both = request_both(page, sides, choice, method)
    wait_briefly(both.requested)
    both.show_progress()
    return both.results


@st.fragment(run_every=POLL)
def _watch(page: str, keys: list[Hashable]) -> None:
    jobs = [job for job in map(job_queue().find, keys) if job]
    if not any(map(is_awaited, jobs)):
        st.rerun()
    done = sum(not job.is_under_way for job in jobs)
    draw_progress(
        done / len(jobs), f"Explaining: {done} of {len(jobs)} done", key=f"{page}_stop", stop=pause_page, args=(SIDES, tuple(keys), keys)
    )
