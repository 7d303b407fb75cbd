"""What in a file makes a model useless or its score too good, found before training. Nothing is changed for it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd
from jaxtyping import Bool, Float

from complex_lstm.data.leaks import COMPARED, counts_to_change, is_constant, is_copy, is_split_name, separates
from complex_lstm.data.prepare import Dataset

ProblemKind = Literal["split column", "copy", "future copy", "tells the change", "tells the class", "constant feature"]

MOST_PARTS = 20  # distinct values: a column of more is a measurement, whatever its name


@dataclass(frozen=True)
class Problem:
    """One finding: its kind, the columns that show it, and the target that it is about, "" for none."""

    kind: ProblemKind
    columns: tuple[str, ...]
    target: str = ""


def find_problems(dataset: Dataset) -> tuple[Problem, ...]:
    """Return what is suspicious about the columns that a model would be trained on, the gravest first.

    A feature counts as constant where it is so in the training part: what happens later cannot be learned. A target that is so is
    refused when the data is prepared (`check_learnable`).
    """
    roles, values = dataset.schema.roles, _rows(dataset, "values")
    training = _in_training(dataset)
    found = [Problem("copy", copies, target) for target, copies in _copies(dataset, ahead=0).items()]
    if roles.task == "values":
        found += [Problem("future copy", copies, target) for target, copies in _copies(dataset, ahead=dataset.window.horizon).items()]
    else:
        found += _tell_class(dataset, {name for one in found for name in one.columns})
    numbered = dict(zip(roles.features, values.T, strict=True))
    parts = {name: pd.Series(numbered[name]).nunique() for name in roles.features if is_split_name(name)}
    named = tuple(name for name, count in parts.items() if count <= MOST_PARTS)
    labels = roles.targets if roles.task == "classes" else ()
    if split_columns := (*named, *(name for name in labels if is_split_name(name))):
        found.append(Problem("split column", split_columns))
    still = tuple(name for name in roles.features if is_constant(numbered[name][training]) and name not in roles.targets)
    if still:
        found.append(Problem("constant feature", still))
    return tuple(found)


def codes(values: Float[np.ndarray, " row"], labels: np.ndarray) -> bool:
    """Return whether each value of a column stands for one class, and each class for one value: the answer as a number."""
    known = ~np.isnan(values) & (labels != "")
    pairs = {*zip(values[known].tolist(), labels[known].tolist(), strict=True)}
    classes = {label for _, label in pairs}
    return len(classes) > 1 and len(pairs) == len(classes) == len({value for value, _ in pairs})


def _copies(dataset: Dataset, *, ahead: int) -> dict[str, tuple[str, ...]]:
    """Return for each target the features that copy it, at the same step or as it is some steps later."""
    roles = dataset.schema.roles
    if roles.task == "classes":
        values, labels = _rows(dataset, "values"), np.concatenate([one.labels for one in dataset.series])
        copies = tuple(name for name, column in zip(roles.features, values.T, strict=True) if codes(column, labels))
        return {roles.targets[0]: copies} if copies else {}
    values = np.concatenate([one.values[: max(len(one) - ahead, 0)] for one in dataset.series])
    targets = np.concatenate([one.targets[ahead:] for one in dataset.series])
    found = {}
    for target, later in zip(roles.targets, targets.T, strict=True):
        others = [(name, column) for name, column in zip(roles.features, values.T, strict=True) if name not in roles.targets]
        if copies := tuple(name for name, column in others if is_copy(column, later)):
            found[target] = copies
    return found


def _tell_class(dataset: Dataset, known: set[str]) -> list[Problem]:
    """Return the features, but those that are known to be copies, that tell when the class changes, and those that tell the class."""
    roles, values = dataset.schema.roles, _rows(dataset, "values")[:COMPARED]
    labels = np.concatenate([one.labels for one in dataset.series])[: len(values)]
    series = np.repeat(np.arange(len(dataset.series)), [len(one) for one in dataset.series])[: len(values)]
    step = np.arange(len(values), dtype=float)
    columns = [(name, column) for name, column in zip(roles.features, values.T, strict=True) if name not in known]
    counting = tuple(name for name, column in columns if counts_to_change(column, labels, series, step))
    telling = tuple(name for name, column in columns if name not in counting and separates(column, labels))
    kinds: tuple[tuple[ProblemKind, tuple[str, ...]], ...] = (("tells the change", counting), ("tells the class", telling))
    return [Problem(kind, names, roles.targets[0]) for kind, names in kinds if names]


def _rows(dataset: Dataset, field: Literal["values", "targets"]) -> Float[np.ndarray, "row column"]:
    return np.concatenate([getattr(one, field) for one in dataset.series])


def _in_training(dataset: Dataset) -> Bool[np.ndarray, " row"]:
    first_row = np.concatenate([[0], np.cumsum([len(one) for one in dataset.series])])
    inside = np.zeros(first_row[-1], dtype=bool)
    for span in dataset.spans:
        if span.part == "training":
            inside[first_row[span.series] + span.start : first_row[span.series] + span.stop] = True
    return inside
