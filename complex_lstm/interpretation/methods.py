"""Names, labels and sentences of the methods, and the one way to ask them."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd
import torch
from jaxtyping import Float, Float32, Int
from torch import nn

from complex_lstm.data import Dataset
from complex_lstm.errors import ExplanationError
from complex_lstm.inference import window_frame
from complex_lstm.interpretation.ablation import ablate_cells, ablate_features, scaled_zero
from complex_lstm.interpretation.captum_methods import FEWEST_STEPS, gradient_shap, integrated_gradients, occlusion
from complex_lstm.interpretation.explanation import CompleteExplanation, Explanation, Question
from complex_lstm.model import ComplexLSTMModel
from complex_lstm.model.device import device_name

Baseline = Literal["training_mean", "window_mean", "zero"]

BASELINES: dict[Baseline, str] = {
    "training_mean": "the training mean of each feature",
    "window_mean": "each feature's mean over this window",
    "zero": "0 in the file's units",
}
DRAWS = 32


@dataclass(frozen=True)
class Method:
    """A method as people know it: its name, what it does in one sentence, and where it misleads."""

    label: str
    sentence: str
    misleads: str


METHODS: dict[str, Method] = {
    "ablation": Method(
        "Ablation",
        "replaces a feature's whole column (or one cell) by the baseline and takes the output's drop",
        "features that stand in for each other each look unimportant",
    ),
    "integrated_gradients": Method(
        "Integrated Gradients",
        "adds up gradients on the straight line from the baseline to the window",
        "the line passes through windows unlike any data",
    ),
    "gradient_shap": Method(
        "Gradient SHAP",
        "averages gradients between training windows and the window",
        "it is an estimate: the seed is fixed, the sampling error is not zero",
    ),
    "occlusion": Method(
        "Occlusion",
        "covers a stretch of one feature with the baseline and takes the output's drop",
        "what is shorter than the stretch is smeared over it",
    ),
}


def make_question(dataset: Dataset, window: int, output: int, baseline: Baseline = "training_mean") -> Question:
    """Return the question why an output is what it is for one window of a data set.

    Raises:
        ExplanationError: no such output.
    """
    if not 0 <= output < len(dataset.schema.outputs):
        raise ExplanationError(f"There is no output {output}; the model has {', '.join(dataset.schema.outputs)}.")
    x = dataset.windows.inputs(np.array([window]))[0]
    unit = dataset.scaling.target_std[output] if dataset.schema.roles.task == "values" else 1.0
    return Question(x, _filled(dataset, x, baseline), _draws(dataset, len(x)), output, unit)


def explain(
    model: nn.Module,
    question: Question,
    method: str,
    *,
    baseline: Baseline = "training_mean",
    device: torch.device | None = None,
) -> Explanation:
    """Return a method's answer. `baseline` is only the name that the answer carries: the values are the question's.

    Raises:
        ExplanationError: no such method.
    """
    if method not in METHODS:
        raise ExplanationError(f"There is no method {method!r}; choose one of {', '.join(METHODS)}.")
    device = device or torch.device("cpu")
    start = time.perf_counter()
    name = f"{len(question.draws)} training windows" if method == "gradient_shap" else BASELINES[baseline]

    def common(evaluations: int) -> dict[str, object]:
        return {"evaluations": evaluations, "baseline": name, "seconds": time.perf_counter() - start, "device": device_name(device)}

    if method == "ablation":
        features, cells = ablate_features(model, question, device), ablate_cells(model, question, device)
        return Explanation(method, cells, features, **common(1 + len(features) + cells.size))  # type: ignore[arg-type]
    if method == "occlusion":
        cells, evaluations = occlusion(model, question, device)
        return Explanation(method, cells, cells.sum(axis=0), **common(1 + evaluations))  # type: ignore[arg-type]
    run = integrated_gradients if method == "integrated_gradients" else gradient_shap
    cells, steps, gap = run(model, question, device)
    return CompleteExplanation(method, cells, cells.sum(axis=0), **common(_passes(method, steps)), steps=steps, gap=gap)  # type: ignore[arg-type]


def _passes(method: str, steps: int) -> int:
    """Return how many windows went through the model: Integrated Gradients tries half the steps first, and half of those."""
    tries = steps if method == "gradient_shap" else 2 * steps - FEWEST_STEPS
    return 2 * tries + 2


def explain_frame(
    model: ComplexLSTMModel,
    dataset: Dataset,
    chosen: Int[np.ndarray, " window"],
    method: str,
    *,
    target: str | None = None,
    cells: bool = False,
    progress: Callable[[], None] = lambda: None,
) -> pd.DataFrame:
    """Return one row a chosen window and feature (or step and feature): where it stands, what is explained, importance.

    Without a target the explained class is the predicted one, and the explained value is the first.

    Raises:
        ExplanationError: no such target or method.
    """
    outputs, features = dataset.schema.outputs, dataset.schema.roles.features
    if target is not None and target not in outputs:
        raise ExplanationError(f"There is no target {target!r}; the model has {', '.join(outputs)}.")
    places = window_frame(dataset, chosen)
    rows = []
    for place, window in zip(places.to_dict("records"), chosen.tolist(), strict=True):
        output = outputs.index(target) if target is not None else _likeliest(model, dataset, window)
        question = make_question(dataset, window, output)
        about = place | {"target": outputs[output], "method": method}
        if cells:
            found = explain(model, question, method).cells
            rows += [
                about | {"step": step, "feature": name, "importance": found[step, number]}
                for step in range(len(found))
                for number, name in enumerate(features)
            ]
        else:
            whole = _features_alone(model, question, method)
            rows += [about | {"feature": name, "importance": whole[number]} for number, name in enumerate(features)]
        progress()
    return pd.DataFrame(rows)


def _features_alone(model: nn.Module, question: Question, method: str) -> Float[np.ndarray, " feature"]:
    """Return the features' importance. Ablation needs no cells for it, which take most of its time."""
    if method == "ablation":
        return ablate_features(model, question, torch.device("cpu"))
    return explain(model, question, method).features


@torch.no_grad()
def _likeliest(model: ComplexLSTMModel, dataset: Dataset, window: int) -> int:
    if dataset.schema.roles.task == "values":
        return 0
    return int(model(torch.from_numpy(dataset.windows.inputs(np.array([window])))).argmax())


def _filled(dataset: Dataset, x: Float32[np.ndarray, "time feature"], baseline: Baseline) -> Float32[np.ndarray, "time feature"]:
    if baseline == "window_mean":
        return np.broadcast_to(x.mean(axis=0), x.shape).copy()
    if baseline == "zero":
        scaling = dataset.scaling
        return np.broadcast_to(scaled_zero(scaling.feature_mean, scaling.feature_std), x.shape).copy()
    return np.zeros_like(x)


def _draws(dataset: Dataset, time: int) -> Float32[np.ndarray, "draw time feature"]:
    """Return windows of the training part, or of all where it is not known, cut or padded with the mean to this length."""
    windows = dataset.windows
    pool = windows.of_part("training")
    pool = pool if len(pool) else np.arange(len(windows))
    drawn = np.random.default_rng(0).choice(pool, size=min(DRAWS, len(pool)), replace=False)
    inputs = windows.inputs(drawn)[:, :time]
    return np.pad(inputs, ((0, 0), (0, time - inputs.shape[1]), (0, 0)))
