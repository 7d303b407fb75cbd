"""What the ensemble heads see of each window: its hidden states, pooled over time into one vector."""

from __future__ import annotations

import copy
import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Float32, Int
from torch import Tensor

from complex_lstm.data import Dataset
from complex_lstm.errors import never_stop
from complex_lstm.inference import Predictions, in_data_terms, window_tensors
from complex_lstm.model import ComplexLSTMModel
from complex_lstm.model.batching import Progress, map_batches, silent
from complex_lstm.model.device import device_name, worker_count
from complex_lstm.model.hooks import ForwardPass, record

POOLS = ("pooled_mean", "pooled_max", "pooled_last")  # in the order in which the ensemble heads get them
MOST_BYTES = 2**27  # of vectors in memory: 175,000 windows at 64 channels, 44,000 at 256


@dataclass(frozen=True)
class PooledWindows:
    """The pooled vectors of windows, (window, 3*channel): mean, largest and last; and what the same pass predicts for them."""

    vectors: Float32[np.ndarray, "window pooled"]
    predictions: Predictions


def most_pooled(channels: int) -> int:
    """Return of how many windows the pooled vectors fit the memory that is set aside for them."""
    return MOST_BYTES // (4 * len(POOLS) * channels)


def pooled_windows(
    model: ComplexLSTMModel,
    dataset: Dataset,
    chosen: Int[np.ndarray, " window"],
    *,
    device: torch.device | None = None,
    progress: Progress = silent,
    stop: Callable[[], bool] = never_stop,
) -> PooledWindows:
    """Return the pooled vectors of the chosen windows, one or more, by one forward pass for each.

    Of a model in training mode a copy in eval mode is run.

    Raises:
        Stopped: `stop` returned True, before one of the forward passes.
    """
    device = device or torch.device("cpu")
    model = copy.deepcopy(model).eval() if model.training else model
    start = time.perf_counter()

    def run(batch: Int[np.ndarray, " batch"]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        kept: dict[str, Tensor] = {}
        wanted = (*POOLS, "ensemble_head_outputs")
        keep = record(lambda site, value: kept.update({site.name: value}) if site.name in wanted else None)
        combined = model(*window_tensors(dataset, batch, device), ForwardPass(keep))
        pooled = torch.cat([kept[name] for name in POOLS], dim=-1).float()
        return pooled.cpu().numpy(), combined.cpu().numpy(), kept["ensemble_head_outputs"].cpu().numpy()

    kept = map_batches(run, chosen, workers=worker_count(device), progress=progress, stop=stop)
    vectors, outputs, of_heads = (np.concatenate(parts) for parts in zip(*kept, strict=True))
    predicted = in_data_terms(outputs, dataset, chosen)
    return PooledWindows(vectors, Predictions(chosen, outputs, of_heads, predicted, time.perf_counter() - start, device_name(device)))
