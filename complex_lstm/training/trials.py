"""What training a sweep and training a search share: trial after trial, with the status and the log of the whole, until all are done."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from lightning.pytorch.callbacks import Callback

from complex_lstm.errors import Stopped, TrainingError
from complex_lstm.runs.folder import clear_command, read_command
from complex_lstm.runs.plan import check_scored
from complex_lstm.runs.trials import TrialFolder
from complex_lstm.training.each_run import Ended, NextRun, Workers, train_each
from complex_lstm.training.run import load_data, record_ending
from complex_lstm.training.run_callbacks import StatusWriter

ALONE = Workers()


def check_free(owner: TrialFolder[Any]) -> None:
    """Raise unless this process may train.

    Raises:
        TrainingError: a sweep or a search is under way in another process.
    """
    if owner.is_under_way and owner.status.pid != os.getpid():
        raise TrainingError(f"The {owner.plan.kind} {owner.key} is under way already, in process {owner.status.pid}.")


def train_trials(
    owner: TrialFolder[Any],
    writer: StatusWriter,
    next_run: NextRun,
    ended: Ended,
    *,
    kept: Callable[[], str],
    done: Callable[[], str],
    queue: Path | None,
    workers: Workers,
    callbacks: tuple[Callback, ...] = (),
) -> None:
    """Train the runs that `next_run` returns, with `ended` called of each, and record how all of it ends.

    `kept` says what there is where it was stopped, `done` where it was not.

    Raises:
        TrainingError: the data is gone or has no part to score on, or the disk is full.
        ConfigError: Ray is not installed, or what `next_run` raises.
    """

    def next_unless_stopped() -> Path | None:
        place = next_run()
        # whoever stops looks for the trial's folder after the command: it is made before that is read
        if place is not None and read_command(owner.folder) == "stop":
            raise Stopped("Stopped.")
        return place

    with record_ending(writer, kept=lambda: (kept(), ())):
        writer.begin(state="running", message="Reading the data.", seconds_left=None)
        check_scored(load_data(owner.plan.base))
        try:
            train_each(next_unless_stopped, ended, workers, queue, callbacks)
        except Stopped:
            for folder in (owner.folder, *(run.folder for run in owner.runs)):
                clear_command(folder)  # which is carried out
            raise
        writer.update(state="done", share=1.0, message=f"Done: {done()}")
