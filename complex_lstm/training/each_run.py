"""Runs trained one after another here, several at once in processes of this machine, or as tasks of a Ray cluster."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from multiprocessing import get_context
from pathlib import Path
from typing import Any, Literal

import torch
from lightning.pytorch.callbacks import Callback

from complex_lstm.errors import Stopped, StorageError, TrainingError
from complex_lstm.many_files.on_ray import ray_cluster
from complex_lstm.model.device import core_count
from complex_lstm.runs import open_run
from complex_lstm.runs.atomic_files import LAST
from complex_lstm.training.run import train_run

NextRun = Callable[[], Path | None]
Ended = Callable[[Path, str], None]


@dataclass(frozen=True)
class Workers:
    """How many runs are trained at once, and where. One of the engine "processes" is trained in this process."""

    count: int = 1
    engine: Literal["processes", "ray"] = "processes"


def train_one(folder: Path, queue: Path | None = None, callbacks: tuple[Callback, ...] = ()) -> str:
    """Train or resume the run in a folder, and return how it ended: also why it could not be trained.

    Raises:
        Stopped: by a command.
        StorageError: the disk is full, which the next run would meet as well.
    """
    run = open_run(folder)
    try:
        # one that is resumed has lost its place in the queue
        ended = train_run(replace(run, status=replace(run.status, queued=0.0)), queue=queue, callbacks=callbacks)
    except StorageError:
        raise
    except TrainingError as error:
        return str(error)
    if ended.status.state == "stopped":
        raise Stopped("Stopped.")
    (folder / LAST).unlink(missing_ok=True)  # three times the model's size, and of no use any more
    return ended.status.message + "".join(f" {one.part} {one.measure} {one.score:.4f}." for one in ended.status.scores)


def train_each(next_run: NextRun, ended: Ended, workers: Workers, queue: Path | None = None, callbacks: tuple[Callback, ...] = ()) -> None:
    """Train the runs whose folders `next_run` returns, until it returns None; `ended` is called here with a folder and how its run ended.

    `next_run` is asked whenever a worker is free, so that it knows what has ended before. `callbacks` are of runs in this process alone.

    Raises:
        Stopped: a run was stopped by a command, or `next_run` says so. The runs that are under way have ended then.
        TrainingError: a process was killed. All that was trained stays, and the same again goes on.
        ConfigError: Ray is not installed, or no cluster answers.
    """
    if workers.engine == "processes" and workers.count == 1:
        while (folder := next_run()) is not None:
            ended(folder, train_one(folder, queue, callbacks))
        return
    with _on_ray(workers.count) if workers.engine == "ray" else _in_processes(workers.count) as (submit, first_done, result):
        _keep_busy(next_run, ended, workers.count, lambda folder: submit(folder, queue), first_done, result)


def _keep_busy(
    next_run: NextRun,
    ended: Ended,
    count: int,
    submit: Callable[[Path], Any],
    first_done: Callable[[list[Any]], list[Any]],
    result: Callable[[Any], str],
) -> None:
    under_way: dict[Any, Path] = {}
    try:
        while True:
            while len(under_way) < count and (folder := next_run()) is not None:
                under_way[submit(folder)] = folder
            if not under_way:
                return
            for task in first_done(list(under_way)):
                folder = under_way.pop(task)
                ended(folder, result(task))
    except Stopped:
        while under_way:  # each has its own command to stop
            for task in first_done(list(under_way)):
                under_way.pop(task)
                with suppress(Stopped, TrainingError):
                    result(task)
        raise


@contextmanager
def _in_processes(count: int) -> Iterator[Any]:
    share = max(1, core_count() // count)
    with ProcessPoolExecutor(count, get_context("spawn"), initializer=_begin, initargs=(share,)) as pool:
        yield lambda *task: pool.submit(train_one, *task), lambda tasks: list(wait(tasks, return_when=FIRST_COMPLETED).done), _result


def _begin(threads: int) -> None:
    torch.set_num_threads(threads)
    logging.getLogger("lightning.pytorch").setLevel(logging.WARNING)  # it prints the same few lines for every run


def _result(task: Future[str]) -> str:
    try:
        return task.result()
    except BrokenProcessPool as error:
        raise TrainingError(
            "A process that trained was killed: there may not have been enough memory. Use fewer --workers; the same command goes on."
        ) from error


@contextmanager
def _on_ray(count: int) -> Iterator[Any]:
    with ray_cluster(count, "--workers N trains several at once on this machine.") as ray:
        train = ray.remote(num_cpus=1, max_retries=1)(_train_on_ray)
        yield train.remote, lambda tasks: ray.wait(tasks, num_returns=1)[0], ray.get


def _train_on_ray(folder: Path, queue: Path | None) -> str:
    _begin(1)
    return train_one(folder, queue)
