"""How far windows are from a goal, and which way leads there: all that a search asks of the model."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Bool, Float, Float32
from torch import Tensor, nn

from complex_lstm.errors import Stopped
from complex_lstm.interpretation.asking import never
from complex_lstm.interpretation.counterfactual.goals import Goal
from complex_lstm.interpretation.gradients import gradients
from complex_lstm.model.ablation import fastest_batch


@dataclass(frozen=True)
class Search:
    """The window to be changed, what its prediction is to become, and which cells may change."""

    x: Float32[np.ndarray, "time feature"]
    goal: Goal
    allowed: Bool[np.ndarray, "time feature"]


@dataclass(frozen=True)
class Found:
    """A window that reaches the goal, and in words where its changes are from."""

    x: Float[Tensor, "time feature"]
    origin: str


class Reach:
    """A search put to a model. It counts the windows that went through; `stop` is asked before each pass, as in `Asked`."""

    def __init__(self, model: nn.Module, search: Search, device: torch.device, stop: Callable[[], bool] = never) -> None:
        self.model, self.goal, self.stop = model, search.goal, stop
        self.x = torch.from_numpy(search.x).to(device)
        self.allowed = torch.from_numpy(search.allowed).to(device)
        self.batch = fastest_batch(model)
        self.evaluations = 0

    def shortfall(self, x: Float[Tensor, "batch time feature"]) -> Float[Tensor, " batch"]:
        """Return how far each window is from the goal; below zero it is reached.

        Raises:
            Stopped: `stop` said so.
        """
        if self.stop():
            raise Stopped("Stopped before the end of the search.")
        self.evaluations += len(x)
        return self.goal.shortfall(self.model(x), x)

    @torch.no_grad()
    def reached(self, x: Float[Tensor, "batch time feature"]) -> Bool[Tensor, " batch"]:
        """Return which windows reach the goal."""
        return torch.cat([self.shortfall(part) < 0 for part in x.split(self.batch)])

    def slopes(self, x: Float[Tensor, "batch time feature"]) -> tuple[Float[Tensor, " batch"], Float[Tensor, "batch time feature"]]:
        """Return how far each window is from the goal, and how fast that grows with each cell that may change."""
        with gradients(x.device):
            followed = x.detach().requires_grad_()
            shortfall = self.shortfall(followed)
            (slope,) = torch.autograd.grad(shortfall.sum(), followed)
        return shortfall.detach(), slope * self.allowed
