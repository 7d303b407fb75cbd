"""A run in a process of its own, which needs nothing of whoever started it."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import psutil

from complex_lstm.runs.files import LOG
from complex_lstm.runs.folder import Run, forget_wish
from complex_lstm.runs.status import write_status

ROOT = Path(__file__).resolve().parents[2]
LARGE = 256  # hidden channels from which a second thread pays: see `settle_threads`


def launch(run: Run, *, queue: Path | None = None) -> None:
    """Start the process that trains a run, or goes on with it, as soon as it is its turn in the queue."""
    command = [sys.executable, "-m", "complex_lstm", "train", "--resume", str(run.folder.absolute())]
    command += ["--queue", str(queue.absolute())] if queue else []
    environment = os.environ | ({"OMP_NUM_THREADS": "1"} if run.plan.model.hidden_dim < LARGE else {})
    forget_wish(run.folder)
    with (run.folder / LOG).open("ab") as log:
        process = subprocess.Popen(
            command, stdout=log, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, env=environment, start_new_session=True, cwd=ROOT
        )
    begun = replace(run.status, state="waiting", pid=process.pid, started=psutil.Process(process.pid).create_time(), queued=time.time())
    write_status(run.folder, replace(begun, epochs=run.plan.training.epochs, seconds_left=None, message="The process is starting."))
