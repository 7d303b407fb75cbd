"""What a simple model is, and the windows that it is fitted on: those of the training part, thinned out where there are very many."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Int, Shaped

from complex_lstm.data import Dataset, scale_targets
from complex_lstm.errors import Stopped, never_stop

BATCH_CELLS = 2**21  # numbers of the windows that are gathered at once: 8 MB
MOST_CELLS = 10**9  # numbers of all windows that are fitted on: about ten seconds to read them

Stop = Callable[[], bool]
Predict = Callable[[Int[np.ndarray, " window"]], Float[np.ndarray, "window output"]]


@dataclass(frozen=True)
class SimpleModel:
    """A rule or a simple model, ready to predict.

    name     what it is called within a sentence: "ridge", "repeating the last value"
    how      what it is, and what it was fitted on, in one sentence
    predict  returns for windows of the data set, by their numbers, probabilities of the classes or values in the targets' units.
             All are NaN for a window that it cannot predict. A rule that only names a class gives it the probability 1
    """

    name: str
    how: str
    predict: Predict


@dataclass(frozen=True)
class NotFitted:
    """A simple model that is left out, and the reason in one sentence."""

    name: str
    reason: str


@dataclass(frozen=True)
class TrainingWindows:
    """Windows of the training part whose answer is known.

    `truth` is the number of each window's class, or (window, target) what the model learns: scaled values, or their scaled changes.
    `every` is how many there are in all; `stop` is asked while something is fitted.
    """

    dataset: Dataset
    windows: Int[np.ndarray, " window"]
    truth: Shaped[np.ndarray, " window *target"]
    every: int
    stop: Stop = never_stop

    def __len__(self) -> int:
        return len(self.windows)

    @property
    def words(self) -> str:
        """How many windows there are, and that they are thinned out where they are."""
        if len(self) < self.every:
            return f"{len(self):,} of {self.every:,} training windows, evenly spread"
        return f"{len(self):,} training windows"

    def thinned(self, most: int) -> TrainingWindows:
        """Return at most so many of the windows, or a thousand million numbers of them, evenly spread over each class and over time."""
        numbers = int(self.dataset.windows.length[self.windows].max(initial=1)) * len(self.dataset.schema.roles.features)
        most = max(2, min(most, MOST_CELLS // numbers))
        if len(self) <= most:
            return self
        is_classes = self.dataset.schema.roles.task == "classes"
        order = np.argsort(self.truth, kind="stable") if is_classes else np.arange(len(self))
        kept = np.sort(order[np.linspace(0, len(self) - 1, most).astype(int)])
        return TrainingWindows(self.dataset, self.windows[kept], self.truth[kept], self.every, self.stop)


def training_windows(dataset: Dataset, stop: Stop = never_stop) -> TrainingWindows:
    """Return the windows of a data set's training part whose answer is known: those that the model is trained on."""
    chosen, windows = dataset.windows.of_part("training"), dataset.windows
    if dataset.schema.roles.task == "classes":
        number = {name: place for place, name in enumerate(dataset.schema.classes)}
        truth = np.array([number.get(label, -1) for label in windows.label[chosen]], dtype=int)
        known = truth >= 0
    else:
        truth = scale_targets(windows.actual[chosen], windows.last[chosen], dataset.scaling, dataset.window)
        known = np.isfinite(truth).all(axis=1)
    return TrainingWindows(dataset, chosen[known], truth[known], int(known.sum()), stop)


def batches(
    dataset: Dataset, windows: Int[np.ndarray, " window"], stop: Stop = never_stop, *, cells: int = BATCH_CELLS
) -> Iterator[Int[np.ndarray, " batch"]]:
    """Yield the windows in batches that take a bounded memory.

    Raises:
        Stopped: `stop` returned True, before one of them.
    """
    longest = int(dataset.windows.length[windows].max(initial=1))
    size = max(1, cells // (longest * len(dataset.schema.roles.features)))
    for first in range(0, len(windows), size):
        if stop():
            raise Stopped
        yield windows[first : first + size]
