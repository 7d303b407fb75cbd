"""Visitors take turns with what they have computed, and nothing takes more time or memory than the server allows."""

import threading
import time
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
import torch

from complex_lstm.errors import LimitError
from complex_lstm.ui.compute import jobs
from complex_lstm.ui.compute.jobs import Job, JobQueue, job_queue
from complex_lstm.ui.compute.limits import JobLimits, resident_bytes
from complex_lstm.ui.session.progress import describe_progress

PATIENCE = 600.0  # seconds, for a machine however slow: a test that passes waits for none of them


def owner(session: str) -> str:
    """Sessions are called "ann 1", "ann 2", and so on."""
    return session.split()[0]


def ended(job: Job[Any]) -> Job[Any]:
    assert job.wait(PATIENCE), "still under way"
    return job


class Steps:
    """A job's function that takes steps without end, and looks before each whether it must stop, until it is let through."""

    def __init__(self) -> None:
        self.begun, self.open, self.steps = threading.Event(), threading.Event(), 0

    def __call__(self, job: Job[str]) -> str:
        while not self.open.is_set():
            job.check_stop()
            self.steps += 1
            self.begun.set()
            time.sleep(0.001)
        return "through"


@pytest.fixture
def long() -> Iterator[Steps]:
    one = Steps()
    yield one
    one.open.set()  # no thread outlives its test


@pytest.fixture
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """A job steps aside at once where it is due, and one that gives no sign of life is soon known as such."""
    monkeypatch.setattr(jobs, "SLICE", 0.0)
    monkeypatch.setattr(jobs, "SILENT", 0.05)


def queue_of(workers: int, **options: Any) -> JobQueue:
    return JobQueue(workers, lambda session: True, owner, **options)


def test_ten_tabs_of_one_visitor_count_as_one(long: Steps) -> None:
    """Turns went by session before, and who had ten tabs had ten turns."""
    queue, served = queue_of(1), list[str]()
    first = queue.request("first", long, "ann 0")
    assert long.begun.wait(PATIENCE)
    tabs = [queue.request(("ann", tab), lambda job: served.append(job.key[0]), f"ann {tab}") for tab in range(10)]
    ben = [queue.request(("ben", number), lambda job: served.append(job.key[0]), "ben 0") for number in range(2)]
    places = [queue.ahead(job) for job in (*ben, *tabs)]
    long.open.set()

    for job in (first, *tabs, *ben):
        ended(job)

    assert served[:4] == ["ben", "ann", "ben", "ann"] and places == [0, 2, 1, *range(3, 12)]


def test_a_long_job_steps_aside_for_another_visitor_and_goes_on(soon: None, long: Steps) -> None:
    queue = queue_of(1)
    hour = queue.request("hour", long, "ann 0")
    assert long.begun.wait(PATIENCE)

    assert ended(queue.request("moment", lambda job: 42, "ben 0")).result == 42

    before = long.steps
    assert hour.is_under_way and ended_steps(long, before)
    long.open.set()
    assert ended(hour).result == "through" and hour.seconds > 0


def ended_steps(long: Steps, before: int) -> bool:
    """Wait until more steps were taken."""
    end = time.monotonic() + PATIENCE
    while long.steps <= before and time.monotonic() < end:
        time.sleep(0.005)
    return long.steps > before


def test_a_long_job_does_not_step_aside_for_its_own_visitor_nor_for_who_has_as_many(soon: None, long: Steps) -> None:
    queue, other = queue_of(2), Steps()
    running = [queue.request("one", long, "ann 0"), queue.request("two", other, "ben 0")]
    assert long.begun.wait(PATIENCE) and other.begun.wait(PATIENCE)

    waiting = [queue.request("more", lambda job: 1, "ann 1"), queue.request("most", lambda job: 1, "ben 1")]
    before = long.steps, other.steps
    assert ended_steps(long, before[0] + 20) and ended_steps(other, before[1] + 20)

    assert [job.state for job in waiting] == ["waiting", "waiting"] and not any(job.is_aside for job in running)
    other.open.set()
    long.open.set()
    for job in (*running, *waiting):
        ended(job)


def test_what_has_stepped_aside_stops_when_it_is_no_longer_wanted(soon: None, long: Steps) -> None:
    queue, other = queue_of(1), Steps()
    hour = queue.request("hour", long, "ann 0")
    assert long.begun.wait(PATIENCE)
    queue.request("other", other, "ben 0")
    assert other.begun.wait(PATIENCE)

    queue.withdraw(["hour"], "ann 0")

    assert ended(hour).state == "stopped"
    other.open.set()
    ended(queue.find("other"))  # type: ignore[arg-type]


def test_a_job_that_has_stepped_aside_with_a_lock_goes_on_where_the_other_waits_for_it(soon: None) -> None:
    """A store has others wait who ask for what is being made."""
    queue, lock, held, waits = queue_of(1), threading.Lock(), threading.Event(), threading.Event()

    def holds(job: Job[int]) -> int:
        with lock:
            held.set()
            while not waits.is_set():
                job.check_stop()
            time.sleep(0.001)
            job.check_stop()
        return 1

    def needs(job: Job[int]) -> int:
        waits.set()
        with lock:
            return 2

    first = queue.request("holds", holds, "ann 0")
    assert held.wait(PATIENCE)

    assert ended(queue.request("needs", needs, "ben 0")).result == 2 and ended(first).result == 1


def test_a_job_that_takes_longer_than_the_server_allows_ends_and_says_so(long: Steps) -> None:
    queue = queue_of(1, limits=JobLimits(seconds=0.06))

    job = ended(queue.request("long", long, "ann 0"))

    assert job.state == "failed" and job.error_message.startswith("This took longer than the 0.001 min that the server allows")
    assert job.seconds > 0.06 and ended(queue.request("short", lambda job: 1, "ann 0")).result == 1


def test_of_two_jobs_the_one_that_fills_the_memory_ends_and_says_so(monkeypatch: pytest.MonkeyPatch, long: Steps) -> None:
    monkeypatch.setattr(jobs, "WEIGH", 0.0)
    queue, begun = queue_of(2, limits=JobLimits(bytes=resident_bytes() + 200_000_000)), threading.Event()

    def fill(job: Job[Any]) -> Any:
        filled = []
        while True:
            filled.append(np.ones(2_500_000))  # 20 MB
            job.check_stop()
            if len(filled) == 3 and not begun.is_set():
                begun.set()
                assert long.begun.wait(PATIENCE)

    large = queue.request("large", fill, "ann 0")
    assert begun.wait(PATIENCE)
    small = queue.request("small", long, "ben 0")

    assert ended(large).state == "failed" and "MB that the server has for them" in large.error_message
    assert small.state == "running"
    long.open.set()
    ended(small)


@pytest.mark.parametrize("take", [lambda job: torch.empty(2**55), lambda job: np.empty(2**55)])
def test_a_job_that_the_memory_does_not_hold_is_an_error_of_ours(take: Any) -> None:
    job = ended(queue_of(1).request("large", take, "ann 0"))

    with pytest.raises(LimitError, match="does not hold this"):
        _ = job.result


def test_a_page_says_how_many_come_before(long: Steps) -> None:
    queue = job_queue()
    held = [queue.request(("held", number), long, "someone") for number in range(queue.workers)]
    while any(job.state == "waiting" for job in held):  # until a thread of each has begun it is one of those that come before
        time.sleep(0.001)
    first, second = (queue.request(("waiting", number), lambda job: 1, "someone") for number in range(2))

    words = [describe_progress(job) for job in (first, second)]

    assert words == ["Waiting for its turn: it is next", "Waiting for its turn: 1 before it"]
    long.open.set()
    for job in (*held, first, second):
        ended(job)
