"""The question that every method answers, and the answer."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Float32


@dataclass(frozen=True)
class ExplanationRequest:
    """Why is output number `output` what it is for the window x?

    `baselines` stand for "this cell says nothing"; where there are several, what is left without a cell is the mean
    over them. `interpolated`: removed cells are linearly_interpolated from the nearest that remain, and the one baseline is what that
    makes of the whole window. `draws`, called `draws_name`, are windows of the training part where it is known, for
    methods that need many of them whatever the baseline. `unit` turns the model's output into the target's unit (1 for
    logits); `as_probability` asks for the softmax of the logits.
    """

    x: Float32[np.ndarray, "time feature"]
    baselines: Float32[np.ndarray, "baseline time feature"]
    draws: Float32[np.ndarray, "draw time feature"]
    output: int
    unit: float = 1.0
    as_probability: bool = False
    interpolated: bool = False
    baseline_name: str = ""
    draws_name: str = "training windows"


@dataclass(frozen=True)
class Attribution:
    """What a method found: importance of each cell and of each feature, in the unit of the explained output.

    Positive: with this cell (or feature) the output is higher than with the baseline in its place. `effort` says in
    words how hard the method worked: its steps, samples or coalitions.
    """

    cells: Float[np.ndarray, "time feature"]
    features: Float[np.ndarray, " feature"]
    effort: str


@dataclass(frozen=True)
class UnsignedAttribution(Attribution):
    """An attribution of sizes alone: how much, not in which direction, and not in the output's unit."""


@dataclass(frozen=True)
class CompleteAttribution(Attribution):
    """An attribution whose features should sum to `gap`, the output's distance from its value at the baseline."""

    gap: float

    @property
    def completeness_error(self) -> float:
        """The part of the gap that the features miss or exceed, as a share of it (inf where the gap is zero)."""
        missed = abs(float(self.features.sum()) - self.gap)
        return missed / abs(self.gap) if self.gap else np.inf


@dataclass(frozen=True)
class Explanation:
    """A method's answer to a question. `evaluations` counts the windows that it sent through the model."""

    method: str
    attribution: Attribution
    baseline: str
    evaluations: int
    seconds: float
    device: str

    @property
    def cells(self) -> Float[np.ndarray, "time feature"]:
        return self.attribution.cells

    @property
    def features(self) -> Float[np.ndarray, " feature"]:
        return self.attribution.features
