"""Where in the network the change first shows."""

from __future__ import annotations

import numpy as np
import streamlit as st

from complex_lstm.figures.bench import change_bars
from complex_lstm.model.interventions import first_change
from complex_lstm.ui.bench.words import box_words
from complex_lstm.ui.comparing.pair import Pair
from complex_lstm.ui.messages import caption, plain, reading


def show_change(page: str, pair: Pair) -> None:
    """Draw how far each box moved, in the order of the walk, or say that none did."""
    config = pair.first.scene.model.config
    changes = first_change(pair.first.trace, pair.second.trace)
    names = tuple(box_words(change.box, config) for change in changes)
    sizes = np.array([change.relative for change in changes])
    moved = np.flatnonzero(sizes > 0)
    st.subheader("Where it first shows")
    if not len(moved):
        st.markdown("Nothing moves: both sides are the same in every box.")
        return
    st.markdown(f"It shows first at **{plain(names[moved[0]])}**; at the prediction it is {sizes[-1]:.3g} of the prediction's mean size.")
    st.plotly_chart(
        change_bars(sizes, boxes=names, title=""), key=f"{page}_change", alt="How far each box moved, from the input to the prediction"
    )
    caption(method="mean |after - before| over the box, as a multiple of mean |before|", **pair.facts)
    reading(
        "From top to bottom as the window goes: boxes before the switched one stand at 0, and residual sums carry a change past others.",
        "A mean over all cells: a large change of one cell is small here, and a small one can be all that the prediction hangs on.",
    )
