"""Predictions beside the true answers, for the windows that have both."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from jaxtyping import Bool, Float, Int, Shaped

from complex_lstm.data import Dataset
from complex_lstm.evaluation.blocks import Blocks, blocks_of
from complex_lstm.inference import Predictions
from complex_lstm.metrics import has_prediction


@dataclass(frozen=True)
class AnsweredWindows:
    """The windows of a part that have both a true answer and a prediction, in the order of the predictions.

    windows    their numbers in `dataset.windows`
    outputs    (window, output) the model's own: logits, or scaled values
    predicted  (window, output) probabilities of the classes, or values in the targets' units
    actual     (window) the number of the class, one past the last for a class that the model does not know; or
               (window, target) values in the targets' units
    """

    dataset: Dataset
    windows: Int[np.ndarray, " window"]
    outputs: Float[np.ndarray, "window output"]
    predicted: Float[np.ndarray, "window output"]
    actual: Shaped[np.ndarray, " window *target"]

    def __len__(self) -> int:
        return len(self.windows)

    @property
    def is_classes(self) -> bool:
        """Whether the answers are classes, and not values."""
        return self.dataset.schema.roles.task == "classes"

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the classes, or of the targets."""
        return self.dataset.schema.outputs

    @cached_property
    def blocks(self) -> Blocks:
        """The blocks by which the windows are resampled: neighbouring windows overlap and are no independent cases."""
        return blocks_of(self.dataset, self.windows)

    @property
    def right(self) -> Bool[np.ndarray, " window"]:
        """Whether the likeliest class is the actual one. Of classes only."""
        return np.asarray(self.predicted.argmax(axis=1) == self.actual)

    @property
    def errors(self) -> Float[np.ndarray, "window target"]:
        """Predicted less actual, in the targets' units. Of values only."""
        return np.asarray(self.predicted - self.actual)


def answered_windows(dataset: Dataset, predictions: Predictions) -> AnsweredWindows:
    """Return the windows that have both an answer and a prediction; of values, those whose every target is known."""
    chosen = predictions.chosen
    if dataset.schema.roles.task == "classes":
        number = {name: place for place, name in enumerate(dataset.schema.classes)}
        labels = dataset.windows.label[chosen]
        actual = np.array([number.get(label, len(number)) for label in labels], dtype=int)
        known = labels != ""
    else:
        actual = dataset.windows.actual[chosen]
        known = ~np.isnan(actual).any(axis=1)
    known &= has_prediction(predictions.predicted)
    return AnsweredWindows(dataset, chosen[known], predictions.outputs[known], predictions.predicted[known], actual[known])
