"""The names of a run's files, and writing that leaves nothing half-written."""

from __future__ import annotations

import os
from pathlib import Path

PLAN, STATUS, METRICS, LOG = "run.json", "status.json", "metrics.csv", "log.txt"
MODEL, LAST, CONTROL = "model.safetensors", "last.ckpt", "control"
NEW = ".new"  # after the name of a file that is being written


def write_whole(path: Path, content: str | bytes) -> None:
    """Write beside the file and move it there: a reader sees the old content or the new, and a full disk costs neither.

    Raises:
        OSError: the disk is full, or the folder cannot be written.
    """
    fresh = path.with_name(path.name + NEW)
    try:
        fresh.write_bytes(content.encode() if isinstance(content, str) else content)
        os.replace(fresh, path)
    except OSError:
        fresh.unlink(missing_ok=True)  # what was written of it takes room that others need
        raise
