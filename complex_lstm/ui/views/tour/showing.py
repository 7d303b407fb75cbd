"""What stands above the picture: where one is, the way on, and the question.

Waiting for what a page rests on: begun with the page, with the time left and a way to stop, ended when one goes on.
"""

from __future__ import annotations

from typing import Any

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from complex_lstm.ui.compute.jobs import POLL, Job, job_queue, wait_briefly
from complex_lstm.ui.session.messages import plain
from complex_lstm.ui.session.page_jobs import is_awaited, pause_page, request_jobs
from complex_lstm.ui.session.progress import describe_progress, draw_progress, draw_resume
from complex_lstm.ui.views.tour.arriving import page_number, turn_to
from complex_lstm.ui.views.tour.chapter import Chapter, Choice, Question, told
from complex_lstm.ui.views.tour.chapters import CHAPTERS
from complex_lstm.ui.views.tour.window import TourWindow

PAGE = "tour"


def begin(chapter: Chapter, window: TourWindow) -> None:
    """Request the evidence of a chapter. What takes a moment is there at once."""
    if chapter.evidence is not None and chapter.fits(window):
        key = chapter.evidence.key(window)
        wait_briefly([job for job in request_jobs(PAGE, key, {key: chapter.evidence.run(window)}).values() if job])


def show_waiting(chapter: Chapter, window: TourWindow) -> None:
    """Say how far it is, with a way to stop; or that it was stopped, with a way to go on."""
    assert chapter.evidence is not None
    key = chapter.evidence.key(window)
    job = job_queue().find(key)
    if job is not None and job.error_message:
        st.error(plain(job.error_message), icon="⚠️")
    elif job is not None and (job.state == "done" or is_awaited(job)):
        st.markdown("This page rests on forward passes of its own, which take a while for this model and window.")
        _watch(job)
    else:
        draw_resume(PAGE, "What this page rests on was stopped before its end.")


@st.fragment(run_every=POLL)
def _watch(job: Job[Any]) -> None:
    if not is_awaited(job):
        st.rerun()
    share = job.done / job.total if job.total else 0.0
    draw_progress(share, describe_progress(job), key="tour_evidence_stop", stop=pause_page, args=(PAGE, job.key, (job.key,)))


ANSWERED = "tour_answered"  # window and page of each question that was answered rightly in this session


def show_turning() -> DeltaGenerator:
    """Draw back and next, and return the room beside them. Nothing is ever blocked: no question has to be answered."""
    number = page_number()
    at_end = number == len(CHAPTERS)
    back, forward, room = st.columns([1, 1, 6], vertical_alignment="center")
    back.button("Back", key="tour_back", disabled=number == 1, on_click=turn_to, args=(number - 1,), shortcut="b", width="stretch")
    forward.button(
        "Next",
        key="tour_next",
        type="primary",
        disabled=at_end,
        on_click=turn_to,
        args=(number + 1,),
        shortcut="n",
        width="stretch",
    )
    return room


def show_progress(room: DeltaGenerator, window: TourWindow) -> None:
    """Draw how far one has come with this window, an answer that has just been given included."""
    number, count = page_number(), len(CHAPTERS)
    asked = sum(chapter.has_question(window) for chapter in CHAPTERS)
    answered = sum(token == window.token for token, _ in st.session_state.get(ANSWERED, ()))
    room.progress(number / count, text=f"Page {number} of {count} · {answered} of {asked} questions answered on this window")


def show_chapter(chapter: Chapter, window: TourWindow, *, ready: bool) -> None:
    """Draw the claim, what this window shows of it, the thing to do, and the question."""
    left, right = st.columns([3, 2], gap="large")
    with left:
        st.subheader(f"{page_number()}. {chapter.title}")
        st.markdown(told(chapter.claim, window))
        if ready and chapter.finding:
            st.markdown(f"**In this window.** {chapter.finding(window)}")
        st.markdown(f"**Do this.** {told(chapter.task, window)}")
    with right, st.container(key="tour_question"):
        if not chapter.fits(window):
            st.info(
                f"This model has {len(window.model.lstm_blocks)} BiLSTM blocks, and this page is about what comes after {chapter.blocks}. "
                "Go on, or take the planted window.",
                icon="🧩",
            )
        elif not ready:
            show_waiting(chapter, window)
        elif chapter.asks(window):
            _ask(chapter.ask(window), window)
        else:
            st.info("Of this window there is nothing to ask here: every answer would be right. Go on.", icon="🧩")


def _ask(question: Question, window: TourWindow) -> None:
    """Draw the question, and say kindly what there is to say of the answer."""
    key, answer = f"tour_answer_{page_number()}_{window.token}", question.answer
    words = f"**Question.** {question.words}"
    given: float | None
    if isinstance(answer, Choice):
        names = range(len(answer.options))
        given = st.radio(
            words, names, format_func=lambda at: plain(answer.options[at]), index=None, key=key, horizontal=True, persist_state="session"
        )
    else:
        given = st.number_input(words, value=None, key=key, placeholder="a number", format="%.4g", persist_state="session")
    if given is None:
        return
    if answer.accepts(given):
        st.session_state[ANSWERED] = st.session_state.get(ANSWERED, frozenset()) | {(window.token, page_number())}
        st.success(f"Yes. {question.because}", icon="✅")
    else:
        st.info(f"Not quite. {question.hint}", icon="🔎")
        with st.expander("Show the answer"):
            st.markdown(f"**{plain(answer.said)}.** {question.because}")
