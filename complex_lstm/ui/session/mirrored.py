"""Widgets that show what is also chosen elsewhere: in the link, on a canvas, by a key, by a button.

The page sets the value of such a widget in each run, and takes up what the visitor changes it to. But every request of the browser
brings the values of all widgets. One that it sent before it knew the value that the page had set brings the one before, and Streamlit
takes that for a change by the visitor: a brushed segment jumped back when a fragment's poll came at that moment.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx
from streamlit.runtime.scriptrunner_utils.script_run_context import ThreadState

LATE_POLL = 10.0  # seconds after which a fragment's poll knows the value that the page has set, also on a slow line
LATE_CLICK = 0.5  # seconds within which nobody has seen the value that the page has set, and gone back to the one before


@dataclass(frozen=True)
class _Replaced:
    """The value of a widget that a page has replaced by another, and when."""

    value: Any
    at: float


def mirrored(key: str, value: Any, take: Callable[..., None], *args: Any) -> dict[str, Any]:
    """Set a widget's value, and return its `key` and `on_change`: `take` is called with `args` when the visitor has changed it.

    It is not called for the value that the page has just replaced, where the browser did not know the new one yet.
    """
    memory, fragment = f"{key}_replaced", ThreadState.get().fragment_id if get_script_run_ctx() else None
    before = st.session_state.get(key, value)
    if before != value:
        st.session_state[memory] = _Replaced(before, time.monotonic())
    st.session_state[key] = value

    def changed() -> None:
        replaced = st.session_state.get(memory)
        if replaced and replaced.value == st.session_state.get(key) and time.monotonic() - replaced.at < _late(fragment):
            st.session_state[key] = value
        else:
            take(*args)

    return {"key": key, "on_change": changed}


def _late(fragment: str | None) -> float:
    """Return for how many seconds the run that begins may have been asked for by a browser that did not know a value yet.

    `fragment` is the one that the widget is in. A run of another, as its polls are, was not asked for by a change of the widget.
    """
    context = get_script_run_ctx()
    running = (context.fragment_ids_this_run if context else None) or []
    return LATE_POLL if running and fragment not in running else LATE_CLICK
