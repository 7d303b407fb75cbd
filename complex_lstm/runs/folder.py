"""Runs by their folders: created, opened, listed, renamed, deleted, and sent a command while they train."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Generic, Literal, TypeVar

from complex_lstm.config import to_json
from complex_lstm.errors import TrainingError
from complex_lstm.runs.atomic_files import CONTROL, LAST, LOG, MODEL, PLAN, atomic_write, make_folder, read_plan, readable
from complex_lstm.runs.curves import Row, read_metrics
from complex_lstm.runs.plan import Plan
from complex_lstm.runs.status import Status, read_status, status_now

Command = Literal["pause", "resume", "stop"]
COMMANDS: dict[str, Command] = {"pause": "pause", "resume": "resume", "stop": "stop", "go on": "resume"}  # the last one of version 0.1

LONGEST_NAME = 80
LOG_TAIL = 4000  # characters of the log's end that are read


AnyPlan = TypeVar("AnyPlan")


@dataclass(frozen=True)
class PlannedFolder(Generic[AnyPlan]):
    """What is trained by a plan, as its folder was when it was opened. Its key is the folder's name."""

    folder: Path
    plan: AnyPlan
    status: Status

    @property
    def key(self) -> str:
        return self.folder.name

    @property
    def is_under_way(self) -> bool:
        return self.status.is_under_way


@dataclass(frozen=True)
class Run(PlannedFolder[Plan]):
    """A run as its folder was when it was opened."""

    @property
    def model(self) -> Path:
        """The best model so far; it may not be there yet."""
        return self.folder / MODEL

    @property
    def can_resume(self) -> bool:
        return self.status.state in ("failed", "stopped")

    @property
    def rows(self) -> tuple[Row, ...]:
        return read_metrics(self.folder)

    @property
    def log(self) -> str:
        """The end of the log."""
        path = self.folder / LOG
        try:
            with path.open("rb") as file:
                file.seek(max(0, path.stat().st_size - 4 * LOG_TAIL))  # a character has at most four bytes
                return file.read(4 * LOG_TAIL).decode(errors="replace")[-LOG_TAIL:] if path.is_file() else ""
        except OSError:
            return ""


def create_run(folder: Path, plan: Plan) -> Run:
    """Make a folder for a run and return the run, which has not begun.

    Raises:
        TrainingError: the folder holds a run, or cannot be written.
    """
    if (folder / PLAN).exists():
        raise TrainingError(f"{folder} holds a run. Resume it by --resume {folder}, or choose another folder.")
    make_folder(folder, PLAN, to_json(plan))
    return Run(folder, plan, read_status(folder))


def open_run(folder: Path) -> Run:
    """Return the run in a folder. One whose status is under way and whose process is gone has failed.

    Raises:
        TrainingError: there is no run, or its run.json cannot be read.
    """

    def what_is_left(status: Status) -> str:
        kept = f"The model of epoch {status.best_epoch} is kept. " if (folder / MODEL).exists() else ""
        return f"{kept}Resume it: it goes on {'from its last checkpoint' if (folder / LAST).exists() else 'from the start'}."

    plan = read_plan(Plan, folder, PLAN, what="run", start=f"--run {folder}")
    return Run(folder, plan, status_now(folder, what_is_left))


def await_run(folder: Path, *, seconds: float = 60) -> Run:
    """Return the run in a folder once another process has created it.

    Raises:
        TrainingError: there is none after so many seconds.
    """
    end = time.monotonic() + seconds
    while not (folder / PLAN).exists():
        if time.monotonic() > end:
            raise TrainingError(f"The first process has made no run in {folder}. It must lie where all machines read and write.")
        time.sleep(0.1)
    return open_run(folder)


def list_runs(root: Path) -> list[Run]:
    """Return the runs under a folder, the newest first. What cannot be read is left out: see `unreadable`."""
    found, _ = readable(root, f"*/{PLAN}", open_run)
    return sorted(found, key=lambda run: (run.plan.made, run.key), reverse=True)


def rename_run(run: Run, name: str) -> None:
    """Give a run another name.

    Raises:
        TrainingError: the name is empty, or the folder cannot be written.
    """
    name = " ".join(name.split())[:LONGEST_NAME]
    if not name:
        raise TrainingError("A run needs a name of one letter or more.")
    with disk_errors(f"{run.plan.name} cannot be renamed", run.folder):
        atomic_write(run.folder / PLAN, to_json(replace(run.plan, name=name)))


def point_to_data(run: Run, path: Path) -> Run:
    """Return the run with its data read from another path, where the same file lies.

    Raises:
        TrainingError: the folder cannot be written.
    """
    moved = replace(run, plan=replace(run.plan, data=str(path.absolute())))
    with disk_errors(f"{run.plan.name} cannot be resumed", run.folder):
        atomic_write(run.folder / PLAN, to_json(moved.plan))
    return moved


def delete_run(run: Run, remove: Callable[[Path], object] = shutil.rmtree) -> None:
    """Delete a run's folder with everything in it, or have `remove` put it elsewhere.

    Raises:
        TrainingError: the run is under way, or its folder cannot be deleted.
    """
    if run.is_under_way:
        raise TrainingError(f"The run {run.plan.name} is under way. Stop it before deleting it.")
    with disk_errors(f"{run.plan.name} cannot be deleted", run.folder):
        remove(run.folder)


def send_command(run: Run, command: Command) -> None:
    """Make a run pause, resume or stop: its process reads the command before the next batch.

    Raises:
        TrainingError: its folder is gone, or cannot be written.
    """
    with disk_errors(f"{run.plan.name} cannot be sent the command to {command}", run.folder):
        atomic_write(run.folder / CONTROL, command)


def read_command(folder: Path) -> Command | None:
    """Return the command that waits in a run's or a sweep's folder, None where none does."""
    try:
        return COMMANDS.get((folder / CONTROL).read_text())
    except OSError:
        return None


def clear_command(folder: Path) -> None:
    """Delete a command that has been carried out."""
    (folder / CONTROL).unlink(missing_ok=True)


@contextmanager
def disk_errors(what: str, folder: Path) -> Iterator[None]:
    """Turn an OSError into our own error, whose message begins with `what` could not be done.

    Raises:
        TrainingError: the folder is gone, or cannot be written.
    """
    try:
        yield
    except OSError as error:
        if not folder.is_dir():
            raise TrainingError(f"{what}: its folder is gone. It has been deleted in the meantime.") from error
        raise TrainingError(
            f"{what}: {folder} cannot be written ({error.strerror}). Free some space, or give this program the right to write there."
        ) from error
