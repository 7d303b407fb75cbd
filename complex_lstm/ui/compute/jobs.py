"""Computations that take longer than a page's run. A job runs in a thread of the server as long as a session wants it.

What takes long in a job's function is computed in a process where there are any (`processes.py`).

A page's own run ends at the visitor's next click. A job continues in its thread, and its key identifies it on every page
and in every session: what several sessions of a visitor want, or of a sample several visitors (`visitor.apart`), is
computed once. A session withdraws from a job by the Stop button, by leaving the page that requested it
(`complex_lstm.ui.session.page_jobs`), or by closing its tab: sessions without a
connection do not count. A job that no session wants stops before its next forward pass.

Visitors take turns (`turns.py`): before a forward pass a job steps aside for that of a visitor who has fewer under way, and goes on
when its own turn comes. Where cores are short, the threads of pages go before those of jobs (`NICE`).
"""

from __future__ import annotations

import os
import sys
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Collection, Hashable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import streamlit as st
from streamlit import runtime
from streamlit.logger import get_logger

from complex_lstm.model.device import pick_device, worker_count
from complex_lstm.ui.compute.job import IsConnected, Job, JobFunction
from complex_lstm.ui.compute.limits import NO_LIMITS, JobLimits, give_memory_back, job_limits, resident_bytes
from complex_lstm.ui.compute.measures import count_job
from complex_lstm.ui.compute.processes import bytes_in_use
from complex_lstm.ui.compute.turns import Turns
from complex_lstm.ui.compute.visitor import apart, as_now, visitor_of

__all__ = ["Job", "JobFunction", "JobQueue", "is_connected", "job_queue", "session_id", "wait_briefly"]

KEPT, KEPT_BYTES = 1024, 2**28  # jobs that have ended, and what they found; of more, the least recently requested is dropped first
NEVER_DROPPED = 16  # the jobs requested last stay however much they found: a page would request them again
POLL = 1.0  # seconds; a page click that comes just before a poll can be lost in Streamlit 1.67, so poll rarely
HEED = 0.02  # seconds after which a waiting page looks whether it is still wanted
GRACE = 0.35  # seconds that a page waits for quick jobs before it shows their progress
SLICE = 0.5  # seconds that a job computes before it steps aside for another visitor's
SILENT = 2.0  # seconds without a look at whether it must stop, after which a job no longer keeps another visitor's from beginning
LOOK = 0.05  # seconds between two looks of a job that has stepped aside
WEIGH = 0.25  # seconds between two looks at the memory
NICE = 10  # of 19 by which a job's thread lets others go first
MOST_THREADS = 256  # of jobs that compute or have stepped aside

LOGGER = get_logger(__name__)  # written with `streamlit run app.py --logger.level=debug`


class JobQueue:
    """All jobs of a server. `workers` of them compute at once, and the visitors whose jobs wait take turns (`turns.py`)."""

    def __init__(
        self,
        workers: int,
        is_connected: IsConnected,
        owner_of: Callable[[str], str] = str,
        limits: JobLimits = NO_LIMITS,
        bytes_in_use: Callable[[], int] = resident_bytes,
    ) -> None:
        self.workers, self.limits, self._bytes_in_use = workers, limits, bytes_in_use
        self._lock = threading.RLock()
        self._jobs: OrderedDict[Hashable, Job[Any]] = OrderedDict()
        self._waiting: OrderedDict[Hashable, Job[Any]] = OrderedDict()  # for their first turn, or for the next one
        self._running: dict[Hashable, Job[Any]] = {}  # those whose turn it is
        self._beginning = 0  # threads that will begin a job
        self._turns, self._weighed = Turns(owner_of), 0.0
        self._is_connected = is_connected
        self._pool = ThreadPoolExecutor(MOST_THREADS, thread_name_prefix="job", initializer=let_others_go_first)

    def request(self, key: Hashable, function: JobFunction, session: str) -> Job[Any]:
        """Return the job of a key, wanted by a session. It is queued unless it is under way, done or failed.

        A job that was stopped begins again; its function finds the partial result in `earlier`.
        """
        place, do = apart(key), as_now(function)
        with self._lock:
            job = self._jobs.get(place)
            if job is None or job.state == "stopped":
                job = self._jobs[place] = Job(key, do, self._is_connected, job.computed if job else None)
                job.look, job.give_way = self._look, self._give_way
                self._waiting[place] = job
            if job.is_under_way:
                job.sessions |= {session}
            self._jobs.move_to_end(place)
            self._drop_oldest()
            self._give_turns()
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

    def ahead(self, job: Job[Any]) -> int:
        """Return how many jobs that wait have their turn before this one."""
        with self._lock:
            order = self._turns.order(list(self._waiting.values()), self._running.values())
        return order.index(job) if job in order else 0

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

    def _give_turns(self) -> None:
        """Give turns as long as fewer jobs compute than there are workers. Each job that begins is run by a call of `_run_next`."""
        self._drop_unwanted()
        while True:
            new = [job for job in self._waiting.values() if not job.is_aside]
            free = [job for job in self._waiting.values() if job.is_aside or len(new) > self._beginning]
            job = self._turns.next(free, self._running.values())
            if job is None or self._occupied(job) + self._beginning >= self.workers:
                return
            if job.is_aside:
                self._give_turn(job)
            else:
                self._beginning += 1
                self._pool.submit(self._run_next)

    def _occupied(self, job: Job[Any]) -> int:
        """Return how many jobs compute, as far as they keep this one waiting.

        One that gives no sign of life, in a long step or behind a lock, does not keep another visitor's from beginning, nor one from going
        on that has stepped aside, and may hold that lock.
        """
        silent_too = not job.is_aside and self._turns.under_way(job, self._running.values())
        now = time.monotonic()
        return sum(bool(silent_too) or now - one.looked < SILENT for one in self._running.values())

    def _give_turn(self, job: Job[Any]) -> None:
        del self._waiting[job.place]
        self._running[job.place] = job
        self._turns.served(job)
        job.granted = job.looked = time.monotonic()
        job.turn.set()

    def _take_turn(self, job: Job[Any]) -> None:
        self._running.pop(job.place, None)
        job.spent = job.seconds
        job.turn.clear()

    def _run_next(self) -> None:
        """Run the job whose turn it is, of those that have not begun."""
        with self._lock:
            self._beginning -= 1
            self._drop_unwanted()
            job = self._turns.next([one for one in self._waiting.values() if not one.is_aside], self._running.values())
            if job is None:
                return
            self._give_turn(job)
            job.state, job.spent, job.weight = "running", 0.0, self._bytes_in_use() if self.limits.bytes else 0
        LOGGER.debug("Job started: %s", job.key)
        state = job.run()
        count_job(job.kind, state, waited=job.started - job.queued, ran=time.monotonic() - job.started)
        with self._lock:
            self._take_turn(job)
            self._waiting.pop(job.place, None)  # where it was stopped while it had stepped aside
            if state == "stopped" and job.is_stopping and job.is_wanted:  # it was requested again while it stopped
                job.state, job.earlier, job.queued = "waiting", job.computed, time.monotonic()
                self._waiting[job.place] = job
            else:
                job.end(state)
            self._give_turns()
        LOGGER.debug("Job %s, %d under way: %s", job.state, len(self.under_way()), job.key)

    def _give_way(self, job: Job[Any]) -> None:
        """Have a job that computes look at its limits, and wait where it is another visitor's turn: called before each forward pass."""
        self._look(job)
        while not job.turn.wait(LOOK) and job.state == "running" and job.is_wanted and not job.exceeded:
            with self._lock:
                self._give_turns()

    def _look(self, job: Job[Any]) -> None:
        """Have a job that computes look at its limits, and step aside where it is another visitor's turn."""
        with self._lock:
            job.looked = now = time.monotonic()
            self._look_at_limits(job, now)
            if job.turn.is_set() and now - job.granted > SLICE and self._turns.is_due(job, self._waiting.values(), self._running.values()):
                self._take_turn(job)
                self._waiting[job.place] = job
                self._waiting.move_to_end(job.place, last=False)  # before what its visitor has not begun
                self._give_turns()

    def _look_at_limits(self, job: Job[Any], now: float) -> None:
        """Have a job end that has computed for too long; where memory is short, the one since whose begin it has grown most."""
        if self.limits.seconds and job.seconds > self.limits.seconds:
            job.exceeded = self.limits.time_words
        if self.limits.bytes and now - self._weighed > WEIGH:
            self._weighed = now
            if self._bytes_in_use() > self.limits.bytes:
                give_memory_back()
            if self._bytes_in_use() > self.limits.bytes:
                begun = [one for one in self._jobs.values() if one.state == "running"]
                min(begun, key=lambda one: one.weight).exceeded = self.limits.memory_words

    def _drop_unwanted(self) -> None:
        for job in [job for job in self._waiting.values() if job.state == "waiting" and not job.is_wanted]:
            del self._waiting[job.place]
            job.end("stopped")


def let_others_go_first() -> None:
    """Have the threads of the pages go before this one: on Linux a thread has a niceness of its own, taken over by those that it starts."""
    if sys.platform == "linux":
        mine = threading.get_native_id()
        os.setpriority(os.PRIO_PROCESS, mine, min(19, os.getpriority(os.PRIO_PROCESS, mine) + NICE))


@st.cache_resource(show_spinner=False)
def job_queue() -> JobQueue:
    """Return the server's queue."""
    return JobQueue(worker_count(pick_device()), is_connected, visitor_of, job_limits(), bytes_in_use)


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
