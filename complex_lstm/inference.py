"""A model over the windows of a data set: outputs, ensemble heads, and the same in the data's own units."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd
import torch
from jaxtyping import Float, Float32, Int, Shaped
from torch import Tensor

from complex_lstm.data import Dataset, unscale_targets
from complex_lstm.errors import never_stop
from complex_lstm.model import ComplexLSTMModel
from complex_lstm.model.batching import Progress, map_batches, silent
from complex_lstm.model.device import device_name, worker_count

PIECE = 100_000  # windows in a table at once


@dataclass(frozen=True)
class Predictions:
    """What a model predicts for the windows `chosen` of a data set.

    `outputs` are the model's own (logits, or scaled values) and `ensemble_head_outputs` those of each ensemble head;
    `predicted` are probabilities of the classes, or values in the targets' units. A window with an output that is not a finite
    number has no prediction: all of its `predicted` are NaN.
    """

    chosen: Int[np.ndarray, " window"]
    outputs: Float[np.ndarray, "window output"]
    ensemble_head_outputs: Float[np.ndarray, "window ensemble_head output"]
    predicted: Float[np.ndarray, "window output"]
    seconds: float
    device: str

    def of(self, places: Shaped[np.ndarray, " place"]) -> Predictions:
        """Return those at some places, or where a mask is True."""
        outputs, of_heads, predicted = self.outputs[places], self.ensemble_head_outputs[places], self.predicted[places]
        return Predictions(self.chosen[places], outputs, of_heads, predicted, self.seconds, self.device)


def predict(
    model: ComplexLSTMModel,
    dataset: Dataset,
    chosen: Int[np.ndarray, " window"] | None = None,
    *,
    device: torch.device | None = None,
    progress: Progress = silent,
    stop: Callable[[], bool] = never_stop,
) -> Predictions:
    """Return the predictions for the chosen windows, or all. `progress` is called with how many are done, of how many.

    Raises:
        Stopped: `stop` returned True, before one of the forward passes.
    """
    device = device or torch.device("cpu")
    windows = np.arange(len(dataset.windows)) if chosen is None else chosen
    start = time.perf_counter()

    def run(batch: Int[np.ndarray, " batch"]) -> tuple[np.ndarray, np.ndarray]:
        of_heads, combined = model.ensemble_head_outputs(*window_tensors(dataset, batch, device))
        return combined.cpu().numpy(), of_heads.cpu().numpy()

    kept = map_batches(run, windows, workers=worker_count(device), progress=progress, stop=stop) or [run(windows)]  # also of no window
    outputs, ensemble_head_outputs = (np.concatenate(parts) for parts in zip(*kept, strict=True))
    in_units = in_data_terms(outputs, dataset, windows)
    return Predictions(windows, outputs, ensemble_head_outputs, in_units, time.perf_counter() - start, device_name(device))


def window_tensors(
    dataset: Dataset, chosen: Int[np.ndarray, " window"], device: torch.device
) -> tuple[Float32[Tensor, "window time feature"], Int[Tensor, " window"]]:
    """Return the chosen windows as a model takes them, padded to the longest, and their lengths, which stay on the CPU."""
    return torch.from_numpy(dataset.windows.inputs(chosen)).to(device), torch.from_numpy(dataset.windows.length[chosen])


def merge(parts: list[Predictions]) -> Predictions:
    """Return the predictions of several runs over one data set as one, in the order of the windows."""
    chosen = np.concatenate([part.chosen for part in parts])
    order = np.argsort(chosen)
    outputs, ensemble_head_outputs, predicted = (
        np.concatenate([getattr(part, name) for part in parts])[order] for name in ("outputs", "ensemble_head_outputs", "predicted")
    )
    return Predictions(chosen[order], outputs, ensemble_head_outputs, predicted, sum(part.seconds for part in parts), parts[0].device)


def in_data_terms(
    outputs: Float[np.ndarray, "window output"], dataset: Dataset, chosen: Int[np.ndarray, " window"]
) -> Float[np.ndarray, "window output"]:
    """Return outputs as probabilities of the classes, or as values in the targets' units; NaN for a window where one is not finite.

    Probabilities are calibrated where the data set's scaling has a temperature.
    """
    finite = np.isfinite(outputs).all(axis=1, keepdims=True)
    known = np.where(finite, outputs, 0)
    if dataset.schema.roles.task == "classes":
        return np.where(finite, softmax(known, dataset.scaling.temperature), np.nan)
    return np.where(finite, unscale_targets(known, dataset.windows.last[chosen], dataset.scaling, dataset.window), np.nan)


def softmax(logits: Float[np.ndarray, "*shape output"], temperature: float = 1.0) -> Float[np.ndarray, "*shape output"]:
    """Return the probabilities of logits along the last axis, divided by a temperature before."""
    if temperature != 1:
        logits = logits.astype(float) / temperature  # in single precision two near logits could become one, and the class another
    powers = np.exp(logits - logits.max(axis=-1, keepdims=True))
    return powers / powers.sum(axis=-1, keepdims=True)


def window_frame(dataset: Dataset, chosen: Int[np.ndarray, " window"]) -> pd.DataFrame:
    """Return where the chosen windows are: series, part, and first and last step and time. Steps count from 0.

    Times are those of the file's own clock, and `zone` says which that is where the file names one for any of its series.
    """
    windows = dataset.windows
    first, last = windows.start[chosen], windows.last_step(chosen)
    series = windows.series[chosen]
    times = np.empty((len(chosen), 2), dtype=object)
    for number in np.unique(series).tolist():
        of_series = series == number
        ends = np.stack([first[of_series], last[of_series]], axis=1)
        labels = dataset.series[number].labels_at(ends.ravel())  # of these steps only: text for every row takes long
        times[of_series] = np.array(labels, dtype=object).reshape(ends.shape)
    return pd.DataFrame(
        {
            "series": [dataset.series[number].name for number in series],
            "part": windows.part[chosen],
            "first_step": first,
            "last_step": last,
            "first_time": times[:, 0],
            "last_time": times[:, 1],
        }
        | ({"zone": [dataset.series[number].zone for number in series]} if any(one.zone for one in dataset.series) else {})
    )


def prediction_pieces(dataset: Dataset, predictions: Predictions) -> Iterator[pd.DataFrame]:
    """Yield `prediction_frame` in pieces of a hundred thousand windows: as text, all of a long file take more room than the file."""
    for first in range(0, len(predictions.chosen), PIECE):
        yield prediction_frame(dataset, predictions.of(np.arange(first, min(first + PIECE, len(predictions.chosen)))))


def prediction_frame(dataset: Dataset, predictions: Predictions) -> pd.DataFrame:
    """Return one row a window: where it is, what is predicted, and the actual class or values (empty where unknown).

    A window without a prediction has empty cells there. Probabilities that are calibrated have their temperature beside them.
    """
    frame = window_frame(dataset, predictions.chosen)
    schema, windows, chosen = dataset.schema, dataset.windows, predictions.chosen
    if schema.roles.task == "classes":
        likeliest = np.array(schema.classes, dtype=object)[predictions.predicted.argmax(axis=1)]
        columns = {"predicted": np.where(np.isnan(predictions.predicted).any(axis=1), "", likeliest)}
        columns |= {f"probability_{name}": predictions.predicted[:, place] for place, name in enumerate(schema.classes)}
        columns["actual"] = windows.label[chosen]
        if dataset.scaling.temperature != 1:
            columns["temperature"] = np.full(len(chosen), dataset.scaling.temperature)
    else:
        columns = {}
        for place, name in enumerate(schema.roles.targets):
            columns[f"predicted_{name}"] = predictions.predicted[:, place]
            columns[f"actual_{name}"] = windows.actual[chosen, place]
    return pd.concat([frame, pd.DataFrame(columns, index=frame.index)], axis=1)
