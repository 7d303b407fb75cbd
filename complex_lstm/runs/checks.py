"""Checks before training: what makes it pointless or impossible."""

from __future__ import annotations

import numpy as np

from complex_lstm.data import Dataset
from complex_lstm.errors import TrainingError

FEWEST = 2  # windows to train on; with fewer there is nothing to distinguish
FEW = 30


def check_trainable(dataset: Dataset) -> tuple[str, ...]:
    """Return warnings about training on a data set, each a sentence or two.

    Raises:
        TrainingError: the training part has fewer than two windows with an answer, or one class.
    """
    training = dataset.windows.of_part("training")
    known = _known(dataset)[training]
    if known.sum() < FEWEST:
        raise TrainingError(
            f"The training part has {known.sum()} window(s) with an answer. Lower the stride or the window's length, or add rows."
        )
    notes = []
    if known.sum() < FEW:
        notes.append(f"Only {known.sum()} windows to train on: a model learns hardly more than chance from so few.")
    if not len(dataset.windows.of_part("validation")):
        notes.append("There is no validation part: the last epoch is kept, and which one was best is not known.")
    if dataset.schema.roles.task == "classes":
        notes += _classes_left_out(dataset, set(dataset.windows.label[training].tolist()))
    return tuple(notes)


def check_scored(dataset: Dataset) -> None:
    """Check that a model can be scored on a data set.

    Raises:
        TrainingError: it has neither a validation nor a test part.
    """
    if not len(dataset.windows.of_part("validation")) and not len(dataset.windows.of_part("test")):
        raise TrainingError(
            "There is neither a validation nor a test part: no model would have a score to compare. "
            "Shorten the windows, split the data another way, or add rows."
        )


def _known(dataset: Dataset) -> np.ndarray:
    if dataset.schema.roles.task == "classes":
        return np.isin(dataset.windows.label.astype(str), dataset.schema.classes)
    return ~np.isnan(dataset.windows.actual).any(axis=1)


def _classes_left_out(dataset: Dataset, present: set[str]) -> list[str]:
    classes = dataset.schema.classes
    there = [name for name in classes if name in present]
    if len(there) < 2:
        raise TrainingError(
            f"All windows of the training part have the class {there[0]}: there is nothing to distinguish. "
            f"Split the data by series or by group instead of by time, or lower the shares of validation and test."
        )
    missing = [name for name in classes if name not in present]
    if not missing:
        return []
    return [f"No window of the training part has the class {', '.join(missing)}: the model cannot learn it. Split the data another way."]
