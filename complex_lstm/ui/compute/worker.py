"""A process that computes for the server what takes long, so that the pages need not share an interpreter with it.

It reads from its standard input, of which the server alone has the other end, what to keep (models and data sets, by a number each),
what to call, and which of these calls is to wait, to go on or to stop. Each call has a thread; results and counts go to the standard
output. It ends with the server, however that ends, because its input is closed then. It knows no Streamlit and no visitor.
"""

from __future__ import annotations

import io
import os
import pickle
import signal
import sys
import threading
import time
import traceback
from collections.abc import Mapping
from typing import Any, BinaryIO

import psutil

from complex_lstm.errors import Stopped
from complex_lstm.ui.compute.limits import give_memory_back

JOB = "job"  # stands, in what is pickled, for the job that asks; what is kept stands there as its number
TELL = 0.2  # seconds between two reports of what a call has done
LIKELY = 500  # of 1,000: the system ends this before the server where memory is short
NICE = 10  # of 19 by which what computes lets the pages go first

Message = tuple[str, int, Any]  # what it is, of which call or thing, and with what


class Call:
    """One call, and in its arguments what stands for the job: it counts, reports, and knows whether the call must wait or stop."""

    def __init__(self, number: int, worker: Worker) -> None:
        self.number, self._worker = number, worker
        self.may_go, self.is_stopping = threading.Event(), False
        self.may_go.set()
        self._counted, self._progress, self._told = 0, (0, 0), time.monotonic()

    def must_stop(self) -> bool:
        """Return whether the call must stop; while it is another's turn, wait."""
        self.may_go.wait()
        return self.is_stopping

    def check_stop(self) -> None:
        """Raise `Stopped` if the call must stop."""
        if self.must_stop():
            raise Stopped

    def count(self, items: int) -> None:
        """Count items that are done."""
        self._counted += items
        self.tell()

    def report_progress(self, done: int, total: int) -> None:
        """Report how many items are done, and raise `Stopped` if the call must stop."""
        self._progress = done, total
        self.tell()
        self.check_stop()

    def tell(self, *, all_: bool = False) -> None:
        """Tell the server what was done since the last time, unless that was a moment ago."""
        now = time.monotonic()
        if not all_ and now - self._told < TELL:
            return
        self._told, counted, self._counted = now, self._counted, 0
        if counted:
            self._worker.tell("count", self.number, counted)
        if self._progress[1]:
            self._worker.tell("progress", self.number, self._progress)


class Worker:
    """What the process keeps, and the calls that it computes."""

    def __init__(self, asked: BinaryIO, answers: BinaryIO) -> None:
        self._asked, self._answers, self._telling = asked, answers, threading.Lock()
        self._kept: dict[int, Any] = {}
        self._calls: dict[int, Call] = {}

    def listen(self) -> None:
        """Do what the server says until it says nothing more."""
        while True:
            try:
                what, number, content = pickle.load(self._asked)
            except (EOFError, OSError):
                return
            self._do(what, number, content)

    def _do(self, what: str, number: int, content: Any) -> None:
        if what == "keep":
            self._kept[number] = pickle.loads(content)
        elif what == "forget":
            self._kept.pop(number, None)
        elif what == "call":
            call = self._calls[number] = Call(number, self)
            threading.Thread(target=self._compute, args=(call, content, self._kept.copy()), daemon=True).start()
        elif told := self._calls.get(number):  # else it has just ended
            told.is_stopping = told.is_stopping or what == "stop"
            (told.may_go.clear if what == "wait" else told.may_go.set)()

    def _compute(self, call: Call, content: bytes, kept: dict[int, Any]) -> None:
        try:
            function, args, options = Reader(io.BytesIO(content), {**kept, JOB: call}).load()
            answer = "done", call.number, _written(function(*args, **options), kept)
        except BaseException as error:  # the server raises it where the result is read
            answer = "failed", call.number, _written_error(error)
        call.tell(all_=True)
        del self._calls[call.number]
        self.tell(*answer)
        if not self._calls:
            give_memory_back()

    def tell(self, what: str, number: int, content: Any = None) -> None:
        """Tell the server something."""
        try:
            with self._telling:
                pickle.dump((what, number, content), self._answers)
                self._answers.flush()
        except OSError:  # it has ended
            os._exit(0)


class Reader(pickle.Unpickler):
    """Reads a call or a result, with these things in the places of their numbers, and of `JOB`."""

    def __init__(self, file: BinaryIO, things: Mapping[Any, Any]) -> None:
        super().__init__(file)
        self._things = things

    def persistent_load(self, pid: Any) -> Any:
        return self._things[pid]


class _Writer(pickle.Pickler):
    """Writes a result, with the number of what is kept here in its place."""

    def __init__(self, file: BinaryIO, numbers: dict[int, int]) -> None:
        super().__init__(file, pickle.HIGHEST_PROTOCOL)
        self._numbers = numbers

    def persistent_id(self, obj: Any) -> Any:
        return self._numbers.get(id(obj))


def _written(result: Any, kept: dict[int, Any]) -> bytes:
    file = io.BytesIO()
    _Writer(file, {id(thing): number for number, thing in kept.items()}).dump(result)
    return file.getvalue()


def _written_error(error: BaseException) -> bytes:
    """Return an error with the place where it was raised; one that cannot be read again as one of Python's own."""
    error.add_note("".join(traceback.format_exception(error)))
    try:
        written = pickle.dumps(error)
        pickle.loads(written)
    except (pickle.PickleError, TypeError, AttributeError):  # its class is made otherwise than by its words
        return pickle.dumps(RuntimeError(f"{type(error).__name__}: {error}"))
    return written


def let_server_go_first() -> None:
    """Have the system prefer the server's process to this one, in time and where memory is short."""
    if sys.platform == "linux":
        os.nice(NICE)
        with open("/proc/self/oom_score_adj", "w") as file:
            file.write(str(LIKELY))


def limit_memory(most: int) -> None:
    """Have allocations fail beyond so many bytes more than now, where the system can; 0 is no limit."""
    if most and sys.platform == "linux":
        import resource

        most += psutil.Process().memory_info().data
        resource.setrlimit(resource.RLIMIT_DATA, (most, most))


def main(threads: int, most_bytes: int) -> None:
    """Compute until the server ends, with so many of torch's threads, and with so many bytes at most."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl+C is the server's, with which this ends
    asked, answers = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what a library prints goes to the server's log
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    let_server_go_first()

    import torch

    import complex_lstm.interpretation  # noqa: F401  # so that the first call need not wait for it

    torch.set_num_threads(threads)
    limit_memory(most_bytes)
    worker = Worker(asked, answers)
    worker.tell("ready", os.getpid())
    worker.listen()
    os._exit(0)  # in the midst of a forward pass too
