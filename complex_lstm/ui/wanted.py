"""What one visitor waits for on a page: asked for at once, stopped on their wish or when they want something else, and gone on with."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping
from typing import Any

import streamlit as st

from complex_lstm.ui.work import Run, Work, visitor, works

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
