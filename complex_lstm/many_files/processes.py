"""A job in several processes on this machine. One that is killed takes nothing with it: its file is done again in another."""

from __future__ import annotations

import multiprocessing
import signal
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

from complex_lstm.many_files.finding import SourceFile
from complex_lstm.many_files.job import Job, JobInProcess, Outcome

TRIES = 2  # of a file whose process ended: the first may have been killed for another's memory
_SPAWN = multiprocessing.get_context("spawn")  # a fork of a process with threads can hang


@dataclass
class _Worker:
    process: BaseProcess
    pipe: Connection
    file: SourceFile


@dataclass
class _Pool:
    """The processes that work, the files that wait, and how often each file's process has ended."""

    job: Job
    out: Path
    cores: int
    waiting: deque[SourceFile]
    done: Callable[[Outcome], None]
    workers: list[_Worker] = field(default_factory=list)
    ended: dict[str, int] = field(default_factory=dict)

    def start(self) -> None:
        """Start a process on the next file."""
        here, there = _SPAWN.Pipe()
        process = _SPAWN.Process(target=_serve, args=(there, self.job, self.out, self.cores), daemon=True)
        process.start()
        there.close()  # the process alone has it now, so that its end is seen here
        self.workers.append(_Worker(process, here, self.waiting.popleft()))
        self._send(self.workers[-1])

    def listen(self) -> None:
        """Wait until a process has done a file or ended, and give it, or another process, the next one."""
        ready: list[Any] = wait([one.pipe for one in self.workers])
        for worker in [one for one in self.workers if one.pipe in ready]:
            try:
                self.done(worker.pipe.recv())
            except (EOFError, OSError):
                self._bury(worker)
                continue
            if self.waiting:
                worker.file = self.waiting.popleft()
                self._send(worker)
            else:
                self._dismiss(worker)

    def _send(self, worker: _Worker) -> None:
        with suppress(OSError):  # it has ended, which `listen` sees
            worker.pipe.send(worker.file)

    def _dismiss(self, worker: _Worker) -> None:
        worker.pipe.close()
        worker.process.join()
        self.workers.remove(worker)

    def _bury(self, worker: _Worker) -> None:
        """Have the file of a process that has ended done again, or count it as failed."""
        self._dismiss(worker)
        times = self.ended[worker.file.name] = self.ended.get(worker.file.name, 0) + 1
        if times < TRIES:
            self.waiting.appendleft(worker.file)
        else:
            self.done(Outcome(worker.file.name, "failed", reason=_why(worker.process.exitcode)))
        if self.waiting:
            self.start()

    def end(self) -> None:
        """End the processes that still work."""
        for worker in self.workers:
            worker.process.terminate()
            worker.process.join()


def in_processes(job: Job, files: tuple[SourceFile, ...], out: Path, workers: int, cores: int, done: Callable[[Outcome], None]) -> None:
    """Do the job for all files in so many processes, which share the cores; `done` is called with what became of each.

    A file whose process ends twice, killed for its memory for instance, has failed; the others go on.
    """
    pool = _Pool(job, out, max(1, cores // workers), deque(files), done)
    try:
        for _ in range(min(workers, len(files))):
            pool.start()
        while pool.workers:
            pool.listen()
    finally:
        pool.end()


def _serve(pipe: Connection, job: Job, out: Path, cores: int) -> None:
    """Do the job for each file that comes through the pipe, until its other end is closed, or its process has ended."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # who is interrupted is the process that has started this one, and ends it
    here = JobInProcess(job, out, cores)
    while True:
        try:
            file = pipe.recv()
        except (EOFError, OSError):
            return
        pipe.send(here.do(file))


def _why(exit_code: int | None) -> str:
    killed = exit_code is not None and exit_code < 0
    how = f"was killed by signal {-(exit_code or 0)}" if killed else f"ended with status {exit_code}"
    likely = " That is how a system ends what needs too much memory: use fewer --workers, or cut the file." if killed else ""
    return f"The process that worked on it {how}, {TRIES} times.{likely}"
