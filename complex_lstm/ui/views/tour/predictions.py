"""What the learner has predicted on each page of a window: kept in the session, and in the link so that a reload keeps it.

A lesson's link never carries it: whoever opens that predicts for themselves.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import streamlit as st

from complex_lstm.ui.session.classroom import current_pupil
from complex_lstm.ui.session.link import ListCodec
from complex_lstm.ui.session.state import choose, current
from complex_lstm.ui.views.tour.chapter import MultipleChoice, NumericAnswer
from complex_lstm.ui.views.tour.class_answers import recorded_answers
from complex_lstm.ui.views.tour.window import TourWindow

KEPT = "tour_predictions"  # in the session: by the window's token (and the pupil, in a class), then by page


@dataclass(frozen=True)
class Owner:
    """The window that the predictions of a link are about."""

    token: str


@dataclass(frozen=True)
class Prediction:
    """What was predicted on a page before anything was shown, and the latest answer. Both are numbers of options where there are some."""

    page: int
    first: float
    latest: float


CODEC: ListCodec[Owner | Prediction] = ListCodec(classes={"of": Owner, "q": Prediction}, separator=":", most=60)


def predictions(window: TourWindow) -> dict[int, Prediction]:
    """Return the predictions on a window by page, with those of a link that this session has just followed."""
    kept: dict[str, dict[int, Prediction]] = st.session_state.setdefault(KEPT, {})
    pupil = current_pupil()
    whose = f"{window.token} of {pupil.number}" if pupil else window.token
    if whose not in kept and pupil:  # a pupil's are their own, whatever a link says that somebody has answered
        kept[whose] = {one.page: Prediction(one.page, one.first, one.latest) for one in recorded_answers(pupil, window.token)}
    elif whose not in kept:
        values = CODEC.read(current().tour.predicted).values
        sound = [one for one in values if isinstance(one, Prediction) and math.isfinite(one.first + one.latest)]
        kept[whose] = {one.page: one for one in sound} if Owner(window.token) in values else {}
    return kept[whose]


def predicted(window: TourWindow, page: int, answer: MultipleChoice | NumericAnswer) -> Prediction | None:
    """Return the prediction on a page, if there is one that the question can have."""
    found = predictions(window).get(page)
    if found is None or not isinstance(answer, MultipleChoice):
        return found
    options = range(len(answer.options))
    return found if found.first in options and found.latest in options else None


def predict(window: TourWindow, page: int, given: float) -> None:
    """Keep an answer: the first one on a page is the prediction, and stays it."""
    kept = predictions(window)
    before = kept.get(page)
    kept[page] = replace(before, latest=given) if before else Prediction(page, given, given)


def keep_predictions(window: TourWindow) -> None:
    """Write the predictions on the window into the selection."""
    kept = predictions(window)
    choose(predicted=CODEC.write((Owner(window.token), *(kept[page] for page in sorted(kept)))) if kept else None)
