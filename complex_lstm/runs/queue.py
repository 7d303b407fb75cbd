"""The queue of the runs: one trains at a time, the earliest first, and where several visitors share it they take turns.

A queue is a folder of runs, or one of visitors' workspaces, each with its `runs`. Among visitors it is the turn of who was served least
recently, so that somebody with twenty runs delays another by one. A paused run keeps its place before the others of its owner, and
holds up nobody else: when it goes on, it does so at once, beside what trains then.
"""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext, suppress
from pathlib import Path

from filelock import FileLock

from complex_lstm.runs.atomic_files import PLAN, STATUS, TRIALS, readable
from complex_lstm.runs.folder import Run, open_run
from complex_lstm.runs.status import read_status

RUNS = "runs"  # in a visitor's workspace
OF_ONE, OF_VISITORS = ("*", f"*/{TRIALS}/*"), (f"*/{RUNS}/*", f"*/{RUNS}/*/{TRIALS}/*")
LOCK = ".turn.lock"


def runs_under_way(queue: Path) -> list[Run]:
    """Return the runs of a queue that are under way, trials of sweeps among them."""
    found = [one for pattern in (*OF_ONE, *OF_VISITORS) for one in readable(queue, f"{pattern}/{PLAN}", _if_under_way)[0]]
    return [run for run in found if run is not None and run.is_under_way]


def _if_under_way(folder: Path) -> Run | None:
    """Return the run in a folder, None where its status says that it has ended: then nothing else of it is read."""
    return open_run(folder) if read_status(folder).is_under_way else None


def earlier_in_queue(run: Run, queue: Path) -> tuple[Run, ...]:
    """Return the runs of a queue that are under way and come before this one; a paused one keeps its place."""
    owner, under_way = owner_in(queue, run), [one for one in runs_under_way(queue) if one.folder != run.folder]
    own = tuple(one for one in under_way if owner_in(queue, one) == owner and _place(one) < _place(run))
    others = [one for one in under_way if owner_in(queue, one) != owner]
    if not others:
        return own
    running = [one for one in others if one.status.state == "running"]
    waiting: dict[str, list[Run]] = defaultdict(list)
    for one in sorted([*own, *others, run], key=_place):
        if one.status.state == "waiting" or one is run:
            waiting[owner_in(queue, one)].append(one)
    served = {name: _last_served(queue, name, [*under_way, run]) for name in waiting}
    return (*(one for one in own if one.status.state != "waiting"), *running, *_turns_before(run, waiting, served))


def owner_in(queue: Path, run: Run) -> str:
    """Return whose a run is, in a queue of visitors; "" in a queue of one."""
    parts = run.folder.absolute().relative_to(queue.absolute()).parts if run.folder.absolute().is_relative_to(queue.absolute()) else ()
    return parts[0] if len(parts) > 2 and parts[1] == RUNS else ""


@contextmanager
def turn_taken(run: Run, queue: Path) -> Iterator[int]:
    """Yield how many runs come before this one. Among visitors no other run of the queue is asked until the block ends.

    Who is first and says within the block that it runs so is the only one that begins.
    """
    with FileLock(queue / LOCK) if owner_in(queue, run) else nullcontext():
        yield len(earlier_in_queue(run, queue))


def _place(run: Run) -> tuple[float, str]:
    return run.status.queued, run.key


def _last_served(queue: Path, owner: str, under_way: list[Run]) -> float:
    """Return when a run of a visitor last ended, or now where one trains; 0 where none ever did."""
    own = [one for one in under_way if owner_in(queue, one) == owner]
    if any(one.status.state == "running" for one in own):
        return time.time()
    unserved, times = {one.folder for one in own}, [0.0]
    for pattern in OF_VISITORS:
        for path in (queue / owner).glob(f"{pattern.removeprefix('*/')}/{STATUS}"):
            if path.parent not in unserved:
                with suppress(OSError):  # deleted just now
                    times.append(path.stat().st_mtime)
    return max(times)


def _turns_before(run: Run, waiting: dict[str, list[Run]], served: dict[str, float]) -> Iterator[Run]:
    """Yield the runs that wait and have their turn before this one: the next is of who was served least recently."""
    turn = max(time.time(), *served.values())
    while True:
        owner = min((name for name, left in waiting.items() if left), key=lambda name: (served[name], _place(waiting[name][0])))
        one = waiting[owner].pop(0)
        if one is run:
            return
        turn += 1
        served[owner] = turn
        yield one
