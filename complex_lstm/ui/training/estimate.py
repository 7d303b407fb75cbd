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
from complex_lstm.ui.training.settings import SIZES, Settings, size_name
from complex_lstm.ui.wanted import ask_all
from complex_lstm.ui.work import POLL, Work, wait_briefly


@dataclass(frozen=True)
class Measured:
    """Seconds an epoch by hidden channels, None where the memory holds no such model; `busy` says that a run was under way meanwhile."""

    seconds: dict[int, float | None]
    busy: bool


def show_estimates(dataset: Dataset, key: str, settings: Settings, *, busy: bool) -> None:
    """Say how long each size takes. `key` is that of the data with its setup; `busy` says that a run is under way meanwhile.

    What was measured of settings that the visitor has since changed stops.

    Raises:
        ConfigError: there can be no such model.
    """
    models = _models(settings.model(len(dataset.schema.roles.features), len(dataset.schema.outputs)))
    batch = settings.training["batch_size"]
    asked = ("train_estimate", key, batch, models)
    work = ask_all("train_estimate", key, {asked: lambda work: _measure(work, dataset, models, batch, busy)})[asked]
    if work is not None:
        say_while_measured(work, lambda: _say(work, settings, len(models)))


def _models(asked: ModelConfig) -> tuple[ModelConfig, ...]:
    """Return the model that is asked for, and those like it of the other sizes, the smallest first; dropout makes no difference."""
    found = [replace(asked, dropout=ModelConfig().dropout)]
    for hidden in SIZES:
        if hidden != asked.hidden_dim and hidden % asked.num_heads == 0:
            found.append(replace(found[0], hidden_dim=hidden))
    return tuple(sorted(found, key=lambda model: model.hidden_dim))


def say_while_measured(work: Work[Any], say: Callable[[], None]) -> None:
    """Say what is measured so far, and again while it is being measured; or why it could not be."""
    wait_briefly([work])
    if work.trouble:
        st.caption(f"How long it takes could not be measured. {plain(work.trouble)}")
    elif work.is_under_way:
        st.fragment(_watch, run_every=POLL)(work, say)
    else:
        say()


def _measure(work: Work[Measured], dataset: Dataset, models: tuple[ModelConfig, ...], batch_size: int, busy: bool) -> Measured:
    from complex_lstm.training.timing import seconds_an_epoch  # brings Lightning, whose import takes seconds

    work.partial = Measured({}, busy)
    for done, model in enumerate(models):
        if work.must_stop():
            raise Stopped("The estimate was stopped.")
        work.tell(done, len(models))
        try:
            seconds = seconds_an_epoch(dataset, model, batch_size=batch_size)
        except TrainingError:  # the other sizes are still to be told
            seconds = None
        work.partial = Measured(work.partial.seconds | {model.hidden_dim: seconds}, busy)
    return work.partial


def _watch(work: Work[Any], say: Callable[[], None]) -> None:
    if not work.is_under_way:
        st.rerun()
    say()


def _say(work: Work[Measured], settings: Settings, sizes: int) -> None:
    found: Measured = work.so_far or Measured({}, busy=False)
    epochs = settings.training["epochs"]
    said = [f"{size_name(hidden)} {_told(seconds, epochs)}" for hidden, seconds in found.seconds.items()]
    left = "" if len(said) == sizes else " · measuring the others" if said else "measuring on a few batches"
    slow = ", while a run slowed it down" if found.busy else ""
    st.caption(
        f"Time for {epochs} epoch{'s' if epochs > 1 else ''} at most: {' · '.join(said)}{left}  \n"
        f"Measured on {device_name(pick_device())} with batches of your data, or a part of one that takes much memory{slow}; a run "
        f"that gets no better ends earlier, and strategies can take longer."
    )


def _told(seconds: float | None, epochs: int) -> str:
    if seconds is None:
        return "**unknown** (too large to be measured in the memory that is free here)"
    return f"**{duration(seconds * epochs)}** ({duration(seconds)} an epoch)"
