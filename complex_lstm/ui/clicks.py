"""Clicks in charts and tables that choose a window."""

from __future__ import annotations

from typing import Any

import streamlit as st

from complex_lstm.ui.state import choose


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
