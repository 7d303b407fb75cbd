"""The question that every method answers, and the answer."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Float32


@dataclass(frozen=True)
class Question:
    """Why is output number `output` what it is for the window x?

    `baseline` stands for "this cell says nothing"; `draws` are windows of the training part, for methods that
    average over many baselines. `unit` turns the model's output into the target's unit (1 for logits).
    """

    x: Float32[np.ndarray, "time feature"]
    baseline: Float32[np.ndarray, "time feature"]
    draws: Float32[np.ndarray, "draw time feature"]
    output: int
    unit: float


@dataclass(frozen=True)
class Explanation:
    """Signed importance of each cell and of each feature, in the unit of the explained output.

    Positive: with this cell (or feature) the output is higher than with the baseline in its place. `evaluations`
    counts the windows that went through the model, forwards and backwards.
    """

    method: str
    cells: Float[np.ndarray, "time feature"]
    features: Float[np.ndarray, " feature"]
    evaluations: int
    baseline: str
    seconds: float
    device: str


@dataclass(frozen=True)
class CompleteExplanation(Explanation):
    """An explanation whose cells should sum to `gap`, the output's distance from its value at the baseline."""

    steps: int
    gap: float

    @property
    def completeness_error(self) -> float:
        """The part of the gap that the cells miss or exceed, as a share of it (inf where the gap is zero)."""
        missed = abs(float(self.cells.sum()) - self.gap)
        return missed / abs(self.gap) if self.gap else np.inf
