"""Prediction intervals by split conformal prediction: how far around a prediction the actual value lies in so many of 100 windows.

On calibration windows the errors of the model are ordered; the width is the error below which the wished share of them lies, counted
as one window more (Lei et al. 2018, "Distribution-free predictive inference for regression", section 2.2). If calibration windows and
new ones could be exchanged, the actual value lies within in at least that share of new windows. Windows of a series cannot: they
overlap and times change, so the share is kept about (Barber et al. 2023, "Conformal prediction beyond exchangeability"), and it is
measured. Where the same part must calibrate and measure, it is cut into folds of whole blocks, and each fold is measured with widths
from the others (Barber et al. 2021, "Predictive inference with the jackknife+", for folds; here with whole blocks and one quantile).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float, Int

from complex_lstm.evaluation.blocks import Blocks, Interval, mean_interval, ratio_intervals

FOLDS = 5
LEVELS = (0.8, 0.9, 0.95)
FLOOR = 0.1  # of the median difficulty: a width is no narrower than by this share, however easy a window seems


@dataclass(frozen=True)
class PredictionIntervals:
    """The intervals of some windows: predicted less `half` to predicted plus `half`, in the targets' units.

    `half` is infinite where the calibration windows are too few for the level. `calibrated_on` counts them: with folds, the fewest.
    """

    level: float
    half: Float[np.ndarray, "window target"]
    calibrated_on: int

    def covers(self, errors: Float[np.ndarray, "window target"]) -> Bool[np.ndarray, "window target"]:
        """Return where the actual value lies within the interval."""
        return np.abs(errors) <= self.half

    def coverage(self, errors: Float[np.ndarray, "window target"], blocks: Blocks) -> tuple[Interval, ...]:
        """Return of each target the share of windows whose actual value lies within, with its interval over draws of the blocks."""
        covered = self.covers(errors).astype(float)
        return ratio_intervals(covered, np.ones_like(covered), blocks)

    @property
    def mean_width(self) -> Float[np.ndarray, " target"]:
        """The mean width from end to end, in the targets' units."""
        return np.asarray(2 * self.half.mean(axis=0))


def fewest_windows(level: float) -> int:
    """Return how many calibration windows a level needs: of fewer no error is large enough, and the interval has no end."""
    return int(np.ceil(level / (1 - level) - 1e-9))


def conformal_quantile(scores: Float[np.ndarray, "window target"], level: float) -> Float[np.ndarray, " target"]:
    """Return the ceil((n + 1) level)-th smallest score of n windows for each target, infinite where there is none so large."""
    rank = int(np.ceil((len(scores) + 1) * level - 1e-9))
    if rank > len(scores):
        return np.full(scores.shape[1], np.inf)
    return np.sort(scores, axis=0)[max(rank, 1) - 1]


def split_intervals(
    calibration_errors: Float[np.ndarray, "calibration target"],
    windows: int,
    level: float,
    *,
    calibration_difficulty: Float[np.ndarray, "calibration target"] | None = None,
    difficulty: Float[np.ndarray, "window target"] | None = None,
) -> PredictionIntervals:
    """Return the intervals of so many windows from the errors of others.

    With a `difficulty` of both, such as the size of the predicted change, the width of a window is proportional to its own (normalised
    conformal prediction: Lei et al. 2018, section 5.2); without, all are equally wide.
    """
    scores, own = np.abs(calibration_errors), np.ones((windows, calibration_errors.shape[1]))
    if calibration_difficulty is not None and difficulty is not None:
        median = np.median(calibration_difficulty, axis=0) if len(calibration_difficulty) else np.ones(scores.shape[1])
        median = np.where(median > 0, median, 1.0)
        scores = scores / _relative(calibration_difficulty, median)
        own = _relative(difficulty, median)
    return PredictionIntervals(level, conformal_quantile(scores, level) * own, len(scores))


def cross_intervals(
    errors: Float[np.ndarray, "window target"],
    blocks: Blocks,
    level: float,
    *,
    difficulty: Float[np.ndarray, "window target"] | None = None,
    folds: int = FOLDS,
) -> PredictionIntervals:
    """Return the intervals of windows, each from the errors of the folds that it is not in. Folds are runs of neighbouring blocks."""
    fold = blocks.folds(folds)
    half, fewest = np.full(errors.shape, np.inf), len(errors)
    for one in np.unique(fold).tolist():
        own, others = fold == one, fold != one
        of_others, of_own = (None, None) if difficulty is None else (difficulty[others], difficulty[own])
        found = split_intervals(errors[others], int(own.sum()), level, calibration_difficulty=of_others, difficulty=of_own)
        half[own], fewest = found.half, min(fewest, found.calibrated_on)
    return PredictionIntervals(level, half, fewest)


@dataclass(frozen=True)
class CoverageRow:
    """The coverage in one group of windows, such as an hour of the day."""

    name: str
    windows: int
    coverage: Interval
    mean_width: float


def coverage_by(
    groups: Int[np.ndarray, " window"], names: tuple[str, ...], covered: Bool[np.ndarray, " window"],
    half: Float[np.ndarray, " window"], blocks: Blocks,
) -> tuple[CoverageRow, ...]:  # fmt: skip
    """Return the coverage of one target in each group that has windows, with its interval over draws of the blocks in it."""
    rows = []
    for number, name in enumerate(names):
        own = groups == number
        if own.any():
            kept, of_window = np.unique(blocks.of_window[own], return_inverse=True)
            within = mean_interval(covered[own].astype(float), Blocks(of_window, len(kept), blocks.kind))
            rows.append(CoverageRow(name, int(own.sum()), within, float(2 * half[own].mean())))
    return tuple(rows)


def _relative(difficulty: Float[np.ndarray, "window target"], median: Float[np.ndarray, " target"]) -> Float[np.ndarray, "window target"]:
    return (difficulty / median + FLOOR) / (1 + FLOOR)
