"""Scores of predictions, beside what a trivial rule reaches."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float, Int, Shaped

from complex_lstm.data import Dataset

MOST_NAMED = 5  # unknown classes


@dataclass(frozen=True)
class ClassScores:
    """Scores of classes. `confusion` counts windows by (actual, predicted); `largest` is the share of the most frequent class.

    A window of a class that the model does not know counts as wrong: it is in `windows`, and in `mistaken` by what is predicted for
    it, but has no row in `confusion`.
    """

    windows: int
    accuracy: float
    largest: float
    confusion: Int[np.ndarray, "actual predicted"]
    mistaken: Int[np.ndarray, " predicted"] | int = 0

    @property
    def recall(self) -> Float[np.ndarray, " actual"]:
        """The share of each actual class that is predicted as it; NaN for a class that does not occur."""
        return _share(self.confusion, self.confusion.sum(axis=1))

    @property
    def precision(self) -> Float[np.ndarray, " predicted"]:
        """The share of each predicted class that is right; NaN for a class that is never predicted."""
        return _share(self.confusion, self.confusion.sum(axis=0) + self.mistaken)


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
    def relative_mae(self) -> Float[np.ndarray, " target"]:
        """The mean absolute error over that of repeating the last value; infinite where that rule has none."""
        return np.divide(self.mae, self.persistence_mae, out=np.full(self.mae.shape, np.inf), where=self.persistence_mae > 0)

    @property
    def persistence_r2(self) -> Float[np.ndarray, " target"]:
        """The coefficient of determination of repeating the last value."""
        return np.where(self.constant, np.nan, 1 - self.persistence)


def score(
    dataset: Dataset, chosen: Int[np.ndarray, " window"], predicted: Float[np.ndarray, "window output"]
) -> ClassScores | ValueScores | None:
    """Return the scores of predictions for the chosen windows, or None where no window has both a true answer and a prediction.

    A window without a prediction (NaN, see `inference.predict`) is not scored; `score_notes` says how many there are.
    """
    if dataset.schema.roles.task == "classes":
        return _score_classes(dataset.schema.classes, dataset.windows.label[chosen], predicted)
    return _score_values(dataset.windows.actual[chosen], dataset.windows.last[chosen], predicted)


def is_trivial(scores: ClassScores | ValueScores) -> bool:
    """Return whether a model is no better than the trivial rule: on the share of right classes, or on the mean over the targets."""
    if isinstance(scores, ClassScores):
        return bool(scores.accuracy <= scores.largest)
    return bool(scores.relative_mae.mean() >= 1)


def score_notes(dataset: Dataset, chosen: Int[np.ndarray, " window"], predicted: Float[np.ndarray, "window output"]) -> tuple[str, ...]:
    """Return what a score of these windows does not say by itself: which have no prediction, and which a class that the model lacks."""
    notes, total = [], len(chosen)
    without = total - int(has_prediction(predicted).sum())
    if without:
        notes.append(
            f"{without:,} of {total:,} windows {'have' if without > 1 else 'has'} no prediction, because the model's output is not a "
            f"finite number there: not scored."
        )
    if dataset.schema.roles.task == "classes":
        labels = dataset.windows.label[chosen].astype(str)
        known = ["", *dataset.schema.classes]
        names, counts = np.unique(labels[~np.isin(labels, known)], return_counts=True)
        if len(names):
            listed = ", ".join(f"{str(name)[:40]!r} ({count:,})" for name, count in zip(names[:MOST_NAMED], counts, strict=False))
            more = f" and {len(names) - MOST_NAMED:,} more" if len(names) > MOST_NAMED else ""
            unknown = int(counts.sum())
            have, they_count = ("has", "It counts") if unknown == 1 else ("have", "They count")
            notes.append(
                f"{unknown:,} of {total:,} windows {have} a class that the model does not know: {listed}{more}. {they_count} as wrong."
            )
    return tuple(notes)


def has_prediction(predicted: Float[np.ndarray, "window output"]) -> Bool[np.ndarray, " window"]:
    """Return which windows have a prediction: those whose outputs are all finite numbers."""
    return np.isfinite(predicted).all(axis=1)


def _score_classes(
    classes: tuple[str, ...], labels: Shaped[np.ndarray, " window"], predicted: Float[np.ndarray, "window output"]
) -> ClassScores | None:
    number = {name: place for place, name in enumerate(classes)}
    scored = (labels != "") & has_prediction(predicted)
    if not scored.any():
        return None
    actual = np.array([number.get(label, len(classes)) for label in labels[scored]])
    counts = np.zeros((len(classes) + 1, len(classes)), dtype=int)  # the last row: of classes that the model does not know
    np.add.at(counts, (actual, predicted[scored].argmax(axis=1)), 1)
    confusion, total = counts[:-1], int(counts.sum())
    return ClassScores(total, confusion.trace() / total, confusion.sum(axis=1).max() / total, confusion, counts[-1])


def _score_values(
    actual: Float[np.ndarray, "window target"], last: Float[np.ndarray, "window target"], predicted: Float[np.ndarray, "window target"]
) -> ValueScores | None:
    known = ~np.isnan(actual).any(axis=1) & has_prediction(predicted)
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


def _share(confusion: Int[np.ndarray, "actual predicted"], total: Int[np.ndarray, " class"]) -> Float[np.ndarray, " class"]:
    return np.where(total > 0, np.diag(confusion) / np.maximum(total, 1), np.nan)
