"""Jobs: one for a key, fair between sessions, stopped when no session wants them, continued from what they had."""

import os
import sys
import threading
import time
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from complex_lstm.errors import ExplanationError, Stopped
from complex_lstm.ui.compute.jobs import KEPT_BYTES, NEVER_DROPPED, Job, JobQueue
from complex_lstm.ui.session.progress import compute_each

PATIENCE = 600.0  # seconds, for a machine however slow: a test that passes waits for none of them


def ended(job: Job[Any]) -> Job[Any]:
    assert job.wait(PATIENCE), "still under way"
    return job


class Gate:
    """A job's function that goes on until it is let through, and looks up now and then whether it must stop."""

    def __init__(self) -> None:
        self.begun, self.open, self.runs = threading.Event(), threading.Event(), 0

    def __call__(self, job: Job[str]) -> str:
        self.runs += 1
        self.begun.set()
        while not self.open.wait(0.005):
            if job.must_stop():
                raise Stopped("Stopped before the end.")
        return "through"


class Deaf(Gate):
    """One in the midst of a forward pass: it looks up only when it is let through."""

    def __call__(self, job: Job[str]) -> str:
        self.runs += 1
        self.begun.set()
        self.open.wait()
        job.report_progress(1, 1)
        return "through"


@pytest.fixture
def connected() -> set[str]:
    """The sessions whose tab is open."""
    return {"ann", "bob"}


@pytest.fixture
def queue(connected: set[str]) -> JobQueue:
    """A queue that runs one job at a time."""
    return JobQueue(1, lambda session: session in connected)


@pytest.fixture
def gate() -> Iterator[Gate]:
    one = Gate()
    yield one
    one.open.set()  # no thread outlives its test


def test_two_sessions_that_request_the_same_share_one_run(queue: JobQueue, gate: Gate) -> None:
    first, second = queue.request("key", gate, "ann"), queue.request("key", gate, "bob")
    gate.open.set()

    assert first is second
    assert ended(first).result == "through" and gate.runs == 1


def test_what_is_done_is_not_done_again(queue: JobQueue) -> None:
    ended(queue.request("key", lambda job: "once", "ann"))

    again = queue.request("key", lambda job: "twice", "bob")

    assert again.state == "done" and again.result == "once"


def test_one_of_two_who_gives_up_stops_nothing_and_the_last_one_stops_it(queue: JobQueue, gate: Gate) -> None:
    """A Stop button once cancelled what another visitor waited for."""
    job = queue.request("key", gate, "ann")
    queue.request("key", gate, "bob")
    assert gate.begun.wait(PATIENCE)

    queue.withdraw(["key"], "ann")
    assert job.is_under_way and not job.must_stop()
    assert queue.under_way("ann") == [] and queue.under_way("bob") == [job]
    queue.withdraw(["key"], "bob")

    assert ended(job).state == "stopped" and queue.under_way() == []


def test_a_session_that_gives_up_all_but_some_keeps_those(queue: JobQueue, gate: Gate) -> None:
    jobs = [queue.request(number, gate, "ann") for number in range(3)]

    queue.withdraw_all_but([2], "ann")

    assert [job.state for job in jobs[1:]] == ["stopped", "waiting"] and ended(jobs[0]).state == "stopped"
    gate.open.set()
    assert ended(jobs[2]).state == "done"


def test_a_closed_tab_wants_nothing(queue: JobQueue, gate: Gate, connected: set[str]) -> None:
    running, waiting = queue.request("running", gate, "ann"), queue.request("waiting", gate, "ann")
    shared = queue.request("shared", lambda job: 1, "ann")
    queue.request("shared", lambda job: 1, "bob")
    assert gate.begun.wait(PATIENCE)

    connected.remove("ann")

    assert ended(running).state == "stopped" and ended(shared).result == 1
    assert ended(waiting).state == "stopped" and gate.runs == 1


def test_a_session_with_fifty_jobs_does_not_keep_another_waiting(queue: JobQueue, gate: Gate) -> None:
    served: list[str] = []
    gates = queue.request("gate", gate, "ann")
    of_ann = [queue.request(("ann", number), lambda job: served.append(job.key[0]), "ann") for number in range(50)]
    of_bob = [queue.request(("bob", number), lambda job: served.append(job.key[0]), "bob") for number in range(2)]
    gate.open.set()

    for job in (gates, *of_ann, *of_bob):
        ended(job)

    assert served[:5] == ["bob", "ann", "bob", "ann", "ann"]  # Ann's gate was the first turn


def test_what_was_stopped_begins_anew_and_finds_what_it_had(queue: JobQueue, gate: Gate) -> None:
    def first(job: Job[str]) -> str:
        job.partial = "half"
        return gate(job)

    queue.request("key", first, "ann")
    assert gate.begun.wait(PATIENCE)
    queue.withdraw(["key"], "ann")
    stopped = queue.find("key")
    assert stopped and ended(stopped).state == "stopped"

    again = queue.request("key", lambda job: f"{job.earlier} and whole", "ann")

    assert again is not stopped and ended(again).result == "half and whole"


def test_a_job_requested_again_while_it_stops_is_not_lost(queue: JobQueue) -> None:
    """Who left a page and came back at once once found the job stopped."""
    gate = Deaf()
    job = queue.request("key", gate, "ann")
    assert gate.begun.wait(PATIENCE)
    queue.withdraw(["key"], "ann")
    assert job.must_stop()  # it has seen that nobody wants it

    assert queue.request("key", gate, "bob") is job
    gate.open.set()

    assert ended(job).result == "through" and gate.runs == 2


def test_a_stop_that_the_job_has_not_seen_is_taken_back(queue: JobQueue) -> None:
    gate = Deaf()
    job = queue.request("key", gate, "ann")
    assert gate.begun.wait(PATIENCE)

    queue.withdraw(["key"], "ann")
    queue.request("key", gate, "ann")
    gate.open.set()

    assert ended(job).result == "through" and gate.runs == 1


def test_a_job_that_computes_one_by_one_continues_where_it_was(queue: JobQueue, gate: Gate) -> None:
    computed: list[str] = []

    def compute(name: str, job: Job[Any]) -> str:
        if name == "b":
            gate(job)
        computed.append(name)
        return name.upper()

    function = compute_each(["a", "b", "c"], compute)
    job = queue.request("key", function, "ann")
    assert gate.begun.wait(PATIENCE)
    queue.withdraw(["key"], "ann")
    assert ended(job).partial == {"a": "A"}

    gate.open.set()
    again = ended(queue.request("key", function, "ann"))

    assert again.result == {"a": "A", "b": "B", "c": "C"} and computed == ["a", "b", "c"]
    assert job.partial == {"a": "A"}  # what a page may be drawing is not changed


def test_a_job_that_is_done_is_kept_when_its_session_leaves(queue: JobQueue) -> None:
    job = ended(queue.request("key", lambda job: 42, "ann"))

    queue.withdraw(["key", "never requested"], "ann")

    assert job.state == "done" and queue.find("key") is job and job.result == 42


def test_our_own_errors_are_shown_in_words(queue: JobQueue) -> None:
    def fail(job: Job[None]) -> None:
        raise ExplanationError("There is no output 7.")

    job = ended(queue.request("key", fail, "ann"))

    assert job.state == "failed" and job.error_message == "There is no output 7."


def test_an_error_that_is_not_ours_is_raised_where_it_is_looked_at(queue: JobQueue) -> None:
    job = ended(queue.request("key", lambda job: 1 / 0, "ann"))

    with pytest.raises(ZeroDivisionError):
        _ = job.error_message


def test_the_time_left_follows_the_pace_so_far(queue: JobQueue, gate: Gate) -> None:
    job = queue.request("key", gate, "ann")
    assert gate.begun.wait(PATIENCE) and job.seconds_left is None

    job.started, job.skipped = time.monotonic() - 10, 1
    job.report_progress(3, 9)
    before, left, after = time.monotonic(), job.seconds_left, time.monotonic()

    assert left and (before - job.started) / 2 * 6 <= left <= (after - job.started) / 2 * 6  # 2 of 8 computed, 6 to go


def test_more_jobs_than_workers_wait_for_their_turn(queue: JobQueue, gate: Gate) -> None:
    jobs = [queue.request(number, gate, "ann") for number in range(20)]
    assert gate.begun.wait(PATIENCE)

    waiting = [job for job in jobs if job.state == "waiting"]
    queue.withdraw(range(20), "ann")

    assert len(waiting) == 19 and {ended(job).state for job in jobs} == {"stopped"}
    assert gate.runs == 1  # those that had not begun never did


def test_of_large_results_the_ones_requested_last_are_kept(queue: JobQueue) -> None:
    large = np.zeros(KEPT_BYTES // 20, dtype=np.uint8)  # shared by all jobs here; each counts it

    for number in range(NEVER_DROPPED + 10):
        ended(queue.request(number, lambda job: large, "ann"))
    queue.request(0, lambda job: large, "ann")

    kept = [number for number in range(NEVER_DROPPED + 10) if queue.find(number)]
    assert len(kept) == 20 + 1 and kept[-1] == NEVER_DROPPED + 9  # the one just requested has not ended, or not counted, yet


def test_results_that_a_page_has_just_requested_stay_however_large(queue: JobQueue) -> None:
    """A page that dropped its own results would request them again without end."""
    large = np.zeros(KEPT_BYTES, dtype=np.uint8)

    for number in range(3):
        ended(queue.request(number, lambda job: large, "ann"))

    assert all(queue.find(number) for number in range(3))


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere a thread has no niceness of its own")
def test_the_threads_of_pages_go_before_those_of_jobs(queue: JobQueue) -> None:
    before = os.getpriority(os.PRIO_PROCESS, 0)

    job = ended(queue.request("a", lambda job: os.getpriority(os.PRIO_PROCESS, 0), "ann"))

    assert job.result == min(19, before + 10) and os.getpriority(os.PRIO_PROCESS, 0) == before
