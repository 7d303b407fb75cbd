"""The part of the data that the views of Check are about, and what is computed for it beside the page."""

from __future__ import annotations

import streamlit as st

from complex_lstm.ui.compute.scene import Scene
from complex_lstm.ui.session.state import current, in_link

PARTS = {
    "test": "test: not used in training",
    "validation": "validation: used to choose the epoch",
    "training": "training: learned from",
    "new": "new to the model",
    "this file": "this file: whether the model was trained on it is not known",
}


def chosen_part(scene: Scene) -> str:
    """Return the part in the link, else the first that there is."""
    present = _present(scene)
    return current().check.part if current().check.part in present else present[0]


def _present(scene: Scene) -> list[str]:
    return [part for part in PARTS if len(scene.dataset.windows.of_part(part))]


def choose_part(scene: Scene) -> str:
    """Draw the choice of a part, and return it."""
    part = st.segmented_control(
        "Part",
        _present(scene),
        required=True,
        format_func=PARTS.__getitem__,
        **in_link("predict_part", chosen_part(scene), "part", slice=""),
    )
    return str(part)
