"""The pulse of a class: it asks the server every two seconds whether there is news, and has the page run again only if there is.

A fragment that polls would run the page's script each time, and Streamlit 1.67 can take its poll for the page that a click leads to.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

import streamlit as st
from streamlit.components.v2.types import ComponentRenderer

__all__ = ["class_pulse"]


def class_pulse(news: str, *, component_key: str) -> None:
    """Have this page run again when the server's answer to `class/now` is no longer `news`. Nothing is drawn."""
    _component()(key=component_key, data={"news": news}, on_news_change=lambda: None)


@cache
def _component() -> ComponentRenderer:
    script = (Path(__file__).parent / "pulse.js").read_text(encoding="utf-8")
    return st.components.v2.component("complex_lstm.class_pulse", html="<span hidden></span>", js=script)
