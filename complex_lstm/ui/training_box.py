"""The box that trains a small model on the data that is open, and watches it."""

from __future__ import annotations

import streamlit as st

from complex_lstm.ui.job import Job, find_job, keep_result, kept_data, start_job, stop_job
from complex_lstm.ui.messages import plain
from complex_lstm.ui.scene import page
from complex_lstm.ui.setup import Setup
from complex_lstm.ui.sidebar import MODELS, remember
from complex_lstm.ui.state import choose, current

STEPS = 800  # of the optimizer: enough for a first model of most files, in a minute or a few
FEW_WINDOWS = 1000  # under which a batch is small, or an epoch would have hardly a step


def training_box(setup: Setup, windows: int) -> None:
    """Draw the choices and the start button, or the run that is under way. `windows` are those to train on."""
    key = current().job
    if key and find_job(key).state == "running":
        _watch()
        return
    if key:
        _tell_end(find_job(key))
    first, second, third = st.columns([1, 1, 2], vertical_alignment="bottom")
    hidden = first.selectbox("Size, hidden channels", (16, 32, 64), 1, key="data_training_hidden")
    epochs = second.number_input("Epochs at most", 1, 200, suggest_epochs(windows), key="data_training_epochs")
    if third.button("Train on this data", key="data_training_start", type="primary"):
        choose(
            job=start_job(kept_data(current().data), setup, hidden_dim=hidden, epochs=int(epochs), batch_size=suggest_batch_size(windows))
        )
        st.rerun()


def suggest_epochs(windows: int) -> int:
    """Return the epochs that give a run about 800 steps: 3 to 60."""
    return min(60, max(3, round(STEPS * suggest_batch_size(windows) / max(windows, 1))))


def suggest_batch_size(windows: int) -> int:
    """Return the windows of a batch: few where there are few, or an epoch would have hardly a step."""
    return 16 if windows < FEW_WINDOWS else 64


@st.fragment(run_every=1.0)
def _watch() -> None:
    job = find_job(current().job)
    if job.state != "running":
        st.rerun()
    st.progress(job.share, text=f"Training in a process of its own: {plain(job.last_words[-110:]) or 'starting'}")
    st.caption("It goes on when you look at other pages, reload or leave.")
    if st.button("Stop", key="data_training_stop"):
        stop_job(job.key)
        st.rerun()


def _tell_end(job: Job) -> None:
    if job.state == "failed":
        st.error(f"Training ended without a model. Its last words: {plain(job.last_words)}", icon="⚠️")
        return
    model = keep_result(job)
    remember(MODELS, model)
    if current().model == model:
        st.success("The model is trained, kept, and in use on every page.")
        st.page_link(page("predict"), label="See what it predicts", icon="🎯")
        return
    choose(model=model, setup="", job=job.key)
    st.rerun()
