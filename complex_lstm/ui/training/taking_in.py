"""A run that was made elsewhere, taken in by its zip."""

from __future__ import annotations

import streamlit as st

from complex_lstm.runs.archive import take_in
from complex_lstm.ui.messages import plain, telling
from complex_lstm.ui.state import choose
from complex_lstm.ui.training.runs import runs_root

BOX, TAKEN = "train_take_in", "train_taken_in"


def offer_to_take_in() -> None:
    """Draw the box for a run that was made elsewhere."""
    with st.expander("A run that was made elsewhere", key="train_elsewhere", icon="📥"):
        st.file_uploader(
            "The zip of a run's folder, as the button Folder (zip) gives it", type=["zip"], key=BOX, on_change=telling(_take_in),
            help="Settings, curves, log, moments and model are taken; nothing in it is executed.",
        )  # fmt: skip
        if name := st.session_state.pop(TAKEN, ""):
            st.success(f"{plain(name)} is here now, and is the run that is shown.", icon="✅")
        st.caption(f"What a terminal trains with `--run` in a folder under {plain(runs_root())} is listed on this page by itself.")


def _take_in() -> None:
    file = st.session_state[BOX]
    if file is not None:
        run = take_in(file.getvalue(), runs_root(), name=file.name)
        st.session_state[TAKEN] = run.plan.name
        choose(run=run.key)
