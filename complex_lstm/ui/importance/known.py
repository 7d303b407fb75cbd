"""The cells that are known to decide, for samples that were made."""

from __future__ import annotations

import numpy as np
import pandas as pd
import streamlit as st

from complex_lstm.interpretation.known_answers import true_cells
from complex_lstm.samples import SAMPLES
from complex_lstm.ui.cache import Scene


def has_known_cells(scene: Scene) -> bool:
    """Return whether it is known for the open data which cells decide."""
    return scene.keys[0] in SAMPLES and SAMPLES[scene.keys[0]].cells.exists()


def known_cells(scene: Scene, number: int | None = None) -> np.ndarray | None:
    """Return which cells of a window decide, (time, feature), or None where nobody knows."""
    if not has_known_cells(scene):
        return None
    return true_cells(_table(scene.keys[0]), scene.dataset, scene.number if number is None else number)


@st.cache_resource(max_entries=4, show_spinner=False)
def _table(sample: str) -> pd.DataFrame:
    return pd.read_csv(SAMPLES[sample].cells)
