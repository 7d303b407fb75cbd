"""The whole tour as plain reading: every text, question and hint, and the answers apart from them."""

from __future__ import annotations

import streamlit as st

from complex_lstm.ui.messages import plain
from complex_lstm.ui.tour.arriving import page_number, turn_to
from complex_lstm.ui.tour.chapter import Chapter, told
from complex_lstm.ui.tour.chapters import CHAPTERS
from complex_lstm.ui.tour.question import Choice, Question
from complex_lstm.ui.tour.window import TourWindow


def show_reading(window: TourWindow) -> None:
    """Draw the tour as plain reading, with a way to each page. What is folded is not made: the questions look at every box."""
    whole = st.expander("The whole tour as plain reading", key="tour_reading", on_change="rerun")
    answers = st.expander("The answers to its questions", key="tour_answers", on_change="rerun")
    asked = {number: one.ask(window) for number, one in _ready(window) if one.asks(window)} if whole.open or answers.open else {}
    if whole.open:
        with whole:
            for number, chapter in enumerate(CHAPTERS, 1):
                st.markdown(_written(number, chapter, window, asked.get(number)))
            _offer_pages()
    if answers.open:
        answers.markdown("  \n".join(f"**{number}. {plain(one.answer.said)}.** {one.because}" for number, one in asked.items()))


def _ready(window: TourWindow) -> list[tuple[int, Chapter]]:
    """Return the pages whose evidence is there: plain reading waits for none."""
    return [(number, chapter) for number, chapter in enumerate(CHAPTERS, 1) if chapter.is_ready(window)]


def _written(number: int, chapter: Chapter, window: TourWindow, question: Question | None) -> str:
    lines = [f"**{number}. {chapter.title}**"]
    if not chapter.fits(window):
        return f"{lines[0]}  \nThis model has too few BiLSTM blocks for this page."
    lines.append(told(chapter.claim, window))
    if chapter.finding and chapter.is_ready(window):
        lines.append(f"In this window: {chapter.finding(window)}")
    lines += [f"*{told(chapter.task, window)}*", f"${chapter.formula_of(window)}$"]
    if question:
        options = f" ({'; '.join(map(plain, question.answer.options))})" if isinstance(question.answer, Choice) else ""
        lines += [f"**Question.** {question.words}{options}", f"**Hint.** {question.hint}"]
    elif chapter.has_question(window):
        lines.append("**Question.** It rests on forward passes of its own, which this page begins when it is opened.")
    return "  \n".join(lines)


def _offer_pages() -> None:
    st.selectbox(
        "Go to a page",
        range(1, len(CHAPTERS) + 1),
        index=page_number() - 1,
        format_func=lambda number: f"{number}. {CHAPTERS[number - 1].title}",
        key="tour_go_to",
        on_change=_go,
    )


def _go() -> None:
    turn_to(st.session_state["tour_go_to"])
