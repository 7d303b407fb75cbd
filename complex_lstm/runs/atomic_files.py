"""The names of a run's and a sweep's files, reading them, and writing them atomically."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

from complex_lstm.config import from_json
from complex_lstm.errors import ConfigError, TrainingError

PLAN, STATUS, METRICS, LOG = "run.json", "status.json", "metrics.csv", "log.txt"
MODEL, LAST, CONTROL = "model.safetensors", "last.ckpt", "control"
SWEEP, TRIALS = "sweep.json", "trials"  # of a sweep, whose trials are runs
NEW = ".new"  # after the name of a file that is being written

T = TypeVar("T")


@contextmanager
def atomic_path(path: Path) -> Iterator[Path]:
    """Yield a temporary path beside the file, and move what was written there to it: a reader sees the old content or the new.

    A full disk leaves the old content, and two writers at once do not collide.

    Raises:
        OSError: the disk is full, or the folder cannot be written.
    """
    fresh = path.with_name(f"{path.name}.{os.getpid()}-{threading.get_ident()}{NEW}")
    try:
        yield fresh
        os.replace(fresh, path)
    except OSError:
        fresh.unlink(missing_ok=True)  # the part that was written takes room
        raise


def make_folder(folder: Path, name: str, content: str) -> None:
    """Make a folder with one file in it.

    Raises:
        TrainingError: it cannot be written.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        atomic_write(folder / name, content)
    except OSError as error:
        raise TrainingError(f"{folder} cannot be written ({error.strerror}). Free some space, or choose another folder.") from error


def read_plan(kind: type[T], folder: Path, name: str, *, what: str, start: str) -> T:
    """Return the plan that a folder's file holds. `what` it belongs to and how to `start` one are for the error message.

    Raises:
        TrainingError: the file is not there, or cannot be read.
    """
    try:
        return from_json(kind, (folder / name).read_text())
    except (OSError, UnicodeDecodeError) as error:
        raise TrainingError(f"There is no {what} in {folder}: it has no {name} that can be read. Start one with {start}.") from error
    except ConfigError as error:
        raise TrainingError(f"The {name} of the {what} {folder.name} cannot be used. {error}") from error


def readable(root: Path, pattern: str, open_one: Callable[[Path], T]) -> list[T]:
    """Return what `open_one` makes of the folder of each file of this pattern. What cannot be read is left out."""
    found = []
    for path in root.glob(pattern):
        try:
            found.append(open_one(path.parent))
        except TrainingError:
            continue
    return found


def remove_partial_files(folder: Path) -> None:
    """Delete partial files that a killed process has left, of those that only the run's own process writes."""
    for name in (MODEL, LAST, METRICS):
        for left in folder.glob(f"{name}.*{NEW}"):
            left.unlink(missing_ok=True)


def atomic_write(path: Path, content: str | bytes) -> None:
    """Write a file by way of a temporary one beside it.

    Raises:
        OSError: the disk is full, or the folder cannot be written.
    """
    with atomic_path(path) as fresh:
        fresh.write_bytes(content.encode() if isinstance(content, str) else content)
