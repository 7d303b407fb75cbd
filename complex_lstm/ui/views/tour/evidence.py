"""What the last pages need beside the trace: forward passes of their own, which run in the background and can be stopped."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass
from functools import cached_property
from itertools import product
from typing import Any, Generic, TypeVar

import numpy as np
import torch
from jaxtyping import Bool, Float
from torch import Tensor

from complex_lstm.errors import Stopped
from complex_lstm.figures.theme import shares
from complex_lstm.interpretation import Baseline, ForwardFunction, ablate_features, make_request
from complex_lstm.interpretation.ablation import ablate_steps, ablate_stretches
from complex_lstm.interpretation.headline import Headline
from complex_lstm.model.interventions import SilenceHead
from complex_lstm.ui.compute.jobs import Job, JobFunction, job_queue
from complex_lstm.ui.explaining.headline import headline_job
from complex_lstm.ui.session.page_jobs import request_job
from complex_lstm.ui.views.tour.window import TourWindow

Found = TypeVar("Found")


@dataclass(frozen=True)
class Evidence(Generic[Found]):
    """One kind of evidence: the key and the function of the job that finds it. The server keeps the result for all visitors."""

    job: Callable[[TourWindow], tuple[Hashable, JobFunction]]

    def key(self, window: TourWindow) -> Hashable:
        """Return the key of the computation for a window."""
        return self.job(window)[0]

    def run(self, window: TourWindow) -> JobFunction:
        """Return the computation for a window."""
        return self.job(window)[1]

    def of(self, window: TourWindow, *, patience: float | None = None) -> Found:
        """Return the evidence of a window, computed now if it is not there yet.

        Raises:
            TimeoutError: it takes longer than `patience` seconds. It continues while the page that requested it is open.
            Stopped: the session has given it up meanwhile.
        """
        job: Job[Found] = request_job(self.key(window), self.run(window))
        if not job.wait(patience):
            raise TimeoutError
        return job.result

    def is_known(self, window: TourWindow, *, patience: float = 0.0) -> bool:
        """Return whether it is computed, after waiting for it up to `patience` seconds; without patience nothing is started."""
        job = job_queue().find(self.key(window))
        if not patience or (job is not None and job.state == "done"):
            return job is not None and job.state == "done"
        try:
            self.of(window, patience=patience)
        except (TimeoutError, Stopped):
            return False
        return True


def evidence_of(name: str, compute: Callable[[TourWindow, Job[Any]], Found]) -> Evidence[Found]:
    """Return evidence that only the tour has, by its name and how it is computed for a window."""
    return Evidence(
        lambda window: ((f"tour_{name}", window.scene.keys, window.scene.number, window.target), lambda job: compute(window, job))
    )


LITTLE, MUCH = 0.1, 1.5  # of the largest change; of an even share of attention
USUAL = 1 / 6  # of the window: the length of a stretch where the cells that decide are not known
SHORTEST = 3  # steps of a stretch
ALIKE = 0.1  # of the larger: two changes that differ by less count as the same


@dataclass(frozen=True)
class StepEffects:
    """What removing a step does alone, and what removing the stretch of `length` steps around it does. A drop below zero is a rise.

    received    the attention that each step receives; it sums to 1
    alone       the drop of the output without each step
    together    the drop of the output without the stretch around each step
    known       whether each step has cells that are known to decide; no step has where that is not known
    """

    received: Float[np.ndarray, " time"]
    alone: Float[np.ndarray, " time"]
    together: Float[np.ndarray, " time"]
    known: Bool[np.ndarray, " time"]
    length: int

    @cached_property
    def times_even(self) -> Float[np.ndarray, " time"]:
        """The attention received, as a multiple of an even share."""
        return self.received * len(self.received)

    @cached_property
    def shares(self) -> Float[np.ndarray, " time"]:
        """The absolute change of the output without each step alone, as a share of the largest change without a stretch."""
        return np.abs(self.alone) / (np.abs(self.together).max() or 1.0)

    def around(self, step: int) -> slice:
        """Return the steps of the stretch around a step."""
        return stretch_around(step, len(self.alone), self.length)

    def sum_around(self, step: int) -> float:
        """Return the drops without each step of the stretch around a step, one at a time, added up."""
        return float(self.alone[self.around(step)].sum())

    @property
    def needed(self) -> int:
        """The step whose stretch changes the output most."""
        return int(np.abs(self.together).argmax())

    @property
    def hidden(self) -> int:
        """The step that shows best that its neighbours stand in for it: it receives much attention, and alone it is hardly missed.

        Of these it is the one whose stretch changes the output most. Where there is none, it is the `needed` step.
        """
        little = np.flatnonzero((self.shares < LITTLE) & (self.times_even >= MUCH))
        return int(little[np.abs(self.together[little]).argmax()]) if len(little) else self.needed

    def compare(self, step: int) -> int:
        """Return 0 where the stretch changes the output by more than its steps one at a time, added up; 1 for less; 2 for as much."""
        together, summed = abs(float(self.together[step])), abs(self.sum_around(step))
        if abs(together - summed) <= ALIKE * max(together, summed):
            return 2
        return int(together < summed)


def stretch_around(step: int, time: int, length: int) -> slice:
    """Return a stretch of a length around a step, moved so that it lies within the time."""
    start = min(max(0, step - length // 2), time - length)
    return slice(start, start + length)


def longest_run(known: Bool[np.ndarray, " time"]) -> int:
    """Return the length of the longest run of steps that are known to decide, 0 without one."""
    edges = np.flatnonzero(np.diff(known.astype(int), prepend=0, append=0))
    return int((edges[1::2] - edges[::2]).max(initial=0))


@dataclass(frozen=True)
class BaselineComparison:
    """The drop of the output when each feature is replaced by 0 in the file's units, and by its training mean."""

    zero: Float[np.ndarray, " feature"]
    mean: Float[np.ndarray, " feature"]

    @property
    def disagreement(self) -> float:
        """The share of all importance that the two baselines give to different features, from 0 to 1."""
        return float(np.abs(shares(self.zero) - shares(self.mean)).sum() / 2)


def attention_received(attention: Float[Tensor, "layer head query key"]) -> Float[np.ndarray, " key"]:
    """Return the attention that each step receives: the mean over layers, heads and queries."""
    return attention.mean(dim=(0, 1, 2)).double().numpy()


@torch.no_grad()
def _silence_each_head(window: TourWindow, job: Job[Any]) -> Float[np.ndarray, "layer head"]:
    """Return the largest change of any output without each attention head."""
    x = window.x.to(window.scene.device)
    intact = window.model(x)
    layers, heads = window.trace.attention.shape[1:3]
    changes: list[float] = []
    for layer, head in product(range(layers), range(heads)):
        job.report_progress(len(changes), layers * heads)
        without = window.model.intervened(x, interventions=[SilenceHead(layer, head)])
        changes.append(float((without - intact).abs().max()))
    return np.array(changes).reshape(layers, heads)


def _remove_steps_and_stretches(window: TourWindow, job: Job[Any]) -> StepEffects:
    """Return what each step and each stretch does: a stretch is as long as the event that decides, else a sixth of the window."""
    known = np.asarray(window.known.any(axis=1) if len(window.known) else np.zeros(window.steps, dtype=bool))
    length = min(window.steps, max(SHORTEST, longest_run(known) or round(USUAL * window.steps)))
    forward_func = _forward_function(window, job)
    alone = ablate_steps(forward_func, lambda done, total: job.report_progress(done, 2 * total))
    together = ablate_stretches(forward_func, length, lambda done, total: job.report_progress(total + done, 2 * total))
    return StepEffects(attention_received(window.trace.attention[0]), alone, together, known[: window.steps], length)


def _remove_each_feature(window: TourWindow, job: Job[Any]) -> BaselineComparison:
    zero = ablate_features(_forward_function(window, job, "zero"))
    job.report_progress(1, 2)
    return BaselineComparison(zero, ablate_features(_forward_function(window, job)))


def _forward_function(window: TourWindow, job: Job[Any], baseline: Baseline = "training_mean") -> ForwardFunction:
    request = make_request(window.scene.dataset, window.scene.number, window.target, baseline)
    return ForwardFunction(window.model, request, window.scene.device, job.must_stop)


HEAD_EFFECTS, STEP_EFFECTS, TWO_BASELINES = (
    evidence_of("heads", _silence_each_head),
    evidence_of("steps", _remove_steps_and_stretches),
    evidence_of("baselines", _remove_each_feature),
)
HEADLINE: Evidence[Headline] = Evidence(lambda window: headline_job(window.scene, window.choice))  # Explain's own: computed once for both
