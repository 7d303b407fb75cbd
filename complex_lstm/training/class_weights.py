"""How much each class counts in the loss, so that rare ones count as much as common ones."""

from __future__ import annotations

import torch
from jaxtyping import Float, Int
from torch import Tensor

from complex_lstm.config import Task
from complex_lstm.errors import TrainingError


def inverse_frequency(truth: Int[Tensor, " window"], *, classes: int) -> Float[Tensor, " class"]:
    """Return windows / (classes * windows of the class): 1 for each where all are equally common.

    A class never seen weighs 1: the validation part may have it, and a mean over weights of 0 would be no number.
    """
    counts = torch.bincount(truth, minlength=classes)
    return torch.where(counts > 0, len(truth) / (classes * counts.clamp(min=1)), 1.0)


def weights_for(task: Task, truth: Tensor, *, classes: int, wanted: bool) -> Tensor | None:
    """Return the weights where they are wanted.

    Raises:
        TrainingError: they are wanted and the task has no classes.
    """
    if wanted and task != "classes":
        raise TrainingError("Class weights were asked for, but this model learns values. Turn them off, or choose a class as the target.")
    return inverse_frequency(truth, classes=classes) if wanted else None
