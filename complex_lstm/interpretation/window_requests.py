"""Explanation requests made from windows alone, for a model of any library."""

from __future__ import annotations

import operator
from typing import Any, SupportsIndex

import numpy as np
import pandas as pd
import torch
from jaxtyping import Float32
from numpy.typing import ArrayLike

from complex_lstm.errors import ExplanationError
from complex_lstm.interpretation.explanation import ExplanationRequest
from complex_lstm.interpretation.forward import linearly_interpolated
from complex_lstm.interpretation.requests import AVERAGED, DRAWS

BASELINE_NAMES = {
    "training_mean": "the background's mean of each feature",
    "window_mean": "each feature's mean over this window",
    "zero": "0",
    "interpolated": "a straight line across the removed cells",
    "training_draws": "background windows, drawn and averaged over",
}


def request_for(
    x: ArrayLike,
    background: ArrayLike,
    output: SupportsIndex = 0,
    *,
    baseline: str | ArrayLike = "training_mean",
    as_probability: bool = False,
    logits: bool = False,
) -> ExplanationRequest:
    """Return the request to explain one output for one window, both as the model takes them.

    x               the window (time, feature): an array, a tensor or a DataFrame with a column for each feature
    background      windows like those the model was trained with (window, time, feature), or a list of them: what a cell without
                    information is, and how far the output spreads, are taken from these. 30 or more of each class are plenty
    output          the number of the output
    baseline        what stands in a removed cell: "training_mean", "window_mean", "zero", "interpolated", "training_draws", or an array
                    of a number for each feature, of one window, or of several, over which the output is averaged
    as_probability  explain the softmax of logits; leave it out where the outputs are probabilities already
    logits          the outputs are logits of classes and are explained as they are: a verdict then asks for a clear difference in
                    probability, instead of one in the spread of the output over the background

    The methods count a feature in about its standard deviation over the background (the nearest power of two, so that no digit is lost),
    since noise and gradients of features in different units could not be compared; the model gets the windows in their own units.

    Raises:
        ExplanationError: shapes that do not fit, cells without a number, or no such baseline.
    """
    window = finite_numbers(x, "x", "(time, feature)")
    window = window[0] if window.ndim == 3 and len(window) == 1 else window
    drawn = finite_numbers(background, "background", "(window, time, feature)")
    _check_shapes(window, drawn)
    _check_columns(x, background)
    scale = _scale(drawn)
    filled = _baselines(window, drawn, baseline)
    chosen = np.random.default_rng(0).choice(len(drawn), size=min(DRAWS, len(drawn)), replace=False)
    return ExplanationRequest(
        _scaled(window, scale, "x"),
        _scaled(filled, scale, "baseline"),
        _scaled(drawn[chosen], scale, "background"),
        _number_of(output),
        as_probability=as_probability,
        interpolated=isinstance(baseline, str) and baseline == "interpolated",
        baseline_name=BASELINE_NAMES[baseline] if isinstance(baseline, str) else "the baseline given",
        draws_name="background windows",
        mean_name="0",
        scale=scale.astype(np.float32),
        logits=logits and not as_probability,
    )


def finite_numbers(given: Any, name: str, shape: str) -> np.ndarray:
    """Return an array, tensor, table, or list of them, as float64. `name` and `shape` are those of an error's message.

    Raises:
        ExplanationError: it is no array of finite numbers.
    """
    if given is None:
        raise ExplanationError(f"{name} is None, expected numbers {shape}.")
    try:
        if isinstance(given, list | tuple):
            return np.stack([finite_numbers(one, f"{name}[{number}]", shape) for number, one in enumerate(given)])
        values = given.detach().cpu() if isinstance(given, torch.Tensor) else given
        found = np.asarray(values, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise ExplanationError(f"{name} cannot be read as numbers {shape}: {error}") from error
    if not np.isfinite(found).all():
        places = np.argwhere(~np.isfinite(found))
        raise ExplanationError(
            f"{name} {shape} has no finite number in {len(places)} cell{'s' if len(places) > 1 else ''}, the first at "
            f"{tuple(places[0].tolist())}. Give each a number."
        )
    return found


def _number_of(output: Any) -> int:
    try:
        return operator.index(output)
    except TypeError:
        raise ExplanationError(f"output is {output!r}, expected the number of one of the model's outputs, counted from 0.") from None


def _check_shapes(window: np.ndarray, drawn: np.ndarray) -> None:
    if window.ndim != 2 or not window.size:
        raise ExplanationError(f"x has the shape {window.shape}, expected (time, feature). A series of one feature is x[:, None].")
    if drawn.ndim != 3 or drawn.shape[1:] != window.shape:
        raise ExplanationError(
            f"background has the shape {drawn.shape}, expected (window, time, feature) with {window.shape[0]} steps and "
            f"{window.shape[1]} features, as x has."
        )
    if len(drawn) < 2:
        raise ExplanationError("background has one window; how far the output spreads takes two at least, and 30 or more are better.")


def _check_columns(x: Any, background: Any) -> None:
    """Refuse tables whose columns are not in the order of the window's."""
    if isinstance(x, pd.DataFrame) and isinstance(background, list | tuple):
        for number, one in enumerate(background):
            if isinstance(one, pd.DataFrame) and list(one.columns) != list(x.columns):
                raise ExplanationError(
                    f"background[{number}] has the columns {list(one.columns)}, x has {list(x.columns)}. Bring them in one order."
                )


def _baselines(window: np.ndarray, drawn: np.ndarray, baseline: Any) -> np.ndarray:
    """Return the windows (baseline, time, feature) whose cells carry no information."""
    if not isinstance(baseline, str):
        given = finite_numbers(baseline, "baseline", "(feature,), (time, feature) or (baseline, time, feature)")
        if given.shape not in (window.shape[1:], window.shape) and (given.ndim != 3 or given.shape[1:] != window.shape or not len(given)):
            raise ExplanationError(
                f"baseline has the shape {given.shape}, expected {window.shape[1:]} for a number of each feature, {window.shape} for one "
                f"window, or (baseline, {window.shape[0]}, {window.shape[1]}) for several."
            )
        return given if given.ndim == 3 else np.broadcast_to(given, window.shape)[None]
    if baseline == "training_draws":
        return drawn[np.random.default_rng(0).choice(len(drawn), size=min(AVERAGED, len(drawn)), replace=False)]
    if baseline == "interpolated":
        whole = torch.from_numpy(window)[None]
        return linearly_interpolated(whole, torch.ones_like(whole, dtype=torch.bool)).numpy()
    of_feature = {"training_mean": drawn.mean(axis=(0, 1)), "window_mean": window.mean(axis=0), "zero": np.zeros(window.shape[1])}
    if baseline not in of_feature:
        raise ExplanationError(f"There is no baseline {baseline!r}; choose one of {', '.join(BASELINE_NAMES)}, or give an array.")
    return np.broadcast_to(of_feature[baseline], window.shape)[None]


def _scale(drawn: np.ndarray) -> np.ndarray:
    """Return the power of two next to each feature's standard deviation, 1 for a feature that does not vary."""
    deviation = drawn.std(axis=(0, 1))
    return np.exp2(np.round(np.log2(np.where(deviation > 0, deviation, 1.0))))


def _scaled(windows: np.ndarray, scale: np.ndarray, name: str) -> Float32[np.ndarray, "*shape"]:
    """Return windows in the methods' units.

    Raises:
        ExplanationError: single precision does not hold a feature's differences, as of a clock in seconds since 1970.
    """
    kept = (windows / scale).astype(np.float32)
    lost = np.abs(kept - windows / scale).reshape(-1, windows.shape[-1]).max(axis=0)
    if lost.max() > 0.01 or not np.isfinite(lost).all():
        feature = int(np.argmax(lost))
        raise ExplanationError(
            f"Feature {feature} of {name} has values near {windows[..., feature].flat[0]:.6g} that differ by about {scale[feature]:.2g}: "
            "single precision does not hold that. Subtract an offset, and add it again in a function around the model."
        )
    return kept
