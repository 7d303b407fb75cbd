"""The baselines against which a window has something to explain, to choose one of where the chosen one changes too little."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch

from complex_lstm.data import Dataset
from complex_lstm.errors import never_stop
from complex_lstm.inference import predict
from complex_lstm.interpretation.evidence import CLEAR, window_evidence
from complex_lstm.interpretation.forward import ForwardFunction
from complex_lstm.interpretation.nearest_neighbours import neighbourhood
from complex_lstm.interpretation.requests import Baseline, make_request, name_baseline
from complex_lstm.model import ComplexLSTMModel

COMPARED = 256  # of the nearest training windows, among which one with another prediction is looked for
TRIED: tuple[Baseline, ...] = ("training_draws", "chosen_window", "training_mean", "window_mean", "zero", "interpolated")


@dataclass(frozen=True)
class ClearBaseline:
    """A baseline against which there is something to explain.

    reference  the window that stands in, of the baseline "chosen_window"; 0 of the others
    name       as under a figure
    step       how many times the least that counts as something the prediction differs from the baseline's
    needed     the smallest share of cells that was found to decide it
    """

    baseline: Baseline
    reference: int
    name: str
    step: float
    needed: float


def clear_baselines(
    model: ComplexLSTMModel,
    dataset: Dataset,
    window: int,
    output: int,
    *,
    but: tuple[Baseline, int] = ("training_mean", 0),
    as_probability: bool = False,
    device: torch.device | None = None,
    stop: Callable[[], bool] = never_stop,
) -> tuple[ClearBaseline, ...]:
    """Return the baselines with something to explain that a few cells decide, in the order of `TRIED`, without the one in use (`but`).

    Another window is tried where one of the nearest training windows (all windows, where the training part is not known) is predicted
    otherwise: the nearest such.

    Raises:
        ExplanationError: there is no such window or output.
        Stopped: `stop` returned True before a forward pass.
    """
    device, found = device or torch.device("cpu"), []
    for baseline in TRIED:
        if baseline == but[0] and baseline != "chosen_window":
            continue
        other = _otherwise_predicted(model, dataset, window, output, device, stop) if baseline == "chosen_window" else 0
        if other is None or (baseline, other) == but:
            continue
        request = make_request(dataset, window, output, baseline, as_probability=as_probability, reference=other)
        evidence = window_evidence(ForwardFunction(model, request, device, stop))
        if evidence.something:
            name = name_baseline(dataset, baseline, other)
            found.append(ClearBaseline(baseline, other, name, evidence.step, evidence.needed))
    return tuple(found)


def _otherwise_predicted(
    model: ComplexLSTMModel, dataset: Dataset, window: int, output: int, device: torch.device, stop: Callable[[], bool]
) -> int | None:
    """Return the nearest training window with another predicted class, or a value that clearly differs; None where there is none."""
    near = neighbourhood(dataset, window)
    if not len(near.numbers):
        return None
    nearest = near.nearest(dataset.windows.inputs(np.array([window]))[0], COMPARED)
    predicted = predict(model, dataset, np.concatenate([[window], nearest]), device=device, stop=stop).predicted
    if dataset.schema.roles.task == "classes":
        differs = predicted[1:].argmax(axis=1) != predicted[0].argmax()
    else:
        differs = np.abs(predicted[1:, output] - predicted[0, output]) > CLEAR * dataset.scaling.target_std[output]
    others = nearest[differs & np.isfinite(predicted[1:]).all(axis=1)]
    return int(others[0]) if len(others) else None
