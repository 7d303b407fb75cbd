"""What a page rests on beside the trace: passes of its own, which go on beside the page and can be stopped."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from concurrent.futures import TimeoutError
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from complex_lstm.errors import Stopped
from complex_lstm.ui.tour.window import TourWindow
from complex_lstm.ui.work import Run, Work, visitor, works

Found = TypeVar("Found")


@dataclass(frozen=True)
class Evidence(Generic[Found]):
    """One kind of evidence, by its name, and how it is computed for a window. It is kept among the server's works."""

    name: str
    compute: Callable[[TourWindow, Work[Any]], Found]

    def key(self, window: TourWindow) -> Hashable:
        """Return what its work is known by."""
        return (f"tour_{self.name}", window.scene.keys, window.scene.number, window.target)

    def run(self, window: TourWindow) -> Run:
        """Return the computation for a window."""
        return lambda work: self.compute(window, work)

    def of(self, window: TourWindow, *, patience: float | None = None) -> Found:
        """Return what was found for a window, computed now if it was not.

        Raises:
            TimeoutError: it takes longer than `patience` seconds. It goes on meanwhile.
            Stopped: somebody stopped it.
        """
        work: Work[Found] = works().ask(self.key(window), self.run(window), visitor())
        assert work.future is not None
        return work.future.result(patience)

    def stop(self, window: TourWindow) -> None:
        """Stop computing it, whoever waits for it."""
        works().abandon(self.key(window))

    def is_known(self, window: TourWindow, *, patience: float = 0.0) -> bool:
        """Return whether it is there, after waiting so many seconds for it; without patience nothing is begun."""
        work = works().find(self.key(window))
        if not patience or (work is not None and work.state == "done"):
            return work is not None and work.state == "done"
        try:
            self.of(window, patience=patience)
        except (TimeoutError, Stopped):
            return False
        return True
