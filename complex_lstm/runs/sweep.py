"""Sweeps as folders: made, opened, listed, stopped and deleted.

A folder holds sweep.json (what is varied around which run), status.json (its process and how far it is), log.txt, and
trials/, in which every trial is a run. What is done is told by the trials alone, so that nothing is lost or counted twice
however a sweep ends.
"""

from __future__ import annotations

import itertools
import shutil
import statistics
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

from complex_lstm.config import ModelConfig, to_json
from complex_lstm.errors import TrainingError
from complex_lstm.runs.files import CONTROL, LOG, PLAN, SWEEP, TRIALS, make_folder, read_plan, readable, write_whole
from complex_lstm.runs.folder import Run, open_run, refusal_told, wish
from complex_lstm.runs.status import Status, read_status, status_now
from complex_lstm.runs.sweep_plan import SweepPlan, Trial


@dataclass(frozen=True)
class Sweep:
    """A sweep as its folder tells it now. Its key is the folder's name."""

    folder: Path
    plan: SweepPlan
    status: Status

    @property
    def key(self) -> str:
        return self.folder.name

    @property
    def is_under_way(self) -> bool:
        return self.status.is_under_way

    @property
    def log(self) -> Path:
        return self.folder / LOG

    @property
    def runs(self) -> tuple[Run, ...]:
        """The trials that have a folder by now, in the order of the trials."""
        places = (self.place_of(trial) for trial in self.plan.trials)
        return tuple(open_run(place) for place in places if (place / PLAN).exists())

    def place_of(self, trial: Trial) -> Path:
        """Return the folder of a trial; it may not be there yet."""
        return self.folder / TRIALS / trial.key


def create_sweep(folder: Path, plan: SweepPlan) -> Sweep:
    """Make a folder for a sweep and return the sweep; where the folder holds the same one, return that.

    Raises:
        TrainingError: the folder holds a run or another sweep, or cannot be written.
    """
    if (folder / PLAN).exists():
        raise TrainingError(f"{folder} holds a single run. Choose another folder for the sweep.")
    if (folder / SWEEP).exists():
        found = open_sweep(folder)
        if not found.plan.is_same(plan):
            raise TrainingError(f"{folder} holds a sweep of other values, seeds, settings or data. Choose another folder for this one.")
        return found
    make_folder(folder, SWEEP, to_json(plan))
    return Sweep(folder, plan, read_status(folder))


def open_sweep(folder: Path) -> Sweep:
    """Return the sweep in a folder. One that says it is under way and whose process is gone has failed.

    Raises:
        TrainingError: there is no sweep, or its sweep.json cannot be read.
    """
    plan = read_plan(SweepPlan, folder, SWEEP, what="sweep", start="--data and --folder")
    return Sweep(folder, plan, status_now(folder, lambda _: "Resume it, and it goes on where it was."))


def list_sweeps(root: Path) -> list[Sweep]:
    """Return the sweeps under a folder, the newest first. What cannot be read is left out."""
    return sorted(readable(root, f"*/{SWEEP}", open_sweep), key=lambda sweep: (sweep.plan.base.made, sweep.key), reverse=True)


def seconds_left(sweep: Sweep, runs: tuple[Run, ...]) -> float | None:
    """Return about how long the trials that are left take: as long as those of the same model took, or all on average.

    None before a trial is done.
    """
    taken: dict[ModelConfig, list[float]] = defaultdict(list)
    for run in runs:
        if run.status.state == "done":
            taken[run.plan.model].append(run.status.seconds)
    if not taken:
        return None
    usual = statistics.mean(itertools.chain(*taken.values()))
    share = {run.key: 1.0 if run.status.state == "done" else run.status.share for run in runs}
    return sum((1 - share.get(trial.key, 0.0)) * statistics.mean(taken.get(trial.model, [usual])) for trial in sweep.plan.trials)


def stop_sweep(sweep: Sweep) -> None:
    """Tell a sweep to stop, and with it the trial that is under way or about to be.

    Raises:
        TrainingError: its folder is gone, or cannot be written.
    """
    with refusal_told("The sweep cannot be told to stop", sweep.folder):
        write_whole(sweep.folder / CONTROL, "stop")  # first: the sweep looks here after it has made a trial's folder
    for run in sweep.runs:
        if run.status.state != "done":
            wish(run, "stop")


def delete_sweep(sweep: Sweep) -> None:
    """Delete a sweep's folder with all of its trials.

    Raises:
        TrainingError: the sweep is under way, or its folder cannot be deleted.
    """
    if sweep.is_under_way:
        raise TrainingError("The sweep is under way. Stop it before deleting it.")
    with refusal_told("The sweep cannot be deleted", sweep.folder):
        shutil.rmtree(sweep.folder)
