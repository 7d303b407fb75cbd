"""Explanations of many windows as a table."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import torch
from jaxtyping import Float, Int

from complex_lstm.data import Dataset
from complex_lstm.errors import ExplanationError
from complex_lstm.inference import window_frame
from complex_lstm.interpretation.ablation import ablate_features
from complex_lstm.interpretation.asking import Asked
from complex_lstm.interpretation.explanation import Question
from complex_lstm.interpretation.methods import explain
from complex_lstm.interpretation.questions import Baseline, make_question
from complex_lstm.model import ComplexLSTMModel


def explain_frame(
    model: ComplexLSTMModel,
    dataset: Dataset,
    chosen: Int[np.ndarray, " window"],
    method: str,
    *,
    target: str | None = None,
    cells: bool = False,
    baseline: Baseline = "training_mean",
    as_probability: bool = False,
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
        output = outputs.index(target) if target is not None else likeliest(model, dataset, window)
        question = make_question(dataset, window, output, baseline, as_probability=as_probability)
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


@torch.no_grad()
def likeliest(model: ComplexLSTMModel, dataset: Dataset, window: int) -> int:
    """Return the class that is predicted for a window, or the first value: what is explained when nobody says."""
    if dataset.schema.roles.task == "values":
        return 0
    x = torch.from_numpy(dataset.windows.inputs(np.array([window])))
    return int(model(x.to(model.gradient_scale.device)).argmax())


def _features_alone(model: ComplexLSTMModel, question: Question, method: str) -> Float[np.ndarray, " feature"]:
    """Return the features' importance. Ablation needs no cells for it, which take most of its time."""
    if method == "ablation":
        return ablate_features(Asked(model, question, torch.device("cpu")))
    return explain(model, question, method).features
