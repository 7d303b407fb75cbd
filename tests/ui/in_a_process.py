"""What the tests of jobs in processes have computed there: functions that a process finds by their names."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable
from pathlib import Path


def take_steps(folder: Path, stop: Callable[[], bool], count: Callable[[int], None]) -> str:
    """Take steps until a file `open` is there; each asks before whether to stop, and leaves its number in a file `steps`."""
    steps = 0
    while not (folder / "open").exists():
        if stop():
            return "stopped"
        steps += 1
        (folder / "steps").write_text(str(steps))
        count(1)
        time.sleep(0.001)
    return "through"


def sleep(folder: Path) -> None:
    """Go on for ten minutes without asking anything."""
    (folder / "begun").touch()
    time.sleep(600)


def end_process(folder: Path, times: int, count: Callable[[int], None]) -> int:
    """End the process so many times, as a system does where memory is short; each time leaves a file."""
    count(1)
    ended = len(list(folder.iterdir()))
    if ended < times:
        (folder / str(ended)).touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return os.getpid()
