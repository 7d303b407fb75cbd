"""The answers of a pupil of a class: what is answered on the tour is recorded, and comes back on a reload and on another device."""

from __future__ import annotations

from complex_lstm.classroom.door import Pupil
from complex_lstm.classroom.work import Answer, answers_of, record_answer
from complex_lstm.ui.session.classroom import classroom, current_pupil
from complex_lstm.ui.session.scene import title_of
from complex_lstm.ui.session.state import current
from complex_lstm.ui.views.tour.chapter import MultipleChoice, NumericAnswer


def recorded_answers(pupil: Pupil, token: str) -> list[Answer]:
    """Return what a pupil has answered on a window, in this session or before, here or on another device."""
    room = classroom()
    return answers_of(room, pupil, token) if room else []


def report_answer(answer: MultipleChoice | NumericAnswer, *, page: int, token: str, window: int, first: float, latest: float) -> None:
    """Record a pupil's answer for the teacher; of another visitor nothing.

    Raises:
        ClassroomError: it cannot be kept.
    """
    room, pupil = classroom(), current_pupil()
    if not room or not pupil:
        return
    words, words_now = _words(answer, first), _words(answer, latest)
    name = f"{title_of('data', current().opened.data)}, window {window}"
    record_answer(room, pupil, Answer(page, token, first, latest, words, words_now, answer.accepts(latest), answer.accepts(first), name))


def _words(answer: MultipleChoice | NumericAnswer, given: float) -> str:
    if isinstance(answer, NumericAnswer):
        return f"{given:.6g}"
    return dict(enumerate(answer.options)).get(int(given), "")  # of an earlier version's question there may be none
