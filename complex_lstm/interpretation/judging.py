"""The verdict on an explanation of any model, by any library: `judge`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import torch
from numpy.typing import ArrayLike

from complex_lstm.errors import ExplanationError, never_stop
from complex_lstm.interpretation import verdict
from complex_lstm.interpretation.any_model import forward_function
from complex_lstm.interpretation.evidence import map_evidence, window_evidence
from complex_lstm.interpretation.explanation import Attribution, Explanation, ExplanationRequest, UnsignedAttribution
from complex_lstm.interpretation.verdict import Verdict
from complex_lstm.interpretation.window_requests import finite_numbers
from complex_lstm.model.device import device_name


def judge(
    model: Any,
    explanation: Explanation | ArrayLike,
    request: ExplanationRequest,
    *,
    signed: bool | None = None,
    unit: str = "",
    device: torch.device | None = None,
    stop: Callable[[], bool] = never_stop,
) -> Verdict:
    """Return how far an explanation of the request can be trusted, measured on the model: `model` is what `explain` takes.

    `explanation` comes from `explain`, or is an array (time, feature) of another library's map. Of an array `signed` says whether
    positive cells raise the output; without it, a map with a negative cell is taken as signed, and one without as sizes. `unit` is the
    explained output's, for the words.

    Raises:
        ExplanationError: cells that do not fit the request, or a model that cannot be explained.
        Stopped: `stop` returned True.
    """
    forward_func = forward_function(model, request, device, stop)
    answer = explanation if isinstance(explanation, Explanation) else _given(explanation, request, signed, device_name(forward_func.device))
    if answer.cells.shape != request.x.shape:
        raise ExplanationError(f"The explanation has cells of shape {answer.cells.shape}, the request's window {request.x.shape}.")
    window = window_evidence(forward_func)
    found = verdict.judge(answer, map_evidence(forward_func, window, answer.attribution), window, unit=unit)
    unsteady = getattr(forward_func.model, "unsteady", "")
    return replace(found, warnings=(*found.warnings, unsteady)) if unsteady else found


def _given(cells: Any, request: ExplanationRequest, signed: bool | None, device: str) -> Explanation:
    """Return another library's map as an explanation; a batch of one is taken as its window."""
    values = finite_numbers(cells, "the map", "(time, feature)")
    values = values[0] if values.ndim == 3 and len(values) == 1 else values
    if values.shape != request.x.shape:
        turned = " Is it (feature, time)? Give its transpose." if values.shape == request.x.shape[::-1] else ""
        raise ExplanationError(f"The map has the shape {values.shape}, the request's window {request.x.shape}.{turned}")
    kind = Attribution if signed or (signed is None and (values < 0).any()) else UnsignedAttribution
    return Explanation("given map", kind(values, values.sum(axis=0), "given"), request.baseline_name, 0, 0.0, device)
