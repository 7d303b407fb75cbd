"""Predict, do, explain: what a page shows only once its question is answered, the question, its verdict, and a part to switch off."""

from __future__ import annotations

from dataclasses import astuple

import streamlit as st
import torch

from complex_lstm.figures.tour import answer_bars
from complex_lstm.languages import _
from complex_lstm.ui.interventions.labels import switch_label
from complex_lstm.ui.interventions.link import Plain
from complex_lstm.ui.session.figures import show_figure
from complex_lstm.ui.session.messages import plain
from complex_lstm.ui.session.state import current, is_lesson
from complex_lstm.ui.views.tour.canvas import TourView
from complex_lstm.ui.views.tour.cell import describe_change
from complex_lstm.ui.views.tour.chapter import Chapter, MultipleChoice, Question, StartCell
from complex_lstm.ui.views.tour.class_answers import report_answer
from complex_lstm.ui.views.tour.outlines import Outline, outlines_of, written
from complex_lstm.ui.views.tour.position import page_number
from complex_lstm.ui.views.tour.predictions import predict, predicted, predictions
from complex_lstm.ui.views.tour.sheets import list_boxes
from complex_lstm.ui.views.tour.window import TourWindow


def is_veiled(chapter: Chapter, window: TourWindow, *, ready: bool) -> bool:
    """Return whether a page's numbers wait for a prediction. A projector shows them, because it has no question, but not in a lesson."""
    if not chapter.has_question(window) or (current().present and not is_lesson()):
        return False
    if not ready:
        return page_number() not in predictions(window)
    return predicted(window, page_number(), chapter.question(window).answer) is None


def answer_outlines(chapter: Chapter, window: TourWindow, *, ready: bool) -> tuple[Outline, ...]:
    """Return what is outlined in the picture: nothing before the question is answered, and nothing on a projector, which asks none."""
    if not ready or not chapter.has_question(window) or current().present:
        return ()
    question = chapter.question(window)
    made = predicted(window, page_number(), question.answer)
    return () if made is None else outlines_of(question, made.latest, with_right=not is_lesson())


def show_question(question: Question, window: TourWindow) -> None:
    """Draw the question, and after an answer the reason why it is right, or a hint."""
    answer = question.answer
    words, key = f"**{_('Predict.')}** {question.words}", _key(window)
    before = predicted(window, page_number(), answer)
    if before is not None and key not in st.session_state:
        st.session_state[key] = int(before.latest) if isinstance(answer, MultipleChoice) else before.latest
    given: float | None
    if isinstance(answer, MultipleChoice):
        names = range(len(answer.options))
        given = st.radio(
            words, names, format_func=lambda at: plain(answer.options[at]), index=None, key=key, horizontal=True, persist_state="session"
        )
    else:
        given = st.number_input(words, value=None, key=key, placeholder=_("a number"), format="%.4g", persist_state="session")
    if given is None:
        st.caption(_("The numbers of this page are shown when you have answered. A guess is enough."))
        return
    predict(window, page_number(), float(given))
    made = predictions(window)[page_number()]
    report_answer(answer, page=page_number(), token=window.token, window=window.scene.number, first=made.first, latest=made.latest)
    _judge(question, given, window)


def _key(window: TourWindow) -> str:
    """Return the key of the widget in which this page's question is answered for this window."""
    return f"tour_answer_{page_number()}_{window.token}"


def _judge(question: Question, given: float, window: TourWindow) -> None:
    answer, before = question.answer, predictions(window)[page_number()]
    if answer.accepts(given):
        first = _("Your prediction was {prediction}.", prediction=plain(written(answer, before.first)))
        at_first = "" if answer.accepts(before.first) else f" {first}"
        st.success(f"{_('Yes.')} {question.because}{at_first}", icon="✅")
        return
    st.info(f"{_('Not quite.')} {question.hint}", icon="🔎")
    _show_compared(question, given)
    if not is_lesson():  # there the class finds it in the numbers
        with st.expander(_("Show the answer")):
            st.markdown(f"**{plain(answer.text)}.** {question.because}")


def _show_compared(question: Question, given: float) -> None:
    """Draw the values that decide the question with the answer marked in them, and the right one too but in a lesson."""
    compared, answer = question.compared, question.answer
    rights = (answer.right, *answer.also) if isinstance(answer, MultipleChoice) else (answer.right,)
    is_marked = compared.answer != "beside"
    figure = answer_bars(
        compared.values,
        names=compared.names,
        title=compared.title,
        given=(float(given),) if is_marked else (),
        right=tuple(map(float, rights)) if is_marked and not is_lesson() else (),
        is_level=compared.answer == "level",
    )
    alt = _("What decides the question: {values}", values=compared.title)
    show_figure(figure, key="tour_compared", alt=alt, config={"displayModeBar": False})


def show_trial(chapter: Chapter, window: TourWindow) -> None:
    """Draw the switch that turns the page's part of the model off, and what that changes."""
    if chapter.trial is None:
        return
    switch = chapter.trial(window)
    label = _("Try it: {switch}", switch=switch_label(switch, window.model.config))
    if st.toggle(label, key=f"tour_trial_{page_number()}_{window.token}", persist_state="session"):
        st.markdown(describe_trial(window, switch))


@torch.no_grad()
def describe_trial(window: TourWindow, switch: Plain) -> str:
    """Return in words what the explained output, and the predicted class, become with a part of the model switched."""
    changed = window.model.intervened(window.x.to(window.scene.device), interventions=[switch])[0].cpu()
    return describe_change(window, changed)


def show_pick(chapter: Chapter, window: TourWindow, view: TourView) -> None:
    """Draw the button that gives the cell chosen in the picture as the answer, if it stands for one."""
    box, sheet, row, column = astuple(view)
    question = chapter.question(window)
    picked = question.pick(StartCell(list_boxes(window)[box].name, sheet, row, column))
    if picked is not None:
        label = _("Answer with the chosen cell: {answer}", answer=plain(written(question.answer, picked)))
        st.button(label, key="tour_pick", on_click=_answer, args=(_key(window), picked, isinstance(question.answer, MultipleChoice)))


def _answer(key: str, picked: float, is_choice: bool) -> None:
    st.session_state[key] = int(picked) if is_choice else float(picked)
