"""What is to become of a prediction: another class, or a value moved by an amount."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Float, Float32
from torch import Tensor

from complex_lstm.data import Dataset
from complex_lstm.errors import ExplanationError
from complex_lstm.interpretation.what_if import carried

LEAD, EXCESS = 0.05, 0.005  # logits by which the class leads, share by which an amount is exceeded: on the edge a rounding undoes it


@dataclass(frozen=True)
class ClassGoal:
    """The class that is to be predicted."""

    target: int

    def shortfall(self, outputs: Float[Tensor, "batch output"], x: Float[Tensor, "batch time feature"]) -> Float[Tensor, " batch"]:
        """Return by how many logits the strongest other class leads; below zero the goal is reached."""
        others = torch.cat([outputs[:, : self.target], outputs[:, self.target + 1 :]], dim=1)
        return others.amax(dim=1) - outputs[:, self.target] + LEAD


@dataclass(frozen=True)
class ValueGoal:
    """An output that is to move by an amount, in the target's unit and with its sign.

    `start` is where it moves from. `std` is what one unit of the model's output is worth, and `carry` what one standard
    deviation of each feature at the last step is worth: where the model forecasts a change, the target's own last value.
    """

    output: int
    amount: float
    start: float
    std: float
    carry: tuple[float, ...]

    def shortfall(self, outputs: Float[Tensor, "batch output"], x: Float[Tensor, "batch time feature"]) -> Float[Tensor, " batch"]:
        """Return how much of the amount is lacking; below zero the goal is reached."""
        moved = self.level(outputs, x) - self.start
        return (1 + EXCESS) * abs(self.amount) - (moved if self.amount > 0 else -moved)

    def level(self, outputs: Float[Tensor, "batch output"], x: Float[Tensor, "batch time feature"]) -> Float[Tensor, " batch"]:
        """Return the output in the target's unit, but for what is the same for every window of this place."""
        return outputs[:, self.output] * self.std + x[:, -1] @ x.new_tensor(self.carry)


Goal = ClassGoal | ValueGoal


def to_class(target: int, outputs: Float[np.ndarray, " output"]) -> ClassGoal:
    """Return the goal of another class than the one that these outputs predict.

    Raises:
        ExplanationError: no such class, or the one that is predicted already.
    """
    if not 0 <= target < len(outputs):
        raise ExplanationError(f"There is no class {target}; the model has classes 0 to {len(outputs) - 1}.")
    if int(outputs.argmax()) == target:
        raise ExplanationError("The window is predicted as this class already. Choose another one.")
    return ClassGoal(target)


def to_value(
    dataset: Dataset, x: Float32[np.ndarray, "time feature"], outputs: Float[np.ndarray, " output"], output: int, amount: float
) -> ValueGoal:
    """Return the goal of a forecast that lies by an amount above, or below, that of the window x with these outputs.

    Raises:
        ExplanationError: no such output, or no amount to move it by.
    """
    if not 0 <= output < len(outputs):
        raise ExplanationError(f"There is no output {output}; the model has outputs 0 to {len(outputs) - 1}.")
    if not np.isfinite(amount) or amount == 0:
        raise ExplanationError(f"The value is to move by {amount}. Give a number above or below 0.")
    scaling = dataset.scaling
    carry = carried(dataset)[:, output] * np.array(scaling.feature_std)
    goal = ValueGoal(output, amount, 0.0, scaling.target_std[output], tuple(carry.tolist()))
    start = goal.level(torch.from_numpy(outputs)[None].float(), torch.from_numpy(x)[None])
    return ValueGoal(output, amount, float(start), goal.std, goal.carry)
