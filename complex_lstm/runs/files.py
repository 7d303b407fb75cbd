"""The names of a run's files, and writing that leaves nothing half-written."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

PLAN, STATUS, METRICS, LOG = "run.json", "status.json", "metrics.csv", "log.txt"
MODEL, LAST, CONTROL = "model.safetensors", "last.ckpt", "control"
SWEEP, TRIALS = "sweep.json", "trials"  # of a sweep, whose trials are runs
NEW = ".new"  # after the name of a file that is being written


@contextmanager
def whole(path: Path) -> Iterator[Path]:
    """Give a place beside the file, and move what was written there to it: a reader sees the old content or the new.

    A full disk costs neither.

    Raises:
        OSError: the disk is full, or the folder cannot be written.
    """
    fresh = path.with_name(path.name + NEW)
    try:
        yield fresh
        os.replace(fresh, path)
    except OSError:
        fresh.unlink(missing_ok=True)  # what was written of it takes room that others need
        raise


def write_whole(path: Path, content: str | bytes) -> None:
    """Write a file by way of a place beside it.

    Raises:
        OSError: the disk is full, or the folder cannot be written.
    """
    with whole(path) as fresh:
        fresh.write_bytes(content.encode() if isinstance(content, str) else content)
