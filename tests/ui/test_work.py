"""Works go on beside the pages: one for a key, seen while they run, stopped when nobody waits, never in the way."""

import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest

from complex_lstm.errors import ExplanationError, Stopped
from complex_lstm.ui.compute.jobs import Work, Works

SOON = 5.0


def wait_for(work: Work[Any]) -> Work[Any]:
    end = time.monotonic() + SOON
    while work.is_under_way and time.monotonic() < end:
        time.sleep(0.005)
    return work


class Gate:
    """A run that goes on until it is let through, and looks up now and then whether it must stop."""

    def __init__(self) -> None:
        self.begun, self.open, self.runs = threading.Event(), threading.Event(), 0

    def __call__(self, work: Work[str]) -> str:
        self.runs += 1
        self.begun.set()
        while not self.open.wait(0.005):
            if work.must_stop():
                raise Stopped("Stopped before the end.")
        return "through"


@pytest.fixture
def works() -> Works:
    return Works()


@pytest.fixture
def gate() -> Iterator[Gate]:
    one = Gate()
    yield one
    one.open.set()  # no thread outlives its test


def test_two_visitors_who_ask_the_same_share_one_run(works: Works, gate: Gate) -> None:
    first, second = works.ask("key", gate, "ann"), works.ask("key", gate, "bob")
    gate.open.set()

    assert first is second
    assert wait_for(first).result == "through" and gate.runs == 1


def test_what_is_done_is_not_done_again(works: Works) -> None:
    wait_for(works.ask("key", lambda work: "once", "ann"))

    again = works.ask("key", lambda work: "twice", "bob")

    assert again.state == "done" and again.result == "once"


def test_a_work_stops_when_the_last_who_waits_leaves(works: Works, gate: Gate) -> None:
    work = works.ask("key", gate, "ann")
    works.ask("key", gate, "bob")
    assert gate.begun.wait(SOON)

    works.release(["key"], "ann")
    assert work.is_under_way and not work.must_stop()
    works.release(["key"], "bob")

    assert wait_for(work).state == "stopped"


def test_what_was_stopped_starts_anew_when_asked_again(works: Works, gate: Gate) -> None:
    works.ask("key", gate, "ann")
    assert gate.begun.wait(SOON)
    works.abandon("key")
    stopped = works.find("key")
    assert stopped and wait_for(stopped).state == "stopped"

    gate.open.set()
    again = works.ask("key", gate, "ann")

    assert again is not stopped and wait_for(again).result == "through"


def test_a_work_that_is_done_is_kept_when_its_visitor_leaves(works: Works) -> None:
    work = wait_for(works.ask("key", lambda work: 42, "ann"))

    works.release(["key", "never asked"], "ann")

    assert work.state == "done" and works.find("key") is work and work.result == 42


def test_our_own_errors_are_told_in_words(works: Works) -> None:
    def run(work: Work[None]) -> None:
        raise ExplanationError("There is no output 7.")

    work = wait_for(works.ask("key", run, "ann"))

    assert work.state == "failed" and work.trouble == "There is no output 7."


def test_an_error_that_is_not_ours_is_raised_where_it_is_looked_at(works: Works) -> None:
    work = wait_for(works.ask("key", lambda work: 1 / 0, "ann"))

    with pytest.raises(ZeroDivisionError):
        _ = work.trouble


def test_the_time_left_follows_the_pace_so_far(works: Works, gate: Gate) -> None:
    work = works.ask("key", gate, "ann")
    assert gate.begun.wait(SOON) and work.seconds_left is None

    work.started = time.monotonic() - 10
    work.tell(2, 8)

    assert work.seconds_left == pytest.approx(30, abs=1)  # 2 in 10 s, so 6 in 30 s


def test_more_works_than_cores_wait_for_their_turn(works: Works, gate: Gate) -> None:
    all_of_them = [works.ask(number, gate, "ann") for number in range(20)]
    assert gate.begun.wait(SOON)

    waiting = [work for work in all_of_them if work.state == "waiting"]
    works.release(range(20), "ann")

    assert waiting and {wait_for(work).state for work in all_of_them} == {"stopped"}
    assert gate.runs < 20  # those that had not begun never did
