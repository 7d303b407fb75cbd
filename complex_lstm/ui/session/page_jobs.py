"""The jobs that a page has requested for its visitor. They are withdrawn when the page no longer shows them.

A page requests its jobs again in each of its runs; a job that a whole run has not requested is withdrawn at its end. A job
that a button started is kept until the visitor leaves the page, so that they can look at another view meanwhile.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping
from typing import Any

import streamlit as st

from complex_lstm.ui.compute.jobs import Job, JobFunction, job_queue, session_id

PAGE = "page_of_the_jobs"
REQUESTED = "requested_jobs"  # keys: in this run of the page
STARTED = "started_jobs"  # keys: by a button since the page was opened


def begin_run(page: str) -> None:
    """Begin a run of a page. If the visitor was on another page, withdraw all jobs of that page."""
    if st.session_state.get(PAGE) != page:
        job_queue().withdraw_all_but((), session_id())
        st.session_state[PAGE], st.session_state[STARTED] = page, frozenset()
    st.session_state[REQUESTED] = frozenset()


def end_run() -> None:
    """End a whole run of a page: withdraw the jobs that it no longer requests. A run that a click has ended early does not come here."""
    wanted = st.session_state.get(REQUESTED, frozenset()) | st.session_state.get(STARTED, frozenset())
    job_queue().withdraw_all_but(wanted, session_id())


def request_job(key: Hashable, function: JobFunction) -> Job[Any]:
    """Return the job of a key, requested by this run of the page."""
    st.session_state[REQUESTED] = st.session_state.get(REQUESTED, frozenset()) | {key}
    return job_queue().request(key, function, session_id())


def request_jobs(page: str, key: Hashable, functions: Mapping[Hashable, JobFunction]) -> dict[Hashable, Job[Any] | None]:
    """Return the jobs of these keys, requested unless the visitor has paused the page at `key`: then only those that exist."""
    if st.session_state.get(f"{page}_paused") == key:
        return {one: job_queue().find(one) for one in functions}
    return {one: request_job(one, function) for one, function in functions.items()}


def start_job(key: Hashable, function: JobFunction) -> Job[Any]:
    """Return the job of a key, requested until the visitor leaves the page or stops it."""
    st.session_state[STARTED] = st.session_state.get(STARTED, frozenset()) | {key}
    return job_queue().request(key, function, session_id())


def stop_job(key: Hashable) -> None:
    """Withdraw a job that was started by a button: a callback. It continues if another session wants it."""
    st.session_state[STARTED] = st.session_state.get(STARTED, frozenset()) - {key}
    job_queue().withdraw([key], session_id())


def pause_page(page: str, key: Hashable, jobs: Iterable[Hashable]) -> None:
    """Withdraw these jobs, and request nothing more at `key` until the visitor resumes the page: a callback."""
    st.session_state[f"{page}_paused"] = key
    job_queue().withdraw(jobs, session_id())


def resume_page(page: str) -> None:
    """Let a paused page request its jobs again: a callback."""
    st.session_state.pop(f"{page}_paused", None)


def is_awaited(job: Job[Any]) -> bool:
    """Return whether a job is under way and this session wants it. A job that was stopped here may continue for another session."""
    return job.is_under_way and session_id() in job.sessions
