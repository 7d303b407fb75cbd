"""A model over all windows of a data set: outputs, ensemble heads, and what they mean in the data's terms."""

from __future__ import annotations

import time
from collections.abc import Callable, Generator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from typing import Any, cast

import numpy as np
import pandas as pd
import torch
from jaxtyping import Float, Int, Shaped

from complex_lstm.data import Dataset, time_labels, unscale_targets
from complex_lstm.model import ComplexLSTMModel
from complex_lstm.model.device import device_name, worker_count

BATCH = 64

Progress = Callable[[int, int], None]


def silent(done: int, total: int) -> None:
    """The progress of somebody who does not watch."""


@dataclass(frozen=True)
class Predictions:
    """What a model says of the windows `chosen` of a data set.

    `outputs` are the model's own (logits, or scaled values) and `ensemble_head_outputs` those of each ensemble head;
    `predicted` are probabilities of the classes, or values in the targets' units.
    """

    chosen: Int[np.ndarray, " window"]
    outputs: Float[np.ndarray, "window output"]
    ensemble_head_outputs: Float[np.ndarray, "window ensemble_head output"]
    predicted: Float[np.ndarray, "window output"]
    seconds: float
    device: str


def predict(
    model: ComplexLSTMModel,
    dataset: Dataset,
    chosen: Int[np.ndarray, " window"] | None = None,
    *,
    device: torch.device | None = None,
    progress: Progress = silent,
) -> Predictions:
    """Return the predictions for the chosen windows, or all. `progress` is told how many are done, of how many."""
    device = device or torch.device("cpu")
    wanted = np.arange(len(dataset.windows)) if chosen is None else chosen
    start = time.perf_counter()
    batches = [wanted[first : first + BATCH] for first in range(0, len(wanted), BATCH)]

    def run(batch: Int[np.ndarray, " batch"]) -> tuple[np.ndarray, np.ndarray]:
        x = torch.from_numpy(dataset.windows.inputs(batch)).to(device)
        said, combined = model.ensemble_head_outputs(x, torch.from_numpy(dataset.windows.length[batch]))
        return combined.cpu().numpy(), said.cpu().numpy()

    outputs, members, done = [], [], 0
    # closing: where `progress` raises, the batches that wait are not computed
    with ThreadPoolExecutor(worker_count(device)) as pool, closing(cast(Generator[Any], pool.map(run, batches))) as found:
        for batch, (combined, said) in zip(batches, found, strict=True):
            outputs.append(combined)
            members.append(said)
            done += len(batch)
            progress(done, len(wanted))
    combined = np.concatenate(outputs)
    in_units = in_data_terms(combined, dataset, wanted)
    return Predictions(wanted, combined, np.concatenate(members), in_units, time.perf_counter() - start, device_name(device))


def merge(parts: list[Predictions]) -> Predictions:
    """Return the predictions of several runs over one data set as one, in the order of the windows."""
    chosen = np.concatenate([part.chosen for part in parts])
    order = np.argsort(chosen)
    outputs, members, predicted = (
        np.concatenate([getattr(part, name) for part in parts])[order] for name in ("outputs", "ensemble_head_outputs", "predicted")
    )
    return Predictions(chosen[order], outputs, members, predicted, sum(part.seconds for part in parts), parts[0].device)


def in_data_terms(
    outputs: Float[np.ndarray, "window output"], dataset: Dataset, chosen: Int[np.ndarray, " window"]
) -> Float[np.ndarray, "window output"]:
    """Return outputs as probabilities of the classes, or as values in the targets' units."""
    if dataset.schema.roles.task == "classes":
        return softmax(outputs)
    return unscale_targets(outputs, dataset.windows.last[chosen], dataset.scaling, dataset.window)


def softmax(logits: Float[np.ndarray, "*shape output"]) -> Float[np.ndarray, "*shape output"]:
    """Return the probabilities of logits along the last axis."""
    powers = np.exp(logits - logits.max(axis=-1, keepdims=True))
    return powers / powers.sum(axis=-1, keepdims=True)


def window_frame(dataset: Dataset, chosen: Int[np.ndarray, " window"]) -> pd.DataFrame:
    """Return where the chosen windows stand: series, part, and first and last step and time. Steps count from 0."""
    windows = dataset.windows
    first, last = windows.start[chosen], windows.start[chosen] + windows.length[chosen] - 1
    series = windows.series[chosen]
    ends = {number: _end_labels(dataset, number, first[series == number], last[series == number]) for number in np.unique(series).tolist()}
    times = np.empty((len(chosen), 2), dtype=object)
    for number, found in ends.items():
        times[series == number] = found
    return pd.DataFrame(
        {
            "series": [dataset.series[number].name for number in series],
            "part": windows.part[chosen],
            "first_step": first,
            "last_step": last,
            "first_time": times[:, 0],
            "last_time": times[:, 1],
        }
    )


def _end_labels(
    dataset: Dataset, number: int, first: Int[np.ndarray, " window"], last: Int[np.ndarray, " window"]
) -> Shaped[np.ndarray, "window 2"]:
    """Return the first and last times of one series' windows as text. Only those: text for every row takes long."""
    times = dataset.series[number].times
    return np.array(time_labels(times[np.stack([first, last], axis=1).ravel()]), dtype=object).reshape(-1, 2)


def prediction_frame(dataset: Dataset, predictions: Predictions) -> pd.DataFrame:
    """Return one row a window: where it stands, what is predicted, and what is known of the truth (empty if nothing)."""
    frame = window_frame(dataset, predictions.chosen)
    schema, windows, chosen = dataset.schema, dataset.windows, predictions.chosen
    if schema.roles.task == "classes":
        frame["predicted"] = np.array(schema.classes, dtype=object)[predictions.predicted.argmax(axis=1)]
        for place, name in enumerate(schema.classes):
            frame[f"probability_{name}"] = predictions.predicted[:, place]
        frame["actual"] = windows.label[chosen]
        return frame
    for place, name in enumerate(schema.roles.targets):
        frame[f"predicted_{name}"] = predictions.predicted[:, place]
        frame[f"actual_{name}"] = windows.actual[chosen, place]
    return frame
