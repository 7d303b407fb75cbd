"""Work in the background of a training: taking snapshots of copies of its model, and writing checkpoints."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from types import TracebackType

from complex_lstm.errors import Stopped


class BackgroundWorker:
    """A thread that runs one task at a time; all tasks are finished when the `with` block ends.

    It assumes that the training does not change what a task reads. torch releases Python's lock while it computes: where the
    training leaves a core idle, a task costs it little. An error of a task is raised by the next call, or at the end of the block
    unless the block raises an error itself; Stopped is none.
    """

    def __enter__(self) -> BackgroundWorker:
        self._thread = ThreadPoolExecutor(1, "training-background")
        self._task: Future[None] | None = None
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._thread.shutdown()
        if error is None or isinstance(error, Stopped):
            self.wait()

    def submit(self, task: Callable[[], None]) -> None:
        """Start a task once the last one is finished."""
        self.wait()
        self._task = self._thread.submit(task)

    def wait(self) -> None:
        """Wait until the last task is finished."""
        task, self._task = self._task, None
        if task is not None:
            task.result()
