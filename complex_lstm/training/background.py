"""What a training does aside, while it goes on: looking into copies of its model, and writing what is kept."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from types import TracebackType

from complex_lstm.errors import Stopped


class BackgroundWorker:
    """A thread that does one thing at a time, of what nobody else changes meanwhile. It has done all of it when the block ends.

    torch lets go of Python's lock while it computes: where the training leaves a core idle, what is done aside costs it little.
    What fails is raised by the next call, or at the end of a block that has not failed itself: one that was stopped has not.
    """

    def __enter__(self) -> BackgroundWorker:
        self._thread = ThreadPoolExecutor(1, "aside")
        self._under_way: Future[None] | None = None
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._thread.shutdown()
        if error is None or isinstance(error, Stopped):
            self.wait()

    def do(self, task: Callable[[], None]) -> None:
        """Begin a task once the last is done."""
        self.wait()
        self._under_way = self._thread.submit(task)

    def wait(self) -> None:
        """Wait until the last task is done."""
        under_way, self._under_way = self._under_way, None
        if under_way is not None:
            under_way.result()
