"""The address of what is on the screen, as a lesson."""

from __future__ import annotations

from urllib.parse import urlencode

import streamlit as st

from complex_lstm.ui.session.state import as_link, current

FREE, FIXED = 1, 2  # of a lesson: the page's own controls are shown, or hidden too


def is_lesson() -> bool:
    """Return whether the controls beside the page are hidden."""
    return current().lesson in (FREE, FIXED)


def lesson_link(level: int) -> str:
    """Return the address of what is on the screen now, as a lesson."""
    return f"{str(st.context.url).partition('?')[0]}?{urlencode(as_link(current()) | {'lesson': str(level)})}"
