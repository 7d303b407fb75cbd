"""Mounting a canvas: its own files after those that every canvas draws with."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import streamlit as st
from streamlit.components.v2.types import ComponentRenderer

_SHARED = Path(__file__).parent
_SHARED_SCRIPTS = ("message.js", "drawing.js", "page.js")


def mount_canvas(folder: Path, scripts: tuple[str, ...], *, key: str, data: bytes) -> None:
    """Draw the component in a folder: canvas.html, canvas.css and its scripts, joined in this order.

    What the browser reports lies in the session state under the key, as `view`.
    """
    _component(folder, scripts)(key=key, data=data, on_view_change=_nothing)


@cache
def _component(folder: Path, scripts: tuple[str, ...]) -> ComponentRenderer:
    """Return the mounting command. Once a process: Streamlit warns of a second component by the same name."""
    sources = [*(_SHARED / name for name in _SHARED_SCRIPTS), *(folder / name for name in scripts)]
    return st.components.v2.component(
        f"complex_lstm.{folder.name}",
        html=_text(folder / "canvas.html"),
        css="\n".join(map(_text, (_SHARED / "canvas.css", folder / "canvas.css"))),
        js="\n".join(map(_text, sources)),
    )


def _text(file: Path) -> str:
    return file.read_text(encoding="utf-8")


def _nothing() -> None:
    """A state without a callback is no part of the component's result; the run itself reads the report."""
