"""A run's settings once more: its data is opened as the run reads it, and the questions begin with what it was asked for."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st

from complex_lstm.errors import WorkspaceError
from complex_lstm.samples import SAMPLES
from complex_lstm.ui.messages import plain
from complex_lstm.ui.setup import Setup, keep_setup
from complex_lstm.ui.sidebar import UPLOADS, remember
from complex_lstm.ui.state import choose, current
from complex_lstm.ui.training.runs import data_of, find_run, unknown_data
from complex_lstm.ui.training.settings import Begin

AGAIN, COUNT = "train_again_with", "train_again_count"


@dataclass(frozen=True)
class Again:
    """A run by its name, and what the questions about its data begin with."""

    name: str
    data: str
    begin: Begin


def begin_again(key: str) -> None:
    """Open a run's data as the run reads it, and let the questions begin with its settings: a callback.

    Raises:
        WorkspaceError: the run is gone, or its data is not known here.
    """
    run = find_run(key)
    data, plan, before = data_of(run), run.plan, current()
    if not data:
        raise WorkspaceError(unknown_data(run))
    if data not in SAMPLES:
        remember(UPLOADS, data)
    count = st.session_state[COUNT] = st.session_state.get(COUNT, 0) + 1  # asked again, they begin anew
    st.session_state[AGAIN] = Again(plan.name, data, Begin(f"{data}_again_{count}", plan.model, plan.training))
    setup = keep_setup(Setup(plan.roles, plan.window, plan.split))
    choose(data=data, model=before.model if before.data == data else "", setup=setup, run=key)


def begin_of(data: str) -> Begin | None:
    """Return what the questions about a file begin with where a run is to be trained again, and say whose settings these are."""
    again: Again | None = st.session_state.get(AGAIN)
    if again is None or again.data != data:
        return None
    shuffled = " and its shuffled labels" if again.begin.training.shuffle_labels else ""
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(
            f"The questions begin with the settings of **{plain(again.name)}**{shuffled}: give it more epochs, or change what you like."
        )
        st.button("Back to what is suggested", key="train_again_forget", on_click=st.session_state.pop, args=(AGAIN, None))
    return again.begin
