"""Processes in which jobs compute what takes long, so that the pages need not share an interpreter with it.

A job's function goes on in a thread of the server: it has the turns, the limits, the partial results and what is kept. Single calls of
it, of functions that know models, data sets and values alone, are computed in one of a few processes (`computed`), while the thread
waits and looks now and then whether the job must step aside or stop. Models and data sets are sent to a process once.

The pools of concurrent.futures, loky and joblib cannot have one of several calls in a process wait, go on or stop.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any, ParamSpec, TypeVar

import streamlit as st
from streamlit.logger import get_logger

from complex_lstm.config.serving import served
from complex_lstm.errors import LimitError
from complex_lstm.model.device import pick_device, worker_count
from complex_lstm.ui.compute.job import Job, running_job
from complex_lstm.ui.compute.limits import job_limits, resident_bytes
from complex_lstm.ui.compute.process import LOOK, Ended, Process, Things

P = ParamSpec("P")
Result = TypeVar("Result")

TRIES = 2  # of a call whose process ended: the first may have been ended for another's memory

LOGGER = get_logger(__name__)


def computed(function: Callable[P, Result], *args: P.args, **options: P.kwargs) -> Result:
    """Return what a function returns for a job: computed in a process where there are any, else here.

    What it gets and returns must be values that can be pickled, of the job `must_stop`, `check_stop`, `count` and `report_progress`.

    Raises:
        Stopped: the job must stop.
        LimitError: the process has ended in the midst of it, twice.
        BaseException: what the function raised.
    """
    job, pool = running_job(), processes()
    return function(*args, **options) if job is None or pool is None else pool.compute(job, function, args, options)


@st.cache_resource(show_spinner=False)
def processes() -> Processes | None:
    """Return the server's processes, begun with the first call; None where jobs compute in its threads.

    So they do on a GPU, of which each process would need a share, and for one person alone, where `complex-lstm serve` was not asked.
    """
    told, device = served(), pick_device()
    many = min(told.jobs.processes, worker_count(device)) if told and device.type == "cpu" else 0
    return Processes(many, job_limits().bytes) if many else None


def bytes_in_use() -> int:
    """Return the memory of the server, and what its processes have taken since they began."""
    pool = processes()
    return resident_bytes() + (pool.bytes_taken() if pool else 0)


class Processes:
    """So many processes, each of which computes several calls where jobs have stepped aside in the midst of one.

    One that ends is replaced. Of those that end before they can compute anything, a few are; then jobs compute in the server's threads.
    """

    def __init__(self, many: int, most_bytes: int = 0) -> None:
        self._many, self._most_bytes = many, most_bytes
        self._lock, self._failed = threading.Lock(), 0
        self._things = Things()
        self.running: list[Process] = []
        self._replace_ended()

    def compute(self, job: Job[Any], function: Callable[..., Any], args: Any, options: Any) -> Any:
        """Return what a function returns, as `computed`."""
        content, needed = self._things.write((function, args, options), job)
        tries = 0
        while tries < TRIES:
            process = self._next(job)
            if process is None:
                return function(*args, **options)
            try:
                return process.compute(job, content, needed)
            except Ended as ended:
                tries += not ended.is_ours
        raise LimitError("The process that computed this was ended twice, as a system does where memory is short. Choose less to compute.")

    def _next(self, job: Job[Any]) -> Process | None:
        """Return the process that has least to do, as soon as one is ready; None where none can be started."""
        while True:
            job.check_stop()
            self._replace_ended()
            able = list(self.running)
            if not able:
                return None
            if ready := [one for one in able if one.is_ready.is_set()]:
                return min(ready, key=lambda one: (one.active, one.calls))
            able[0].is_ready.wait(LOOK)

    def _replace_ended(self) -> None:
        with self._lock:
            ended = [one for one in self.running if one.has_ended.is_set()]
            self._failed += sum(not one.is_ready.is_set() for one in ended)
            self.running = [one for one in self.running if one not in ended]
            if self._failed >= TRIES * self._many:
                if ended:
                    LOGGER.warning("The processes that compute for the pages end as soon as they begin: threads of the server compute.")
                return
            while len(self.running) < self._many:
                self.running.append(Process(self._most_bytes))

    @property
    def ready(self) -> list[Process]:
        """Those that can compute."""
        return [one for one in list(self.running) if one.is_ready.is_set() and not one.has_ended.is_set()]

    def bytes_taken(self) -> int:
        """Return the memory that the processes have taken since they began."""
        return sum(one.bytes_taken() for one in list(self.running))

    def close(self) -> None:
        """End the processes, and wait until they have ended."""
        self._many = 0
        for one in self.running:
            one.end()
