"""Training a sweep: its trials one after another, each a run that can be resumed."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from lightning.pytorch.callbacks import Callback

from complex_lstm.errors import Stopped, StorageError, TrainingError
from complex_lstm.runs import create_run, open_run
from complex_lstm.runs.atomic_files import LAST, PLAN
from complex_lstm.runs.folder import clear_command, read_command
from complex_lstm.runs.plan import check_scored
from complex_lstm.runs.sweep import Sweep, Trial, open_sweep
from complex_lstm.training.run import load_data, record_ending, train_run
from complex_lstm.training.run_callbacks import StatusWriter


def train_sweep(
    sweep: Sweep, *, queue: Path | None = None, report: Callable[[str], None] = lambda _: None, callbacks: tuple[Callback, ...] = ()
) -> Sweep:
    """Train the trials of a sweep that are not done yet, and return it as it has ended: done, or stopped by a command.

    A trial that was interrupted goes on from its last checkpoint. One that diverges, or that cannot be trained, is left as it
    is, and the sweep continues. With a queue each trial waits until no earlier run under that folder is under way. `report` gets a
    line for each trial.

    Raises:
        TrainingError: the sweep is under way in another process, its data is gone or has no part to score on, or the disk is full.
    """
    if sweep.status.state == "done":
        return sweep
    if sweep.is_under_way and sweep.status.pid != os.getpid():
        raise TrainingError(f"The sweep {sweep.key} is under way already, in process {sweep.status.pid}.")
    writer, trials = StatusWriter(sweep), sweep.plan.trials
    with record_ending(writer, kept=lambda: (f"{_done(sweep)} of {len(trials)} trials are done.", ())):
        writer.begin(state="running", message="Reading the data.", seconds_left=None)
        check_scored(load_data(sweep.plan.base))
        for number, trial in enumerate(trials, 1):
            place = sweep.place_of(trial)
            if not (place / PLAN).exists() or open_run(place).status.state != "done":
                writer.update(message=f"Trial {number} of {len(trials)}: {trial.key}", share=_done(sweep) / len(trials))
                line = f"{number} of {len(trials)}, {trial.key}: {_train(sweep, trial, queue, callbacks)}"
                writer.log(line)
                report(line)
        writer.update(state="done", share=1.0, message=f"Done: {_done(sweep)} of {len(trials)} trials have a score.")
    return open_sweep(sweep.folder)


def _train(sweep: Sweep, trial: Trial, queue: Path | None, callbacks: tuple[Callback, ...]) -> str:
    """Train one trial and return how it ended.

    Raises:
        Stopped: by a command. Whoever stops a sweep looks for the trial's folder after the command: it is made before that is read.
    """
    place = sweep.place_of(trial)
    run = open_run(place) if (place / PLAN).exists() else create_run(place, sweep.plan.plan_of(trial))
    if read_command(sweep.folder) == "stop":
        raise _stopped(sweep)
    try:
        # one that is resumed has lost its place in the queue
        ended = train_run(replace(run, status=replace(run.status, queued=0.0)), queue=queue, callbacks=callbacks)
    except StorageError:
        raise  # it would meet the next trial as well
    except TrainingError as error:
        return str(error)
    if ended.status.state == "stopped":
        raise _stopped(sweep)
    (run.folder / LAST).unlink(missing_ok=True)  # three times the model's size, and of no use any more
    return ended.status.message + "".join(f" {one.part} {one.measure} {one.score:.4f}." for one in ended.status.scores)


def _stopped(sweep: Sweep) -> Stopped:
    """Delete the commands, which are carried out, and return what ends the sweep."""
    for place in (sweep.folder, *(run.folder for run in sweep.runs)):
        clear_command(place)
    return Stopped("Stopped.")


def _done(sweep: Sweep) -> int:
    return sum(run.status.state == "done" for run in sweep.runs)
