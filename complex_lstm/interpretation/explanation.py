"""What a method explains, and what it returns: `ExplanationRequest`, `Attribution` and `Explanation`."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Float32


@dataclass(frozen=True)
class ExplanationRequest:
    """The output and the window to explain, and the baseline to explain them against.

    x               the window, scaled as the model takes it
    baselines       windows whose cells carry no information; of several, the output without a cell is the mean over them
    draws           windows of the training part where it is known, for methods that need many whatever the baseline;
                    `draws_name` names them, `mean_name` what a scaled 0 is
    output          which of the model's outputs is explained
    unit            what 1 of that output is in the target's unit; 1 for logits
    logits          the outputs are logits of classes, so that a difference can be told as one of probability
    target_std      the standard deviation of the target in its unit, 0 where it is not known or the output is a class's
    as_probability  explain the softmax of the logits, divided by `temperature`, instead of the logit
    interpolated    removed cells are interpolated from the nearest that remain, and the one baseline is the window with
                    every cell removed in this way
    scale           the model takes windows times this, for windows in units of their own; None where it takes them as they are
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
    mean_name: str = "the training mean of each feature"
    temperature: float = 1.0
    scale: Float32[np.ndarray, " feature"] | None = None
    logits: bool = False
    target_std: float = 0.0


@dataclass(frozen=True)
class Attribution:
    """The importance of each cell and of each feature, in the unit of the explained output.

    Positive: with this cell (or feature) the output is higher than with the baseline in its place. `effort` names the
    steps, samples or coalitions that the method used.
    """

    cells: Float[np.ndarray, "time feature"]
    features: Float[np.ndarray, " feature"]
    effort: str


@dataclass(frozen=True)
class UnsignedAttribution(Attribution):
    """An attribution of sizes alone: without direction, and not in the output's unit."""


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
    """A method's attribution for a request. `evaluations` counts the windows that it sent through the model."""

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
