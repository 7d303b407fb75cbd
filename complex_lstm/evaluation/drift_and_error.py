"""Whether the model's error grows with the distance from training, over blocks of new data."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Int
from scipy import stats

from complex_lstm.evaluation.answered import AnsweredWindows
from complex_lstm.evaluation.blocks import Blocks, Interval, statistic_interval
from complex_lstm.evaluation.row_blocks import (
    ComparedRows,
    RowBlocks,
    compared_rows,
    counts_of_blocks,
    ks_distance,
    row_keys,
    shared_levels,
)
from complex_lstm.evaluation.slices import window_errors
from complex_lstm.facts import SHARES, TrainingFacts


@dataclass(frozen=True)
class ShiftAndError:
    """Over blocks of new data, the rank correlation (Spearman) between how far a block is from training and the model's error in it.

    `overall` is that of the mean distance over the features; `of_feature` has some features by name.
    """

    overall: Interval
    of_feature: dict[str, Interval]
    blocks: int


def error_with_shift(
    answered: AnsweredWindows,
    part: str,
    features: tuple[str, ...] = (),
    facts: TrainingFacts | None = None,
    rows: ComparedRows | None = None,
) -> ShiftAndError | None:
    """Return whether the error is larger in blocks that are farther from training, over the features together and of some of them.

    A window belongs to the block of its last step. None where nothing of training is known. The `rows` are those of `compared_rows`,
    for who has them already.
    """
    dataset, windows = answered.dataset, answered.windows
    rows = rows or compared_rows(dataset, part)
    kind, new, old = rows.kind, rows.new, rows.old
    if old is None and facts is None:
        return None
    ends = dataset.windows.last_step(windows)
    keys = np.zeros(len(windows), dtype=int)
    for number in np.unique(dataset.windows.series[windows]).tolist():
        own = dataset.windows.series[windows] == number
        keys[own] = row_keys(dataset, number, ends[own], kind)
    of_window = np.searchsorted(new.keys, keys)
    count = np.bincount(of_window, minlength=new.count)
    held = np.flatnonzero(count)
    errors = (np.bincount(of_window, window_errors(answered), minlength=new.count) / np.maximum(count, 1))[held]
    names = dataset.schema.roles.features
    far = {name: _of_blocks(old, facts, new, place, name)[held] for place, name in enumerate(names)}
    each = Blocks(np.arange(len(held)), len(held), kind)
    known = np.stack([one for one in far.values() if np.isfinite(one).any()] or [np.full(len(held), np.nan)])
    together = np.nan_to_num(known).sum(axis=0) / np.maximum(np.isfinite(known).sum(axis=0), 1)
    intervals = {name: rank_correlation(far[name], errors, each) for name in features}
    return ShiftAndError(rank_correlation(together, errors, each), intervals, len(held))


def rank_correlation(x: Float[np.ndarray, " block"], y: Float[np.ndarray, " block"], blocks: Blocks) -> Interval:
    """Return the rank correlation of two values over the blocks, with its interval; NaN where one of them does not vary."""

    def of(places: Int[np.ndarray, " place"]) -> float:
        kept = places[np.isfinite(x[places]) & np.isfinite(y[places])]
        ranks = [stats.rankdata(one[kept]) for one in (x, y)]
        if len(kept) < 3 or min(np.ptp(one) for one in ranks) == 0:
            return np.nan
        return float(np.corrcoef(*ranks)[0, 1])

    return statistic_interval(of, blocks)


def _of_blocks(old: RowBlocks | None, facts: TrainingFacts | None, new: RowBlocks, feature: int, name: str) -> Float[np.ndarray, " block"]:
    """Return the distance of each block's cells of a feature from training's, NaN where one has none."""
    if old is not None:
        known, seen = (one.values[:, feature][~np.isnan(one.values[:, feature])] for one in (old, new))
        if not len(known) or not len(seen):
            return np.full(new.count, np.nan)
        levels = shared_levels(known, seen)
        return ks_distance(counts_of_blocks(old, feature, levels).sum(axis=0), counts_of_blocks(new, feature, levels))
    found = facts.find(name) if facts else None
    if found is None or not found.quantiles:
        return np.full(new.count, np.nan)
    levels, first = np.unique(found.quantiles, return_index=True)
    last = np.append(first[1:] - 1, len(SHARES) - 1)  # of equal quantiles
    counts = counts_of_blocks(new, feature, levels)
    with np.errstate(invalid="ignore"):
        shares = np.cumsum(counts, axis=1)[:, :-1] / counts.sum(axis=1, keepdims=True)
    return np.asarray(np.abs(shares - np.array(SHARES)[last]).max(axis=1))


def describe_error(
    together: ShiftAndError | None, error: Interval | None, training: Interval | None, part: str, kind: str, *, is_classes: bool
) -> str:
    """Return in words the mean error of a part beside that of training, and whether it is larger in blocks farther from training."""
    if error is None:
        return f"No window of {part} has both an answer and a prediction: whether the error moved too is not known."
    beside = f", on training {_with_interval(training, is_classes)}" if training else ""
    words = (
        f"{'Accuracy' if is_classes else 'The mean error in training deviations'} on {part} is {_with_interval(error, is_classes)}{beside}."
    )
    if together is None or not np.isfinite(together.overall.value):
        return (
            f"{words} Whether the error grows with the distance from training cannot be told: there are too few {kind}, or all are alike."
        )
    overall = together.overall
    if not np.isfinite(overall.low):
        return f"{words} {together.blocks} {kind} are too few to tell whether the error grows with the distance from training."
    found = "is larger" if overall.low > 0 else "is smaller" if overall.high < 0 else "is not clearly larger or smaller"
    return (
        f"{words} The error {found} in {kind} that are farther from training (rank correlation {overall.value:+.2f} over "
        f"{together.blocks:,} {kind}, {overall.low:+.2f} to {overall.high:+.2f})."
    )


def _with_interval(one: Interval, is_classes: bool) -> str:
    """Return a mean error, or of classes the accuracy, with its interval where there is one."""
    value, low, high = (1 - one.value, 1 - one.high, 1 - one.low) if is_classes else (one.value, one.low, one.high)
    return f"{value:.3f} ({low:.3f} to {high:.3f})" if np.isfinite(low) else f"{value:.3f}"
