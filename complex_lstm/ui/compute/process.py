"""One of the processes that compute for the server's jobs, as the server sees it, and what is sent to it and comes back.

Both ends unpickle what comes through the two pipes between them, which nobody else has: the server what its own functions return.
"""

from __future__ import annotations

import io
import os
import pickle
import queue
import subprocess
import sys
import threading
import time
import weakref
from collections import OrderedDict
from contextlib import suppress
from itertools import count
from typing import Any

import psutil
import torch

from complex_lstm.data import Dataset
from complex_lstm.errors import Stopped
from complex_lstm.locations import PACKAGE
from complex_lstm.model import ComplexLSTMModel
from complex_lstm.ui.compute.job import Job
from complex_lstm.ui.compute.worker import JOB, Message, Reader

LOOK = 0.1  # seconds between two looks whether a job must step aside or stop
HEED = 0.6  # seconds after which a process that does not stop is ended: in the midst of a long forward pass, for instance
KEPT = 8  # models and data sets that a process keeps
COMMAND = "import sys; from complex_lstm.ui.compute.worker import main; main(int(sys.argv[1]), int(sys.argv[2]))"


class Ended(Exception):  # noqa: N818  # an event
    """The process has ended before its answer; `is_ours`: this server has ended it, for another call's sake."""

    def __init__(self, *, is_ours: bool) -> None:
        self.is_ours = is_ours


class Process:
    """One of the processes, as the server sees it: `calls` are under way in it, of which `active` do not wait."""

    def __init__(self, most_bytes: int = 0) -> None:
        self.is_ready, self.has_ended, self.is_ours = threading.Event(), threading.Event(), False
        self._base, self._numbers, self._writing = 0, count(1), threading.Lock()
        self._answers: dict[int, queue.SimpleQueue[Message]] = {}
        self._waiting: set[int] = set()
        self._keeps: OrderedDict[int, weakref.ref[Any]] = OrderedDict()
        self._process = subprocess.Popen(
            [sys.executable, "-c", COMMAND, str(torch.get_num_threads()), str(most_bytes)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            cwd=PACKAGE.parent,  # where it finds this very package
            env={"MALLOC_ARENA_MAX": "2"} | os.environ,
        )
        self._listening = threading.Thread(target=self._listen, daemon=True)
        self._listening.start()

    @property
    def id(self) -> int:
        return self._process.pid

    @property
    def calls(self) -> int:
        return len(self._answers)

    @property
    def active(self) -> int:
        return len(self._answers) - len(self._waiting)

    def compute(self, job: Job[Any], content: bytes, needed: dict[int, Any]) -> Any:
        """Return the result of a call, whose job is told what is done meanwhile.

        Raises:
            Ended: the process has ended before.
            Stopped: the job must stop. A process that does not heed it is ended.
            BaseException: what the function raised.
        """
        number, answers = next(self._numbers), queue.SimpleQueue[Message]()
        self._answers[number] = answers
        counted, looked = 0, time.monotonic()
        try:
            self._call(number, content, needed)
            while True:
                what, value = _hear(answers, LOOK)
                if what == "count":
                    counted += value
                    job.count(value)
                elif what == "progress":
                    job.done, job.total = value
                elif what:
                    return self._answer(what, value, needed)
                if time.monotonic() - looked > LOOK and job.must_wait():
                    if self._wait(number, job):
                        return self._stop(number, answers, needed)
                    looked = time.monotonic()
        except Ended:
            job.count(-counted)
            raise
        finally:
            self._waiting.discard(number)
            del self._answers[number]

    def _answer(self, what: str, value: Any, needed: dict[int, Any]) -> Any:
        if what == "ended":
            raise Ended(is_ours=self.is_ours)
        if what == "failed":
            raise pickle.loads(value)
        return Reader(io.BytesIO(value), needed).load()

    def _wait(self, number: int, job: Job[Any]) -> bool:
        """Have a call wait for the job's next turn, and return whether it must stop then."""
        self._waiting.add(number)
        self._tell("wait", number)
        if job.must_stop():
            return True
        self._waiting.discard(number)
        self._tell("go", number)
        return False

    def _stop(self, number: int, answers: queue.SimpleQueue[Message], needed: dict[int, Any]) -> Any:
        """Have a call stop, and return its result where it was done by then."""
        self._tell("stop", number)
        end = time.monotonic() + HEED
        while (left := end - time.monotonic()) > 0:
            what, value = _hear(answers, left)
            if what in ("done", "failed"):
                return self._answer(what, value, needed)
            if what == "ended":
                raise Stopped
        self.is_ours = True
        self._process.kill()
        raise Stopped

    def _call(self, number: int, content: bytes, needed: dict[int, Any]) -> None:
        """Send a call, after what it needs and the process does not keep yet."""
        with self._writing:
            for one, thing in needed.items():
                if one not in self._keeps:
                    self._write("keep", one, pickle.dumps(thing, pickle.HIGHEST_PROTOCOL))
                    self._keeps[one] = weakref.ref(thing)
                self._keeps.move_to_end(one)
            for one, kept in list(self._keeps.items()):
                if kept() is None or (len(self._keeps) > KEPT and one not in needed):
                    self._write("forget", one)
                    del self._keeps[one]
            self._write("call", number, content)

    def _tell(self, what: str, number: int) -> None:
        with self._writing:
            self._write(what, number)

    def _write(self, what: str, number: int, content: bytes = b"") -> None:
        assert self._process.stdin
        try:
            pickle.dump((what, number, content), self._process.stdin)
            self._process.stdin.flush()
        except (OSError, ValueError):  # the pipe has no reader any more, or is closed
            raise Ended(is_ours=self.is_ours) from None

    def _listen(self) -> None:
        """Pass on what the process says, to the thread whose call it is of."""
        assert self._process.stdin
        assert self._process.stdout
        try:
            while True:
                what, number, content = pickle.load(self._process.stdout)
                if what == "ready":
                    self._base = psutil.Process(self.id).memory_info().rss
                    self.is_ready.set()
                elif number in self._answers:
                    self._answers[number].put((what, number, content))
        except (EOFError, OSError, pickle.UnpicklingError, psutil.NoSuchProcess):
            self._process.wait()
        self.has_ended.set()
        self._process.stdout.close()
        with self._writing, suppress(OSError):  # what was written and not read is lost
            self._process.stdin.close()
        for answers in list(self._answers.values()):
            answers.put(("ended", 0, None))

    def resident_bytes(self) -> int:
        """Return the memory that the process holds."""
        try:
            return int(psutil.Process(self.id).memory_info().rss)
        except psutil.NoSuchProcess:
            return 0

    def bytes_taken(self) -> int:
        """Return the memory that the process has taken since it was ready."""
        return max(0, self.resident_bytes() - self._base) if self.is_ready.is_set() else 0

    def end(self) -> None:
        """End the process, and wait until it has ended."""
        self.is_ours = True
        self._process.kill()
        self._listening.join()


class Things:
    """The numbers by which processes know models and data sets."""

    def __init__(self) -> None:
        self._lock, self._next = threading.Lock(), count(1)
        self._known: dict[int, tuple[weakref.ref[Any], int]] = {}  # by id, which another thing may have later

    def number(self, thing: Any) -> int:
        """Return the number of a thing."""
        with self._lock:
            known, number = self._known.get(id(thing), (lambda: None, 0))
            if known() is not thing:
                self._known = {one: kept for one, kept in self._known.items() if kept[0]() is not None}
                number = next(self._next)
                self._known[id(thing)] = weakref.ref(thing), number
            return number

    def write(self, value: Any, job: Job[Any]) -> tuple[bytes, dict[int, Any]]:
        """Return a value as bytes, and the things in it by their numbers, which stand there in their place."""
        file = io.BytesIO()
        writer = _Writer(file, self, job)
        writer.dump(value)
        return file.getvalue(), writer.needed


class _Writer(pickle.Pickler):
    def __init__(self, file: io.BytesIO, things: Things, job: Job[Any]) -> None:
        super().__init__(file, pickle.HIGHEST_PROTOCOL)
        self._things, self._job = things, job
        self.needed: dict[int, Any] = {}

    def persistent_id(self, obj: Any) -> Any:
        if obj is self._job:
            return JOB
        if not isinstance(obj, (ComplexLSTMModel, Dataset)):
            return None
        number = self._things.number(obj)
        self.needed[number] = obj
        return number


def _hear(answers: queue.SimpleQueue[Message], seconds: float) -> tuple[str, Any]:
    """Return what is answered within a time, "" where nothing is."""
    try:
        what, _, value = answers.get(timeout=seconds)
    except queue.Empty:
        return "", None
    return what, value
