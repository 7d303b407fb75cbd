"""What stands above the picture: where one is, the way on, and the question."""

from __future__ import annotations

import streamlit as st

from complex_lstm.ui.messages import plain
from complex_lstm.ui.tour.arriving import page_number, turn_to
from complex_lstm.ui.tour.chapter import Chapter, Choice, Question, told
from complex_lstm.ui.tour.chapters import CHAPTERS
from complex_lstm.ui.tour.window import TourWindow

ANSWERED = "tour_answered"  # pages whose question was answered rightly in this session


def show_progress() -> None:
    """Draw back, next, and how far one has come. Nothing is ever blocked: no question has to be answered."""
    number, count = page_number(), len(CHAPTERS)
    answered = len(st.session_state.get(ANSWERED, ()))
    back, forward, far = st.columns([1, 1, 6], vertical_alignment="center")
    back.button("Back", key="tour_back", disabled=number == 1, on_click=turn_to, args=(number - 1,), shortcut="b", width="stretch")
    last = number == count
    forward.button(
        "Next", key="tour_next", type="primary", disabled=last, on_click=turn_to, args=(number + 1,), shortcut="n", width="stretch"
    )
    far.progress(number / count, text=f"Page {number} of {count} · {answered} of {count} questions answered")


def show_chapter(chapter: Chapter, window: TourWindow) -> None:
    """Draw the claim, the thing to do, and the question."""
    left, right = st.columns([3, 2], gap="large")
    with left:
        st.subheader(f"{page_number()}. {chapter.title}")
        st.markdown(told(chapter.claim, window))
        st.markdown(f"**Do this.** {told(chapter.task, window)}")
    with right:
        if chapter.fits(window):
            _ask(chapter.ask(window))
        else:
            st.info(
                f"This model has {len(window.model.lstm_blocks)} BiLSTM blocks, and this page is about what comes after {chapter.blocks}. "
                "Go on, or take the planted window.",
                icon="🧩",
            )


def _ask(question: Question) -> None:
    """Draw the question, and say kindly what there is to say of the answer."""
    key, answer = f"tour_answer_{page_number()}", question.answer
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
        st.session_state[ANSWERED] = st.session_state.get(ANSWERED, frozenset()) | {page_number()}
        st.success(f"Yes. {question.because}", icon="✅")
    else:
        st.info(f"Not quite. {question.hint}", icon="🔎")
        with st.expander("Show the answer"):
            st.markdown(f"**{plain(answer.said)}.** {question.because}")
