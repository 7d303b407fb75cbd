"""Captum's methods on this model. None of those used here puts a hook on it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext

import numpy as np
import torch
from captum.attr import GradientShap, IntegratedGradients, Occlusion
from jaxtyping import Float
from torch import Tensor, nn

from complex_lstm.interpretation.explanation import Question
from complex_lstm.model.ablation import BATCH

Cells = Float[np.ndarray, "time feature"]

FEWEST_STEPS, MOST_STEPS = 32, 512
COMPLETE = 0.01  # the share of the gap that Integrated Gradients may miss before its steps are doubled
NEGLIGIBLE = 0.001  # or the share of all cells' absolute sum: where they cancel, the gap is no measure
SAMPLES = 128
NOISE = 0.09  # standard deviations of the scaled inputs

_switching_cudnn = threading.Lock()
_one_at_a_time = threading.Lock()  # torch's and numpy's random numbers belong to the process


def integrated_gradients(model: nn.Module, question: Question, device: torch.device) -> tuple[Cells, int, float]:
    """Return cells, steps of the last try and gap: the gradients along the straight line from the baseline to x, times x's distance.

    The steps are doubled from 32 until the cells sum to the gap within 1% of it (or 0.1% of the cells' absolute sum),
    or until 512 (Sundararajan et al. 2017).
    Between the baseline and x lie windows unlike any data, and the model's gradients there count as much as others.
    """
    x, baseline = _tensor(question.x, device), _tensor(question.baseline, device)
    gap = _gap(model, question, x, baseline)
    method = IntegratedGradients(_output(model, question.output))
    steps = FEWEST_STEPS
    while True:
        with _gradients(device):
            cells = method.attribute(x, baseline, n_steps=steps, internal_batch_size=BATCH)
        missed = abs(float(cells.sum()) - gap)
        if missed <= max(COMPLETE * abs(gap), NEGLIGIBLE * float(cells.abs().sum())) or steps >= MOST_STEPS:
            return _plain(cells[0], question), steps, gap * question.unit
        steps *= 2


def gradient_shap(model: nn.Module, question: Question, device: torch.device) -> tuple[Cells, int, float]:
    """Return cells, samples and gap: gradients at random points between training windows and a noisy x, averaged.

    An estimate of expected gradients (Lundberg and Lee 2017; Erion et al. 2021) with 128 samples and a fixed seed: its
    error falls with the root of the samples, and is in the completeness error shown.
    """
    x, draws = _tensor(question.x, device), torch.from_numpy(question.draws).to(device)
    method = GradientShap(_output(model, question.output))
    with _gradients(device), _seeded(0):
        cells = method.attribute(x, draws, n_samples=SAMPLES, stdevs=NOISE)
    with torch.no_grad():
        expected = model(draws)[:, question.output].mean()
        gap = float(model(x)[0, question.output] - expected)
    return _plain(cells[0], question), SAMPLES, gap * question.unit


def occlusion(model: nn.Module, question: Question, device: torch.device) -> tuple[Cells, int]:
    """Return cells and evaluations: the output less its value with a stretch of one feature at the baseline.

    The stretch is a tenth of the window and moves by at most half of itself (Zeiler and Fergus 2014). Its drop is shared out
    evenly over its cells, and a cell gets the mean over the stretches that cover it: what is shorter than a stretch is
    smeared over it.
    """
    x, baseline = _tensor(question.x, device), _tensor(question.baseline, device)
    time, features = question.x.shape
    stretch = max(1, time // 10)
    stride = next(step for step in range(max(1, stretch // 2), 0, -1) if (time - stretch) % step == 0)  # none is cut short at the end
    method = Occlusion(_output(model, question.output))
    with torch.no_grad():
        cells = method.attribute(x, (stretch, 1), (stride, 1), baselines=baseline, perturbations_per_eval=BATCH)
    places = (time - stretch) // stride + 1
    return _plain(cells[0] / stretch, question), places * features


def _output(model: nn.Module, number: int) -> Callable[[Tensor], Tensor]:
    return lambda x: model(x)[:, number]


@torch.no_grad()
def _gap(model: nn.Module, question: Question, x: Tensor, baseline: Tensor) -> float:
    outputs = model(torch.cat([x, baseline]))[:, question.output]
    return float(outputs[0] - outputs[1])


def _tensor(window: Float[np.ndarray, "time feature"], device: torch.device) -> Float[Tensor, "1 time feature"]:
    return torch.from_numpy(window)[None].to(device)


def _plain(cells: Float[Tensor, "time feature"], question: Question) -> Cells:
    return cells.detach().double().cpu().numpy() * question.unit


@contextmanager
def _gradients(device: torch.device) -> Iterator[None]:
    """Let gradients through an LSTM in eval mode, which torch's own LSTM does and cuDNN refuses.

    cuDNN is switched for the whole process: one at a time, or the second to leave would leave it off.
    """
    with torch.enable_grad(), _no_cudnn() if device.type == "cuda" else nullcontext():
        yield


@contextmanager
def _no_cudnn() -> Iterator[None]:
    with _switching_cudnn, torch.backends.cudnn.flags(enabled=False):
        yield


@contextmanager
def _seeded(seed: int) -> Iterator[None]:
    """Captum's sampling has no generator to give: seed the process's for the moment, and put them back."""
    with _one_at_a_time, torch.random.fork_rng():
        state = np.random.get_state()
        torch.manual_seed(seed)
        np.random.seed(seed)
        try:
            yield
        finally:
            np.random.set_state(state)
