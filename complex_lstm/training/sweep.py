"""A sweep from its folder: its trials one after another, each a run that can be gone on with."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from lightning.pytorch.callbacks import Callback

from complex_lstm.errors import Stopped, StorageError, TrainingError
from complex_lstm.runs import create_run, open_run
from complex_lstm.runs.atomic_files import LAST, PLAN
from complex_lstm.runs.checks import check_scored
from complex_lstm.runs.folder import forget_wish, read_wish
from complex_lstm.runs.status import write_status
from complex_lstm.runs.sweep import Sweep, Trial, open_sweep
from complex_lstm.training.run import ending_told, plan_dataset, train_run
from complex_lstm.training.run_callbacks import StatusWriter

Tell = Callable[[str], None]


def train_sweep(folder: Path, *, queue: Path | None = None, tell: Tell = lambda _: None, callbacks: tuple[Callback, ...] = ()) -> Sweep:
    """Train the trials of a sweep that are not done yet, and return it as it has ended: done, or stopped on a wish.

    A trial that was broken off goes on where it was last written down. One that diverges, or that cannot be trained, is left
    at that, and the sweep goes on. With a queue each trial waits until no earlier run under that folder is under way. `tell`
    gets a line a trial.

    Raises:
        TrainingError: the sweep is under way in another process, its data is gone or has no part to score on, or the disk is full.
    """
    sweep = open_sweep(folder)
    if sweep.status.state == "done":
        return sweep
    if sweep.is_under_way and sweep.status.pid != os.getpid():
        raise TrainingError(f"The sweep {sweep.key} is under way already, in process {sweep.status.pid}.")
    desk, trials = StatusWriter(folder), sweep.plan.trials
    with ending_told(desk, lambda _: f"{_done(sweep)} of {len(trials)} trials are done."):
        desk.begin(state="running", message="Reading the data.", seconds_left=None)
        check_scored(plan_dataset(sweep.plan.base))
        for number, trial in enumerate(trials, 1):
            if not _is_done(sweep, trial):
                desk.tell(message=f"Trial {number} of {len(trials)}: {trial.key}", share=_done(sweep) / len(trials))
                said = f"{number} of {len(trials)}, {trial.key}: {_train(sweep, trial, queue, callbacks)}"
                desk.log(said)
                tell(said)
        desk.tell(state="done", share=1.0, message=f"Done: {_done(sweep)} of {len(trials)} trials have a score.")
    return open_sweep(folder)


def _train(sweep: Sweep, trial: Trial, queue: Path | None, callbacks: tuple[Callback, ...]) -> str:
    """Train one trial and return how it ended.

    Raises:
        Stopped: somebody wished so. Whoever stops looks for the folder after wishing: it is made before the wish is read.
    """
    place = sweep.place_of(trial)
    run = open_run(place) if (place / PLAN).exists() else create_run(place, sweep.plan.plan_of(trial))
    if read_wish(sweep.folder) == "stop":
        raise _stopped(sweep)
    write_status(place, replace(run.status, queued=0.0))  # one that is gone on with has lost its place in the queue
    try:
        ended = train_run(place, queue=queue, callbacks=callbacks)
    except StorageError:
        raise  # it would meet the next trial as well
    except TrainingError as error:
        return str(error)
    if ended.status.state == "stopped":
        raise _stopped(sweep)
    (place / LAST).unlink(missing_ok=True)  # thrice the model's size, and of no use any more
    return ended.status.message + "".join(f" {one.part} {one.name} {one.value:.4f}." for one in ended.status.scores)


def _stopped(sweep: Sweep) -> Stopped:
    """Take the wish as heard, and return what ends the sweep."""
    for place in (sweep.folder, *(run.folder for run in sweep.runs)):
        forget_wish(place)
    return Stopped("Stopped as you wished.")


def _is_done(sweep: Sweep, trial: Trial) -> bool:
    place = sweep.place_of(trial)
    return (place / PLAN).exists() and open_run(place).status.state == "done"


def _done(sweep: Sweep) -> int:
    return sum(run.status.state == "done" for run in sweep.runs)
