"""The rows of a part in blocks that are about independent, and their cells counted block by block.

`evaluation.blocks` does the same for windows; here every row counts once, also where windows overlap.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Int

from complex_lstm.data import Dataset
from complex_lstm.evaluation.blocks import FEWEST, MANY_SERIES, has_steps_within_days

POINTS = 256  # values at which shares are compared: a distance is known to within a 128th


@dataclass(frozen=True)
class RowBlocks:
    """Cells of a part, and the block of each row, from 0 in the order of time where they have one; `keys` are their `row_keys`."""

    values: Float[np.ndarray, "row feature"]
    of_row: Int[np.ndarray, " row"]
    keys: Int[np.ndarray, " block"]

    @property
    def count(self) -> int:
        return len(self.keys)


def block_kind(dataset: Dataset, part: str) -> str:
    """Return what the blocks of a part's rows are: groups, series, days, or stretches as long as a window."""
    spans = [span for span in dataset.spans if span.part == part]
    if group_count(dataset, part) >= FEWEST:
        return "groups"
    if len(dataset.series) >= MANY_SERIES or dataset.window.whole_series:
        return "series"
    if all(dataset.series[span.series].times.dtype.kind == "M" for span in spans):
        days = [np.unique(dataset.series[span.series].times[span.start : span.stop].astype("datetime64[D]")) for span in spans]
        if len(np.unique(np.concatenate(days))) >= FEWEST and has_steps_within_days(dataset):
            return "days"
    return f"stretches of {dataset.window.length} steps"


def row_keys(dataset: Dataset, series: int, steps: Int[np.ndarray, " step"], kind: str) -> Int[np.ndarray, " step"]:
    """Return a number for the block of each of some steps of a series: equal in one block, larger in a later one."""
    one = dataset.series[series]
    if kind == "groups":
        names = sorted({each.group for each in dataset.series})
        return np.full(len(steps), names.index(one.group))
    if kind == "series":
        return np.full(len(steps), series)
    if kind == "days" and one.times.dtype.kind == "M":
        return one.times[steps].astype("datetime64[D]").astype(int)
    length = dataset.window.length
    longest = max(len(each) for each in dataset.series) // length + 1
    return series * longest + steps // length


def row_blocks(dataset: Dataset, part: str, kind: str) -> RowBlocks:
    """Return the cells of a part's rows, in the file's units, and their blocks."""
    spans = [span for span in dataset.spans if span.part == part]
    width = len(dataset.schema.roles.features)
    values = np.concatenate([np.zeros((0, width)), *(dataset.series[one.series].values[one.start : one.stop] for one in spans)])
    keys = [row_keys(dataset, one.series, np.arange(one.start, one.stop), kind) for one in spans]
    names, of_row = np.unique(np.concatenate([np.zeros(0, dtype=int), *keys]), return_inverse=True)
    return RowBlocks(values, of_row, names)


@dataclass(frozen=True)
class ComparedRows:
    """The rows of a part and those of training, None where there are none of these, in blocks of the same kind."""

    kind: str
    new: RowBlocks
    old: RowBlocks | None


def compared_rows(dataset: Dataset, part: str) -> ComparedRows:
    """Return the rows of a part beside those of training."""
    is_known = has_part(dataset, "training")
    kind = block_kind(dataset, "training" if is_known else part)
    return ComparedRows(kind, row_blocks(dataset, part, kind), row_blocks(dataset, "training", kind) if is_known else None)


def group_count(dataset: Dataset, part: str) -> int:
    """Return how many groups a part has; 0 where each series is a group of its own."""
    series = {span.series for span in dataset.spans if span.part == part}
    groups = {dataset.series[number].group for number in series} - {""}
    return len(groups) if len(groups) < len(series) else 0


def has_part(dataset: Dataset, part: str) -> bool:
    return any(span.part == part for span in dataset.spans)


def shared_levels(known: Float[np.ndarray, " known"], seen: Float[np.ndarray, " seen"]) -> Float[np.ndarray, " level"]:
    """Return the values at which two sets of values are compared: all of them where there are few, else quantiles of each."""
    distinct = np.unique(np.concatenate([np.unique(known), np.unique(seen)]))
    if len(distinct) <= POINTS:
        return distinct
    shares = np.linspace(0, 1, POINTS // 2)
    return np.unique(np.concatenate([np.quantile(one, shares, method="inverted_cdf") for one in (known, seen)]))


def counts_of_blocks(blocks: RowBlocks, feature: int, levels: Float[np.ndarray, " level"]) -> Float[np.ndarray, "block bin"]:
    """Return how many values of a feature each block has up to each level, from the one before; the last bin is above all levels."""
    cells, bins = blocks.values[:, feature], len(levels) + 1
    known = ~np.isnan(cells)
    at = blocks.of_row[known] * bins + np.searchsorted(levels, cells[known])
    return np.bincount(at, minlength=blocks.count * bins).reshape(blocks.count, bins).astype(float)


def ks_distance(before: Float[np.ndarray, "*#draw bin"], after: Float[np.ndarray, "*#draw bin"]) -> Float[np.ndarray, "..."]:
    """Return the largest difference of cumulated shares, of counts in the same bins; NaN where one has no count."""
    with np.errstate(divide="ignore", invalid="ignore"):
        shares = [np.cumsum(one, axis=-1) / one.sum(axis=-1, keepdims=True) for one in (before, after)]
    return np.asarray(np.abs(shares[0] - shares[1]).max(axis=-1))


def exact_distance(known: Float[np.ndarray, " known"], seen: Float[np.ndarray, " seen"]) -> float:
    """Return the Kolmogorov-Smirnov distance of two sets of values, at every one of them."""
    old, new = np.sort(known), np.sort(seen)
    levels = np.concatenate([old, new])
    shares = (np.searchsorted(one, levels, side="right") / len(one) for one in (old, new))
    return float(np.abs(np.subtract(*shares)).max())
