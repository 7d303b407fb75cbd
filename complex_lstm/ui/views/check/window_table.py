"""A table of windows of a part, of which a row opens its window."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import streamlit as st
from jaxtyping import Int

from complex_lstm.data import Dataset
from complex_lstm.ui.compute.scene import Scene
from complex_lstm.ui.session.listing import nearest_listed
from complex_lstm.ui.session.state import follow


def draw_windows(
    scene: Scene, dataset: Dataset, chosen: Int[np.ndarray, " window"], frame: pd.DataFrame, *, key: str, alt: str, column_config: Any
) -> None:
    """Draw one row for each of the chosen windows of a data set, which has every window at the model's own stride.

    A row opens its window, or where that is not listed in the bar the nearest that is. `key` is of this table, and of no other.
    """
    picked = st.dataframe(frame, key=key, height=280, on_select="rerun", selection_mode="single-row", alt=alt, column_config=column_config)
    rows = [row for row in picked["selection"]["rows"] if row < len(chosen)]
    nearest, same = nearest_listed(dataset.windows, chosen[rows], scene.dataset.windows)
    follow(key, nearest.tolist())
    if len(rows) and not same[0] and nearest[0] == scene.number:
        st.info(
            f"The window in row {rows[0]} starts at step {dataset.windows.start[chosen[rows[0]]]}. The list of windows has only every "
            f"{scene.dataset.window.stride}th step, so the nearest listed one is open: window {scene.number}, which starts at step "
            f"{scene.dataset.windows.start[scene.number]}. To list all of them, change the stride on the Data page.",
            icon="📍",
        )
