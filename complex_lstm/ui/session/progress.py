"""What a page draws of its jobs: the button that starts one, its progress and the time left, and the button that stops it."""

from __future__ import annotations

import time
from collections.abc import Callable, Hashable, Iterable
from typing import Any

import streamlit as st

from complex_lstm.languages import _
from complex_lstm.ui.compute.jobs import POLL, Job, JobFunction, job_queue, wait_briefly
from complex_lstm.ui.session.messages import plain
from complex_lstm.ui.session.page_jobs import is_awaited, pause_page, resume_page, start_job, stop_job

WIDTHS = [5, 1]  # of words or a bar, and of a button
FRESH = 10.0  # seconds after which a click without effect is forgotten


def draw_progress(share: float, words: str, *, key: str, stop: Callable[..., None], args: tuple[Any, ...]) -> None:
    """Draw a progress bar, and a button that stops the work.

    `stop` is a callback: it runs before the fragment that polls, which may end itself for a new result and would lose a click.
    """
    left, right = st.columns(WIDTHS, vertical_alignment="center")
    left.progress(share, text=words)
    right.button(_("Stop"), key=key, on_click=stop, args=args)


def draw_resume(page: str, words: str, paused: str = "") -> None:
    """Show what was stopped, and a button that continues it; what is `paused` may be shown in several places."""
    left, right = st.columns(WIDTHS, vertical_alignment="center")
    left.info(words, icon="✋")
    right.button(_("Go on"), key=f"{page}_go_on", on_click=resume_page, args=(paused or page,))


def compute_each(names: Iterable[str], compute: Callable[[str, Job[Any]], Any]) -> JobFunction:
    """Return a job's function that computes one result for each name, by name. Results of an earlier job that was stopped are reused."""
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


def pressed(label: str, *, key: str, **looks: Any) -> bool:
    """Draw a button and return once whether it was pressed.

    Streamlit's own answer is lost where another part of the page calls for a rerun before the run of the click comes here.
    The callback stores the time of the click, and the next run within ten seconds returns True.
    """
    st.button(label, key=key, on_click=lambda: st.session_state.update({f"{key}_pressed": time.monotonic()}), **looks)
    return time.monotonic() - st.session_state.pop(f"{key}_pressed", -FRESH) < FRESH


def job_on_request(name: str, key: Hashable, function: JobFunction, *, label: str) -> Job[Any] | None:
    """Draw a button that starts a job, or the job's progress, and return the job: None before anyone has started it.

    It continues while the visitor looks at other views of the page, and stops when they leave the page. Results so far are kept.
    """
    job = job_queue().find((name, key))
    if job is None or not (job.state in ("done", "failed") or is_awaited(job)):
        if job is not None:
            st.info(_describe_unwanted(job), icon="✋")
        if not pressed(label, key=f"{name}_start"):
            return job
        job = start_job((name, key), function)
        wait_briefly([job])
    if job.error_message:
        st.error(plain(job.error_message), icon="⚠️")
    if is_awaited(job):
        _watch(name, job, job.done)
    return job


def _describe_unwanted(job: Job[Any]) -> str:
    """Return the progress of a job that this session does not want."""
    count = f"{job.done} of {job.total}" if job.total else ""
    if job.sessions:
        return f"Another visitor's computation of this is under way{f': {count} done' if count else ''}."
    return f"Stopped after {count}." if count else "Stopped."


def partial_results(name: str, key: Hashable) -> dict[str, Any]:
    """Return the results so far of a job from `compute_each`, by name; nothing where it was never started."""
    job = job_queue().find((name, key))
    return (job.latest if job and not job.error_message else None) or {}


@st.fragment(run_every=POLL)
def _watch(name: str, job: Job[Any], seen: int) -> None:
    has_news = job.partial is not None and job.done >= seen + max(1, job.total // 8)
    if not is_awaited(job) or has_news:
        st.rerun()
    share = job.done / job.total if job.total else 0.0
    draw_progress(share, describe_progress(job), key=f"{name}_stop", stop=stop_job, args=(job.key,))


def show_job(job: Job[Any] | None, page: str, words: str, before: str = "the end", *, is_excuse: bool = False) -> Any:
    """Return what a job has made; None, and draw why, while it is under way, where it failed, and where the visitor has stopped it.

    `page` is what Stop and Go on are called by; with `is_excuse` the job's error says why there is nothing, and is no fault.
    """
    if job and job.error_message:
        st.info(plain(job.error_message), icon="🤷") if is_excuse else st.error(plain(job.error_message), icon="⚠️")
    elif job and is_awaited(job):
        _watch_page_job(job, page, words)
    elif job and job.state == "done":
        return job.result
    else:
        draw_resume(page, f"Stopped before {before}.")
    return None


@st.fragment(run_every=POLL)
def _watch_page_job(job: Job[Any], page: str, words: str) -> None:
    if not is_awaited(job):
        st.rerun()
    share = min(job.done / job.total, 1.0) if job.total else 0.0
    draw_progress(share, f"{words}. {describe_progress(job)}", key=f"{page}_stop", stop=pause_page, args=(page, job.key, [job.key]))


@st.fragment(run_every=POLL)
def rerun_when_done(job: Job[Any]) -> None:
    """Run the page again once a job has ended that it shows no progress of."""
    if not is_awaited(job):
        st.rerun()


def describe_progress(job: Job[Any]) -> str:
    """Return the progress of a job and the time left, or before it has begun how many come before it."""
    if job.state == "waiting":
        ahead = job_queue().ahead(job)
        return _("Waiting for its turn: {number} before it", number=ahead) if ahead else _("Waiting for its turn: it is next")
    if job.seconds_left is None:
        return _("Computing")
    seconds = job.seconds_left
    left = f"{seconds:.0f} s" if seconds < 90 else f"{seconds / 60:.0f} min"
    return _("{done} of {total} done, about {left} left", done=job.done, total=job.total, left=left)
