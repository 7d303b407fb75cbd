"""Clicks that choose a window in charts and tables, and clicks on buttons that must not be lost.

The view of a page that has several: chosen on the page, and kept in the link.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

import streamlit as st

from complex_lstm.ui.session.state import choose, current

FRESH = 10.0  # seconds after which a click that led to nothing is forgotten


def clicked_points(event: Any) -> list[int]:
    """Return the windows of the points selected in a chart. A point's window is its customdata; a point without one is none."""
    points = event["selection"]["points"] if event else []
    found = [point.get("customdata") for point in points]
    return [int(one[0] if isinstance(one, list) else one) for one in found if one is not None]


def follow(widget: str, clicked: list[int]) -> None:
    """Choose the window that was clicked, once: Streamlit reports a selection in every run until it changes."""
    memory, latest = f"followed_{widget}", clicked[0] if clicked else None
    if latest == st.session_state.get(memory):
        return
    st.session_state[memory] = latest
    if latest is not None:
        choose(window=latest)
        st.rerun()


def pressed(label: str, *, key: str, **looks: Any) -> bool:
    """Draw a button and return once whether it was pressed.

    What Streamlit returns is lost where the run of the click ends before it comes here, for a rerun that somebody else
    asked for; this is remembered for the next run, a few seconds long.
    """
    st.button(label, key=key, on_click=_remember, args=(key,), **looks)
    return time.monotonic() - st.session_state.pop(f"{key}_pressed", -FRESH) < FRESH


def _remember(key: str) -> None:
    st.session_state[f"{key}_pressed"] = time.monotonic()


def choose_view(page: str, labels: Mapping[str, str]) -> str:
    """Draw the choice among a page's views, by name with their labels, and return the one in the link, else the first, which is ""."""
    key = f"{page}_view"
    st.session_state[key] = view = current().view if current().view in labels else ""
    st.segmented_control(
        "View", list(labels), format_func=labels.__getitem__, key=key, on_change=lambda: choose(view=st.session_state[key]), required=True
    )
    return view
