"""A run, or a sweep of runs, in a process of its own, which needs nothing of whoever started it."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import psutil

from complex_lstm.locations import PACKAGE
from complex_lstm.runs.atomic_files import LOG
from complex_lstm.runs.folder import Run, forget_wish, refusal_told
from complex_lstm.runs.status import Status, write_status
from complex_lstm.runs.sweep import Sweep

LARGE = 256  # hidden channels from which a second thread pays: see `settle_threads`


def launch(run: Run, *, queue: Path | None = None) -> None:
    """Start the process that trains a run, or goes on with it, as soon as it is its turn in the queue.

    Raises:
        TrainingError: the folder is gone, or cannot be written.
    """
    status = replace(run.status, epochs=run.plan.training.epochs)
    with refusal_told(f"{run.plan.name} cannot be started", run.folder):
        _start(["train", "--resume"], run.folder, status, queue=queue, hidden_dim=run.plan.model.hidden_dim)


def launch_sweep(sweep: Sweep, *, queue: Path | None = None) -> None:
    """Start the process that trains a sweep's trials, or goes on with them, each as soon as it is its turn in the queue.

    Raises:
        TrainingError: the folder is gone, or cannot be written.
    """
    largest = max(trial.model.hidden_dim for trial in sweep.plan.trials)
    runs = sweep.runs
    with refusal_told("The sweep cannot be started", sweep.folder):
        for run in runs:
            forget_wish(run.folder)
        _start(["sweep", "--folder"], sweep.folder, sweep.status, queue=queue, hidden_dim=largest)


def _start(command: list[str], folder: Path, status: Status, *, queue: Path | None, hidden_dim: int) -> None:
    whole = [sys.executable, "-m", "complex_lstm", *command, str(folder.absolute())]
    whole += ["--queue", str(queue.absolute())] if queue else []
    environment = os.environ | ({"OMP_NUM_THREADS": "1"} if hidden_dim < LARGE else {})
    forget_wish(folder)
    with (folder / LOG).open("ab") as log:
        process = subprocess.Popen(
            whole,
            stdout=log,
            stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL,
            env=environment,
            start_new_session=True,
            cwd=PACKAGE.parent,  # where `-m complex_lstm` finds this very package
        )
    begun = replace(status, state="waiting", pid=process.pid, started=psutil.Process(process.pid).create_time(), queued=time.time())
    write_status(folder, replace(begun, seconds_left=None, message="The process is starting."))
