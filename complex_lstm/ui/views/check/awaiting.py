"""What a view of Check waits for: a job over all windows of a part, with its progress and Stop, or its result."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any

import streamlit as st

from complex_lstm.ui.compute.jobs import POLL, Job, JobFunction, wait_briefly
from complex_lstm.ui.compute.scene import Scene
from complex_lstm.ui.explaining.part_scores import PAGE, PartScore, part_score_unless_stopped
from complex_lstm.ui.session.messages import plain
from complex_lstm.ui.session.page_jobs import is_awaited, pause_page, request_jobs
from complex_lstm.ui.session.progress import describe_progress, draw_progress, draw_resume


def await_part(scene: Scene, part: str) -> PartScore | None:
    """Return the predictions of all windows of a part, None while they are under way or stopped, which is drawn."""
    return _await(part_score_unless_stopped(scene, part), f"Predicting all windows of {plain(part)}.", "all windows were predicted")


def await_result(key: Hashable, run: JobFunction, words: str) -> Any:
    """Return what a job has made, None while it is under way or stopped, which is drawn. `words` say what it does."""
    return _await(request_jobs(PAGE, key, {key: run})[key], words, "it was done")


def _await(job: Job[Any] | None, words: str, before: str) -> Any:
    if job:
        wait_briefly([job])
    if job and job.error_message:
        st.error(plain(job.error_message), icon="⚠️")
    elif job and is_awaited(job):
        _watch(job, words)
    elif job and job.state == "done":
        return job.result
    else:
        draw_resume(PAGE, f"Stopped before {before}.")
    return None


@st.fragment(run_every=POLL)
def _watch(job: Job[Any], words: str) -> None:
    if not is_awaited(job):
        st.rerun()
    share = job.done / job.total if job.total else 0.0
    draw_progress(share, f"{words} {describe_progress(job)}", key=f"{PAGE}_stop", stop=pause_page, args=(PAGE, job.key, [job.key]))
