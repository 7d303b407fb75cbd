"""The explained output as a function of windows, which every method asks and nothing else.

A model under interventions, for methods that ask a model as a function of windows.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator, Sequence

import numpy as np
import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor, nn

from complex_lstm.errors import Stopped, never_stop
from complex_lstm.interpretation.explanation import ExplanationRequest
from complex_lstm.model import ComplexLSTMModel, Trace
from complex_lstm.model.ablation import fastest_batch
from complex_lstm.model.hooks import Intervention

AT_A_TIME = 256  # masks of single cells: a few batches


class ForwardFunction:
    """One output of a model as a function of windows of one length: a number for each, in the target's unit.

    It counts the windows that went through the model. `stop` is asked before each forward pass: with `True` the
    method ends there with `Stopped`, and since nothing was changed on the model, nothing has to be undone.
    """

    def __init__(self, model: nn.Module, request: ExplanationRequest, device: torch.device, stop: Callable[[], bool] = never_stop) -> None:
        self.model, self.request, self.device, self.stop = model, request, device, stop
        self.evaluations = 0
        self.x = torch.from_numpy(request.x)[None].to(device)  # (1, time, feature)
        self.baselines = torch.from_numpy(request.baselines).to(device)
        self.batch = fastest_batch(model)

    def __call__(self, x: Float[Tensor, "batch time feature"]) -> Float[Tensor, " batch"]:
        self.about_to_run(len(x))
        outputs = self.model(x.to(self.device))
        if self.request.as_probability:
            outputs = torch.softmax(outputs, dim=-1)
        return outputs[:, self.request.output] * self.request.unit

    def about_to_run(self, windows: int) -> None:
        """Count windows that go through the model now, unless somebody wants to stop.

        Raises:
            Stopped: `stop` said so.
        """
        if self.stop():
            raise Stopped("Stopped before the end. What was done by then is kept.")
        self.evaluations += windows

    def of_copy(self) -> ForwardFunction:
        """Return the same question to a copy of the model, for what must put hooks on it or change its weights."""
        return ForwardFunction(copy.deepcopy(self.model), self.request, self.device, self.stop)

    @torch.no_grad()
    def outputs(self, x: Float[Tensor, "batch time feature"]) -> Float[np.ndarray, " batch"]:
        """Return the output for each window, in forward passes of as many windows as are fastest."""
        return torch.cat([self(part) for part in x.split(self.batch)]).double().cpu().numpy()

    @torch.no_grad()
    def without(self, removed: Bool[Tensor, "variant time feature"]) -> Float[np.ndarray, " variant"]:
        """Return the output with these cells removed, the mean over the baselines."""
        size = max(1, self.batch // len(self.baselines))
        found = [
            self(self.filled(part.to(self.device)).flatten(0, 1)).unflatten(0, (-1, len(part))).mean(0) for part in removed.split(size)
        ]
        return torch.cat(found).double().cpu().numpy()

    def filled(self, removed: Bool[Tensor, "variant time feature"]) -> Float[Tensor, "baseline variant time feature"]:
        """Return the window with cells removed, once for each baseline."""
        if self.request.interpolated:
            return linearly_interpolated(self.x.expand(removed.shape), removed)[None]
        return torch.where(removed, self.baselines[:, None], self.x)

    def of_draws(self) -> Float[np.ndarray, " draw"]:
        """Return the output for the question's training windows: how far it spreads in the data."""
        return self.outputs(torch.from_numpy(self.request.draws).to(self.device))

    def gap_to_first(self) -> float:
        """Return the output for the window less the output for its first baseline, for methods that know only one."""
        intact, empty = self.outputs(torch.cat([self.x, self.baselines[:1]]))
        return float(intact - empty)

    def gap(self) -> float:
        """Return the output for the window less the output with every cell removed."""
        none, whole = torch.zeros_like(self.x, dtype=torch.bool), torch.ones_like(self.x, dtype=torch.bool)
        intact, empty = self.without(torch.cat([none, whole]))
        return float(intact - empty)


def one_cell_each(cells: Int[np.ndarray, " cell"], time: int, features: int) -> Iterator[Bool[Tensor, "variant time feature"]]:
    """Yield masks of one cell each, some at a time: all cells of 1,000 steps and 40 features at once would be gigabytes."""
    for first in range(0, len(cells), AT_A_TIME):
        part = torch.from_numpy(cells[first : first + AT_A_TIME])
        yield torch.zeros(len(part), time * features, dtype=torch.bool).scatter_(1, part[:, None], True).unflatten(1, (time, features))


def linearly_interpolated(
    x: Float[Tensor, "batch time feature"], removed: Bool[Tensor, "batch time feature"]
) -> Float[Tensor, "batch time feature"]:
    """Return x with each removed stretch linearly_interpolated by a straight line between the cells beside it.

    A stretch at an end repeats its one neighbour. Of a column that is removed whole its ends are kept: the line from
    its first to its last cell, because there is nothing else to bridge from.
    """
    time = x.shape[1]
    steps = torch.arange(time, device=x.device)[None, :, None].expand(x.shape)
    ends = (steps == 0) | (steps == time - 1)
    kept = ~removed | (removed.all(dim=1, keepdim=True) & ends)
    before = torch.where(kept, steps, -1).cummax(dim=1).values
    after = torch.where(kept, steps, time).flip(1).cummin(dim=1).values.flip(1)
    left = torch.where(before < 0, after, before)
    right = torch.where(after == time, left, after)
    share = (steps - left) / (right - left).clamp(min=1)
    return torch.lerp(x.gather(1, left), x.gather(1, right), share)


class IntervenedModel(nn.Module):
    """What a model says under interventions. It holds the shared model without owning it, so that no mode set here reaches it."""

    def __init__(self, model: ComplexLSTMModel, interventions: Sequence[Intervention]) -> None:
        super().__init__()
        self.config = model.config
        self.training = model.training
        self._asked = (model,)  # in a tuple: torch would take it as a part of its own
        self._interventions = tuple(interventions)

    def forward(self, x: Float[Tensor, "batch time feature"], lengths: Tensor | list[int] | None = None) -> Float[Tensor, "batch output"]:
        return self._asked[0].intervened(x, lengths, self._interventions)

    def trace(self, x: Float[Tensor, "batch time feature"]) -> Trace:
        """Return every intermediate value of a pass under the interventions."""
        return self._asked[0].trace(x, interventions=self._interventions)
