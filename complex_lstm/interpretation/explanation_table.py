"""The explanations of many windows as one table."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import torch
from jaxtyping import Int

from complex_lstm.data import Dataset
from complex_lstm.errors import ExplanationError
from complex_lstm.inference import window_frame
from complex_lstm.interpretation.ablation import ablate_features
from complex_lstm.interpretation.automatic_baseline import automatic_request
from complex_lstm.interpretation.explanation import ExplanationRequest
from complex_lstm.interpretation.forward import ForwardFunction
from complex_lstm.interpretation.global_importance import predicted_output
from complex_lstm.interpretation.methods import METHODS, baseline_name, explain
from complex_lstm.interpretation.requests import USUAL, Baseline, make_request
from complex_lstm.model import ComplexLSTMModel

CPU = torch.device("cpu")


def explain_frame(
    model: ComplexLSTMModel,
    dataset: Dataset,
    chosen: Int[np.ndarray, " window"],
    method: str,
    *,
    target: str | None = None,
    cells: bool = False,
    baseline: Baseline | None = "training_mean",
    as_probability: bool = False,
    progress: Callable[[], None] = lambda: None,
) -> pd.DataFrame:
    """Return one row a chosen window and feature (or step and feature): where it is, the explained output, and the importance.

    `baseline` says which baseline the method took. Given as None it is chosen for each window: the training mean, or where the output
    hardly differs from that of the training mean another one (`automatic_baseline`).

    Where features are made from others, `origin` says of each of these what it is: the age of the last value of a column, a clock's hour.
    A window without a prediction, because an output is not a finite number, has empty cells for its importance, and is not explained.

    Without a target the explained class is the predicted one, and the explained value is the first.

    Raises:
        ExplanationError: no such target or method.
    """
    outputs, features = dataset.schema.outputs, dataset.schema.roles.features
    places, rows = window_frame(dataset, chosen), []
    for place, window in zip(places.to_dict("records"), chosen.tolist(), strict=True):
        output = output_of(model, dataset, window, target)
        if output is None:
            without = place | {"target": "", "method": method, "baseline": ""}
            rows += [without | {"feature": name, "importance": np.nan} for name in features]
            continue
        request = request_of(model, dataset, window, output, method, baseline=baseline, as_probability=as_probability)
        about = place | {"target": outputs[output], "method": method, "baseline": baseline_name(METHODS[method], request)}
        if cells:
            found = explain(model, request, method).cells
            rows += [
                about | {"step": step, "feature": name, "importance": found[step, number]}
                for step in range(len(found))
                for number, name in enumerate(features)
            ]
        else:
            # ablation takes most of its time for the cells, which are not needed here
            is_ablation = method == "ablation"
            of_features = ablate_features(ForwardFunction(model, request, CPU)) if is_ablation else explain(model, request, method).features
            rows += [about | {"feature": name, "importance": of_features[number]} for number, name in enumerate(features)]
        progress()
    frame = pd.DataFrame(rows)
    origins = {name: one.origin for one in dataset.schema.derived for name in one.names}
    if origins:
        frame.insert(list(frame).index("feature") + 1, "origin", frame["feature"].map(origins).fillna(""))
    return frame


def output_of(model: ComplexLSTMModel, dataset: Dataset, window: int, target: str | None) -> int | None:
    """Return the output of a window that is explained: the target, else what is predicted; None where it has no prediction.

    Raises:
        ExplanationError: no such target.
    """
    outputs, predicted = dataset.schema.outputs, predicted_output(model, dataset, window)
    if target is not None and target not in outputs:
        raise ExplanationError(f"There is no target {target!r}; the model has {', '.join(outputs)}.")
    return outputs.index(target) if target is not None and predicted is not None else predicted


def request_of(
    model: ComplexLSTMModel, dataset: Dataset, window: int, output: int, method: str, *, baseline: Baseline | None, as_probability: bool
) -> ExplanationRequest:
    """Return the request for a window: against the baseline, or where none is given and the method takes one, the one chosen by itself."""
    if baseline or METHODS[method].against != "baseline":
        return make_request(dataset, window, output, baseline or USUAL, as_probability=as_probability)
    return automatic_request(model, dataset, window, output, as_probability=as_probability)
