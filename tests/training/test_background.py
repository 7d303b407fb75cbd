"""What is done aside: one thing at a time, all of it, and nothing that fails goes unheard."""

import time

import pytest

from complex_lstm.errors import Stopped
from complex_lstm.training.background import BackgroundWorker


def fails() -> None:
    raise OSError("No space left on device")


def stop() -> None:
    raise Stopped("Stopped.")


def test_tasks_are_done_one_after_another_and_all_of_them_when_the_block_ends() -> None:
    done = []

    def slowly(number: int) -> None:
        done.append(number)
        time.sleep(0.02)
        done.append(number)

    with BackgroundWorker() as aside:
        for number in range(3):
            aside.submit(lambda number=number: slowly(number))  # type: ignore[misc]

    assert done == [0, 0, 1, 1, 2, 2]


def test_what_fails_is_raised_by_the_next_task_once() -> None:
    with BackgroundWorker() as aside:
        aside.submit(fails)
        with pytest.raises(OSError, match="No space left"):
            aside.submit(fails)
        aside.wait()


def test_what_fails_last_is_raised_at_the_end_of_the_block() -> None:
    with pytest.raises(OSError, match="No space left"), BackgroundWorker() as aside:
        aside.submit(fails)


def test_a_block_that_fails_itself_says_why_it_failed() -> None:
    with pytest.raises(ZeroDivisionError), BackgroundWorker() as aside:
        aside.submit(fails) or 1 / 0


def test_a_block_that_was_stopped_tells_of_what_failed_meanwhile() -> None:
    """A stop that could not write its model said that there was none yet."""
    with pytest.raises(OSError, match="No space left"), BackgroundWorker() as aside:
        aside.submit(fails) or stop()
