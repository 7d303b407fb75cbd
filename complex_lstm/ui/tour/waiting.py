"""Waiting for what a page rests on: begun with the page, with the time left and a way to stop, ended when one goes on."""

from __future__ import annotations

from typing import Any

import streamlit as st

from complex_lstm.ui.messages import plain
from complex_lstm.ui.on_demand import words_of
from complex_lstm.ui.tour.chapter import Chapter
from complex_lstm.ui.tour.window import TourWindow
from complex_lstm.ui.wanted import ask_all, draw_progress, halt, offer_to_go_on, want_nothing
from complex_lstm.ui.work import POLL, Work, wait_briefly, works

PAGE = "tour"


def begin(chapter: Chapter, window: TourWindow) -> None:
    """Begin what a page rests on, and stop what the page before waited for. What takes a moment is there at once."""
    if chapter.evidence is None or not chapter.fits(window):
        want_nothing(PAGE)
        return
    key = chapter.evidence.key(window)
    wait_briefly([work for work in ask_all(PAGE, key, {key: chapter.evidence.run(window)}).values() if work])


def show_waiting(chapter: Chapter, window: TourWindow) -> None:
    """Say how far it is, with a way to stop; or that it was stopped, with a way to go on."""
    assert chapter.evidence is not None
    key = chapter.evidence.key(window)
    work = works().find(key)
    if work is None or work.state == "stopped":
        offer_to_go_on(PAGE, "What this page rests on was stopped before its end.")
    elif work.trouble:
        st.error(plain(work.trouble), icon="⚠️")
    else:
        st.markdown("This page rests on forward passes of its own, which take a while for this model and window.")
        _watch(work)


@st.fragment(run_every=POLL)
def _watch(work: Work[Any]) -> None:
    if not work.is_under_way:
        st.rerun()
    share = work.done / work.total if work.total else 0.0
    draw_progress(share, words_of(work), key="tour_evidence_stop", stop=halt, args=(PAGE, work.key, (work.key,)))
