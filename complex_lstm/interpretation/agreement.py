"""Whether explanations agree: how alike two methods rank the features, or the cells."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any, Literal

import numpy as np
from jaxtyping import Bool, Float, Int
from scipy.stats import kendalltau, spearmanr

from complex_lstm.interpretation.explanation import Explanation, UnsignedAttribution

Over = Literal["features", "cells"]
Items = Float[np.ndarray, " item"]

TOP = {"features": 1 / 3, "cells": 0.1}  # share of the items that count as the top


@dataclass(frozen=True)
class Measure:
    """A measure of agreement between two methods: 1 is the same; `lowest` is the opposite."""

    label: str
    sentence: str
    of: Callable[[Items, Items, float], float]
    needs_sign: bool = False
    lowest: float = 0.0


def _correlated(measure: Callable[..., Any], first: Items, second: Items) -> float:
    sizes = np.abs(first), np.abs(second)
    if any(np.ptp(one) == 0 for one in sizes):
        return math.nan
    return float(measure(*sizes).statistic)


def rank_correlation(first: Float[np.ndarray, "*shape"], second: Float[np.ndarray, "*shape"]) -> float:
    """Return Spearman's rank correlation of two maps' sizes, NaN where all of one are the same."""
    return _correlated(spearmanr, first.ravel(), second.ravel())


def _overlap(first: Items, second: Items, share: float, *, same_sign: bool = False, same_place: bool = False) -> float:
    shared = top_items(first, share) & top_items(second, share)
    if same_sign:
        shared &= np.sign(first) == np.sign(second)
    if same_place:
        shared &= _places(first) == _places(second)
    return float(shared.sum() / _count(first, share))


MEASURES: dict[str, Measure] = {
    "spearman": Measure(
        "Spearman", "rank correlation of the sizes", lambda first, second, share: _correlated(spearmanr, first, second), lowest=-1.0
    ),
    "kendall": Measure(
        "Kendall",
        "share of pairs of items in the same order minus the share in opposite order",
        lambda first, second, share: _correlated(kendalltau, first, second),
        lowest=-1.0,
    ),
    "top_k": Measure("Top-k overlap", "share of the top items of one that are top items of the other: feature agreement", _overlap),
    "sign": Measure(
        "Sign agreement",
        "share of the top items that are the other's too, with the same sign",
        partial(_overlap, same_sign=True),
        needs_sign=True,
    ),
    "rank": Measure(
        "Rank agreement",
        "share of the top items that stand in the same place in both rankings",
        partial(_overlap, same_place=True),
    ),
    "signed_rank": Measure(
        "Signed rank agreement",
        "share of the top items that stand in the same place in both rankings, with the same sign",
        partial(_overlap, same_sign=True, same_place=True),
        needs_sign=True,
    ),
}


def agreement(explanations: tuple[Explanation, ...], measure: str, over: Over) -> Float[np.ndarray, "method method"]:
    """Return how far each two methods agree (Krishna et al. 2022), over the features or over the cells.

    The two with a sign compare sizes and signs, the others sizes. The top are a third of the features, or a tenth of the
    cells. NaN where a method gives every item the same, or has no sign and one is needed. Rank agreement asks for the very
    same place, so that over many cells it is near 0 for maps that look alike: two neighbours that change places lose both.
    With F features the smallest steps are large: of nine features even a random order reaches a Spearman of 0.6 once in
    twenty. Neighbouring cells are alike, so over cells it is higher by chance than their number suggests.
    """
    chosen = MEASURES[measure]
    items = [getattr(one, over).ravel() for one in explanations]
    comparable = [
        np.ptp(np.abs(one)) > 0 and not (chosen.needs_sign and isinstance(by.attribution, UnsignedAttribution))
        for one, by in zip(items, explanations, strict=True)
    ]
    found = np.full((len(items), len(items)), math.nan)
    for row, first in enumerate(items):
        for column, second in enumerate(items[: row + 1]):
            if comparable[row] and comparable[column]:
                found[row, column] = found[column, row] = chosen.of(first, second, TOP[over])
    return found


def furthest_apart(matrix: Float[np.ndarray, "method method"]) -> tuple[int, int] | None:
    """Return the two methods that agree least, or None where no two can be compared."""
    lower = np.where(np.tri(len(matrix), k=-1, dtype=bool), matrix, math.nan)
    if np.isnan(lower).all():
        return None
    row, column = np.unravel_index(int(np.nanargmin(lower)), lower.shape)
    return int(column), int(row)


def top_items(items: Items, share: float) -> Bool[np.ndarray, " item"]:
    """Return which items are among the largest in size; of equal ones the first."""
    return _places(items) < _count(items, share)


def _places(items: Items) -> Int[np.ndarray, " item"]:
    """Return the place of each item by its size, the largest first; of equal ones the first."""
    places = np.empty(len(items), dtype=int)
    places[np.argsort(-np.abs(items), kind="stable")] = np.arange(len(items))
    return places


def _count(items: Items, share: float) -> int:
    return max(1, math.ceil(round(share * len(items), 6)))  # 0.1 * 70 is a hair above 7
