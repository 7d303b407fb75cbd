"""The explanation of each of many windows as one vector, so that windows of unequal length can be compared."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import torch
from jaxtyping import Float, Float32, Int

from complex_lstm.data import Dataset
from complex_lstm.errors import never_stop
from complex_lstm.inference import window_tensors
from complex_lstm.interpretation.global_importance import explain_windows
from complex_lstm.model import ComplexLSTMModel
from complex_lstm.model.batching import Progress, map_batches, silent
from complex_lstm.model.device import gradients_enabled, worker_count

BINS = 5  # stretches of relative time, from a window's first step to its last
QUICK = "input_x_gradient"  # one forward and one backward pass for a batch of windows


def explanation_vectors(
    model: ComplexLSTMModel,
    dataset: Dataset,
    chosen: Int[np.ndarray, " window"],
    outputs: Int[np.ndarray, " window"],
    method: str = QUICK,
    *,
    device: torch.device | None = None,
    progress: Progress = silent,
    stop: Callable[[], bool] = never_stop,
) -> Float32[np.ndarray, "window sums"]:
    """Return for each window the signed importance of each feature, and then of each fifth of the window that of each feature.

    `outputs` is the output that is explained in each. Importances are in the output's unit. Input x Gradient takes many windows at
    once, other methods one by one.

    Raises:
        ExplanationError: no such output or method.
        Stopped: `stop` returned True.
    """
    device = device or torch.device("cpu")
    if method == QUICK:
        return _by_gradient(model, dataset, chosen, outputs, device, progress, stop)
    found = np.empty((len(chosen), (1 + BINS) * len(dataset.schema.roles.features)), dtype=np.float32)
    for place, one in enumerate(explain_windows(model, dataset, chosen, outputs, method, device=device, stop=stop)):
        coarse = one.over_time[0].reshape(BINS, -1, one.over_time.shape[2]).sum(axis=1)  # of finer stretches
        found[place] = np.concatenate([one.features[0], coarse.ravel()])
        progress(place + 1, len(chosen))
    return found


def _by_gradient(
    model: ComplexLSTMModel,
    dataset: Dataset,
    chosen: Int[np.ndarray, " window"],
    outputs: Int[np.ndarray, " window"],
    device: torch.device,
    progress: Progress,
    stop: Callable[[], bool],
) -> Float32[np.ndarray, "window sums"]:
    values = dataset.schema.roles.task == "values"
    units = np.array(dataset.scaling.target_std)[outputs] if values else np.ones(len(outputs))

    def run(places: Int[np.ndarray, " batch"]) -> np.ndarray:
        x, lengths = window_tensors(dataset, chosen[places], device)
        with gradients_enabled(device):
            x.requires_grad_()
            explained = model(x, lengths).gather(1, torch.from_numpy(outputs[places])[:, None].to(device)).sum()
            (gradient,) = torch.autograd.grad(explained, x)
        cells = (x * gradient).detach().double().cpu().numpy() * units[places][:, None, None]
        return np.stack([_sums(one[:length]) for one, length in zip(cells, lengths.tolist(), strict=True)])

    kept = map_batches(run, np.arange(len(chosen)), workers=worker_count(device), progress=progress, stop=stop)
    return np.concatenate(kept).astype(np.float32)


def _sums(cells: Float[np.ndarray, "time feature"]) -> Float[np.ndarray, " sums"]:
    """Return the sum of each feature's cells, then those of each stretch; a step across a border is divided in proportion."""
    edges, steps = np.linspace(0, len(cells), BINS + 1), np.arange(len(cells))
    shares = np.clip(np.minimum(edges[1:, None], steps + 1) - np.maximum(edges[:-1, None], steps), 0, 1)  # (stretch, time)
    return np.concatenate([cells.sum(axis=0), (shares @ cells).ravel()])
