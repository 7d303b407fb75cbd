"""How long training will take on this machine, measured while the visitor reads the questions."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import streamlit as st

from complex_lstm.config import ModelConfig
from complex_lstm.data import Dataset
from complex_lstm.errors import Stopped, TrainingError
from complex_lstm.model.device import device_name, pick_device
from complex_lstm.ui.messages import duration, plain
from complex_lstm.ui.training.settings import SIZES, Settings
from complex_lstm.ui.work import POLL, Work, visitor, wait_briefly, works


@dataclass(frozen=True)
class Measured:
    """Seconds an epoch by hidden channels, None where the memory holds no such model; `busy` says that a run was under way meanwhile."""

    seconds: dict[int, float | None]
    busy: bool


def show_estimates(dataset: Dataset, key: str, settings: Settings, *, busy: bool) -> None:
    """Say how long each size takes. `key` is that of the data with its setup; `busy` says that a run is under way meanwhile."""
    features, outputs = len(dataset.schema.roles.features), len(dataset.schema.outputs)
    size, batch = settings.model(features, outputs), settings.training["batch_size"]
    work = works().ask(("train_estimate", key, batch), lambda work: _measure(work, dataset, size, batch, busy), visitor())
    say_while_measured(work, lambda: _say(work, settings))


def say_while_measured(work: Work[Any], say: Callable[[], None]) -> None:
    """Say what is measured so far, and again while it is being measured; or why it could not be."""
    wait_briefly([work])
    if work.trouble:
        st.caption(f"How long it takes could not be measured. {plain(work.trouble)}")
    elif work.is_under_way:
        st.fragment(_watch, run_every=POLL)(work, say)
    else:
        say()


def _measure(work: Work[Measured], dataset: Dataset, size: ModelConfig, batch_size: int, busy: bool) -> Measured:
    from complex_lstm.training.timing import seconds_an_epoch  # brings Lightning, whose import takes seconds

    work.partial = Measured({}, busy)
    for done, hidden in enumerate(SIZES):
        if work.must_stop():
            raise Stopped("The estimate was stopped.")
        work.tell(done, len(SIZES))
        try:
            seconds = seconds_an_epoch(dataset, replace(size, hidden_dim=hidden), batch_size=batch_size)
        except TrainingError:  # the other sizes are still to be told
            seconds = None
        work.partial = Measured(work.partial.seconds | {hidden: seconds}, busy)
    return work.partial


def _watch(work: Work[Any], say: Callable[[], None]) -> None:
    if not work.is_under_way:
        st.rerun()
    say()


def _say(work: Work[Measured], settings: Settings) -> None:
    found: Measured = work.so_far or Measured({}, busy=False)
    epochs = settings.training["epochs"]
    said = [f"{SIZES[hidden]} {_told(seconds, epochs)}" for hidden, seconds in found.seconds.items()]
    left = "" if len(said) == len(SIZES) else " · measuring the others" if said else "measuring on a few batches"
    slow = ", while a run slowed it down" if found.busy else ""
    st.caption(
        f"Time for {epochs} epoch{'s' if epochs > 1 else ''} at most: {' · '.join(said)}{left}  \n"
        f"Measured on {device_name(pick_device())} with batches of your data{slow}; a run that gets no better ends earlier, "
        f"and strategies can take longer."
    )


def _told(seconds: float | None, epochs: int) -> str:
    if seconds is None:
        return "**unknown** (too large to be measured in the memory that is free here)"
    return f"**{duration(seconds * epochs)}** ({duration(seconds)} an epoch)"
