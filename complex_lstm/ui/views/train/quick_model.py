"""A quick model on the Start page: a small run with the suggested settings, held to about two minutes by a clock."""

from __future__ import annotations

import threading
import time
from contextlib import suppress
from dataclasses import replace

import streamlit as st

from complex_lstm.config import to_json
from complex_lstm.errors import ComplexLSTMError
from complex_lstm.runs import Run, check_trainable, make_plan, open_run, send_command
from complex_lstm.runs.queue import runs_under_way
from complex_lstm.ui.compute import cache
from complex_lstm.ui.compute.jobs import POLL
from complex_lstm.ui.session.messages import TROUBLE, duration, errors_shown, keep_errors, plain
from complex_lstm.ui.session.progress import pressed
from complex_lstm.ui.session.runs import command_line, data_of, find_run, kept_data, runs_queue, start_run, use_model
from complex_lstm.ui.session.scene import page
from complex_lstm.ui.session.state import choose, current
from complex_lstm.ui.views.train.settings import suggest

QUICK = "quick_run"  # the key of this session's quick run, until its model is open or it has failed
HIDDEN = 32
MOST_SECONDS = 120  # of training; what is best by then is kept
MOST_WINDOWS = 2000  # to train on: of more, a larger stride leaves some out, so that an epoch stays short


def is_quick_under_way() -> bool:
    """Return whether this session waits for a quick model."""
    return QUICK in st.session_state


def offer_quick_model() -> None:
    """Draw the button that trains a quick model on the open data, or its progress; open Explain when the model is there."""
    if key := st.session_state.get(QUICK, ""):
        _show_quick(find_run(key))
        return
    busy = bool(runs_under_way(runs_queue()))
    label = "Train a quick model, after the run under way" if busy else "Train a quick model, about two minutes"
    if pressed(label, key="start_quick", type="primary", icon="⚡"):
        with errors_shown():
            st.session_state[QUICK] = _start(current().opened.data).key
            st.rerun()
    st.caption(
        f"With the suggested columns, windows and settings and {HIDDEN} hidden channels, on at most {MOST_WINDOWS:,} training windows (of "
        f"more, with a larger stride); after {duration(MOST_SECONDS)} of training the best model so far is kept. The Train page has all "
        f"settings."
    )


def _start(data: str) -> Run:
    """Start the run, or put it into the queue.

    Raises:
        ComplexLSTMError: no model can be trained on this data with the suggested setup.
    """
    setup = cache.setup(data, "", current().opened.setup).of_file
    dataset = cache.planned(data, setup, to_json(setup))
    if (windows := len(dataset.windows.of_part("training"))) > MOST_WINDOWS:
        setup = replace(setup, window=replace(setup.window, stride=setup.window.stride * -(-windows // MOST_WINDOWS)))
        dataset = cache.planned(data, setup, to_json(setup))
    check_trainable(dataset)
    file = kept_data(data)
    initial = suggest(len(dataset.windows.of_part("training")), task=setup.roles.task, data=data)
    schema = dataset.schema
    model = replace(initial.model, input_dim=len(schema.roles.features), output_dim=len(schema.outputs), hidden_dim=HIDDEN)
    training = replace(initial.training, snapshots=0)
    command = command_line(str(file.path), dataset.table.reading, setup, model, training)
    plan = make_plan(dataset, setup.split, model, training, path=file.path, name=f"{file.name}, quick", command=command)
    run = start_run(plan, again=False)
    threading.Thread(target=_hold_to_clock, args=(run,), name=f"clock of {run.key}", daemon=True).start()
    return run


def _hold_to_clock(run: Run) -> None:
    """Stop a run after its time of training, not counting that in the queue and of its start; it keeps the best model so far."""
    begun: float | None = None
    while run.is_under_way:
        if begun is None and run.status.state == "running" and run.status.share > 0:
            begun = time.monotonic()
        if begun is not None and time.monotonic() - begun > MOST_SECONDS:
            with suppress(ComplexLSTMError):  # the run was deleted meanwhile
                send_command(run, "stop")
            return
        time.sleep(1)
        try:
            run = open_run(run.folder)
        except ComplexLSTMError:
            return


def _show_quick(run: Run) -> None:
    """Draw the progress of the quick run; when it has ended, open its model, or say why there is none."""
    if run.is_under_way:
        st.fragment(_watch, run_every=POLL)(run.key)
        return
    st.session_state.pop(QUICK, None)
    if run.model.exists() and data_of(run):
        use_model(run)
        choose(focus="", view="")
        st.switch_page(page("explain"))
    st.error(f"The quick model could not be trained. {plain(run.status.message)}", icon="⚠️")
    st.page_link(page("train"), label="Look at the run on the Train page", icon="🏋️")


def _watch(key: str) -> None:
    with errors_shown():
        run = find_run(key)
        if not run.is_under_way or TROUBLE in st.session_state:
            st.rerun()
        status = run.status
        if status.state == "waiting":
            words = "A quick model waits for the run before it."
        elif not status.share:
            words = "A quick model is starting…"
        else:
            words = f"A quick model learns: {status.epoch} of {status.epochs} epochs done, at most {duration(MOST_SECONDS)}."
        left, right = st.columns([5, 1], vertical_alignment="center")
        left.progress(min(max(status.share, 0.0), 1.0), text=words)
        if run.model.exists():
            right.button("Use it now", key="start_quick_stop", on_click=keep_errors(send_command), args=(run, "stop"))
        else:
            right.button("Cancel", key="start_quick_stop", on_click=_cancel, args=(run,))
        st.caption("It keeps training when you open other pages; Start leads to Explain when it is there.")


def _cancel(run: Run) -> None:
    """Stop the run and forget it: a callback."""
    st.session_state.pop(QUICK, None)
    keep_errors(send_command)(run, "stop")
