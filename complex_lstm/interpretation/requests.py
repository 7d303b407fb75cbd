"""Explanation requests made from a data set, with every baseline that can be chosen."""

from __future__ import annotations

from typing import Literal

import numpy as np
import torch
from jaxtyping import Float32, Int

from complex_lstm.data import Dataset
from complex_lstm.errors import ExplanationError
from complex_lstm.interpretation.explanation import ExplanationRequest
from complex_lstm.interpretation.forward import linearly_interpolated
from complex_lstm.languages import mark

Baseline = Literal["training_mean", "window_mean", "zero", "interpolated", "chosen_window", "training_draws"]

BASELINES: dict[Baseline, str] = {
    "training_mean": "the training mean of each feature",
    "window_mean": mark("each feature's mean over this window"),
    "zero": mark("0 in the file's units"),
    "interpolated": mark("a straight line across the removed cells"),
    "chosen_window": "another window",
    "training_draws": "training windows, drawn and averaged over",
}
USUAL: Baseline = "training_mean"
DRAWS, AVERAGED = 32, 8


def make_request(
    dataset: Dataset,
    window: int,
    output: int,
    baseline: Baseline = "training_mean",
    *,
    as_probability: bool = False,
    reference: int = 0,
) -> ExplanationRequest:
    """Return the request to explain one output for one window of a data set.

    `reference` is the window that the baseline "chosen_window" takes. It is cut to this window's length, or padded with
    the training mean.

    Raises:
        ExplanationError: no such output or window, or `as_probability` for a target of values.
    """
    outputs, count = dataset.schema.outputs, len(dataset.windows)
    if not 0 <= output < len(outputs):
        raise ExplanationError(f"There is no output {output}; the model has {', '.join(outputs)}.")
    wrong = [number for number in (window, reference) if not 0 <= number < count]
    if wrong:
        raise ExplanationError(f"There is no window {wrong[0]}; the data set has windows 0 to {count - 1}.")
    values = dataset.schema.roles.task == "values"
    if as_probability and values:
        raise ExplanationError("Only a class has a probability. Explain the value itself.")
    x = dataset.windows.inputs(np.array([window]))[0]
    return ExplanationRequest(
        x,
        _baselines(dataset, x, baseline, reference),
        _draws(dataset, len(x), DRAWS),
        output,
        unit=dataset.scaling.target_std[output] if values else 1.0,
        as_probability=as_probability,
        temperature=dataset.scaling.temperature,
        logits=not values and not as_probability,
        target_std=dataset.scaling.target_std[output] if values else 0.0,
        interpolated=baseline == "interpolated",
        baseline_name=name_baseline(dataset, baseline, reference),
        draws_name=_pool(dataset)[1],
        mean_name=f"{dataset.whose} mean of each feature",
    )


def name_baseline(dataset: Dataset, baseline: Baseline, reference: int = 0) -> str:
    """Return the name of a baseline under a figure of this data set."""
    if baseline == "chosen_window":
        return f"window {reference}"
    if baseline == "training_draws":
        pool, name = _pool(dataset)
        return f"{min(AVERAGED, len(pool))} {name}, averaged over"
    return label_baseline(dataset, baseline)


def label_baseline(dataset: Dataset, baseline: Baseline) -> str:
    """Return the name of a baseline in a list to choose from. It says whose mean it is: not of every model the training's is known."""
    if baseline == "training_draws":
        return f"{_pool(dataset)[1]}, drawn and averaged over"
    return f"{dataset.whose} mean of each feature" if baseline == "training_mean" else BASELINES[baseline]


def _baselines(
    dataset: Dataset, x: Float32[np.ndarray, "time feature"], baseline: Baseline, reference: int
) -> Float32[np.ndarray, "baseline time feature"]:
    if baseline == "training_draws":
        return _draws(dataset, len(x), AVERAGED)
    if baseline == "chosen_window":
        return windows_of_length(dataset, np.array([reference]), len(x))
    if baseline == "interpolated":
        whole = torch.from_numpy(x)[None]
        return linearly_interpolated(whole, torch.ones_like(whole, dtype=torch.bool)).numpy()
    if baseline == "window_mean":
        return np.broadcast_to(x.mean(axis=0), (1, *x.shape)).copy()
    if baseline == "zero":
        zero = -np.array(dataset.scaling.feature_mean) / np.array(dataset.scaling.feature_std)  # the scaled value of 0
        return np.broadcast_to(zero, (1, *x.shape)).astype(np.float32)
    return np.zeros((1, *x.shape), dtype=np.float32)


def _draws(dataset: Dataset, time: int, count: int) -> Float32[np.ndarray, "draw time feature"]:
    """Return windows of the training part, or of all where it is not known, drawn with a fixed seed."""
    pool, _ = _pool(dataset)
    drawn = np.random.default_rng(0).choice(pool, size=min(count, len(pool)), replace=False)
    return windows_of_length(dataset, drawn, time)


def _pool(dataset: Dataset) -> tuple[Int[np.ndarray, " window"], str]:
    """Return the windows that draws are taken from, and what they are called."""
    training = dataset.windows.of_part("training")
    return (training, "training windows") if len(training) else (np.arange(len(dataset.windows)), "windows of this file")


def windows_of_length(dataset: Dataset, numbers: Int[np.ndarray, " window"], time: int) -> Float32[np.ndarray, "window time feature"]:
    """Return windows as the model sees them, cut to a length, or padded with 0, the training mean."""
    cut = dataset.windows.inputs(numbers)[:, :time]
    return np.pad(cut, ((0, 0), (0, time - cut.shape[1]), (0, 0)))
