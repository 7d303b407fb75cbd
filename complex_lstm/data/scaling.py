"""Means and standard deviations of the training part, and the way back to the file's units."""

from __future__ import annotations

import csv
import io
import json
import math
import re
from collections.abc import Sequence
from typing import Any

import numpy as np
from jaxtyping import Float

from complex_lstm.config import Roles, Scaling, WindowConfig
from complex_lstm.data.series import Series
from complex_lstm.data.splitting import Span
from complex_lstm.errors import DataError


def fit_scaling(series: tuple[Series, ...], spans: tuple[Span, ...], window: WindowConfig) -> Scaling:
    """Return the scaling of the cells seen in the training spans, or in the whole file where its parts are not known.

    A column that never changes gets the scale 1.
    """
    training = [(series[span.series], span) for span in spans if span.part in ("training", "this file")]
    features = np.concatenate([one.values[span.start : span.stop] for one, span in training])
    targets = [one.targets[span.start : span.stop] for one, span in training]
    if window.as_change:
        targets = [values[window.horizon :] - values[: -window.horizon] for values in targets]
    return Scaling(*_moments(features), *_moments(np.concatenate(targets)))


def scale(values: Float[np.ndarray, "*shape feature"], scaling: Scaling) -> Float[np.ndarray, "*shape feature"]:
    """Return features in standard deviations from their training means, as float32."""
    return ((values - np.array(scaling.feature_mean)) / np.array(scaling.feature_std)).astype(np.float32)


def unscale(values: Float[np.ndarray, "*shape feature"], scaling: Scaling) -> Float[np.ndarray, "*shape feature"]:
    """Return scaled features in the file's units."""
    return values * np.array(scaling.feature_std) + np.array(scaling.feature_mean)


def scale_targets(
    actual: Float[np.ndarray, "window target"],
    last: Float[np.ndarray, "window target"],
    scaling: Scaling,
    window: WindowConfig,
) -> Float[np.ndarray, "window target"]:
    """Return the values that the model is trained on: scaled, or their scaled change since each window's last step."""
    learned = actual - last if window.as_change else actual
    return (learned - np.array(scaling.target_mean)) / np.array(scaling.target_std)


def unscale_targets(
    outputs: Float[np.ndarray, "*shape target"],
    last: Float[np.ndarray, "*#shape target"],
    scaling: Scaling,
    window: WindowConfig,
) -> Float[np.ndarray, "*shape target"]:
    """Return the model's outputs as values in the targets' own units; a change is added to the last step's value."""
    values = outputs * np.array(scaling.target_std) + np.array(scaling.target_mean)
    return values + last if window.as_change else values


def _moments(values: Float[np.ndarray, "time column"]) -> tuple[tuple[float, ...], tuple[float, ...]]:
    seen = ~np.isnan(values)
    count = np.maximum(seen.sum(axis=0), 1)
    mean = np.where(seen, values, 0).sum(axis=0) / count
    std = np.sqrt((np.where(seen, values - mean, 0) ** 2).sum(axis=0) / count)
    return tuple(mean.tolist()), tuple(np.where(std > 1e-12, std, 1.0).tolist())


def read_numbers(text: str) -> tuple[float, ...]:
    """Return the numbers of a text as they are copied from a program: between commas, semicolons or spaces, in brackets or not.

    Raises:
        DataError: a piece that is no finite number.
    """
    numbers = []
    for piece in re.split(r"[\s,;\[\]()]+", text.removeprefix("array").strip()):
        if piece:
            numbers.append(_number(piece, "the numbers"))
    return tuple(numbers)


def make_scaling(
    roles: Roles, feature_mean: Sequence[float], feature_std: Sequence[float], target_mean: Sequence[float], target_std: Sequence[float]
) -> Scaling:
    """Return a scaling for these roles. Targets that are classes have none.

    Raises:
        DataError: another number of means or deviations than of columns, or a deviation that is not above 0.
    """
    values = len(roles.targets) if roles.task == "values" else 0
    for what, columns, mean, std in (
        ("features", len(roles.features), feature_mean, feature_std),
        ("targets", values, target_mean if values else (), target_std if values else ()),
    ):
        if (len(mean), len(std)) != (columns, columns):
            raise DataError(
                f"There are {len(mean)} means and {len(std)} deviations for {columns} {what}. Give one of each for each column."
            )
        if any(one <= 0 for one in std):
            raise DataError(f"The deviations of the {what} hold {min(std):g}. A standard deviation is above 0.")
    return Scaling(tuple(feature_mean), tuple(feature_std), tuple(target_mean) if values else (), tuple(target_std) if values else ())


def read_scaling(content: bytes, name: str, roles: Roles, *, as_change: bool = False) -> Scaling:
    """Return the scaling in a file.

    A CSV has the header `column,mean,std` and a row a column. JSON has the lists `feature_mean`, `feature_std`, `target_mean` and
    `target_std` in the order of the columns, as our checkpoints have, or `{"column": {"mean": 1.0, "std": 2.0}}`. The entry
    of a target that is learned as its change is named `column change`.

    Raises:
        DataError: neither of these, or a column is missing, or see `make_scaling`.
    """
    try:
        text = content.decode("utf-8-sig")
        held: dict[str, Any] = json.loads(text) if text.lstrip().startswith("{") else _rows(text)
    except ValueError as error:
        raise DataError(f"{name} is neither a CSV with the columns column, mean and std nor JSON ({error!s:.120}).") from error
    if "feature_mean" in held or isinstance(held.get("mean"), list):
        return _of_lists(held, name, roles)
    values = tuple(f"{target} change" if as_change else target for target in roles.targets) if roles.task == "values" else ()
    lacking = [column for column in dict.fromkeys((*roles.features, *values)) if not isinstance(held.get(column), dict)]
    if lacking:
        raise DataError(
            f"{name} has no mean and deviation of {', '.join(map(repr, lacking))}. It names {', '.join(map(repr, held)) or 'no column'}: "
            f"add them, or give the columns the names that they have there."
        )
    numbers = [[_number(held[column].get(kind), f"{name}, {column!r}") for column in columns]
               for columns in (roles.features, values) for kind in ("mean", "std")]  # fmt: skip
    return make_scaling(roles, *numbers)


def _of_lists(held: dict[str, Any], name: str, roles: Roles) -> Scaling:
    found = []
    for kind in ("feature_mean", "feature_std", "target_mean", "target_std"):
        entry = held.get(kind, held.get(kind.removeprefix("feature_"), []))
        if not isinstance(entry, list):
            raise DataError(f"{name}: {kind} is {entry!r:.40}, expected a list with one number for each column.")
        found.append([_number(one, f"{name}, {kind}") for one in entry])
    return make_scaling(roles, *found)


def _rows(text: str) -> dict[str, dict[str, str]]:
    lines = list(csv.DictReader(io.StringIO(text)))
    if not lines or not {"column", "mean", "std"} <= set(lines[0]):
        raise ValueError(f"the header is {text.splitlines()[0]!r:.60}" if text.strip() else "it is empty")
    return {str(line["column"]): {"mean": str(line["mean"]), "std": str(line["std"])} for line in lines}


def _number(value: object, where: str) -> float:
    try:
        number = float(value)  # type: ignore[arg-type]  # what is no number is told
    except (TypeError, ValueError):
        number = math.nan
    if not math.isfinite(number):
        raise DataError(f"{value!r:.40} in {where} is not a finite number.")
    return number
