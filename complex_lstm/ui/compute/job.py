"""One computation that takes longer than a page's run, and the sessions that want it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Hashable
from contextvars import ContextVar
from typing import Any, Generic, Literal, TypeVar

from complex_lstm.errors import ComplexLSTMError, LimitError, Stopped
from complex_lstm.model.device import is_out_of_memory
from complex_lstm.ui.compute.measures import kind_of
from complex_lstm.ui.compute.store import bytes_of
from complex_lstm.ui.compute.visitor import apart

Result = TypeVar("Result")
State = Literal["waiting", "running", "done", "stopped", "failed"]
JobFunction = Callable[["Job[Any]"], Any]
IsConnected = Callable[[str], bool]

_RUNNING: ContextVar[Job[Any] | None] = ContextVar("running_job", default=None)  # of the thread


def running_job() -> Job[Any] | None:
    """Return the job whose function runs in this thread."""
    return _RUNNING.get()


class Job(Generic[Result]):
    """One computation and the sessions that want it.

    `place` is the key as the queue knows it, apart from those of other visitors. `partial` is the result so far of a long job,
    `earlier` the partial result when it was last stopped; both may be None.
    Of the `done` items, `skipped` come from `earlier`. Only the queue changes `state`, `sessions` and what says whose turn it is:
    `turn` is set while the job may compute, `granted` is when it last got its turn, `spent` the seconds that it computed before.
    """

    def __init__(self, key: Hashable, function: JobFunction, is_connected: IsConnected, earlier: Any = None) -> None:
        self.key, self.place, self.earlier = key, apart(key), earlier
        self.state: State = "waiting"
        self.sessions: frozenset[str] = frozenset()
        self.partial: Any = None
        self.done = self.total = self.skipped = 0
        self.size = 0  # bytes of what it has found, once it has ended
        self.queued, self.started = time.monotonic(), 0.0
        self._function, self._is_connected = function, is_connected
        self.is_stopping, self._ended = False, threading.Event()
        self.turn, self.granted, self.spent, self.looked = threading.Event(), 0.0, 0.0, 0.0
        self.look: Callable[[Job[Any]], None] = lambda job: None
        self.give_way: Callable[[Job[Any]], None] = lambda job: None
        self.exceeded = ""  # the limit that it has reached, in words for its visitor
        self.weight = 0  # bytes of the process when it began
        self._result: Result
        self._error: BaseException | None = None

    @property
    def kind(self) -> str:
        """What it is called where nothing of its key may be said."""
        return kind_of(self._function)

    @property
    def is_under_way(self) -> bool:
        return self.state in ("waiting", "running")

    @property
    def is_aside(self) -> bool:
        """Whether it has begun and waits for its next turn."""
        return self.state == "running" and not self.turn.is_set()

    @property
    def seconds(self) -> float:
        """How long it has computed; what it waited for its turns is left out."""
        return self.spent + (time.monotonic() - self.granted if self.turn.is_set() else 0.0)

    @property
    def is_wanted(self) -> bool:
        """Whether a session with an open browser tab wants the job."""
        return any(map(self._is_connected, self.sessions))

    @property
    def result(self) -> Result:
        """What was computed.

        Raises:
            Stopped: it was stopped before its end.
            BaseException: what its function raised. An error that is not ours is left to the server's log.
        """
        if self._error is not None:
            raise self._error
        return self._result

    @property
    def latest(self) -> Any:
        """The result, or before it is there the partial result of a long job, which may be None."""
        return self.result if self.state == "done" else self.partial

    @property
    def error_message(self) -> str:
        """The message of an error of ours, else "". An error that is not ours is raised again."""
        if self.state != "failed" or self._error is None:
            return ""
        if isinstance(self._error, ComplexLSTMError):
            return str(self._error)
        raise self._error

    @property
    def seconds_left(self) -> float | None:
        """The time left at the pace so far, or None before anything is done."""
        computed = self.done - self.skipped
        if computed <= 0 or not self.is_under_way:
            return None
        return (time.monotonic() - self.started) / computed * (self.total - self.done)

    def wait(self, seconds: float | None = None) -> bool:
        """Wait until the job has ended, at most this many seconds, and return whether it has."""
        return self._ended.wait(seconds)

    def must_stop(self) -> bool:
        """Return whether no session wants the job any more, or it has reached a limit. Its function calls this before each forward pass.

        While it is another visitor's turn, this waits. Once True, it stays True until the function has ended, so that all of its threads
        stop.
        """
        self.give_way(self)
        self.is_stopping = self.is_stopping or bool(self.exceeded) or not self.is_wanted
        return self.is_stopping

    def must_wait(self) -> bool:
        """Return whether it is another visitor's turn, or the job must stop: then `must_stop` waits, and tells. This does not wait."""
        self.look(self)
        return not self.turn.is_set() or bool(self.exceeded) or not self.is_wanted

    def report_progress(self, done: int, total: int) -> None:
        """Record how many items are done.

        Raises:
            Stopped: no session wants the job any more.
        """
        self.done, self.total = done, total
        self.check_stop()

    def count(self, items: int) -> None:
        """Record that so many items more are done, of a job whose total is known elsewhere."""
        self.done += items

    def check_stop(self) -> None:
        """Raise `Stopped` unless a session still wants the job.

        Raises:
            Stopped: no session wants it any more.
        """
        if self.must_stop():
            raise Stopped

    def run(self) -> State:
        """Run the function and return the state in which it ends. The result or error is stored."""
        state = self._run()
        self.size = bytes_of(self._result if state == "done" else self.computed)
        return state

    def _run(self) -> State:
        self.is_stopping, self.started = False, time.monotonic()
        self.done = self.skipped = 0
        before = _RUNNING.set(self)
        try:
            self._result, self._error = self._function(self), None
        except Stopped as error:
            self._error = LimitError(self.exceeded) if self.exceeded else error
            return "failed" if self.exceeded else "stopped"
        except (MemoryError, RuntimeError) as error:
            self._error = LimitError("The memory of the server does not hold this.") if is_out_of_memory(error) else error
            return "failed"
        except BaseException as error:  # raised again where the result is read
            self._error = error
            return "failed"
        finally:
            _RUNNING.reset(before)
        return "done"

    def end(self, state: State) -> None:
        """Set the final state, and wake the threads that wait for it."""
        if state == "stopped" and self._error is None:
            self._error = Stopped("Stopped before it began.")
        self.state, self.sessions = state, frozenset()
        self._ended.set()

    @property
    def computed(self) -> Any:
        """What a later job of the same key can continue from."""
        return self.earlier if self.partial is None else self.partial
