"""Columns from which the answer could be read off: those that copy a target, or whose values each go with one class."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd
from jaxtyping import Float

PERFECT = 0.9999  # correlation: the same quantity in another unit, both rounded, reaches it; two sensors side by side do not
FEWEST = 10  # rows: with fewer a perfect correlation, or one class for each value, is chance
COMPARED = 20_000  # rows that are compared
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
    both = ~np.isnan(first) & ~np.isnan(second)
    a, b = first[both], second[both]
    if len(a) < FEWEST or is_constant(a) or is_constant(b):
        return False
    a, b = a - a.mean(), b - b.mean()
    size = float(np.sqrt((a**2).sum() * (b**2).sum()))
    return size > 0 and abs(float((a * b).sum())) / size >= PERFECT


def copies(cells: pd.Series, target: pd.Series) -> bool:
    """Return whether a column's cells are a target's, perhaps in another unit, in the first rows of a table."""
    first, second = (pd.to_numeric(one.iloc[:COMPARED], errors="coerce").to_numpy(dtype=float, na_value=np.nan) for one in (cells, target))
    return is_copy(first, second)


def determines(cells: pd.Series, labels: pd.Series) -> bool:
    """Return whether each value of a column goes with one class only, ten rows or more of each value, and more than one class occurs.

    Where each value stands for one class, and each class for one value, fewer rows are enough.
    """
    pairs = pd.DataFrame({"value": cells.to_numpy(), "label": labels.to_numpy()}).dropna()
    classes = pairs.groupby("value")["label"].nunique()
    if not len(pairs) or pairs["label"].nunique() < 2 or (classes > 1).any():
        return False
    return len(classes) == pairs["label"].nunique() or bool(pairs["value"].value_counts().min() >= FEWEST)


def is_split_name(name: str) -> bool:
    """Return whether a column's name says nothing but which rows are for training or testing: split, is_train, cvFold, test set."""
    words = set(re.split(r"[^a-z]+", re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name).lower()))
    return bool(words & SPLIT_WORDS) and words <= SPLIT_WORDS | BESIDE_SPLIT_WORDS
