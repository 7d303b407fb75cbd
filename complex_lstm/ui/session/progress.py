"""What takes long and is computed when asked for: a button, then progress with the time left and a way to stop.

What one visitor waits for on a page: asked for at once, stopped on their wish or when they want something else, and gone on with.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping
from typing import Any

import streamlit as st

from complex_lstm.ui.compute.jobs import POLL, Run, Work, visitor, wait_briefly, works
from complex_lstm.ui.session.messages import plain
from complex_lstm.ui.session.widgets import pressed

HALVES = [5, 1]  # widths: words or a bar, and a button


def ask_all(page: str, key: Hashable, runs: Mapping[Hashable, Run]) -> dict[Hashable, Work[Any] | None]:
    """Return the works of these runs, by their keys, asked for unless the visitor has halted the page at this key.

    What this visitor waited for on the page before and now does not, stops.
    """
    registry, name = works(), visitor()
    if st.session_state.get(f"{page}_halted") == key:
        return {one: registry.find(one) for one in runs}
    registry.release(set(st.session_state.get(f"{page}_wanted", ())) - set(runs), name)
    st.session_state[f"{page}_wanted"] = tuple(runs)
    return {one: registry.ask(one, run, name) for one, run in runs.items()}


def want_nothing(page: str) -> None:
    """Stop what this visitor waited for on the page."""
    works().release(st.session_state.pop(f"{page}_wanted", ()), visitor())


def draw_progress(share: float, words: str, *, key: str, stop: Callable[..., None], args: tuple[Any, ...]) -> None:
    """Draw how far it is, and a button that stops it. `stop` is a callback: it runs before the fragment that polls,
    which may end itself for a new result and would lose a click."""
    left, right = st.columns(HALVES, vertical_alignment="center")
    left.progress(share, text=words)
    right.button("Stop", key=key, on_click=stop, args=args)


def halt(page: str, key: Hashable, wanted: Iterable[Hashable]) -> None:
    """Stop these works, and ask for nothing more at this key until the visitor goes on: a callback."""
    st.session_state[f"{page}_halted"] = key
    works().release(wanted, visitor())


def offer_to_go_on(page: str, words: str) -> None:
    """Say what was stopped, and offer to go on."""
    left, right = st.columns(HALVES, vertical_alignment="center")
    left.info(words, icon="✋")
    right.button("Go on", key=f"{page}_go_on", on_click=st.session_state.pop, args=(f"{page}_halted", None))


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
