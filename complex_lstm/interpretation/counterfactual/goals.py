"""The goal of a counterfactual, and how far windows are from it: all that a search knows of the model.

A goal is another class, or a value moved by an amount. `GoalFunction` is to a search what `ForwardFunction` is to an
attribution method.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Bool, Float, Float32
from torch import Tensor, nn

from complex_lstm.data import Dataset
from complex_lstm.errors import ExplanationError, Stopped, never_stop
from complex_lstm.interpretation.what_if import carried
from complex_lstm.model.batching import fastest_batch, map_batches
from complex_lstm.model.device import gradients_enabled

# Logits by which the class leads, and share by which an amount is exceeded: rounding would undo a prediction on the boundary.
LEAD, EXCESS = 0.05, 0.005


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

    `start` is where it moves from. `std` is one unit of the model's output in the target's unit, and `carry` one standard
    deviation of each feature at the last step: 0, but for the target's own last value where the model forecasts a change.
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
        """Return the output in the target's unit, up to a constant that is the same for all variants of the window."""
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


@dataclass(frozen=True)
class Search:
    """The window to change, the goal of its prediction, and which cells may change."""

    x: Float32[np.ndarray, "time feature"]
    goal: Goal
    allowed: Bool[np.ndarray, "time feature"]


def usual_search(
    dataset: Dataset, x: Float32[np.ndarray, "time feature"], outputs: Float[np.ndarray, " output"], output: int
) -> tuple[Search, str]:
    """Return the search for the second most probable class, or for a value that is half a deviation higher; and the goal in words.

    Of a value that is forecast as a change, the last value that it is added to does not change: that alone would be enough.
    """
    allowed, schema = np.ones(x.shape, dtype=bool), dataset.schema
    if schema.roles.task == "classes":
        second = int(np.argsort(-outputs, kind="stable")[1])
        return Search(x, to_class(second, outputs), allowed), f"to {schema.outputs[second]}"
    name = schema.outputs[output]
    amount = float(f"{dataset.scaling.target_std[output] / 2:.2g}")
    if name in schema.roles.features and dataset.window.as_change:
        allowed[-1, schema.roles.features.index(name)] = False
    words = f"to make {name} rise by {f'{amount:g} {schema.unit(name)}'.strip()}"
    return Search(x, to_value(dataset, x, outputs, output, amount), allowed), words


@dataclass(frozen=True)
class Candidate:
    """A window that reaches the goal, and the source of its changes in words."""

    x: Float[Tensor, "time feature"]
    origin: str


class GoalFunction:
    """The distance of windows from a goal by a model.

    `evaluations` counts the windows that went through the model; `stop` is called before each forward pass, as in
    `ForwardFunction`.
    """

    def __init__(self, model: nn.Module, search: Search, device: torch.device, stop: Callable[[], bool] = never_stop) -> None:
        self.model, self.goal, self.stop = model, search.goal, stop
        self.x = torch.from_numpy(search.x).to(device)
        self.allowed = torch.from_numpy(search.allowed).to(device)
        self.batch = fastest_batch(model)
        self.evaluations = 0

    def shortfall(self, x: Float[Tensor, "batch time feature"]) -> Float[Tensor, " batch"]:
        """Return how far each window is from the goal; below zero it is reached.

        Raises:
            Stopped: `stop` returned True.
        """
        if self.stop():
            raise Stopped("Stopped before the end of the search.")
        self.evaluations += len(x)
        return self.goal.shortfall(self.model(x), x)

    def reached(self, x: Float[Tensor, "batch time feature"]) -> Bool[Tensor, " batch"]:
        """Return which windows reach the goal."""
        return self.lacking(x) < 0

    def lacking(self, x: Float[Tensor, "batch time feature"]) -> Float[Tensor, " batch"]:
        """Return how far each window is from the goal, without gradients; below zero it is reached."""
        return torch.cat(map_batches(self.shortfall, x, size=self.batch))

    def gradients(self, x: Float[Tensor, "batch time feature"]) -> tuple[Float[Tensor, " batch"], Float[Tensor, "batch time feature"]]:
        """Return how far each window is from the goal, and the gradient of that by each cell that may change."""
        with gradients_enabled(x.device):
            leaf = x.detach().requires_grad_()
            shortfall = self.shortfall(leaf)
            (gradient,) = torch.autograd.grad(shortfall.sum(), leaf)
        return shortfall.detach(), gradient * self.allowed
