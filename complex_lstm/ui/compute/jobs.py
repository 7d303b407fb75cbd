"""Computations that take longer than a page's run. A job runs in a thread of the server as long as a session wants it.

A page's own run ends at the visitor's next click. A job continues in its thread, and its key identifies it on every page
and in every session: what several sessions of a visitor want, or of a sample several visitors (`visitor.apart`), is
computed once. A session withdraws from a job by the Stop button, by leaving the page that requested it
(`complex_lstm.ui.session.page_jobs`), or by closing its tab: sessions without a
connection do not count. A job that no session wants stops before its next forward pass.
"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Collection, Hashable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Generic, Literal, TypeVar

import streamlit as st
from streamlit import runtime
from streamlit.logger import get_logger

from complex_lstm.errors import ComplexLSTMError, Stopped
from complex_lstm.model.device import pick_device, worker_count
from complex_lstm.ui.compute.measures import count_job, kind_of
from complex_lstm.ui.compute.store import bytes_of
from complex_lstm.ui.compute.visitor import apart, as_now

Result = TypeVar("Result")
State = Literal["waiting", "running", "done", "stopped", "failed"]
JobFunction = Callable[["Job[Any]"], Any]
IsConnected = Callable[[str], bool]

KEPT, KEPT_BYTES = 1024, 2**28  # jobs that have ended, and what they found; of more, the least recently requested is dropped first
NEVER_DROPPED = 16  # the jobs requested last stay however much they found: a page would request them again
POLL = 1.0  # seconds; a page click that comes just before a poll can be lost in Streamlit 1.67, so poll rarely
HEED = 0.02  # seconds after which a waiting page looks whether it is still wanted
GRACE = 0.35  # seconds that a page waits for quick jobs before it shows their progress

LOGGER = get_logger(__name__)  # written with `streamlit run app.py --logger.level=debug`


class Job(Generic[Result]):
    """One computation and the sessions that want it.

    `place` is the key as the queue knows it, apart from those of other visitors. `partial` is the result so far of a long job,
    `earlier` the partial result when it was last stopped; both may be None.
    Of the `done` items, `skipped` come from `earlier`. Only the queue changes `state` and `sessions`.
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
        """Return whether no session wants the job any more. The job's function calls this before each forward pass.

        Once True, it stays True until the function has ended, so that all of its threads stop.
        """
        self.is_stopping = self.is_stopping or not self.is_wanted
        return self.is_stopping

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
        try:
            self._result, self._error = self._function(self), None
        except Stopped as error:
            self._error = error
            return "stopped"
        except BaseException as error:  # raised again where the result is read
            self._error = error
            return "failed"
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


class JobQueue:
    """All jobs of a server. `workers` of them run at once, and the sessions that wait take turns.

    The next job is the first of the session that was served least recently: a session with fifty jobs delays
    another by at most one of them.
    """

    def __init__(self, workers: int, is_connected: IsConnected) -> None:
        self.workers = workers
        self._lock = threading.Lock()
        self._jobs: OrderedDict[Hashable, Job[Any]] = OrderedDict()
        self._waiting: OrderedDict[Hashable, Job[Any]] = OrderedDict()
        self._served: dict[str, int] = {}  # by session that still waits, the turn in which it was last served
        self._turn = 0
        self._is_connected = is_connected
        self._pool = ThreadPoolExecutor(workers, thread_name_prefix="job")

    def request(self, key: Hashable, function: JobFunction, session: str) -> Job[Any]:
        """Return the job of a key, wanted by a session. It is queued unless it is under way, done or failed.

        A job that was stopped begins again; its function finds the partial result in `earlier`.
        """
        place, do = apart(key), as_now(function)
        with self._lock:
            job = self._jobs.get(place)
            if job is None or job.state == "stopped":
                job = self._jobs[place] = Job(key, do, self._is_connected, job.computed if job else None)
                self._put(job)
            if job.is_under_way:
                job.sessions |= {session}
            self._jobs.move_to_end(place)
            self._drop_oldest()
        return job

    def _drop_oldest(self) -> None:
        ended = [one for one in list(self._jobs.values())[:-NEVER_DROPPED] if not one.is_under_way]
        count, size = len(self._jobs), sum(one.size for one in self._jobs.values())
        for one in ended:
            if count <= KEPT and size <= KEPT_BYTES:
                return
            del self._jobs[one.place]
            count, size = count - 1, size - one.size

    def find(self, key: Hashable) -> Job[Any] | None:
        """Return the job of a key, whatever its state."""
        return self._jobs.get(apart(key))

    def under_way(self, session: str | None = None) -> list[Job[Any]]:
        """Return the jobs that wait or run, all of them or those that a session wants."""
        with self._lock:
            found = [job for job in self._jobs.values() if job.is_under_way]
        return found if session is None else [job for job in found if session in job.sessions]

    def withdraw(self, keys: Iterable[Hashable], session: str) -> None:
        """Record that a session no longer wants these jobs. Those that no other wants stop."""
        own = set(keys)  # those that the session wants are its visitor's
        with self._lock:
            for job in [one for one in self._jobs.values() if session in one.sessions and one.key in own]:
                job.sessions -= {session}
            self._drop_unwanted()

    def withdraw_all_but(self, keys: Collection[Hashable], session: str) -> None:
        """Record that these are the only jobs that a session still wants."""
        self.withdraw([job.key for job in self.under_way(session) if job.key not in keys], session)

    def _put(self, job: Job[Any]) -> None:
        self._waiting[job.place] = job
        self._pool.submit(self._run_next)

    def _run_next(self) -> None:
        """Run the job whose turn it is. Each queued job causes one call of this, which may run another job."""
        with self._lock:
            job = self._take_next()
        if job is None:
            return
        LOGGER.debug("Job started: %s", job.key)
        state = job.run()
        count_job(job.kind, state, waited=job.started - job.queued, ran=time.monotonic() - job.started)
        with self._lock:
            if state == "stopped" and job.is_stopping and job.is_wanted:  # it was requested again while it stopped
                job.state, job.earlier, job.queued = "waiting", job.computed, time.monotonic()
                self._put(job)
            else:
                job.end(state)
        LOGGER.debug("Job %s, %d under way: %s", job.state, len(self.under_way()), job.key)

    def _take_next(self) -> Job[Any] | None:
        self._drop_unwanted()
        waits = [
            (self._served.get(session, 0), place, session, job)
            for place, job in enumerate(self._waiting.values())
            for session in job.sessions
        ]
        if not waits:
            return None
        _, _, session, job = min(waits, key=lambda wait: wait[:2])
        waiting = {one for _, _, one, _ in waits}
        self._turn += 1
        self._served = {one: turn for one, turn in self._served.items() if one in waiting} | {session: self._turn}
        del self._waiting[job.place]
        job.state = "running"
        return job

    def _drop_unwanted(self) -> None:
        for job in [job for job in self._waiting.values() if not job.is_wanted]:
            del self._waiting[job.place]
            job.end("stopped")


@st.cache_resource(show_spinner=False)
def job_queue() -> JobQueue:
    """Return the server's queue."""
    return JobQueue(worker_count(pick_device()), is_connected)


def is_connected(session: str) -> bool:
    """Return whether a session's browser tab is open. Where no server runs, as in a notebook, every session counts as open.

    Streamlit keeps the state of a closed tab for two minutes, for a connection that comes back; it is no longer active
    meanwhile. A closed tab is noticed at once, a machine that sleeps or has left the network when the server's ping
    gets no answer.
    """
    return not runtime.exists() or runtime.get_instance().is_active_session(session)


def session_id() -> str:
    """Return the id of the session whose page runs now; outside a page a fixed text."""
    context = runtime.scriptrunner.get_script_run_ctx()
    return context.session_id if context else "no session"


def wait_briefly(jobs: Iterable[Job[Any]]) -> None:
    """Wait a moment, so that the results of quick jobs are shown at once. A click meanwhile ends the run of the page, and the wait."""
    end = time.monotonic() + GRACE
    for job in jobs:
        while job.is_under_way and (left := end - time.monotonic()) > 0:
            job.wait(min(left, HEED))
            st.session_state.get("any")  # where Streamlit ends a run that a click has made old: else the click waits too
