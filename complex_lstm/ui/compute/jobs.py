"""Computations that go on beside the pages: seen while they run, stopped when nobody wants them, kept when done.

A page's own run ends at the visitor's next click. What takes longer than that runs in a thread of the server's, is
known by its key, and is found again by that key from any page and session.
"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any, Generic, Literal, TypeVar

import streamlit as st

from complex_lstm.errors import ComplexLSTMError, Stopped
from complex_lstm.model.device import pick_device, worker_count

Result = TypeVar("Result")
State = Literal["waiting", "running", "done", "stopped", "failed"]
Run = Callable[["Work[Any]"], Any]

KEPT = 1024  # finished works, of which the least recently asked for goes first
POLL = 1.0  # seconds; a page click that comes just before a poll can be lost in Streamlit 1.67, so poll rarely
GRACE = 0.35  # seconds that a page waits for quick works before it shows that they are under way


@dataclass
class Work(Generic[Result]):
    """One computation. `partial` is what a long one has so far; `result` is there when it is done."""

    key: Hashable
    stopping: threading.Event = field(default_factory=threading.Event)
    wanted_by: set[str] = field(default_factory=set)
    done: int = 0
    total: int = 0
    partial: Any = None
    started: float = 0.0
    future: Future[Result] | None = None

    @property
    def state(self) -> State:
        if self.future is None or self.future.cancelled():
            return "stopped"
        if not self.future.done():
            return "running" if self.future.running() else "waiting"
        error = self.future.exception()
        return "done" if error is None else "stopped" if isinstance(error, Stopped) else "failed"

    @property
    def is_under_way(self) -> bool:
        return self.state in ("waiting", "running")

    @property
    def result(self) -> Result:
        """What was computed. An error that is not ours is raised again: it is the server's to log."""
        assert self.future is not None
        return self.future.result()

    @property
    def so_far(self) -> Any:
        """The result, or before it is there what a long work has by now: None where that is nothing."""
        return self.result if self.state == "done" else self.partial

    @property
    def trouble(self) -> str:
        """Our own error in words, else nothing."""
        if self.state != "failed" or self.future is None:
            return ""
        error = self.future.exception()
        if isinstance(error, ComplexLSTMError):
            return str(error)
        raise error  # type: ignore[misc]  # a failed future has an error

    @property
    def seconds_left(self) -> float | None:
        """The time left at the pace so far, or None before anything is done."""
        if not self.done or not self.is_under_way:
            return None
        return (time.monotonic() - self.started) / self.done * (self.total - self.done)

    def tell(self, done: int, total: int) -> None:
        self.done, self.total = done, total

    def stop(self) -> None:
        """Let it end at its next step, or never begin."""
        self.stopping.set()
        if self.future is not None:
            self.future.cancel()

    def must_stop(self) -> bool:
        return self.stopping.is_set()


class Works:
    """All works of the server. One after another is started, as many side by side as there are free cores."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._works: OrderedDict[Hashable, Work[Any]] = OrderedDict()
        self._pool = ThreadPoolExecutor(worker_count(pick_device()), thread_name_prefix="work")

    def ask(self, key: Hashable, run: Run, visitor: str) -> Work[Any]:
        """Return the work of this key, started now if it is neither under way nor done. A failed one is not tried again."""
        with self._lock:
            work = self._works.get(key)
            if work is None or work.state == "stopped":
                work = self._works[key] = Work(key)
                work.future = self._pool.submit(self._go, work, run)
            work.wanted_by.add(visitor)
            self._works.move_to_end(key)
            self._forget()
        return work

    def find(self, key: Hashable) -> Work[Any] | None:
        """Return the work of this key, whatever its state."""
        return self._works.get(key)

    def release(self, keys: Iterable[Hashable], visitor: str) -> None:
        """Say that a visitor no longer waits for these. What nobody waits for stops."""
        with self._lock:
            for key in keys:
                if (work := self._works.get(key)) is None:
                    continue
                work.wanted_by.discard(visitor)
                if not work.wanted_by:
                    work.stop()

    def abandon(self, key: Hashable) -> None:
        """Stop a work, whoever else waits for it: they can start it again."""
        if work := self._works.get(key):
            work.stop()

    @staticmethod
    def _go(work: Work[Result], run: Callable[[Work[Result]], Result]) -> Result:
        work.started = time.monotonic()
        return run(work)

    def _forget(self) -> None:
        for key in [key for key, work in self._works.items() if not work.is_under_way][: max(0, len(self._works) - KEPT)]:
            del self._works[key]


@st.cache_resource(show_spinner=False)
def works() -> Works:
    """Return the server's works."""
    return Works()


def visitor() -> str:
    """Return a name for this session."""
    context = st.runtime.scriptrunner.get_script_run_ctx()
    return context.session_id if context else "nobody"


def wait_briefly(asked: Iterable[Work[Any]]) -> None:
    """Wait a moment, so that what is done at once is shown at once."""
    end = time.monotonic() + GRACE
    while time.monotonic() < end and any(work.is_under_way for work in asked):
        time.sleep(0.01)
