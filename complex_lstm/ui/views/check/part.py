"""The part of the data that the views of Check are about, and what is computed for it beside the page."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any

import streamlit as st

from complex_lstm.ui.compute.jobs import POLL, Job, JobFunction, wait_briefly
from complex_lstm.ui.compute.scene import Scene
from complex_lstm.ui.session.messages import plain
from complex_lstm.ui.session.page_jobs import is_awaited, pause_page, request_jobs
from complex_lstm.ui.session.progress import describe_progress, draw_progress, draw_resume
from complex_lstm.ui.session.state import choose, current

PARTS = {
    "test": "test: not used in training",
    "validation": "validation: used to choose the epoch",
    "training": "training: learned from",
    "new": "new to the model",
    "this file": "this file: whether the model was trained on it is not known",
}


def chosen_part(scene: Scene) -> str:
    """Return the part in the link, else the first that there is."""
    present = _present(scene)
    return current().check.part if current().check.part in present else present[0]


def _present(scene: Scene) -> list[str]:
    return [part for part in PARTS if len(scene.dataset.windows.of_part(part))]


def choose_part(scene: Scene) -> str:
    """Draw the choice of a part, and return it."""
    st.session_state["predict_part"] = chosen_part(scene)
    part = st.segmented_control(
        "Part",
        _present(scene),
        required=True,
        key="predict_part",
        format_func=PARTS.__getitem__,
        on_change=lambda: choose(part=st.session_state["predict_part"], slice=""),
    )
    return str(part)


def result_of(page: str, key: Hashable, run: JobFunction, words: str) -> Any:
    """Return what a job of a view has found; before it is there draw its progress, and a button that stops it, and return None."""
    job = request_jobs(page, key, {key: run})[key]
    if job:
        wait_briefly([job])
    if job and job.error_message:
        st.error(plain(job.error_message), icon="⚠️")
    elif job and is_awaited(job):
        _watch(page, job, words)
    elif job and job.state == "done":
        return job.result
    else:
        draw_resume(page, f"Stopped: {words[0].lower()}{words[1:]}.")
    return None


@st.fragment(run_every=POLL)
def _watch(page: str, job: Job[Any], words: str) -> None:
    if not is_awaited(job):
        st.rerun()
    share = job.done / job.total if job.total else 0.0
    draw_progress(share, f"{words}. {describe_progress(job)}", key=f"{page}_stop", stop=pause_page, args=(page, job.key, [job.key]))
