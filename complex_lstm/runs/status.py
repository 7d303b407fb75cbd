"""The status of a run or a sweep: how far it is, as its process last wrote it."""

from __future__ import annotations

import json
import math
import os
from collections.abc import Callable
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path
from typing import Any, Literal, cast

import psutil

from complex_lstm.config import revive
from complex_lstm.disk import read_bounded
from complex_lstm.errors import ConfigError
from complex_lstm.runs.atomic_files import MOST_JSON, STATUS, atomic_write

State = Literal["waiting", "running", "paused", "stopped", "done", "failed"]
UNDER_WAY = ("waiting", "running", "paused")
ROUNDED = 2.0  # seconds by which the system's time of the boot is rounded
CLOCK_SET = 60  # seconds by which a clock that is set may move a process's creation time, which the system counts from the boot
LARGEST_PID = 2**31 - 1
LOST = "The process ended unexpectedly: it was killed, or the machine went down."


@dataclass(frozen=True)
class Score:
    """A score of the model on a part, beside that of a trivial rule: the commonest class, or repeating the last value.

    `value` and `trivial` are what is stored, under the `name` accuracy or squared error: the mean over the targets, each in units
    of the target's variance over the windows. What is shown is `measure`, `score` and `trivial_score`: R² = 1 - squared error.
    """

    part: str
    name: str
    value: float
    trivial: float
    windows: int

    @property
    def measure(self) -> str:
        return "R²" if self.name == "squared error" else self.name

    @property
    def score(self) -> float:
        """The value as it is shown: the higher, the better."""
        return 1 - self.value if self.name == "squared error" else self.value

    @property
    def trivial_score(self) -> float:
        return 1 - self.trivial if self.name == "squared error" else self.trivial

    @property
    def trivial_rule(self) -> str:
        return "the commonest class alone" if self.name == "accuracy" else "repeating the last value"


@dataclass(frozen=True)
class Status:
    """The state of a run: `epoch` of `epochs` are complete, `share` is of all batches.

    `started` is the creation time of the process `pid`, because the number may later be given to another process; `boot` names the
    boot of the machine and `since_boot` is that time counted from it, where the system tells: no clock that is set moves it. `queued`
    orders the queue. `seconds_left` is None before the speed is known, `best_epoch` 0 before there is a best. `batch_size` is
    smaller than in the plan where memory was short; the gradients of `accumulate` batches are then added up.
    """

    state: State = "failed"
    pid: int = 0
    started: float = 0.0
    boot: str = ""
    since_boot: float = 0.0
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

    def __post_init__(self) -> None:
        counts = (self.pid, self.epoch, self.epochs, self.best_epoch, self.batch_size)
        times = (self.started, self.since_boot, self.queued, self.share, self.seconds, self.seconds_left or 0.0)
        if self.pid > LARGEST_PID or min(counts) < 0 or self.accumulate < 1 or not all(0 <= one < math.inf for one in times):
            raise ConfigError("A status counts its process, epochs, batches and seconds from 0.")

    @property
    def is_under_way(self) -> bool:
        return self.state in UNDER_WAY

    @property
    def is_alive(self) -> bool:
        """Whether the process that wrote this still runs."""
        try:
            process = psutil.Process(self.pid) if self.pid else None
            if process is None or not self._is_of(process):
                return False
            return process.status() != psutil.STATUS_ZOMBIE
        except psutil.Error:
            return False

    def _is_of(self, process: psutil.Process) -> bool:
        """Whether a process of this number is the one that wrote this, by the time of its creation."""
        if self.boot and self.boot == boot_name():
            return abs(_since_boot(process) - self.since_boot) <= ROUNDED
        return abs(process.create_time() - self.started) <= CLOCK_SET


def process_fields(pid: int) -> dict[str, Any]:
    """Return a process as the fields of a status."""
    process = psutil.Process(pid)
    return {"pid": pid, "started": process.create_time(), "boot": boot_name(), "since_boot": _since_boot(process)}


def _since_boot(process: psutil.Process) -> float:
    boot = psutil.boot_time()  # first: some versions of psutil count from the boot that was last asked for
    return max(0.0, psutil.Process(process.pid).create_time() - boot)


def boot_name() -> str:
    """Return what tells this boot of the machine from all others, "" where the system does not tell."""
    try:
        return read_bounded(Path("/proc/sys/kernel/random/boot_id"), 64).decode().strip()
    except (OSError, UnicodeDecodeError):
        return ""


def own_process() -> dict[str, Any]:
    """Return this process as the fields of a status."""
    return process_fields(os.getpid())


def read_status(folder: Path) -> Status:
    """Return the status in a folder; where it is missing or damaged, that of a run that failed before it began."""
    try:
        stored = json.loads(read_bounded(folder / STATUS, MOST_JSON))
        if isinstance(stored, dict):  # a newer version may have written more
            stored = {one.name: stored[one.name] for one in fields(Status) if one.name in stored}
        return cast(Status, revive(Status, stored))
    except (OSError, ValueError, RecursionError, ConfigError):
        return Status(message="It has not begun, or its status cannot be read.")


def status_now(folder: Path, lost: Callable[[Status], str]) -> Status:
    """Return the status in a folder. One that is under way and whose process is gone has failed; `lost` describes what is left."""
    status = read_status(folder)
    if status.is_under_way and not status.is_alive:
        status = read_status(folder)  # it may have ended between the two looks
    if status.is_under_way and not status.is_alive:
        return replace(status, state="failed", seconds_left=None, message=f"{LOST} {lost(status)}")
    return status


def write_status(folder: Path, status: Status) -> None:
    """Write the status into a folder: one that ends a run or puts it into the queue for good, one of its progress as the system likes.

    Raises:
        OSError: the disk is full, or the folder cannot be written.
    """
    atomic_write(folder / STATUS, json.dumps(asdict(status), indent=1), durable=status.state not in ("running", "paused"))
