"""The names of a run's and a sweep's files, reading them, and writing them atomically."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from complex_lstm.config import LONE_HALF, from_json
from complex_lstm.disk import NEW, read_bounded, sync, writer_mark
from complex_lstm.errors import ConfigError, TrainingError

PLAN, STATUS, METRICS, LOG = "run.json", "status.json", "metrics.csv", "log.txt"
MODEL, LAST, CONTROL = "model.safetensors", "last.ckpt", "control"
SWEEP, TRIALS = "sweep.json", "trials"  # of a sweep, whose trials are runs
SEARCH, STUDY, REPEATS = "search.json", "study.log", "repeats.json"  # of a search, whose trials are runs too
FRESH = 60  # seconds in which a folder may be without its plan
MOST_JSON = 2**22  # bytes of a plan or a status: a thousand columns take a tenth of it

T = TypeVar("T")


@contextmanager
def atomic_path(path: Path, *, durable: bool = True) -> Iterator[Path]:
    """Yield a temporary path beside the file, and move what was written there to it: a reader sees the old content or the new.

    A full disk leaves the old content, two writers at once do not collide, and what is `durable` is on the disk before it is moved:
    else a machine that loses its power can leave an empty file.

    Raises:
        OSError: the disk is full, or the folder cannot be written.
    """
    fresh = path.with_name(f"{path.name}.{writer_mark()}{threading.get_ident()}{NEW}")
    try:
        yield fresh
        if durable:
            sync(fresh)
        os.replace(fresh, path)
        if durable:
            sync(path.parent)
    except BaseException:
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
        return from_json(kind, read_bounded(folder / name, MOST_JSON).decode())
    except (OSError, UnicodeDecodeError) as error:
        raise TrainingError(f"There is no {what} in {folder}: it has no {name} that can be read. Start one with {start}.") from error
    except ConfigError as error:
        raise TrainingError(f"The {name} of the {what} {folder.name} cannot be used. {error}") from error


@dataclass(frozen=True)
class Unreadable:
    """A folder that should hold a run or a sweep, and why it cannot be read."""

    folder: Path
    words: str

    @property
    def name(self) -> str:
        """The folder's name as text: bytes that are none are replaced."""
        return os.fsencode(self.folder.name).decode(errors="replace")


def without_plan(root: Path) -> list[Unreadable]:
    """Return the folders under a folder that hold no run, sweep or search; one that is younger than a minute may just be made."""
    found = []
    for path in sorted(root.iterdir()) if root.is_dir() else ():
        if (
            path.name.startswith(".")
            or not (path.is_dir() or path.is_symlink())
            or any((path / one).exists() for one in (PLAN, SWEEP, SEARCH))
        ):
            continue
        if time.time() - path.lstat().st_mtime > FRESH:
            found.append(Unreadable(path, f"It holds none of {PLAN}, {SWEEP} and {SEARCH}."))
    return found


def readable(root: Path, pattern: str, open_one: Callable[[Path], T]) -> tuple[list[T], list[Unreadable]]:
    """Return what `open_one` makes of the folder of each file of this pattern, and the folders that cannot be read."""
    found, broken = [], []
    for path in root.glob(pattern):
        try:
            if LONE_HALF.search(path.parent.name):  # bytes that are no UTF-8
                raise TrainingError("The folder's name is no text. Rename it in a terminal.")
            found.append(open_one(path.parent))
        except TrainingError as error:
            broken.append(Unreadable(path.parent, str(error)))
    return found, broken


def remove_partial_files(folder: Path) -> None:
    """Delete partial files that a killed process has left, of those that only the run's own process writes."""
    for name in (MODEL, LAST, METRICS):
        for left in folder.glob(f"{name}.*{NEW}"):
            left.unlink(missing_ok=True)


def atomic_write(path: Path, content: str | bytes, *, durable: bool = True) -> None:
    """Write a file by way of a temporary one beside it.

    Raises:
        OSError: the disk is full, or the folder cannot be written.
    """
    with atomic_path(path, durable=durable) as fresh:
        fresh.write_bytes(content.encode() if isinstance(content, str) else content)
