"""What the last pages need beside the trace: forward passes of their own, which run in the background and can be stopped."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass
from functools import cached_property
from itertools import product
from typing import Any, Generic, TypeVar

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from complex_lstm.errors import Stopped
from complex_lstm.figures.theme import shares
from complex_lstm.interpretation import Baseline, ForwardFunction, ablate_features, make_request
from complex_lstm.interpretation.ablation import ablate_steps
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


LITTLE, MUCH = 0.1, 1.5  # of the largest loss; of an even share of attention


@dataclass(frozen=True)
class StepEffects:
    """The attention that each step receives (it sums to 1), and the drop of the output when the step is removed."""

    received: Float[np.ndarray, " time"]
    lost: Float[np.ndarray, " time"]

    @cached_property
    def times_even(self) -> Float[np.ndarray, " time"]:
        """The attention received, as a multiple of an even share."""
        return self.received * len(self.received)

    @cached_property
    def shares(self) -> Float[np.ndarray, " time"]:
        """The absolute change of the output without each step, as a share of the largest."""
        return np.abs(self.lost) / (np.abs(self.lost).max() or 1.0)

    @property
    def idle(self) -> int:
        """The step that shows best that attention does not measure need: the most attended of those whose removal changes little.

        Where every step that receives much attention is needed, it is the most attended step.
        """
        little = np.flatnonzero((self.shares < LITTLE) & (self.times_even >= MUCH))
        return int(little[self.received[little].argmax()]) if len(little) else int(self.received.argmax())

    @property
    def shows(self) -> bool:
        """Whether that step receives much attention and its removal changes little."""
        return bool(self.shares[self.idle] < LITTLE and self.times_even[self.idle] >= MUCH)


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


def _remove_each_feature(window: TourWindow, job: Job[Any]) -> BaselineComparison:
    zero = ablate_features(_forward_function(window, job, "zero"))
    job.report_progress(1, 2)
    return BaselineComparison(zero, ablate_features(_forward_function(window, job)))


def _forward_function(window: TourWindow, job: Job[Any], baseline: Baseline = "training_mean") -> ForwardFunction:
    request = make_request(window.scene.dataset, window.scene.number, window.target, baseline)
    return ForwardFunction(window.model, request, window.scene.device, job.must_stop)


HEAD_EFFECTS, STEP_EFFECTS, TWO_BASELINES = (
    evidence_of("heads", _silence_each_head),
    evidence_of(
        "steps",
        lambda window, job: StepEffects(
            attention_received(window.trace.attention[0]), ablate_steps(_forward_function(window, job), job.report_progress)
        ),
    ),
    evidence_of("baselines", _remove_each_feature),
)
HEADLINE: Evidence[Headline] = Evidence(lambda window: headline_job(window.scene, window.choice))  # Explain's own: computed once for both
