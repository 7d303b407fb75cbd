"""Columns from which the answer could be read off: those that copy a target, now or later, or whose values each go with one class."""

from __future__ import annotations

import re
from typing import Literal

import numpy as np
import pandas as pd
from jaxtyping import Float, Shaped

from complex_lstm.data.cells import floats

PERFECT = 0.9999  # correlation: the same quantity in another unit, both rounded, reaches it; two sensors side by side do not
EXACT = 1e-3  # of the target's deviation: what rounding leaves of a sum
FEWEST = 10  # rows: with fewer a perfect correlation, or one class for each value, is chance
COMPARED = 20_000  # rows that are compared
MOST_AHEAD = 48  # rows: two days of hours
GLANCED, APART = 200, 0.3  # first rows, and the share of their steps in which two columns that do not rise and fall together differ
SUMMED = 5_000  # rows in which a sum is looked for, among so many columns, those that go most with the target
MOST_SUMMED = 12
MOST_CHANGES = 0.3  # share of the rows beside a change of the label: with more, everything ends near one
NEARLY, AT_CHANGES = 0.95, 0.8  # shares of the steps of a count that are even, and of its ends at which the label changes
ROUNDED = 0.02  # of a step
SPLIT_WORDS = {"split", "train", "training", "test", "testing", "val", "valid", "validation", "holdout", "fold", "folds", "set", "subset",
               "partition", "dataset"}  # fmt: skip
BESIDE_SPLIT_WORDS = {"is", "in", "the", "data", "cv", "k", "id", "no", "nr", "number", "index", "or", "and", "col", "column", ""}


def is_constant(values: Float[np.ndarray, " row"]) -> bool:
    """Return whether a column never changes; empty cells are left out, and a column of nothing else never changes either."""
    known = values[~np.isnan(values)]
    return len(known) == 0 or bool((known == known[0]).all())


def is_copy(first: Float[np.ndarray, " row"], second: Float[np.ndarray, " row"]) -> bool:
    """Return whether two columns hold the same, or are perfectly correlated, over the rows that both have.

    Constant columns, and those with fewer than ten rows in common, are not compared.
    """
    both = np.isfinite(first) & np.isfinite(second)
    a, b = first[both], second[both]
    if len(a) < FEWEST or is_constant(a) or is_constant(b):
        return False
    a, b = a / np.abs(a).max(), b / np.abs(b).max()  # so that no square overflows
    a, b = a - a.mean(), b - b.mean()
    size = float(np.sqrt((a**2).sum() * (b**2).sum()))
    return size > 0 and abs(float((a * b).sum())) / size >= PERFECT


def copies(cells: pd.Series, target: pd.Series) -> bool:
    """Return whether a column's cells are a target's, perhaps in another unit, in the first rows of a table."""
    return is_copy(floats(cells.iloc[:COMPARED]), floats(target.iloc[:COMPARED]))


def steps_ahead(values: Float[np.ndarray, " row"], target: Float[np.ndarray, " row"], series: Shaped[np.ndarray, " row"]) -> int:
    """Return how many rows later a target has a column's values, 0 where it never does within `MOST_AHEAD`; rows are in order of time.

    The values have to be the same, but for one row in a hundred, and many: two smooth columns look alike at some distance, and so do
    two that hold few values.
    """
    for ahead in range(1, min(MOST_AHEAD, len(values) // 2) + 1):
        now, later = values[:-ahead], target[ahead:]
        if np.count_nonzero(now == later) < 5 * FEWEST:  # which tells of most columns, in a tenth of the time
            continue
        both = np.isfinite(now) & np.isfinite(later) & (series[:-ahead] == series[ahead:])
        if both.sum() >= 5 * FEWEST and (now[both] == later[both]).mean() > 0.99:
            return ahead if len(np.unique(target[np.isfinite(target)])) >= 2 * FEWEST else 0
    return 0


def adds_up(columns: Float[np.ndarray, "row column"], target: Float[np.ndarray, " row"]) -> list[int]:
    """Return the columns whose sum or difference, each times a number, is the target: the fewest of them, [] where there are none.

    Two columns or more; of rows in which all are known.
    """
    known = np.isfinite(columns).all(axis=1) & np.isfinite(target)
    x, y = columns[known][:SUMMED], target[known][:SUMMED]
    if len(y) < 5 * FEWEST or x.shape[1] < 2 or is_constant(y):
        return []
    x = np.hstack([(x - x.mean(axis=0)) / np.where(x.std(axis=0) > 0, x.std(axis=0), 1), np.ones((len(y), 1))])
    y = (y - y.mean()) / y.std()
    nearest = np.argsort(-np.abs(x[:, :-1].T @ y), kind="stable")
    chosen = sorted(nearest[: min(MOST_SUMMED, len(y) // 5)].tolist())
    if _unexplained(x, y, chosen) > EXACT:
        return []
    for column in [one for one in nearest[::-1].tolist() if one in chosen]:
        fewer = [one for one in chosen if one != column]
        if fewer and _unexplained(x, y, fewer) <= EXACT:
            chosen = fewer
    return chosen


def _unexplained(x: np.ndarray, y: np.ndarray, chosen: list[int]) -> float:
    """Return the share of a target's deviation that columns leave open."""
    used = x[:, [*chosen, -1]]
    return float((y - used @ np.linalg.lstsq(used, y, rcond=None)[0]).std())


def determines(cells: pd.Series, labels: pd.Series) -> bool:
    """Return whether each value of a column goes with one class only, ten rows or more of each value, and more than one class occurs.

    Where each value stands for one class, and each class for one value, fewer rows are enough.
    """
    pairs = pd.DataFrame({"value": cells.to_numpy(), "label": labels.to_numpy()}).dropna()
    classes = pairs.groupby("value")["label"].nunique()
    if not len(pairs) or pairs["label"].nunique() < 2 or (classes > 1).any():
        return False
    return len(classes) == pairs["label"].nunique() or bool(pairs["value"].value_counts().min() >= FEWEST)


def counts_to_change(
    values: Float[np.ndarray, " row"],
    labels: Shaped[np.ndarray, " row"],
    series: Shaped[np.ndarray, " row"],
    elapsed: Float[np.ndarray, " row"],
) -> Literal["", "down", "up"]:
    """Return "down" for a column that falls evenly until the label changes, "up" for one that rises evenly and begins again there.

    Rows are in the order of their series and times; `elapsed` is the time of each, or its number. A value may be held where the count
    is over, or where it is cut off at a highest value.
    """
    within = series[1:] == series[:-1]
    moved, steps = np.diff(elapsed), np.diff(values)
    with np.errstate(invalid="ignore", divide="ignore"):
        rate = np.where(within & (moved > 0), steps / moved, np.nan)
    changed = within & (labels[1:] != labels[:-1])
    near = changed | np.append(changed[1:], False) | np.append(False, changed[:-1])
    if not changed.any() or near.mean() > MOST_CHANGES:
        return ""
    directions: tuple[tuple[Literal["down", "up"], int], ...] = (("down", -1), ("up", 1))
    for way, sign in directions:
        moving = sign * rate > 0
        if moving.sum() < FEWEST:
            continue
        even = np.isclose(rate, np.median(rate[moving]), rtol=ROUNDED, atol=0)
        ends = np.flatnonzero(even[:-1] & ~even[1:] & within[1:]) + 1
        if even.sum() >= NEARLY * moving.sum() and len(ends) and near[ends].mean() >= AT_CHANGES:
            return way
    return ""


def separates(values: Float[np.ndarray, " row"], labels: Shaped[np.ndarray, " row"]) -> bool:
    """Return whether each class has a range of a column's values for itself, ten rows or more, and often changes; "" is no class.

    Where it changes seldom, any column that drifts has such ranges.
    """
    known = np.isfinite(values) & (labels != "")
    codes, _ = pd.factorize(labels[known])
    counts = np.bincount(codes) if len(codes) else np.zeros(0, dtype=int)
    if len(counts) < 2 or counts.min() < FEWEST or (np.diff(codes) != 0).sum() <= 2 * len(counts):
        return False
    order = np.argsort(values[known], kind="stable")
    at_change = np.diff(codes[order]) != 0
    return int(at_change.sum()) == len(counts) - 1 and bool((np.diff(values[known][order])[at_change] > 0).all())


def is_same_order(first: Float[np.ndarray, " row"], second: Float[np.ndarray, " row"]) -> bool:
    """Return whether two columns rise and fall together row for row, as a quantity and its logarithm or square do.

    The second has to go up and down often: two columns that only rise have the same order too.
    """
    both = np.isfinite(first) & np.isfinite(second)
    a, b = first[both][:COMPARED], second[both][:COMPARED]
    if len(a) < FEWEST or (np.sign(np.diff(a[:GLANCED])) != np.sign(np.diff(b[:GLANCED]))).mean() > APART:
        return False  # of most columns the first rows tell, and ranks take long
    if (np.diff(np.sign(np.diff(b))) != 0).sum() < 2 * FEWEST:
        return False
    if min(len(np.unique(a)), len(np.unique(b))) < 2 * FEWEST:
        return False
    return is_copy(pd.Series(a).rank().to_numpy(), pd.Series(b).rank().to_numpy())


def is_split_name(name: str) -> bool:
    """Return whether a column's name says nothing but which rows are for training or testing: split, is_train, cvFold, test set."""
    words = set(re.split(r"[^a-z]+", re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name).lower()))
    return bool(words & SPLIT_WORDS) and words <= SPLIT_WORDS | BESIDE_SPLIT_WORDS
