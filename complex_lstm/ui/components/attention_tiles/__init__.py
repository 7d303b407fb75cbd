"""Exact attention weights where a visitor points in an attention canvas of a long window.

A component of its own, without anything to see: what the canvas has is sent once, and a question for a tile moves that tile alone.
It is mounted in a fragment beside the canvas, and the two talk by events in the page.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import streamlit as st
from jaxtyping import Float32

from complex_lstm.ui.components.shared import float32, message, mount_canvas

__all__ = ["Tile", "attention_tiles"]


@dataclass(frozen=True)
class Tile:
    """A tile of a map that the canvas asks for: the map as in `AttentionView`, and its first query and key step.

    `token` is that of the content that the canvas shows: an answer for another is not taken.
    """

    token: str
    map: str
    layer: int
    head: int
    query: int
    key: int


def attention_tiles(cut: Callable[[Tile], Float32[np.ndarray, "query key"] | None], *, component_key: str) -> None:
    """Answer what the canvas has asked for last, by what `cut` returns; None where there is no such tile."""
    state = st.session_state.get(component_key)
    asked = state.get("view") if state else None
    tile = Tile(**{name: asked[name] for name in Tile.__dataclass_fields__}) if asked else None
    values = cut(tile) if tile else None
    header = {"asked": None} if tile is None or values is None else {"asked": asdict(tile), "rows": len(values), "columns": values.shape[1]}
    data = message(header, () if values is None else (float32(values),))
    mount_canvas(Path(__file__).parent, ("canvas.js",), key=component_key, data=data)
