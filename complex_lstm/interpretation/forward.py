"""The explained output as a function of windows: all that an attribution method knows of the model.

`ForwardFunction` is what Captum calls a `forward_func`. `IntervenedModel` takes a model's place in it where the model is
to be explained under interventions. The functions below it remove cells and seed the random numbers of a method.
"""

from __future__ import annotations

import copy
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace

import numpy as np
import torch
from jaxtyping import Bool, Float, Float32, Int
from torch import Tensor, nn

from complex_lstm.errors import Stopped, never_stop
from complex_lstm.interpretation.explanation import ExplanationRequest
from complex_lstm.model import ComplexLSTMModel, Trace
from complex_lstm.model.batching import fastest_batch, map_batches
from complex_lstm.model.hooks import Intervention

MASKS_AT_ONCE = 256  # masks of single cells: a few batches
USUAL_STEPS, LONG = 50, 100  # steps of the windows that the fastest batch was measured with, and up to which it is taken
GRADIENT = 4  # passes without gradients that one with gradients takes as long as
FEWEST = 16  # windows of a batch that is not worth splitting

_seeding = threading.Lock()  # torch's and numpy's random numbers belong to the process


def uncounted(windows: int) -> None:
    """Count nothing."""


class ForwardFunction:
    """One output of a model as a function of windows of one length: a number for each, in the target's unit.

    `evaluations` counts the windows that went through the model; `on_pass` is told of each pass how many windows it is worth, one with
    gradients several times as many, so that who waits can be told how long. `stop` is called before each forward pass: where it
    returns True the method ends there with `Stopped`, and since nothing was changed on the model, nothing has to be undone.
    """

    def __init__(
        self,
        model: nn.Module,
        request: ExplanationRequest,
        device: torch.device,
        stop: Callable[[], bool] = never_stop,
        on_pass: Callable[[int], None] = uncounted,
    ) -> None:
        self.model, self.request, self.device, self.stop, self.on_pass = model, request, device, stop, on_pass
        self.evaluations = 0
        self.x = torch.from_numpy(request.x)[None].to(device)  # (1, time, feature)
        self.baselines = torch.from_numpy(request.baselines).to(device)
        self.scale = None if request.scale is None else torch.from_numpy(request.scale).to(device)
        self.batch = _fastest_batch(model, len(request.x))

    def __call__(self, x: Float[Tensor, "batch time feature"]) -> Float[Tensor, " batch"]:
        self.count_pass(len(x))
        self.on_pass(len(x) * (GRADIENT if x.requires_grad and torch.is_grad_enabled() else 1))
        outputs = self.model(self.model_input(x.to(self.device)))
        if self.request.as_probability:
            outputs = torch.softmax(outputs / self.request.temperature, dim=-1)
        chosen = outputs[:, self.request.output] * self.request.unit
        if x.requires_grad and not chosen.requires_grad and torch.is_grad_enabled():
            return chosen + 0 * x.to(self.device).sum(dim=(1, 2))  # all of it patched in from another window: the gradient is zero
        return chosen

    @property
    def has_gradients(self) -> bool:
        """Whether the output can be differentiated: not of a model that is no torch module, such as an ONNX session."""
        return getattr(self.model, "has_gradients", True)

    def model_input(self, x: Float[Tensor, "batch time feature"]) -> Float[Tensor, "batch time feature"]:
        """Return windows in the units that the model takes."""
        return x if self.scale is None else x * self.scale

    def count_pass(self, windows: int) -> None:
        """Count the windows of a forward pass that is about to run.

        Raises:
            Stopped: `stop` returned True, so that the pass must not run.
        """
        if self.stop():
            raise Stopped
        self.evaluations += windows

    def with_model(self, model: nn.Module) -> ForwardFunction:
        """Return the same output of another model, with a count of its own."""
        return ForwardFunction(model, self.request, self.device, self.stop, self.on_pass)

    def with_window(self, x: Float32[np.ndarray, "time feature"]) -> ForwardFunction:
        """Return the same output for another window of the same length against the same baselines, with a count of its own."""
        return ForwardFunction(self.model, replace(self.request, x=x), self.device, self.stop, self.on_pass)

    def with_copied_model(self) -> ForwardFunction:
        """Return the same output of a copy of the model, for what puts hooks on a model or changes its weights."""
        return self.with_model(copy.deepcopy(self.model))

    def outputs(self, x: Float[Tensor, "batch time feature"]) -> Float[np.ndarray, " batch"]:
        """Return the output for each window, without gradients."""
        return torch.cat(map_batches(self, x, size=self.batch)).double().cpu().numpy()

    def without(self, removed: Bool[Tensor, "variant time feature"]) -> Float[np.ndarray, " variant"]:
        """Return the output with these cells removed, the mean over the baselines."""

        def run(part: Bool[Tensor, "part time feature"]) -> Float[Tensor, " part"]:
            filled = self.filled(part.to(self.device))  # (baseline, part, time, feature)
            return self(filled.flatten(0, 1)).unflatten(0, (-1, len(part))).mean(0)

        size = max(1, self.batch // len(self.baselines))
        return torch.cat(map_batches(run, removed, size=size)).double().cpu().numpy()

    def filled(self, removed: Bool[Tensor, "variant time feature"]) -> Float[Tensor, "baseline variant time feature"]:
        """Return the window with cells removed, once for each baseline."""
        if self.request.interpolated:
            return linearly_interpolated(self.x.expand(removed.shape), removed)[None]
        return torch.where(removed, self.baselines[:, None], self.x)

    def draw_outputs(self) -> Float[np.ndarray, " draw"]:
        """Return the output for the request's training windows: how far it spreads in the data."""
        return self.outputs(torch.from_numpy(self.request.draws).to(self.device))

    def gap(self) -> float:
        """Return the output for the window minus the output with every cell removed."""
        none, every = torch.zeros_like(self.x, dtype=torch.bool), torch.ones_like(self.x, dtype=torch.bool)
        intact, empty = self.without(torch.cat([none, every]))
        return float(intact - empty)

    def probability_gap(self) -> float:
        """Return the class's probability for the window minus that for its baselines, the mean over them, of outputs that are logits."""
        self.count_pass(1 + len(self.baselines))
        with torch.no_grad():
            outputs = self.model(self.model_input(torch.cat([self.x, self.baselines])))
        probability = torch.softmax(outputs / self.request.temperature, dim=-1)[:, self.request.output].double()
        return float(probability[0] - probability[1:].mean())

    def gap_to_first_baseline(self) -> float:
        """Return the output for the window minus the output for its first baseline, for methods that know only one."""
        intact, empty = self.outputs(torch.cat([self.x, self.baselines[:1]]))
        return float(intact - empty)


def _fastest_batch(model: nn.Module, time: int) -> int:
    """Return how many windows to send through a model at once: of long ones fewer, a quarter faster at 512 steps and sooner stopped."""
    usual = fastest_batch(model)
    return usual if time <= LONG else max(FEWEST, usual * USUAL_STEPS // time)


class IntervenedModel(nn.Module):
    """A model under interventions. It holds the shared model without owning it, so that no mode set here reaches it."""

    def __init__(self, model: ComplexLSTMModel, interventions: Sequence[Intervention]) -> None:
        super().__init__()
        self.config = model.config
        self.training = model.training
        self._shared = (model,)  # in a tuple: torch would register it as a submodule
        self._interventions = tuple(interventions)

    def forward(self, x: Float[Tensor, "batch time feature"], lengths: Tensor | list[int] | None = None) -> Float[Tensor, "batch output"]:
        return self._shared[0].intervened(x, lengths, self._interventions)

    def trace_any(self, x: Float[Tensor, "batch time feature"]) -> Trace:
        """Return every intermediate value of a forward pass under the interventions; of long windows a `LongTrace`."""
        return self._shared[0].trace_any(x, self._interventions)


def one_cell_each(cells: Int[np.ndarray, " cell"], time: int, features: int) -> Iterator[Bool[Tensor, "variant time feature"]]:
    """Yield masks of one cell each, some at a time: all cells of 1,000 steps and 40 features at once would be gigabytes."""
    for first in range(0, len(cells), MASKS_AT_ONCE):
        part = torch.from_numpy(cells[first : first + MASKS_AT_ONCE])
        yield torch.zeros(len(part), time * features, dtype=torch.bool).scatter_(1, part[:, None], True).unflatten(1, (time, features))


def linearly_interpolated(
    x: Float[Tensor, "batch time feature"], removed: Bool[Tensor, "batch time feature"]
) -> Float[Tensor, "batch time feature"]:
    """Return x with each removed stretch replaced by a straight line between the cells beside it.

    A stretch at an end repeats its one neighbour. Of a column that is removed entirely the first and last cells stay:
    the line runs from one to the other, because there is nothing else to interpolate from.
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
    return torch.lerp(x.gather(1, left), x.gather(1, right), share.to(x))


@contextmanager
def seeded(seed: int) -> Iterator[None]:
    """Seed the process's random numbers for a while and restore their state: Captum's sampling takes no generator."""
    with _seeding, torch.random.fork_rng():
        state = np.random.get_state()
        torch.manual_seed(seed)
        np.random.seed(seed)
        try:
            yield
        finally:
            np.random.set_state(state)
