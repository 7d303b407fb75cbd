"""What takes long and is computed when asked for: a button, then progress with the time left and a way to stop."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable
from typing import Any

import streamlit as st

from complex_lstm.ui.clicks import pressed
from complex_lstm.ui.messages import plain
from complex_lstm.ui.wanted import draw_progress
from complex_lstm.ui.work import POLL, Run, Work, visitor, wait_briefly, works


def one_by_one(names: Iterable[str], compute: Callable[[str, Work[Any]], Any]) -> Run:
    """Return a run that computes one thing for each name, and shows those that it has."""
    listed = tuple(names)

    def run(work: Work[Any]) -> Any:
        work.partial = {}
        for done, name in enumerate(listed):
            work.tell(done, len(listed))
            work.partial = work.partial | {name: compute(name, work)}
        return work.partial

    return run


def offer(name: str, key: Hashable, run: Run, *, label: str) -> Work[Any] | None:
    """Return the work of a key: None before it was asked for, else done, or with what it has so far.

    It goes on when the visitor leaves the page, and is found again when they come back.
    """
    work = works().find((name, key))
    if work is None or work.state == "stopped":
        if work is not None:
            st.info(f"Stopped after {work.done} of {work.total}." if work.total else "Stopped.", icon="✋")
        if not pressed(label, key=f"{name}_start"):
            return work
        work = works().ask((name, key), run, visitor())
        wait_briefly([work])
    if work.trouble:
        st.error(plain(work.trouble), icon="⚠️")
    if work.is_under_way:
        _watch(name, work, work.done)
    return work


def known_by_now(name: str, key: Hashable) -> dict[str, Any]:
    """Return what a work one by one has by now, by name; nothing where it was never asked for."""
    work = works().find((name, key))
    return (work.so_far if work and not work.trouble else None) or {}


@st.fragment(run_every=POLL)
def _watch(name: str, work: Work[Any], seen: int) -> None:
    fresh = work.partial is not None and work.done >= seen + max(1, work.total // 8)
    if not work.is_under_way or fresh:
        st.rerun()
    share = work.done / work.total if work.total else 0.0
    draw_progress(share, words_of(work), key=f"{name}_stop", stop=works().abandon, args=(work.key,))


def words_of(work: Work[Any]) -> str:
    """Return how far a work is, and how long it will take."""
    if work.seconds_left is None:
        return "Computing" if work.state == "running" else "Waiting for what was asked before"
    return f"{work.done} of {work.total} done, about {_duration(work.seconds_left)} left"


def _duration(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds < 90 else f"{seconds / 60:.0f} min"
