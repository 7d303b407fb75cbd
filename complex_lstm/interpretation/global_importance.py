"""Explanations of many windows: which features matter, when, and in which windows unlike in most."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Float, Int

from complex_lstm.data import Dataset
from complex_lstm.errors import never_stop
from complex_lstm.interpretation.methods import explain
from complex_lstm.interpretation.requests import Baseline, make_request
from complex_lstm.model import ComplexLSTMModel
from complex_lstm.model.device import worker_count

BINS = 20  # of relative time, from a window's first step to its last


@dataclass(frozen=True)
class GlobalImportance:
    """One method's explanations of many windows.

    windows    their numbers
    outputs    the output explained in each
    features   signed importance
    over_time  summed signed importance of the features' cells in each twentieth of the window, so that windows of
               different lengths can be averaged
    values     each feature's mean over the window, scaled: the colour of a beeswarm's points
    """

    windows: Int[np.ndarray, " window"]
    outputs: Int[np.ndarray, " window"]
    features: Float[np.ndarray, "window feature"]
    over_time: Float[np.ndarray, "window bin feature"]
    values: Float[np.ndarray, "window feature"]

    @property
    def distances(self) -> Float[np.ndarray, " window"]:
        """How far each window's features are from the mean, in standard deviations of each feature (root mean square)."""
        spread = self.features.std(axis=0)
        apart = (self.features - self.features.mean(axis=0)) / np.where(spread > 0, spread, 1.0)
        return np.sqrt((apart**2).mean(axis=1))


def explain_windows(
    model: ComplexLSTMModel,
    dataset: Dataset,
    chosen: Int[np.ndarray, " window"],
    outputs: Int[np.ndarray, " window"],
    method: str,
    *,
    baseline: Baseline = "training_mean",
    reference: int = 0,
    as_probability: bool = False,
    device: torch.device | None = None,
    stop: Callable[[], bool] = never_stop,
) -> Iterator[GlobalImportance]:
    """Yield the windows' explanations one by one in the order chosen, so that memory holds only what the caller keeps.

    Raises:
        ExplanationError: no such window, output or method, or `as_probability` for a target of values.
        Stopped: `stop` returned True.
    """
    device = device or torch.device("cpu")

    def one(window: int, output: int) -> GlobalImportance:
        request = make_request(dataset, window, output, baseline, as_probability=as_probability, reference=reference)
        found = explain(model, request, method, device=device, stop=stop)
        values = request.x.mean(axis=0, dtype=np.float64)
        return GlobalImportance(np.array([window]), np.array([output]), found.features[None], in_bins(found.cells)[None], values[None])

    with ThreadPoolExecutor(worker_count(device)) as pool:
        yield from pool.map(one, chosen.tolist(), outputs.tolist())


def evenly_spread(windows: Int[np.ndarray, " window"], most: int) -> Int[np.ndarray, " chosen"]:
    """Return so many of the windows, evenly spread, or all where there are fewer."""
    return windows[np.unique(np.linspace(0, len(windows) - 1, most).round().astype(int))]


def sampling_error(values: Float[np.ndarray, " window *rest"], total: int) -> Float[np.ndarray, " *rest"]:
    """Return half the width of the 95% interval of a mean over `total` windows, of which these are taken: 0 where they are all.

    1.96 s / sqrt(n) * sqrt(1 - n / total), as if they were drawn by chance (Cochran 1977, ch. 2). Evenly spread ones do no worse unless
    the data repeat at their distance. NaN for a single window of more.
    """
    count = len(values)
    if count >= total:
        return np.zeros(values.shape[1:])
    spread = values.std(axis=0, ddof=1) if count > 1 else np.full(values.shape[1:], np.nan)
    return np.asarray(1.96 * spread * np.sqrt((1 - count / total) / count))  # of one number a window: an array without axes


def concatenate(parts: list[GlobalImportance]) -> GlobalImportance:
    """Return the parts, of which there is one or more, as one."""
    names = ("windows", "outputs", "features", "over_time", "values")
    return GlobalImportance(**{name: np.concatenate([getattr(part, name) for part in parts]) for name in names})


def in_bins(cells: Float[np.ndarray, "time feature"]) -> Float[np.ndarray, "bin feature"]:
    """Return the sum of the cells in each twentieth of the time; a step across a border is divided in proportion."""
    time_steps = len(cells)
    edges = np.linspace(0, time_steps, BINS + 1)
    sums = np.concatenate([np.zeros((1, cells.shape[1])), cells.cumsum(axis=0)])
    at_edges = np.stack([np.interp(edges, np.arange(time_steps + 1), column) for column in sums.T], axis=1)
    return np.diff(at_edges, axis=0)


@torch.no_grad()
def predicted_output(model: ComplexLSTMModel, dataset: Dataset, window: int) -> int | None:
    """Return the class that is predicted for a window, or the first target of values; None where an output is not a finite number."""
    x = torch.from_numpy(dataset.windows.inputs(np.array([window])))
    outputs = model(x.to(model.gradient_scale.device))[0]
    if not outputs.isfinite().all():
        return None
    return 0 if dataset.schema.roles.task == "values" else int(outputs.argmax())
