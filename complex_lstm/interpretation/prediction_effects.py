"""The effect of a change of the model on its predictions for many windows, window by window."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from jaxtyping import Bool, Float, Int

from complex_lstm.data import Dataset
from complex_lstm.inference import in_data_terms, softmax

Score = Float[np.ndarray, " known"]


class Mean(NamedTuple):
    """A mean over windows and its standard error. Windows that overlap are alike, which makes the error too small."""

    value: float
    error: float


def mean_of(values: Float[np.ndarray, " window"] | Bool[np.ndarray, " window"]) -> Mean:
    """Return the mean of windows with its standard error: NaN of none, and of one for the error."""
    error = float(values.std(ddof=1) / np.sqrt(len(values))) if len(values) > 1 else np.nan
    return Mean(float(values.mean()) if len(values) else np.nan, error)


@dataclass(frozen=True)
class Effect:
    """How far predictions moved, and what that did to the score where the answer is known.

    moved   size of the change in each window: for classes of the probability of the class predicted before, else of the
            values, the mean over targets, in training standard deviations of what the model learns
    before  each known window's score as it was: 1 or 0 for a right or wrong class, else the squared error, the mean over
            targets, in variances of the targets over these windows
    after   the same afterwards
    """

    moved: Float[np.ndarray, " window"]
    before: Score
    after: Score

    @property
    def mean_moved(self) -> Mean:
        return mean_of(self.moved)

    @property
    def score_before(self) -> float:
        """Accuracy, or the mean squared error; NaN where no answer is known."""
        return mean_of(self.before).value

    @property
    def score_after(self) -> float:
        return mean_of(self.after).value

    @property
    def score_change(self) -> Mean:
        """The paired change: its error is smaller than that of two separate scores, since both are of the same windows."""
        return mean_of(self.after - self.before)


@dataclass(frozen=True)
class ClassEffect(Effect):
    """An effect on classes.

    flipped  True in the windows where another class is predicted than before
    margin   change of the logit of the class predicted before minus the largest other logit. A probability near 1 hardly
             moves whatever happens; the margin still does
    """

    flipped: Bool[np.ndarray, " window"]
    margin: Float[np.ndarray, " window"]

    @property
    def share_flipped(self) -> float:
        return mean_of(self.flipped).value

    @property
    def mean_margin(self) -> Mean:
        return mean_of(self.margin)


def measure_effect(
    dataset: Dataset,
    chosen: Int[np.ndarray, " window"],
    before: Float[np.ndarray, "window output"],
    after: Float[np.ndarray, "window output"],
) -> Effect:
    """Return the effect between two sets of the model's own outputs for the chosen windows. Windows without a prediction are left out."""
    finite = np.isfinite(before).all(axis=1) & np.isfinite(after).all(axis=1)
    chosen, before, after = chosen[finite], before[finite], after[finite]
    if dataset.schema.roles.task == "classes":
        return _of_classes(dataset, chosen, before.astype(float), after.astype(float))
    actual = dataset.windows.actual[chosen]
    known = ~np.isnan(actual).any(axis=1)
    errors = [in_data_terms(one.astype(float), dataset, chosen)[known] - actual[known] for one in (before, after)]
    variance = actual[known].var(axis=0) if known.any() else np.ones(actual.shape[1])
    variance = np.where(variance > 0, variance, 1.0)
    old, new = ((error**2 / variance).mean(axis=1) for error in errors)
    return Effect(np.abs(after.astype(float) - before).mean(axis=1), old, new)


def _of_classes(
    dataset: Dataset,
    chosen: Int[np.ndarray, " window"],
    before: Float[np.ndarray, "window output"],
    after: Float[np.ndarray, "window output"],
) -> ClassEffect:
    first, second = before.argmax(axis=1), after.argmax(axis=1)
    number = {name: place for place, name in enumerate(dataset.schema.classes)}
    labels = dataset.windows.label[chosen].astype(str)
    actual = np.array([number.get(label, -1) for label in labels], dtype=int)  # -1, which is never right: a class that the model lacks
    known = labels != ""
    was_right, is_right = ((predicted == actual)[known].astype(float) for predicted in (first, second))
    heat = dataset.scaling.temperature
    moved = _taken(softmax(after, heat), first) - _taken(softmax(before, heat), first)
    return ClassEffect(np.abs(moved), was_right, is_right, flipped=first != second, margin=_margin(after, first) - _margin(before, first))


def _taken(values: Float[np.ndarray, "window output"], outputs: Int[np.ndarray, " window"]) -> Float[np.ndarray, " window"]:
    return np.take_along_axis(values, outputs[:, None], axis=1)[:, 0]


def _margin(logits: Float[np.ndarray, "window output"], outputs: Int[np.ndarray, " window"]) -> Float[np.ndarray, " window"]:
    others = logits.copy()
    np.put_along_axis(others, outputs[:, None], -np.inf, axis=1)
    return _taken(logits, outputs) - others.max(axis=1)
