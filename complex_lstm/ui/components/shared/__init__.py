"""What every canvas needs from Python: it is mounted, gets its data as one message, and agrees with the page on a view.

A message is a length, a JSON header, then the values in the order that the header states. They are float32, so that the
browser can show the exact value: uint8 would load in 60% of the time at 1024 steps of attention, and lose every weight
below 1/255 of the largest. Page and visitor may both change the view; `agree` says which of them is followed.
"""

from __future__ import annotations

import hashlib
import json
import struct
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any, Generic, TypeVar

import numpy as np
import streamlit as st
from plotly.colors import sample_colorscale
from streamlit.components.v2.types import ComponentRenderer

__all__ = [
    "Agreement",
    "ViewReport",
    "agree",
    "float32",
    "message",
    "mount_canvas",
    "new_report",
    "packed_palette",
    "sources_of",
    "token_of",
]

_SHARED = Path(__file__).parent
_SHARED_SCRIPTS = ("message.js", "drawing.js", "page.js", "taking_along.js")


def mount_canvas(folder: Path, scripts: tuple[str, ...], *, key: str, data: bytes) -> None:
    """Draw the component in a folder: canvas.html, canvas.css and its scripts, joined in this order.

    What the browser reports lies in the session state under the key, as `view`.
    """
    # A state without a callback is no part of the component's result; the run itself reads the report.
    _component(folder, scripts)(key=key, data=data, on_view_change=lambda: None)


@cache
def _component(folder: Path, scripts: tuple[str, ...]) -> ComponentRenderer:
    """Return the mounting command. Once a process: Streamlit warns of a second component by the same name."""
    html, css, js = sources_of(folder, scripts)
    return st.components.v2.component(f"complex_lstm.{folder.name}", html=html, css=css, js=js)


def sources_of(folder: Path, scripts: tuple[str, ...]) -> tuple[str, str, str]:
    """Return the HTML, the CSS and the JavaScript of the component in a folder, with what all canvases share."""
    sources = [*(_SHARED / name for name in _SHARED_SCRIPTS), *(folder / name for name in scripts)]
    return _joined(folder / "canvas.html"), _joined(_SHARED / "canvas.css", folder / "canvas.css"), _joined(*sources)


def _joined(*files: Path) -> str:
    return "\n".join(file.read_text(encoding="utf-8") for file in files)


View = TypeVar("View")


@dataclass(frozen=True)
class ViewReport(Generic[View]):
    """The view that the browser last reported. `stamp` tells two reports of the same view apart."""

    view: View
    stamp: int


@dataclass(frozen=True)
class Agreement(Generic[View]):
    """What page and browser last agreed on.

    `shown` is the view that both show. `order` and `number` are the last view that the page requested, and its number.
    They do not change when the visitor clicks, because Streamlit sends a message of unchanged bytes as a reference: a
    click then moves no arrays. `last_stamp` is the stamp of the last report that was followed.
    """

    order: View
    number: int
    shown: View
    last_stamp: int | None


def agree(before: Agreement[View] | None, *, wanted: View, report: ViewReport[View] | None) -> Agreement[View]:
    """Return the new agreement: a new report of the browser comes first, else the page if it wants another view.

    The page requests a view by passing one that differs from the view it was last given. In the run that a click
    starts the page does not know of the click yet, so its request is stale and the report is followed.
    """
    stamp = None if report is None else report.stamp
    if before is None:
        return Agreement(order=wanted, number=0, shown=wanted, last_stamp=stamp)
    if report is not None and stamp != before.last_stamp:
        return replace(before, shown=report.view, last_stamp=stamp)
    if stamp == before.last_stamp and wanted == before.shown:
        return before
    # Either the page wants another view, or the browser was mounted anew and forgot what it had reported.
    return Agreement(order=wanted, number=before.number + 1, shown=wanted, last_stamp=stamp)


def new_report(component_key: str) -> dict[str, Any] | None:
    """Return what the browser has reported since the last call, else None: for a component whose report is a single event."""
    state = st.session_state.get(component_key)
    report: dict[str, Any] | None = state.get("view") if state else None
    if not report or report["stamp"] == st.session_state.get(f"{component_key}_stamp"):
        return None
    st.session_state[f"{component_key}_stamp"] = report["stamp"]
    return report


def float32(array: np.ndarray) -> np.ndarray:
    """Return the array as the browser reads it: little-endian, row after row, without a copy where it already is."""
    return np.ascontiguousarray(array, dtype="<f4")


def message(header: dict[str, Any], arrays: Iterable[np.ndarray]) -> bytes:
    """Return the message to the browser; a dataclass in the header travels as its fields."""
    packed = json.dumps(header, default=vars).encode()
    packed += b" " * (-len(packed) % 4)  # a Float32Array can only start at a multiple of 4
    return b"".join((struct.pack("<I", len(packed)), packed, *(array.data for array in arrays)))


def token_of(labels: list[Any], arrays: Iterable[np.ndarray]) -> str:
    """Return a hash of what is drawn: the same token means that nothing has to be decoded or painted again."""
    digest = hashlib.sha256(json.dumps(labels).encode())
    for array in arrays:
        digest.update(array.data)
    return digest.hexdigest()[:16]


def packed_palette(scale: str | list[list[Any]]) -> tuple[int, ...]:
    """Return 256 colours of a Plotly scale as 768 numbers from 0 to 255: red, green, blue, red, ..."""
    colours = sample_colorscale(scale, np.linspace(0, 1, 256).tolist(), colortype="tuple")
    return tuple(round(255 * part) for colour in colours for part in colour)
