"""The attention canvas: every attention head at a glance, and one large map whose every weight can be read.

A component of its own because Plotly fires no event for a cell of a heat map (streamlit #8760) and needs seconds for
eight heads of 512 steps. The browser paints; Python sends the maps once, and the browser reports what the visitor chose.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import streamlit as st
from jaxtyping import Float

from complex_lstm.interpretation.head_maps import HeadMaps
from complex_lstm.ui.components.attention_map.payload import AttentionMap, AttentionPin, AttentionView, Content, encode, read_report
from complex_lstm.ui.components.shared import agree, float32, mount_canvas

__all__ = ["AttentionMap", "AttentionPin", "AttentionView", "Content", "attention_canvas", "content_of"]

_SCRIPTS = ("content.js", "figure.js", "canvas.js")


def content_of(maps: HeadMaps, *, series: Float[np.ndarray, "time feature"], names: Sequence[str], times: Sequence[str]) -> Content:
    """Return the maps with the series and times that stand along both axes, as the canvas draws them."""
    return Content(maps.heads, maps.averages, maps.rollout, float32(series), tuple(names), tuple(times), maps.square)


def attention_canvas(content: Content, *, view: AttentionView, file_name: str, component_key: str) -> AttentionView:
    """Return what the visitor looks at now: `view`, or what was chosen in the canvas since.

    Pass the returned view back in the next run; any other view is shown in place of the visitor's. Names and times
    are drawn as plain text, whatever they hold. `file_name`, without its ending, begins the name of a downloaded image.
    Where the content is not exact, `attention_tiles` beside it answers the canvas's questions for exact weights.
    """
    layers, heads = content.attention.shape[:2]
    steps = len(content.times)
    memory = f"{component_key}_agreement"
    agreement = agree(
        st.session_state.get(memory),
        wanted=view.within(layers=layers, heads=heads, steps=steps, features=len(content.series_names)),
        report=read_report(st.session_state.get(component_key)),
    )
    data = encode(content, agreement=agreement, file_name=file_name)
    mount_canvas(Path(__file__).parent, _SCRIPTS, key=component_key, data=data)
    st.session_state[memory] = agreement
    return agreement.shown.within(layers=layers, heads=heads, steps=steps, features=len(content.series_names))
