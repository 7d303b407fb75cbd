"""The prediction interval of the window in view, where Check has computed it in this session."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import streamlit as st
from jaxtyping import Float, Int

from complex_lstm.data.units import digits
from complex_lstm.ui.compute import cache
from complex_lstm.ui.compute.scene import Scene
from complex_lstm.ui.session.scene import predicted_values

KNOWN = "known_interval"


@dataclass(frozen=True)
class KnownInterval:
    """Half widths of the intervals of some windows, by their numbers in the data set of `keys`, in the targets' units."""

    keys: tuple[str, str, str, int]
    level: float
    windows: Int[np.ndarray, " window"]
    half: Float[np.ndarray, "window target"]


def keep_interval(known: KnownInterval) -> None:
    """Keep the intervals that Check has computed last."""
    st.session_state[KNOWN] = known


def interval_words(scene: Scene, output: int) -> str:
    """Return the interval of the window's prediction, as in "90% interval 20.1 to 22.6 °F", or "" where it was not computed."""
    known: KnownInterval | None = st.session_state.get(KNOWN)
    if known is None or known.keys[:3] != scene.keys[:3]:
        return ""
    listed, windows = scene.dataset.windows, cache.dataset(*known.keys).windows
    series, start = listed.series[scene.number], listed.start[scene.number]
    places = np.flatnonzero((windows.series[known.windows] == series) & (windows.start[known.windows] == start))
    if not len(places):
        return ""
    value, half = float(predicted_values(scene)[output]), float(known.half[places[0], output])
    unit = scene.dataset.schema.unit(scene.outputs[output])
    return f"{known.level:.0%} interval {digits(value - half)} to {digits(value + half)} {unit}".rstrip()
