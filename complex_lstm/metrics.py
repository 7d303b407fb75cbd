"""Scores of predictions, beside what a trivial rule reaches."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float, Int, Shaped

from complex_lstm.data import Dataset


@dataclass(frozen=True)
class ClassScores:
    """Scores of classes. `confusion` counts windows by (actual, predicted); `largest` is the share of the most frequent class."""

    windows: int
    accuracy: float
    largest: float
    confusion: Int[np.ndarray, "actual predicted"]

    @property
    def recall(self) -> Float[np.ndarray, " actual"]:
        """The share of each actual class that is predicted as it; NaN for a class that does not occur."""
        return _share(self.confusion, axis=1)

    @property
    def precision(self) -> Float[np.ndarray, " predicted"]:
        """The share of each predicted class that is right; NaN for a class that is never predicted."""
        return _share(self.confusion, axis=0)


@dataclass(frozen=True)
class ValueScores:
    """Errors of each target, beside those of persistence: repeating the window's last value of the target.

    mae            mean absolute error, in the target's unit
    squared_error  mean squared error divided by the target's variance over the windows scored, so that always predicting
                   their mean gives 1. Of a target that never changes it is the mean squared error itself

    A low error alone is no merit where a target changes slowly: persistence has one too. It leaves out windows whose last
    value is unknown.
    """

    windows: int
    mae: Float[np.ndarray, " target"]
    squared_error: Float[np.ndarray, " target"]
    persistence_mae: Float[np.ndarray, " target"]
    persistence: Float[np.ndarray, " target"]
    constant: Bool[np.ndarray, " target"]

    @property
    def r2(self) -> Float[np.ndarray, " target"]:
        """The coefficient of determination: 1 without error, 0 for always predicting the mean, negative if worse than that.

        NaN for a target that never changes, of which there is nothing to explain.
        """
        return np.where(self.constant, np.nan, 1 - self.squared_error)

    @property
    def persistence_r2(self) -> Float[np.ndarray, " target"]:
        """The coefficient of determination of repeating the last value."""
        return np.where(self.constant, np.nan, 1 - self.persistence)


def score(
    dataset: Dataset, chosen: Int[np.ndarray, " window"], predicted: Float[np.ndarray, "window output"]
) -> ClassScores | ValueScores | None:
    """Return the scores of predictions for the chosen windows, or None where the true answer of none is known."""
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
    scale = np.where(variance > 0, variance, 1.0)
    errors, unchanged = predicted[known] - actual[known], last[known] - actual[known]
    return ValueScores(
        windows=int(known.sum()),
        mae=np.abs(errors).mean(axis=0),
        squared_error=(errors**2).mean(axis=0) / scale,
        persistence_mae=np.nanmean(np.abs(unchanged), axis=0),
        persistence=np.nanmean(unchanged**2, axis=0) / scale,
        constant=variance == 0,
    )


def _share(confusion: Int[np.ndarray, "actual predicted"], *, axis: int) -> Float[np.ndarray, " class"]:
    total = confusion.sum(axis=axis)
    return np.where(total > 0, np.diag(confusion) / np.maximum(total, 1), np.nan)
