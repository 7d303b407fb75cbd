"""A job on a Ray cluster, by Ray Data: actors that have the model loaded take the files from one queue."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from complex_lstm.errors import ConfigError, install_extra
from complex_lstm.many_files.finding import SourceFile
from complex_lstm.many_files.job import Job, JobInProcess, Outcome


class _Actor:
    """A process of the cluster, with the model loaded once."""

    def __init__(self, job: Job, files: tuple[SourceFile, ...], out: Path) -> None:
        self.here, self.files = JobInProcess(job, out, cores=1), files

    def __call__(self, row: dict[str, Any]) -> dict[str, Any]:
        return {"outcome": self.here.do(self.files[row["number"]])}


def on_ray(job: Job, files: tuple[SourceFile, ...], out: Path, workers: int, done: Callable[[Outcome], None]) -> None:
    """Do the job for all files in so many actors; `done` is called with what became of each.

    Every machine must find the files, the model and `out` at the same paths. A file whose actor ends twice has failed; the others go on.

    Raises:
        ConfigError: Ray is not installed, or no cluster answers.
    """
    with ray_cluster(workers, "--workers N shares the work on this machine.") as ray:
        _run(ray, job, files, out, workers, done)


@contextmanager
def ray_cluster(workers: int, instead: str) -> Iterator[Any]:
    """Yield the module ray, joined to the cluster that RAY_ADDRESS names, or to a local one of so many processes.

    Raises:
        ConfigError: Ray is not installed, of which the message says what would do `instead`; or no cluster answers.
    """
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")  # nothing leaves the machine
    try:
        import ray
        import ray.data
    except ModuleNotFoundError as error:
        raise ConfigError(f"--engine ray needs Ray: {install_extra('ray')}. {instead}") from error
    is_local = "RAY_ADDRESS" not in os.environ
    try:
        ray.init(num_cpus=workers if is_local else None, include_dashboard=False if is_local else None, logging_level=logging.ERROR)
    except (ConnectionError, RuntimeError, ValueError) as error:
        raise ConfigError(f"No Ray cluster answers: {error}. Check RAY_ADDRESS, or leave it out for a local one.") from error
    try:
        yield ray
    finally:
        ray.shutdown()


def _run(ray: Any, job: Job, files: tuple[SourceFile, ...], out: Path, workers: int, done: Callable[[Outcome], None]) -> None:
    context = ray.data.DataContext.get_current()
    context.enable_progress_bars, context.max_errored_blocks = False, -1  # a file that cannot be done stops no other
    logging.getLogger("ray.data").setLevel(logging.CRITICAL)
    rows = ray.data.from_items([{"number": number} for number in range(len(files))], override_num_blocks=len(files))
    results = rows.map(
        _Actor,
        fn_constructor_args=(job, files, out),
        compute=ray.data.ActorPoolStrategy(size=min(workers, len(files))),
        num_cpus=1,
        max_restarts=-1,
        max_task_retries=1,
    )
    missing = {file.name for file in files}
    for row in results.iter_rows():
        done(row["outcome"])
        missing.discard(row["outcome"].file)
    for name in sorted(missing):
        done(Outcome(name, "failed", reason="The actor that worked on it ended, twice: likely for want of memory. Cut the file."))
