"""Words on the screen: names from files as plain text, errors as one sentence, and what stands under a figure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager

import streamlit as st

from complex_lstm.errors import ComplexLSTMError

_MARKDOWN = re.compile(r"([\\`*_{}\[\]()<>#+!|$~:^=-])")


def plain(text: object) -> str:
    """Return text from a file so that Markdown shows it letter by letter: no image, link, formula or colour."""
    return _MARKDOWN.sub(r"\\\1", str(text))


@contextmanager
def errors_shown() -> Iterator[None]:
    """Show our own errors where they happen, as one sentence. Others are the server's to log."""
    try:
        yield
    except ComplexLSTMError as error:
        st.error(plain(error), icon="⚠️")


def caption(**facts: object) -> None:
    """Say under a figure how it was made: method, baseline, target, steps, device, each where it applies."""
    st.caption(" · ".join(f"**{name.replace('_', ' ')}** {plain(value)}" for name, value in facts.items() if value not in ("", None)))


def reading(how: str, misleads: str) -> None:
    """Say in one sentence how to read a view, and in one how it can mislead."""
    st.markdown(f"**How to read it.** {how}  \n**How it can mislead.** {misleads}")
