"""What a page draws of its jobs: the button that starts one, how far it is and how long it will take, and a way to stop."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable
from typing import Any

import streamlit as st

from complex_lstm.ui.compute.jobs import POLL, Job, JobFunction, job_queue, wait_briefly
from complex_lstm.ui.session.messages import plain
from complex_lstm.ui.session.page_jobs import is_awaited, resume_page, start_job, stop_job
from complex_lstm.ui.session.widgets import pressed

HALVES = [5, 1]  # widths: words or a bar, and a button


def draw_progress(share: float, words: str, *, key: str, stop: Callable[..., None], args: tuple[Any, ...]) -> None:
    """Draw how far it is, and a button that stops it. `stop` is a callback: it runs before the fragment that polls,
    which may end itself for a new result and would lose a click."""
    left, right = st.columns(HALVES, vertical_alignment="center")
    left.progress(share, text=words)
    right.button("Stop", key=key, on_click=stop, args=args)


def draw_resume(page: str, words: str) -> None:
    """Say what was stopped, and offer to go on."""
    left, right = st.columns(HALVES, vertical_alignment="center")
    left.info(words, icon="✋")
    right.button("Go on", key=f"{page}_go_on", on_click=resume_page, args=(page,))


def compute_each(names: Iterable[str], compute: Callable[[str, Job[Any]], Any]) -> JobFunction:
    """Return a job's function that computes one result for each name, by name. What an earlier, stopped job had is taken over."""
    listed = tuple(names)

    def run(job: Job[Any]) -> Any:
        job.partial = dict(job.earlier or {})
        job.skipped = len(job.partial)
        for name in listed:
            if name not in job.partial:
                job.report_progress(len(job.partial), len(listed))
                job.partial = job.partial | {name: compute(name, job)}
        return job.partial

    return run


def job_on_request(name: str, key: Hashable, function: JobFunction, *, label: str) -> Job[Any] | None:
    """Draw a button that starts a job, or how far it is, and return the job: None before anyone has started it.

    It goes on while the visitor looks at other views of the page, and stops when they leave it. What is done stays.
    """
    job = job_queue().find((name, key))
    if job is None or not (job.state in ("done", "failed") or is_awaited(job)):
        if job is not None:
            st.info(_how_far(job), icon="✋")
        if not pressed(label, key=f"{name}_start"):
            return job
        job = start_job((name, key), function)
        wait_briefly([job])
    if job.error_message:
        st.error(plain(job.error_message), icon="⚠️")
    if is_awaited(job):
        _watch(name, job, job.done)
    return job


def _how_far(job: Job[Any]) -> str:
    """Return how far a job is that this session does not want."""
    count = f"{job.done} of {job.total}" if job.total else ""
    if job.sessions:
        return f"Another visitor's computation of this is under way{f': {count} done' if count else ''}."
    return f"Stopped after {count}." if count else "Stopped."


def partial_results(name: str, key: Hashable) -> dict[str, Any]:
    """Return what a job that computes each of several results has so far, by name; nothing where it was never started."""
    job = job_queue().find((name, key))
    return (job.latest if job and not job.error_message else None) or {}


@st.fragment(run_every=POLL)
def _watch(name: str, job: Job[Any], seen: int) -> None:
    fresh = job.partial is not None and job.done >= seen + max(1, job.total // 8)
    if not is_awaited(job) or fresh:
        st.rerun()
    share = job.done / job.total if job.total else 0.0
    draw_progress(share, describe_progress(job), key=f"{name}_stop", stop=stop_job, args=(job.key,))


def describe_progress(job: Job[Any]) -> str:
    """Return how far a job is, and how long it will take."""
    if job.seconds_left is None:
        return "Computing" if job.state == "running" else "Waiting for earlier computations"
    return f"{job.done} of {job.total} done, about {_duration(job.seconds_left)} left"


def _duration(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds < 90 else f"{seconds / 60:.0f} min"
