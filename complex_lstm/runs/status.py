"""How far a run is, as its process last wrote it."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path
from typing import Any, Literal

import psutil

from complex_lstm.runs.atomic_files import STATUS, atomic_write

State = Literal["waiting", "running", "paused", "stopped", "done", "failed"]
UNDER_WAY = ("waiting", "running", "paused")
CLOCK_SET = 60  # seconds by which a clock that is set may move a process's creation time, which the system counts from the boot
LOST = "The process ended without a word: it was killed, or the machine went down."


@dataclass(frozen=True)
class Score:
    """What the model reached on a part, and what a trivial rule reaches there: the commonest class, or repeating the last value."""

    part: str
    name: str
    value: float
    trivial: float
    windows: int

    @property
    def trivial_rule(self) -> str:
        return "the commonest class alone" if self.name == "accuracy" else "repeating the last value"


@dataclass(frozen=True)
class Status:
    """A process and how far it is: `epoch` of `epochs` are whole, `share` is of all batches.

    `started` is the process's creation time: the number alone may be given to another process, later. `queued` orders the
    queue. `seconds_left` is None before a pace is known, `best_epoch` 0 before there is a best. `batch_size` is smaller
    than asked for where memory was short; the gradients of `accumulate` batches are then added up.
    """

    state: State = "failed"
    pid: int = 0
    started: float = 0.0
    queued: float = 0.0
    epoch: int = 0
    epochs: int = 0
    share: float = 0.0
    seconds_left: float | None = None
    seconds: float = 0.0
    best_epoch: int = 0
    batch_size: int = 0
    accumulate: int = 1
    message: str = ""
    notes: tuple[str, ...] = ()
    scores: tuple[Score, ...] = ()

    @property
    def is_under_way(self) -> bool:
        return self.state in UNDER_WAY

    @property
    def is_alive(self) -> bool:
        """Whether the process that wrote this is there."""
        try:
            process = psutil.Process(self.pid) if self.pid else None
            if process is None or abs(process.create_time() - self.started) > CLOCK_SET:
                return False
            return process.status() != psutil.STATUS_ZOMBIE
        except psutil.NoSuchProcess:
            return False


def own_process() -> dict[str, Any]:
    """Return this process as the fields of a status."""
    return {"pid": os.getpid(), "started": psutil.Process().create_time()}


def read_status(folder: Path) -> Status:
    """Return the status in a folder. One that is missing or damaged is that of a run that failed before it began."""
    try:
        told = json.loads((folder / STATUS).read_text())
        known = {field.name: told[field.name] for field in fields(Status) if field.name in told}
        scores = tuple(Score(**one) for one in known.pop("scores", []))
        return Status(**known | {"notes": tuple(known.get("notes", ())), "scores": scores})
    except (OSError, ValueError, TypeError, AttributeError):
        return Status(message="It has not begun, or its status cannot be read.")


def status_now(folder: Path, lost: Callable[[Status], str]) -> Status:
    """Return the status in a folder. One that says it is under way and whose process is gone has failed; `lost` adds what is left of it."""
    status = read_status(folder)
    if status.is_under_way and not status.is_alive:
        status = read_status(folder)  # it may have ended between the two looks
    if status.is_under_way and not status.is_alive:
        return replace(status, state="failed", seconds_left=None, message=f"{LOST} {lost(status)}")
    return status


def write_status(folder: Path, status: Status) -> None:
    """Write the status into a folder."""
    atomic_write(folder / STATUS, json.dumps(asdict(status), indent=1))
