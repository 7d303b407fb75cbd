"""A lesson: a link that fixes sample, page and view, and shows no controls beside them."""

from __future__ import annotations

from urllib.parse import urlencode

import streamlit as st

from complex_lstm.ui.state import as_link, choose, current

WAY_OUT = "Leave the lesson and show all controls"


def is_lesson() -> bool:
    """Return whether the controls are hidden."""
    return current().lesson == 1


def offer_way_out() -> None:
    """Draw the way from a lesson to the whole app, where the sidebar would be."""
    st.button(WAY_OUT, key="lesson_leave", type="tertiary", on_click=choose, kwargs={"lesson": None})


def lesson_link() -> str:
    """Return the address of what is on the screen now, as a lesson."""
    return f"{str(st.context.url).partition('?')[0]}?{urlencode(as_link(current()) | {'lesson': '1'})}"
