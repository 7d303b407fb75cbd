"""The view of a page that has several: chosen on the page, and kept in the link."""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st

from complex_lstm.ui.state import choose, current


def choose_view(page: str, labels: Mapping[str, str]) -> str:
    """Draw the choice among a page's views, by name with their labels, and return the one in the link, else the first, which is ""."""
    key = f"{page}_view"
    st.session_state[key] = view = current().view if current().view in labels else ""
    st.segmented_control(
        "View", list(labels), format_func=labels.__getitem__, key=key, on_change=lambda: choose(view=st.session_state[key]), required=True
    )
    return view
