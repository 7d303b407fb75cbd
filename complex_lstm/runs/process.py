"""A run, a sweep or a search in a process of its own, which outlives the one that started it."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

from complex_lstm.locations import PACKAGE
from complex_lstm.runs.atomic_files import LOG
from complex_lstm.runs.folder import Run, clear_command, disk_errors
from complex_lstm.runs.search import Search
from complex_lstm.runs.status import Status, process_fields, write_status
from complex_lstm.runs.sweep import Sweep

LARGE = 256  # hidden channels from which a second thread pays: see `settle_threads`


def launch(run: Run, *, queue: Path | None = None) -> None:
    """Start the process that trains or resumes a run, as soon as it is its turn in the queue.

    Raises:
        TrainingError: the folder is gone, or cannot be written.
    """
    status = replace(run.status, epochs=run.plan.training.epochs)
    with disk_errors(f"{run.plan.name} cannot be started", run.folder):
        _start(["train", "--resume"], run.folder, status, queue=queue, hidden_dim=run.plan.model.hidden_dim)


def launch_sweep(sweep: Sweep | Search, *, queue: Path | None = None) -> None:
    """Start the process that trains the remaining trials of a sweep or a search, each as soon as it is its turn in the queue.

    Raises:
        TrainingError: the folder is gone, or cannot be written.
    """
    runs = sweep.runs
    with disk_errors(f"The {sweep.plan.kind} cannot be started", sweep.folder):
        for run in runs:
            clear_command(run.folder)
        _start(["sweep", "--folder"], sweep.folder, sweep.status, queue=queue, hidden_dim=sweep.plan.hidden_dim)


def _start(command: list[str], folder: Path, status: Status, *, queue: Path | None, hidden_dim: int) -> None:
    whole = [sys.executable, "-m", "complex_lstm", *command, str(folder.absolute())]
    whole += ["--queue", str(queue.absolute())] if queue else []
    environment = os.environ | ({"OMP_NUM_THREADS": "1"} if hidden_dim < LARGE else {})
    clear_command(folder)
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
    begun = replace(status, state="waiting", queued=time.time(), **process_fields(process.pid))
    write_status(folder, replace(begun, seconds_left=None, message="Starting…"))
