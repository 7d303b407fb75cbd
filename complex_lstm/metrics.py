"""How good predictions are, beside what a trivial rule reaches."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Int, Shaped

from complex_lstm.data import Dataset


@dataclass(frozen=True)
class ClassScores:
    """Scores of classes. `confusion` counts windows by (actual, predicted); `largest` is the share of the commonest class."""

    windows: int
    accuracy: float
    largest: float
    confusion: Int[np.ndarray, "actual predicted"]

    @property
    def recall(self) -> Float[np.ndarray, " actual"]:
        """The share of each actual class that is predicted so; NaN for a class that does not occur."""
        return _share(self.confusion, axis=1)

    @property
    def precision(self) -> Float[np.ndarray, " predicted"]:
        """The share of each predicted class that is so; NaN for a class that is never predicted."""
        return _share(self.confusion, axis=0)


@dataclass(frozen=True)
class ValueScores:
    """Mean squared errors of each target, in units of the target's variance over the windows scored.

    `persistence` is that of repeating the window's last value.
    """

    windows: int
    squared_error: Float[np.ndarray, " target"]
    persistence: Float[np.ndarray, " target"]
    absolute_error: Float[np.ndarray, " target"]


def score(
    dataset: Dataset, chosen: Int[np.ndarray, " window"], predicted: Float[np.ndarray, "window output"]
) -> ClassScores | ValueScores | None:
    """Return the scores of predictions for the chosen windows, or None where no answer is known."""
    if dataset.schema.roles.task == "classes":
        return _score_classes(dataset.schema.classes, dataset.windows.label[chosen], predicted)
    return _score_values(dataset.windows.actual[chosen], dataset.windows.last[chosen], predicted)


def _score_classes(
    classes: tuple[str, ...], labels: Shaped[np.ndarray, " window"], predicted: Float[np.ndarray, "window output"]
) -> ClassScores | None:
    number = {name: place for place, name in enumerate(classes)}
    actual = np.array([number.get(label, len(classes)) for label in labels])
    known = actual < len(classes)
    if not known.any():
        return None
    confusion = np.zeros((len(classes), len(classes)), dtype=int)
    np.add.at(confusion, (actual[known], predicted[known].argmax(axis=1)), 1)
    total = int(confusion.sum())
    return ClassScores(total, confusion.trace() / total, confusion.sum(axis=1).max() / total, confusion)


def _score_values(
    actual: Float[np.ndarray, "window target"], last: Float[np.ndarray, "window target"], predicted: Float[np.ndarray, "window target"]
) -> ValueScores | None:
    known = ~np.isnan(actual).any(axis=1)
    if not known.any():
        return None
    variance = actual[known].var(axis=0)
    variance = np.where(variance > 0, variance, 1.0)
    off = predicted[known] - actual[known]
    still = np.nanmean((last[known] - actual[known]) ** 2, axis=0)
    return ValueScores(int(known.sum()), (off**2).mean(axis=0) / variance, still / variance, np.abs(off).mean(axis=0))


def _share(confusion: Int[np.ndarray, "actual predicted"], *, axis: int) -> Float[np.ndarray, " class"]:
    total = confusion.sum(axis=axis)
    return np.where(total > 0, np.diag(confusion) / np.maximum(total, 1), np.nan)
