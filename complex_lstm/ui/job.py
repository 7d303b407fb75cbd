"""A training run started from the browser: the command line in a process of its own, known by its folder.

It goes on when the visitor reloads, leaves or the server restarts, because nothing of it is in the server.
"""

from __future__ import annotations

import csv
import io
import json
import os
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import psutil

from complex_lstm.samples import SAMPLES
from complex_lstm.ui.setup import Setup
from complex_lstm.workspace import Kept, open_workspace

State = Literal["running", "done", "failed"]


@dataclass(frozen=True)
class Job:
    """A training run as its folder tells it: `share` of the epochs done, and the last words of its log."""

    key: str
    state: State
    share: float
    last_words: str
    folder: Path


def start_job(data: Kept, setup: Setup, *, hidden_dim: int, epochs: int, batch_size: int, shuffle_labels: bool = False) -> str:
    """Start training in a process of its own and return the key of the run. The same run is not started twice."""
    command = [*_command(data, setup), f"--hidden={hidden_dim}", f"--epochs={epochs}", f"--batch-size={batch_size}"]
    command += ["--shuffle-labels"] if shuffle_labels else []
    kept = open_workspace().keep("job", json.dumps(command).encode(), f"trained on {data.name}{', shuffled' if shuffle_labels else ''}")
    job = find_job(kept.key)
    if job.state == "failed":
        folder = kept.path.parent
        with (folder / "log.txt").open("wb") as log:
            full = [sys.executable, *command, "--out", str(folder / "model.safetensors")]
            environment = os.environ | {"OMP_NUM_THREADS": "1"}
            process = subprocess.Popen(full, stdout=log, stderr=subprocess.STDOUT, env=environment, start_new_session=True, cwd=_ROOT)
        (folder / "pid").write_text(json.dumps([process.pid, psutil.Process(process.pid).create_time()]))
    return kept.key


def find_job(key: str) -> Job:
    """Return a run by its key. Failed is also what was never started or was stopped."""
    folder = open_workspace().find("job", key).path.parent
    log = (folder / "log.txt").read_text(errors="replace") if (folder / "log.txt").exists() else ""
    command = json.loads((folder / "content.json").read_text())
    epochs = int(next(word for word in command if word.startswith("--epochs=")).partition("=")[2])
    passed = [int(number) for number in re.findall(r"Epoch (\d+):", log)]
    done = (folder / "model.safetensors").exists()
    state: State = "running" if _is_alive(folder) else "done" if done else "failed"
    words = [line for line in re.split(r"[\r\n]+", log) if line.strip()]
    return Job(key, state, min(passed[-1] / epochs, 1.0) if passed else 0.0, words[-1] if words else "", folder)


def stop_job(key: str) -> None:
    """End a run. What it had learned is lost."""
    folder = open_workspace().find("job", key).path.parent
    if _is_alive(folder):
        psutil.Process(json.loads((folder / "pid").read_text())[0]).terminate()


def keep_result(job: Job) -> str:
    """Keep the model that a run made, and return its key."""
    name = open_workspace().find("job", job.key).name
    return open_workspace().keep("model", (job.folder / "model.safetensors").read_bytes(), name).key


def kept_data(key: str) -> Kept:
    """Return the file of a sample or of an upload."""
    return Kept(key, SAMPLES[key].title, SAMPLES[key].csv) if key in SAMPLES else open_workspace().find("data", key)


_ROOT = Path(__file__).resolve().parents[2]


def _command(data: Kept, setup: Setup) -> list[str]:
    """Return the words of the command line; `--name=value` is one word, so that a column may be called anything."""
    roles, window, split = setup.roles, setup.window, setup.split
    options = {
        "data": data.path,
        "features": _listed(roles.features),
        "target": _listed(roles.targets),
        **{name: getattr(roles, name) for name in ("task", "series", "time", "group")},
        **{"window": window.length, "stride": window.stride, "horizon": window.horizon, "missing": window.missing},
        **{"split": split.kind, "validation": split.validation, "test": split.test, "split-seed": split.seed},
    }
    flags = ["--whole-series" if window.whole_series else "--windows", "--change" if window.as_change else "--value"]
    return ["-m", "complex_lstm", "train", *flags, *(f"--{name}={value}" for name, value in options.items())]


def _listed(names: tuple[str, ...]) -> str:
    line = io.StringIO()
    csv.writer(line, lineterminator="").writerow(names)
    return line.getvalue()


def _is_alive(folder: Path) -> bool:
    if not (folder / "pid").exists():
        return False
    pid, created = json.loads((folder / "pid").read_text())
    try:
        process = psutil.Process(pid)
        return process.create_time() == created and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
